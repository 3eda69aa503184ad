"""Forms for offers: one for the State, with levels; one for coordinators, without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from app.i18n import INTERFACE_LANGUAGES, language_name
from app.membership import catalogue
from app.membership.languages import all_codes
from app.membership.models import State
from app.membership.weeks import has_passed, monday_of
from app.offers.conditions import Conditions
from app.offers.models import Offer

MOST_MENTEES = 20


class ConditionsForm(FlaskForm):
    """What coordinators may know of an offer. ``must_hold=False`` lets a draft be incomplete."""

    themes = SelectMultipleField(_l("Themes"))
    capacity = IntegerField(
        _l("Mentees at once, at most"),
        description=_l(
            "A ceiling, never a promise: you are asked before anything is agreed, and you can "
            "always decline. From 1 to 20."
        ),
        validators=[
            InputRequired(_l("Write a number from 1 to 20.")),
            NumberRange(1, MOST_MENTEES, _l("Write a number from 1 to 20.")),
        ],
        render_kw={"min": 1, "max": MOST_MENTEES, "type": "number"},
    )
    languages = SelectMultipleField(
        _l("Languages of this offer"),
        description=_l("Tick none if any of your State's languages will do."),
    )
    first_week = DateField(
        _l("First week"),
        description=_l("Any day of the week from which you are available; empty for no limit."),
        validators=[Optional()],
    )
    last_week = DateField(
        _l("Last week"),
        description=_l("Any day of the last week in which you are available; empty for no limit."),
        validators=[Optional()],
    )
    regions = SelectMultipleField(
        _l("Regional groups you would work with"), description=_l("Tick none for all.")
    )
    sub_networks = SelectMultipleField(
        _l("Sub-networks you would work with"), description=_l("Tick none for all.")
    )
    note = TextAreaField(
        _l("What you can share"),
        description=_l("In your own words, for the mechanism that will work with you."),
        validators=[Length(max=2000, message=_l("Please keep to %(max)d characters."))],
    )
    note_language = SelectField(_l("Language of this text"), default="en")
    version = HiddenField()

    def __init__(self, state: State, *args: Any, must_hold: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must_hold = must_hold
        self.themes.choices = [(theme.code, theme.name) for theme in catalogue.themes()]
        self.languages.choices = [(row.code, language_name(row.code)) for row in state.languages]
        self.regions.choices = [(one.code, one.name) for one in catalogue.regional_groups()]
        self.sub_networks.choices = [(one.code, one.name) for one in catalogue.sub_networks()]
        codes = [*INTERFACE_LANGUAGES, *(row.code for row in state.languages)]
        if self.note_language.data in all_codes():
            codes.append(self.note_language.data)
        self.note_language.choices = [(code, language_name(code)) for code in dict.fromkeys(codes)]

    def validate_themes(self, field: Field) -> None:
        if self.must_hold and not field.data:
            raise ValidationError(_l("Choose at least one theme on which you can share."))

    def validate_last_week(self, field: Field) -> None:
        if not self.must_hold or not field.data:
            return
        if has_passed(field.data):
            raise ValidationError(
                _l("This week has passed. Choose a later one, or leave it empty.")
            )
        if self.first_week.data and monday_of(field.data) < monday_of(self.first_week.data):
            raise ValidationError(_l("The last week lies before the first."))

    def conditions(self) -> Conditions:
        return Conditions(
            themes=tuple(self.themes.data or ()),
            capacity=self.capacity.data,
            languages=tuple(self.languages.data or ()),
            first_week=self.first_week.data,
            last_week=self.last_week.data,
            regions=tuple(self.regions.data or ()),
            sub_networks=tuple(self.sub_networks.data or ()),
            note=self.note.data or "",
            note_language=self.note_language.data,
        )

    def headings(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Headings with (code, title) of their themes."""
        return iter(catalogue.theme_choices().items())


class OfferForm(ConditionsForm):
    """An offer as its State writes it, with a level beside each theme."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(level), words) for level, words in catalogue.LEVELS.items()]
        for theme in catalogue.themes():
            self.level(theme.code).choices = [("", catalogue.NOT_STATED), *choices]

    def level(self, code: str) -> Any:
        return self[f"level_{code}"]

    def levels(self) -> dict[str, int | None]:
        return {code: int(level) if level else None for code, level in self._typed().items()}

    def _typed(self) -> dict[str, str | None]:
        return {theme.code: self.level(theme.code).data for theme in catalogue.themes()}

    def validate_themes(self, field: Field) -> None:
        super().validate_themes(field)
        # A level may still turn out to be no number: its own field says so.
        for code, level in self._typed().items():
            if level and code not in (field.data or ()):
                raise ValidationError(
                    _(
                        "You chose a level for “%(theme)s”: tick the theme as well, or set the "
                        "level back to “Not stated”.",
                        theme=catalogue.theme_title(code),
                    )
                )


for _theme in catalogue.themes():
    setattr(OfferForm, f"level_{_theme.code}", SelectField(default=""))


def values_of(conditions: Conditions) -> dict[str, Any]:
    """What a form shows of conditions."""
    return {
        "themes": list(conditions.themes),
        "capacity": conditions.capacity,
        "languages": list(conditions.languages),
        "first_week": conditions.first_week,
        "last_week": conditions.last_week,
        "regions": list(conditions.regions),
        "sub_networks": list(conditions.sub_networks),
        "note": conditions.note,
        "note_language": conditions.note_language,
    }


def levels_of(offer: Offer) -> dict[str, str]:
    """The stored levels, as the State's own form shows them."""
    return {
        f"level_{row.theme}": "" if row.level is None else str(row.level) for row in offer.themes
    }
