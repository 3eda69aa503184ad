"""A State's own needs."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import access
from app.accounts.models import STATE_ROLES
from app.errors import DomainError
from app.extensions import db
from app.membership import rules as membership_rules
from app.membership.models import State
from app.membership.queries import own_state, take_turn
from app.needs import actions, coordination, queries, rules
from app.needs.blueprint import Page, bp
from app.needs.conditions import Conditions
from app.needs.forms import NeedForm
from app.needs.models import Need, NeedState

__all__ = ["bp", "coordination"]


@bp.get("/needs")
@access.roles(*STATE_ROLES)
def index() -> str:
    state = own_state(current_user)
    needs = queries.all_of(state.id)
    live = [need for need in needs if need.state != NeedState.WITHDRAWN]
    return render_template(
        "needs/index.html",
        state=state,
        live=live,
        waiting=[need for need in live if need.waits_for_word],
        withdrawn=[need for need in needs if need.state == NeedState.WITHDRAWN],
        proposed_for=Conditions.proposed_for,
        standing=Conditions.of,
        rules=rules,
        may_submit=membership_rules.may_submit(state),
        can_speak=rules.can_speak(current_user, state.id),
        can_order=rules.can_order(current_user, live),
    )


@bp.route("/needs/new", methods=["GET", "POST"])
@access.roles(*STATE_ROLES)
def new() -> Page:
    state = _state()
    if request.method == "GET":
        form = NeedForm(state, success_language=_reader())
        return _form_page(state, form)
    form = NeedForm(state, must_hold=_wants_to_submit())
    if not form.validate():
        return _form_page(state, form), 422
    try:
        need = actions.draft_need(
            state=state,
            by=current_user,
            theme=form.theme.data,
            conditions=form.conditions(),
            levels=form.levels(),
        )
        if _wants_to_submit():
            actions.submit_need(need=need, by=current_user)
    except DomainError as refusal:
        return _refused(form, None, refusal)
    return _saved(need)


@bp.route("/needs/<public_id>", methods=["GET", "POST"])
@access.roles(*STATE_ROLES)
def edit(public_id: str) -> Page:
    need = _need(public_id)
    if not rules.can_change(current_user, need):
        if need.state == NeedState.WITHDRAWN:
            abort(404)
        return render_template("needs/need.html", need=need)
    if request.method == "GET":
        form = NeedForm(need.owner, **NeedForm.values_of(need))
        return _form_page(need.owner, form, need)
    submitting = _wants_to_submit() or need.state == NeedState.SUBMITTED
    form = NeedForm(need.owner, must_hold=submitting)
    if not form.validate():
        return _form_page(need.owner, form, need), 422
    if form.version.data != str(need.version):
        form.version.data = str(need.version)
        return _form_page(need.owner, form, need, conflict=True), 409
    try:
        actions.change_need(
            need=need,
            by=current_user,
            theme=form.theme.data,
            conditions=form.conditions(),
            levels=form.levels(),
        )
        if submitting:
            actions.submit_need(need=need, by=current_user)
    except DomainError as refusal:
        return _refused(form, public_id, refusal)
    return _saved(need)


@bp.post("/needs/<public_id>/submit")
@access.roles(*STATE_ROLES)
def submit(public_id: str) -> Response:
    need = _need(public_id)
    actions.submit_need(need=need, by=current_user)
    return _done(_("Submitted: %(theme)s. It now counts in rounds.", theme=need.theme_title))


@bp.post("/needs/<public_id>/withdraw")
@access.roles(*STATE_ROLES)
def withdraw(public_id: str) -> Response:
    need = _need(public_id)
    actions.withdraw_need(need=need, by=current_user)
    return _done(
        _("Withdrawn: %(theme)s. You can restore it below at any time.", theme=need.theme_title)
    )


@bp.post("/needs/<public_id>/restore")
@access.roles(*STATE_ROLES)
def restore(public_id: str) -> Response:
    need = _need(public_id)
    actions.restore_need(need=need, by=current_user)
    return _done(_("Restored as a draft: %(theme)s.", theme=need.theme_title))


@bp.post("/needs/<public_id>/confirm")
@access.roles(*STATE_ROLES)
def confirm(public_id: str) -> Response:
    need = _need(public_id)
    _require_seen(need)
    actions.confirm_need(need=need, by=current_user)
    return _done(_("Confirmed: %(theme)s. It now counts in rounds.", theme=need.theme_title))


@bp.post("/needs/<public_id>/decline")
@access.roles(*STATE_ROLES)
def decline(public_id: str) -> Response:
    need = _need(public_id)
    actions.decline_change(need=need, by=current_user)
    return _done(_("Declined. “%(theme)s” stays as it was.", theme=need.theme_title))


@bp.post("/needs/<public_id>/<any(up, down):where>")
@access.roles(*STATE_ROLES)
def move(public_id: str, where: str) -> Response:
    need = _need(public_id)
    actions.move_need(need=need, by=current_user, up=where == "up")
    db.session.commit()
    return redirect(url_for("needs.index", _anchor=f"need-{public_id}"), 303)


def _state() -> State:
    """One's own State; when something is to change, nobody else changes its records meanwhile."""
    if request.method == "POST" and current_user.state_id:
        take_turn(current_user.state_id)
    return own_state(current_user)


def _need(public_id: str) -> Need:
    if request.method == "POST" and current_user.state_id:
        take_turn(current_user.state_id)
    return queries.own_need(current_user, public_id)


def _require_seen(need: Need) -> None:
    """A yes holds for what was on the page, not for what a coordinator wrote meanwhile."""
    if request.form.get("version") != str(need.version):
        raise actions.WrongMoment


def _wants_to_submit() -> bool:
    return request.form.get("then") == "submit"


def _reader() -> str:
    return str(current_user.language)


def _saved(need: Need) -> Response:
    if need.state == NeedState.SUBMITTED:
        return _done(_("Submitted: %(theme)s. It now counts in rounds.", theme=need.theme_title))
    return _done(_("Saved as a draft: %(theme)s.", theme=need.theme_title))


def _done(words: str) -> Response:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("needs.index"), 303)


def _refused(form: NeedForm, public_id: str | None, refusal: DomainError) -> Page:
    """The form again with everything typed, and why it was not done; nothing was saved."""
    db.session.rollback()
    form.form_errors.append(refusal.words())
    state = own_state(current_user)
    need = queries.own_need(current_user, public_id) if public_id else None
    return _form_page(state, form, need), refusal.status


def _form_page(
    state: State, form: NeedForm, need: Need | None = None, *, conflict: bool = False
) -> str:
    return render_template(
        "needs/edit.html",
        state=state,
        form=form,
        need=need,
        conflict=conflict,
        standing=Conditions.of(need) if need else None,
        may_submit=membership_rules.may_submit(state),
        can_speak=rules.can_speak(current_user, state.id),
    )
