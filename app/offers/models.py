"""What a mechanism can share, how much, when; a ceiling, never a promise."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, IntPk, PublicId, Sealed, now
from app.membership import catalogue
from app.membership.models import State


class Instrument(StrEnum):
    """Forms of peer learning; the others join mentorship in later releases."""

    MENTORSHIP = "mentorship"

    @property
    def label(self) -> Any:
        return {Instrument.MENTORSHIP: _l("Mentorship")}[self]


class OfferState(StrEnum):
    """Where an offer stands; the same path as a need, with a pause beside it."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Any:
        return OFFER_STATE_LABELS[self]

    @property
    def next_states(self) -> frozenset[OfferState]:
        return OFFER_TRANSITIONS[self]


OFFER_STATE_LABELS = {
    OfferState.DRAFT: _l("Draft"),
    OfferState.PROPOSED: _l("Waiting for the State's confirmation"),
    OfferState.SUBMITTED: _l("Submitted"),
    OfferState.WITHDRAWN: _l("Withdrawn"),
}
OFFER_TRANSITIONS = {
    OfferState.DRAFT: frozenset({OfferState.SUBMITTED, OfferState.WITHDRAWN}),
    OfferState.PROPOSED: frozenset({OfferState.DRAFT, OfferState.SUBMITTED, OfferState.WITHDRAWN}),
    OfferState.SUBMITTED: frozenset({OfferState.DRAFT, OfferState.WITHDRAWN}),
    OfferState.WITHDRAWN: frozenset({OfferState.DRAFT, OfferState.SUBMITTED}),
}


class Offer(Base):
    """A State's offer to mentor others on some themes."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'proposed', 'submitted', 'withdrawn')", name="state"),
        CheckConstraint("capacity BETWEEN 1 AND 20", name="capacity"),
        CheckConstraint("instrument IN ('mentorship')", name="instrument"),
        # One live offer of a kind for each State.
        Index(
            "uq_offer_live_instrument",
            "state_id",
            "instrument",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    instrument: Mapped[Instrument] = mapped_column(String(16), default=Instrument.MENTORSHIP)
    # Mentees at once, at most.
    capacity: Mapped[int] = mapped_column(default=1)
    languages: Mapped[list[str]] = mapped_column(default=list)
    # Mondays of the first and last possible weeks, or None: any.
    first_week: Mapped[dt.date | None]
    last_week: Mapped[dt.date | None]
    # Regional groups and sub-networks served; empty means all.
    regions: Mapped[list[str]] = mapped_column(default=list)
    sub_networks: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    note_language: Mapped[str] = mapped_column(String(16), default="en")
    paused: Mapped[bool] = mapped_column(default=False)
    state: Mapped[OfferState] = mapped_column(String(16), default=OfferState.DRAFT, index=True)
    changed_at: Mapped[dt.datetime] = mapped_column(default=now, onupdate=now)
    submitted_at: Mapped[dt.datetime | None]
    # A coordinator's change that waits for the State's word; until then nothing of it counts.
    proposed_change: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column()

    owner: Mapped[State] = relationship()
    themes: Mapped[list[OfferTheme]] = relationship(
        back_populates="offer", cascade="all, delete-orphan", order_by="OfferTheme.theme"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def state_label(self) -> Any:
        return OfferState(self.state).label

    @property
    def waits_for_word(self) -> bool:
        """A coordinator entered it, or a change of it, and the State has not answered."""
        return self.state == OfferState.PROPOSED or self.proposed_change is not None

    @property
    def theme_codes(self) -> list[str]:
        return [row.theme for row in self.themes]


class OfferTheme(Base):
    """A theme that an offer covers, with the level at which the State says it stands."""

    __tablename__ = "offer_theme"
    __table_args__ = (UniqueConstraint("offer_id", "theme"),)

    id: Mapped[IntPk]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"))
    theme: Mapped[str] = mapped_column(String(8))
    # 0 to 4, or None: not stated. Sealed: nobody else's.
    level: Mapped[int | None] = mapped_column(Sealed)

    offer: Mapped[Offer] = relationship(back_populates="themes")

    @property
    def title(self) -> str:
        return catalogue.theme_title(self.theme)

    @property
    def level_label(self) -> str:
        return catalogue.level_name(self.level)
