"""Agenda: what has to be placed, where and when it can be, and what a placement costs.

Units
-----
Times of day are minutes from midnight in the forum's own zone, ``day`` is a date. ``length`` of
sessions and of slots is in one unit of the caller's choice, minutes unless said otherwise: the
lengths of the sessions that share a room in a slot add up to at most the slot's. Penalties are
whole points, at most a billion each.

Two slots *meet* when they are on one day and their times overlap; every slot meets itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, Strict

from matching.codes import OutcomeCode
from matching.forum.agenda.codes import AgendaObjective, Term
from matching.outcome import Clash, Text, Whole
from matching.record import Count, Day, Flag, Key, Milliseconds, Positive, Record

Minute = Annotated[int, Strict(), Field(ge=0, le=1440)]
Penalty = Annotated[int, Strict(), Field(ge=0, le=10**9)]


class PairRule(StrEnum):
    """What is wanted of two sessions. *At once*: in slots that meet, not one after the other."""

    APART = "apart"
    BEFORE = "before"
    SAME_DAY = "same_day"
    OTHER_DAY = "other_day"
    SAME_ROOM = "same_room"


class Slot(Record):
    """A stretch of time in which a room holds one session, or several of a track in turn."""

    key: Key
    day: Day
    start: Minute
    end: Minute
    length: Positive


class Room(Record):
    """``seats`` None: as many as wanted. No ``kinds``: any kind. ``closed``: slots."""

    key: Key
    seats: Count | None = None
    booths: Count = 0
    kinds: tuple[Key, ...] = ()
    closed: tuple[Key, ...] = ()


class Person(Record):
    """Whoever speaks or chairs and is away in some slots; others need no record."""

    key: Key
    away: tuple[Key, ...] = ()


class Track(Record):
    """Sessions that belong together. Its chairs are needed wherever one of them is."""

    key: Key
    chairs: tuple[Key, ...] = ()


class Session(Record):
    """What has to be placed.

    ``languages`` are those interpreted into: a booth in the room and a team of interpreters
    each. ``slots`` and ``rooms`` are the only possible ones when given; one of each is a pin.
    ``alone``: nothing else at the same time. ``place``: wanted place in its track, from 1.
    """

    key: Key
    length: Positive
    track: Key | None = None
    kind: Key | None = None
    seats: Count = 0
    speakers: tuple[Key, ...] = ()
    chairs: tuple[Key, ...] = ()
    languages: tuple[Key, ...] = ()
    slots: tuple[Key, ...] = ()
    rooms: tuple[Key, ...] = ()
    alone: Flag = False
    place: Positive | None = None


class Interest(Record):
    """How much somebody wants to attend a session."""

    person: Key
    session: Key
    points: Annotated[int, Strict(), Field(ge=1, le=1000)] = 1


class Pair(Record):
    """What is wanted of two sessions; without a penalty it is a hard rule.

    ``apart``: not at once in different rooms. ``before``: the first one's slot ends before the
    second one's begins. ``same_day``, ``other_day``, ``same_room``: as they say.
    """

    first: Key
    second: Key
    rule: PairRule = PairRule.APART
    penalty: Penalty | None = None


class SimilarTracks(Record):
    """Points for each pair of rooms in which the two tracks run at once."""

    first: Key
    second: Key
    penalty: Penalty


class PlacePenalty(Record):
    """Points for a place; what is left out stands for all.

    With a session: once for it. With a track: for each slot and room with sessions of it. With
    neither: for each slot and room in use.
    """

    session: Key | None = None
    track: Key | None = None
    slot: Key | None = None
    room: Key | None = None
    penalty: Penalty


class Teams(Record):
    """So many teams of interpreters for a language; a language without a record has enough."""

    language: Key
    teams: Count


class AgendaWeights(Record):
    """Points for what is not stated row by row.

    ``clash``: for each point of interest lost: two sessions at once cost everybody interested in
    both the smaller of their two interests. ``track_rooms``: each room of a track beyond the
    first. ``track_parallel``: each room of a track in one slot beyond the first.
    ``track_gaps``: a track whose slots do not follow one another in the list of slots.
    ``order``: a session that is not at its wanted place in its track.
    """

    clash: Penalty = 1
    track_rooms: Penalty = 0
    track_parallel: Penalty = 0
    track_gaps: Penalty = 0
    order: Penalty = 1


class Placed(Record):
    """Where a session was in an earlier agenda."""

    session: Key
    slot: Key
    room: Key


class AgendaProblem(Record):
    """An agenda to be made. Slots stand in the order of their time."""

    format: Literal["tandem-agenda"] = "tandem-agenda"
    version: Literal[1] = 1
    slots: tuple[Slot, ...]
    rooms: tuple[Room, ...]
    sessions: tuple[Session, ...]
    tracks: tuple[Track, ...] = ()
    people: tuple[Person, ...] = ()
    interest: tuple[Interest, ...] = ()
    pairs: tuple[Pair, ...] = ()
    similar: tuple[SimilarTracks, ...] = ()
    penalties: tuple[PlacePenalty, ...] = ()
    teams: tuple[Teams, ...] = ()
    weights: AgendaWeights = AgendaWeights()
    previous: tuple[Placed, ...] = ()


class AgendaItem(Record):
    """A session's place; ``start`` is what has passed of the slot, in the unit of lengths."""

    session: Key
    slot: Key
    room: Key
    start: Count = 0


class AgendaLine(Record):
    """An objective: the smaller the better. ``bound`` is what no agenda can fall below."""

    code: AgendaObjective
    value: Whole
    bound: Whole
    gap: Whole
    proven: Flag
    conditional_on: tuple[AgendaObjective, ...] = ()


class TermLine(Record):
    """A part of the penalty."""

    term: Term
    points: Whole


class AgendaPlan(Record):
    """An agenda, what it costs and how much better one could be."""

    format: Literal["tandem-agenda-plan"] = "tandem-agenda-plan"
    version: Literal[1] = 1
    outcome: OutcomeCode = OutcomeCode.PROVEN
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0
    workers: Positive = 1
    time_limit_ms: Milliseconds | None = None
    versions: dict[str, Text] = Field(default_factory=dict)
    items: tuple[AgendaItem, ...]
    objectives: tuple[AgendaLine, ...]
    terms: tuple[TermLine, ...] = ()


@dataclass(frozen=True)
class AgendaResult:
    """What a solve gives back. Without a plan, ``clash`` holds rules that contradict each other.

    ``smallest`` says whether no rule of the clash can be left out, as far as was tried in time.
    """

    outcome: OutcomeCode
    plan: AgendaPlan | None
    clash: tuple[Clash, ...] = ()
    smallest: bool = True
    seconds: dict[str, float] | None = None
