"""Reading uploads: a State's own, or those a coordinator sent for it."""

from __future__ import annotations

from flask import abort
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.accounts.rules import speaks_for_state
from app.extensions import db
from app.membership.models import State
from app.workbooks import rules
from app.workbooks.comparison import Preview, compare
from app.workbooks.models import Upload, UploadState
from app.workbooks.records import records_for_coordinator, records_of_own

RECENT = 10


def upload_for(user: User, public_id: str, *, lock: bool = False) -> Upload:
    """An upload the person may see; any other is as good as absent."""
    chosen = (
        select(Upload)
        .where(Upload.public_id == public_id)
        .options(joinedload(Upload.job), joinedload(Upload.state).selectinload(State.languages))
    )
    if lock:
        chosen = chosen.with_for_update(of=Upload).execution_options(populate_existing=True)
    found = db.session.scalar(chosen)
    if found is None or not rules.can_see(user, found):
        abort(404)
    return found


def recent_of_own(user: User) -> list[Upload]:
    """The latest workbooks of one's own State."""
    return _recent(
        select(Upload).where(Upload.state_id == user.state_id, Upload.on_behalf.is_(False))
    )


def recent_on_behalf(user: User, state: State) -> list[Upload]:
    """The latest workbooks a coordinator sent for a State."""
    return _recent(
        select(Upload).where(
            Upload.state_id == state.id, Upload.on_behalf, Upload.user_id == user.id
        )
    )


def _recent(chosen: Select[Upload]) -> list[Upload]:
    ordered = chosen.order_by(Upload.at.desc(), Upload.id.desc()).limit(RECENT)
    return list(db.session.scalars(ordered.options(selectinload(Upload.user))))


def preview_of(upload: Upload, user: User) -> Preview:
    """What the upload would change now; raises if it is not ready for that."""
    own = not upload.on_behalf
    records = records_of_own(upload.state) if own else records_for_coordinator(upload.state)
    wanted = upload.wanted if upload.status == UploadState.READ else None
    return compare(
        wanted or {"needs": [], "offer": None},
        records,
        own=own,
        speaks=own and speaks_for_state(user, upload.state_id),
    )
