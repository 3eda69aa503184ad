"""Forms of the roster and of what a State says of itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, ValidationError

from app.accounts.zones import zone_choices
from app.i18n import INTERFACE_LANGUAGES
from app.membership import catalogue
from app.membership.languages import code_of
from app.membership.models import LanguageLevel, State, Status
from app.membership.states import suggested_languages

NOT_AN_ADDRESS = _l("Write an address like name@example.org.")
MAILBOX_HELP = _l(
    "An address of the office, not of a person: mail that must outlive a change of focal point "
    "goes there."
)


class RosterForm(FlaskForm):
    """One State's place on the roster, as its letter says."""

    status = RadioField(
        _l("Status"),
        validators=[InputRequired(_l("Choose Member or Observer, as the letter says."))],
    )
    since = DateField(
        _l("On the roster since"),
        validators=[InputRequired(_l("Give the day from which the State is on the roster."))],
    )
    letter = StringField(
        _l("Reference of the letter"),
        description=_l("How the formal letter is filed, for example its number and date."),
        validators=[
            DataRequired(_l("Give the reference of the letter: the roster follows letters alone.")),
            Length(max=200),
        ],
    )
    mailbox = StringField(
        _l("Function mailbox"),
        description=MAILBOX_HELP,
        validators=[Optional(), Email(NOT_AN_ADDRESS), Length(max=254)],
        render_kw={"type": "email", "dir": "ltr"},
    )
    version = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.status.choices = [(status.value, status.label) for status in Status]

    def validate_since(self, field: Field) -> None:
        if field.data and field.data > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):
            raise ValidationError(_l("This day is still to come."))


LEVEL_CHOICES = [(level.value, level.label) for level in LanguageLevel]


class KnownLanguage(Form):
    """A language already declared or on public record, with a level or none."""

    # Whatever is sent without one, the row is a text: it is shown again when something is wrong.
    code = HiddenField(filters=[lambda code: code or ""])
    level = SelectField(choices=[("", _l("not declared")), *LEVEL_CHOICES])


class FurtherLanguage(Form):
    """A language typed by name, with its level."""

    name = StringField(_l("Language"), validators=[Length(max=80)])
    level = SelectField(_l("Level"), choices=LEVEL_CHOICES, default=LanguageLevel.WORK.value)

    def validate_name(self, field: Field) -> None:
        if field.data and field.data.strip() and code_of(field.data) is None:
            raise ValidationError(
                _l("This language is not known. Choose it from the list, or write its ISO code.")
            )


FURTHER_ROWS = 3


class StateForm(FlaskForm):
    """What a State says of its mechanism. Names in the interface languages stand apart."""

    zone = SelectField(_l("Time zone"), description=_l("The city whose clock you follow."))
    known = FieldList(FormField(KnownLanguage))
    further = FieldList(
        FormField(FurtherLanguage), min_entries=FURTHER_ROWS, max_entries=FURTHER_ROWS
    )
    mailbox = StringField(
        _l("Function mailbox"),
        description=MAILBOX_HELP,
        validators=[Optional(), Email(NOT_AN_ADDRESS), Length(max=254)],
        render_kw={"type": "email", "dir": "ltr"},
    )
    context = SelectMultipleField(
        _l("Context"),
        description=_l(
            "Hints that help to find a State in a similar situation. Tick what applies."
        ),
        choices=[(code, name) for code, name in catalogue.CONTEXTS.items()],
    )
    sub_networks = SelectMultipleField(
        _l("Sub-networks"), description=_l("Organisations in which your State takes part.")
    )
    version = HiddenField()

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone.choices = zone_choices(state.zone)
        self.sub_networks.choices = [(one.code, one.name) for one in catalogue.sub_networks()]
        if state.roster_entry is None:
            del self.mailbox

    @classmethod
    def showing(cls, state: State) -> StateForm:
        """The form as the State stands, with languages on public record as suggestions."""
        return cls(
            state,
            formdata=None,
            zone=state.zone,
            mailbox=state.roster_entry.mailbox if state.roster_entry else None,
            context=state.context,
            sub_networks=state.sub_networks,
            known=known_rows(state),
            version=str(state.version),
            **{f"name_{code}": name for code, name in state.mechanism_names.items()},
        )

    def names(self) -> list[Field]:
        return [self[f"name_{code}"] for code in INTERFACE_LANGUAGES]

    def mechanism_names(self) -> dict[str, str]:
        return {code: self[f"name_{code}"].data or "" for code in INTERFACE_LANGUAGES}

    def languages(self) -> dict[str, LanguageLevel]:
        """Code and level of every language declared."""
        found = {
            row.form.code.data: LanguageLevel(row.form.level.data)
            for row in self.known
            if row.form.code.data and row.form.level.data
        }
        for row in self.further:
            code = code_of(row.form.name.data or "")
            if code:
                found[code] = LanguageLevel(row.form.level.data)
        return found

    def validate_known(self, field: Field) -> None:
        for row in field:
            if code_of(row.form.code.data or "") != row.form.code.data:
                raise ValidationError(_l("This language is not known."))


for _code, _name in INTERFACE_LANGUAGES.items():
    setattr(
        StateForm,
        f"name_{_code}",
        StringField(_name, validators=[Length(max=200)], render_kw={"lang": _code}),
    )


def known_rows(state: State) -> list[dict[str, str]]:
    """Declared languages with their levels, then those on public record without one."""
    declared = [{"code": row.code, "level": str(row.level)} for row in state.languages]
    codes = {row["code"] for row in declared}
    on_record = [code for code in suggested_languages(state) if code not in codes]
    return [*declared, *({"code": code, "level": ""} for code in on_record)]
