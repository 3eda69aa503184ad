"""Faults of meaning in an agenda's Problem: names nobody knows, times that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from matching.forum.agenda.model import AgendaPlan, AgendaProblem
from matching.io.documents import read_shape, schemas_of
from matching.io.faults import BadInput, near, repeated, unknown
from matching.model import Fault

MOST = 2**50
Where = Callable[[str, int], str]
"""The path to a row, from the name of its table and its position."""


def in_document(table: str, at: int) -> str:
    """The path to a row of a JSON document."""
    return f"{table}[{at}]"


def schemas() -> dict[str, bytes]:
    """JSON Schema of both formats, by file name, as published in ``matching/schemas``."""
    return schemas_of({"tandem-agenda": AgendaProblem, "tandem-agenda-plan": AgendaPlan})


def read_agenda(source: bytes) -> AgendaProblem:
    """Read and check an agenda's Problem.

    Raises
    ------
    BadInput
        With every fault, of shape and of meaning.
    """
    return sound(read_shape(source, "tandem-agenda", AgendaProblem), in_document)


def read_agenda_plan(source: bytes) -> AgendaPlan:
    """Read an agenda; whether it is any good is for ``verify`` to say."""
    return read_shape(source, "tandem-agenda-plan", AgendaPlan)


def sound(problem: AgendaProblem, where: Where = in_document) -> AgendaProblem:
    """Give a Problem back when it is good.

    Raises
    ------
    BadInput
        With every fault of meaning.
    """
    faults = [
        *_keys(problem, where),
        *_times(problem, where),
        *_references(problem, where),
        *_rows(problem, where),
        *_size(problem),
    ]
    if faults:
        raise BadInput(faults)
    return problem


def _keys(problem: AgendaProblem, where: Where) -> Iterator[Fault]:
    """There is something to place and somewhere to place it; no key stands twice."""
    for table in ("slots", "rooms", "sessions"):
        if not getattr(problem, table):
            yield Fault(table, "none given")
    for table in ("slots", "rooms", "sessions", "tracks", "people"):
        seen: set[str] = set()
        for at, row in enumerate(getattr(problem, table)):
            if row.key in seen:
                yield Fault(where(table, at), f'key "{row.key}" stands twice')
            seen.add(row.key)
    for table, names in (
        ("teams", ("language",)), ("interest", ("person", "session")), ("previous", ("session",)),
    ):  # fmt: skip
        known: set[tuple[str, ...]] = set()
        for at, row in enumerate(getattr(problem, table)):
            key = tuple(getattr(row, name) for name in names)
            if key in known:
                yield Fault(where(table, at), f'"{" ".join(key)}" stands twice')
            known.add(key)


def _times(problem: AgendaProblem, where: Where) -> Iterator[Fault]:
    """Days exist, slots begin before they end and stand in the order of their time."""
    before: tuple[str, int, int] | None = None
    for at, slot in enumerate(problem.slots):
        path = where("slots", at)
        try:
            date.fromisoformat(slot.day)
        except ValueError:
            yield Fault(f"{path}.day", f"{slot.day} is not a day")
        if slot.start >= slot.end:
            yield Fault(f"{path}.end", "a slot begins before it ends")
        now = (slot.day, slot.start, slot.end)
        if before is not None and now < before:
            yield Fault(path, "slots stand in the order of their time")
        before = now


def _references(problem: AgendaProblem, where: Where) -> Iterator[Fault]:
    """Whatever a row names is there."""
    slots = [slot.key for slot in problem.slots]
    rooms = [room.key for room in problem.rooms]
    sessions = [session.key for session in problem.sessions]
    tracks = [track.key for track in problem.tracks]
    for table, name, what, known in (
        ("rooms", "closed", "slot", slots),
        ("people", "away", "slot", slots),
        ("sessions", "slots", "slot", slots),
        ("sessions", "rooms", "room", rooms),
        ("sessions", "track", "track", tracks),
        ("interest", "session", "session", sessions),
        ("pairs", "first", "session", sessions),
        ("pairs", "second", "session", sessions),
        ("similar", "first", "track", tracks),
        ("similar", "second", "track", tracks),
        ("penalties", "session", "session", sessions),
        ("penalties", "track", "track", tracks),
        ("penalties", "slot", "slot", slots),
        ("penalties", "room", "room", rooms),
        ("previous", "session", "session", sessions),
    ):
        there = set(known)
        for at, row in enumerate(getattr(problem, table)):
            value = getattr(row, name)
            words: Iterable[str | None] = value if isinstance(value, tuple) else [value]
            for word in words:
                if word is not None and word not in there:
                    yield unknown(f"{where(table, at)}.{name}", what, word, known)
    yield from _people(problem, where)


def _people(problem: AgendaProblem, where: Where) -> Iterator[Fault]:
    """Somebody with times away has a part in something."""
    busy = {person for session in problem.sessions for person in session.speakers}
    busy |= {person for session in problem.sessions for person in session.chairs}
    busy |= {person for track in problem.tracks for person in track.chairs}
    busy |= {row.person for row in problem.interest}
    for at, person in enumerate(problem.people):
        if person.away and person.key not in busy:
            message = f'"{person.key}" has no part in any session'
            yield Fault(f"{where('people', at)}.person", message, near(person.key, busy))


def _rows(problem: AgendaProblem, where: Where) -> Iterator[Fault]:
    """Pairs are of two, penalties of one thing, lists name nothing twice."""
    for table in ("pairs", "similar"):
        for at, pair in enumerate(getattr(problem, table)):
            if pair.first == pair.second:
                yield Fault(where(table, at), "first and second are the same")
    for at, row in enumerate(problem.penalties):
        if row.session is not None and row.track is not None:
            yield Fault(where("penalties", at), "about a session or a track, not both")
    for at, session in enumerate(problem.sessions):
        for name in ("speakers", "chairs", "languages", "slots", "rooms"):
            path = f"{where('sessions', at)}.{name}"
            yield from repeated(path, "entry", list(getattr(session, name)))


def _size(problem: AgendaProblem) -> Iterator[Fault]:
    """No agenda's points are too many to count exactly."""
    cells = len(problem.slots) * len(problem.rooms)
    weights = problem.weights
    tracks = len(problem.tracks) * (weights.track_gaps + weights.track_rooms * len(problem.rooms))
    cells_of_tracks = weights.track_parallel * cells
    total = (
        sum(row.penalty for row in problem.penalties) * cells
        + sum(row.penalty or 0 for row in problem.pairs)
        + sum(row.penalty for row in problem.similar) * cells**2
        + sum(row.points for row in problem.interest) * weights.clash * len(problem.sessions)
        + tracks + cells_of_tracks + weights.order * len(problem.sessions)
    )  # fmt: skip
    if total > MOST:
        yield Fault("penalties", f"all points together could exceed {MOST}")
