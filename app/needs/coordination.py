"""The programme coordinator's pages on one State's needs: conditions, never levels or drafts."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import audit
from app.accounts import access
from app.accounts.models import Role
from app.extensions import db
from app.membership import rules as membership_rules
from app.membership.actions import require_other_state
from app.membership.catalogue import theme_title
from app.membership.models import State
from app.membership.queries import get_state, take_turn
from app.needs import actions, queries
from app.needs.blueprint import Page, bp
from app.needs.conditions import Conditions
from app.needs.forms import ProposedNeedForm, values_of
from app.needs.models import Need

LOOK = "needs"


@bp.get("/states/<state_id>/needs")
@access.roles(Role.PROGRAMME_COORDINATOR)
def of_state(state_id: str) -> str:
    state = _looked_at(state_id)
    return render_template(
        "needs/of_state.html",
        state=state,
        needs=queries.for_coordinator(state),
        shown=Conditions.shown_to_coordinator,
        standing=Conditions.of,
        can_act=membership_rules.can_act_on(current_user, state.id),
    )


@bp.route("/states/<state_id>/needs/new", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def propose(state_id: str) -> Page:
    state = _looked_at(state_id)
    require_other_state(current_user, state)
    if request.method == "GET":
        form = ProposedNeedForm(state, success_language=current_user.language)
        return _form_page(state, form)
    form = ProposedNeedForm(state)
    if not form.validate():
        return _form_page(state, form), 422
    actions.propose_need(
        state=state, by=current_user, theme=form.theme.data, conditions=form.conditions()
    )
    return _proposed(state, form.theme.data)


@bp.route("/states/<state_id>/needs/<public_id>", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def propose_change(state_id: str, public_id: str) -> Page:
    state = _looked_at(state_id)
    need = queries.shown_to_coordinator(state, public_id)
    require_other_state(current_user, state)
    shown = Conditions.shown_to_coordinator(need)
    if request.method == "GET":
        values = {**values_of(shown, need), "version": shown.fingerprint()}
        return _form_page(state, ProposedNeedForm(state, **values), need)
    form = ProposedNeedForm(state)
    if not form.validate():
        return _form_page(state, form, need), 422
    if form.version.data != shown.fingerprint():
        form.version.data = shown.fingerprint()
        return _form_page(state, form, need, conflict=True), 409
    try:
        actions.propose_change(
            need=need, by=current_user, theme=form.theme.data, conditions=form.conditions()
        )
    except actions.ThemeTaken as refused:
        db.session.rollback()
        form.theme.errors = [refused.words()]
        return _form_page(get_state(state_id), form, need), 422
    return _proposed(state, form.theme.data)


@bp.post("/states/<state_id>/needs/<public_id>/take-back")
@access.roles(Role.PROGRAMME_COORDINATOR)
def take_back(state_id: str, public_id: str) -> Response:
    state = _looked_at(state_id)
    need = queries.shown_to_coordinator(state, public_id)
    actions.take_back(need=need, by=current_user)
    db.session.commit()
    flash(_("Taken back: %(theme)s.", theme=need.theme_title), "success")
    return redirect(url_for("needs.of_state", state_id=state.public_id), 303)


def _looked_at(state_id: str) -> State:
    """The State, its having been looked at noted first."""
    state = get_state(state_id)
    audit.record_look(by=current_user, states=[state.id], what=LOOK)
    if request.method == "POST":
        take_turn(state.id)
    return get_state(state_id)


def _proposed(state: State, theme: str) -> Response:
    db.session.commit()
    flash(
        _(
            "Entered: %(theme)s. %(state)s has been told; nothing of it counts until it confirms.",
            theme=theme_title(theme),
            state=state.name,
        ),
        "success",
    )
    return redirect(url_for("needs.of_state", state_id=state.public_id), 303)


def _form_page(
    state: State, form: ProposedNeedForm, need: Need | None = None, *, conflict: bool = False
) -> str:
    return render_template(
        "needs/propose.html",
        state=state,
        form=form,
        need=need,
        conflict=conflict,
        shown=Conditions.shown_to_coordinator(need) if need else None,
    )
