"""What the rules of the instruments hand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

BoolVar = cp_model.IntVar


@dataclass(frozen=True)
class Part:
    """An option in use and its literal."""

    option: int
    literal: BoolVar


@dataclass(frozen=True)
class Engagement:
    """Something that takes a week: whether it happens, when, and who is in it.

    ``guests`` has the literal of each guest's part; ``hosts`` that of each party that gives.
    """

    literal: BoolVar
    week: cp_model.IntVar
    weeks: Sequence[int]
    guests: tuple[tuple[int, BoolVar], ...] = ()
    hosts: tuple[tuple[int, BoolVar], ...] = ()


@dataclass(frozen=True)
class Visit:
    """One visit of an offer."""

    offer: int
    literal: BoolVar
    week: cp_model.IntVar
    languages: dict[int, BoolVar]
    themes: dict[int, BoolVar]
    parts: dict[int, BoolVar] = field(default_factory=dict)


@dataclass(frozen=True)
class Mission:
    """The mission of a guest: team by option, the lead by option, languages."""

    guest: int
    literal: BoolVar
    week: cp_model.IntVar
    team: dict[int, BoolVar]
    leads: dict[int, BoolVar]
    languages: dict[int, BoolVar]


@dataclass(frozen=True)
class Run:
    """The run of a course: its variants by (mode, language)."""

    course: int
    literal: BoolVar
    week: cp_model.IntVar
    variants: dict[tuple[int, int], BoolVar]
    parts: dict[int, BoolVar]


def week_variable(model: cp_model.CpModel, weeks: Sequence[int], name: str = "") -> cp_model.IntVar:
    """A week among those given."""
    return model.new_int_var_from_domain(cp_model.Domain.from_values(list(weeks)), name)
