"""The pages about people: for administrators all of them, for a focal point those of its State.

They belong to the blueprint of ``accounts``, but know States and so stand above it.
"""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import access, administration, rules
from app.accounts.blueprint import bp
from app.accounts.limits import limit_invitations
from app.accounts.models import STATE_ROLES, Role, User
from app.errors import DomainError
from app.extensions import db
from app.membership.models import State
from app.membership.queries import state_names
from app.oversight import queries
from app.oversight.forms import InviteColleagueForm, InviteForm, RoleFields

Page = Response | str | tuple[str, int]


@bp.get("/people")
@access.roles(Role.ADMINISTRATOR)
def people() -> str:
    chosen = {"text": request.args.get("text", ""), "role": request.args.get("role", "")}
    pager = queries.page(queries.people(**chosen))
    waiting = queries.invitations()
    ids = {user.state_id for user in pager.items} | {found.state_id for found in waiting}
    return render_template(
        "accounts/people.html",
        pager=pager,
        waiting=waiting,
        chosen=chosen,
        roles=list(Role),
        states=state_names(found for found in ids if found is not None),
    )


@bp.route("/people/invite", methods=["GET", "POST"])
@access.roles(Role.ADMINISTRATOR)
@limit_invitations
@access.fresh
def invite() -> Page:
    form = InviteForm(states=queries.all_states(), language="en")
    if form.validate_on_submit():
        state = _state(form.state.data)
        try:
            administration.invite(
                email=form.email.data,
                name=form.name.data,
                roles=form.chosen_roles,
                language=form.language.data,
                state_id=state.id if state else None,
                state_name=state.name_in(form.language.data) if state else "",
                region=form.region.data or None,
                zone=state.zone if state else "UTC",
                by=_me(),
            )
        except DomainError as refusal:
            _refused(form, refusal)
        else:
            db.session.commit()
            flash(_("The invitation is on its way."), "success")
            return redirect(url_for("accounts.people"), 303)
    return render_template("accounts/invite.html", form=form), _status(form)


@bp.get("/people/<public_id>")
@access.roles(Role.ADMINISTRATOR)
def person(public_id: str) -> str:
    found = queries.person(public_id)
    state = db.session.get(State, found.state_id) if found.state_id else None
    return render_template(
        "accounts/person.html",
        person=found,
        state=state,
        can_end=rules.can_end_access(_me(), found),
        is_kept=rules.is_kept(found),
    )


@bp.route("/people/<public_id>/roles", methods=["GET", "POST"])
@access.roles(Role.ADMINISTRATOR)
@access.fresh
def person_roles(public_id: str) -> Page:
    found = queries.person(public_id)
    states = queries.all_states()
    now = {
        "roles": sorted(found.role_set),
        "state": next((s.public_id for s in states if s.id == found.state_id), ""),
        "region": found.region or "",
    }
    form = RoleFields(states=states, data=now)
    if form.validate_on_submit():
        state = _state(form.state.data)
        try:
            administration.change_roles(
                person=found,
                roles=form.chosen_roles,
                state_id=state.id if state else None,
                region=form.region.data or None,
                by=_me(),
            )
        except DomainError as refusal:
            _refused(form, refusal)
            found = queries.person(public_id)
        else:
            db.session.commit()
            flash(_("The roles are changed; they count from the next page on."), "success")
            return redirect(url_for("accounts.person", public_id=public_id), 303)
    return render_template("accounts/person_roles.html", form=form, person=found), _status(form)


@bp.post("/people/<public_id>/end")
@access.roles(Role.ADMINISTRATOR)
@access.fresh
def end_access(public_id: str) -> Response:
    administration.end_access(person=queries.person(public_id), by=_me())
    return _done(_("The access is ended, and every session with it."), public_id)


@bp.post("/people/<public_id>/give-back")
@access.roles(Role.ADMINISTRATOR)
@access.fresh
def give_access_back(public_id: str) -> Response:
    administration.give_access_back(person=queries.person(public_id), by=_me())
    return _done(_("The account is open again."), public_id)


@bp.post("/people/<public_id>/remove-second-factor")
@access.roles(Role.ADMINISTRATOR)
@access.fresh
def remove_second_factor(public_id: str) -> Response:
    administration.remove_second_factor(person=queries.person(public_id), by=_me())
    return _done(_("The second factor is removed; it can be set up anew."), public_id)


@bp.post("/people/invitations/<public_id>/renew")
@access.roles(Role.ADMINISTRATOR)
@limit_invitations
def renew_invitation(public_id: str) -> Response:
    return _renew(public_id, state_id=None, onward="accounts.people")


@bp.post("/people/invitations/<public_id>/withdraw")
@access.roles(Role.ADMINISTRATOR)
def withdraw_invitation(public_id: str) -> Response:
    return _withdraw(public_id, state_id=None, onward="accounts.people")


@bp.get("/our-people")
@access.roles(*STATE_ROLES)
def colleagues() -> str:
    return _colleagues(InviteColleagueForm(language=current_user.language))


@bp.post("/our-people")
@access.roles(Role.FOCAL_POINT)
@limit_invitations
@access.fresh
def invite_colleague() -> Page:
    form = InviteColleagueForm()
    if form.validate():
        state = db.session.get_one(State, current_user.state_id)
        try:
            administration.invite(
                email=form.email.data,
                name=form.name.data,
                roles=[Role(form.role.data)],
                language=form.language.data,
                state_id=state.id,
                state_name=state.name_in(form.language.data),
                zone=state.zone,
                by=_me(),
            )
        except DomainError as refusal:
            _refused(form, refusal)
        else:
            db.session.commit()
            flash(_("The invitation is on its way."), "success")
            return redirect(url_for("accounts.colleagues"), 303)
    return _colleagues(form), 422


@bp.post("/our-people/<public_id>/end")
@access.roles(Role.FOCAL_POINT)
@access.fresh
def end_colleague(public_id: str) -> Response:
    found = queries.person_of_state(public_id, current_user.state_id)
    administration.end_access(person=found, by=_me())
    db.session.commit()
    flash(_("The access is ended, and every session with it."), "success")
    return redirect(url_for("accounts.colleagues"), 303)


@bp.post("/our-people/invitations/<public_id>/renew")
@access.roles(Role.FOCAL_POINT)
@limit_invitations
def renew_colleague(public_id: str) -> Response:
    return _renew(public_id, state_id=_own_state_id(), onward="accounts.colleagues")


@bp.post("/our-people/invitations/<public_id>/withdraw")
@access.roles(Role.FOCAL_POINT)
def withdraw_colleague(public_id: str) -> Response:
    return _withdraw(public_id, state_id=_own_state_id(), onward="accounts.colleagues")


def _colleagues(form: InviteColleagueForm) -> str:
    state_id = _own_state_id()
    here = queries.people_of_state(state_id)
    me = _me()
    return render_template(
        "accounts/colleagues.html",
        form=form,
        people=[(found, rules.can_end_access(me, found)) for found in here],
        waiting=[
            (found, rules.can_invite(me, found.role_set, found.state_id))
            for found in queries.invitations(state_id=state_id)
        ],
        can_invite=me.plays(Role.FOCAL_POINT),
    )


def _renew(public_id: str, *, state_id: int | None, onward: str) -> Response:
    found = queries.invitation(public_id, state_id=state_id)
    state = db.session.get(State, found.state_id) if found.state_id else None
    administration.renew_invitation(
        invitation=found, by=_me(), state_name=state.name_in(found.language) if state else ""
    )
    db.session.commit()
    flash(_("The invitation is sent again, with a new link."), "success")
    return redirect(url_for(onward), 303)


def _withdraw(public_id: str, *, state_id: int | None, onward: str) -> Response:
    administration.withdraw_invitation(
        invitation=queries.invitation(public_id, state_id=state_id), by=_me()
    )
    db.session.commit()
    flash(_("The invitation is withdrawn."), "success")
    return redirect(url_for(onward), 303)


def _done(words: str, public_id: str) -> Response:
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("accounts.person", public_id=public_id), 303)


def _refused(form: Any, refusal: DomainError) -> None:
    """Show a refusal beside the field it is about, and keep what was typed."""
    db.session.rollback()
    if isinstance(refusal, administration.RolesDoNotFit):
        form.roles.errors = [refusal.words()]
    elif "email" in form and not isinstance(refusal, administration.LastAdministrator):
        form.email.errors = [refusal.words()]
    else:
        form.form_errors = [refusal.words()]


def _status(form: Any) -> int:
    return 422 if form.errors else 200


def _state(public_id: str) -> State | None:
    return next((s for s in queries.all_states() if s.public_id == public_id), None)


def _own_state_id() -> int:
    if current_user.state_id is None:
        abort(404)
    return int(current_user.state_id)


def _me() -> User:
    return current_user._get_current_object()  # type: ignore[no-any-return]
