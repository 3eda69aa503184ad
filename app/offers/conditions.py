"""What is said of an offer: conditions that coordinators may know, and levels that nobody sees."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from app.membership.weeks import monday_of
from app.offers.models import Offer, OfferTheme

LISTS = ("themes", "languages", "regions", "sub_networks")
WEEKS = ("first_week", "last_week")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a coordinator may know of an offer; in one canonical form."""

    themes: tuple[str, ...] = ()
    capacity: int = 1
    languages: tuple[str, ...] = ()
    first_week: dt.date | None = None
    last_week: dt.date | None = None
    regions: tuple[str, ...] = ()
    sub_networks: tuple[str, ...] = ()
    note: str = ""
    note_language: str = "en"

    def __post_init__(self) -> None:
        for name in LISTS:
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        for name in WEEKS:
            day = getattr(self, name)
            object.__setattr__(self, name, day and monday_of(day))
        object.__setattr__(self, "note", self.note.replace("\r\n", "\n").strip())

    @classmethod
    def of(cls, offer: Offer) -> Conditions:
        """As the offer stands."""
        return cls(
            themes=tuple(offer.theme_codes),
            capacity=offer.capacity or 1,
            languages=tuple(offer.languages or ()),
            first_week=offer.first_week,
            last_week=offer.last_week,
            regions=tuple(offer.regions or ()),
            sub_networks=tuple(offer.sub_networks or ()),
            note=offer.note or "",
            note_language=offer.note_language or "en",
        )

    @classmethod
    def proposed_for(cls, offer: Offer) -> Conditions | None:
        """As a coordinator would have it, while that waits for the State's word."""
        change = offer.proposed_change
        if change is None:
            return None
        values = {one.name: change[one.name] for one in fields(cls)}
        for name in LISTS:
            values[name] = tuple(values[name])
        for name in WEEKS:
            values[name] = dt.date.fromisoformat(values[name]) if values[name] else None
        return cls(**values)

    @classmethod
    def shown_to_coordinator(cls, offer: Offer) -> Conditions:
        """A waiting change before what stands, so that a draft which carries one stays unread."""
        return cls.proposed_for(offer) or cls.of(offer)

    def fingerprint(self) -> str:
        """Shows that somebody saved meanwhile; a row's version would betray edits of a draft."""
        text = json.dumps(self.as_change(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_change(self) -> dict[str, Any]:
        """The same as JSON."""
        values = asdict(self)
        for name in LISTS:
            values[name] = list(values[name])
        for name in WEEKS:
            values[name] = values[name].isoformat() if values[name] else None
        return values


def write_conditions(offer: Offer, conditions: Conditions) -> list[str]:
    """Set what differs; returns the names of what changed. Levels of themes that stay are kept."""
    before, changed = Conditions.of(offer), []
    for name, value in asdict(conditions).items():
        if getattr(before, name) == value:
            continue
        changed.append(name)
        if name == "themes":
            _write_themes(offer, conditions.themes)
        else:
            setattr(offer, name, list(value) if name in LISTS else value)
    return changed


def write_levels(offer: Offer, levels: Mapping[str, int | None]) -> list[str]:
    """Set the levels of the offer's themes; says that they changed, never what they are."""
    changed = False
    for row in offer.themes:
        level = levels.get(row.theme)
        if row.level != level:
            row.level = level
            changed = True
    return ["levels"] if changed else []


def _write_themes(offer: Offer, themes: tuple[str, ...]) -> None:
    for row in list(offer.themes):
        if row.theme not in themes:
            offer.themes.remove(row)
    present = set(offer.theme_codes)
    offer.themes.extend(OfferTheme(theme=code) for code in themes if code not in present)
