"""What a person may do, shared by views, templates and actions."""

from __future__ import annotations

from app.accounts.models import SPEAKING_ROLES, STATE_ROLES, Role, User


def acts_for_state(user: User, state_id: int) -> bool:
    """Holds the records of this State."""
    return user.state_id == state_id and user.plays(*STATE_ROLES)


def speaks_for_state(user: User, state_id: int) -> bool:
    """Submits, confirms and answers in the name of this State."""
    return user.state_id == state_id and user.plays(*SPEAKING_ROLES)


def coordinates(user: User) -> bool:
    """Runs rounds for the Network."""
    return user.plays(Role.PROGRAMME_COORDINATOR)


def administers(user: User) -> bool:
    return user.plays(Role.ADMINISTRATOR)
