"""Reading rounds: what each State on the roster answered, and what a State is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import SPEAKING_ROLES, RoleGrant, User
from app.accounts.rules import coordinates
from app.extensions import db
from app.membership.models import RosterEntry, State
from app.needs.models import Need, NeedState
from app.offers.models import Offer, OfferState
from app.rounds.models import (
    Round,
    RoundReminder,
    RoundReply,
    RoundState,
    Snapshot,
    SnapshotKind,
    SnapshotParty,
)

# A State is reminded of a round at most once in so long a time.
REMINDER_PAUSE = dt.timedelta(days=3)


class AnswerKind(StrEnum):
    """What a State has said to a round."""

    SUBMITTED = "submitted"
    NOTHING = "nothing"
    UNCONFIRMED = "unconfirmed"
    NOT_YET = "not_yet"

    @property
    def label(self) -> Any:
        return {
            AnswerKind.SUBMITTED: _l("Answered"),
            AnswerKind.NOTHING: _l("Nothing this time"),
            AnswerKind.UNCONFIRMED: _l("Waiting for the State's confirmation"),
            AnswerKind.NOT_YET: _l("Not yet answered"),
        }[self]

    @property
    def is_answer(self) -> bool:
        return self in (AnswerKind.SUBMITTED, AnswerKind.NOTHING)


@dataclass(slots=True)
class Answer:
    """A State on the roster and its answer to a round."""

    state: State
    needs: int = 0
    # Mentees at once, or None: no offer.
    capacity: int | None = None
    paused: bool = False
    unconfirmed: int = 0
    nothing: bool = False
    changed_at: dt.datetime | None = None
    reminded_at: dt.datetime | None = None
    reminders: int = 0
    reachable: bool = True

    @property
    def kind(self) -> AnswerKind:
        if self.needs or self.capacity is not None:
            return AnswerKind.SUBMITTED
        if self.nothing:
            return AnswerKind.NOTHING
        return AnswerKind.UNCONFIRMED if self.unconfirmed else AnswerKind.NOT_YET

    def may_be_reminded(self, moment: dt.datetime) -> bool:
        if self.kind.is_answer or not self.reachable:
            return False
        return self.reminded_at is None or moment - self.reminded_at >= REMINDER_PAUSE

    def _note(self, moment: dt.datetime | None) -> None:
        if moment and (self.changed_at is None or moment > self.changed_at):
            self.changed_at = moment


def rounds_for(user: User) -> Select[tuple[Round]]:
    """Rounds that a person may open: a coordinator all, everyone else none."""
    query = select(Round).order_by(Round.first_week.desc(), Round.id.desc())
    return query if coordinates(user) else query.where(False)


def round_for(user: User, public_id: str) -> Round | None:
    return db.session.scalar(rounds_for(user).where(Round.public_id == public_id))


def open_round_for_states(public_id: str) -> Round | None:
    """An open round, as every State on the roster may see it."""
    return db.session.scalar(
        select(Round).where(Round.public_id == public_id, Round.state == RoundState.OPEN)
    )


def roster_ids() -> list[int]:
    return list(db.session.scalars(select(RosterEntry.state_id).order_by(RosterEntry.state_id)))


def frozen_snapshot(round: Round) -> Snapshot | None:
    """The input that the round was frozen with, once it is."""
    return db.session.scalar(
        select(Snapshot).where(
            Snapshot.round_id == round.id, Snapshot.kind == SnapshotKind.FROZEN
        )
    )


def answers_of(round: Round) -> list[Answer]:
    """One answer for each State on the roster: living ones while open, frozen ones afterwards."""
    states = db.session.scalars(
        select(State).join(State.roster_entry).options(contains_eager(State.roster_entry))
    )
    answers = {state.id: Answer(state) for state in states}
    snapshot = frozen_snapshot(round)
    if snapshot:
        _fill_from_snapshot(answers, snapshot)
    else:
        _fill_from_records(answers)
    replies = select(RoundReply.state_id, RoundReply.at).where(RoundReply.round_id == round.id)
    for state_id, at in db.session.execute(replies):
        if answer := answers.get(state_id):
            answer.nothing = True
            answer._note(at)
    _fill_reminders(answers, round)
    for answer in answers.values():
        answer.reachable = bool(answer.state.roster_entry and answer.state.roster_entry.mailbox)
    for state_id in db.session.scalars(_speakers(User.state_id).distinct()):
        if answer := answers.get(state_id or 0):
            answer.reachable = True
    return list(answers.values())


def _fill_from_records(answers: dict[int, Answer]) -> None:
    needs = (
        select(Need.state_id, Need.state, func.count(), func.max(Need.changed_at))
        .where(Need.state.in_((NeedState.SUBMITTED, NeedState.PROPOSED)))
        .group_by(Need.state_id, Need.state)
    )
    for state_id, standing, count, changed_at in db.session.execute(needs):
        if answer := answers.get(state_id):
            if standing == NeedState.SUBMITTED:
                answer.needs = count
                answer._note(changed_at)
            else:
                answer.unconfirmed += count
    offers = select(Offer.state_id, Offer.state, Offer.capacity, Offer.paused, Offer.changed_at)
    for state_id, standing, capacity, paused, changed_at in db.session.execute(
        offers.where(Offer.state.in_((OfferState.SUBMITTED, OfferState.PROPOSED)))
    ):
        if answer := answers.get(state_id):
            if standing == OfferState.SUBMITTED:
                answer.capacity, answer.paused = capacity, paused
                answer._note(changed_at)
            else:
                answer.unconfirmed += 1


def _fill_from_snapshot(answers: dict[int, Answer], snapshot: Snapshot) -> None:
    parties = select(SnapshotParty.key, SnapshotParty.state_id).where(
        SnapshotParty.snapshot_id == snapshot.id
    )
    state_of = {key: state_id for key, state_id in db.session.execute(parties)}
    for row in (*snapshot.content["needs"], *snapshot.content["lapsed"]):
        if answer := answers.get(state_of[row["party"]]):
            answer.needs += 1
    for row in snapshot.content["offers"]:
        if answer := answers.get(state_of[row["party"]]):
            answer.capacity = (answer.capacity or 0) + row["capacity"]


def _fill_reminders(answers: dict[int, Answer], round: Round) -> None:
    reminders = (
        select(RoundReminder.state_id, func.max(RoundReminder.at), func.count())
        .where(RoundReminder.round_id == round.id)
        .group_by(RoundReminder.state_id)
    )
    for state_id, at, count in db.session.execute(reminders):
        if answer := answers.get(state_id):
            answer.reminded_at, answer.reminders = at, count


def _speakers(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(User.active, User.state_id.is_not(None), RoleGrant.role.in_(SPEAKING_ROLES))
    )


@dataclass(frozen=True, slots=True)
class Address:
    """Somewhere to write to a State, in the reader's language."""

    email: str
    language: str


def addresses_of(states: Iterable[int]) -> dict[int, list[Address]]:
    """Focal points, alternates and function mailboxes of States; each address once.

    A mailbox is written to in the language of the State's focal point, or in English.
    """
    wanted = set(states)
    found: dict[int, dict[str, Address]] = {state_id: {} for state_id in wanted}
    people = _speakers(User.state_id, User.email, User.language).distinct()
    order = case((RoleGrant.role == "focal_point", 0), else_=1)
    for state_id, email, language, _ in db.session.execute(
        people.add_columns(order).where(User.state_id.in_(wanted)).order_by(order, User.email)
    ):
        found[state_id].setdefault(email.casefold(), Address(email, language))
    mailboxes = select(RosterEntry.state_id, RosterEntry.mailbox).where(
        RosterEntry.state_id.in_(wanted), RosterEntry.mailbox.is_not(None)
    )
    for state_id, mailbox in db.session.execute(mailboxes):
        if mailbox:
            first = next(iter(found[state_id].values()), None)
            address = Address(mailbox, first.language if first else "en")
            found[state_id].setdefault(mailbox.casefold(), address)
    return {state_id: list(addresses.values()) for state_id, addresses in found.items()}


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What the pages of a State say about the round that concerns it now."""

    title: str
    public_id: str
    state: RoundState
    answers_due: dt.date
    first_week: dt.date
    frozen_at: dt.datetime | None
    answer: AnswerKind
    needs: int
    offers: int
    # Whether the frozen snapshot holds something of the State.
    included: bool
    may_answer: bool = field(default=False)

    @property
    def is_open(self) -> bool:
        return self.state is RoundState.OPEN


def facts_for(user: User) -> RoundFacts | None:
    """The open round, or the latest frozen one, for a person of a State on the roster."""
    if user.state_id is None:
        return None
    mine = user.state_id
    count = func.count()
    submitted_needs = (
        select(count).where(Need.state_id == mine, Need.state == NeedState.SUBMITTED)
    ).scalar_subquery()
    submitted_offers = (
        select(count).where(Offer.state_id == mine, Offer.state == OfferState.SUBMITTED)
    ).scalar_subquery()
    unconfirmed = (
        select(count).where(Need.state_id == mine, Need.state == NeedState.PROPOSED)
    ).scalar_subquery()
    replied = (
        select(count).where(RoundReply.state_id == mine, RoundReply.round_id == Round.id)
    ).scalar_subquery()
    included = (
        select(count)
        .select_from(SnapshotParty)
        .join(Snapshot)
        .where(
            SnapshotParty.state_id == mine,
            Snapshot.round_id == Round.id,
            Snapshot.kind == SnapshotKind.FROZEN,
        )
    ).scalar_subquery()
    row = db.session.execute(
        select(Round, submitted_needs, submitted_offers, unconfirmed, replied, included)
        .where(
            Round.state.in_((RoundState.OPEN, RoundState.FROZEN)),
            select(RosterEntry.id).where(RosterEntry.state_id == mine).exists(),
        )
        .order_by(case((Round.state == RoundState.OPEN, 0), else_=1), Round.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    round_, needs, offers, waiting, reply, kept = row
    if needs or offers:
        answer = AnswerKind.SUBMITTED
    elif reply:
        answer = AnswerKind.NOTHING
    else:
        answer = AnswerKind.UNCONFIRMED if waiting else AnswerKind.NOT_YET
    return RoundFacts(
        title=round_.title,
        public_id=round_.public_id,
        state=round_.phase,
        answers_due=round_.answers_due,
        first_week=round_.first_week,
        frozen_at=round_.frozen_at,
        answer=answer,
        needs=needs,
        offers=offers,
        included=bool(kept),
        may_answer=user.plays(*SPEAKING_ROLES) and round_.state == RoundState.OPEN,
    )
