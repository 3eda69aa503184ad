"""What no plan can pass: simple bounds, and those of the linear model of a large Problem."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike

from matching.joint.aside import aside
from matching.joint.linear import Real, Solution, Whole
from matching.joint.master import Master
from matching.joint.model import JointProblem
from matching.joint.teams import Teams
from matching.joint.value import best_points, satisfaction_of
from matching.model import Item, ObjectiveCode
from matching.watch import Watch

SLACK, HALF = 1e-6, 0.5
MISSION = 2

SMALLER = frozenset(
    {
        ObjectiveCode.KEEP, ObjectiveCode.CHANGES, ObjectiveCode.COST, ObjectiveCode.SPREAD,
        ObjectiveCode.AVOID,
    }
)  # fmt: skip
"""Objectives of which less is better."""

LEADS = 3
"""Leads of a mission that are preferred when teams are formed."""

TEAMS = 5
"""Teams that each mission of the linear model can choose from."""


class Bounds:
    """Bounds of one Problem, conditional on what is frozen."""

    def __init__(self, problem: JointProblem, watch: Watch) -> None:
        self.problem, self.watch = problem, watch
        self._frozen: dict[ObjectiveCode, int] = {}
        self._fit: Solution | None = None
        self._rows: dict[ObjectiveCode, int] = {}
        self._linear: dict[ObjectiveCode, int] = {}

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
    def teams(self) -> Teams:
        """Who can form teams for whom."""
        return Teams(self.problem)

    @cached_property
    def coverable(self) -> set[int]:
        """States that something could serve: an option alone, or a team."""
        table = self.problem.options
        alone = set(np.unique(table.guest[table.instrument != MISSION]).tolist())
        return alone | {guest for guest in self.teams.candidates if self.teams.possible(guest)}

    def simple(self, code: ObjectiveCode) -> int | None:
        """A bound that needs no solver, None where there is none worth having."""
        problem = self.problem
        if code is ObjectiveCode.COVER:
            return len(self.coverable)
        if code is ObjectiveCode.OBSERVERS:
            teams = self.teams
            observers = [at for at, row in enumerate(problem.parties) if row.observer]
            return sum(1 for guest in observers if teams.possible(guest))
        if code in (ObjectiveCode.KEEP, ObjectiveCode.CHANGES, ObjectiveCode.AVOID):
            return 0
        return None

    def certain(self, code: ObjectiveCode, known: dict[ObjectiveCode, int]) -> int:
        """A bound that holds for every plan, however weak."""
        simple = self.simple(code)
        if simple is not None:
            return simple
        if code is ObjectiveCode.WORST_OFF:
            return self._lowest(known.get(ObjectiveCode.COVER, len(self.coverable)))
        if code is ObjectiveCode.FIT:
            missions = sum(map(self.teams.possible, self.teams.candidates))
            several = self.problem.policy.weights.several_states
            return self._fit_of_everything() + several * missions
        return 0

    def _fit_of_everything(self) -> int:
        serving = self.problem.serving
        best: dict[int, int] = defaultdict(int)
        for need, points in zip(serving.need.tolist(), serving.points.tolist(), strict=True):
            best[need] = max(best[need], points)
        weight: dict[int, int] = defaultdict(int)
        for row in self.problem.needs:
            weight[row.guest] += row.weight
        return sum(
            row.weight * best[at] // weight[row.guest] for at, row in enumerate(self.problem.needs)
        )

    def settled(self, items: tuple[Item, ...], level: int) -> bool:
        """Whether all States at a level or below it are as satisfied as they ever can be."""
        found = satisfaction_of(self.problem, best_points(self.problem, items))
        place = {row.key: at for at, row in enumerate(self.problem.parties)}
        covered = {place[p.guest] for item in items for p in item.places}
        return all(found[g] == self.ceilings[g] for g in covered if found[g] <= level)

    def easy(self, each: int) -> list[int]:
        """Some good options of each guest, for a first plan without any bound."""
        worth = np.zeros(len(self.problem.options))
        weights = np.array([need.weight for need in self.problem.needs], float)
        serving = self.problem.serving
        np.add.at(worth, serving.option, weights[serving.need] * serving.points)
        table = self.problem.options
        count: dict[tuple[int, int], int] = defaultdict(int)
        chosen = []
        for at in np.argsort(-worth, kind="stable").tolist():
            key = int(table.guest[at]), int(table.instrument[at])
            if key[1] != MISSION and count[key] < each:
                count[key] += 1
                chosen.append(at)
        return sorted(chosen)

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
                    self.freeze(stage, floor(found.value + SLACK))
                    self._linear[stage] = floor(found.value + SLACK)
        found = self._solved(code.FIT)
        if found is None or found.reduced is None:
            return sorted(range(min(count, len(self.problem.options))))
        self._fit = found
        values, reduced = found.values, found.reduced
        column = np.where(master.lead >= 0, master.lead, master.option)
        score = np.where(values[column] > SLACK, np.inf, reduced[column])
        plain = np.flatnonzero(master.kind != MISSION)
        best = plain[np.argsort(-score[plain], kind="stable")[:count]]
        return sorted({*best.tolist(), *self._experts(values, score)})

    def likely(self) -> set[int]:
        """Options that the linear model's plan holds for the most part."""
        if self._fit is None:
            return set()
        master = self.master
        column = np.where(master.lead >= 0, master.lead, master.option)
        return set(np.flatnonzero(self._fit.values[column] > HALF).tolist())

    def _experts(self, values: Real, score: Real) -> set[int]:
        """Experts for the missions of the linear model, its leads first."""
        master = self.master
        guests = [
            guest for guest, column in enumerate(master.mission.tolist())
            if column >= 0 and values[column] > SLACK
        ]  # fmt: skip
        leads = {
            guest: sorted(
                (c.option for c in master.teams.candidates[guest] if c.leads),
                key=lambda option: -score[option],
            )[:LEADS]
            for guest in guests
        }
        chosen = master.teams.worth_having(guests, leads, TEAMS)
        return chosen | {options[0] for options in leads.values() if options}

    def _wanted(self, code: ObjectiveCode) -> bool:
        return code is not ObjectiveCode.OBSERVERS or self.problem.policy.observers_first

    def _aim(self, code: ObjectiveCode) -> tuple[Whole, ArrayLike] | None:
        """Columns and coefficients of an objective in the linear model."""
        master = self.master
        if code is ObjectiveCode.OBSERVERS:
            observed = [
                column for guest, column in enumerate(master.mission.tolist())
                if column >= 0 and self.problem.parties[guest].observer
            ]  # fmt: skip
            return np.array(observed, np.int64), np.ones(len(observed))
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
            paying, costs, _ = master.costly()
            return paying, costs
        if code is ObjectiveCode.SPREAD:
            return master.squares()
        return None

    def _solved(self, code: ObjectiveCode) -> Solution | None:
        aim = self._aim(code)
        if aim is None:
            return None
        model = self.master.model
        return aside(
            lambda: model.solve(*aim, maximise=code not in SMALLER, relaxed=True), self.watch
        )

    def freeze(self, code: ObjectiveCode, value: int) -> None:
        """From now on an objective is at least (or at most) this value, also where bounds look."""
        self._frozen[code] = value
        if "master" not in self.__dict__:
            return
        model = self.master.model
        if code is ObjectiveCode.WORST_OFF:
            self._lift(value)
            return
        aim = self._aim(code)
        if aim is None:
            return
        if code not in self._rows:
            columns, values = aim
            self._rows[code] = int(model.rows(1)[0])
            model.put(self._rows[code], columns, values)
        if code in SMALLER:
            model.limit(self._rows[code], upper=value)
        else:
            model.limit(self._rows[code], lower=value)

    def _lift(self, level: int) -> None:
        """Whoever is covered is at least so satisfied: all that can be, when all are."""
        if self._frozen.get(ObjectiveCode.COVER) != len(self.coverable):
            return
        master = self.master
        guests = sorted(self.coverable)
        place = {guest: at for at, guest in enumerate(guests)}
        least = [float(level * master.top_weight[guest]) for guest in guests]
        rows = master.model.rows(len(guests), lower=least)
        known = [at for at, guest in enumerate(master.level_guest.tolist()) if guest in place]
        master.model.put(
            rows[[place[int(master.level_guest[at])] for at in known]],
            master.level[known],
            master.level_satisfaction[known],
        )

    def hold_below(self, step: int, guests: list[int], count: int) -> None:
        """At most ``count`` of these States are less satisfied than ``step``.

        "Is below" is a part of a whole here: whoever lacks half of the step is below by half.
        """
        if self._frozen.get(ObjectiveCode.COVER) != len(self.coverable) or not guests:
            return
        master = self.master
        place = {guest: at for at, guest in enumerate(guests)}
        needed = np.array([float(step * master.top_weight[guest]) for guest in guests])
        below = master.model.columns(len(guests), integer=False)
        rows = master.model.rows(len(guests), lower=needed)
        master.model.put(rows, below, needed)
        known = [at for at, guest in enumerate(master.level_guest.tolist()) if guest in place]
        master.model.put(
            rows[[place[int(master.level_guest[at])] for at in known]],
            master.level[known],
            master.level_satisfaction[known],
        )
        master.model.put(master.model.rows(1, upper=float(count)), below)

    def of(self, code: ObjectiveCode, known: dict[ObjectiveCode, int]) -> int | None:
        """The best bound at hand for an objective, given those before it."""
        simple = self.simple(code)
        if code is ObjectiveCode.WORST_OFF:
            return self._lowest(known.get(ObjectiveCode.COVER, 0))
        if code in self._linear and not known:
            return self._linear[code]
        if self._aim(code) is None:
            return self.certain(code, known)
        row = self._rows.get(code)
        if row is not None:
            self.master.model.limit(row)
        found = self._solved(code)
        if found is None:
            return self.certain(code, known)
        if code in SMALLER:
            return max(ceil(found.value - SLACK), simple or 0)
        linear = floor(found.value + SLACK)
        return linear if simple is None else min(linear, simple)

    def _lowest(self, covered: int) -> int:
        """With so many States covered, the lowest is at most the lowest of the highest ceilings."""
        ceilings = sorted((self.ceilings.get(g, 0) for g in self.coverable), reverse=True)
        return min(ceilings[:covered], default=0)
