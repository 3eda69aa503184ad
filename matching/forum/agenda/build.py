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
from matching.forum.agenda.model import Pair, PairRule
from matching.forum.agenda.places import Grid
from matching.outcome import Clash

Literal = cp_model.IntVar
Linear = cp_model.LinearExprT
MOST_SETS = 200
"""Hall's condition is stated for at most so many sets of rooms in a slot."""


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
        or any(len(sets) > MOST_SETS for sets in _hall_sets(grid))
    )


def can_loosen(grid: Grid) -> bool:
    """Whether sessions that may share a room can be loose: nothing asks which room each has."""
    problem = grid.problem
    return (
        any(grid.shared)
        and not problem.previous
        and not any(pair.rule is PairRule.SAME_ROOM for pair in problem.pairs)
    )


def _hall_sets(grid: Grid) -> list[dict[frozenset[int], frozenset[int]]]:
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
class Rules:
    """Variables of an agenda and its hard rules.

    With ``explain`` every rule has a literal that turns it on, and every place a variable.
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
        self._presence: dict[tuple[tuple[int, ...], int], list[Literal]] = {}
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
        self._room_places()
        self._session_alone()
        self._person_once()
        self._teams()
        for pair in self.grid.problem.pairs:
            if pair.penalty is None:
                self._pair(pair)

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

    # Where a session is.

    def _loose_groups(self) -> None:
        """Sessions of a track that may share a room in a slot, for each track and slot."""
        for slot in range(self.grid.shape[0]):
            tracks: dict[int, list[int]] = {}
            for at in self.sessions:
                if self.grid.possible[at][slot].any():
                    tracks.setdefault(self.grid.track_of[at], []).append(at)
            for track, inside in tracks.items():
                if self._may_share(inside, slot):
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
                self.enforce(ban.rule, [self.model.add(sum(closed) == 0)])

    def _either(self, exclusive: list[Literal]) -> Literal:
        """A literal that is true when one of literals that exclude each other is."""
        if len(exclusive) == 1:
            return exclusive[0]
        either = self.model.new_bool_var("")
        self.model.add(sum(exclusive) == either)
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
            if not self._may_share([at for at, _ in inside], slot):
                found += [(literal, track) for _, literal in inside]
                continue
            # A session that has to have the room to itself does not join the others.
            alone = [(at, x) for at, x in inside if self.grid.problem.sessions[at].alone]
            found += [(literal, track) for _, literal in alone]
            others = [(at, x) for at, x in inside if not self.grid.problem.sessions[at].alone]
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
                self.model.add(sum(own) <= in_one * sum(rooms.values()))
            else:
                total = sum(size * literal for size, literal in zip(lengths, own, strict=True))
                self.model.add(total <= length * sum(rooms.values()))
            self.model.add(sum(own) >= sum(rooms.values()))
            for at, literal in zip(members, own, strict=True):
                fine = [x for room, x in rooms.items() if self.grid.possible[at][slot, room]]
                self.model.add(literal <= sum(fine))

    def _may_share(self, inside: Sequence[int], slot: int) -> bool:
        lengths = sorted(
            self.grid.problem.sessions[at].length
            for at in inside
            if not self.grid.problem.sessions[at].alone
        )
        return sum(lengths[:2]) <= self.grid.problem.slots[slot].length and len(lengths) > 1

    def _occupied(self, inside: list[tuple[int, Literal]], slot: int) -> Literal:
        """Sessions of a track that share a room fit into its slot together."""
        occupied = self.model.new_bool_var("")
        length = self.grid.problem.slots[slot].length
        sessions = self.grid.problem.sessions
        rule = self._room_rule()
        for _, literal in inside:
            self.model.add_implication(literal, occupied)
        self.model.add(sum(literal for _, literal in inside) >= occupied)
        total = sum(sessions[at].length * literal for at, literal in inside)
        if self.explain:
            self.enforce(rule, [self.model.add(total <= length)])
        else:
            self.model.add(total <= length * occupied)
        return occupied

    def _room_rule(self) -> Clash:
        problem = self.grid.problem
        return Clash(
            AgendaRule.ROOM_PLACES,
            {"sessions": len(problem.sessions), "rooms": len(problem.rooms),
             "slots": len(problem.slots)},
        )  # fmt: skip

    # The rules between sessions, one function each.

    def _room_places(self) -> None:
        """A room holds one session at a time, and those of one track in one slot."""
        if not self.apart:
            self._hall()
            return
        for moment in self.grid.moments:
            for group in range(self.groups):
                every = [x for slot in moment for x, _ in self.cells[slot][group]]
                self.enforce(self._room_rule(), [self._at_most_one(every)])

    def _hall(self) -> None:
        """The sessions of a slot fit into its rooms: Hall's condition for each set of rooms."""
        for slot, sets in enumerate(_hall_sets(self.grid)):
            for rooms, inside in sets.items():
                if len(inside) > len(rooms):
                    self.model.add(sum(self.y[at][slot] for at in sorted(inside)) <= len(rooms))

    def _at_most_one(self, literals: list[Literal]) -> cp_model.Constraint:
        if self.explain:
            return self.model.add(sum(literals) <= 1)
        return self.model.add_at_most_one(literals)

    def _session_alone(self) -> None:
        """While a session that wants to be alone goes on, nothing else does."""
        for at in self.sessions:
            session = self.grid.problem.sessions[at]
            if not session.alone:
                continue
            rule = Clash(AgendaRule.SESSION_ALONE, {"session": session.key})
            for slot, literal in self.y[at].items():
                others = [
                    self.y[other][meeting]
                    for other in self.sessions
                    for meeting in self.grid.meets[slot]
                    if other != at and meeting in self.y[other]
                ]
                most = min(len(others), self.grid.shape[1] if not any(self.grid.shared) else 10**6)
                # As many others as there are rooms: as tight as a clause for each, and shorter.
                self.enforce(rule, [self.model.add(sum(others) + most * literal <= most)]
                             if len(self.grid.meets[slot]) == 1
                             else [self.model.add_bool_or(~literal, ~other) for other in others])
        # fmt: skip

    def presence(self, needed: tuple[int, ...], slot: int) -> list[Literal]:
        """Literals of which one is true for each room that holds some of these sessions."""
        if (needed, slot) in self._presence:
            return self._presence[needed, slot]
        inside = [at for at in needed if slot in self.y[at]]
        found: list[Literal] = []
        tracks: dict[int, list[int]] = {}
        for at in inside:
            tracks.setdefault(self.grid.track_of[at], []).append(at)
        for track, members in tracks.items():
            if not self._may_share(members, slot):
                found += [self.y[at][slot] for at in members]
                continue
            if (track, slot) in self.loose:
                present = self.model.new_bool_var("")
                for at in members:
                    self.model.add_implication(self.y[at][slot], present)
                found.append(present)
                continue
            for group in range(self.groups):
                here = [
                    self.x[at, slot, group] for at in members if (at, slot, group) in self.x
                ]
                if len(here) > 1:
                    present = self.model.new_bool_var("")
                    for literal in here:
                        self.model.add_implication(literal, present)
                    here = [present]
                found += here
        self._presence[needed, slot] = found
        return found

    def _at_each_moment(self, needed: tuple[int, ...], most: int, rule: Clash) -> None:
        if len(needed) <= most:
            return
        for moment in self.grid.moments:
            every = [x for slot in moment for x in self.presence(needed, slot)]
            if len(every) > most:
                constraint = (
                    self._at_most_one(every) if most == 1 else self.model.add(sum(every) <= most)
                )
                self.enforce(rule, [constraint])

    def _person_once(self) -> None:
        """Nobody is needed in two rooms at once."""
        for person, needed in self.grid.needed.items():
            self._at_each_moment(
                needed, 1, Clash(AgendaRule.PERSON_ONCE, {"person": person})
            )  # fmt: skip

    def _teams(self) -> None:
        """No more rooms need a language at once than there are teams of interpreters for it."""
        for row in self.grid.problem.teams:
            needed = tuple(
                at
                for at in self.sessions
                if row.language in self.grid.problem.sessions[at].languages
            )
            rule = Clash(AgendaRule.TEAMS, {"language": row.language, "teams": row.teams})
            self._at_each_moment(needed, row.teams, rule)

    def _pair(self, pair: Pair) -> None:
        """What is wanted of two sessions holds."""
        rule = Clash(
            AgendaRule.PAIR,
            {"first": pair.first, "second": pair.second, "rule": pair.rule.value},
        )
        one, other = (self.grid.session_at[key] for key in (pair.first, pair.second))
        self.enforce(rule, self.pair_holds(one, other, pair.rule, None))

    # What is wanted of two sessions: holds, or the literal ``broken`` is true.

    def pair_holds(
        self, one: int, other: int, rule: PairRule, broken: Literal | None
    ) -> list[cp_model.Constraint]:
        """Constraints that hold when a pair's rule holds or ``broken`` is true."""
        states = {
            PairRule.APART: self._apart,
            PairRule.BEFORE: self._before,
            PairRule.SAME_DAY: self._same_day,
            PairRule.OTHER_DAY: self._other_day,
            PairRule.SAME_ROOM: self._same_room,
        }
        return states[rule](one, other, broken)

    def _apart(self, one: int, other: int, broken: Literal | None) -> list[cp_model.Constraint]:
        """The two are not at once in different rooms."""
        spared = [] if broken is None else [broken]
        found = []
        for slot, first in self.y[one].items():
            for meeting in self.grid.meets[slot]:
                second = self.y[other].get(meeting)
                if second is None:
                    continue
                if meeting != slot or not self.grid.can_share(one, other, slot):
                    found.append(self.model.add_bool_or(~first, ~second, *spared))
                    continue
                for group in range(self.groups):
                    x = self.x.get((one, slot, group))
                    if x is not None:
                        same = self.x.get((other, slot, group))
                        with_it = [] if same is None else [same]
                        found.append(self.model.add_bool_or(~x, ~second, *with_it, *spared))
        return found

    def _before(self, one: int, other: int, broken: Literal | None) -> list[cp_model.Constraint]:
        """The first one's slot has ended when the second one's begins."""
        slots = self.grid.problem.slots
        found = []
        for at in sorted(self.y[other]):
            begin = (slots[at].day, slots[at].start)
            late = [x for s, x in self.y[one].items() if (slots[s].day, slots[s].end) > begin]
            early = [x for s, x in self.y[other].items() if (slots[s].day, slots[s].start) <= begin]
            found.append(self.model.add(sum(late) + sum(early) <= 1 + _spare(broken)))
        return found

    def days(self, at: int) -> dict[str, Linear]:
        """For each day, an expression that is 1 when a session is on it."""
        found: dict[str, list[Literal]] = {}
        for slot, literal in self.y[at].items():
            found.setdefault(self.grid.problem.slots[slot].day, []).append(literal)
        return {day: sum(literals) for day, literals in found.items()}

    def _same_day(self, one: int, other: int, broken: Literal | None) -> list[cp_model.Constraint]:
        """The two are on one day."""
        second = self.days(other)
        return [
            self.model.add(first <= second.get(day, 0) + _spare(broken))
            for day, first in self.days(one).items()
        ]

    def _other_day(self, one: int, other: int, broken: Literal | None) -> list[cp_model.Constraint]:
        """The two are on different days."""
        second = self.days(other)
        return [
            self.model.add(first + second[day] <= 1 + _spare(broken))
            for day, first in self.days(one).items()
            if day in second
        ]

    def _same_room(self, one: int, other: int, broken: Literal | None) -> list[cp_model.Constraint]:
        """The two are in one room."""
        rooms: list[dict[int, list[Literal]]] = [{}, {}]
        for side, at in enumerate((one, other)):
            for (session, _, group), literal in self.x.items():
                if session == at:
                    rooms[side].setdefault(group, []).append(literal)
        return [
            self.model.add(sum(literals) <= sum(rooms[1].get(group, [])) + _spare(broken))
            for group, literals in rooms[0].items()
        ]


def _spare(broken: Literal | None) -> Linear:
    return 0 if broken is None else broken
