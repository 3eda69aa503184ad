"""What no plan can pass, seen from the Problem alone: simple, and certain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.joint.check.objectives import Levels, satisfaction, total_fit
from matching.joint.check.reading import MISSION, Reading
from matching.joint.model import INSTRUMENTS
from matching.model import ObjectiveCode, WorstOff


@dataclass(frozen=True)
class Ceilings:
    """Certain limits of a plan's objectives.

    ``satisfaction`` holds, highest first, the most that each State with a possible service can
    reach: everything possible at once.
    """

    satisfaction: tuple[int, ...]
    observers: int
    fit: int

    @classmethod
    def of(cls, reading: Reading) -> Ceilings:
        """The limits of a Problem."""
        problem = reading.problem
        table, serving = problem.options, problem.serving
        usable = _usable(reading)
        asked = np.unique(table.guest[usable & (table.instrument == MISSION)]).tolist()
        rows = usable[serving.option]
        best = np.zeros(len(problem.needs), np.int64)
        np.maximum.at(best, serving.need[rows], serving.points[rows])
        points = dict(enumerate(best.tolist()))
        guests = np.unique(table.guest[usable]).tolist()
        levels = [satisfaction(reading, points, guest) for guest in guests]
        return cls(
            tuple(sorted(levels, reverse=True)),
            sum(problem.parties[guest].observer for guest in asked),
            total_fit(reading, points) + problem.policy.weights.several_states * len(asked),
        )

    def bound(self, code: ObjectiveCode) -> int:
        """The most, or the least, that any plan can reach."""
        highest = {
            ObjectiveCode.OBSERVERS: self.observers,
            ObjectiveCode.COVER: len(self.satisfaction),
            ObjectiveCode.WORST_OFF: max(self.satisfaction, default=0),
            ObjectiveCode.FIT: self.fit,
        }
        return highest.get(code, 0)

    def reached(self, code: ObjectiveCode, value: int, levels: Levels, rule: WorstOff) -> bool:
        """Nothing better is conceivable, given the number of States covered."""
        if code is not ObjectiveCode.WORST_OFF:
            return value == self.bound(code)
        covered = sum(count for _, count in levels)
        ideal = sorted(self.satisfaction[:covered])
        if rule is WorstOff.MINIMUM:
            return value == min(ideal, default=0)
        return [level for level, count in levels for _ in range(count)] == ideal


def _usable(reading: Reading) -> NDArray[np.bool_]:
    """Options that can serve their guest: not excluded or declined, experts only as leads."""
    problem = reading.problem
    table = problem.options
    usable: NDArray[np.bool_] = (table.instrument != MISSION) | (table.tongue >= 0)
    for p in (*problem.policy.exclusions, *problem.previous.declined):
        guest, host = reading.parties.get(p.guest, -1), reading.parties.get(p.host, -1)
        number = INSTRUMENTS.index(p.instrument)
        barred = np.array([row.party == host for row in problem.givers(number)], bool)
        rows = np.flatnonzero((table.instrument == number) & (table.guest == guest))
        usable[rows] &= ~barred[table.giver[rows]]
    return usable
