"""One's own account: name, language, zone, password, address, second factor, sessions."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import access, actions, passwords, second_factor, sessions
from app.accounts.blueprint import bp
from app.accounts.forms import (
    ChangePasswordForm,
    CodeForm,
    ConfirmForm,
    NewEmailForm,
    SettingsForm,
)
from app.accounts.limits import limit_changes
from app.accounts.models import SECOND_FACTOR_ROLES, User
from app.addresses import safe_next
from app.errors import DomainError
from app.extensions import db

Page = Response | str | tuple[str, int]
PENDING_SECRET = "pending_secret"


@bp.route("/account", methods=["GET", "POST"])
@access.with_one_factor
def settings() -> Page:
    form = SettingsForm(obj=current_user)
    if form.validate_on_submit():
        actions.change_settings(
            by=_me(),
            name=form.name.data,
            language=form.language.data,
            zone=form.zone.data,
        )
        db.session.commit()
        session.pop("lang", None)
        flash(_("Your settings are saved."), "success")
        return redirect(url_for("accounts.settings"), 303)
    page = render_template(
        "accounts/settings.html",
        form=form,
        codes_left=second_factor.recovery_codes_left(_me()),
    )
    return page, 422 if form.errors else 200


@bp.route("/account/password", methods=["GET", "POST"])
@access.with_one_factor
@limit_changes
def password() -> Page:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            actions.change_password(
                by=_me(), present=form.present.data, password=form.password.data
            )
        except actions.WrongPassword as refusal:
            db.session.rollback()
            form.present.errors = [refusal.words()]
        except passwords.WeakPassword as refusal:
            db.session.rollback()
            form.password.errors = [refusal.words()]
        else:
            sessions.continue_session(_me())
            sessions.mark_fresh()
            db.session.commit()
            flash(_("Your password is changed, and you are signed out elsewhere."), "success")
            return redirect(url_for("accounts.settings"), 303)
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


@bp.route("/account/e-mail", methods=["GET", "POST"])
@access.signed_in
@limit_changes
@access.fresh
def email() -> Page:
    form = NewEmailForm()
    if form.validate_on_submit():
        try:
            actions.ask_new_email(by=_me(), email=form.email.data)
        except DomainError as refusal:
            db.session.rollback()
            form.email.errors = [refusal.words()]
        else:
            db.session.commit()
            flash(
                _(
                    "A link is on its way to the new address. "
                    "Until it is followed, the present one stays."
                ),
                "info",
            )
            return redirect(url_for("accounts.settings"), 303)
    return render_template("accounts/email.html", form=form), 422 if form.errors else 200


@bp.get("/account/second-factor", endpoint="second_factor")
@access.with_one_factor
def show_second_factor() -> str:
    return _second_factor_page(CodeForm())


@bp.post("/account/second-factor/begin")
@access.with_one_factor
@access.fresh
def begin_second_factor() -> Response:
    """Make a secret; it counts once a code has shown that the app knows it."""
    session[PENDING_SECRET] = second_factor.new_secret()
    return redirect(url_for("accounts.second_factor"), 303)


@bp.post("/account/second-factor/confirm")
@access.with_one_factor
@limit_changes
@access.fresh
def confirm_second_factor() -> Page:
    form = CodeForm()
    if form.validate():
        try:
            codes = actions.switch_on_second_factor(
                by=_me(), secret=session.get(PENDING_SECRET), code=form.code.data
            )
        except actions.WrongCode as refusal:
            db.session.rollback()
            form.code.errors = [refusal.words()]
        else:
            return _show_codes(codes)
    return _second_factor_page(form), 422


@bp.post("/account/second-factor/codes")
@access.signed_in
@limit_changes
@access.fresh
def renew_codes() -> Page:
    return _show_codes(actions.renew_recovery_codes(by=_me()))


@bp.post("/account/second-factor/off")
@access.signed_in
@limit_changes
@access.fresh
def second_factor_off() -> Response:
    actions.switch_off_second_factor(by=_me())
    sessions.continue_session(_me())
    db.session.commit()
    flash(_("The second factor is switched off."), "success")
    return redirect(url_for("accounts.settings"), 303)


def _show_codes(codes: list[str]) -> str:
    """Recovery codes are shown in the answer itself: nothing keeps them to show them again."""
    sessions.continue_session(_me())
    db.session.commit()
    return render_template("accounts/recovery_codes.html", codes=codes)


def _second_factor_page(form: CodeForm) -> str:
    pending = session.get(PENDING_SECRET)
    me = _me()
    return render_template(
        "accounts/second_factor.html",
        form=form,
        enrolment=second_factor.enrolment(me, pending) if pending else None,
        needed=me.plays(*SECOND_FACTOR_ROLES),
        codes_left=second_factor.recovery_codes_left(me),
    )


@bp.post("/account/sign-out-everywhere")
@access.with_one_factor
def sign_out_everywhere() -> Response:
    actions.sign_out_everywhere(by=_me())
    sessions.end_session()
    db.session.commit()
    flash(_("You are signed out on every device."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@bp.route("/account/confirm", methods=["GET", "POST"])
@access.with_one_factor
@limit_changes
def confirm() -> Page:
    """The password once more, before something that must not be done from a desk left open."""
    form = ConfirmForm()
    onward = safe_next(request.values.get("next"))
    form.next.data = onward
    if form.validate_on_submit():
        if passwords.matches(_me(), form.password.data):
            sessions.mark_fresh()
            db.session.commit()
            return redirect(onward, 303)
        form.password.errors = [_("This is not your present password.")]
    return render_template("accounts/confirm_first.html", form=form), 422 if form.errors else 200


def _me() -> User:
    """The person signed in, as a row that actions may change."""
    return current_user._get_current_object()  # type: ignore[no-any-return]
