"""What an arrangement of sessions costs, for the solver; the check has its own statement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from matching.forum.agenda.codes import Term
from matching.forum.agenda.model import PairRule
from matching.forum.agenda.places import Grid

Places = Mapping[int, tuple[int, int]]
"""Slot and room of each session."""


def arrange(grid: Grid, places: Places) -> dict[tuple[int, int], list[int]]:
    """Sessions of each slot and room in turn: wanted places in the track first served.

    Returns
    -------
    dict
        Keys in the order of slots and rooms.
    """
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at, place in sorted(places.items()):
        cells[place].append(at)
    passed: Counter[int] = Counter()
    found = {}
    for cell in sorted(cells):
        inside = cells[cell]
        track = grid.track_of[inside[0]]
        base = passed[track] if track >= 0 else 0
        found[cell] = _in_turn(grid, inside, base)
        passed[track] += len(inside)
    return found


def _in_turn(grid: Grid, inside: list[int], base: int) -> list[int]:
    turn: list[int | None] = [None] * len(inside)
    rest = []
    for at in inside:
        position = (grid.problem.sessions[at].place or 0) - 1 - base
        if 0 <= position < len(turn) and turn[position] is None:
            turn[position] = at
        else:
            rest.append(at)
    waiting = iter(rest)
    return [next(waiting) if at is None else at for at in turn]


class Score:
    """The terms of the penalty, from places alone."""

    def __init__(self, grid: Grid, lost: Mapping[tuple[int, int], int]) -> None:
        self.grid = grid
        self.problem = grid.problem
        self.lost = lost

    def terms(self, places: Places) -> dict[Term, int]:
        """Points of each term, zero ones too."""
        cells = arrange(self.grid, places)
        return {
            Term.PLACES: self._places(places, cells),
            Term.CLASHES: self.problem.weights.clash
            * sum(points for pair, points in self.lost.items() if self._at_once(places, *pair)),
            Term.PAIRS: self._pairs(places),
            Term.SIMILAR_TRACKS: self._similar(cells),
            **self._tracks(cells),
        }

    def _at_once(self, places: Places, one: int, other: int) -> bool:
        first, second = places[one], places[other]
        return first != second and second[0] in self.grid.meets[first[0]]

    def _places(self, places: Places, cells: Mapping[tuple[int, int], list[int]]) -> int:
        total = 0
        for row in self.problem.penalties:
            if row.session is not None:
                where = [places[self.grid.session_at[row.session]]]
            elif row.track is not None:
                track = self.grid.track_at[row.track]
                where = [
                    cell for cell, inside in cells.items()
                    if self.grid.track_of[inside[0]] == track
                ]  # fmt: skip
            else:
                where = list(cells)
            slot = None if row.slot is None else self.grid.slot_at[row.slot]
            room = None if row.room is None else self.grid.room_at[row.room]
            total += row.penalty * sum(slot in (None, s) and room in (None, r) for s, r in where)
        return total

    def _pairs(self, places: Places) -> int:
        slots = self.problem.slots
        total = 0
        for row in self.problem.pairs:
            if not row.penalty:
                continue
            one, other = (self.grid.session_at[key] for key in (row.first, row.second))
            first, second = slots[places[one][0]], slots[places[other][0]]
            broken = {
                PairRule.APART: self._at_once(places, one, other),
                PairRule.BEFORE: (first.day, first.end) > (second.day, second.start),
                PairRule.SAME_DAY: first.day != second.day,
                PairRule.OTHER_DAY: first.day == second.day,
                PairRule.SAME_ROOM: places[one][1] != places[other][1],
            }[row.rule]
            total += row.penalty * broken
        return total

    def _similar(self, cells: Mapping[tuple[int, int], list[int]]) -> int:
        running: dict[int, list[int]] = defaultdict(list)
        for (slot, _), inside in cells.items():
            running[self.grid.track_of[inside[0]]].append(slot)
        return sum(
            row.penalty
            for row in self.problem.similar
            for slot in running[self.grid.track_at[row.first]]
            for other in running[self.grid.track_at[row.second]]
            if other in self.grid.meets[slot]
        )

    def _tracks(self, cells: Mapping[tuple[int, int], list[int]]) -> dict[Term, int]:
        weights = self.problem.weights
        found = dict.fromkeys(
            (Term.TRACK_ROOMS, Term.TRACK_PARALLEL, Term.TRACK_GAPS, Term.ORDER), 0
        )
        by_track: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for cell, inside in cells.items():
            by_track[self.grid.track_of[inside[0]]].append(cell)
        for track, where in by_track.items():
            if track < 0:
                continue
            slots = {slot for slot, _ in where}
            found[Term.TRACK_ROOMS] += weights.track_rooms * (len({r for _, r in where}) - 1)
            found[Term.TRACK_PARALLEL] += weights.track_parallel * (len(where) - len(slots))
            gap = max(slots) - min(slots) + 1 > len(slots)
            found[Term.TRACK_GAPS] += weights.track_gaps * gap
            in_turn = [at for cell in where for at in cells[cell]]
            found[Term.ORDER] += weights.order * sum(
                self.problem.sessions[at].place not in (None, place)
                for place, at in enumerate(in_turn, 1)
            )
        return found
