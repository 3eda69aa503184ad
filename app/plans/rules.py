"""Who may do what with plans and proposals, shared by actions, views and templates."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.rules import coordinates, speaks_for_state
from app.plans.models import Answer, Proposal, ProposalState
from app.rounds.models import Round, RoundState, SnapshotKind


def can_plan(user: User, round_: Round) -> bool:
    """Plans are made while a round is open, to look ahead, and once it is frozen."""
    return coordinates(user) and round_.state in (RoundState.OPEN, RoundState.FROZEN)


def can_propose_from(user: User, kind: str, round_: Round) -> bool:
    """A plan of a trial proposes nothing: its input may still change."""
    return coordinates(user) and kind == SnapshotKind.FROZEN and round_.state == RoundState.FROZEN


def is_own_case(user: User, parties: tuple[int, int]) -> bool:
    """No one acts on his own case: a coordinator may belong to a State too."""
    return user.state_id in parties


def can_call_off(user: User, proposal: Proposal) -> bool:
    return (
        coordinates(user)
        and proposal.state == ProposalState.OPEN
        and not is_own_case(user, proposal.parties)
    )


def can_answer(user: User, proposal: Proposal) -> bool:
    """Whoever speaks for a party answers, also after the date; colleagues see and advise."""
    state_id = user.state_id or 0
    return (
        state_id in proposal.parties
        and speaks_for_state(user, state_id)
        and proposal.state == ProposalState.OPEN
    )


def can_take_back(user: User, proposal: Proposal) -> bool:
    """An acceptance binds nobody until the other side has accepted too."""
    return can_answer(user, proposal) and proposal.answer_of(user.state_id or 0) is Answer.ACCEPT
