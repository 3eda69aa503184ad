"""Grouping: who is to be grouped, into what, under which rules, and what makes groups good.

Statement
---------
Every participant stands in exactly one group. A group has at least ``least`` and at most ``most``
members. An attribute of a participant is a set of words. Hard rules:

* fixed: a group with a fixed word holds only participants who have that word.
* same: the members of a group have at least one word of the attribute in common, all of them.
* spread: the members' numbers lie within a stretch of length ``most``, on a line, or, with
  ``around``, on a circle of that circumference (hours of a day: 24).
* together, apart: two participants are in one group, or are not.

An empty group keeps every rule but its size.

Objectives, in this order:

* balance, if asked for: people out of balance, the fewer the better. Of *N* participants with a
  word of a balanced attribute, each of *G* groups should have floor(N / G) or ceil(N / G). What a
  group has above or lacks below counts, summed over words and groups: 0 means that the groups'
  numbers differ by one at most.
* total, if there are values or ``alike``: the sum over all pairs in one group of their value, plus
  for each attribute of ``alike`` its weight times the number of words that both have. Maximised or
  minimised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, Strict

from matching.groups.codes import GroupObjective, GroupOutcome
from matching.outcome import Clash, Sense, Text, Whole
from matching.record import Count, Flag, Key, Milliseconds, Positive, Record

Number = Annotated[int, Strict(), Field(ge=-(10**12), le=10**12)]
Value = Annotated[int, Strict(), Field(ge=-(10**12), le=10**12)]
Words = tuple[Key, ...]


class Participant(Record):
    """``words``: by attribute. ``numbers``: by attribute, in the unit of its spread rule."""

    key: Key
    words: dict[Key, Words] = Field(default_factory=dict)
    numbers: dict[Key, Number] = Field(default_factory=dict)


class Group(Record):
    """``fixed``: the word that all members must have, by attribute."""

    key: Key
    least: Count
    most: Positive
    fixed: dict[Key, Key] = Field(default_factory=dict)


class Spread(Record):
    """Numbers, ``most`` and ``around`` are in ``1 / precision`` of the caller's unit."""

    attribute: Key
    most: Annotated[int, Strict(), Field(ge=0, le=10**12)]
    around: Annotated[int, Strict(), Field(ge=1, le=10**12)] | None = None
    precision: Positive = 1


class Alike(Record):
    """Every word of the attribute that two members of a group both have counts ``weight``."""

    attribute: Key
    weight: Annotated[int, Strict(), Field(ge=-(10**6), le=10**6)] = 1


class PairValues(Record):
    """Columns of equal length: two places in the list of participants and a value.

    Values are in ``1 / precision`` of the caller's unit. A pair without a row has 0.
    """

    first: tuple[Count, ...] = ()
    second: tuple[Count, ...] = ()
    value: tuple[Value, ...] = ()
    precision: Positive = 1


class GroupProblem(Record):
    """What has to be decided."""

    format: Literal["tandem-group"] = "tandem-group"
    version: Literal[1] = 1
    participants: tuple[Participant, ...]
    groups: tuple[Group, ...]
    same: tuple[Key, ...] = ()
    spread: tuple[Spread, ...] = ()
    together: tuple[tuple[Key, Key], ...] = ()
    apart: tuple[tuple[Key, Key], ...] = ()
    balance: tuple[Key, ...] = ()
    alike: tuple[Alike, ...] = ()
    values: PairValues = PairValues()
    sense: Sense = Sense.MAX

    def objectives(self) -> tuple[GroupObjective, ...]:
        """What this Problem asks for, in order."""
        found = [GroupObjective.BALANCE] if self.balance else []
        if self.alike or self.values.first:
            found.append(GroupObjective.TOTAL)
        return tuple(found)


class Members(Record):
    """A group's members. ``shared``: the words that all have, for each attribute of ``same``."""

    group: Key
    members: tuple[Key, ...]
    shared: dict[Key, Words] = Field(default_factory=dict)


class GroupLine(Record):
    """An objective; ``bound`` is what no grouping can pass, given ``conditional_on``."""

    code: GroupObjective
    sense: Sense
    value: Whole
    bound: Whole
    gap: Whole
    proven: Flag
    conditional_on: tuple[GroupObjective, ...] = ()


class GroupPlan(Record):
    """Groups, what they reach and how much better others could be."""

    format: Literal["tandem-group-plan"] = "tandem-group-plan"
    version: Literal[1] = 1
    outcome: GroupOutcome = GroupOutcome.PROVEN
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0
    workers: Positive = 1
    time_limit_ms: Milliseconds | None = None
    effort: Positive = 1
    versions: dict[str, Text] = Field(default_factory=dict)
    groups: tuple[Members, ...]
    objectives: tuple[GroupLine, ...]


@dataclass(frozen=True)
class GroupResult:
    """What a solve gives back. Without a plan, ``clash`` holds rules that contradict each other.

    ``smallest`` says whether no rule of the clash can be left out, as far as was tried in time.
    """

    outcome: GroupOutcome
    plan: GroupPlan | None
    clash: tuple[Clash, ...] = ()
    smallest: bool = True
    seconds: dict[str, float] | None = None
