"""Forms of rounds."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from app.database import now
from app.membership.weeks import monday_of
from app.rounds.models import Round

# Far enough for any plan; a slip in the year is caught.
FARTHEST = dt.timedelta(days=5 * 365)


class RoundForm(FlaskForm):
    """What is decided about a round before States are asked."""

    title = StringField(
        _l("Title"),
        description=_l("States see it, for example “Mentorships 2027”."),
        validators=[DataRequired(_l("Give the round a title.")), Length(max=120)],
    )
    answers_due = DateField(
        _l("Answers due"),
        description=_l("The day by which States are asked to answer. It is named in every mail."),
        validators=[InputRequired(_l("Say by which day States are asked to answer."))],
    )
    first_week = DateField(
        _l("First week"),
        description=_l("Any day of it: the round begins on the Monday of that week."),
        validators=[InputRequired(_l("Say in which week mentorships can begin."))],
    )
    weeks = IntegerField(
        _l("Number of weeks"),
        description=_l("How long the plan reaches, from 4 to 104 weeks. A year has 52."),
        default=52,
        validators=[
            InputRequired(_l("Say how many weeks the plan reaches.")),
            NumberRange(4, 104, _l("Give a number from 4 to 104.")),
        ],
    )
    version = HiddenField()

    def __init__(self, *args: Any, round: Round | None = None, **kwargs: Any) -> None:
        super().__init__(*args, obj=round, **kwargs)
        self._round = round

    def validate_answers_due(self, field: Field) -> None:
        # A day that was set before may lie in the past by now; a new one may not.
        kept = self._round is not None and field.data == self._round.answers_due
        if field.data and not kept and field.data < now().date() - dt.timedelta(days=1):
            raise ValidationError(_l("This day has passed."))

    def validate_first_week(self, field: Field) -> None:
        if field.data and field.data > now().date() + FARTHEST:
            raise ValidationError(_l("Choose a week within the next five years."))
        due = self.answers_due.data
        if field.data and due and monday_of(field.data) <= due:
            raise ValidationError(
                _l("The first week must begin after the answers are due: the plan comes between.")
            )
