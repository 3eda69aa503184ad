"""What the worker does for accounts."""

from __future__ import annotations

from app.accounts.actions import RESET_JOB, send_reset
from app.extensions import db
from app.jobs.models import Job
from app.jobs.worker import Task, handler


@handler(RESET_JOB)
def reset(task: Task) -> None:
    """Mail a link for a new password.

    The page that asks for it only notes the address, whoever's it is, and so answers in the same
    words and the same time for known and unknown addresses.
    """
    send_reset(email=str(task.payload["email"]))
    # The address, which may be nobody's here, is not kept longer than needed.
    db.session.get_one(Job, task.job_id).payload = {}
    task.finish()
    db.session.commit()
