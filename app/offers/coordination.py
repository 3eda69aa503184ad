"""The programme coordinator's pages on one State's offer: conditions, never levels or drafts."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import audit
from app.accounts import access
from app.accounts.models import Role
from app.extensions import db
from app.membership import rules as membership_rules
from app.membership.actions import require_other_state
from app.membership.models import State
from app.membership.queries import get_state, take_turn
from app.offers import actions, queries
from app.offers.blueprint import Page, bp
from app.offers.conditions import Conditions
from app.offers.forms import ConditionsForm, values_of
from app.offers.models import Offer

LOOK = "offer"


@bp.get("/states/<state_id>/offer")
@access.roles(Role.PROGRAMME_COORDINATOR)
def of_state(state_id: str) -> str:
    state = _looked_at(state_id)
    offer = queries.for_coordinator(state)
    return render_template(
        "offers/of_state.html",
        state=state,
        offer=offer,
        shown=Conditions.shown_to_coordinator(offer) if offer else None,
        standing=Conditions.of(offer) if offer else None,
        can_act=membership_rules.can_act_on(current_user, state.id),
    )


@bp.route("/states/<state_id>/offer/change", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def propose(state_id: str) -> Page:
    """Enter an offer for a State, or a change of the one it has."""
    state = _looked_at(state_id)
    require_other_state(current_user, state)
    offer = queries.for_coordinator(state)
    shown = Conditions.shown_to_coordinator(offer) if offer else None
    version = shown.fingerprint() if shown else "new"
    if request.method == "GET":
        start = Conditions(note_language=current_user.language)
        values = {**values_of(shown or start), "version": version}
        return _form_page(state, ConditionsForm(state, **values), offer)
    form = ConditionsForm(state)
    if not form.validate():
        return _form_page(state, form, offer), 422
    if form.version.data != version:
        form.version.data = version
        return _form_page(state, form, offer, conflict=True), 409
    actions.propose_offer(state=state, by=current_user, conditions=form.conditions())
    db.session.commit()
    flash(
        _(
            "Entered. %(state)s has been told; nothing of it counts until it confirms.",
            state=state.name,
        ),
        "success",
    )
    return redirect(url_for("offers.of_state", state_id=state.public_id), 303)


@bp.post("/states/<state_id>/offer/take-back")
@access.roles(Role.PROGRAMME_COORDINATOR)
def take_back(state_id: str) -> Response:
    state = _looked_at(state_id)
    offer = queries.for_coordinator(state)
    if offer is None:
        abort(404)
    actions.take_back(offer=offer, by=current_user)
    db.session.commit()
    flash(_("What was entered for %(state)s is taken back.", state=state.name), "success")
    return redirect(url_for("offers.of_state", state_id=state.public_id), 303)


def _looked_at(state_id: str) -> State:
    """The State, its having been looked at noted first."""
    state = get_state(state_id)
    audit.record_look(by=current_user, states=[state.id], what=LOOK)
    if request.method == "POST":
        take_turn(state.id)
    return get_state(state_id)


def _form_page(
    state: State, form: ConditionsForm, offer: Offer | None, *, conflict: bool = False
) -> str:
    return render_template(
        "offers/propose.html",
        state=state,
        form=form,
        offer=offer,
        conflict=conflict,
        shown=Conditions.shown_to_coordinator(offer) if offer else None,
    )
