"""The answers of the parties: accept, decline, take back; and one reminder of the date."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import audit
from app.accounts.models import User
from app.accounts.rules import speaks_for_state
from app.audit.tags import Tag
from app.database import now
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.plans import agreement, mail, queries, rules
from app.plans.models import Answer, Proposal, ProposalState, Response

# The reminder goes out so many days before the date, never on the day of the proposal itself.
REMIND_DAYS_BEFORE = 4


class ProposalSettled(DomainError):
    message = _l("This proposal is already settled, so your answer changes nothing.")


class TooLateToTakeBack(DomainError):
    message = _l(
        "Both States have accepted, so the acceptance can't be taken back here. "
        "Please write to the other State."
    )


def accept(*, proposal: Proposal, by: User) -> Proposal:
    """Accept for one's State; with the other side's acceptance it becomes a mentorship.

    Accepting again changes nothing. Both sides answering at once are taken one after the other,
    so that exactly one of them completes the agreement.
    """
    proposal, own_id = _turn(proposal, by)
    if proposal.answer_of(own_id) is Answer.ACCEPT:
        return proposal
    if not rules.can_answer(by, proposal):
        raise ProposalSettled
    proposal.responses.append(Response(state_id=own_id, answer=Answer.ACCEPT))
    audit.record(Tag.PROPOSAL_ACCEPTED, by=by, states=[own_id], subject=proposal.public_id)
    if all(proposal.answer_of(party) is Answer.ACCEPT for party in proposal.parties):
        proposal.state, proposal.settled_at = ProposalState.ACCEPTED, now()
        db.session.flush()
        agreement.announce(proposal, by)
    return proposal


def decline(*, proposal: Proposal, by: User) -> Proposal:
    """Decline for one's State, without a reason; it is final, and the other side is told so.

    An acceptance that the other side has not joined yet may be turned into this.
    """
    proposal, own_id = _turn(proposal, by)
    if proposal.answer_of(own_id) is Answer.DECLINE:
        return proposal
    if not rules.can_answer(by, proposal):
        raise ProposalSettled
    _forget_answer(proposal, own_id)
    proposal.responses.append(Response(state_id=own_id, answer=Answer.DECLINE))
    proposal.state, proposal.settled_at = ProposalState.DECLINED, now()
    audit.record(Tag.PROPOSAL_DECLINED, by=by, states=[own_id], subject=proposal.public_id)
    other_id = next(party for party in proposal.parties if party != own_id)
    mail.tell_not_going_ahead(proposal, state_id=other_id)
    return proposal


def take_back(*, proposal: Proposal, by: User) -> Proposal:
    """Make one's acceptance undone while the other side has not accepted."""
    proposal, own_id = _turn(proposal, by)
    if proposal.state == ProposalState.ACCEPTED:
        raise TooLateToTakeBack
    if proposal.state != ProposalState.OPEN:
        raise ProposalSettled
    if proposal.answer_of(own_id) is None:
        return proposal
    _forget_answer(proposal, own_id)
    audit.record(Tag.PROPOSAL_REOPENED, by=by, states=[own_id], subject=proposal.public_id)
    return proposal


def _turn(proposal: Proposal, by: User) -> tuple[Proposal, int]:
    """The proposal under lock, and the State the person speaks for."""
    own_id = by.state_id or 0
    if own_id not in proposal.parties or not speaks_for_state(by, own_id):
        raise NotAllowed
    return queries.lock_proposal(proposal), own_id


def _forget_answer(proposal: Proposal, state_id: int) -> None:
    proposal.responses = [row for row in proposal.responses if row.state_id != state_id]
    # The old answer leaves before a new one comes: there is one of each State.
    db.session.flush()


def remind_due() -> int:
    """Remind the sides that have not answered, exactly once, some days before the date.

    Silence past the date changes nothing: the proposal stays open. Returns how many proposals
    were reminded of.
    """
    today = now().date()
    due = (
        select(Proposal)
        .where(
            Proposal.state == ProposalState.OPEN,
            Proposal.reminded_at.is_(None),
            Proposal.answer_by <= today + dt.timedelta(days=REMIND_DAYS_BEFORE),
            Proposal.proposed_at < now() - dt.timedelta(days=1),
        )
        .options(joinedload(Proposal.mentor), joinedload(Proposal.mentee))
        .order_by(Proposal.id)
        .with_for_update(of=Proposal, skip_locked=True)
    )
    proposals = list(db.session.scalars(due).unique())
    silent: dict[int, list[Proposal]] = {}
    for proposal in proposals:
        proposal.reminded_at = now()
        waiting = [party for party in proposal.parties if proposal.answer_of(party) is None]
        for state_id in waiting:
            silent.setdefault(state_id, []).append(proposal)
            # An entry for each: that one side is silent is nothing the other side reads.
            audit.record(
                Tag.PROPOSAL_REMINDED, by=None, states=[state_id], subject=proposal.public_id
            )
    mail.remind(silent)
    return len(proposals)
