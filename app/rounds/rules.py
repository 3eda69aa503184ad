"""What may be done with a round in its present state, shared by pages and actions."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.rules import coordinates
from app.rounds.models import Round, RoundState


def can_change(user: User, round: Round) -> bool:
    return coordinates(user) and round.state in (RoundState.DRAFT, RoundState.OPEN)


def can_move(user: User, round: Round, to: RoundState) -> bool:
    return coordinates(user) and to in round.phase.next_states


def can_remind(user: User, round: Round) -> bool:
    return coordinates(user) and round.state == RoundState.OPEN


def can_plan(user: User, round: Round) -> bool:
    """A trial while answers come in; the real plan from the frozen snapshot."""
    return coordinates(user) and round.state in (RoundState.OPEN, RoundState.FROZEN)
