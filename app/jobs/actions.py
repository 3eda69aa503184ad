"""Asking for work, taking it up, saying how far it is, and finding what a dead worker left."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.database import now
from app.extensions import db
from app.jobs.models import Job, JobState

# A worker that has said nothing for so long is taken for dead.
SILENCE = dt.timedelta(seconds=15)
MOST_ATTEMPTS = 5


class ClaimLost(Exception):
    """Another worker has taken the job over; this one's result must not be stored."""


def ask(*, kind: str, payload: dict[str, Any]) -> Job:
    """Queue a job in the present transaction; the worker sees it once that is committed."""
    job = Job(kind=kind, payload=payload)
    db.session.add(job)
    db.session.flush()
    return job


def ask_to_cancel(*, job: Job) -> None:
    """A queued job ends at once; a running one is asked, and ends with the best it has."""
    if job.state == JobState.QUEUED:
        job.state, job.over_at = JobState.CANCELLED, now()
    elif not JobState(job.state).is_over:
        job.cancel_asked = True


@dataclass(frozen=True, slots=True)
class Claim:
    """A job taken up by this worker, apart from its row: holding it holds no lock."""

    job_id: int
    kind: str
    payload: dict[str, Any]
    token: str


def claim_next() -> Claim | None:
    """Take the oldest queued job; commits, so that no other worker takes it too."""
    job = db.session.scalars(
        select(Job)
        .where(Job.state == JobState.QUEUED)
        .order_by(Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if job is None:
        db.session.rollback()
        return None
    claim = Claim(job.id, job.kind, dict(job.payload), secrets.token_hex(16))
    job.state, job.claim, job.heartbeat_at = JobState.RUNNING, claim.token, now()
    job.attempts += 1
    db.session.commit()
    return claim


def finish(*, job_id: int, claim: str, state: JobState = JobState.DONE, error: str = "") -> None:
    """Mark a job over, in the transaction that stores its result: both happen, or neither."""
    taken = db.session.execute(
        update(Job)
        .where(Job.id == job_id, Job.claim == claim, Job.state == JobState.RUNNING)
        .values(state=state, over_at=now(), error=error[:500], claim=None)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise ClaimLost


def requeue_silent() -> int:
    """Put the jobs of dead workers back into the queue; after some tries they fail."""
    silent = (Job.state == JobState.RUNNING, Job.heartbeat_at < now() - SILENCE)
    failed = db.session.execute(
        update(Job)
        .where(*silent, Job.attempts >= MOST_ATTEMPTS)
        .values(state=JobState.FAILED, over_at=now(), claim=None, error="worker lost")
    )
    again = db.session.execute(
        update(Job).where(*silent).values(state=JobState.QUEUED, claim=None, progress={})
    )
    db.session.commit()
    return int(failed.rowcount + again.rowcount)  # type: ignore[attr-defined]
