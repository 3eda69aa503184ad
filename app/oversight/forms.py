"""The forms of administering people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts.identifiers import LONGEST_EMAIL, LONGEST_NAME
from app.accounts.models import Role
from app.i18n import COMPLETE_LANGUAGES, INTERFACE_LANGUAGES, sorted_for_reader
from app.membership.models import RegionalGroup, State


def _languages() -> list[tuple[str, str]]:
    return [(code, INTERFACE_LANGUAGES[code]) for code in COMPLETE_LANGUAGES]


class PersonFields(FlaskForm):
    """Who is invited, and in which language the invitation is written."""

    name = StringField(
        _l("Name"),
        validators=[InputRequired(_l("Enter the name.")), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        _l("E-mail address"),
        validators=[InputRequired(_l("Enter the e-mail address.")), Length(max=LONGEST_EMAIL)],
        description=_l("A personal address: a shared one would let several people in as one."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    language = SelectField(_l("Language of the invitation"), choices=_languages())


class RoleFields(FlaskForm):
    """What a person does, and for whom."""

    roles = SelectMultipleField(
        _l("Roles"),
        choices=[(role.value, role.label) for role in Role],
        validators=[InputRequired(_l("Choose a role."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    state = SelectField(
        _l("State"),
        description=_l("For a focal point, alternate or colleague."),
        validate_choice=True,
    )
    region = SelectField(_l("Region"), description=_l("For a region coordinator."))

    def __init__(self, *args: Any, states: Iterable[State], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = sorted_for_reader(states, lambda state: state.name)
        self.state.choices = [("", _l("None")), *((s.public_id, s.name) for s in listed)]
        # Named here, not in the class: the names of groups are those of the reader's language.
        groups = [(group.value, group.label) for group in RegionalGroup]
        self.region.choices = [("", _l("None")), *groups]

    @property
    def chosen_roles(self) -> list[Role]:
        return [Role(value) for value in self.roles.data or ()]


class InviteForm(PersonFields, RoleFields):
    """An administrator invites anyone."""


class InviteColleagueForm(PersonFields):
    """A focal point invites an alternate or a colleague of its own State."""

    role = SelectField(
        _l("Role"),
        choices=[
            (Role.COLLEAGUE.value, _l("Colleague: helps to fill in")),
            (Role.ALTERNATE.value, _l("Alternate focal point: also submits and answers")),
        ],
    )
