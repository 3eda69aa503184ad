"""Pages of proposals: what is put to a State and its answer, and the coordinator's overview."""

from __future__ import annotations

import datetime as dt
from functools import cache, partial

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_date, gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app import audit
from app.accounts import access
from app.accounts.models import SPEAKING_ROLES, STATE_ROLES, Role
from app.database import now
from app.extensions import db
from app.i18n import collation_key
from app.membership.catalogue import theme_title
from app.membership.queries import StateName, state_names
from app.paging import page_of
from app.plans import answering, proposing, queries, rules
from app.plans.blueprint import bp
from app.plans.models import Proposal, ProposalState
from app.plans.queries import ProposalLine
from app.plans.words import Words, themes_listed, titles_listed


@bp.get("/proposals")
@access.roles(*STATE_ROLES)
def proposals() -> str:
    """What is put to the person's State."""
    rows = queries.own_proposals(current_user)
    return render_template(
        "plans/proposals.html",
        proposals=rows,
        own_id=current_user.state_id,
        today=now().date(),
        themes_listed=themes_listed,
        can_answer=lambda row: rules.can_answer(current_user, row),
    )


@bp.get("/proposals/<proposal_id>")
@access.roles(*STATE_ROLES)
def proposal(proposal_id: str) -> str:
    row = queries.own_proposal(current_user, proposal_id)
    words = Words({row.mentor_id: row.mentor, row.mentee_id: row.mentee})
    as_mentor = row.mentor_id == current_user.state_id
    return render_template(
        "plans/proposal.html",
        proposal=row,
        round=row.round,
        as_mentor=as_mentor,
        other=row.mentee if as_mentor else row.mentor,
        own=row.mentor if as_mentor else row.mentee,
        own_answer=row.answer_of(current_user.state_id),
        reasons=words.reasons(row.reasons, for_parties=True),
        today=now().date(),
        last_day=row.round.first_week + dt.timedelta(weeks=row.round.weeks, days=-1),
        themes_listed=themes_listed,
        expected=_expected(row, as_mentor),
        can_answer=rules.can_answer(current_user, row),
        can_take_back=rules.can_take_back(current_user, row),
    )


def _expected(row: Proposal, as_mentor: bool) -> list[dict[str, str]]:
    """What a State takes on, step by step, and which step is now; nothing where nothing comes."""
    if row.state not in (ProposalState.OPEN, ProposalState.ACCEPTED):
        return []
    agreed = row.state == ProposalState.ACCEPTED
    return [
        {"label": gettext("Accept or decline"), "state": "done" if agreed else "current"},
        {
            "label": gettext("A first call of one hour, two to three weeks after both accepted"),
            "state": "current" if agreed else "todo",
        },
        {
            "label": gettext("Share how your mechanism works on these themes, as far as you wish")
            if as_mentor
            else gettext("Say what you would like to learn, and what you have tried"),
            "state": "todo",
        },
        {
            "label": gettext("Speak regularly, about once a month, as long as it helps you both"),
            "state": "todo",
        },
    ]


@bp.post("/proposals/<proposal_id>/accept")
@access.roles(*SPEAKING_ROLES)
def accept(proposal_id: str) -> Response:
    row = queries.own_proposal(current_user, proposal_id)
    row = answering.accept(proposal=row, by=current_user)
    db.session.commit()
    if row.state == ProposalState.ACCEPTED:
        flash(
            gettext("Both States have accepted. You find each other's contact under Mentorships."),
            "success",
        )
    else:
        flash(gettext("Thank you. You accepted; the other State has not answered yet."), "success")
    return _back(row)


@bp.post("/proposals/<proposal_id>/decline")
@access.roles(*SPEAKING_ROLES)
def decline(proposal_id: str) -> Response:
    row = queries.own_proposal(current_user, proposal_id)
    answering.decline(proposal=row, by=current_user)
    db.session.commit()
    flash(gettext("You declined. Thank you for answering; no reason is needed."), "success")
    return _back(row)


@bp.post("/proposals/<proposal_id>/take-back")
@access.roles(*SPEAKING_ROLES)
def take_back(proposal_id: str) -> Response:
    row = queries.own_proposal(current_user, proposal_id)
    answering.take_back(proposal=row, by=current_user)
    db.session.commit()
    flash(gettext("Your acceptance is taken back. You can answer again."), "info")
    return _back(row)


def _back(row: Proposal) -> Response:
    return redirect(url_for(".proposal", proposal_id=row.public_id), 303)


@bp.get("/rounds/<round_id>/answers")
@access.roles(Role.PROGRAMME_COORDINATOR)
def answers(round_id: str) -> str:
    """The state of all answers of a round. Silence is silence, whatever the date."""
    round_ = queries.get_round(round_id)
    lines = queries.proposals_of_round(round_.id)
    states = {state_id for line in lines for state_id in line.parties}
    audit.record_look(by=current_user, states=states, what=f"answers {round_id[:8]}")
    round_ = queries.get_round(round_id)
    names = state_names(states)
    wanted = request.args.get("state", "")
    text = request.args.get("q", "")[:100].strip()
    shown = page_of(_filtered(lines, names, wanted, text, round_.id))
    reader, theme = current_user._get_current_object(), cache(theme_title)
    return render_template(
        "plans/answers.html",
        round=round_,
        shown=shown,
        proposals=queries.proposals_among(line.id for line in shown),
        names=names,
        counts={state: sum(1 for line in lines if line.state == state) for state in ProposalState},
        total=len(lines),
        waiting=sum(1 for line in lines if _is_overdue(line)),
        states=list(ProposalState),
        choices=[
            *((state.value, state.label) for state in ProposalState),
            ("half", gettext("Accepted by one side")),
            ("overdue", gettext("Past the date, without an answer")),
        ],
        wanted=wanted,
        text=text,
        themes_listed=lambda codes: titles_listed(map(theme, codes)),
        day_words=cache(partial(format_date, format="medium")),
        can_call_off=lambda row: rules.can_call_off(reader, row),
    )


def _is_overdue(line: ProposalLine) -> bool:
    return line.state == ProposalState.OPEN and line.answer_by < now().date()


def _filtered(
    lines: list[ProposalLine], names: dict[int, StateName], wanted: str, text: str, round_id: int
) -> list[ProposalLine]:
    """What fits, in the order of the mentees' names."""
    half = queries.accepted_by_one_side(round_id) if wanted == "half" else set()
    key = collation_key()
    needle = key(text)[0]

    found = [
        line
        for line in lines
        if (
            wanted in ("", line.state)
            or (wanted == "half" and line.id in half)
            or (wanted == "overdue" and _is_overdue(line))
        )
        and (not needle or any(needle in key(names[party].name)[0] for party in line.parties))
    ]
    return sorted(found, key=lambda line: key(names[line.mentee_id].name))


@bp.post("/proposals/<proposal_id>/call-off")
@access.roles(Role.PROGRAMME_COORDINATOR)
def call_off(proposal_id: str) -> Response:
    row = queries.get_proposal(proposal_id)
    proposing.call_off(proposal=row, by=current_user)
    round_id = row.round.public_id
    db.session.commit()
    flash(gettext("The proposal is called off, and both States are told."), "success")
    return redirect(url_for(".answers", round_id=round_id), 303)
