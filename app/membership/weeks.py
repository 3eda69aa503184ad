"""Weeks are ISO weeks, stored by their Monday."""

from __future__ import annotations

import datetime as dt

from app.database import now


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the ISO week in which a day falls."""
    return day - dt.timedelta(days=day.weekday())


def this_week() -> dt.date:
    return monday_of(now().date())


def has_passed(week: dt.date | None) -> bool:
    """Whether a week lies wholly in the past."""
    return week is not None and monday_of(week) < this_week()
