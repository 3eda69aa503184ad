"""Uploaded workbooks: kept until their import is confirmed or dropped."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.accounts.models import User
from app.database import Base, IntPk, PublicId, now
from app.jobs.models import Job
from app.membership.models import State


class UploadState(StrEnum):
    READING = "reading"
    READ = "read"
    APPLIED = "applied"
    DROPPED = "dropped"


class Upload(Base):
    """One workbook that somebody sent, what was read in it, and every fault found."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("status IN ('reading', 'read', 'applied', 'dropped')", name="status"),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    file: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    status: Mapped[UploadState] = mapped_column(String(16), default=UploadState.READING)
    # What the file would change, and its faults as codes with sheet, cell and remedy.
    changes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    faults: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    at: Mapped[dt.datetime] = mapped_column(default=now)

    state: Mapped[State] = relationship()
    user: Mapped[User] = relationship()
    job: Mapped[Job | None] = relationship()
