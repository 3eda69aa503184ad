"""Who is in which of a track's rooms, once the slots of its sessions and its rooms are known."""

from __future__ import annotations

from collections.abc import Mapping

from matching.forum.agenda.model import PairRule
from matching.forum.agenda.places import Grid

MOST_NODES = 20_000
NEVER = 10**15


class Composer:
    """Gives the sessions of a track in one slot to the rooms that the track has then."""

    def __init__(self, grid: Grid, lost: Mapping[tuple[int, int], int]) -> None:
        self.grid = grid
        self.apart: dict[tuple[int, int], int] = {}
        problem = grid.problem
        for two, points in lost.items():
            self._add(*two, points * problem.weights.clash)
        for pair in problem.pairs:
            if pair.rule is PairRule.APART:
                one, other = (grid.session_at[key] for key in (pair.first, pair.second))
                self._add(one, other, NEVER if pair.penalty is None else pair.penalty)
        for needed in grid.needed.values():
            for one in needed:
                for other in needed:
                    if one < other:
                        self._add(one, other, NEVER)
        self.room_points: dict[tuple[int, int, int], int] = {}
        for row in problem.penalties:
            if row.session is not None and row.room is not None:
                slots = range(grid.shape[0]) if row.slot is None else [grid.slot_at[row.slot]]
                for slot in slots:
                    key = grid.session_at[row.session], slot, grid.room_at[row.room]
                    self.room_points[key] = self.room_points.get(key, 0) + row.penalty

    def _add(self, one: int, other: int, points: int) -> None:
        pair = min(one, other), max(one, other)
        self.apart[pair] = self.apart.get(pair, 0) + points

    def compose(self, slot: int, rooms: list[int], members: list[int]) -> dict[int, int] | None:
        """A room for each session at the least cost, None when they do not fit in.

        Parameters
        ----------
        slot, rooms, members
            Positions. The search is complete unless it is very long, and no room stays empty.
        """
        sessions = self.grid.problem.sessions
        length = self.grid.problem.slots[slot].length
        order = sorted(members, key=lambda at: (-sessions[at].length, at))
        left = dict.fromkeys(rooms, length)
        chosen: dict[int, int] = {}
        best: dict[int, int] | None = None
        least = NEVER
        nodes = 0

        def place(position: int, cost: int) -> None:
            nonlocal best, least, nodes
            nodes += 1
            if cost >= least or nodes > MOST_NODES:
                return
            if position == len(order):
                if len(set(chosen.values())) == len(rooms):
                    best, least = dict(chosen), cost
                return
            at = order[position]
            fresh = False
            for room in rooms:
                empty = left[room] == length
                if left[room] < sessions[at].length or not self.grid.possible[at][slot, room]:
                    continue
                if empty and fresh and not self.room_points:
                    continue
                fresh |= empty
                more = self.room_points.get((at, slot, room), 0)
                for other, where in chosen.items():
                    if where != room:
                        more += self.apart.get((min(at, other), max(at, other)), 0)
                chosen[at] = room
                left[room] -= sessions[at].length
                place(position + 1, cost + more)
                left[room] += sessions[at].length
                del chosen[at]

        place(0, 0)
        return best
