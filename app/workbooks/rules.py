"""Who may send a workbook for a State, and see what was read in it."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.rules import acts_for_state, speaks_for_state
from app.membership.rules import can_act_on, may_submit
from app.workbooks.models import Upload


def can_see(user: User, upload: Upload) -> bool:
    """A State's people see what their State sent; what a coordinator sent, its sender alone."""
    if upload.on_behalf:
        return upload.user_id == user.id and can_act_on(user, upload.state_id)
    return acts_for_state(user, upload.state_id)


def can_submit(user: User, upload: Upload) -> bool:
    """Take the workbook over and submit it at once."""
    return (
        not upload.on_behalf
        and speaks_for_state(user, upload.state_id)
        and may_submit(upload.state)
    )
