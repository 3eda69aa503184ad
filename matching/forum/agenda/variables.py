"""The agenda as a CP-SAT model: where sessions are, and the hard rules between them.

``x[i, s, g]``: session *i* is in slot *s* and room group *g*. A group is one room; when nothing
tells rooms apart but which of them a session can be in, all rooms are one group and Hall's
condition stands for them (see :func:`rooms_apart`).

Sessions of a track that may share a room are at first *loose*: the model knows their slots and
the track's rooms, not who is in which of them. That is a relaxation, so its bound holds, and it
is exact wherever the track has one room in the slot (see :func:`can_loosen`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from matching.forum.agenda.codes import AgendaRule
from matching.forum.agenda.model import PairRule
from matching.forum.agenda.places import Grid
from matching.outcome import Clash

Literal = cp_model.IntVar
Linear = cp_model.LinearExpr | cp_model.IntVar | int
MOST_SETS = 200
"""Hall's condition is stated for at most so many sets of rooms in a slot."""


def total(literals: Iterable[Literal]) -> Linear:
    """The number of literals that are true."""
    return cp_model.LinearExpr.sum(list(literals))


def rooms_apart(grid: Grid) -> bool:
    """Whether the model has to know each session's room.

    It need not when every session has its room to itself, slots do not meet, and no point
    depends on a room: then Hall's theorem says which sessions fit into a slot's rooms.
    """
    problem = grid.problem
    wishes = problem.weights.order and any(session.place for session in problem.sessions)
    return bool(
        any(grid.shared)
        or any(len(meeting) > 1 for meeting in grid.meets)
        or any(row.room is not None for row in problem.penalties)
        or any(pair.rule is PairRule.SAME_ROOM for pair in problem.pairs)
        or (problem.weights.track_rooms and problem.tracks)
        or (wishes and problem.tracks)
        or problem.previous
        or any(len(sets) > MOST_SETS for sets in hall_sets(grid))
    )


def can_loosen(grid: Grid) -> bool:
    """Whether sessions that may share a room can be loose: nothing asks which room each has."""
    problem = grid.problem
    return (
        any(grid.shared)
        and not problem.previous
        and not any(pair.rule is PairRule.SAME_ROOM for pair in problem.pairs)
    )


def hall_sets(grid: Grid) -> list[dict[frozenset[int], frozenset[int]]]:
    """For each slot, unions of sessions' sets of possible rooms, with the sessions inside."""
    every = []
    for slot in range(grid.shape[0]):
        own: dict[frozenset[int], set[int]] = {}
        for at, possible in enumerate(grid.possible):
            rooms = frozenset(np.flatnonzero(possible[slot]).tolist())
            if rooms:
                own.setdefault(rooms, set()).add(at)
        unions: set[frozenset[int]] = set()
        for rooms in own:
            unions |= {rooms} | {rooms | other for other in unions}
            if len(unions) > MOST_SETS:
                break
        every.append(
            {
                union: frozenset(at for rooms, inside in own.items() if rooms <= union
                                 for at in inside)
                for union in unions
            }
        )  # fmt: skip
    return every


@dataclass
class Variables:
    """Variables of an agenda, each session placed once where no rule of its own closes a place.

    With ``explain`` every rule has a literal that turns it on, and every place a variable. With
    ``loosen`` sessions that may share a room are loose.
    """

    grid: Grid
    explain: bool = False
    loosen: bool = False
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    on: dict[str, Literal] = field(default_factory=dict)
    rules: list[Clash] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.apart = self.explain or rooms_apart(self.grid)
        slots, rooms = self.grid.shape
        self.groups = rooms if self.apart else 1
        self.sessions = range(len(self.grid.problem.sessions))
        self.x: dict[tuple[int, int, int], Literal] = {}
        self.y: list[dict[int, Literal]] = []
        self.loose: dict[tuple[int, int], list[int]] = {}
        self.loose_rooms: dict[tuple[int, int], dict[int, Literal]] = {}
        if self.loosen:
            self._loose_groups()
        for at in self.sessions:
            self._places(at)
        self.cells: list[list[list[tuple[Literal, int]]]] = [
            [self._cell(slot, group) for group in range(self.groups)] for slot in range(slots)
        ]
        self._loose_fit()

    def enforce(self, rule: Clash, constraints: Iterable[cp_model.Constraint]) -> None:
        """Make constraints hold with a rule: always, or when its literal is on."""
        for constraint in constraints:
            if self.explain:
                constraint.only_enforce_if(self.literal(rule))

    def literal(self, rule: Clash) -> Literal:
        key = str((rule.code, sorted(rule.parameters.items())))
        if key not in self.on:
            self.on[key] = self.model.new_bool_var("")
            self.rules.append(rule)
        return self.on[key]

    def room_rule(self) -> Clash:
        problem = self.grid.problem
        return Clash(
            AgendaRule.ROOM_PLACES,
            {"sessions": len(problem.sessions), "rooms": len(problem.rooms),
             "slots": len(problem.slots)},
        )  # fmt: skip

    # Where a session is.

    def _loose_groups(self) -> None:
        """Sessions of a track that may share a room in a slot, for each track and slot."""
        for slot in range(self.grid.shape[0]):
            tracks: dict[int, list[int]] = {}
            for at in self.sessions:
                if self.grid.possible[at][slot].any():
                    tracks.setdefault(self.grid.track_of[at], []).append(at)
            for track, inside in tracks.items():
                if self.may_share(inside, slot):
                    members = [at for at in inside if not self.grid.problem.sessions[at].alone]
                    self.loose[track, slot] = members

    def is_loose(self, at: int, slot: int) -> bool:
        """Whether the model knows a session's slot but not its room."""
        return at in self.loose.get((self.grid.track_of[at], slot), ())

    def _places(self, at: int) -> None:
        """Every session is placed once, where no rule closes the place to it."""
        possible = self.grid.possible[at]
        slots, rooms = self.grid.shape
        found: dict[int, list[Literal]] = {}
        for slot in range(slots):
            if self.explain:
                groups: Sequence[int] = range(rooms)
            elif self.apart:
                groups = np.flatnonzero(possible[slot]).tolist()
            else:
                groups = [0] if possible[slot].any() else []
            if self.is_loose(at, slot):
                found[slot] = [self.model.new_bool_var("")]
                continue
            for group in groups:
                literal = self.model.new_bool_var("")
                self.x[at, slot, group] = literal
                found.setdefault(slot, []).append(literal)
        self.model.add_exactly_one(literal for row in found.values() for literal in row)
        self.y.append({slot: self._either(row) for slot, row in found.items()})
        if self.explain:
            for ban in self.grid.bans(at):
                closed = [self.x[at, int(s), int(r)] for s, r in np.argwhere(ban.closed)]
                self.enforce(ban.rule, [self.model.add(total(closed) == 0)])

    def _either(self, exclusive: list[Literal]) -> Literal:
        """A literal that is true when one of literals that exclude each other is."""
        if len(exclusive) == 1:
            return exclusive[0]
        either = self.model.new_bool_var("")
        self.model.add(total(exclusive) == either)
        return either

    def here(self, slot: int, group: int) -> list[tuple[int, Literal]]:
        """Sessions that may be in a slot and group, with their literals."""
        return [
            (at, self.x[at, slot, group]) for at in self.sessions if (at, slot, group) in self.x
        ]

    def _cell(self, slot: int, group: int) -> list[tuple[Literal, int]]:
        """What may occupy a room in a slot: a session, or a track whose sessions share it."""
        tracks: dict[int, list[tuple[int, Literal]]] = {}
        for at, literal in self.here(slot, group):
            tracks.setdefault(self.grid.track_of[at], []).append((at, literal))
        found: list[tuple[Literal, int]] = []
        for track, inside in sorted(tracks.items()):
            if not self.may_share([at for at, _ in inside], slot):
                found += [(literal, track) for _, literal in inside]
                continue
            # A session that has to have the room to itself does not join the others.
            alone = [
                (at, x)
                for at, x in inside
                if self.grid.problem.sessions[at].alone and not self.explain
            ]
            found += [(literal, track) for _, literal in alone]
            apart = {at for at, _ in alone}
            others = [(at, x) for at, x in inside if at not in apart]
            found.append((self._occupied(others, slot), track))
        return found + self._loose_cell(slot, group)

    def _loose_cell(self, slot: int, group: int) -> list[tuple[Literal, int]]:
        found = []
        for (track, here), members in self.loose.items():
            if here == slot and any(self.grid.possible[at][slot, group] for at in members):
                literal = self.model.new_bool_var("")
                self.loose_rooms.setdefault((track, slot), {})[group] = literal
                found.append((literal, track))
        return found

    def _loose_fit(self) -> None:
        """Loose sessions have rooms in their slot, and together they fit into them."""
        sessions = self.grid.problem.sessions
        for (track, slot), members in self.loose.items():
            rooms = self.loose_rooms[track, slot]
            length = self.grid.problem.slots[slot].length
            lengths = [sessions[at].length for at in members]
            own = [self.y[at][slot] for at in members]
            if len(set(lengths)) == 1:
                in_one = length // lengths[0]
                self.model.add(total(own) <= in_one * total(rooms.values()))
            else:
                filled = cp_model.LinearExpr.weighted_sum(own, lengths)
                self.model.add(filled <= length * total(rooms.values()))
            self.model.add(total(own) >= total(rooms.values()))
            for at, literal in zip(members, own, strict=True):
                fine = [x for room, x in rooms.items() if self.grid.possible[at][slot, room]]
                self.model.add(literal <= total(fine))

    def may_share(self, inside: Sequence[int], slot: int) -> bool:
        """Whether two of some sessions of a track could be in one room, one after the other."""
        if self.explain:
            # Whether they fit is a rule of its own then.
            return len(inside) > 1
        lengths = sorted(
            self.grid.problem.sessions[at].length
            for at in inside
            if not self.grid.problem.sessions[at].alone
        )
        return len(lengths) > 1 and sum(lengths[:2]) <= self.grid.problem.slots[slot].length

    def can_share(self, one: int, other: int, slot: int) -> bool:
        """Whether two sessions could be in one room in a slot."""
        return self.explain or self.grid.can_share(one, other, slot)

    def _occupied(self, inside: list[tuple[int, Literal]], slot: int) -> Literal:
        """Sessions of a track that share a room fit into its slot together."""
        occupied = self.model.new_bool_var("")
        length = self.grid.problem.slots[slot].length
        sessions = self.grid.problem.sessions
        rule = self.room_rule()
        for _, literal in inside:
            self.model.add_implication(literal, occupied)
        self.model.add(total(literal for _, literal in inside) >= occupied)
        filled = cp_model.LinearExpr.weighted_sum(
            [literal for _, literal in inside], [sessions[at].length for at, _ in inside]
        )
        if self.explain:
            # One session too long for the slot breaks the rule of its own length, not this one.
            several = self.model.new_bool_var("")
            count = total(literal for _, literal in inside)
            self.model.add(count <= 1 + len(inside) * several)
            self.model.add(filled <= length).only_enforce_if(self.literal(rule), several)
        else:
            self.model.add(filled <= length * occupied)
        return occupied
