"""The roster, and the page of one's own State."""

from __future__ import annotations

from typing import Any

import click
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import access
from app.accounts.models import SPEAKING_ROLES, STATE_ROLES, Role
from app.accounts.zones import zone_city
from app.extensions import db
from app.membership import actions, catalogue, queries, rules
from app.membership.forms import RosterForm, StateForm
from app.membership.languages import all_languages
from app.membership.models import RegionalGroup, State, Status
from app.membership.states import load_states
from app.paging import page_of

# ``flask states load``
bp = Blueprint("membership", __name__, cli_group="states")
bp.cli.help = "The States and the public facts about them."

# Names of the catalogue, for every template.
for _namer in (catalogue.theme_title, catalogue.group_name, catalogue.sub_network_name):
    bp.add_app_template_global(_namer)

KEEPERS = (Role.PROGRAMME_COORDINATOR, Role.ADMINISTRATOR)
READERS = (*KEEPERS, Role.REGION_COORDINATOR)
Page = str | Response | tuple[str, int]


@bp.cli.command("load")
def load() -> None:
    """Load the 193 Member States and 2 observer States of the United Nations, or refresh them."""
    done = load_states()
    db.session.commit()
    click.echo(f"States: {done.new} new, {done.updated} updated, {done.unchanged} unchanged.")


@bp.get("/roster")
@access.roles(*READERS)
def roster() -> str:
    chosen = {
        "text": request.args.get("text", "").strip(),
        "group": request.args.get("group", ""),
        "status": request.args.get("status", ""),
    }
    states = queries.state_lines(
        text=chosen["text"], group=chosen["group"], status=chosen["status"]
    )
    shown = page_of(states)
    return render_template(
        "membership/roster.html",
        states=shown,
        entries=queries.entries_of(state.id for state in shown),
        can_keep=current_user.plays(*KEEPERS),
        chosen=chosen,
        groups=list(RegionalGroup),
        statuses=list(Status),
        on_roster=sum(1 for state in states if state.status),
    )


@bp.route("/roster/<public_id>", methods=["GET", "POST"])
@access.roles(*KEEPERS)
def roster_entry(public_id: str) -> Page:
    state = _state_to_change(public_id)
    entry = state.roster_entry
    version = str(entry.version) if entry else "new"
    form = RosterForm(obj=entry, data={"version": version})
    if request.method == "GET":
        return _roster_page(state, form)
    if not form.validate():
        return _roster_page(state, form), 422
    if form.version.data != version:
        form.version.data = version
        return _roster_page(state, form, saved=entry), 409
    actions.enter_on_roster(
        state=state,
        by=current_user,
        status=Status(form.status.data),
        since=form.since.data,
        letter=form.letter.data,
        mailbox=form.mailbox.data or "",
    )
    db.session.commit()
    flash(_("The roster entry of %(state)s is saved.", state=state.name), "success")
    return redirect(url_for("membership.roster"), 303)


@bp.post("/roster/<public_id>/off")
@access.roles(*KEEPERS)
def take_off(public_id: str) -> Response:
    state = _state_to_change(public_id)
    actions.take_off_roster(state=state, by=current_user)
    db.session.commit()
    flash(_("%(state)s is no longer on the roster.", state=state.name), "success")
    return redirect(url_for("membership.roster"), 303)


@bp.get("/our-state")
@access.roles(*STATE_ROLES)
def our_state() -> str:
    state = queries.own_state(current_user)
    return render_template(
        "membership/our_state.html",
        state=state,
        city=zone_city(state.zone),
        can_change=rules.can_change_state(current_user, state),
    )


@bp.route("/our-state/change", methods=["GET", "POST"])
@access.roles(*SPEAKING_ROLES)
def change_our_state() -> Page:
    if request.method == "POST" and current_user.state_id:
        queries.take_turn(current_user.state_id)
    state = queries.own_state(current_user)
    if not rules.can_change_state(current_user, state):
        abort(404)
    if request.method == "GET":
        return _state_page(state, StateForm.showing(state))
    form = StateForm(state)
    if not form.validate():
        return _state_page(state, form), 422
    if form.version.data != str(state.version):
        form.version.data = str(state.version)
        return _state_page(state, form, conflict=True), 409
    actions.describe_state(
        state=state,
        by=current_user,
        mechanism_names=form.mechanism_names(),
        zone=form.zone.data,
        languages=form.languages(),
        context=form.context.data or [],
        sub_networks=form.sub_networks.data or [],
        mailbox=(form.mailbox.data or "") if form.mailbox else None,
    )
    db.session.commit()
    flash(_("What you say of your State is saved."), "success")
    if request.form.get("then") == "more":
        return redirect(url_for("membership.change_our_state", _anchor="languages"), 303)
    return redirect(url_for("membership.our_state"), 303)


@bp.get("/how-to-join")
@access.signed_in
def how_to_join() -> str:
    return render_template("membership/how_to_join.html")


def _state_to_change(public_id: str) -> State:
    state = queries.get_state(public_id)
    if request.method == "POST":
        queries.take_turn(state.id)
        db.session.refresh(state)
        if state.roster_entry:
            db.session.refresh(state.roster_entry)
    return state


def _roster_page(state: State, form: RosterForm, saved: Any = None) -> str:
    return render_template(
        "membership/roster_entry.html",
        state=state,
        form=form,
        saved=saved,
        can_keep=rules.can_keep_roster(current_user, state.id),
    )


def _state_page(state: State, form: StateForm, *, conflict: bool = False) -> str:
    return render_template(
        "membership/change_our_state.html",
        state=state,
        form=form,
        conflict=conflict,
        city=zone_city(state.zone),
        languages=all_languages(),
    )
