"""The form that moves a first call."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, HiddenField, TimeField
from wtforms.validators import InputRequired, ValidationError

from app.database import now

# A call farther away than this is no first call.
FARTHEST = dt.timedelta(days=366)


class CallForm(FlaskForm):
    """Day and hour, on the clocks of the reader's State."""

    day = DateField(_l("Day"), validators=[InputRequired(_l("Choose a day."))])
    hour = TimeField(
        _l("Time"),
        description=_l("On the clocks of your State. The call takes an hour."),
        validators=[InputRequired(_l("Choose a time, such as 10:30."))],
    )
    # The number of the suggestion that was seen.
    seen = HiddenField()

    def __init__(self, *args: Any, zone: dt.tzinfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zone = zone

    @property
    def local(self) -> dt.datetime:
        return dt.datetime.combine(self.day.data, self.hour.data)

    def validate_day(self, field: Field) -> None:
        if not field.data or not self.hour.data:
            return
        ahead = self.local.replace(tzinfo=self._zone) - now()
        if ahead <= dt.timedelta():
            raise ValidationError(_l("This moment has passed. Choose one that lies ahead."))
        if ahead > FARTHEST:
            raise ValidationError(_l("Choose a day within the next twelve months."))
