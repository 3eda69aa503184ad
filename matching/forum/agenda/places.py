"""Where each session can be: rules about one session, and slots that meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.forum.agenda.codes import AgendaRule
from matching.forum.agenda.model import AgendaProblem, Room, Session
from matching.outcome import Clash

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Ban:
    """A rule and the places, slots x rooms, that it closes to one session."""

    rule: Clash
    closed: Mask


@dataclass(frozen=True)
class Grid:
    """An agenda's Problem with positions instead of keys."""

    problem: AgendaProblem
    slot_at: dict[str, int] = field(init=False)
    room_at: dict[str, int] = field(init=False)
    session_at: dict[str, int] = field(init=False)
    track_at: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        for name, rows in (
            ("slot_at", self.problem.slots), ("room_at", self.problem.rooms),
            ("session_at", self.problem.sessions), ("track_at", self.problem.tracks),
        ):  # fmt: skip
            keys = [str(getattr(row, "key")) for row in rows]  # noqa: B009
            object.__setattr__(self, name, {key: at for at, key in enumerate(keys)})

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.problem.slots), len(self.problem.rooms)

    @cached_property
    def track_of(self) -> tuple[int, ...]:
        """Position of each session's track, -1 without one."""
        return tuple(
            -1 if session.track is None else self.track_at[session.track]
            for session in self.problem.sessions
        )

    @cached_property
    def meets(self) -> tuple[tuple[int, ...], ...]:
        """For each slot, the slots that meet it, itself among them."""
        slots = self.problem.slots
        return tuple(
            tuple(
                at
                for at, other in enumerate(slots)
                if at == here
                or (other.day == slot.day and other.start < slot.end and slot.start < other.end)
            )
            for here, slot in enumerate(slots)
        )

    @cached_property
    def moments(self) -> tuple[tuple[int, ...], ...]:
        """Largest sets of slots that all go on at one moment.

        Intervals that meet pairwise have a moment in common, and one of them begins then.
        """
        slots = self.problem.slots
        found = {
            tuple(at for at in self.meets[here] if at == here or slots[at].start <= slot.start)
            for here, slot in enumerate(slots)
        }
        sets = [set(one) for one in found]
        return tuple(sorted(one for one in found if not any(set(one) < other for other in sets)))

    def can_share(self, one: int, other: int, slot: int) -> bool:
        """Whether two sessions can follow one another in one room and slot."""
        first, second = self.problem.sessions[one], self.problem.sessions[other]
        return (
            first.track == second.track
            and not first.alone
            and not second.alone
            and first.length + second.length <= self.problem.slots[slot].length
        )

    @cached_property
    def shared(self) -> tuple[bool, ...]:
        """For each slot, whether a room can hold two sessions in it, one after the other."""
        shortest: dict[int, list[int]] = {}
        for at, session in enumerate(self.problem.sessions):
            if not session.alone:
                shortest.setdefault(self.track_of[at], []).append(session.length)
        least = min(
            (sum(sorted(found)[:2]) for found in shortest.values() if len(found) > 1),
            default=None,
        )
        return tuple(least is not None and least <= slot.length for slot in self.problem.slots)

    @cached_property
    def needed(self) -> dict[str, tuple[int, ...]]:
        """For each person, the sessions that cannot be without them."""
        chairs = {track.key: track.chairs for track in self.problem.tracks}
        found: dict[str, list[int]] = {}
        for at, session in enumerate(self.problem.sessions):
            others = chairs[session.track] if session.track is not None else ()
            for person in dict.fromkeys((*session.speakers, *session.chairs, *others)):
                found.setdefault(person, []).append(at)
        return {person: tuple(sessions) for person, sessions in sorted(found.items())}

    def slot_set(self, keys: tuple[str, ...]) -> Mask:
        """Slots as a column of a mask."""
        chosen = np.zeros((self.shape[0], 1), np.bool_)
        chosen[[self.slot_at[key] for key in keys]] = True
        return chosen

    def bans(self, at: int) -> Iterator[Ban]:
        """Every rule that closes a place to a session by itself."""
        session = self.problem.sessions[at]
        for rule, closed in (
            _session_length(self, session),
            _session_slots(self, session),
            _session_rooms(self, session),
            _session_seats(self, session),
            _session_booths(self, session),
            _session_kind(self, session),
            *_room_closed(self),
            *_person_away(self, at),
        ):
            if closed.any():
                yield Ban(rule, np.broadcast_to(closed, self.shape))

    @cached_property
    def possible(self) -> tuple[Mask, ...]:
        """For each session, the places that no such rule closes."""
        every = []
        for at in range(len(self.problem.sessions)):
            fine = np.ones(self.shape, np.bool_)
            for ban in self.bans(at):
                fine &= ~ban.closed
            every.append(fine)
        return tuple(every)


def _session_length(grid: Grid, session: Session) -> tuple[Clash, Mask]:
    """A session is no longer than its slot."""
    closed = np.array([[slot.length < session.length] for slot in grid.problem.slots])
    parameters: dict[str, str | int] = {"session": session.key, "length": session.length}
    return Clash(AgendaRule.SESSION_LENGTH, parameters), closed.reshape(-1, 1)


def _session_slots(grid: Grid, session: Session) -> tuple[Clash, Mask]:
    """A session with stated slots is in one of them."""
    closed = ~grid.slot_set(session.slots) if session.slots else grid.slot_set(())
    return Clash(AgendaRule.SESSION_SLOTS, {"session": session.key, "slots": session.slots}), closed


def _session_rooms(grid: Grid, session: Session) -> tuple[Clash, Mask]:
    """A session with stated rooms is in one of them."""
    closed = [[bool(session.rooms) and room.key not in session.rooms for room in _rooms(grid)]]
    return Clash(
        AgendaRule.SESSION_ROOMS, {"session": session.key, "rooms": session.rooms}
    ), np.array(closed, np.bool_)


def _session_seats(grid: Grid, session: Session) -> tuple[Clash, Mask]:
    """A room has the seats that its sessions need."""
    closed = [[room.seats is not None and room.seats < session.seats for room in _rooms(grid)]]
    return Clash(
        AgendaRule.SESSION_SEATS, {"session": session.key, "seats": session.seats}
    ), np.array(closed, np.bool_)


def _session_booths(grid: Grid, session: Session) -> tuple[Clash, Mask]:
    """A room has a booth for each language that its session is interpreted into."""
    booths = len(session.languages)
    closed = [[room.booths < booths for room in _rooms(grid)]]
    return Clash(AgendaRule.SESSION_BOOTHS, {"session": session.key, "booths": booths}), np.array(
        closed, np.bool_
    )


def _session_kind(grid: Grid, session: Session) -> tuple[Clash, Mask]:
    """A session of a kind is in a room for that kind."""
    kind = session.kind
    closed = [
        [bool(kind and room.kinds and kind not in room.kinds) for room in _rooms(grid)]
    ]  # fmt: skip
    return Clash(AgendaRule.SESSION_KIND, {"session": session.key, "kind": kind or ""}), np.array(
        closed, np.bool_
    )


def _room_closed(grid: Grid) -> Iterator[tuple[Clash, Mask]]:
    """Nothing takes place in a room while it is closed."""
    for at, room in enumerate(_rooms(grid)):
        if room.closed:
            closed = np.zeros(grid.shape, np.bool_)
            closed[:, at] = grid.slot_set(room.closed)[:, 0]
            yield Clash(AgendaRule.ROOM_CLOSED, {"room": room.key, "slots": room.closed}), closed


def _person_away(grid: Grid, at: int) -> Iterator[tuple[Clash, Mask]]:
    """No session is in a slot, or in one that meets it, in which somebody it needs is away."""
    for person in grid.problem.people:
        if person.away and at in grid.needed.get(person.key, ()):
            away = grid.slot_set(person.away)[:, 0]
            closed = np.array([[away[list(meeting)].any()] for meeting in grid.meets])
            yield (
                Clash(AgendaRule.PERSON_AWAY, {"person": person.key, "slots": person.away}),
                closed,
            )


def _rooms(grid: Grid) -> tuple[Room, ...]:
    return grid.problem.rooms
