"""Reading rounds: what each State on the roster answered, and what a State is told."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, bindparam, case, false, func, or_, select

from app.accounts.models import SPEAKING_ROLES, User
from app.accounts.rules import coordinates
from app.extensions import db
from app.membership.models import RosterEntry
from app.membership.queries import StateLine, state_lines, states_with_speakers
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


def waiting(record: Any) -> ColumnElement[bool]:
    """What a coordinator entered for a State and the State has not confirmed; counts nowhere."""
    changed = record.proposed_change.is_not(None)
    return or_(record.state == NeedState.PROPOSED, (record.state == NeedState.DRAFT) & changed)


WAITING_NEED, WAITING_OFFER = waiting(Need), waiting(Offer)
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
        return ANSWER_LABELS[self]

    @property
    def is_answer(self) -> bool:
        return self in (AnswerKind.SUBMITTED, AnswerKind.NOTHING)


ANSWER_LABELS = {
    AnswerKind.SUBMITTED: _l("Answered"),
    AnswerKind.NOTHING: _l("Nothing this time"),
    AnswerKind.UNCONFIRMED: _l("Waiting for the State's confirmation"),
    AnswerKind.NOT_YET: _l("Not yet answered"),
}


@dataclass(slots=True)
class Answer:
    """A State on the roster and its answer to a round."""

    state: StateLine
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
    # What all of this amounts to; set when the rest is known.
    kind: AnswerKind = AnswerKind.NOT_YET

    def settle(self) -> None:
        self.kind = self._kind()

    def _kind(self) -> AnswerKind:
        if self.needs or self.capacity is not None:
            return AnswerKind.SUBMITTED
        if self.nothing:
            return AnswerKind.NOTHING
        return AnswerKind.UNCONFIRMED if self.unconfirmed else AnswerKind.NOT_YET

    def may_be_reminded(self, moment: dt.datetime) -> bool:
        if self.kind.is_answer or not self.reachable:
            return False
        return self.reminded_at is None or moment - self.reminded_at >= REMINDER_PAUSE

    def note_change(self, moment: dt.datetime | None) -> None:
        if moment and (self.changed_at is None or moment > self.changed_at):
            self.changed_at = moment


def rounds_for(user: User) -> Select[Round]:
    """Rounds that a person may open: a coordinator all, everyone else none."""
    query = select(Round).order_by(Round.first_week.desc(), Round.id.desc())
    return query if coordinates(user) else query.where(false())


def round_for(user: User, public_id: str) -> Round | None:
    return db.session.scalar(rounds_for(user).where(Round.public_id == public_id))


def followed_by(user: User) -> Round | None:
    """The open round, else the newest; for a coordinator."""
    open_first = case((Round.state == RoundState.OPEN, 0), else_=1)
    return db.session.scalar(rounds_for(user).order_by(None).order_by(open_first, Round.id.desc()))


def open_round_for_states(public_id: str) -> Round | None:
    """An open round, as every State on the roster may see it."""
    return db.session.scalar(
        select(Round).where(Round.public_id == public_id, Round.state == RoundState.OPEN)
    )


def frozen_snapshot(round: Round) -> Snapshot:
    """The input that a frozen or closed round was frozen with."""
    return db.session.scalars(
        select(Snapshot).where(Snapshot.round_id == round.id, Snapshot.kind == SnapshotKind.FROZEN)
    ).one()


def answers_of(round: Round, roster: list[StateLine] | None = None) -> list[Answer]:
    """One answer for each State on the roster: living ones while open, frozen ones afterwards."""
    lines = state_lines(status="any") if roster is None else roster
    answers = {state.id: Answer(state) for state in lines}
    if round.state in (RoundState.FROZEN, RoundState.CLOSED):
        _fill_from_snapshot(answers, round)
    else:
        _fill_from_records(answers)
    for state_id, at in db.session.execute(_REPLIES, {"round_id": round.id}):
        if answer := answers.get(state_id):
            answer.nothing = True
            answer.note_change(at)
    _fill_reminders(answers, round)
    spoken_for = states_with_speakers()
    for state_id, answer in answers.items():
        answer.reachable = state_id in spoken_for or bool(answer.state.mailbox)
        answer.settle()
    return list(answers.values())


# Statements of a page that is read often are built once.
_REPLIES = select(RoundReply.state_id, RoundReply.at).where(
    RoundReply.round_id == bindparam("round_id")
)
_REMINDERS = (
    select(RoundReminder.state_id, func.max(RoundReminder.at), func.count())
    .where(RoundReminder.round_id == bindparam("round_id"))
    .group_by(RoundReminder.state_id)
)
# They fill lines with values: columns of tables come faster than those of objects.
_NEED, _OFFER = Need.__table__.c, Offer.__table__.c
_NEEDS_THAT_COUNT = (
    select(_NEED.state_id, _NEED.state, func.count(), func.max(_NEED.changed_at))
    .where(or_(_NEED.state == NeedState.SUBMITTED, waiting(_NEED)))
    .group_by(_NEED.state_id, _NEED.state)
)
_OFFERS_THAT_COUNT = select(
    _OFFER.state_id, _OFFER.state, _OFFER.capacity, _OFFER.paused, _OFFER.changed_at
).where(or_(_OFFER.state == OfferState.SUBMITTED, waiting(_OFFER)))


def _fill_from_records(answers: dict[int, Answer]) -> None:
    for state_id, standing, count, changed_at in db.session.execute(_NEEDS_THAT_COUNT).all():
        if answer := answers.get(state_id):
            if standing == NeedState.SUBMITTED:
                answer.needs = count
                answer.note_change(changed_at)
            else:
                answer.unconfirmed += count
    for state_id, offered, capacity, paused, changed_at in db.session.execute(
        _OFFERS_THAT_COUNT
    ).all():
        if answer := answers.get(state_id):
            if offered == OfferState.SUBMITTED:
                answer.capacity, answer.paused = capacity, paused
                answer.note_change(changed_at)
            else:
                answer.unconfirmed += 1


def _fill_from_snapshot(answers: dict[int, Answer], round: Round) -> None:
    for state_id, (needs, capacity) in _frozen(round.public_id).items():
        if answer := answers.get(state_id):
            answer.needs, answer.capacity = needs, capacity


# Rounds that a coordinator has open at a time. What is frozen never changes.
@lru_cache(maxsize=8)
def _frozen(round_id: str) -> dict[int, tuple[int, int | None]]:
    """Needs and capacity of each State in what a round was frozen with."""
    # Only what coordinators may know is read; the sealed part stays sealed.
    frozen = (
        select(Snapshot.id, Snapshot.content)
        .join(Snapshot.round)
        .where(Round.public_id == round_id, Snapshot.kind == SnapshotKind.FROZEN)
    )
    snapshot_id, content = db.session.execute(frozen).one()
    parties = select(SnapshotParty.key, SnapshotParty.state_id).where(
        SnapshotParty.snapshot_id == snapshot_id
    )
    state_of = {row.key: row.state_id for row in db.session.execute(parties)}
    needs = Counter(state_of[row["party"]] for row in (*content["needs"], *content["lapsed"]))
    capacity: Counter[int] = Counter()
    for row in content["offers"]:
        capacity[state_of[row["party"]]] += row["capacity"]
    return {state_id: (needs[state_id], capacity.get(state_id)) for state_id in state_of.values()}


def _fill_reminders(answers: dict[int, Answer], round: Round) -> None:
    for state_id, at, count in db.session.execute(_REMINDERS, {"round_id": round.id}):
        if answer := answers.get(state_id):
            answer.reminded_at, answer.reminders = at, count


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
    may_answer: bool

    @property
    def is_open(self) -> bool:
        return self.state is RoundState.OPEN


def facts_for(user: User) -> RoundFacts | None:
    """The open round, or the latest frozen one, for a person of a State on the roster."""
    if user.state_id is None:
        return None
    row = db.session.execute(_FACTS, {"mine": user.state_id}).first()
    if row is None:
        return None
    round_, needs, offers, unconfirmed, reply, kept = row
    if needs or offers:
        answer = AnswerKind.SUBMITTED
    elif reply:
        answer = AnswerKind.NOTHING
    else:
        answer = AnswerKind.UNCONFIRMED if unconfirmed else AnswerKind.NOT_YET
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


def _facts() -> Select[*tuple[Any, ...]]:
    """The round that concerns a State now, and how far the State is with it."""
    mine: Any = bindparam("mine")
    count = func.count()
    submitted_needs = (
        select(count).where(Need.state_id == mine, Need.state == NeedState.SUBMITTED)
    ).scalar_subquery()
    submitted_offers = (
        select(count).where(Offer.state_id == mine, Offer.state == OfferState.SUBMITTED)
    ).scalar_subquery()
    waiting_needs = select(count).where(Need.state_id == mine, WAITING_NEED).scalar_subquery()
    waiting_offers = select(count).where(Offer.state_id == mine, WAITING_OFFER).scalar_subquery()
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
    return (
        select(
            Round,
            submitted_needs,
            submitted_offers,
            waiting_needs + waiting_offers,
            replied,
            included,
        )
        .where(
            Round.state.in_((RoundState.OPEN, RoundState.FROZEN)),
            select(RosterEntry.id).where(RosterEntry.state_id == mine).exists(),
        )
        .order_by(case((Round.state == RoundState.OPEN, 0), else_=1), Round.id.desc())
        .limit(1)
    )


# Built once, since every page of a State asks.
_FACTS = _facts()
