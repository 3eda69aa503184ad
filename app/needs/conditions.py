"""What is said of a need: conditions that coordinators may know, and levels that nobody sees."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from app.membership.weeks import monday_of
from app.needs.models import Need


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a coordinator may know of a need besides its theme; in one canonical form."""

    languages: tuple[str, ...] = ()
    latest_week: dt.date | None = None
    success: str = ""
    success_language: str = "en"
    # Another theme than the need's own, where a coordinator suggests one.
    new_theme: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "languages", tuple(sorted(set(self.languages))))
        object.__setattr__(self, "success", self.success.replace("\r\n", "\n").strip())
        if self.latest_week:
            object.__setattr__(self, "latest_week", monday_of(self.latest_week))

    @classmethod
    def of(cls, need: Need) -> Conditions:
        """As the need stands."""
        return cls(
            tuple(need.languages or ()),
            need.latest_week,
            need.success or "",
            need.success_language or "en",
        )

    @classmethod
    def proposed_for(cls, need: Need) -> Conditions | None:
        """As a coordinator would have it, while that waits for the State's word."""
        change = need.proposed_change
        if change is None:
            return None
        week = change["latest_week"]
        return cls(
            tuple(change["languages"]),
            dt.date.fromisoformat(week) if week else None,
            change["success"],
            change["success_language"],
            change["new_theme"],
        )

    @classmethod
    def shown_to_coordinator(cls, need: Need) -> Conditions:
        """A waiting change before what stands, so that a draft which carries one stays unread."""
        return cls.proposed_for(need) or cls.of(need)

    def fingerprint(self) -> str:
        """Shows that somebody saved meanwhile; a row's version would betray edits of a draft."""
        text = json.dumps(self.as_change(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_change(self) -> dict[str, Any]:
        """The same as JSON."""
        week = self.latest_week.isoformat() if self.latest_week else None
        return {**asdict(self), "languages": list(self.languages), "latest_week": week}


@dataclass(frozen=True, slots=True)
class Levels:
    """Where the State says it stands and wants to go, 0 to 4 or not stated; sealed."""

    now: int | None
    sought: int | None


def write_conditions(need: Need, conditions: Conditions) -> list[str]:
    """Set what differs, but for the theme; returns the names of what changed."""
    before, fields = Conditions.of(need), []
    for name, value in asdict(conditions).items():
        if name != "new_theme" and getattr(before, name) != value:
            setattr(need, name, list(value) if name == "languages" else value)
            fields.append(name)
    return fields


def write_levels(need: Need, levels: Levels) -> list[str]:
    """Set levels; says that they changed, never what they are."""
    if (need.level_now, need.level_sought) == (levels.now, levels.sought):
        return []
    need.level_now, need.level_sought = levels.now, levels.sought
    return ["levels"]
