"""Time zones to choose from, by the names of their cities in the reader's language."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel.dates import get_timezone_location

from app.i18n import collation_key, reader_locale

CONTINENTS = (
    "Africa",
    "America",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


def zone_choices(current: str) -> list[tuple[str, str]]:
    """(zone, city) of every zone where people live, each once, and UTC; ``current`` is kept."""
    chosen = dict(_choices(_reader()))
    if current not in chosen:
        twin = _city(current, _reader())
        chosen = {zone: city for zone, city in chosen.items() if city != twin}
        chosen[current] = twin
    key = collation_key()
    return sorted(chosen.items(), key=lambda pair: (pair[0] != "UTC", key(pair[1])))


def zone_city(zone: str) -> str:
    """The city that stands for a zone, in the reader's language."""
    return _city(zone, _reader())


def _reader() -> str:
    return str(reader_locale().language)


def _city(zone: str, language: str) -> str:
    return zone if zone == "UTC" else get_timezone_location(zone, locale=language, return_city=True)


@cache
def _choices(language: str) -> tuple[tuple[str, str], ...]:
    by_city: dict[str, str] = {"UTC": "UTC"}
    for zone in _zones():
        by_city.setdefault(_city(zone, language), zone)
    return tuple((zone, city) for city, zone in by_city.items())


@cache
def _zones() -> tuple[str, ...]:
    """Zones of inhabited places; of names for the same one, the present name first."""
    zones = [zone for zone in available_timezones() if zone.split("/")[0] in CONTINENTS]

    def is_old(zone: str) -> bool:
        return zone.split("/")[-1].replace("_", " ") != _city(zone, "en").split("/")[-1]

    return tuple(sorted(zones, key=lambda zone: (is_old(zone), zone)))
