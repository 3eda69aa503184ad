"""What is done to rounds: preparing, opening, reminding, freezing, closing, answering."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import notices
from app.accounts.models import User
from app.accounts.rules import coordinates, speaks_for_state
from app.audit import actions as audit
from app.audit.tags import Tag
from app.database import now
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.i18n import link
from app.membership.models import State
from app.membership.queries import addressees, on_roster
from app.membership.weeks import monday_of
from app.rounds import queries, rules, snapshots
from app.rounds.models import (
    Round,
    RoundReminder,
    RoundReply,
    RoundState,
    Snapshot,
    SnapshotKind,
    SnapshotParty,
)


class WrongMoment(DomainError):
    message = _l(
        "The round “%(title)s” has moved on in the meantime, so this can't be done any more."
    )


class AnotherRoundOpen(DomainError):
    message = _l(
        "The round “%(title)s” is still open. States answer one round at a time: freeze it before "
        "you open the next."
    )


class AlreadySubmitted(DomainError):
    message = _l(
        "Your State has needs or an offer that count in this round. Withdraw them first if you "
        "want nothing this time."
    )


class NotOnRoster(DomainError):
    status = 403
    message = _l("Only States on the roster of the Network answer rounds.")


def make_round(
    *, title: str, first_week: dt.date, weeks: int, answers_due: dt.date, by: User
) -> Round:
    """Prepare a round; nobody but coordinators sees it until it is opened."""
    _require(coordinates(by))
    made = Round(
        title=title,
        first_week=monday_of(first_week),
        weeks=weeks,
        answers_due=answers_due,
        state=RoundState.DRAFT,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(Tag.ROUND_MADE, by=by, subject=made.public_id, title=title)
    return made


def change_round(
    *,
    round: Round,
    title: str,
    first_week: dt.date,
    weeks: int,
    answers_due: dt.date,
    by: User,
) -> None:
    """Change a round that is not yet frozen."""
    _require(coordinates(by))
    if not rules.can_change(by, round):
        raise WrongMoment(title=round.title)
    round.title, round.weeks, round.answers_due = title, weeks, answers_due
    round.first_week = monday_of(first_week)
    audit.record(Tag.ROUND_CHANGED, by=by, subject=round.public_id, title=title)


def open_round(*, round: Round, by: User) -> int:
    """Ask every State on the roster to answer, by mail. Returns the number of mails."""
    other = db.session.scalar(
        select(Round).where(Round.state == RoundState.OPEN, Round.id != round.id)
    )
    if other:
        raise AnotherRoundOpen(title=other.title)
    _move(round, RoundState.OPEN, by)
    round.opened_at = now()
    asked = on_roster()
    audit.record(
        Tag.ROUND_OPENED,
        by=by,
        states=[state.id for state in asked],
        subject=round.public_id,
        title=round.title,
    )
    return _write(round, asked, template="rounds_opened")


def freeze_round(*, round: Round, by: User) -> Snapshot:
    """Fix what States have submitted; later changes count in the next round."""
    _move(round, RoundState.FROZEN, by)
    round.frozen_at = now()
    snapshot = take_snapshot(round=round, by=by, kind=SnapshotKind.FROZEN)
    audit.record(
        Tag.ROUND_FROZEN,
        by=by,
        states=[party.state_id for party in snapshot.parties],
        subject=round.public_id,
        title=round.title,
        sealed_digest=snapshot.sealed_digest,
    )
    return snapshot


def close_round(*, round: Round, by: User) -> None:
    """End a round: nothing more is planned or proposed in it."""
    _move(round, RoundState.CLOSED, by)
    round.closed_at = now()
    audit.record(Tag.ROUND_CLOSED, by=by, subject=round.public_id, title=round.title)


def take_snapshot(*, round: Round, by: User, kind: SnapshotKind) -> Snapshot:
    """Take the input of a round: a TRIAL while it is open, the FROZEN one as it is frozen.

    The shape of ``content`` and ``sealed`` is written down in :mod:`app.rounds.snapshots`.
    """
    _require(coordinates(by))
    if round.state != (RoundState.OPEN if kind == SnapshotKind.TRIAL else RoundState.FROZEN):
        raise WrongMoment(title=round.title)
    picture = snapshots.picture_of(round)
    salt = secrets.token_bytes(32)
    snapshot = Snapshot(
        round_id=round.id,
        kind=kind,
        content=picture.content,
        sealed=picture.sealed,
        salt=salt,
        sealed_digest=snapshots.digest_of(picture.sealed, salt),
    )
    snapshot.parties = [
        SnapshotParty(state_id=state_id, key=key) for state_id, key in picture.keys.items()
    ]
    db.session.add(snapshot)
    db.session.flush()
    return snapshot


@dataclass(frozen=True, slots=True)
class Reminded:
    """Whom a reminder reached, and whom it could not or should not."""

    states: int
    mails: int
    reminded_lately: int
    unreachable: int


def remind(*, round: Round, by: User) -> Reminded:
    """Write to every State that has not answered, each in its people's languages.

    A State that was reminded of the round less than three days ago is left in peace.
    """
    _require(coordinates(by))
    if not rules.can_remind(by, round):
        raise WrongMoment(title=round.title)
    moment = now()
    silent = [found for found in queries.answers_of(round) if not found.kind.is_answer]
    due = on_roster(found.state.id for found in silent if found.may_be_reminded(moment))
    mails = _write(round, due, template="rounds_reminder")
    for state in due:
        db.session.add(RoundReminder(round_id=round.id, state_id=state.id, at=moment))
    if due:
        audit.record(
            Tag.ROUND_REMINDED,
            by=by,
            states=[state.id for state in due],
            subject=round.public_id,
            title=round.title,
        )
    unreachable = sum(not found.reachable for found in silent)
    return Reminded(
        states=len(due),
        mails=mails,
        reminded_lately=len(silent) - len(due) - unreachable,
        unreachable=unreachable,
    )


def reply_nothing(*, round: Round, by: User) -> RoundReply:
    """Answer for a State that it has nothing to ask or offer; submitting takes it back."""
    facts = queries.facts_for(by)
    if by.state_id is None or facts is None:
        raise NotOnRoster
    _require(speaks_for_state(by, by.state_id))
    if round.state != RoundState.OPEN:
        raise WrongMoment(title=round.title)
    if facts.needs or facts.offers:
        raise AlreadySubmitted
    existing = db.session.scalar(
        select(RoundReply).where(
            RoundReply.round_id == round.id, RoundReply.state_id == by.state_id
        )
    )
    if existing:
        return existing
    reply = RoundReply(round_id=round.id, state_id=by.state_id)
    db.session.add(reply)
    audit.record(
        Tag.ROUND_REPLIED,
        by=by,
        states=[by.state_id],
        subject=round.public_id,
        title=round.title,
    )
    return reply


def _move(round: Round, to: RoundState, by: User) -> None:
    _require(coordinates(by))
    if not rules.can_move(by, round, to):
        raise WrongMoment(title=round.title)
    round.state = to
    # The version is checked now: of two people who move a round at once, one is told.
    db.session.flush()


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed


def _write(round: Round, states: Iterable[State], *, template: str) -> int:
    words = {
        "title": round.title,
        "answers_due": round.answers_due,
        "first_week": round.first_week,
        "last_week": round.last_week,
        "needs_link": link("needs.index"),
        "offers_link": link("offers.index"),
        "workbook_link": link("workbooks.index"),
        "nothing_link": link("rounds.nothing", round_id=round.public_id),
    }
    everyone = [one for found in addressees(states).values() for one in found]
    for one in everyone:
        notices.write(notices.Notice(one.to, one.language, template, words))
    return len(everyone)
