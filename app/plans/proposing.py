"""Putting items of a plan to their parties, and calling off what gets no answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import audit
from app.accounts.models import User
from app.audit.tags import Tag
from app.database import now
from app.errors import DomainError
from app.extensions import db
from app.plans import mail, queries, rules
from app.plans.models import Plan, PlanItem, Proposal, ProposalState
from app.rounds.models import Round

DAYS_TO_ANSWER = 14
MOST_DAYS_TO_ANSWER = 120


class TrialNotProposed(DomainError):
    message = _l("A trial plan can't be proposed. Freeze the round and make its plan first.")


class NotYoursToCallOff(DomainError):
    status = 403
    message = _l("A proposal that concerns your own State is not yours to call off.")


class AlreadySettled(DomainError):
    message = _l("This proposal is already settled, so nothing was changed.")


class Skip(StrEnum):
    """Why an item was not proposed."""

    OWN_CASE = "own_case"
    ALREADY_PROPOSED = "already_proposed"
    DECLINED_BEFORE = "declined_before"
    WITHDRAWN = "withdrawn"
    MENTEE_HAS_ANOTHER = "mentee_has_another"
    MENTOR_FULL = "mentor_full"

    @property
    def label(self) -> Any:
        return SKIP_LABELS[self]


SKIP_LABELS = {
    Skip.OWN_CASE: _l("it concerns your own State; another coordinator has to propose it"),
    Skip.ALREADY_PROPOSED: _l("it is already proposed"),
    Skip.DECLINED_BEFORE: _l("it was not taken up before, so it is never proposed again"),
    Skip.WITHDRAWN: _l("a party has withdrawn what it asked for or offered, or paused it"),
    Skip.MENTEE_HAS_ANOTHER: _l("another mentorship is already proposed to the mentee"),
    Skip.MENTOR_FULL: _l("the mentor has no place left"),
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was put to its parties, and what was left out and why."""

    proposals: list[Proposal]
    skipped: list[tuple[PlanItem, Skip]]


def propose(*, plan: Plan, item_ids: Iterable[str], answer_by: dt.date, by: User) -> Proposed:
    """Put chosen items of a plan to their two parties, and tell each State in one mail.

    Between the freezing of the round and now a party may have withdrawn or another plan may
    have been proposed in part; such items are left out, and said.
    """
    snapshot = plan.run.scenario.snapshot
    if not rules.can_propose_from(by, snapshot.kind, snapshot.round):
        raise TrialNotProposed
    round_ = snapshot.round
    # Two coordinators propose one after the other, so that no mentor gets more than it offered.
    db.session.execute(select(Round.id).where(Round.id == round_.id).with_for_update())
    wanted = set(item_ids)
    items = [item for item in plan.items if item.public_id in wanted]
    check = _Check(round_, items, by)
    proposals, skipped = [], []
    for item in items:
        why_not = check.why_not(item)
        if why_not:
            skipped.append((item, why_not))
            continue
        proposal = Proposal(
            round_id=round_.id,
            plan_item=item,
            mentor=item.mentor,
            mentee=item.mentee,
            themes=check.themes_of(item),
            language=item.language,
            reasons=item.reasons,
            answer_by=answer_by,
        )
        db.session.add(proposal)
        check.note(item)
        proposals.append(proposal)
    db.session.flush()
    for proposal in proposals:
        audit.record(
            Tag.PROPOSAL_SENT,
            by=by,
            states=proposal.parties,
            subject=proposal.public_id,
            answer_by=answer_by.isoformat(),
        )
    mail.announce(proposals, round_=round_, answer_by=answer_by)
    return Proposed(proposals, skipped)


class _Check:
    """What speaks against proposing an item now, as the records stand at this moment."""

    def __init__(self, round_: Round, items: list[PlanItem], by: User) -> None:
        self._by = by
        self._live: set[tuple[int, int]] = set()
        self._declined: set[tuple[int, int]] = set()
        self._load = queries.places_taken_elsewhere(round_)
        self._busy_mentees: set[int] = set()
        for proposal in queries.proposals_of_round(round_.id):
            if proposal.state in (ProposalState.OPEN, ProposalState.ACCEPTED):
                self._count(proposal.mentor_id, proposal.mentee_id)
            elif proposal.state == ProposalState.DECLINED:
                self._declined.add(proposal.parties)
        parties = {state_id for item in items for state_id in (item.mentor_id, item.mentee_id)}
        self._standing = queries.standing(parties)

    def note(self, item: PlanItem) -> None:
        self._count(item.mentor_id, item.mentee_id)

    def _count(self, mentor_id: int, mentee_id: int) -> None:
        self._live.add((mentor_id, mentee_id))
        self._busy_mentees.add(mentee_id)
        self._load[mentor_id] = self._load.get(mentor_id, 0) + 1

    def themes_of(self, item: PlanItem) -> list[str]:
        """The item's themes that are still asked for and still offered."""
        asked = self._standing.asked.get(item.mentee_id, frozenset())
        offered = self._standing.offered.get(item.mentor_id, frozenset())
        return [theme for theme in item.themes if theme in asked and theme in offered]

    def why_not(self, item: PlanItem) -> Skip | None:
        pair = (item.mentor_id, item.mentee_id)
        if rules.is_own_case(self._by, pair):
            return Skip.OWN_CASE
        if pair in self._live:
            return Skip.ALREADY_PROPOSED
        if pair in self._declined:
            return Skip.DECLINED_BEFORE
        if not self.themes_of(item):
            return Skip.WITHDRAWN
        if item.mentee_id in self._busy_mentees:
            return Skip.MENTEE_HAS_ANOTHER
        if self._load.get(item.mentor_id, 0) >= self._standing.places[item.mentor_id]:
            return Skip.MENTOR_FULL
        return None


def call_off(*, proposal: Proposal, by: User) -> None:
    """End an open proposal; both sides are told, neither is blamed. Twice changes nothing."""
    proposal = queries.lock_proposal(proposal)
    if rules.is_own_case(by, proposal.parties):
        raise NotYoursToCallOff
    if proposal.state == ProposalState.CALLED_OFF:
        return
    if not rules.can_call_off(by, proposal):
        raise AlreadySettled
    proposal.state, proposal.settled_at = ProposalState.CALLED_OFF, now()
    audit.record(
        Tag.PROPOSAL_CALLED_OFF, by=by, states=proposal.parties, subject=proposal.public_id
    )
    for state_id in proposal.parties:
        mail.tell_not_going_ahead(proposal, state_id=state_id)
