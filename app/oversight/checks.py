"""The latest check of the trail, and what it found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.jobs import actions as jobs
from app.jobs.models import Job, JobState

CHECK = "oversight.check_trail"


@dataclass(frozen=True, slots=True)
class Check:
    """A check that was asked for: waiting still, or with its result."""

    asked_at: dt.datetime
    over_at: dt.datetime | None
    state: JobState
    entries: int
    head: str
    breaks: tuple[tuple[int, str], ...]
    found: int

    @property
    def is_waiting(self) -> bool:
        return not self.state.is_over

    @property
    def has_result(self) -> bool:
        return self.state is JobState.DONE and bool(self.head)

    @property
    def holds(self) -> bool:
        return self.has_result and not self.found

    @property
    def anchor(self) -> str:
        return f"{self.entries}:{self.head}"


def last_check() -> Check | None:
    job = db.session.scalars(
        select(Job).where(Job.kind == CHECK).order_by(Job.id.desc()).limit(1)
    ).first()
    if job is None:
        return None
    result = job.progress or {}
    return Check(
        asked_at=job.asked_at,
        over_at=job.over_at,
        state=JobState(job.state),
        entries=int(result.get("entries", 0)),
        head=str(result.get("head", "")),
        breaks=tuple((int(number), str(why)) for number, why in result.get("breaks", ())),
        found=int(result.get("found", 0)),
    )


def ask_for_check() -> None:
    """Have the worker check the whole trail, unless it is about to."""
    last = last_check()
    if last is None or not last.is_waiting:
        jobs.ask(kind=CHECK, payload={})
