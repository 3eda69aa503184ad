"""How far the making of a plan is, in words and in percent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal, gettext
from flask_babel import lazy_gettext as _l

from app.jobs.models import JobState
from app.plans.models import Run
from app.plans.words import OBJECTIVES, failure

PHASES: dict[str, Any] = {
    "solving": _l("Finding the best plan"),
    "checking": _l("Checking the plan independently"),
    "explaining": _l("Finding out what stood in the way of the others"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What a coordinator reads while a plan is made."""

    is_over: bool
    title: str
    percent: int | None
    notes: list[str]
    failure: str
    is_stopping: bool

    @classmethod
    def of(cls, run: Run) -> Progress:
        state, said = JobState(run.job.state), run.job.progress or {}
        title = str(PHASES.get(said.get("phase", ""), state.label))
        if state in (JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.CANCELLED):
            title = str(state.label)
        if run.job.cancel_asked and not state.is_over:
            title = gettext("Stopping")
        return cls(
            is_over=state.is_over,
            title=title,
            percent=_percent(said) if state is JobState.RUNNING else None,
            notes=_notes(said) if state is JobState.RUNNING else [],
            failure=failure(run.job.error) if state is JobState.FAILED else "",
            is_stopping=run.job.cancel_asked and not state.is_over,
        )


def _percent(said: dict[str, Any]) -> int | None:
    phase = said.get("phase")
    if phase == "solving" and said.get("steps"):
        return min(int(80 * said["step"] / said["steps"]), 80)
    return {"checking": 85, "explaining": 90}.get(str(phase))


def _notes(said: dict[str, Any]) -> list[str]:
    if said.get("phase") != "solving":
        return []
    return [
        gettext(
            "Step %(step)s of %(steps)s: %(objective)s.",
            step=said["step"],
            steps=said["steps"],
            objective=OBJECTIVES.get(said["objective"], said["objective"]),
        ),
        gettext(
            "Best so far %(value)s, nothing can pass %(bound)s; %(seconds)s seconds.",
            value=format_decimal(said["incumbent"]),
            bound=format_decimal(said["bound"]),
            seconds=format_decimal(said["seconds"]),
        ),
    ]
