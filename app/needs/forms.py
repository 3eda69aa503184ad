"""Forms for needs: one for the State, with levels; one for coordinators, without."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.i18n import INTERFACE_LANGUAGES, language_name
from app.membership import catalogue
from app.membership.languages import all_codes
from app.membership.models import State
from app.membership.weeks import has_passed
from app.needs.conditions import Conditions, Levels
from app.needs.models import Need


class ConditionsForm(FlaskForm):
    """What coordinators may know of a need."""

    languages = SelectMultipleField(
        _l("Languages for this need"),
        description=_l("Tick none if any of your State's languages will do."),
    )
    latest_week = DateField(
        _l("Latest week"),
        description=_l(
            "Any day of the last week in which help would still be of use. Leave it empty if there "
            "is none."
        ),
        validators=[Optional()],
    )
    success = TextAreaField(
        _l("What would success look like?"),
        description=_l("In your own words, for the mechanism that will work with you."),
        validators=[Length(max=2000, message=_l("Please keep to %(max)d characters."))],
    )
    success_language = SelectField(_l("Language of this text"), default="en")
    version = HiddenField()

    def __init__(self, state: State, *args: Any, must_hold: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must_hold = must_hold
        self.languages.choices = [(row.code, language_name(row.code)) for row in state.languages]
        self.success_language.choices = text_languages(state, self.success_language.data)

    def validate_latest_week(self, field: Field) -> None:
        if self.must_hold and has_passed(field.data):
            raise ValidationError(
                _l("This week has passed. Choose a later one, or leave it empty.")
            )

    def conditions(self) -> Conditions:
        return Conditions(
            languages=tuple(self.languages.data or ()),
            latest_week=self.latest_week.data,
            success=self.success.data or "",
            success_language=self.success_language.data,
        )


THEME_FIELD = SelectField(
    _l("Theme"),
    validators=[InputRequired(_l("Choose the theme on which you would like to learn."))],
)


class NeedForm(ConditionsForm):
    """A need as its State writes it. ``must_hold=False`` lets a draft be incomplete."""

    theme = THEME_FIELD
    level_now = SelectField(_l("Where you stand now"), default="")
    level_sought = SelectField(_l("Where you would like to be"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theme.choices = theme_choices()
        self.level_now.choices = self.level_sought.choices = level_choices()

    def levels(self) -> Levels:
        return Levels(level_of(self.level_now.data), level_of(self.level_sought.data))

    @staticmethod
    def values_of(need: Need) -> dict[str, Any]:
        return {
            **values_of(Conditions.of(need), need),
            "version": str(need.version),
            "level_now": typed_level(need.level_now),
            "level_sought": typed_level(need.level_sought),
        }


class ProposedNeedForm(ConditionsForm):
    """A need as a coordinator enters it for a State."""

    theme = THEME_FIELD

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theme.choices = theme_choices()


def values_of(conditions: Conditions, need: Need) -> dict[str, Any]:
    """What a form shows of a stored need."""
    return {
        "theme": conditions.new_theme or need.theme,
        "languages": list(conditions.languages),
        "latest_week": conditions.latest_week,
        "success": conditions.success,
        "success_language": conditions.success_language,
    }


def theme_choices() -> dict[str, list[tuple[str, str]]]:
    return {"": [("", _l("Choose a theme"))], **catalogue.theme_choices()}


def level_choices() -> list[tuple[str, Any]]:
    levels = [(str(level), words) for level, words in catalogue.LEVELS.items()]
    return [("", catalogue.NOT_STATED), *levels]


def level_of(typed: str | None) -> int | None:
    return int(typed) if typed else None


def typed_level(level: int | None) -> str:
    return "" if level is None else str(level)


def text_languages(state: State, current: str | None) -> list[tuple[str, str]]:
    """Languages in which a State may write a text: those of the site, and its own."""
    codes = [*INTERFACE_LANGUAGES, *(row.code for row in state.languages)]
    if current in all_codes():
        codes.append(str(current))
    return [(code, language_name(code)) for code in dict.fromkeys(codes)]
