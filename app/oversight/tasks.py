"""Checking the trail in the worker: now and then by itself, and whenever it is asked for."""

from __future__ import annotations

import datetime as dt

from app import notices
from app.accounts.models import Role
from app.audit.actions import verify_chain
from app.database import now
from app.extensions import db
from app.i18n import link
from app.jobs import actions as jobs
from app.jobs.worker import Task, chore, handler
from app.notices import Notice
from app.oversight import queries
from app.oversight.checks import CHECK, last_check

EVERY = dt.timedelta(days=1)


@handler(CHECK)
def check_trail(task: Task) -> None:
    """Recompute the chain; keep the result, and tell the administrators if it does not hold."""
    db.session.rollback()
    verdict = verify_chain()
    task.say(
        entries=verdict.entries,
        head=verdict.head,
        breaks=[[found.entry_id, found.why] for found in verdict.breaks[:20]],
        found=len(verdict.breaks),
    )
    if not verdict.holds:
        url = link("oversight.trail")
        for person in queries.people_of_network(Role.ADMINISTRATOR):
            words = {"name": person.name, "url": url}
            notices.write(Notice(person.email, person.language, "oversight_trail_broken", words))
    task.finish()
    db.session.commit()


@chore
def check_daily() -> None:
    last = last_check()
    if last is None or (not last.is_waiting and last.asked_at < now() - EVERY):
        jobs.ask(kind=CHECK, payload={})
    db.session.commit()
