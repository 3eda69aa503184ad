"""What the worker does for workbooks: read what was sent, and forget what nobody decided on."""

from __future__ import annotations

import base64
import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.database import now
from app.extensions import db
from app.jobs.worker import Task, chore, handler
from app.membership.models import State
from app.workbooks.actions import JOB_KIND, forget, settle_if_nothing_is_left
from app.workbooks.models import Upload, UploadState
from app.workbooks.reading import interpret
from app.workbooks.sandbox import read_apart

# An upload that nobody confirmed or dropped is forgotten after so long.
KEPT = dt.timedelta(days=30)


@handler(JOB_KIND)
def read_workbook(task: Task) -> None:
    """Read an upload apart, and store what it says; the file itself is not kept."""
    upload_id = int(task.payload["upload_id"])
    stored = db.session.scalar(select(Upload.file).where(Upload.id == upload_id))
    # Reading is over: while the child works nothing is locked.
    db.session.rollback()
    found = read_apart(base64.b64decode(stored)) if stored else {"fault": "unreadable"}
    # The claim comes first: whoever lost it stores nothing.
    task.finish()
    upload = db.session.scalars(
        select(Upload)
        .where(Upload.id == upload_id)
        .options(joinedload(Upload.state).selectinload(State.languages))
        .with_for_update(of=Upload)
    ).one()
    if upload.status == UploadState.READING:
        reading = interpret(found, state=upload.state, own=not upload.on_behalf)
        upload.wanted, upload.faults = reading.wanted, reading.faults
        upload.status, upload.file = UploadState.READ, None
        settle_if_nothing_is_left(upload)
    db.session.commit()


@chore
def forget_undecided() -> None:
    """Drop what waits for a decision for too long."""
    old = select(Upload).where(
        Upload.status.in_((UploadState.READ, UploadState.READING)), Upload.at < now() - KEPT
    )
    for upload in db.session.scalars(old):
        forget(upload)
    db.session.commit()
