"""What coordinators type about proposals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, ValidationError
from wtforms.validators import InputRequired

from app.database import now
from app.plans.proposing import DAYS_TO_ANSWER, MOST_DAYS_TO_ANSWER


def default_answer_by() -> dt.date:
    return now().date() + dt.timedelta(days=DAYS_TO_ANSWER)


class ProposeForm(FlaskForm):
    """The date by which the States are asked to answer; the items are checkboxes of the page."""

    answer_by = DateField(
        _l("Answer by"),
        default=default_answer_by,
        validators=[InputRequired(_l("Say by which day you ask for the answers."))],
        description=_l(
            "One reminder goes out four days before. Silence is never counted as a refusal."
        ),
    )

    def validate_answer_by(self, field: Any) -> None:
        if field.data is None:
            # What was typed is no date; that is said already.
            return
        today = now().date()
        if field.data <= today:
            raise ValidationError(_l("Choose a day after today."))
        if field.data > today + dt.timedelta(days=MOST_DAYS_TO_ANSWER):
            raise ValidationError(_l("Choose a day within the next four months."))
