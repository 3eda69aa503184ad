"""The Problem of a round with several instruments, and its plan: the statement of both.

A State that asks is a *guest* of an item, a State that gives its *host*. What a plan may hold is
stated here once more as rules; ``check`` derives each of them again.

Options
-------
An **option** is one guest's possible part in one offer: a mentorship with a mentor, a place in a
host's study visit, an expert on the guest's mission, a place in a course (online or in person:
two options). What is not an option is not possible, and nothing says why.

Points
------
The **serving** table gives, for an option and a need of its guest, points from 0 to 100: how well
that need is served. Of a mission all needs of the request are served, with the points of its
*lead's* option. A visit serves those needs of a delegation whose themes are the visit's. A
mentorship or a course serves every need that its option lists. A need is served by the best of
what serves it, once:

* ``best(n)``: most points among the services of need *n* in the plan, 0 without one.
* satisfaction of a State: floor of the sum of ``weight x best`` over its first three needs,
  divided by the sum of their weights.
* fit of a plan: the sum over all needs of floor(``weight x best`` / sum of all weights of its
  State), and ``several_states`` for each mission whose team comes from two States or more.

Other objectives
----------------
An item is *told* as instrument, offer, host, week, language and delivery; a mission as its lead
and the set of the others instead of an offer; a mentorship without its offer (a party has one),
so that pairings tell it too. The previous plan is ``accepted_items``, ``proposed_items`` and the
mentorships among ``accepted`` and ``proposed``; without any of these, keep and changes are 0.

* keep: parties that hear something new: what is told to them as guests, and as hosts or parties
  of experts together with the guest, is not the same set as before.
* changes: guests' parts in items, as told, that stand in one of the two plans only.
* observers: Observers with a mission. cover: guests with a place. cost: of all places together.
* spread: squared engagements as host (rule 7), over all parties. avoid: items in weeks to avoid.

What is switched off is stated with its value as bound. The observers' note is ``no_missions``
when no option is an expert's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Literal, TypeAlias

import numpy as np
from pydantic import Field, Strict

from matching.model import (
    Column,
    Horizon,
    Instrument,
    Item,
    Load,
    Objective,
    OutcomeCode,
    Pairing,
    Policy,
    Previous,
)
from matching.record import Amount, Count, Flag, Key, Milliseconds, Positive, Record, Week

Place = Annotated[int, Strict(), Field(ge=0, le=10**7)]
"""A position in a list of the Problem, counted from 0."""

INSTRUMENTS = (
    Instrument.MENTORSHIP, Instrument.STUDY_VISIT, Instrument.MISSION, Instrument.TRAINING,
)  # fmt: skip
"""The numbers 0 to 3 in the ``instrument`` column."""

MENTORSHIP, VISIT, MISSION, COURSE = range(4)
"""The same by name."""

TEAM_SIZES = (2, 4)
"""A mission's team has two to four experts."""


class Mode(IntEnum):
    """How the guest takes part: only courses have a choice."""

    ANY = 0
    ONLINE = 1
    IN_PERSON = 2


class PartyRow(Record):
    """A party, its limits of engagements, and its clock in minutes east of Greenwich."""

    key: Key
    observer: Flag = False
    offset: Annotated[int, Strict(), Field(ge=-1440, le=1440)] | None = None
    guest: Load = Load()
    host: Load = Load()


class NeedRow(Record):
    """A need: its guest and theme as positions, the weight of its rank.

    The needs of a guest stand together, in its own order. ``mission`` marks the needs that its
    mission request is about.
    """

    guest: Place
    theme: Place
    weight: Positive
    mission: Flag = False


class MentorRow(Record):
    """A mentor; a party has one such row at most."""

    key: Key
    party: Place
    capacity: Count


class VisitRow(Record):
    """A host of study visits. ``weeks`` are those in which it can receive."""

    key: Key
    party: Place
    visits: Count
    delegations_min: Positive
    delegations_max: Positive
    persons_min: Positive
    persons_max: Positive
    themes_max: Positive
    themes: tuple[Place, ...]
    languages: tuple[Place, ...]
    weeks: tuple[Week, ...]


class ExpertRow(Record):
    key: Key
    party: Place
    person_days: Count
    missions: Count
    weeks: tuple[Week, ...]


class CourseRow(Record):
    """A course: one run at most. ``modes`` says whether it can be online (1), in person (2)."""

    key: Key
    party: Place
    track: Key
    modes: tuple[Annotated[int, Strict(), Field(ge=1, le=2)], ...]
    seats_min: Positive
    seats_max: Positive
    languages: tuple[Place, ...]
    weeks: tuple[Week, ...]
    themes: tuple[Place, ...]


Giver: TypeAlias = MentorRow | VisitRow | ExpertRow | CourseRow


class SourceRow(Record):
    key: Key
    amount: Amount


class Tongue(Record):
    """A language in which an option's guest can take part, with what interpretation costs."""

    language: Place
    cost: Amount = 0
    interpreted: Flag = False


@dataclass(frozen=True, eq=False)
class OptionTable:
    """Options as columns of equal length, sorted by instrument, giver, guest, mode.

    Parameters
    ----------
    instrument
        0 mentorship, 1 study visit, 2 mission, 3 training.
    giver
        Position in ``mentors``, ``visits``, ``experts`` or ``courses``.
    guest
        Position in ``parties``.
    mode
        :class:`Mode`.
    persons
        Size of the delegation; 1 where nobody travels.
    cost
        Minor units without interpretation. Of an expert: its journey to the guest.
    calendar
        Position in ``calendars``: weeks that suit both, -1 for mentorships.
    tongue
        Position in ``tongues``; -1 where language is no choice (mentorships), and for experts
        who can't lead.
    purse
        Position in ``purses``: which sources may pay; -1 for none.
    themes
        Bit *t* set: theme *t* of the Problem is served. Of an expert: is covered.
    language, network, contexts, marks
        What speaks for it, as in :class:`~matching.model.PairTable`.
    """

    instrument: Column
    giver: Column
    guest: Column
    mode: Column
    persons: Column
    cost: Column
    calendar: Column
    tongue: Column
    purse: Column
    themes: Column
    language: Column
    network: Column
    contexts: Column
    marks: Column

    def __len__(self) -> int:
        return len(self.guest)

    def columns(self) -> dict[str, Column]:
        """Every column by name, in the order of the class."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, eq=False)
class ServingTable:
    """Points of an option for a need, sorted by option, then need: columns of equal length."""

    option: Column
    need: Column
    points: Column

    def __len__(self) -> int:
        return len(self.option)

    def columns(self) -> dict[str, Column]:
        """Every column by name, in the order of the class."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, eq=False)
class JointProblem:
    """What is possible in a round with several instruments, and how well it fits.

    Rules of a plan
    ---------------
    1. Every place is an option; an item's host, language, week and mode are those that the
       options of all its places allow, and each guest stands in an item once.
    2. *mentorship*: a mentor has at most ``capacity`` mentees; a guest has at most one mentor.
    3. *study visit*: at most ``visits`` of an offer, one a week for each host party;
       delegations and persons between minimum and maximum; at most ``themes_max`` themes, all
       of the offer's; each delegation has at least one need served by them; a guest visits an
       offer once.
    4. *mission*: one for each guest at most; a team of two to four experts, each an option of
       the guest; together they cover all themes of the request; the first leads, so its option
       has the language; each expert is free in the week, in one mission a week, in at most
       ``missions``, with at most ``person_days`` (``durations.mission`` each).
    5. *training*: one run of a course, in one mode; seats (persons) between minimum and
       maximum; online, the clocks of participants and of the course's party, where known, lie
       on one arc of ``zone_spread_hours`` of the circle of 24. A guest is in a run once.
    6. Two parties of ``apart`` for an instrument do not share an item of it, as guests, or as
       experts on one team; for trainings this holds in person.
    7. A guest is in one item a week; an expert's party may host several. Engagements of a party
       stay within its ``guest`` and ``host`` limits: in total, and at once (all mentorships and
       the items of any one week). As host a party has one engagement for each mentee, visit,
       course run and mission with an expert of its own.
    8. A place costs what its options cost (a team's add up) and, interpreted, what its tongue
       costs; mentorships and places online cost nothing. When there are sources, each place is
       paid in full by sources of its option's purse (a mission's: the lead's), and no source
       pays more than its amount.
    9. Weeks lie inside the horizon and are not closed.
    10. Pins are in the plan, exclusions and what was declined are not, accepted items stand
        with their places, team, week, language and mode as they were accepted. A pairing is in
        the plan when the guest is in an item of the instrument with the host, or with an expert
        of the host's. Of an accepted item the places named stay, and a visit's themes; others
        may join.
    """

    parties: tuple[PartyRow, ...]
    needs: tuple[NeedRow, ...]
    mentors: tuple[MentorRow, ...]
    visits: tuple[VisitRow, ...]
    experts: tuple[ExpertRow, ...]
    courses: tuple[CourseRow, ...]
    options: OptionTable
    serving: ServingTable
    calendars: tuple[tuple[int, ...], ...] = ()
    tongues: tuple[tuple[Tongue, ...], ...] = ()
    purses: tuple[tuple[int, ...], ...] = ()
    sources: tuple[SourceRow, ...] = ()
    apart: tuple[tuple[Instrument, int, int], ...] = ()
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    pins: tuple[Pairing, ...] = ()
    currency: str = "USD"
    policy: Policy = field(default_factory=Policy)
    previous: Previous = field(default_factory=Previous)
    horizon: Horizon = field(default_factory=Horizon)

    def party_of(self, instrument: int, giver: int) -> int:
        """Position of the party behind a giver."""
        return self.givers(instrument)[giver].party

    def givers(self, instrument: int) -> tuple[Giver, ...]:
        """The offers, or experts, of an instrument by its number."""
        rows: tuple[tuple[Giver, ...], ...] = (
            self.mentors, self.visits, self.experts, self.courses,
        )  # fmt: skip
        return rows[instrument]


Cell = Annotated[int, Strict(), Field(ge=-1, le=2**62)]


class OptionColumns(Record):
    """The option table in JSON; see :class:`OptionTable`."""

    instrument: tuple[Cell, ...]
    giver: tuple[Cell, ...]
    guest: tuple[Cell, ...]
    mode: tuple[Cell, ...]
    persons: tuple[Cell, ...]
    cost: tuple[Cell, ...]
    calendar: tuple[Cell, ...]
    tongue: tuple[Cell, ...]
    purse: tuple[Cell, ...]
    themes: tuple[Cell, ...]
    language: tuple[Cell, ...]
    network: tuple[Cell, ...]
    contexts: tuple[Cell, ...]
    marks: tuple[Cell, ...]


class ServingColumns(Record):
    """The serving table in JSON; see :class:`ServingTable`."""

    option: tuple[Cell, ...]
    need: tuple[Cell, ...]
    points: tuple[Cell, ...]


class JointProblemDocument(Record):
    """The JSON form of a :class:`JointProblem`."""

    format: Literal["tandem-joint-problem"] = "tandem-joint-problem"
    version: Literal[1] = 1
    horizon: Horizon = Horizon()
    themes: tuple[Key, ...] = Field(default=(), max_length=62)
    languages: tuple[Key, ...] = ()
    networks: tuple[Key, ...] = ()
    contexts: tuple[Key, ...] = Field(default=(), max_length=62)
    currency: Annotated[str, Strict()] = "USD"
    parties: tuple[PartyRow, ...]
    needs: tuple[NeedRow, ...]
    mentors: tuple[MentorRow, ...] = ()
    visits: tuple[VisitRow, ...] = ()
    experts: tuple[ExpertRow, ...] = ()
    courses: tuple[CourseRow, ...] = ()
    options: OptionColumns
    serving: ServingColumns
    calendars: tuple[tuple[Week, ...], ...] = ()
    tongues: tuple[tuple[Tongue, ...], ...] = ()
    purses: tuple[tuple[Place, ...], ...] = ()
    sources: tuple[SourceRow, ...] = ()
    apart: tuple[tuple[Instrument, Place, Place], ...] = ()
    pins: tuple[Pairing, ...] = ()
    policy: Policy = Policy()
    previous: Previous = Previous()


class JointPlan(Record):
    """The items of a plan and what they reach, objective by objective."""

    format: Literal["tandem-joint-plan"] = "tandem-joint-plan"
    version: Literal[1] = 1
    outcome: OutcomeCode = OutcomeCode.PROVEN
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0
    workers: Positive = 1
    time_limit_ms: Milliseconds | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    items: tuple[Item, ...]
    objectives: tuple[Objective, ...]


def empty_columns(table: type[OptionTable] | type[ServingTable]) -> dict[str, Column]:
    """No row at all."""
    return {name: np.zeros(0, np.int64) for name in table.__dataclass_fields__}
