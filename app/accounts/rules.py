"""What a person may do, shared by views, templates and actions."""

from __future__ import annotations

from flask import current_app

from app.accounts.models import SPEAKING_ROLES, STATE_ROLES, Role, User

INVITED_BY_FOCAL_POINT = frozenset({Role.ALTERNATE, Role.COLLEAGUE})


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


def is_kept(person: User) -> bool:
    """Somebody whom everybody steps into in a demonstration, and who so has to stay as they are."""
    return person.email in current_app.config.get("KEPT_PEOPLE", ())


def can_invite(user: User, roles: frozenset[Role], state_id: int | None) -> bool:
    """Administrators invite anyone; a focal point, alternates and colleagues of its own State."""
    if administers(user):
        return True
    return (
        user.plays(Role.FOCAL_POINT)
        and state_id is not None
        and user.state_id == state_id
        and roles <= INVITED_BY_FOCAL_POINT
    )


def can_end_access(user: User, person: User) -> bool:
    """Administrators for anyone; a focal point for alternates and colleagues of its own State."""
    if user.id == person.id or not person.active or is_kept(person):
        return False
    return can_invite(user, person.role_set, person.state_id)
