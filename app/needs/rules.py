"""What a person may do with a need."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.rules import acts_for_state, speaks_for_state
from app.needs.models import Need, NeedState


def can_draft(user: User, state_id: int) -> bool:
    return acts_for_state(user, state_id)


def can_speak(user: User, state_id: int) -> bool:
    """Submit, confirm, decline, put in order, restore."""
    return speaks_for_state(user, state_id)


def can_change(user: User, need: Need) -> bool:
    """A colleague helps with drafts; what counts is changed by those who speak for the State."""
    if need.state in (NeedState.DRAFT, NeedState.PROPOSED):
        return acts_for_state(user, need.state_id)
    return need.state == NeedState.SUBMITTED and speaks_for_state(user, need.state_id)


def can_withdraw(user: User, need: Need) -> bool:
    if need.state == NeedState.DRAFT and need.proposed_change is None:
        return acts_for_state(user, need.state_id)
    return need.state != NeedState.WITHDRAWN and speaks_for_state(user, need.state_id)


def can_order(user: User, needs: list[Need]) -> bool:
    """Colleagues order a list of drafts; where a need counts, its place does too."""
    if any(need.state == NeedState.SUBMITTED for need in needs):
        return all(speaks_for_state(user, need.state_id) for need in needs)
    return all(acts_for_state(user, need.state_id) for need in needs)
