"""Bilateral meetings: what is wished, when and where it can be, and a schedule of it.

Units
-----
Weights are whole points, at most a million each. Tables and interpreters are numbers of them in
one slot. A meeting takes one slot, one table and, when its two participants both state languages
and have none in common, one interpreter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, Strict

from matching.codes import OutcomeCode
from matching.forum.meetings.codes import MeetingObjective
from matching.outcome import Clash, Sense, Text, Whole
from matching.record import Count, Flag, Key, Milliseconds, Positive, Record


class MeetingSlot(Record):
    """A stretch of time for one round of meetings. Slots stand in the order of their time.

    ``day``: idle gaps are counted within a day, so that a night is none. ``part``: of the day,
    in the caller's own words, for wishes that name one.
    """

    key: Key
    day: Key | None = None
    part: Key | None = None
    tables: Count
    interpreters: Count = 0


class Participant(Record):
    """``away``: slots in which no meeting is possible. No ``languages``: never an interpreter."""

    key: Key
    languages: tuple[Key, ...] = ()
    away: tuple[Key, ...] = ()


class Wish(Record):
    """A meeting that both sides accepted; ``part``: only in slots of this part of the day."""

    key: Key
    a: Key
    b: Key
    weight: Positive = 1
    part: Key | None = None


class Kept(Record):
    """A wish and its slot."""

    wish: Key
    slot: Key


class MeetingsProblem(Record):
    """Meetings to be placed.

    ``place_all``: every wish is a meeting that has to be placed, also a second one of the same
    two; otherwise as much weight as possible is placed, and the same two meet once at most.
    ``fairness``: the numbers of idle gaps of any two participants are at most so far apart.
    ``previous``: where wishes were in an earlier schedule.
    """

    format: Literal["tandem-meetings"] = "tandem-meetings"
    version: Literal[1] = 1
    slots: tuple[MeetingSlot, ...]
    participants: tuple[Participant, ...]
    wishes: tuple[Wish, ...]
    pins: tuple[Kept, ...] = ()
    place_all: Flag = False
    fairness: Count | None = None
    previous: tuple[Kept, ...] = ()


class MeetingItem(Record):
    """A meeting: the wish, its two participants, slot and table (from 1)."""

    wish: Key
    a: Key
    b: Key
    slot: Key
    table: Positive
    interpreter: Flag = False


class MeetingLine(Record):
    """An objective; no schedule passes ``bound``, given the objectives it is conditional on."""

    code: MeetingObjective
    sense: Sense
    value: Whole
    bound: Whole
    gap: Whole
    proven: Flag
    conditional_on: tuple[MeetingObjective, ...] = ()


class MeetingsPlan(Record):
    """A schedule and what it reaches."""

    format: Literal["tandem-meetings-plan"] = "tandem-meetings-plan"
    version: Literal[1] = 1
    outcome: OutcomeCode = OutcomeCode.PROVEN
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0
    workers: Positive = 1
    time_limit_ms: Milliseconds | None = None
    versions: dict[str, Text] = Field(default_factory=dict)
    items: tuple[MeetingItem, ...]
    objectives: tuple[MeetingLine, ...]


@dataclass(frozen=True)
class MeetingsResult:
    """What a solve gives back. Without a plan, ``clash`` holds rules that contradict each other.

    ``smallest`` says whether it was tried in time that no rule of the clash can be left out.
    """

    outcome: OutcomeCode
    plan: MeetingsPlan | None
    clash: tuple[Clash, ...] = ()
    smallest: bool = True
