"""What start pages count, in a few statements however many States there are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, union

from app.accounts.models import Invitation, User
from app.audit.models import AuditHead
from app.database import now
from app.engagements.models import Engagement, EngagementState
from app.extensions import db
from app.jobs.models import Job
from app.membership.models import RosterEntry, State, Status
from app.needs.models import Need, NeedState
from app.offers.models import Offer, OfferState
from app.plans.models import Proposal, ProposalState, Run, Scenario
from app.plans.queries import UNDER_WAY
from app.rounds.models import Round, RoundReply, RoundState, Snapshot
from app.rounds.queries import WAITING_NEED, WAITING_OFFER


def active_mentorships(state_id: int) -> int:
    return db.session.scalar(_ACTIVE, {"mine": state_id}) or 0


_ACTIVE = select(func.count()).where(
    Engagement.state == EngagementState.ACTIVE,
    (Engagement.mentor_id == bindparam("mine")) | (Engagement.mentee_id == bindparam("mine")),
)


def rounds_to_follow() -> list[Round]:
    """Rounds that are not closed, the open one first, then the later before the earlier."""
    rounds = db.session.scalars(_NOT_CLOSED)
    return sorted(rounds, key=lambda round_: round_.state != RoundState.OPEN)


def roster_size() -> int:
    return db.session.scalar(_ON_ROSTER) or 0


def answers_in(round_id: int) -> int:
    """How many States on the roster have answered an open round."""
    return db.session.scalar(_ANSWERED, {"round_id": round_id}) or 0


def entries_to_confirm() -> int:
    """What coordinators entered and the States have not confirmed yet."""
    return db.session.scalar(_TO_CONFIRM) or 0


def rounds_being_planned() -> set[int]:
    return set(db.session.scalars(_BEING_PLANNED))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Proposals of a round that wait for at least one side."""

    proposals: int
    past_date: int


def open_proposals(today: dt.date) -> dict[int, Waiting]:
    """By round."""
    rows = db.session.execute(_WAITING, {"today": today})
    return {round_id: Waiting(*counts) for round_id, *counts in rows}


# Statements of start pages are built once: building one costs as much as asking it.
_NOT_CLOSED = (
    select(Round)
    .where(Round.state != RoundState.CLOSED)
    .order_by(Round.first_week.desc(), Round.id.desc())
)
_ON_ROSTER = select(func.count()).select_from(RosterEntry)
_HAVE_ANSWERED = union(
    select(Need.state_id).where(Need.state == NeedState.SUBMITTED),
    select(Offer.state_id).where(Offer.state == OfferState.SUBMITTED),
    select(RoundReply.state_id).where(RoundReply.round_id == bindparam("round_id")),
).subquery()
_ANSWERED = _ON_ROSTER.where(RosterEntry.state_id.in_(select(_HAVE_ANSWERED)))
_TO_CONFIRM = select(
    select(func.count()).select_from(Need).where(WAITING_NEED).scalar_subquery()
    + select(func.count()).select_from(Offer).where(WAITING_OFFER).scalar_subquery()
)
_BEING_PLANNED = (
    select(Snapshot.round_id)
    .join(Scenario, Scenario.snapshot_id == Snapshot.id)
    .join(Run, Run.scenario_id == Scenario.id)
    .join(Job, Job.id == Run.job_id)
    .where(Job.state.in_(UNDER_WAY))
)
_WAITING = (
    select(
        Proposal.round_id,
        func.count(),
        func.count().filter(Proposal.answer_by < bindparam("today")),
    )
    .where(Proposal.state == ProposalState.OPEN)
    .group_by(Proposal.round_id)
)


def people_counts() -> tuple[int, int]:
    """People who can sign in, and invitations that are still open."""
    people = select(func.count()).select_from(User).where(User.active).scalar_subquery()
    invited = (
        select(func.count())
        .select_from(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    found = db.session.execute(select(people, invited)).one()
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class RosterCounts:
    members: int
    observers: int
    states: int

    @property
    def others(self) -> int:
        return self.states - self.members - self.observers


def roster_counts(region: str | None = None) -> RosterCounts:
    """All States, or those of a regional group."""
    counted = select(
        func.count().filter(RosterEntry.status == Status.MEMBER),
        func.count().filter(RosterEntry.status == Status.OBSERVER),
        func.count(),
    ).select_from(State)
    counted = counted.outerjoin(RosterEntry, RosterEntry.state_id == State.id)
    if region:
        counted = counted.where(State.regional_group == region)
    return RosterCounts(*db.session.execute(counted).one())


def chain_head() -> AuditHead | None:
    return db.session.get(AuditHead, 1)


def today() -> dt.date:
    return now().date()
