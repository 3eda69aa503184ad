"""The worker process: takes one job after another, sends due mail, does what is due by the clock.

The job rows are the queue: the worker looks at them a few times a second, which costs little
and leaves nothing to fall out of step with them.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import select, update

from app import notices
from app.database import now
from app.extensions import db
from app.jobs import actions
from app.jobs.models import Job, JobState

PAUSE_SECONDS = 0.3
HEARTBEAT_SECONDS = 2.0
SWEEP_SECONDS = 5.0
CLOCK_SECONDS = 60.0
log = structlog.get_logger()


@dataclass(slots=True)
class Task:
    """What a handler holds while it works on a job."""

    app: Flask
    job_id: int
    claim: str
    payload: dict[str, Any]
    _cancelled: threading.Event

    def is_cancelled(self) -> bool:
        """Whether somebody asked to stop; cheap, may be called often."""
        return self._cancelled.is_set()

    def say(self, **progress: Any) -> None:
        """Store how far the job is, where a page can read it.

        The handler must have let go of its own session first (commit or rollback): on SQLite it
        would wait for itself, and everybody who writes would wait for the solve.
        """
        if db.session.registry.has() and db.session().in_transaction():
            raise RuntimeError("end the session's transaction before a long piece of work")
        with db.engine.begin() as connection:
            connection.execute(
                update(Job)
                .where(Job.id == self.job_id, Job.claim == self.claim)
                .values(progress=progress, heartbeat_at=now())
            )

    def finish(self, *, cancelled: bool = False) -> None:
        """Mark the job over in the handler's transaction; raises ``ClaimLost`` if it was lost."""
        state = JobState.CANCELLED if cancelled else JobState.DONE
        actions.finish(job_id=self.job_id, claim=self.claim, state=state)


Handler = Callable[[Task], None]
Chore = Callable[[], None]
HANDLERS: dict[str, Handler] = {}
CHORES: list[Chore] = []


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of a kind. It stores, finishes, and commits."""

    def register(function: Handler) -> Handler:
        HANDLERS[kind] = function
        return function

    return register


def chore(function: Chore) -> Chore:
    """Register what is done once a minute, such as reminders that fall due. It commits."""
    CHORES.append(function)
    return function


def work(app: Flask, *, once: bool = False) -> None:
    """Work until asked to stop (INT or TERM), or until nothing is left to do with ``once``."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    last_sweep = last_clock = float("-inf")
    while not stop.is_set():
        busy = False
        with app.app_context():
            try:
                if time.monotonic() - last_sweep > SWEEP_SECONDS:
                    actions.requeue_silent()
                    last_sweep = time.monotonic()
                if time.monotonic() - last_clock > CLOCK_SECONDS:
                    _do_chores()
                    last_clock = time.monotonic()
                claimed = actions.claim_next()
                if claimed:
                    busy = True
                    _do(app, claimed)
                busy = bool(notices.deliver_due()) or busy
            except Exception:
                # The database may be away for a moment; the worker must outlive that.
                log.exception("worker pass failed")
                db.session.rollback()
        if once and not busy:
            return
        if not busy:
            stop.wait(PAUSE_SECONDS)


def _do_chores() -> None:
    for function in CHORES:
        try:
            function()
        except Exception:
            log.exception("chore failed", chore=function.__name__)
            db.session.rollback()


def _do(app: Flask, claim: actions.Claim) -> None:
    over, cancelled = threading.Event(), threading.Event()
    task = Task(app, claim.job_id, claim.token, claim.payload, cancelled)
    pulse = threading.Thread(target=_pulse, args=(app, task, over, cancelled), daemon=True)
    pulse.start()
    try:
        HANDLERS[claim.kind](task)
    except actions.ClaimLost:
        db.session.rollback()
        log.warning("job taken over by another worker", job=claim.job_id)
    except Exception as error:
        db.session.rollback()
        log.exception("job failed", job=claim.job_id, kind=claim.kind)
        try:
            actions.finish(
                job_id=claim.job_id,
                claim=claim.token,
                state=JobState.FAILED,
                error=type(error).__name__,
            )
            db.session.commit()
        except actions.ClaimLost:
            db.session.rollback()
    finally:
        over.set()
        pulse.join()


def _pulse(app: Flask, task: Task, over: threading.Event, cancelled: threading.Event) -> None:
    """Say that the worker lives, and listen for a wish to cancel, while a job runs."""
    with app.app_context():
        while not over.wait(HEARTBEAT_SECONDS if cancelled.is_set() else 0.4):
            with db.engine.begin() as connection:
                connection.execute(
                    update(Job)
                    .where(Job.id == task.job_id, Job.claim == task.claim)
                    .values(heartbeat_at=now())
                )
                asked = connection.scalar(select(Job.cancel_asked).where(Job.id == task.job_id))
            if asked:
                cancelled.set()


def be_nice() -> None:
    """Give way to the web processes."""
    os.nice(10)
