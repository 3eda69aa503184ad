"""The Problem by positions: what solvers need and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from matching.forum.meetings.model import MeetingsProblem


@dataclass(frozen=True)
class Frame:
    """A Problem by positions.

    Parameters
    ----------
    pairs
        The two participants of each wish.
    weights, interpreted
        By wish: its weight; whether it needs an interpreter.
    possible
        By wish: slots in which both are there, the part of the day is right and, when an
        interpreter is needed, the slot has one.
    tables, interpreters, first
        By slot: how many there are; whether a day begins with it.
    pinned, previous
        Slot by wish.
    place_all, fairness
        As in the Problem.
    """

    participants: int
    slots: int
    pairs: tuple[tuple[int, int], ...]
    weights: tuple[int, ...]
    interpreted: tuple[bool, ...]
    possible: tuple[tuple[int, ...], ...]
    tables: tuple[int, ...]
    interpreters: tuple[int, ...]
    first: tuple[bool, ...]
    pinned: dict[int, int]
    previous: dict[int, int]
    place_all: bool
    fairness: int | None

    @cached_property
    def wishes_of(self) -> tuple[tuple[int, ...], ...]:
        """Wishes of each participant."""
        found: list[list[int]] = [[] for _ in range(self.participants)]
        for wish, pair in enumerate(self.pairs):
            for one in pair:
                found[one].append(wish)
        return tuple(map(tuple, found))

    @cached_property
    def open_slots(self) -> tuple[tuple[int, ...], ...]:
        """Slots in which some wish of each participant is possible."""
        return tuple(
            tuple(sorted({slot for wish in wishes for slot in self.possible[wish]}))
            for wishes in self.wishes_of
        )

    def restricted(self, schedule: Sequence[int], kept: Mapping[int, int]) -> Frame:
        """Only the wishes that a schedule places, all to be placed, some kept in their slots."""
        chosen = [wish for wish, slot in enumerate(schedule) if slot >= 0]
        place = {wish: at for at, wish in enumerate(chosen)}
        held = {**self.pinned, **kept}
        return replace(
            self,
            pairs=tuple(self.pairs[wish] for wish in chosen),
            weights=tuple(self.weights[wish] for wish in chosen),
            interpreted=tuple(self.interpreted[wish] for wish in chosen),
            possible=tuple(self.possible[wish] for wish in chosen),
            pinned={place[wish]: slot for wish, slot in held.items()},
            previous={},
            place_all=True,
        )

    def breaks(self, busy: Sequence[bool]) -> int:
        """Idle gaps of one participant: runs of empty slots between two meetings of a day."""
        gaps, met, idle = 0, False, False
        for slot, here in enumerate(busy):
            if self.first[slot]:
                met = idle = False
            if here:
                gaps += met and idle
                met, idle = True, False
            else:
                idle = True
        return gaps

    def breaks_by_participant(self, schedule: Sequence[int]) -> list[int]:
        """Idle gaps of everybody; ``schedule`` gives the slot of each wish, -1 for none."""
        busy = [[False] * self.slots for _ in range(self.participants)]
        for (a, b), slot in zip(self.pairs, schedule, strict=True):
            if slot >= 0:
                busy[a][slot] = busy[b][slot] = True
        return [self.breaks(row) for row in busy]


def frame_of(problem: MeetingsProblem) -> Frame:
    """The Problem by positions."""
    slot_at = {slot.key: at for at, slot in enumerate(problem.slots)}
    person_at = {person.key: at for at, person in enumerate(problem.participants)}
    wish_at = {wish.key: at for at, wish in enumerate(problem.wishes)}
    languages = [set(person.languages) for person in problem.participants]
    away = [{slot_at[key] for key in person.away} for person in problem.participants]
    pairs = tuple((person_at[wish.a], person_at[wish.b]) for wish in problem.wishes)
    interpreted = tuple(
        bool(languages[a] and languages[b] and not languages[a] & languages[b]) for a, b in pairs
    )
    possible = tuple(
        tuple(
            at
            for at, slot in enumerate(problem.slots)
            if at not in away[a] | away[b]
            and wish.part in (None, slot.part)
            and slot.tables
            and (slot.interpreters or not needs)
        )
        for wish, (a, b), needs in zip(problem.wishes, pairs, interpreted, strict=True)
    )
    return Frame(
        participants=len(problem.participants),
        slots=len(problem.slots),
        pairs=pairs,
        weights=tuple(wish.weight for wish in problem.wishes),
        interpreted=interpreted,
        possible=possible,
        tables=tuple(slot.tables for slot in problem.slots),
        interpreters=tuple(slot.interpreters for slot in problem.slots),
        first=tuple(
            at == 0 or slot.day != problem.slots[at - 1].day
            for at, slot in enumerate(problem.slots)
        ),
        pinned={wish_at[kept.wish]: slot_at[kept.slot] for kept in problem.pins},
        previous={wish_at[kept.wish]: slot_at[kept.slot] for kept in problem.previous},
        place_all=problem.place_all,
        fairness=problem.fairness,
    )
