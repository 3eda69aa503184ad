"""Asking for a plan, stopping its making, and noting who took a copy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from flask_babel import format_time
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import audit
from app.accounts.models import User
from app.accounts.rules import coordinates
from app.audit.tags import Tag
from app.database import now
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.jobs import actions as jobs
from app.jobs.models import Job, JobState
from app.plans import queries, rules
from app.plans.models import Plan, Run, Scenario
from app.rounds import actions as rounds
from app.rounds import queries as round_queries
from app.rounds.models import Round, RoundState, Snapshot, SnapshotKind

JOB_KIND = "plans.solve"
MOST_PLANS, HOUR = 30, dt.timedelta(hours=1)
# ENGINE section 3: what is best, in this order. Kept whole on the scenario, so that a plan can
# always be made again as it was.
STANDARD_POLICY: dict[str, Any] = {
    "order": ["keep", "observers", "cover", "worst_off", "fit", "spread"],
    "observers_first": True,
    "worst_off": "leximin",
    "seed": 1,
    "workers": 1,
}


class NothingToPlan(DomainError):
    message = _l("No State has submitted a need yet, so there is nothing to plan.")


class TooManyPlans(DomainError):
    """Plans made again and again, with a little changed in between, would ask what nobody tells."""

    status = 429
    message = _l(
        "This round was planned %(num)s times within an hour, and that is as often as it can be. "
        "Nothing is lost: every plan is still here. The next one can be made from %(time)s on."
    )


class RoundNotPlannable(DomainError):
    message = _l("Plans are made while a round is open or frozen.")


def ask_for_plan(*, round: Round, by: User) -> Run:
    """Queue a plan of the round as it stands; one that is already being made is given back."""
    if not rules.can_plan(by, round):
        raise RoundNotPlannable
    db.session.execute(select(Round.id).where(Round.id == round.id).with_for_update())
    under_way = queries.run_under_way(round.id)
    if under_way is not None:
        return under_way
    _keep_within_the_hour(round)
    snapshot = _snapshot(round, by)
    if not snapshot.content["needs"]:
        raise NothingToPlan
    scenario = Scenario(snapshot=snapshot, policy=policy_for(snapshot))
    db.session.add(scenario)
    db.session.flush()
    job = jobs.ask(kind=JOB_KIND, payload={})
    run = Run(scenario=scenario, job=job)
    db.session.add(run)
    db.session.flush()
    job.payload = {"run_id": run.id}
    audit.record(
        Tag.PLAN_ASKED,
        by=by,
        subject=run.public_id,
        round=round.public_id,
        kind=str(snapshot.kind),
    )
    return run


def _keep_within_the_hour(round: Round) -> None:
    """So many plans of a round within an hour, whoever asks for them, whatever came of them."""
    asked = queries.asked_since(round.id, now() - HOUR)
    if len(asked) >= MOST_PLANS:
        again = asked[-MOST_PLANS] + HOUR
        raise TooManyPlans(num=MOST_PLANS, time=format_time(again, "short"))


def _snapshot(round: Round, by: User) -> Snapshot:
    if round.state == RoundState.FROZEN:
        return round_queries.frozen_snapshot(round)
    return rounds.take_snapshot(round=round, by=by, kind=SnapshotKind.TRIAL)


def policy_for(snapshot: Snapshot) -> dict[str, Any]:
    """The standard policy with what earlier plans of the round left, in the snapshot's keys."""
    keys = {party.state_id: party.key for party in queries.parties_of(snapshot.id)}
    previous = queries.answers_so_far(snapshot.round_id)
    pairs: dict[str, list[list[str]]] = {
        part: [
            [keys[mentee_id], keys[mentor_id]]
            for mentor_id, mentee_id in found
            if mentor_id in keys and mentee_id in keys
        ]
        for part, found in previous.items()
    }
    agreed = {key for pair in pairs["accepted"] for key in pair}
    return {
        **STANDARD_POLICY,
        "previous": pairs,
        "left_out": _withdrawn_since(snapshot, keys, agreed),
        "places": _places(snapshot, keys, pairs["accepted"]),
    }


def _withdrawn_since(
    snapshot: Snapshot, keys: dict[int, str], agreed: set[str]
) -> dict[str, list[str]]:
    """Needs and offers of the snapshot that their States have withdrawn or paused meanwhile.

    What belongs to a pair that both accepted stays: it holds whatever is withdrawn later.
    """
    state_of = {key: state_id for state_id, key in keys.items()}
    standing = queries.standing(keys)
    return {
        "needs": [
            row["key"]
            for row in snapshot.content["needs"]
            if row["party"] not in agreed
            and row["theme"] not in standing.asked.get(state_of[row["party"]], ())
        ],
        "offers": [
            row["key"]
            for row in snapshot.content["offers"]
            if row["party"] not in agreed and state_of[row["party"]] not in standing.offered
        ],
    }


def _places(snapshot: Snapshot, keys: dict[int, str], accepted: list[list[str]]) -> dict[str, int]:
    """Places of mentors less the mentees they have from rounds at the same time."""
    busy = queries.places_taken_elsewhere(snapshot.round)
    here: dict[str, int] = {}
    for _mentee, mentor in accepted:
        here[mentor] = here.get(mentor, 0) + 1
    taken = {keys[state_id]: count for state_id, count in busy.items() if state_id in keys}
    return {
        row["party"]: max(row["capacity"] - taken[row["party"]], here.get(row["party"], 0), 0)
        for row in snapshot.content["offers"]
        if row["party"] in taken
    }


def stop_run(*, run: Run, keep: bool, by: User) -> None:
    """Ask a run to stop, keeping the best plan so far or none. Stopping twice changes nothing."""
    if not coordinates(by):
        raise NotAllowed
    job = db.session.get(Job, run.job_id, with_for_update=True, populate_existing=True)
    if job is None or JobState(job.state).is_over or job.cancel_asked:
        return
    run.keep_when_stopped = keep
    jobs.ask_to_cancel(job=job)
    audit.record(Tag.PLAN_CANCELLED, by=by, subject=run.public_id, keep=keep)


def note_download(*, plan: Plan, file: str, states: Iterable[int], by: User) -> None:
    """Each State in a plan can see that a copy was taken."""
    audit.record(Tag.PLAN_DOWNLOADED, by=by, states=states, subject=plan.public_id, file=file)
