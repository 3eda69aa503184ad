"""What both sides accepted, in delivery."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, IntPk, PublicId, now
from app.membership.models import State
from app.plans.models import Proposal


class EngagementState(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"

    @property
    def label(self) -> Any:
        return {
            EngagementState.ACTIVE: _l("Under way"),
            EngagementState.ENDED: _l("Ended"),
        }[self]


class Engagement(Base):
    """A mentorship that both States accepted."""

    __tablename__ = "engagement"
    __table_args__ = (CheckConstraint("state IN ('active', 'ended')", name="state"),)

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), unique=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    mentee_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    themes: Mapped[list[str]]
    language: Mapped[str] = mapped_column(String(16))
    state: Mapped[EngagementState] = mapped_column(String(16), default=EngagementState.ACTIVE)
    agreed_at: Mapped[dt.datetime] = mapped_column(default=now)
    # A suggestion, as wall time in the mentee's zone: what lies ahead keeps its zone.
    first_call_local: Mapped[str] = mapped_column(String(16))
    first_call_zone: Mapped[str] = mapped_column(String(64))
    # Grows when the suggested call moves, so that calendars update instead of doubling it.
    sequence: Mapped[int] = mapped_column(default=0)

    proposal: Mapped[Proposal] = relationship()
    mentor: Mapped[State] = relationship(foreign_keys=[mentor_id])
    mentee: Mapped[State] = relationship(foreign_keys=[mentee_id])
