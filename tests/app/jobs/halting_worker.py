"""A real worker process that halts where a test wants to kill it.

Run as ``python -m tests.app.jobs.halting_worker MARK_FOLDER``; the settings come from the
environment. A job of kind ``test.halt`` leaves one audit entry; its payload names the place to
halt: ``working``, ``before_commit`` or ``after_commit``. A halt happens at the first attempt only.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from pathlib import Path

from app import audit, create_app
from app.audit import Tag
from app.extensions import db
from app.jobs import actions
from app.jobs.worker import Task, handler, work

FOLDER = Path(sys.argv[1])


def _halt(task: Task, place: str) -> None:
    mark = FOLDER / f"{task.job_id}-{place}"
    if task.payload["halt"] == place and not mark.exists():
        mark.touch()
        time.sleep(120)


@handler("test.halt")
def _halting(task: Task) -> None:
    task.say(step=1, of=2)
    _halt(task, "working")
    audit.record(Tag.PLAN_MADE, by=None, subject=str(task.job_id))
    task.finish()
    _halt(task, "before_commit")
    db.session.commit()
    _halt(task, "after_commit")


@handler("test.until_cancelled")
def _until_cancelled(task: Task) -> None:
    (FOLDER / f"{task.job_id}-started").touch()
    deadline = time.monotonic() + 60
    while not task.is_cancelled() and time.monotonic() < deadline:
        time.sleep(0.02)
    task.finish(cancelled=task.is_cancelled())
    db.session.commit()


@handler("test.fails")
def _fails(task: Task) -> None:
    audit.record(Tag.PLAN_MADE, by=None, subject=str(task.job_id))
    level_now = "a level that nobody may read"
    raise LookupError("nothing there" if level_now else "")


if __name__ == "__main__":
    actions.SILENCE = dt.timedelta(seconds=3)
    work(create_app(), once="once" in sys.argv)
