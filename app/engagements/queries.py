"""Reading engagements: its two parties alone see one, and whom to write to."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.engagements.models import Engagement
from app.extensions import db
from app.membership import queries as membership
from app.membership.models import State
from app.plans.models import Proposal


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the other side writes to: those who speak for the State, and its mailbox."""

    state: State
    people: list[User]
    mailbox: str | None


def _of_state(user: User) -> Select[Engagement]:
    return (
        select(Engagement)
        .where(or_(Engagement.mentor_id == user.state_id, Engagement.mentee_id == user.state_id))
        .options(joinedload(Engagement.mentor), joinedload(Engagement.mentee))
    )


def own_engagements(user: User) -> list[Engagement]:
    chosen = _of_state(user).order_by(Engagement.state, Engagement.id.desc())
    return list(db.session.scalars(chosen).unique())


def own_engagement(user: User, public_id: str) -> Engagement:
    """A mentorship of the person's own State; any other is as good as absent."""
    found = db.session.scalar(_of_state(user).where(Engagement.public_id == public_id))
    if found is None:
        abort(404)
    return found


def own_engagement_of(user: User, proposal_id: str) -> Engagement:
    """The mentorship that came of a proposal, for the person's own State."""
    chosen = _of_state(user).join(Engagement.proposal).where(Proposal.public_id == proposal_id)
    found = db.session.scalar(chosen)
    if found is None:
        abort(404)
    return found


def lock_engagement(engagement: Engagement) -> Engagement:
    """The row as it is now; whoever changes it at the same time waits."""
    held = select(Engagement.id).where(Engagement.id == engagement.id).with_for_update()
    db.session.execute(held)
    db.session.expire(engagement)
    return db.session.get_one(Engagement, engagement.id)


def contacts(engagement: Engagement) -> list[Contact]:
    """Both sides' contacts, the mentor first."""
    people = membership.speakers((engagement.mentor_id, engagement.mentee_id))
    return [
        Contact(
            state,
            people[state.id],
            state.roster_entry.mailbox if state.roster_entry else None,
        )
        for state in (engagement.mentor, engagement.mentee)
    ]
