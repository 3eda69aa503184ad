"""The penalty of an agenda in a CP-SAT model: one function for each of its terms."""

from __future__ import annotations

from collections import defaultdict

from ortools.sat.python import cp_model

from matching.forum.agenda.build import Rules
from matching.forum.agenda.model import PairRule
from matching.forum.agenda.pairs import pair_holds
from matching.forum.agenda.places import Grid
from matching.forum.agenda.variables import Linear, Literal, total


def shared_interest(grid: Grid) -> dict[tuple[int, int], int]:
    """For each two sessions, the interest that is lost when they are at once."""
    wanted: dict[str, dict[int, int]] = defaultdict(dict)
    for row in grid.problem.interest:
        wanted[row.person][grid.session_at[row.session]] = row.points
    lost: dict[tuple[int, int], int] = defaultdict(int)
    for sessions in wanted.values():
        ordered = sorted(sessions)
        for position, one in enumerate(ordered):
            for other in ordered[position + 1 :]:
                lost[one, other] += min(sessions[one], sessions[other])
    return dict(lost)


class Points:
    """Expressions of the terms over the variables of :class:`Rules`."""

    def __init__(self, rules: Rules, clashes: bool = True) -> None:
        self.rules = rules
        self.clashes = clashes
        self.grid = rules.grid
        self.problem = rules.grid.problem
        self.model = rules.model
        self.slots, self.rooms = self.grid.shape
        self.coefficients: dict[Literal, int] = {}
        self.apart: set[int] = set()
        self.constant = 0
        self._used: dict[tuple[int, int], Literal] = {}
        self._places()
        self._clashes_and_pairs()
        if self.problem.similar:
            self._similar_tracks()
        weights = self.problem.weights
        if weights.track_rooms:
            self._track_rooms()
        if weights.track_parallel:
            self._track_parallel()
        if weights.track_gaps:
            self._track_gaps()
        if weights.order:
            self._order()

    def total(self) -> Linear:
        """The whole penalty."""
        return self._sum(list(self.coefficients))

    def plain(self) -> Linear:
        """The penalty but for sessions that are to be apart."""
        return self._sum([x for x in self.coefficients if x.index not in self.apart])

    def _sum(self, literals: list[Literal]) -> Linear:
        points = [self.coefficients[literal] for literal in literals]
        return cp_model.LinearExpr.weighted_sum(literals, points) + self.constant

    def _cost(self, literal: Literal, points: int) -> None:
        if points:
            self.coefficients[literal] = self.coefficients.get(literal, 0) + points

    def _broken(self, points: int) -> Literal:
        literal = self.model.new_bool_var("")
        self._cost(literal, points)
        return literal

    def track_cells(self, track: int, slot: int) -> list[Literal]:
        """What may occupy a room of a slot for a track."""
        if not self.rules.apart:
            return [
                self.rules.y[at][slot]
                for at in self.rules.sessions
                if self.grid.track_of[at] == track and slot in self.rules.y[at]
            ]
        return [x for cell in self.rules.cells[slot] for x, occupant in cell if occupant == track]

    def _uses(self, track: int, slot: int) -> Literal:
        """Whether a track has a session in a slot."""
        if (track, slot) not in self._used:
            cells = self.track_cells(track, slot)
            if len(cells) == 1:
                self._used[track, slot] = cells[0]
            else:
                used = self.model.new_bool_var("")
                for literal in cells:
                    self.model.add_implication(literal, used)
                self.model.add(total(cells) >= used)
                self._used[track, slot] = used
        return self._used[track, slot]

    # One function for each term.

    def _places(self) -> None:
        """Points for places of sessions, of tracks and of anything."""
        loose: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        for row in self.problem.penalties:
            slots = range(self.slots) if row.slot is None else [self.grid.slot_at[row.slot]]
            room = None if row.room is None else self.grid.room_at[row.room]
            for slot in slots:
                if row.session is not None:
                    at = self.grid.session_at[row.session]
                    if room is not None and self.rules.is_loose(at, slot):
                        rooms = loose[at, slot]
                        rooms[room] = rooms.get(room, 0) + row.penalty
                    else:
                        self._session_place(at, slot, room, row.penalty)
                    continue
                track = None if row.track is None else self.grid.track_at[row.track]
                groups = range(self.rules.groups) if room is None else [room]
                for group in groups:
                    for literal, occupant in self.rules.cells[slot][group]:
                        if track is None or track == occupant:
                            self._cost(literal, row.penalty)

        for (at, slot), rooms in loose.items():
            self._loose_place(at, slot, rooms)

    def _loose_place(self, at: int, slot: int, rooms: dict[int, int]) -> None:
        """A loose session costs at least the least of its track's rooms in the slot."""
        having = self.rules.loose_rooms[self.grid.track_of[at], slot]
        below = 0
        for points in sorted(set(rooms.values())):
            cheaper = [x for room, x in having.items() if rooms.get(room, 0) < points]
            dear = self._broken(points - below)
            self.model.add(dear >= self.rules.y[at][slot] - total(cheaper))
            below = points

    def _session_place(self, at: int, slot: int, room: int | None, points: int) -> None:
        if room is None:
            if slot in self.rules.y[at]:
                self._cost(self.rules.y[at][slot], points)
        elif (at, slot, room) in self.rules.x:
            self._cost(self.rules.x[at, slot, room], points)

    def _clashes_and_pairs(self) -> None:
        """Points for sessions that share interest, or are to be apart, and are at once."""
        apart: dict[tuple[int, int], int] = defaultdict(int)
        for pair, lost in shared_interest(self.grid).items():
            apart[pair] += lost * self.problem.weights.clash
        for row in self.problem.pairs:
            if not row.penalty:
                continue
            one, other = (self.grid.session_at[key] for key in (row.first, row.second))
            if row.rule is PairRule.APART:
                apart[min(one, other), max(one, other)] += row.penalty
            else:
                pair_holds(self.rules, one, other, row.rule, self._broken(row.penalty))
        for (one, other), points in sorted(apart.items()) if self.clashes else ():
            if points:
                broken = self._broken(points)
                self.apart.add(broken.index)
                pair_holds(self.rules, one, other, PairRule.APART, broken)

    def _similar_tracks(self) -> None:
        """Points for each two rooms in which similar tracks run at once."""
        for row in self.problem.similar:
            if not row.penalty:
                continue
            one, other = (self.grid.track_at[key] for key in (row.first, row.second))
            for slot in range(self.slots):
                for meeting in self.grid.meets[slot]:
                    first, second = self.track_cells(one, slot), self.track_cells(other, meeting)
                    if not first or not second:
                        continue
                    used, with_it = self._uses(one, slot), self._uses(other, meeting)
                    most = min(len(first), self.rooms) * min(len(second), self.rooms)
                    if most == 1:
                        both = self._broken(row.penalty)
                    else:
                        both = self.model.new_int_var(0, most, "")
                        self._cost(both, row.penalty)
                        rooms = [self.model.new_int_var(0, self.rooms, "") for _ in range(2)]
                        self.model.add(rooms[0] == total(first))
                        self.model.add(rooms[1] == total(second))
                        self.model.add_multiplication_equality(both, rooms)
                    self.model.add(both >= used + with_it - 1)

    def _track_rooms(self) -> None:
        """Points for each room of a track beyond the first."""
        for track in self._tracks():
            rooms: list[Literal] = []
            for group in range(self.rooms):
                cells = [
                    x
                    for slot in range(self.slots)
                    for x, occupant in self.rules.cells[slot][group]
                    if occupant == track
                ]
                if cells:
                    room = self._broken(self.problem.weights.track_rooms)
                    rooms.append(room)
                    for literal in cells:
                        self.model.add_implication(literal, room)
            self.model.add_bool_or(rooms)
            self.constant -= self.problem.weights.track_rooms

    def _track_parallel(self) -> None:
        """Points for each room of a track in one slot beyond the first."""
        for track in self._tracks():
            for slot in range(self.slots):
                cells = self.track_cells(track, slot)
                if len(cells) > 1:
                    for literal in cells:
                        self._cost(literal, self.problem.weights.track_parallel)
                    self._cost(self._uses(track, slot), -self.problem.weights.track_parallel)

    def _track_gaps(self) -> None:
        """Points for a track whose slots do not follow one another."""
        for track in self._tracks():
            gap = self._broken(self.problem.weights.track_gaps)
            before = [self.model.new_bool_var("") for _ in range(self.slots + 1)]
            after = [self.model.new_bool_var("") for _ in range(self.slots + 1)]
            for slot in range(self.slots):
                self.model.add_implication(before[slot], before[slot + 1])
                self.model.add_implication(after[slot + 1], after[slot])
                if self.track_cells(track, slot):
                    used = self._uses(track, slot)
                    self.model.add_implication(used, before[slot + 1])
                    self.model.add_implication(used, after[slot])
                    self.model.add_bool_or(~before[slot], ~after[slot + 1], used, gap)
                else:
                    self.model.add_bool_or(~before[slot], ~after[slot + 1], gap)

    def _order(self) -> None:
        """Points for a session that is not at its wanted place in its track.

        A session can be at place *o* when at most *o* - 1 of its track come in earlier rooms and
        slots and at least *o* come there or in its own: within a room and slot the order is free.
        """
        for track in self._tracks():
            wishes = [at for at in self._members(track) if self.problem.sessions[at].place]
            if not wishes:
                continue
            through = self._counts(track)
            places = self._cells_of_sessions(wishes)
            taken: dict[int, list[Literal]] = defaultdict(list)
            for at in wishes:
                place = int(self.problem.sessions[at].place or 0)
                wrong = self._broken(self.problem.weights.order)
                taken[place].append(wrong)
                for before, after, literal in places[at]:
                    self.model.add(through[before] <= place - 1).only_enforce_if(literal, ~wrong)
                    self.model.add(through[after] >= place).only_enforce_if(literal, ~wrong)
            for wrongs in taken.values():
                if len(wrongs) > 1:
                    self.model.add(total(wrongs) >= len(wrongs) - 1)

    def _cells_of_sessions(self, sessions: list[int]) -> dict[int, list[tuple[int, int, Literal]]]:
        """Positions in ``_counts`` before and after each place of sessions, with its literal."""
        found: dict[int, list[tuple[int, int, Literal]]] = {at: [] for at in sessions}
        for (at, slot, group), literal in self.rules.x.items():
            if at in found:
                cell = slot * self.rooms + group
                found[at].append((cell, cell + 1, literal))
        for at in sessions:
            for slot, literal in self.rules.y[at].items():
                if self.rules.is_loose(at, slot):
                    found[at].append((slot * self.rooms, (slot + 1) * self.rooms, literal))
        return found

    def _counts(self, track: int) -> list[Linear]:
        """How many sessions of a track come before each room and slot, and in all."""
        members = self._members(track)
        through: list[Linear] = [0]
        for slot in range(self.slots):
            loose = [
                self.rules.y[at][slot]
                for at in members
                if slot in self.rules.y[at] and self.rules.is_loose(at, slot)
            ]
            for group in range(self.rooms):
                here = [
                    self.rules.x[at, slot, group]
                    for at in members
                    if (at, slot, group) in self.rules.x
                ]
                # Loose sessions may be in any room: before the first for those that follow.
                here += loose if group == self.rooms - 1 else []
                if not here:
                    through.append(through[-1])
                    continue
                count = self.model.new_int_var(0, len(members), "")
                self.model.add(count == through[-1] + total(here))
                through.append(count)
        return through

    def _tracks(self) -> list[int]:
        """Tracks that have sessions."""
        return sorted({track for track in self.grid.track_of if track >= 0})

    def _members(self, track: int) -> list[int]:
        return [at for at in self.rules.sessions if self.grid.track_of[at] == track]
