"""The first call as a calendar entry that any calendar program takes."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

from babel.dates import get_timezone_name
from flask_babel import format_date, format_time, gettext
from icalendar import Calendar, Event, vText

from app.engagements.first_call import LENGTH
from app.engagements.models import Engagement
from app.i18n import base_url, link, reader_locale
from app.plans.words import themes_listed


def calendar_of(engagement: Engagement) -> bytes:
    """An iCalendar file (RFC 5545) in the reader's language.

    The identifier never changes and the sequence grows, so that a call that moves replaces the
    one in the calendar. It is a suggestion, so nobody is marked as invited or as busy.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Tandem//First call//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    call = engagement.first_call
    page = link("engagements.show", engagement_id=engagement.public_id)
    event = Event()
    event.add("uid", f"{engagement.public_id}@{urlsplit(base_url()).hostname}")
    event.add("sequence", engagement.sequence)
    event.add("dtstamp", engagement.agreed_at)
    event.add("dtstart", call.begins)
    event.add("dtend", call.begins + LENGTH)
    event.add("summary", vText(_one_line(_title(engagement))))
    event.add("description", vText(_description(engagement, page)))
    event.add("url", page)
    event.add("status", "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def call_words(moment: dt.datetime) -> str:
    """Day, hour and zone of a call, as read where it takes place."""
    return str(
        gettext(
            "%(day)s, %(time)s (%(zone)s)",
            day=format_date(moment, "full", rebase=False),
            time=format_time(moment, "short", rebase=False),
            zone=get_timezone_name(moment, locale=reader_locale()),
        )
    )


def _title(engagement: Engagement) -> str:
    return str(
        gettext(
            "First call: %(mentor)s and %(mentee)s (suggestion)",
            mentor=engagement.mentor.name,
            mentee=engagement.mentee.name,
        )
    )


def _description(engagement: Engagement, page: str) -> str:
    lines = [
        gettext("Themes: %(themes)s", themes=themes_listed(engagement.themes)),
        gettext("This time is a suggestion; agree on another one as you like."),
        page,
    ]
    return "\n".join(_one_line(str(line)) for line in lines)


def _one_line(text: str) -> str:
    """Names come from people: a line break in one must not begin a line of the file."""
    return " ".join(text.split())
