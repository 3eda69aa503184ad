"""Uploaded workbooks: what was read in them is kept until the import is confirmed or dropped."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.accounts.models import User
from app.database import Base, IntPk, PublicId, Sealed, now
from app.jobs.models import Job
from app.membership.models import State


class UploadState(StrEnum):
    READING = "reading"
    READ = "read"
    APPLIED = "applied"
    DROPPED = "dropped"

    @property
    def label(self) -> Any:
        return {
            UploadState.READING: _l("Being read"),
            UploadState.READ: _l("Waiting for your decision"),
            UploadState.APPLIED: _l("Taken over"),
            UploadState.DROPPED: _l("Dropped"),
        }[self]


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
    # Sent by a coordinator for the State: levels in it are never read.
    on_behalf: Mapped[bool] = mapped_column(default=False)
    file_name: Mapped[str] = mapped_column(String(200))
    # The file in base64, until it is read. Sealed, since a State's workbook holds its levels.
    file: Mapped[str | None] = deferred(mapped_column(Sealed))
    status: Mapped[UploadState] = mapped_column(String(16), default=UploadState.READING)
    # What the file says, until it is applied or dropped; holds levels, so sealed too.
    wanted: Mapped[dict[str, Any] | None] = mapped_column(Sealed)
    # Faults and notes as codes with sheet and cell; the words for them are in ``faults``.
    faults: Mapped[list[dict[str, Any]]] = mapped_column(Sealed, default=list)
    # What was done at the confirmation, in numbers.
    result: Mapped[dict[str, Any] | None]
    at: Mapped[dt.datetime] = mapped_column(default=now)

    state: Mapped[State] = relationship()
    user: Mapped[User] = relationship()
    job: Mapped[Job | None] = relationship()

    @property
    def changed_nothing(self) -> bool:
        """Whether it is over, and the records said the same already."""
        done = self.result or {}
        return self.status == UploadState.APPLIED and not any(
            done.get(name) for name in ("new", "changed", "submitted", "refusals", "blocked")
        )

    @property
    def phase_label(self) -> Any:
        return _l("Nothing to change") if self.changed_nothing else self.phase.label

    @property
    def phase(self) -> UploadState:
        """Where the upload stands, as the enum with its labels."""
        return UploadState(self.status)
