"""A State's own offer."""

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
from app.offers import actions, coordination, queries, rules
from app.offers.blueprint import Page, bp
from app.offers.conditions import Conditions
from app.offers.forms import OfferForm, levels_of, values_of
from app.offers.models import Offer, OfferState

__all__ = ["bp", "coordination"]


@bp.get("/offers")
@access.roles(*STATE_ROLES)
def index() -> str:
    state = own_state(current_user)
    offers = queries.all_of(state.id)
    live = next((offer for offer in offers if offer.state != OfferState.WITHDRAWN), None)
    return render_template(
        "offers/index.html",
        state=state,
        offer=live,
        standing=Conditions.of(live) if live else None,
        proposed=Conditions.proposed_for(live) if live else None,
        withdrawn=[offer for offer in offers if offer.state == OfferState.WITHDRAWN],
        may_submit=membership_rules.may_submit(state),
        can_speak=rules.can_speak(current_user, state.id),
        can_change=live is not None and rules.can_change(current_user, live),
        can_withdraw=live is not None and rules.can_withdraw(current_user, live),
    )


@bp.route("/offers/new", methods=["GET", "POST"])
@access.roles(*STATE_ROLES)
def new() -> Page:
    state = _state()
    if request.method == "GET":
        return _form_page(state, OfferForm(state, capacity=1, note_language=current_user.language))
    form = OfferForm(state, must_hold=_wants_to_submit())
    if not form.validate():
        return _form_page(state, form), 422
    try:
        offer = actions.draft_offer(
            state=state, by=current_user, conditions=form.conditions(), levels=form.levels()
        )
        if _wants_to_submit():
            actions.submit_offer(offer=offer, by=current_user)
    except DomainError as refusal:
        return _refused(form, None, refusal)
    return _saved(offer)


@bp.route("/offers/<public_id>", methods=["GET", "POST"])
@access.roles(*STATE_ROLES)
def edit(public_id: str) -> Page:
    offer = _offer(public_id)
    if not rules.can_change(current_user, offer):
        abort(404)
    if request.method == "GET":
        values = {**values_of(Conditions.of(offer)), **levels_of(offer)}
        form = OfferForm(offer.owner, version=str(offer.version), **values)
        return _form_page(offer.owner, form, offer)
    submitting = _wants_to_submit() or offer.state == OfferState.SUBMITTED
    form = OfferForm(offer.owner, must_hold=submitting)
    if not form.validate():
        return _form_page(offer.owner, form, offer), 422
    if form.version.data != str(offer.version):
        form.version.data = str(offer.version)
        return _form_page(offer.owner, form, offer, conflict=True), 409
    try:
        actions.change_offer(
            offer=offer, by=current_user, conditions=form.conditions(), levels=form.levels()
        )
        if submitting:
            actions.submit_offer(offer=offer, by=current_user)
    except DomainError as refusal:
        return _refused(form, public_id, refusal)
    return _saved(offer)


@bp.post("/offers/<public_id>/submit")
@access.roles(*STATE_ROLES)
def submit(public_id: str) -> Response:
    actions.submit_offer(offer=_offer(public_id), by=current_user)
    return _done(_("Your offer is submitted and counts in rounds."))


@bp.post("/offers/<public_id>/withdraw")
@access.roles(*STATE_ROLES)
def withdraw(public_id: str) -> Response:
    actions.withdraw_offer(offer=_offer(public_id), by=current_user)
    return _done(_("Your offer is withdrawn. You can restore it below at any time."))


@bp.post("/offers/<public_id>/restore")
@access.roles(*STATE_ROLES)
def restore(public_id: str) -> Response:
    actions.restore_offer(offer=_offer(public_id), by=current_user)
    return _done(_("Your offer is restored as a draft."))


@bp.post("/offers/<public_id>/pause")
@access.roles(*STATE_ROLES)
def pause(public_id: str) -> Response:
    actions.pause_offer(offer=_offer(public_id), by=current_user)
    return _done(_("Your offer is paused: nothing new is proposed to you. What is agreed goes on."))


@bp.post("/offers/<public_id>/resume")
@access.roles(*STATE_ROLES)
def resume(public_id: str) -> Response:
    actions.resume_offer(offer=_offer(public_id), by=current_user)
    return _done(_("Your offer counts again."))


@bp.post("/offers/<public_id>/confirm")
@access.roles(*STATE_ROLES)
def confirm(public_id: str) -> Response:
    offer = _offer(public_id)
    # A yes holds for what was on the page, not for what a coordinator wrote meanwhile.
    if request.form.get("version") != str(offer.version):
        raise actions.WrongMoment
    actions.confirm_offer(offer=offer, by=current_user)
    return _done(_("Confirmed. Your offer counts in rounds."))


@bp.post("/offers/<public_id>/decline")
@access.roles(*STATE_ROLES)
def decline(public_id: str) -> Response:
    actions.decline_change(offer=_offer(public_id), by=current_user)
    return _done(_("Declined. Your offer stays as it was."))


def _state() -> State:
    """One's own State; when something is to change, nobody else changes its records meanwhile."""
    if request.method == "POST" and current_user.state_id:
        take_turn(current_user.state_id)
    return own_state(current_user)


def _offer(public_id: str) -> Offer:
    if request.method == "POST" and current_user.state_id:
        take_turn(current_user.state_id)
    return queries.own_offer(current_user, public_id)


def _wants_to_submit() -> bool:
    return request.form.get("then") == "submit"


def _saved(offer: Offer) -> Response:
    if offer.state == OfferState.SUBMITTED:
        return _done(_("Your offer is submitted and counts in rounds."))
    return _done(_("Your offer is saved as a draft."))


def _done(words: str) -> Response:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("offers.index"), 303)


def _refused(form: OfferForm, public_id: str | None, refusal: DomainError) -> Page:
    """The form again with everything typed, and why it was not done; nothing was saved."""
    db.session.rollback()
    form.form_errors.append(refusal.words())
    state = own_state(current_user)
    offer = queries.own_offer(current_user, public_id) if public_id else None
    return _form_page(state, form, offer), refusal.status


def _form_page(
    state: State, form: OfferForm, offer: Offer | None = None, *, conflict: bool = False
) -> str:
    return render_template(
        "offers/edit.html",
        state=state,
        form=form,
        offer=offer,
        conflict=conflict,
        standing=Conditions.of(offer) if offer else None,
        may_submit=membership_rules.may_submit(state),
        can_speak=rules.can_speak(current_user, state.id),
    )
