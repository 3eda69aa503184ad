"""Faults of meaning in a Problem of meetings: names nobody knows, rules that can't be meant."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from matching.forum.meetings.model import Kept, MeetingsPlan, MeetingsProblem
from matching.io.documents import read_shape, schemas_of
from matching.io.faults import BadInput, unknown
from matching.model import Fault

Where = Callable[[str, int], str]
"""The path to a row, from the name of its table and its position."""


def in_document(table: str, at: int) -> str:
    """The path to a row of a JSON document."""
    return f"{table}[{at}]"


def schemas() -> dict[str, bytes]:
    """JSON Schema of Problem and schedule, by file name."""
    return schemas_of({"tandem-meetings": MeetingsProblem, "tandem-meetings-plan": MeetingsPlan})


def read_meetings(source: bytes) -> MeetingsProblem:
    """Read and check a Problem of meetings.

    Raises
    ------
    BadInput
        With every fault, of shape and of meaning.
    """
    return sound(read_shape(source, "tandem-meetings", MeetingsProblem), in_document)


def read_meetings_plan(source: bytes) -> MeetingsPlan:
    """Read a schedule; whether it is any good is for ``verify`` to say."""
    return read_shape(source, "tandem-meetings-plan", MeetingsPlan)


def sound(problem: MeetingsProblem, where: Where) -> MeetingsProblem:
    """Give a Problem back when it is good.

    Raises
    ------
    BadInput
        With every fault of meaning.
    """
    faults = [
        *_keys(problem, where),
        *_days(problem, where),
        *_participants(problem, where),
        *_wishes(problem, where),
        *_kept("pins", problem.pins, problem, where),
        *_kept("previous", problem.previous, problem, where),
        *_pins_of_two(problem, where),
    ]
    if faults:
        raise BadInput(faults)
    return problem


def _keys(problem: MeetingsProblem, where: Where) -> Iterator[Fault]:
    """There are slots and wishes; no key stands twice."""
    for table in ("slots", "wishes"):
        if not getattr(problem, table):
            yield Fault(table, "none given")
    for table in ("slots", "participants", "wishes"):
        seen: set[str] = set()
        for at, row in enumerate(getattr(problem, table)):
            if row.key in seen:
                yield Fault(where(table, at), f'key "{row.key}" stands twice')
            seen.add(row.key)


def _days(problem: MeetingsProblem, where: Where) -> Iterator[Fault]:
    """The slots of a day stand together."""
    seen: set[str | None] = set()
    last: str | None = None
    for at, slot in enumerate(problem.slots):
        if at and slot.day != last and slot.day in seen:
            yield Fault(where("slots", at), f'day "{slot.day}" is interrupted by another day')
        seen.add(slot.day)
        last = slot.day


def _participants(problem: MeetingsProblem, where: Where) -> Iterator[Fault]:
    """Slots of absence exist."""
    slots = {slot.key for slot in problem.slots}
    for at, person in enumerate(problem.participants):
        for key in person.away:
            if key not in slots:
                yield unknown(f"{where('participants', at)}.away", "slot", key, slots)


def _wishes(problem: MeetingsProblem, where: Where) -> Iterator[Fault]:
    """A wish is between two different participants, for a part of the day that some slot has."""
    people = {person.key for person in problem.participants}
    parts = {slot.part for slot in problem.slots if slot.part is not None}
    for at, wish in enumerate(problem.wishes):
        path = where("wishes", at)
        for name in ("a", "b"):
            if getattr(wish, name) not in people:
                yield unknown(f"{path}.{name}", "participant", getattr(wish, name), people)
        if wish.a == wish.b:
            yield Fault(path, f'"{wish.a}" is on both sides')
        if wish.part is not None and wish.part not in parts:
            yield unknown(f"{path}.part", "part of the day", wish.part, parts)


def _kept(
    table: str, rows: Collection[Kept], problem: MeetingsProblem, where: Where
) -> Iterator[Fault]:
    """Wish and slot exist, no wish stands twice."""
    wishes = {wish.key for wish in problem.wishes}
    slots = {slot.key for slot in problem.slots}
    seen: set[str] = set()
    for at, kept in enumerate(rows):
        path = where(table, at)
        if kept.wish not in wishes:
            yield unknown(f"{path}.wish", "wish", kept.wish, wishes)
        if kept.slot not in slots:
            yield unknown(f"{path}.slot", "slot", kept.slot, slots)
        if kept.wish in seen:
            yield Fault(path, f'wish "{kept.wish}" stands twice')
        seen.add(kept.wish)


def _pins_of_two(problem: MeetingsProblem, where: Where) -> Iterator[Fault]:
    """The same two are pinned once, unless every wish is a meeting of its own."""
    if problem.place_all:
        return
    pairs = {wish.key: frozenset((wish.a, wish.b)) for wish in problem.wishes}
    seen: dict[frozenset[str], str] = {}
    for at, pin in enumerate(problem.pins):
        pair = pairs.get(pin.wish)
        if pair is None:
            continue
        if seen.setdefault(pair, pin.wish) != pin.wish:
            message = f'"{pin.wish}" and "{seen[pair]}" are of the same two, who meet once'
            yield Fault(where("pins", at), message)
