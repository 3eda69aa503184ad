"""Invented names for the demonstration: States, mechanisms and people that do not exist.

The 193 invented States stand on real geography (region, zone, languages, flags, and a place
moved by up to 150 km), in alphabetical order of names that were given out at random. Nothing here
names a real State.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

LANGUAGES = ("en", "fr", "es", "pt", "ar", "ru", "zh")


@dataclass(frozen=True, slots=True)
class InventedState:
    """A State of the demonstration, numbered from 1 to 193."""

    index: int
    names: Mapping[str, str] = field(hash=False)
    regional_group: str
    region: str
    subregion: str
    languages: tuple[str, ...]
    prefill_languages: tuple[str, ...]
    zone: str
    lat: float
    lon: float
    sids: bool
    ldc: bool
    lldc: bool
    sub_networks: tuple[str, ...]

    @property
    def code(self) -> str:
        """The number with three digits, which sorts as text: 007."""
        return f"{self.index:03d}"

    def name(self, lang: str) -> str:
        return self.names[lang]


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """A person of the demonstration; the name is written in Latin script in every language."""

    given: str
    family: str

    @property
    def full_name(self) -> str:
        return f"{self.given} {self.family}"


@cache
def load_invented_states() -> tuple[InventedState, ...]:
    """All 193 invented States in the order of their index."""
    return tuple(
        InventedState(
            index=row["index"],
            names=MappingProxyType(row["names"]),
            regional_group=row["regional_group"],
            region=row["region"],
            subregion=row["subregion"],
            languages=tuple(row["languages"]),
            prefill_languages=tuple(row["prefill_languages"]),
            zone=row["zone"],
            lat=row["lat"],
            lon=row["lon"],
            sids=row["sids"],
            ldc=row["ldc"],
            lldc=row["lldc"],
            sub_networks=tuple(row["sub_networks"]),
        )
        for row in _read("invented_states.json")
    )


@cache
def load_people() -> tuple[InventedPerson, ...]:
    """About 400 people, all different, in an order without meaning."""
    return tuple(
        InventedPerson(given=row["given"], family=row["family"])
        for row in _read("invented_people.json")
    )


def mechanism_title(index: int, lang: str, state_name: str) -> str:
    """What the mechanism of the State with this index is called in one language.

    Neighbouring indexes get different kinds of title; one index gets the same kind in every
    language, so that its titles translate each other.
    """
    patterns = _mechanism_titles()
    return patterns[(index - 1) % len(patterns)][lang].replace("{state}", state_name)


@cache
def _mechanism_titles() -> tuple[Mapping[str, str], ...]:
    return tuple(MappingProxyType(row["titles"]) for row in _read("mechanism_titles.json"))


def _read(name: str) -> list[dict[str, Any]]:
    path = resources.files("app.demo") / "data" / name
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows
