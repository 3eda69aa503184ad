"""Bringing the States of the world into an installation; the roster stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.membership.catalogue import CONTEXTS, read_data
from app.membership.models import State


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    new: int
    updated: int
    unchanged: int


def load_states() -> Loaded:
    """Add the Member and observer States of the United Nations; refresh names and regions.

    What a State or the Network has entered (zone, sub-networks, context, languages, roster) is
    never overwritten, and no language is declared in a State's name.
    """
    known = {state.code: state for state in db.session.scalars(select(State)).unique()}
    new = updated = unchanged = 0
    for row in read_data("states.json"):
        state = known.get(row["iso3"])
        if state is None:
            db.session.add(_new_state(row))
            new += 1
        elif _refresh(state, row):
            updated += 1
        else:
            unchanged += 1
    return Loaded(new, updated, unchanged)


def suggested_languages(state: State) -> tuple[str, ...]:
    """Languages on public record for a State: a form offers them, nobody declares them for it."""
    return _languages_on_record().get(state.code, ())


@cache
def _languages_on_record() -> dict[str, tuple[str, ...]]:
    return {row["iso3"]: tuple(row["languages"]) for row in read_data("states.json")}


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    """What is kept up to date from the file."""
    return {
        "names": row["names"],
        "regional_group": row["regional_group"],
        "sub_region": row["subregion"],
    }


def _new_state(row: dict[str, Any]) -> State:
    # A State without a place of its own on record stands at the centre of its sub-region, for
    # distances alone: positions are never shown.
    latitude, longitude = row["lat"], row["lon"]
    if row["uses_fallback"]:
        latitude, longitude = row["fallback_lat"], row["fallback_lon"]
    return State(
        code=row["iso3"],
        zone=row["zone"],
        latitude=latitude,
        longitude=longitude,
        sub_networks=list(row["sub_networks"]),
        context=list(_contexts(row)),
        mechanism_names={},
        **_facts(row),
    )


def _refresh(state: State, row: dict[str, Any]) -> bool:
    changed = False
    for name, value in _facts(row).items():
        if getattr(state, name) != value:
            setattr(state, name, value)
            changed = True
    return changed


def _contexts(row: dict[str, Any]) -> Iterator[str]:
    return (code for code in CONTEXTS if row.get(code))
