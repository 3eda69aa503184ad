"""Rounds of submissions, and the snapshots that freeze their input."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    delete,
    event,
    select,
    text,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, relationship

from app.database import Base, IntPk, PublicId, Sealed, now
from app.membership.models import State
from app.needs.models import Need, NeedState
from app.offers.models import Offer


class RoundState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    FROZEN = "frozen"
    CLOSED = "closed"

    @property
    def label(self) -> Any:
        return ROUND_STATE_LABELS[self]

    @property
    def next_states(self) -> frozenset[RoundState]:
        return ROUND_TRANSITIONS[self]


ROUND_STATE_LABELS = {
    RoundState.DRAFT: _l("In preparation"),
    RoundState.OPEN: _l("Open"),
    RoundState.FROZEN: _l("Frozen"),
    RoundState.CLOSED: _l("Closed"),
}
ROUND_TRANSITIONS = {
    RoundState.DRAFT: frozenset({RoundState.OPEN}),
    RoundState.OPEN: frozenset({RoundState.FROZEN}),
    RoundState.FROZEN: frozenset({RoundState.CLOSED}),
    RoundState.CLOSED: frozenset[RoundState](),
}


class Round(Base):
    """A period for which needs and offers are brought together into one plan."""

    __tablename__ = "round"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'frozen', 'closed')", name="state"),
        CheckConstraint("weeks BETWEEN 4 AND 104", name="weeks"),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    title: Mapped[str] = mapped_column(String(120))
    # A Monday: the first week in which an engagement of this round can take place.
    first_week: Mapped[dt.date]
    weeks: Mapped[int] = mapped_column(default=52)
    # The day by which States are asked to answer.
    answers_due: Mapped[dt.date]
    state: Mapped[RoundState] = mapped_column(String(16), default=RoundState.DRAFT)
    opened_at: Mapped[dt.datetime | None]
    frozen_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def phase(self) -> RoundState:
        """Where the round stands, as the enum with its labels."""
        return RoundState(self.state)

    @property
    def last_week(self) -> dt.date:
        """The Monday of the last week."""
        return self.first_week + dt.timedelta(weeks=self.weeks - 1)


class RoundReply(Base):
    """A State's word on a round when it has nothing to ask or offer this time."""

    __tablename__ = "round_reply"
    __table_args__ = (UniqueConstraint("round_id", "state_id"),)

    id: Mapped[IntPk]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"))
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=now)

    state: Mapped[State] = relationship()


class RoundReminder(Base):
    """A reminder sent to a State that had not answered."""

    __tablename__ = "round_reminder"

    id: Mapped[IntPk]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), index=True)
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=now)


class SnapshotKind(StrEnum):
    """A TRIAL is taken while a round is open, to look ahead; nothing of it can be proposed."""

    TRIAL = "trial"
    FROZEN = "frozen"


class Snapshot(Base):
    """Immutable input of a round: ids and conditions, no personal data.

    ``content`` is what programme coordinators may know; ``sealed`` (levels, and rule-outs when
    they come) is encrypted and apart.
    """

    __tablename__ = "snapshot"
    __table_args__ = (
        CheckConstraint("kind IN ('trial', 'frozen')", name="kind"),
        # A round is frozen once.
        Index(
            "uq_snapshot_frozen_round",
            "round_id",
            unique=True,
            sqlite_where=text("kind = 'frozen'"),
            postgresql_where=text("kind = 'frozen'"),
        ),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    kind: Mapped[SnapshotKind] = mapped_column(String(8))
    content: Mapped[dict[str, Any]]
    sealed: Mapped[dict[str, Any]] = mapped_column(Sealed)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    # Salted digest of the sealed part.
    sealed_digest: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[dt.datetime] = mapped_column(default=now)

    round: Mapped[Round] = relationship()
    parties: Mapped[list[SnapshotParty]] = relationship(
        back_populates="snapshot", cascade="all, delete-orphan"
    )


class SnapshotParty(Base):
    """The key that stands for a State inside one snapshot."""

    __tablename__ = "snapshot_party"
    __table_args__ = (
        UniqueConstraint("snapshot_id", "key"),
        UniqueConstraint("snapshot_id", "state_id"),
    )

    id: Mapped[IntPk]
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id", ondelete="CASCADE"))
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"))
    key: Mapped[str] = mapped_column(String(16))

    snapshot: Mapped[Snapshot] = relationship(back_populates="parties")
    state: Mapped[State] = relationship()


class SnapshotIsFixed(RuntimeError):
    """Something tried to change or delete a snapshot; plans stand on it as it was taken."""


def _refuse(_mapper: Any, _connection: Any, row: Any) -> None:
    raise SnapshotIsFixed(f"{type(row).__name__} {row.id} can't be changed or deleted")


for _fixed in (Snapshot, SnapshotParty):
    event.listen(_fixed, "before_update", _refuse)
    event.listen(_fixed, "before_delete", _refuse)


@event.listens_for(Session, "do_orm_execute")
def _refuse_many(execution: ORMExecuteState) -> None:
    if not (execution.is_update or execution.is_delete):
        return
    if execution.bind_mapper and execution.bind_mapper.class_ in (Snapshot, SnapshotParty):
        raise SnapshotIsFixed("snapshots can't be changed or deleted")


def _take_back_reply(_mapper: Any, connection: Connection, row: Need | Offer) -> None:
    """A State that submits something has more than "nothing this time" to say."""
    if row.state != NeedState.SUBMITTED:
        return
    still_open = select(Round.id).where(Round.state == RoundState.OPEN)
    connection.execute(
        delete(RoundReply).where(
            RoundReply.state_id == row.state_id, RoundReply.round_id.in_(still_open)
        )
    )


for _record in (Need, Offer):
    event.listen(_record, "after_insert", _take_back_reply)
    event.listen(_record, "after_update", _take_back_reply)
