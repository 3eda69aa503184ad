"""What a person may do with States and the roster."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.rules import administers, coordinates, speaks_for_state
from app.membership.models import State


def may_submit(state: State) -> bool:
    """Members and Observers take part in rounds; others may prepare drafts."""
    return state.roster_entry is not None


def can_change_state(user: User, state: State) -> bool:
    return speaks_for_state(user, state.id)


def can_act_on(user: User, state_id: int) -> bool:
    """A coordinator acts for the Network, never on records of the State he or she belongs to."""
    return coordinates(user) and user.state_id != state_id


def can_keep_roster(user: User, state_id: int) -> bool:
    return (coordinates(user) or administers(user)) and user.state_id != state_id
