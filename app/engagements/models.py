"""What both sides accepted, in delivery."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, IntPk, PublicId, now
from app.engagements.first_call import Call
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

    @property
    def first_call(self) -> Call:
        return Call(dt.datetime.fromisoformat(self.first_call_local), self.first_call_zone)

    def call_at(self, state: State) -> dt.datetime:
        """The suggested call on the clocks of a State."""
        return self.first_call.begins.astimezone(ZoneInfo(state.zone))

    @property
    def call_suits_both(self) -> bool:
        """Whether the suggested hour falls into the working day on both sides."""
        return all(self.first_call.suits(state.zone) for state in (self.mentor, self.mentee))

    @property
    def state_label(self) -> Any:
        return EngagementState(self.state).label
