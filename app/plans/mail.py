"""Mail about proposals: one to each person of a State for everything that concerns it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from app import notices
from app.i18n import link
from app.membership import queries as membership
from app.membership.models import State
from app.plans.models import Proposal
from app.plans.words import themes_listed
from app.rounds.models import Round


def announce(proposals: Iterable[Proposal], *, round_: Round, answer_by: dt.date) -> None:
    """Tell each State of its new proposals, all in one mail."""
    _to_each_party(
        "plans_proposed", list(proposals), words={"round": round_, "answer_by": answer_by}
    )


def remind(silent: dict[int, list[Proposal]]) -> None:
    """Ask each State once more for the answers it has not given; by the id of the State."""
    _write("plans_reminder", silent, words={})


def tell_not_going_ahead(proposal: Proposal, *, state_id: int) -> None:
    """Tell one side that a mentorship does not go ahead: never why, never because of whom."""
    _write("plans_not_going_ahead", {state_id: [proposal]}, words={})


def _to_each_party(template: str, proposals: list[Proposal], *, words: dict[str, Any]) -> None:
    by_state: dict[int, list[Proposal]] = {}
    for proposal in proposals:
        for state_id in proposal.parties:
            by_state.setdefault(state_id, []).append(proposal)
    _write(template, by_state, words=words)


def _write(template: str, by_state: dict[int, list[Proposal]], *, words: dict[str, Any]) -> None:
    states: dict[int, State] = {}
    for proposals in by_state.values():
        for proposal in proposals:
            states |= {proposal.mentor_id: proposal.mentor, proposal.mentee_id: proposal.mentee}
    where = membership.addressees(states[state_id] for state_id in by_state)
    for state_id, proposals in by_state.items():
        own = states[state_id]
        entries = [
            {
                "other": proposal.mentee if own.id == proposal.mentor_id else proposal.mentor,
                "as_mentor": own.id == proposal.mentor_id,
                "themes": proposal.themes,
                "answer_by": proposal.answer_by,
                "url": link("plans.proposal", proposal_id=proposal.public_id),
            }
            for proposal in proposals
        ]
        for addressee in where[state_id]:
            notices.write(
                notices.Notice(
                    addressee.to,
                    addressee.language,
                    template,
                    {
                        **words,
                        "state": own,
                        "entries": entries,
                        "all_url": link("plans.proposals"),
                        "themes_listed": themes_listed,
                    },
                )
            )
