"""Time zones to choose from, named by city and country in the reader's language."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from flask_babel import get_locale

from app.i18n import collation_key


def zone_choices() -> list[tuple[str, str]]:
    """(zone, name) of every zone in which people live, in the reader's alphabetical order."""
    return list(_choices(str(get_locale() or "en")))


@lru_cache(maxsize=16)
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    locale = Locale.parse(language)
    named = [
        (zone, _name(zone, territory, locale))
        for zone, territory in get_global("zone_territories").items()
        if territory != "001" and zone in available_timezones()
    ]
    key = collation_key()
    return (("UTC", "UTC"), *sorted(named, key=lambda pair: key(pair[1])))


def _name(zone: str, territory: str, locale: Locale) -> str:
    city = get_timezone_location(zone, locale=locale, return_city=True).split("/")[-1]
    country = locale.territories.get(territory, territory)
    return city if city == country else f"{city} ({country})"
