"""Pages of rounds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import format_date, ngettext, to_user_timezone
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from app.accounts import access
from app.accounts.models import SPEAKING_ROLES, Role
from app.audit.actions import record_look
from app.database import now
from app.extensions import db
from app.membership.models import RegionalGroup, Status
from app.membership.queries import state_lines
from app.paging import page_of
from app.rounds import actions, queries, rules
from app.rounds.forms import RoundForm
from app.rounds.listing import Chosen, chosen_answers, figures_of
from app.rounds.models import Round, RoundState

bp = Blueprint("rounds", __name__)
Page = str | Response | tuple[str, int]


@bp.record
def _offer_round_notice(setup: BlueprintSetupState) -> None:
    """State pages ask ``round_notice()`` which round concerns the reader's State."""
    setup.app.jinja_env.globals["round_notice"] = round_notice
    setup.app.jinja_env.globals["round_followed"] = round_followed


def round_notice() -> queries.RoundFacts | None:
    if not current_user or not current_user.is_authenticated:
        return None
    if "round_facts" not in g:
        g.round_facts = queries.facts_for(current_user)
    facts: queries.RoundFacts | None = g.round_facts
    return facts


def round_followed() -> Round | None:
    """The round that a coordinator is busy with: the open one, else the newest."""
    return queries.followed_by(current_user)


@bp.get("/rounds")
@access.roles(Role.PROGRAMME_COORDINATOR)
def index() -> str:
    found = db.session.scalars(queries.rounds_for(current_user)).all()
    return render_template("rounds/index.html", rounds=found)


@bp.route("/rounds/new", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def new() -> Page:
    form = RoundForm()
    if request.method == "GET":
        return render_template("rounds/form.html", form=form, round=None)
    if not form.validate():
        return render_template("rounds/form.html", form=form, round=None), 422
    made = actions.make_round(**_given(form), by=current_user)
    db.session.commit()
    flash(_("The round is prepared. Nobody is asked before you open it."), "success")
    return redirect(url_for("rounds.show", round_id=made.public_id), 303)


@bp.route("/rounds/<round_id>/edit", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def edit(round_id: str) -> Page:
    found = _round(round_id)
    if not rules.can_change(current_user, found):
        raise actions.WrongMoment(title=found.title)
    form = RoundForm(round=found)
    if request.method == "GET":
        return render_template("rounds/form.html", form=form, round=found)
    if not form.validate():
        return render_template("rounds/form.html", form=form, round=found), 422
    if form.version.data != str(found.version):
        return _overtaken(form, found)
    try:
        actions.change_round(round=found, **_given(form), by=current_user)
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        return _overtaken(form, _round(round_id))
    flash(_("The round is saved."), "success")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


def _overtaken(form: RoundForm, saved: Round) -> Page:
    form.version.data = str(saved.version)
    # The macro writes what was sent, so the fresh version takes its place there too.
    form.version.raw_data = [form.version.data]
    return render_template("rounds/form.html", form=form, round=saved, saved=saved), 409


def _given(form: RoundForm) -> dict[str, Any]:
    return {
        "title": form.title.data.strip(),
        "first_week": form.first_week.data,
        "weeks": form.weeks.data,
        "answers_due": form.answers_due.data,
    }


@bp.get("/rounds/<round_id>")
@access.roles(Role.PROGRAMME_COORDINATOR)
def show(round_id: str) -> str:
    found = _round(round_id)
    roster = state_lines(status="any")
    looked_at = [state.id for state in roster]
    record_look(by=current_user, states=looked_at, what="answers to the round")
    answers = queries.answers_of(found, roster)
    chosen = Chosen.from_address(request.args)
    return render_template(
        "rounds/show.html",
        round=found,
        answers=page_of(chosen_answers(answers, chosen)),
        chosen=chosen,
        figures=figures_of(answers, now()),
        day_words=_day_words(),
        kinds={kind: str(kind.label) for kind in queries.AnswerKind},
        groups={group: group.label for group in RegionalGroup},
        statuses={status: str(status.label) for status in Status},
        steps=_steps(found),
        can_change=rules.can_change(current_user, found),
        can_remind=rules.can_remind(current_user, found),
        can_plan=rules.can_plan(current_user, found),
        next_states=found.phase.next_states,
    )


def _day_words() -> Callable[[dt.datetime | None], str]:
    """The day of a moment in words; rows share days."""
    words = cache(partial(format_date, format="short"))

    def of(moment: dt.datetime | None) -> str:
        return str(words(to_user_timezone(moment).date())) if moment else "–"

    return of


def _steps(found: Round) -> list[dict[str, Any]]:
    order = list(RoundState)
    at = order.index(found.phase)
    since = {
        RoundState.OPEN: found.opened_at,
        RoundState.FROZEN: found.frozen_at,
        RoundState.CLOSED: found.closed_at,
    }
    last = at == len(order) - 1
    return [
        {
            "label": phase.label,
            "state": "done" if place < at or last else ("current" if place == at else "todo"),
            "note": format_date(moment, "medium") if (moment := since.get(phase)) else "",
        }
        for place, phase in enumerate(order)
    ]


@bp.route("/rounds/<round_id>/open", methods=["GET", "POST"], endpoint="open")
@access.roles(Role.PROGRAMME_COORDINATOR)
def open_(round_id: str) -> Page:
    found = _round_to_move(round_id, RoundState.OPEN)
    if request.method == "GET":
        return _confirm(found, "open")
    mails = actions.open_round(round=found, by=current_user)
    db.session.commit()
    flash(
        ngettext(
            "The round is open. %(num)s mail is on its way.",
            "The round is open. %(num)s mails are on their way.",
            mails,
        ),
        "success",
    )
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@bp.route("/rounds/<round_id>/freeze", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def freeze(round_id: str) -> Page:
    found = _round_to_move(round_id, RoundState.FROZEN)
    if request.method == "GET":
        return _confirm(found, "freeze")
    actions.freeze_round(round=found, by=current_user)
    db.session.commit()
    flash(_("The round is frozen. You can plan from what States have submitted."), "success")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@bp.route("/rounds/<round_id>/close", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def close(round_id: str) -> Page:
    found = _round_to_move(round_id, RoundState.CLOSED)
    if request.method == "GET":
        return _confirm(found, "close")
    actions.close_round(round=found, by=current_user)
    db.session.commit()
    flash(_("The round is closed."), "success")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@bp.route("/rounds/<round_id>/remind", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def remind(round_id: str) -> Page:
    found = _round(round_id)
    if not rules.can_remind(current_user, found):
        raise actions.WrongMoment(title=found.title)
    if request.method == "GET":
        return _confirm(found, "remind")
    done = actions.remind(round=found, by=current_user)
    db.session.commit()
    if done.states:
        flash(
            ngettext("%(num)s State is reminded.", "%(num)s States are reminded.", done.states),
            "success",
        )
    else:
        flash(_("There is nobody to remind now."), "info")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


@bp.route("/round/<round_id>/nothing", methods=["GET", "POST"])
@access.roles(*SPEAKING_ROLES)
def nothing(round_id: str) -> Page:
    """A State says that it has nothing to ask or offer this time."""
    found = queries.open_round_for_states(round_id)
    facts = queries.facts_for(current_user)
    if found is None or facts is None:
        abort(404)
    if request.method == "GET":
        return render_template("rounds/nothing.html", round=found, facts=facts)
    actions.reply_nothing(round=found, by=current_user)
    db.session.commit()
    flash(_("Thank you: your State's answer is noted. You can still change it."), "success")
    return redirect(url_for("needs.index"), 303)


def _confirm(found: Round, step: str) -> str:
    answers = queries.answers_of(found)
    return render_template(f"rounds/{step}.html", round=found, figures=figures_of(answers, now()))


def _round(public_id: str) -> Round:
    found = queries.round_for(current_user, public_id)
    if found is None:
        abort(404)
    return found


def _round_to_move(public_id: str, to: RoundState) -> Round:
    found = _round(public_id)
    if not rules.can_move(current_user, found, to):
        raise actions.WrongMoment(title=found.title)
    return found
