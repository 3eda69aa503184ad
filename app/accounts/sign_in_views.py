"""Signing in and out, joining by invitation, and the way back for a forgotten password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import access, actions, links, passwords, sessions
from app.accounts.blueprint import bp
from app.accounts.forms import AcceptForm, CodeForm, ForgottenForm, NewPasswordForm, SignInForm
from app.accounts.identifiers import canonical_email
from app.accounts.limits import limit_codes, limit_links, limit_resets, limit_sign_in
from app.accounts.models import LinkPurpose, User
from app.addresses import safe_next
from app.errors import DomainError
from app.extensions import db
from app.i18n import COMPLETE_LANGUAGES

Page = Response | str | tuple[str, int]


@bp.route("/sign-in", methods=["GET", "POST"])
@access.public
@limit_sign_in
def sign_in() -> Page:
    form = SignInForm()
    if request.method == "GET":
        form.next.data = safe_next(request.args.get("next"))
        if current_user.is_authenticated:
            return redirect(form.next.data, 303)
        return render_template("accounts/sign_in.html", form=form)
    onward = safe_next(form.next.data)
    form.next.data = onward
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 422
    person = actions.person_with(canonical_email(form.email.data))
    if not passwords.matches(person, form.password.data) or person is None:
        form.form_errors = [
            _("Address and password do not fit together. Check both, or set a new password.")
        ]
        return render_template("accounts/sign_in.html", form=form), 422
    if person.tf_primary_method:
        db.session.commit()
        sessions.await_code(person)
        return redirect(url_for("accounts.code", next=onward), 303)
    return _enter(person, onward, second_factor=False)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@access.public
@limit_codes
def code() -> Page:
    """The second factor: a code of the app, or a recovery code, in the same field."""
    form = CodeForm()
    onward = safe_next(request.values.get("next"))
    form.next.data = onward
    person = sessions.awaiting_code()
    if person is None:
        flash(_("Begin by signing in with your password."), "info")
        return redirect(url_for("accounts.sign_in", next=onward), 303)
    if request.method == "GET":
        return render_template("accounts/code.html", form=form)
    if form.validate():
        try:
            actions.check_code(by=person, typed=form.code.data)
        except DomainError as refusal:
            db.session.rollback()
            form.code.errors = [refusal.words()]
        else:
            return _enter(person, onward, second_factor=True)
    return render_template("accounts/code.html", form=form), 422


def _enter(person: User, onward: str, *, second_factor: bool) -> Response:
    actions.note_sign_in(by=person, second_factor=second_factor)
    sessions.start_session(person)
    db.session.commit()
    return redirect(onward, 303)


@bp.post("/sign-out")
@access.with_one_factor
def sign_out() -> Response:
    sessions.end_session()
    db.session.commit()
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@access.public
@limit_links
def invitation(token: str) -> Page:
    """Looking at an invitation uses nothing up: a mail scanner may follow the link."""
    link = _open_link(token, LinkPurpose.INVITATION)
    if link is None:
        return _link_is_over(), 410
    invited = links.invitation_of(link)
    defaults = {"name": invited.name, "zone": invited.zone, "language": _language(invited.language)}
    form = AcceptForm(data=defaults if request.method == "GET" else None)
    if form.validate_on_submit():
        try:
            person = actions.accept_invitation(
                token=token,
                name=form.name.data,
                password=form.password.data,
                language=form.language.data,
                zone=form.zone.data,
            )
        except passwords.WeakPassword as refusal:
            db.session.rollback()
            form.password.errors = [refusal.words()]
        except links.LinkIsOver:
            db.session.rollback()
            return _link_is_over(), 410
        else:
            session.pop("lang", None)
            response = _enter(person, url_for("home.index"), second_factor=False)
            flash(_("Welcome to Tandem."), "success")
            return response
    return render_template("accounts/invitation.html", form=form, invitation=invited), _ok(form)


@bp.route("/forgotten-password", methods=["GET", "POST"])
@access.public
@limit_resets
def forgotten() -> Page:
    form = ForgottenForm()
    if form.validate_on_submit():
        actions.ask_reset(email=form.email.data)
        db.session.commit()
        return redirect(url_for("accounts.forgotten_sent"), 303)
    return render_template("accounts/forgotten.html", form=form), _ok(form)


@bp.get("/forgotten-password/sent")
@access.public
def forgotten_sent() -> str:
    return render_template("accounts/forgotten_sent.html")


@bp.route("/new-password/<token>", methods=["GET", "POST"])
@access.public
@limit_links
def reset(token: str) -> Page:
    if _open_link(token, LinkPurpose.RESET) is None:
        return _link_is_over(), 410
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            actions.reset_password(token=token, password=form.password.data)
        except passwords.WeakPassword as refusal:
            db.session.rollback()
            form.password.errors = [refusal.words()]
        except links.LinkIsOver:
            db.session.rollback()
            return _link_is_over(), 410
        else:
            sessions.end_session()
            db.session.commit()
            flash(_("Your new password is set. Sign in with it."), "success")
            return redirect(url_for("accounts.sign_in"), 303)
    return render_template("accounts/reset.html", form=form), _ok(form)


@bp.route("/new-address/<token>", methods=["GET", "POST"])
@access.public
@limit_links
def new_email(token: str) -> Page:
    link = _open_link(token, LinkPurpose.NEW_EMAIL)
    if link is None:
        return _link_is_over(), 410
    if request.method == "GET":
        return render_template("accounts/new_email.html", email=link.new_email)
    try:
        actions.confirm_new_email(token=token)
    except links.LinkIsOver:
        db.session.rollback()
        return _link_is_over(), 410
    sessions.end_session()
    db.session.commit()
    flash(_("Your new address is in place. Sign in with it."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


def _open_link(token: str, purpose: LinkPurpose) -> Any:
    try:
        return links.find_link(token, purpose)
    except links.LinkIsOver:
        return None


def _link_is_over() -> str:
    return render_template("accounts/link_is_over.html")


def _language(code: str) -> str:
    return code if code in COMPLETE_LANGUAGES else "en"


def _ok(form: Any) -> int:
    return 422 if form.errors else 200
