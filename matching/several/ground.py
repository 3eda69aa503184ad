"""The rules and objectives of pairing with several mentors per mentee, as arrays.

A plan gives each mentee *i* a set *S_i* of mentors: pairs that are possible and neither excluded
nor declined, every pin and accepted pair among them, at most as many as the mentee wants. A mentor
is in at most as many sets as it offers places. The mentee's *total* is the sum of its scores. A
mentee with an empty set is not covered; every other one has a total of at least the floor, once the
worst-off have been looked at.

Every objective is a quantity to be made small: a weight on pairs, one for each empty set, one for
each covered mentee at or below a level, or the sum of squared loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.model import Column, ObjectiveCode, Problem
from matching.objectives import pair_positions

Mask = NDArray[np.bool_]


class TotalsNeedScores(ValueError):
    """Several mentors are wanted where fit was computed; only scores add up to a total."""

    def __init__(self, mentees: tuple[str, ...]) -> None:
        super().__init__("several mentors need explicit scores: " + ", ".join(mentees[:5]))
        self.mentees = mentees


@dataclass(frozen=True, eq=False)
class Quantity:
    """What an objective counts, to be made small.

    Parameters
    ----------
    pair : (E,) int64
        Weight of each open pair.
    empty
        1: mentees without a mentor count, one each.
    upto
        Covered mentees with a total of at most this count, one each.
    squares
        1: the sum of squared loads counts.
    """

    objective: ObjectiveCode
    pair: Column
    empty: int = 0
    upto: int | None = None
    squares: int = 0


@dataclass(frozen=True, eq=False)
class Ground:
    """Open pairs sorted by mentee, and what limits them.

    Parameters
    ----------
    tail, head, score, fit, origin : (E,) int64
        Mentee, mentor, score and fit of each open pair and its row in the Problem's table.
    held, proposed : (E,) bool
        Pairs that must be in the plan, and pairs that an earlier plan proposed.
    wanted : (n,) int64
    capacity : (m,) int64
    mentor : (m,) int64
        Place here of each mentor of the Problem: all are shuffled by the seed, so that among
        equal plans no alphabet decides.
    unanswered
        Number of proposals of an earlier plan, possible or not.
    """

    tail: Column
    head: Column
    score: Column
    fit: Column
    origin: Column
    held: Mask
    proposed: Mask
    wanted: Column
    capacity: Column
    mentor: Column
    unanswered: int = 0

    @cached_property
    def start(self) -> Column:
        """First open pair of each mentee, with one more entry at the end; shape (n + 1,)."""
        edges = np.zeros(len(self.wanted) + 1, np.int64)
        np.cumsum(np.bincount(self.tail, minlength=len(self.wanted)), out=edges[1:])
        return edges

    def row(self, mentee: int) -> slice:
        """Open pairs of a mentee."""
        return slice(int(self.start[mentee]), int(self.start[mentee + 1]))

    @cached_property
    def able(self) -> Mask:
        """Mentees with an open pair; shape (n,)."""
        able: Mask = (np.diff(self.start) > 0) & (self.wanted > 0)
        return able

    def totals(self, chosen: Column) -> Column:
        """Total of each mentee, -1 without a mentor; shape (n,)."""
        total = np.zeros(len(self.wanted), np.int64)
        np.add.at(total, self.tail[chosen], self.score[chosen])
        total[~self.covered(chosen)] = -1
        return total

    def covered(self, chosen: Column) -> Mask:
        return np.bincount(self.tail[chosen], minlength=len(self.wanted)) > 0

    def load(self, chosen: Column) -> Column:
        return np.bincount(self.head[chosen], minlength=len(self.capacity)).astype(np.int64)

    def best_totals(self) -> Column:
        """The most each mentee could get were it alone, 0 where nothing is open; shape (n,)."""
        order = np.lexsort((-self.score, ~self.held, self.tail))
        place = np.arange(len(order)) - self.start[self.tail[order]]
        rows = order[place < self.wanted[self.tail[order]]]
        best = np.zeros(len(self.wanted), np.int64)
        np.add.at(best, self.tail[rows], self.score[rows])
        return best

    def value(self, quantity: Quantity, chosen: Column) -> int:
        """What a quantity comes to, in exact arithmetic."""
        found: int = sum(quantity.pair[chosen].tolist())
        found += quantity.empty * int((~self.covered(chosen)).sum())
        if quantity.upto is not None:
            totals = self.totals(chosen)
            found += int(((totals >= 0) & (totals <= quantity.upto)).sum())
        return found + quantity.squares * int((self.load(chosen) ** 2).sum())

    def quantity(self, code: ObjectiveCode, *, upto: int | None = None) -> Quantity:
        """The quantity of an objective."""
        none = np.zeros(len(self.tail), np.int64)
        if code is ObjectiveCode.KEEP:
            return Quantity(code, -self.proposed.astype(np.int64))
        if code is ObjectiveCode.COVER:
            return Quantity(code, none, empty=1)
        if code is ObjectiveCode.FIT:
            return Quantity(code, -self.fit)
        if code is ObjectiveCode.SPREAD:
            return Quantity(code, none, squares=1)
        return Quantity(code, none, upto=upto)

    def told(self, quantity: Quantity, least: int) -> int | None:
        """The least of a quantity as a bound of its objective, None where it says nothing."""
        if quantity.objective is ObjectiveCode.KEEP:
            return self.unanswered + least
        if quantity.objective is ObjectiveCode.COVER:
            return len(self.wanted) - least
        if quantity.objective is ObjectiveCode.FIT:
            return -least
        return least if quantity.objective is ObjectiveCode.SPREAD else None

    def filled(self) -> Quantity:
        """Among plans of equal fit the one that fills more of the places wanted."""
        return Quantity(ObjectiveCode.FIT, np.full(len(self.tail), -1, np.int64))


def ground(problem: Problem, seed: int) -> Ground:
    """The open pairs of a Problem, its mentees and mentors shuffled by the seed.

    Raises
    ------
    TotalsNeedScores
        A mentee wants several mentors and the Problem has no explicit scores.
    """
    if not problem.precision:
        raise TotalsNeedScores(tuple(row.key for row in problem.mentees if row.wanted > 1))
    table = problem.pairs
    wanted = np.fromiter((row.wanted for row in problem.mentees), np.int64, len(problem.mentees))
    capacity = np.fromiter(
        (row.capacity for row in problem.mentors), np.int64, len(problem.mentors)
    )
    open_ = wanted[table.mentee] > 0
    open_[pair_positions(problem, (*problem.excluded, *problem.declined))] = False
    draw = np.random.default_rng(seed)
    mentee, mentor = draw.permutation(len(wanted)), draw.permutation(len(capacity))
    rows = np.flatnonzero(open_)
    rows = rows[np.lexsort((mentor[table.mentor[rows]], mentee[table.mentee[rows]]))]
    held, proposed = np.zeros(len(table), bool), np.zeros(len(table), bool)
    held[pair_positions(problem, (*problem.pins, *problem.accepted))] = True
    proposed[pair_positions(problem, problem.proposed)] = True
    return Ground(
        tail=mentee[table.mentee[rows]],
        head=mentor[table.mentor[rows]],
        score=table.satisfaction[rows],
        fit=table.fit[rows],
        origin=rows,
        held=held[rows],
        proposed=proposed[rows],
        wanted=wanted[np.argsort(mentee)],
        capacity=np.minimum(capacity, len(wanted))[np.argsort(mentor)],
        mentor=mentor,
        unanswered=len({(p.guest, p.host) for p in problem.proposed}),
    )
