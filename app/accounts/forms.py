"""The forms of signing in and of one's own account."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import AnyOf, EqualTo, InputRequired, Length

from app.accounts.identifiers import LONGEST_EMAIL, LONGEST_NAME
from app.accounts.passwords import LONGEST, SHORTEST
from app.accounts.zones import zone_choices
from app.i18n import COMPLETE_LANGUAGES, INTERFACE_LANGUAGES

ADDRESS = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}


def _email(label: Any, **kw: Any) -> EmailField:
    return EmailField(
        label,
        validators=[InputRequired(_l("Enter the e-mail address.")), Length(max=LONGEST_EMAIL)],
        render_kw={**ADDRESS, **kw},
    )


def _password(label: Any, *, new: bool = False, **kw: Any) -> PasswordField:
    return PasswordField(
        label,
        validators=[InputRequired(_l("Enter the password.")), Length(max=LONGEST)],
        render_kw={"autocomplete": "new-password" if new else "current-password"},
        **kw,
    )


def _new_password() -> PasswordField:
    return _password(
        _l("New password"),
        new=True,
        description=_l(
            "At least %(shortest)s characters; a few words you make up are easy to remember. "
            "No special signs are asked for.",
            shortest=SHORTEST,
        ),
    )


def _repeated() -> PasswordField:
    return PasswordField(
        _l("New password, once more"),
        validators=[
            InputRequired(_l("Enter the password once more.")),
            EqualTo("password", _l("The two passwords differ.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class SignInForm(FlaskForm):
    next = HiddenField()
    email = _email(_l("E-mail address"))
    password = _password(_l("Password"))


class CodeForm(FlaskForm):
    next = HiddenField()
    code = StringField(
        _l("Code"),
        validators=[InputRequired(_l("Enter the code.")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false"},
    )


class ForgottenForm(FlaskForm):
    email = _email(_l("E-mail address"))


class NewPasswordForm(FlaskForm):
    password = _new_password()
    repeated = _repeated()


class ChangePasswordForm(FlaskForm):
    present = _password(_l("Present password"))
    password = _new_password()
    repeated = _repeated()


class ConfirmForm(FlaskForm):
    next = HiddenField()
    password = _password(_l("Password"))


class NewEmailForm(FlaskForm):
    email = _email(_l("New e-mail address"), autocomplete="email")


class SettingsForm(FlaskForm):
    name = StringField(
        _l("Your name"),
        validators=[InputRequired(_l("Enter your name.")), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "name"},
    )
    language = SelectField(
        _l("Language of pages and mail"),
        choices=[(code, INTERFACE_LANGUAGES[code]) for code in COMPLETE_LANGUAGES],
        validators=[AnyOf(COMPLETE_LANGUAGES)],
    )
    zone = SelectField(
        _l("Time zone"),
        description=_l("Times on pages and in mail are shown in this zone."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Another name of a zone stays usable where somebody has it; what is none is not offered.
        known = self.zone.data in available_timezones()
        self.zone.choices = zone_choices(self.zone.data if known else "UTC")


class AcceptForm(SettingsForm):
    password = _new_password()
    repeated = _repeated()
