"""Recompute bounds for plans with several mentors per mentee, in whole numbers.

A step of the proof names prices of places, a scale D and a weight for every quantity that earlier
steps fixed. No plan in which those quantities are at least as good costs less, D times, than

    sum over mentees of the least (D cost + weighed earlier costs + prices) over allowed sets
    + sum over mentors of the least (D cost + weighed earlier costs - price x load) over loads
    - the weighed earlier values.

This holds for any prices and any weights from 0 on, so no step, however made, lets a worse plan
pass; a step that fixes nothing (D = 0) shows by a positive bound that no plan has everyone above
the floor.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.model import (
    Column,
    ObjectiveCode,
    Pairing,
    Plan,
    Problem,
    ProofStep,
    Violation,
    ViolationCode,
    WorstOff,
)

_LARGEST = 2**61


@dataclass(frozen=True, eq=False)
class _Counted:
    """What an objective counts, to be made small, and what the plan comes to."""

    pair: Column
    unserved: int
    level: int | None
    squares: int
    value: int


class TotalsProof:
    """Walks the stored steps, each with the objectives before it fixed."""

    def __init__(self, problem: Problem, plan: Plan, rows: Column) -> None:
        self.problem, self.plan, self.rows = problem, plan, rows
        self.found: list[Violation] = []
        table = problem.pairs
        self.mentees, self.mentors = len(problem.mentees), len(problem.mentors)
        self.wanted = [row.wanted for row in problem.mentees]
        self.open = np.array([wanted > 0 for wanted in self.wanted], bool)[table.mentee]
        self.open[self._rows((*problem.excluded, *problem.declined))] = False
        self.held = np.zeros(len(table), bool)
        self.held[self._rows((*problem.pins, *problem.accepted))] = True
        self.places = [min(row.capacity, self.mentees) for row in problem.mentors]
        self.earlier: list[_Counted] = []
        self.floor = 0
        edges = np.searchsorted(table.mentee, np.arange(self.mentees + 1))
        self.own = [np.arange(a, b)[self.open[a:b]] for a, b in itertools.pairwise(edges)]
        total: dict[int, int] = {}
        for who, score in zip(table.mentee[rows].tolist(), table.satisfaction[rows].tolist(),
                              strict=True):  # fmt: skip
            total[who] = total.get(who, 0) + score
        self.totals = sorted(total.values())

    def _rows(self, pairings: tuple[Pairing, ...]) -> Column:
        """Rows of the pair table of those pairings that are possible."""
        asked = {(p.guest, p.host) for p in pairings}
        if not asked:
            return np.zeros(0, np.int64)
        guest = {row.key: at for at, row in enumerate(self.problem.mentees)}
        host = {row.key: at for at, row in enumerate(self.problem.mentors)}
        ids = {guest[g] * self.mentors + host[h] for g, h in asked if g in guest and h in host}
        own = self.problem.pairs.mentee * self.mentors + self.problem.pairs.mentor
        return np.flatnonzero(np.isin(own, np.array(sorted(ids), np.int64)))

    def objective(self, code: ObjectiveCode) -> bool:
        """Whether the steps stored for an objective prove it, given those before it."""
        steps = [(at, s) for at, s in enumerate(self.plan.proof, start=1) if s.objective is code]
        nothing = np.zeros(len(self.problem.pairs), np.int64)
        if code is ObjectiveCode.OBSERVERS:
            return self._unused(steps)
        if code is ObjectiveCode.WORST_OFF:
            return self._worst_off(steps)
        if code is ObjectiveCode.KEEP:
            kept = self._rows(self.problem.proposed)
            kept = kept[self.open[kept]]
            if not len(kept):
                return self._unused(steps)
            nothing[kept] = -1
            counted = [self._counted(nothing)]
        elif code is ObjectiveCode.COVER:
            counted = [self._counted(nothing, unserved=1)]
        elif code is ObjectiveCode.FIT:
            # Among plans of equal fit one that fills more of the places wanted.
            counted = [self._counted(-self.problem.pairs.fit), self._counted(nothing - 1)]
        else:
            counted = [self._counted(nothing, squares=1)]
        if len(steps) > len(counted):
            self._malformed(code, steps[-1][0])
            steps = []
        good = []
        for at, quantity in enumerate(counted):
            good.append(at < len(steps) and self._holds(*steps[at], quantity))
            self.earlier.append(quantity)
        return good[0]

    def _unused(self, steps: list[tuple[int, ProofStep]]) -> bool:
        for at, step in steps:
            self._malformed(step.objective, at)
        return not steps

    def _malformed(self, code: ObjectiveCode, at: int) -> None:
        self.found.append(
            Violation(ViolationCode.PROOF_MALFORMED, {"objective": code.value, "step": at})
        )

    def _counted(
        self, pair: Column, *, unserved: int = 0, level: int | None = None, squares: int = 0
    ) -> _Counted:
        """A quantity with its value for the plan."""
        value = sum(pair[self.rows].tolist())
        value += unserved * (self.mentees - len(self.totals))
        if level is not None:
            value += sum(1 for total in self.totals if total <= level)
        loads = np.bincount(self.problem.pairs.mentor[self.rows], minlength=self.mentors)
        value += squares * sum(load * load for load in loads.tolist())
        return _Counted(pair, unserved, level, squares, value)

    def _worst_off(self, steps: list[tuple[int, ProofStep]]) -> bool:
        """The lowest total first; with leximin then the fewest at it, and so on upwards."""
        code, rule = ObjectiveCode.WORST_OFF, self.problem.policy.worst_off
        if rule is WorstOff.OFF or not self.totals:
            return self._unused(steps)
        lowest = self.totals[0]
        first = [(at, s) for at, s in steps if s.below is not None]
        later = [(at, s) for at, s in steps if s.below is None]
        good = False
        if len(first) == 1 and first[0][1].below == lowest and not first[0][1].weights:
            nothing = self._counted(np.zeros(len(self.problem.pairs), np.int64))
            good = self._holds(*first[0], nothing, above=lowest)
        elif first:
            self._malformed(code, first[0][0])
        # The plan has no one below its own lowest total: so has none under comparison.
        self.floor = lowest
        if rule is WorstOff.MINIMUM:
            return self._unused(later) and good
        none = np.zeros(len(self.problem.pairs), np.int64)
        stored = {step.weights: (at, step) for at, step in later}
        for level in sorted(set(self.totals)):
            if level > lowest:
                # No more below this level than the plan has: as the levels before say.
                self.earlier.append(self._counted(none, level=level - 1))
            entry = stored.pop(((level, 1),), None)
            good &= entry is not None and self._holds(*entry, self._counted(none, level=level))
        if stored or len(later) > len(set(self.totals)):
            self._malformed(code, later[-1][0])
            return False
        return good

    def _holds(
        self, at: int, step: ProofStep, counted: _Counted, *, above: int | None = None
    ) -> bool:
        """The plan's value is the least that the step's bound allows."""
        code = step.objective
        scale = 0 if above is not None else step.scale
        if (
            len(step.prices) != self.mentors
            or len(step.earlier) != len(self.earlier)
            or step.scale != scale
            or (above is None and (scale < 1 or step.below is not None))
        ):
            self._malformed(code, at)
            return False
        parts = [(counted, scale), *zip(self.earlier, step.earlier, strict=True)]
        largest = max((abs(p) for p in step.prices), default=0)
        largest += sum(w * int(np.abs(q.pair).max(initial=0)) for q, w in parts)
        if largest * (max(self.wanted, default=0) + 1) > _LARGEST:
            self._malformed(code, at)
            return False
        floor = self.floor if above is None else above + 1
        bound = self._bound(parts, step.prices, floor)
        if above is not None:
            if bound is None or bound > 0:
                return True
            self._fails(code, at, 1, bound)
            return False
        if bound is None or scale * counted.value - bound >= scale:
            self._fails(code, at, counted.value, 0 if bound is None else -(-bound // scale))
            return False
        return True

    def _fails(self, code: ObjectiveCode, at: int, value: int, bound: int) -> None:
        parameters = {"objective": code.value, "step": at, "value": value, "bound": bound}
        self.found.append(Violation(ViolationCode.PROOF_FAILS, parameters))

    def _bound(
        self, parts: list[tuple[_Counted, int]], prices: tuple[int, ...], floor: int
    ) -> int | None:
        table = self.problem.pairs
        cost = np.array(prices, np.int64)[table.mentor]
        for quantity, weight in parts:
            cost += weight * quantity.pair
        unserved = sum(weight * quantity.unserved for quantity, weight in parts)
        squares = sum(weight * quantity.squares for quantity, weight in parts)
        fines = [(q.level, w) for q, w in parts if q.level is not None and w]
        result = -sum(weight * quantity.value for quantity, weight in parts[1:])
        for mentee, own in enumerate(self.own):
            least = _least_set(
                cost[own], table.satisfaction[own], self.held[own], self.wanted[mentee],
                unserved, floor, fines,
            )  # fmt: skip
            if least is None:
                return None
            result += least
        for price, most in zip(prices, self.places, strict=True):
            turn = price // (2 * squares) if squares else 0
            loads = {0, most, *(min(max(load, 0), most) for load in (turn, turn + 1))}
            result += min(squares * y * y - price * y for y in loads)
        return result


def _least_set(
    cost: Column,
    score: Column,
    held: NDArray[np.bool_],
    wanted: int,
    unserved: int,
    floor: int,
    fines: list[tuple[int, int]],
) -> int | None:
    """The least that an allowed set of mentors costs one mentee, None when none is allowed."""
    options = [] if held.any() else [unserved]
    start = (int(cost[held].sum()), int(score[held].sum()))
    places = wanted - int(held.sum())
    if places < 0:
        return None
    # Above this total it makes no difference how high it is.
    enough = max([floor, *(level + 1 for level, _ in fines)])
    rest = np.flatnonzero(~held)
    cheap = rest[np.argsort(cost[rest], kind="stable")[:places]]
    saving = cheap[cost[cheap] < 0]
    if not held.any() and not len(saving):
        saving = cheap[:1]
    if held.any() or len(saving):
        found = start[0] + int(cost[saving].sum()), start[1] + int(score[saving].sum())
        if found[1] >= enough:
            return min([found[0], *options])
    # By number of mentors: the least cost at each total, totals counted up to what is enough.
    tables: list[dict[int, int]] = [{min(start[1], enough): start[0]}]
    tables += [{} for _ in range(places)]
    for one in _undominated(cost, score, rest, places):
        price, points = int(cost[one]), int(score[one])
        for count in range(places, 0, -1):
            after = tables[count]
            for total, paid in tables[count - 1].items():
                reached = min(total + points, enough)
                if paid + price < after.get(reached, _LARGEST * 4):
                    after[reached] = paid + price
    for count, table in enumerate(tables):
        if count or held.any():
            options += [
                paid + sum(weight for level, weight in fines if total <= level)
                for total, paid in table.items()
                if total >= floor
            ]
    return min(options, default=None)


def _undominated(cost: Column, score: Column, rest: Column, places: int) -> list[int]:
    """Mentors for whom fewer than ``places`` others are as cheap and score as high.

    In a set, a mentor with that many rivals can be exchanged for one that is not in it.
    """
    kept: list[int] = []
    for one in rest[np.lexsort((cost[rest], -score[rest]))].tolist():
        rivals = sum(1 for other in kept if cost[other] <= cost[one])
        if rivals < places:
            kept.append(one)
    return kept
