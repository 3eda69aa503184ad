"""The audit trail: append-only, hash-chained, pseudonymous, numbered for each State."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, IntPk


class AuditEntry(Base):
    """One thing that happened. Of confidential values it says that they changed, never what."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_actor_at", "actor", "at"),)

    id: Mapped[IntPk]
    at: Mapped[dt.datetime]
    tag: Mapped[str] = mapped_column(String(40))
    # Pseudonym of the person, or "system".
    actor: Mapped[str] = mapped_column(String(32))
    # Public id of the thing concerned, or what was looked at.
    subject: Mapped[str] = mapped_column(String(80), default="")
    facts: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    states: Mapped[list[AuditState]] = relationship(back_populates="entry")


class AuditState(Base):
    """That an entry concerns a State, under the State's own running number."""

    __tablename__ = "audit_state"
    __table_args__ = (UniqueConstraint("state_id", "number"),)

    id: Mapped[IntPk]
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), index=True)
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"))
    number: Mapped[int]

    entry: Mapped[AuditEntry] = relationship(back_populates="states")


class AuditHead(Base):
    """The end of the chain; locked while an entry is added, so that there is one order."""

    __tablename__ = "audit_head"

    id: Mapped[IntPk]
    entry_id: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
