"""What a State asks for: living records, of which a round freezes what was submitted."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, IntPk, PublicId, Sealed, now
from app.membership import catalogue
from app.membership.models import State


class NeedState(StrEnum):
    """Where a need stands.

    DRAFT is seen by its State alone; PROPOSED was entered by a coordinator for the State and
    waits for the State's word; SUBMITTED counts in rounds.
    """

    DRAFT = "draft"
    PROPOSED = "proposed"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Any:
        return NEED_STATE_LABELS[self]

    @property
    def next_states(self) -> frozenset[NeedState]:
        return NEED_TRANSITIONS[self]


NEED_STATE_LABELS = {
    NeedState.DRAFT: _l("Draft"),
    NeedState.PROPOSED: _l("Waiting for the State's confirmation"),
    NeedState.SUBMITTED: _l("Submitted"),
    NeedState.WITHDRAWN: _l("Withdrawn"),
}
NEED_TRANSITIONS = {
    NeedState.DRAFT: frozenset({NeedState.SUBMITTED, NeedState.WITHDRAWN}),
    NeedState.PROPOSED: frozenset({NeedState.DRAFT, NeedState.SUBMITTED, NeedState.WITHDRAWN}),
    NeedState.SUBMITTED: frozenset({NeedState.DRAFT, NeedState.WITHDRAWN}),
    NeedState.WITHDRAWN: frozenset({NeedState.DRAFT, NeedState.SUBMITTED}),
}
LIVE_NEEDS = frozenset({NeedState.DRAFT, NeedState.PROPOSED, NeedState.SUBMITTED})


class Need(Base):
    """One theme on which a State would like to learn from another through a mentorship."""

    __tablename__ = "need"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'proposed', 'submitted', 'withdrawn')", name="state"),
        CheckConstraint("rank BETWEEN 1 AND 25", name="rank"),
        # One live need for a theme; withdrawn ones stay as history.
        Index(
            "uq_need_live_theme",
            "state_id",
            "theme",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    theme: Mapped[str] = mapped_column(String(8))
    # The State's own order, 1 first; weights follow from it.
    rank: Mapped[int]
    # Levels 0 to 4 as the State declares them, or None: not stated. Sealed: nobody else's.
    level_now: Mapped[int | None] = mapped_column(Sealed)
    level_sought: Mapped[int | None] = mapped_column(Sealed)
    # A part of the State's languages, for this need; empty means all of them.
    languages: Mapped[list[str]] = mapped_column(default=list)
    # The last week in which help would still be of use (its Monday), or None.
    latest_week: Mapped[dt.date | None]
    success: Mapped[str] = mapped_column(Text, default="")
    success_language: Mapped[str] = mapped_column(String(16), default="en")
    state: Mapped[NeedState] = mapped_column(String(16), default=NeedState.DRAFT, index=True)
    changed_at: Mapped[dt.datetime] = mapped_column(default=now, onupdate=now)
    submitted_at: Mapped[dt.datetime | None]
    # A coordinator's change that waits for the State's word; until then nothing of it counts.
    proposed_change: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column()

    owner: Mapped[State] = relationship()

    # Two people who edit at once: the second is told, nothing is overwritten.
    __mapper_args__ = {"version_id_col": version}

    @property
    def state_label(self) -> Any:
        return NeedState(self.state).label

    @property
    def theme_title(self) -> str:
        return catalogue.theme_title(self.theme)

    @property
    def waits_for_word(self) -> bool:
        """A coordinator entered it, or a change of it, and the State has not answered."""
        return self.state == NeedState.PROPOSED or self.proposed_change is not None

    @property
    def level_now_label(self) -> str:
        return catalogue.level_name(self.level_now)

    @property
    def level_sought_label(self) -> str:
        return catalogue.level_name(self.level_sought)
