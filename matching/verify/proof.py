"""Recompute optimality from the prices that a plan stores, in integer arithmetic.

For prices p of places, no plan of the face can cost less than

    sum over mentees of the cheapest (cost + price) among what is open to them
    + sum over mentors of the least (load cost - price x load) between lowest and highest load.

When the plan costs exactly that, it is optimal, and every optimal plan uses only choices and
loads that reach these minima: that is the face on which the next objective is checked.
"""

from __future__ import annotations

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

_FAR = 2**62
_LARGEST_PRICE = 2**61


class Proof:
    """Walks the stored prices and narrows the set of optimal plans along."""

    def __init__(self, problem: Problem, plan: Plan, chosen: Column) -> None:
        self.problem, self.plan, self.chosen = problem, plan, chosen
        self.found: list[Violation] = []
        table = problem.pairs
        self.tail, self.head = table.mentee, table.mentor
        self.intact = True
        self.open: NDArray[np.bool_] = np.ones(len(table), bool)
        self.free: NDArray[np.bool_] = np.ones(len(problem.mentees), bool)
        self.low = np.zeros(len(problem.mentors), np.int64)
        self.high = np.array([min(r.capacity, len(self.free)) for r in problem.mentors], np.int64)
        barred = self._rows(problem.excluded) + self._rows(problem.declined)
        self.open[barred] = False
        for row in self._rows(problem.pins) + self._rows(problem.accepted):
            mine = self.tail == self.tail[row]
            self.open[mine] = False
            self.open[row] = True
            self.free[self.tail[row]] = False
        idle = np.array([row.wanted == 0 for row in problem.mentees], bool)
        self.open &= ~idle[self.tail]
        placed = self.chosen[self.chosen >= 0]
        self.load = np.bincount(self.head[placed], minlength=len(self.high)).astype(np.int64)

    def _report(self, code: ViolationCode, **parameters: str | int) -> None:
        self.found.append(Violation(code, parameters))

    def _rows(self, pairings: tuple[Pairing, ...]) -> list[int]:
        """Rows of the pair table of those pairings that are possible."""
        mentees = {row.key: at for at, row in enumerate(self.problem.mentees)}
        mentors = {row.key: at for at, row in enumerate(self.problem.mentors)}
        rows: set[int] = set()
        for p in pairings:
            if p.guest in mentees and p.host in mentors:
                mine = self.tail == mentees[p.guest]
                rows |= set(np.flatnonzero(mine & (self.head == mentors[p.host])).tolist())
        return sorted(rows)

    def objective(self, code: ObjectiveCode) -> bool:
        """Whether the steps stored for an objective prove it, given those before it."""
        steps = [(at, s) for at, s in enumerate(self.plan.proof, start=1) if s.objective is code]
        if code is ObjectiveCode.OBSERVERS:
            return self._unused(steps)
        if code is ObjectiveCode.WORST_OFF:
            return self.intact and self._worst_off(steps)
        if code is ObjectiveCode.KEEP and not self._rows(self.problem.proposed):
            return self._unused(steps)
        if not self.intact or len(steps) != 1 or steps[0][1].weights or steps[0][1].below:
            self.intact = False
            if len(steps) > 1:
                self._fail(code, steps[-1][0])
            return False
        pair, free = self._costs(code)
        return self._step(*steps[0], pair, free, squares=code is ObjectiveCode.SPREAD)

    def _unused(self, steps: list[tuple[int, ProofStep]]) -> bool:
        for at, step in steps:
            self._fail(step.objective, at)
        return not steps

    def _fail(self, code: ObjectiveCode, at: int) -> None:
        self.intact = False
        self._report(ViolationCode.PROOF_MALFORMED, objective=code.value, step=at)

    def _costs(self, code: ObjectiveCode) -> tuple[Column, Column]:
        """Cost of each pair and of staying without a mentor, from the objective's statement."""
        pair = np.zeros(len(self.tail), np.int64)
        free = np.zeros(len(self.free), np.int64)
        if code is ObjectiveCode.KEEP:
            rows = self._rows(self.problem.proposed)
            free[self.tail[rows]] = 1
            pair = free[self.tail]
            pair[rows] = 0
        elif code is ObjectiveCode.COVER:
            free[:] = 1
        elif code is ObjectiveCode.FIT:
            pair = -self.problem.pairs.fit
        return pair, free

    def _least(self, pair: Column, free: Column) -> Column:
        """Cheapest open choice of each mentee."""
        least = np.where(self.free, free, _FAR)
        if self.open.any():
            np.minimum.at(least, self.tail[self.open], pair[self.open])
        return least

    def _bound(self, prices: Column, least: Column, squares: bool) -> tuple[int, Column, Column]:
        """The bound of these prices, and the loads that reach it."""
        if squares:
            # The k-th place costs 2k - 1: places below their price are used, above are not.
            low = np.clip(prices // 2, self.low, self.high)
            high = np.clip((prices + 1) // 2, self.low, self.high)
            loads = [y * y - p * y for y, p in zip(low.tolist(), prices.tolist(), strict=True)]
        else:
            low = np.where(prices > 0, self.high, self.low)
            high = np.where(prices < 0, self.low, self.high)
            loads = [-p * y for y, p in zip(low.tolist(), prices.tolist(), strict=True)]
        return sum(least.tolist()) + sum(loads), low, high

    def _price_column(self, step: ProofStep, largest_cost: int) -> Column | None:
        if len(step.prices) != len(self.high) or any(
            abs(p) > _LARGEST_PRICE - largest_cost for p in step.prices
        ):
            return None
        return np.array(step.prices, np.int64)

    def _step(
        self, at: int, step: ProofStep, pair: Column, free: Column, *, squares: bool = False
    ) -> bool:
        """Check that the plan costs no more than the bound, then keep the optimal plans only."""
        prices = self._price_column(step, int(np.abs(pair).max(initial=0)))
        if prices is None or step.below is not None:
            self._fail(step.objective, at)
            return False
        dear = pair + prices[self.head] if len(self.head) else pair
        least = self._least(dear, free)
        bound, low, high = self._bound(prices, least, squares)
        value = self._cost(pair, free) + (int((self.load**2).sum()) if squares else 0)
        if value != bound:
            self.intact = False
            self._report(ViolationCode.PROOF_FAILS,
                objective=step.objective.value, step=at, value=value, bound=bound,
            )  # fmt: skip
            return False
        self.open &= dear == least[self.tail]
        self.free &= free == least
        self.low, self.high = low, high
        return True

    def _cost(self, pair: Column, free: Column) -> int:
        placed = self.chosen >= 0
        costs: list[int] = [*pair[self.chosen[placed]].tolist(), *free[~placed].tolist()]
        return sum(costs)

    def _worst_off(self, steps: list[tuple[int, ProofStep]]) -> bool:
        """Leximin, or the minimum only: the number covered is fixed before."""
        rule, order = self.problem.policy.worst_off, self.problem.policy.order
        code = ObjectiveCode.WORST_OFF
        if rule is WorstOff.OFF or not (self.chosen >= 0).any():
            return self._unused(steps)
        if ObjectiveCode.COVER not in order[: order.index(code)]:
            self.intact = False
            return False
        level = self.problem.pairs.satisfaction
        found = level[self.chosen[self.chosen >= 0]]
        floor = int(found.min())
        if not steps or steps[0][1].below != floor or steps[0][1].prices or steps[0][1].weights:
            self.intact = False
            if steps:
                self._fail(code, steps[0][0])
            return False
        # The plan has no one below its own minimum: closing those pairs keeps it.
        self.open &= level >= floor
        if rule is WorstOff.MINIMUM:
            return self._minimum(steps[1:], level, floor)
        done = floor - 1
        for at, step in steps[1:]:
            entries = dict(step.weights)
            if not self._weights_sound(step, level, done):
                self._fail(code, at)
                return False
            cost = np.zeros(len(level), np.int64)
            for of_level, weight in entries.items():
                cost[level == of_level] = weight
            if not self._step(at, step, cost, np.zeros(len(self.free), np.int64)):
                return False
            done = max(entries)
        # Settled when all who still have a choice have it between levels already frozen and at
        # most one other, whose count then follows from the number covered.
        finished = len(self._flexible_levels(level, done)[0]) <= 1
        self.intact &= finished
        return finished

    def _minimum(self, steps: list[tuple[int, ProofStep]], level: Column, floor: int) -> bool:
        """Some State has to be at the floor or below, whatever is done."""
        if len(steps) != 1 or steps[0][1].weights != ((floor, 1),) or steps[0][1].below is not None:
            self.intact = False
            if steps:
                self._fail(ObjectiveCode.WORST_OFF, steps[0][0])
            return False
        at, step = steps[0]
        pair = (level == floor).astype(np.int64)
        prices = self._price_column(step, 1)
        if prices is None:
            self._fail(ObjectiveCode.WORST_OFF, at)
            return False
        least = self._least(pair + prices[self.head], np.zeros(len(self.free), np.int64))
        bound, _, _ = self._bound(prices, least, False)
        if bound < 1:
            self.intact = False
            self._report(ViolationCode.PROOF_FAILS,
                objective=step.objective.value, step=at, value=1, bound=bound,
            )  # fmt: skip
            return False
        return True

    def _flexible_levels(self, level: Column, done: int) -> tuple[list[int], list[int]]:
        """Levels above ``done`` between which someone can still choose, and how many can."""
        lowest = np.full(len(self.free), _FAR)
        highest = np.full(len(self.free), -1, np.int64)
        np.minimum.at(lowest, self.tail[self.open], level[self.open])
        np.maximum.at(highest, self.tail[self.open], level[self.open])
        can = (highest >= 0) & ((lowest < highest) | self.free)
        rows = self.open & can[self.tail] & (level > done)
        both = np.unique(np.stack([level[rows], self.tail[rows]]), axis=1)
        levels, counts = np.unique(both[0], return_counts=True)
        return levels.tolist(), counts.tolist()

    def _weights_sound(self, step: ProofStep, level: Column, done: int) -> bool:
        """The weights list the next levels, each heavier than all later ones together."""
        stated = [of_level for of_level, _ in step.weights]
        levels, counts = self._flexible_levels(level, done)
        if not stated or stated != levels[: len(stated)]:
            return False
        rest = 0
        for (_, weight), count in zip(
            reversed(step.weights), reversed(counts[: len(stated)]), strict=True
        ):
            if weight <= rest:
                return False
            rest += weight * count
        return rest <= 2**61
