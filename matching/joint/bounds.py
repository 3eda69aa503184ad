"""What no plan can pass: simple bounds, and those of the linear model of a large Problem."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from math import ceil, floor

import numpy as np

from matching.joint.linear import Solution, Whole
from matching.joint.master import Master
from matching.joint.model import JointProblem
from matching.joint.value import best_points, satisfaction_of
from matching.model import Item, ObjectiveCode
from matching.watch import Watch

SLACK = 1e-6
MISSION = 2


class Bounds:
    """Bounds of one Problem, conditional on what is frozen."""

    def __init__(self, problem: JointProblem, watch: Watch) -> None:
        self.problem, self.watch = problem, watch
        self._frozen: dict[ObjectiveCode, int] = {}

    # Simple bounds: recomputed by a check.

    @cached_property
    def ceilings(self) -> dict[int, int]:
        """Highest satisfaction of each State if it could have all it may have."""
        serving = self.problem.serving
        best: dict[int, int] = defaultdict(int)
        for need, points in zip(serving.need.tolist(), serving.points.tolist(), strict=True):
            best[need] = max(best[need], points)
        return satisfaction_of(self.problem, best)

    @cached_property
    def coverable(self) -> set[int]:
        """States with any option."""
        return set(np.unique(self.problem.options.guest).tolist())

    def simple(self, code: ObjectiveCode) -> int | None:
        """A bound that needs no solver, None where there is none worth having."""
        problem = self.problem
        if code is ObjectiveCode.COVER:
            return len(self.coverable)
        if code is ObjectiveCode.OBSERVERS:
            table = problem.options
            asking = np.unique(table.guest[(table.instrument == MISSION) & (table.tongue >= 0)])
            return sum(1 for guest in asking.tolist() if problem.parties[guest].observer)
        if code in (ObjectiveCode.KEEP, ObjectiveCode.CHANGES, ObjectiveCode.AVOID):
            return 0
        return None

    def settled(self, items: tuple[Item, ...], level: int) -> bool:
        """Whether all States at a level or below it are as satisfied as they ever can be."""
        found = satisfaction_of(self.problem, best_points(self.problem, items))
        place = {row.key: at for at, row in enumerate(self.problem.parties)}
        covered = {place[p.guest] for item in items for p in item.places}
        return all(found[g] == self.ceilings[g] for g in covered if found[g] <= level)

    # The linear model.

    @cached_property
    def master(self) -> Master:
        return Master(self.problem)

    def promising(self, count: int) -> list[int]:
        """Options that a best plan is likely to be made of.

        The linear model is solved for the objectives in order; options in its solution come
        first, then those with the best reduced costs.
        """
        master, code = self.master, ObjectiveCode
        for stage in (code.OBSERVERS, code.COVER):
            if stage in self.problem.policy.order and self._wanted(stage):
                found = self._solved(stage)
                if found is not None:
                    self._row(stage, floor(found.value + SLACK))
        found = self._solved(code.FIT)
        if found is None or found.reduced is None:
            return sorted(range(min(count, len(self.problem.options))))
        self._fit = found
        values, reduced = found.values[master.option], found.reduced[master.option]
        score = np.where(values > SLACK, np.inf, reduced)
        return sorted(np.argsort(-score, kind="stable")[:count].tolist())

    def _wanted(self, code: ObjectiveCode) -> bool:
        return code is not ObjectiveCode.OBSERVERS or self.problem.policy.observers_first

    def _aim(self, code: ObjectiveCode) -> tuple[Whole, np.typing.ArrayLike] | None:
        """Columns and coefficients of an objective in the linear model."""
        master = self.master
        if code is ObjectiveCode.OBSERVERS:
            columns = [
                column for guest, column in enumerate(master.mission.tolist())
                if column >= 0 and self.problem.parties[guest].observer
            ]  # fmt: skip
            return np.array(columns, np.int64), np.ones(len(columns))
        if code is ObjectiveCode.COVER:
            return master.cover, np.ones(len(master.cover))
        if code is ObjectiveCode.FIT:
            missions = master.mission[master.mission >= 0]
            bonus = np.full(len(missions), self.problem.policy.weights.several_states)
            return (
                np.concatenate([master.level, missions]),
                np.concatenate([master.level_fit, bonus]),
            )
        if code is ObjectiveCode.COST:
            return master.option, master.least_cost()
        return None

    def _solved(self, code: ObjectiveCode) -> Solution | None:
        aim = self._aim(code)
        if aim is None:
            return None
        return self.master.model.solve(
            *aim, maximise=code is not ObjectiveCode.COST, relaxed=True,
            seconds=None if self.watch.limit is None else self.watch.left(),
        )  # fmt: skip

    def _row(self, code: ObjectiveCode, value: int) -> None:
        """Freeze an objective in the linear model."""
        aim = self._aim(code)
        if aim is None:
            return
        columns, values = aim
        model = self.master.model
        if code is ObjectiveCode.COST:
            model.put(model.rows(1, upper=value), columns, values)
        else:
            model.put(model.rows(1, lower=value), columns, values)

    def freeze(self, code: ObjectiveCode, value: int) -> None:
        """From now on an objective has this value."""
        self._frozen[code] = value

    def of(self, code: ObjectiveCode, known: dict[ObjectiveCode, int]) -> int | None:
        """The best bound at hand for an objective, given those before it."""
        simple = self.simple(code)
        if code is ObjectiveCode.WORST_OFF:
            return self._lowest(known.get(ObjectiveCode.COVER, 0))
        if code is ObjectiveCode.SPREAD:
            return None
        found = self._solved(code)
        if found is None:
            return simple
        if code is ObjectiveCode.COST:
            return ceil(found.value - SLACK)
        linear = floor(found.value + SLACK)
        return linear if simple is None else min(linear, simple)

    def _lowest(self, covered: int) -> int:
        """With so many States covered, the lowest is at most the lowest of the highest ceilings."""
        ceilings = sorted((self.ceilings.get(g, 0) for g in self.coverable), reverse=True)
        return min(ceilings[:covered], default=0)
