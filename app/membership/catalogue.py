"""The fixed lists everyone shares: themes, regional groups, sub-regions, sub-networks, levels.

Titles come in the reader's language from the files in ``data/``; a code nobody has named is
shown as it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from flask_babel import lazy_gettext as _l

from app.i18n import reader_locale

NOT_STATED = _l("Not stated")
# How a mechanism stands on a theme. Practice, not merit: no level is required of anybody.
LEVELS: dict[int, Any] = {
    0: _l("Not yet"),
    1: _l("Case by case"),
    2: _l("In part"),
    3: _l("As a regular practice"),
    4: _l("Firmly established"),
}
CONTEXTS: dict[str, Any] = {
    "sids": _l("Small island developing State"),
    "ldc": _l("Least developed country"),
    "lldc": _l("Landlocked developing country"),
    "federal": _l("Federal State"),
}
# Themes under headings, in the order of the file.
THEME_HEADINGS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_l("Foundations"), ("LEGAL", "TOR", "LEAD", "SECR", "BUDG")),
    (_l("People and working methods"), ("COMP", "FOCAL", "METH")),
    (_l("From recommendation to result"), ("CLUST", "PLAN", "TRACK", "STAT")),
    (_l("Reporting and engagement"), ("REPT", "SPEC", "REGM")),
    (_l("Working with others"), ("PARL", "JUDI", "NHRI", "CSOP", "LOCL", "SDGS", "UNPT")),
    (_l("Tools, openness and learning"), ("DIGI", "OPEN", "CAPA")),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name in every interface language."""

    code: str
    names: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.name_in(reader_locale().language)

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.names["en"]


def read_data(name: str) -> list[dict[str, Any]]:
    """The rows of one file of ``data/``."""
    text = resources.files("app.membership").joinpath("data", name).read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


@cache
def themes() -> tuple[Named, ...]:
    """The 25 themes, in the framework's order."""
    return tuple(Named(row["code"], row["titles"]) for row in read_data("themes.json"))


@cache
def theme_codes() -> frozenset[str]:
    return frozenset(theme.code for theme in themes())


def theme_title(code: str, language: str | None = None) -> str:
    """A theme's title in the reader's language, or in the one given."""
    return _name(_by_code("themes"), code, language)


def theme_choices() -> dict[str, list[tuple[str, str]]]:
    """Headings with (code, title) of their themes, for a grouped list."""
    return {
        str(heading): [(code, theme_title(code)) for code in codes]
        for heading, codes in THEME_HEADINGS
    }


@cache
def regional_groups() -> tuple[Named, ...]:
    return _regions("regional_group")


def group_name(code: str | None, language: str | None = None) -> str:
    """A regional group's name; the observer States of the United Nations are in none."""
    return _name(_by_code("groups"), code, language) if code else str(_l("No regional group"))


@cache
def sub_regions() -> tuple[Named, ...]:
    return _regions("subregion")


def sub_region_name(code: str, language: str | None = None) -> str:
    return _name(_by_code("sub_regions"), code, language)


@cache
def sub_networks() -> tuple[Named, ...]:
    """Organisations in which States already work together."""
    return tuple(Named(row["code"], row["names"]) for row in read_data("subnetworks.json"))


def sub_network_name(code: str, language: str | None = None) -> str:
    return _name(_by_code("sub_networks"), code, language)


def context_name(code: str) -> str:
    return str(CONTEXTS.get(code, code))


def level_name(level: int | None) -> str:
    return str(NOT_STATED if level is None else LEVELS[level])


def _regions(kind: str) -> tuple[Named, ...]:
    rows = (row for row in read_data("regions.json") if row["kind"] == kind)
    return tuple(Named(row["code"], row["names"]) for row in rows)


@cache
def _by_code(which: str) -> dict[str, Named]:
    lists = {
        "themes": themes,
        "groups": regional_groups,
        "sub_regions": sub_regions,
        "sub_networks": sub_networks,
    }
    return {found.code: found for found in lists[which]()}


def _name(known: Mapping[str, Named], code: str, language: str | None) -> str:
    found = known.get(code)
    if found is None:
        return code
    return found.name_in(language) if language else found.name
