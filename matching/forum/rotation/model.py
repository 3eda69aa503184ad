"""Rotation of forums: years and regions to serve, what hosts offer, and a plan of it.

Units
-----
Weeks are ISO weeks of an ISO year, 1 to 53. Costs are in minor units of one currency, at most
10**12 each. A forum's cost is the host's cost of holding it and the expected participants' cost
of travelling there.

Turns
-----
Forums stand in the order of year and week, those of the history first. *n(x)* is the number of
forums that region or host *x* has had before a forum. A region has a forum only when *n* of no
other region is smaller, those that pass excepted: no region has a second one before all have had
one. A host has a forum only when *n* of no other host of its region that offers that year is
smaller. A host *offers a year* when an offer for it has enough seats and a week that no confirmed
session takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, Strict

from matching.codes import OutcomeCode
from matching.forum.rotation.codes import RotationObjective
from matching.outcome import Clash, Text, Whole
from matching.record import Count, Flag, Key, Milliseconds, Positive, Record

YearNumber = Annotated[int, Strict(), Field(ge=1900, le=2200)]
IsoWeek = Annotated[int, Strict(), Field(ge=1, le=53)]
Money = Annotated[int, Strict(), Field(ge=0, le=10**12)]
Few = Annotated[int, Strict(), Field(ge=0, le=20)]


class ForumYear(Record):
    """A year and how many forums it has, at least and at most."""

    year: YearNumber
    least: Few = 1
    most: Few = 1


class Region(Record):
    """``passes``: it may have forums, and nobody waits for it."""

    key: Key
    passes: Flag = False


class HostOffer(Record):
    """Years and weeks in which a host would hold a forum.

    No ``years``: any. No ``seats``: enough.
    """

    host: Key
    region: Key
    years: tuple[YearNumber, ...] = ()
    weeks: tuple[IsoWeek, ...]
    cost: Money = 0
    seats: Count | None = None


class Travel(Record):
    """What the expected participants' travel to a host costs."""

    host: Key
    cost: Money


class SessionWeek(Record):
    """A week with a session. ``hard``: confirmed; otherwise a pattern, to avoid. No year: all."""

    week: IsoWeek
    year: YearNumber | None = None
    hard: Flag = False


class PastForum(Record):
    """A forum that was; its host may be one that offers nothing now."""

    year: YearNumber
    region: Key
    host: Key


class PinnedForum(Record):
    """A forum that was accepted. No week: any."""

    year: YearNumber
    host: Key
    week: IsoWeek | None = None


class EarlierForum(Record):
    """A forum of an earlier plan, kept if possible."""

    year: YearNumber
    host: Key
    week: IsoWeek


class RotationProblem(Record):
    """A rotation to be planned; ``seats``: what a forum needs."""

    format: Literal["tandem-rotation"] = "tandem-rotation"
    version: Literal[1] = 1
    years: tuple[ForumYear, ...]
    regions: tuple[Region, ...]
    offers: tuple[HostOffer, ...]
    travel: tuple[Travel, ...] = ()
    sessions: tuple[SessionWeek, ...] = ()
    history: tuple[PastForum, ...] = ()
    seats: Count = 0
    pins: tuple[PinnedForum, ...] = ()
    previous: tuple[EarlierForum, ...] = ()


class Forum(Record):
    """A forum of the plan: year, week, host with its region, cost of hosting and travel."""

    year: YearNumber
    week: IsoWeek
    host: Key
    region: Key
    cost: Whole


class RotationLine(Record):
    """An objective: the smaller the better. ``bound`` is what no plan can fall below."""

    code: RotationObjective
    value: Whole
    bound: Whole
    gap: Whole
    proven: Flag
    conditional_on: tuple[RotationObjective, ...] = ()


class Price(Record):
    """An objective of a plan with the alternative, and by how much it is worse."""

    code: RotationObjective
    value: Whole
    more: Whole


class Alternative(Record):
    """Another host in place of one: the best plan with it and without those named before.

    ``proven`` tells whether it was proven that no other host is better, those before excepted.
    """

    year: YearNumber
    host: Key
    other: Key
    prices: tuple[Price, ...]
    forums: tuple[Forum, ...]
    proven: Flag


class RotationPlan(Record):
    """Forums in the order of time, what they reach, and alternatives with their price."""

    format: Literal["tandem-rotation-plan"] = "tandem-rotation-plan"
    version: Literal[1] = 1
    outcome: OutcomeCode = OutcomeCode.PROVEN
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0
    workers: Positive = 1
    time_limit_ms: Milliseconds | None = None
    versions: dict[str, Text] = Field(default_factory=dict)
    forums: tuple[Forum, ...]
    objectives: tuple[RotationLine, ...]
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class RotationResult:
    """What a solve gives back. Without a plan, ``clash`` holds rules that contradict each other.

    ``smallest`` says whether it was tried in time that no rule of the clash can be left out.
    """

    outcome: OutcomeCode
    plan: RotationPlan | None
    clash: tuple[Clash, ...] = ()
    smallest: bool = True
