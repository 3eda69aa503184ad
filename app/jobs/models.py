"""Background jobs. The row is the truth: what to do, who does it, how far it is."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, IntPk, PublicId, now


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Any:
        return {
            JobState.QUEUED: _l("Waiting for its turn"),
            JobState.RUNNING: _l("Running"),
            JobState.DONE: _l("Done"),
            JobState.FAILED: _l("Failed"),
            JobState.CANCELLED: _l("Cancelled"),
        }[self]

    @property
    def is_over(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Job(Base):
    """One piece of work for the worker process."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"
        ),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    kind: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState] = mapped_column(String(16), default=JobState.QUEUED, index=True)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Whoever holds this token may write the job's result; a requeue changes it.
    claim: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    heartbeat_at: Mapped[dt.datetime | None]
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(String(500), default="")
    asked_at: Mapped[dt.datetime] = mapped_column(default=now)
    over_at: Mapped[dt.datetime | None]
