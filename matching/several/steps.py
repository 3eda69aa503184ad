"""Objective after objective with several mentors per mentee.

Each is first relaxed to fractions of pairs. The relaxation gives a bound and says how dear each
pair would be; on assignment data its optimum is nearly a plan. What it leaves open is searched
exactly among the pairs that can still be in a plan as good as the one looked for: from the
bound on, further and further away from it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from matching.model import Column, ObjectiveCode, Problem, ProofStep
from matching.several import exact
from matching.several.bound import Weighed, lower_bound
from matching.several.ground import Ground, Mask, Quantity, ground
from matching.several.near import MARGIN, near, rounds
from matching.several.relax import Limits, Relaxed, relax, whole_prices
from matching.several.start import start
from matching.several.worst import worst_off
from matching.steps import Step
from matching.watch import Cancel, Watch

DEAR = 2**61
"""Weight of a mentee left out: more than any set of mentors costs."""

FIRST = 1e-5
"""First step away from a bound that no plan reaches, relative."""

OFTEN = (0.0, 1 / 256, 1 / 16, 1.0, 16.0, 256.0, 4096.0)
"""How often the prices of the objective before are tried to be added."""


def run_steps(problem: Problem, seed: int, stopped: Cancel) -> Iterator[Step]:
    """Solve objective after objective, giving each step as it is done."""
    run = Run(problem, ground(problem, seed), seed, stopped)
    for code in problem.policy.order:
        if stopped():
            return
        try:
            yield from run.objective(code)
        except exact.Stopped:
            return


class Run:
    """The limits and the plan of a solve under way."""

    def __init__(self, problem: Problem, base: Ground, seed: int, stopped: Cancel) -> None:
        self.problem, self.ground, self.seed, self.stopped = problem, base, seed, stopped
        self.watch = Watch(None, stopped, None, 0)
        self.limits = Limits(
            must=np.zeros(len(base.wanted), bool),
            keep=np.ones(len(base.tail), bool),
            sure=base.held.copy(),
            floors=np.zeros(len(base.wanted), np.int64),
        )
        self.floor: int | None = None
        self.sharp: set[int] = set()
        self.anchor: tuple[Quantity, Relaxed] | None = None
        self.chosen: Column = start(base)
        self.solves = self.searches = 0
        self.clock = time.perf_counter()

    def objective(self, code: ObjectiveCode) -> Iterator[Step]:
        """The steps of one objective."""
        if code is ObjectiveCode.OBSERVERS:
            # Observers come first in missions; without missions there is nothing to solve.
            yield self.step(code, None)
        elif code is ObjectiveCode.WORST_OFF:
            yield from worst_off(self)
        elif code is ObjectiveCode.KEEP and not self.ground.proposed.any():
            yield self.step(code, None)
        else:
            proven = False
            for step in self.least(self.ground.quantity(code)):
                proven = step.proof is not None
                yield step
            if code is ObjectiveCode.FIT:
                yield from self._filled(proven)
            if code is ObjectiveCode.COVER:
                covered = self.ground.covered(self.chosen)
                if np.array_equal(covered, self.ground.able):
                    self.limits = replace(self.limits, must=covered)

    def _filled(self, proven: bool) -> Iterator[Step]:
        """Most places filled; its proof stands only after that of the fit."""
        for step in self.least(self.ground.filled()):
            if step.finished:
                yield step if proven else replace(step, proof=None)

    def step(
        self,
        code: ObjectiveCode,
        proof: ProofStep | None,
        finished: bool = True,
        bound: int | None = None,
    ) -> Step:
        now = time.perf_counter()
        rows = self.ground.origin[self.chosen]
        step = Step(code, proof, rows, finished, self.solves, now - self.clock, bound)
        self.solves, self.clock = 0, now
        return step

    def least(self, quantity: Quantity) -> Iterator[Step]:
        """Make one quantity as small as it can be, then freeze it."""
        now = self.ground.value(quantity, self.chosen)
        none = np.zeros(len(self.ground.capacity), np.int64)
        simple = Weighed(quantity, 1, tuple((q, 0) for q in self.earlier()), none)
        proof = None
        if self.bound(simple) == now:
            proof = self.proof(self.covering(simple))
        else:
            relaxed = self.relaxed(quantity)
            weighed, bound = self.priced(quantity, relaxed)
            fractions = math.ceil(relaxed.value - MARGIN * max(1.0, abs(relaxed.value)))
            told = self.ground.told(quantity, max(bound, fractions))
            yield self.step(quantity.objective, None, finished=False, bound=told)
            self._descend(quantity, relaxed, max(bound, fractions))
            now = self.ground.value(quantity, self.chosen)
            if bound == now:
                proof = self.proof(weighed)
            keep, sure = near(self.limits, relaxed, now - relaxed.value)
            self.limits = replace(self.limits, keep=keep, sure=sure)
            self.anchor = (quantity, relaxed)
        self.limits = replace(self.limits, frozen=(*self.limits.frozen, (quantity, now)))
        yield self.step(quantity.objective, proof)

    def priced(self, quantity: Quantity, relaxed: Relaxed) -> tuple[Weighed, int]:
        """Whole prices with the best bound.

        The relaxation looked only at pairs that earlier objectives allow. So that the prices hold
        for all pairs, those of the last objective are added, as often as it takes.
        """
        best: tuple[Weighed, int] | None = None
        for often in OFTEN if self.anchor else OFTEN[:1]:
            prices, weights = relaxed.prices, relaxed.weights.copy()
            if self.anchor is not None:
                anchor, known = self.anchor
                prices = prices + often * known.prices
                weights[: len(known.weights)] += often * known.weights
                weights[self.earlier().index(anchor)] += often
            weighed = self.covering(
                whole_prices(prices, weights.tolist(), quantity, self.earlier())
            )
            bound = self.bound(weighed)
            if bound is None:
                raise ArithmeticError("no plan keeps what a plan has reached")
            if best is None or bound > best[1]:
                best = weighed, bound
            if bound >= relaxed.value - MARGIN:
                break
        if best is None:
            raise AssertionError("there is always a first try")
        return best

    def _descend(self, quantity: Quantity, relaxed: Relaxed, bound: int) -> None:
        """From the bound upwards, until no plan can be better than the one at hand.

        A plan found may come from a search among some of the pairs: only where a search among all
        that matter finds nothing is the bound raised.
        """
        plan = relaxed.whole()
        now = self.ground.value(quantity, self.chosen)
        if (
            plan is not None
            and self.keeps(plan, self.limits)
            and self.ground.value(quantity, plan) < now
        ):
            self.chosen = plan
        least, step = bound, 0
        while (now := self.ground.value(quantity, self.chosen)) > least:
            most = min(bound + step, now - 1)
            keep, sure = near(self.limits, relaxed, most - relaxed.value)
            found = self.search(self.limits, quantity, most, keep, sure, relaxed)
            if found is not None:
                self.chosen = found
            else:
                least = most + 1
                step = 4 * step + 1 + int(abs(relaxed.value) * FIRST)

    def search(
        self,
        limits: Limits,
        quantity: Quantity,
        most: int | None,
        keep: Mask,
        sure: Mask,
        relaxed: Relaxed,
        work: float | None = None,
    ) -> Column | None:
        """A plan with at most ``most``, None when there is none among these pairs."""
        for may, needs in rounds(self.ground, relaxed, keep, sure, self.seed):
            self.solves += 1
            self.searches += 1
            found = exact.search(
                self.ground, limits, quantity, most=most, keep=may, sure=needs,
                hint=relaxed.share, watch=self.watch, seed=self.seed, work=work,
            )  # fmt: skip
            if found is not None:
                return found
        return None

    def relaxed(self, quantity: Quantity) -> Relaxed:
        relaxed = relax(self.ground, self.limits, quantity)
        self.solves += 1
        if relaxed is None:
            raise ArithmeticError("the relaxation excludes the plan at hand")
        return relaxed

    def keeps(self, plan: Column, limits: Limits) -> bool:
        """Whether a plan keeps every rule and limit, in whole numbers."""
        base, covered = self.ground, self.ground.covered(plan)
        count = np.bincount(base.tail[plan], minlength=len(base.wanted))
        totals = base.totals(plan)
        return bool(
            (count <= base.wanted).all()
            and (base.load(plan) <= base.capacity).all()
            and np.isin(np.flatnonzero(base.held), plan).all()
            and covered[limits.must].all()
            and (totals[covered] >= limits.floors[covered]).all()
            and all(base.value(q, plan) <= v for q, v in limits.frozen)
        )

    # Proofs.

    def earlier(self) -> list[Quantity]:
        return [quantity for quantity, _ in self.limits.frozen]

    def bound(self, weighed: Weighed, floor: int | None = None) -> int | None:
        """What the objective comes to at least, in its own unit."""
        values = [value for _, value in self.limits.frozen]
        weighed = self.covering(weighed)
        found = lower_bound(self.ground, weighed, values, self.floor)
        return None if found is None else -(-found // weighed.scale)

    def proof(self, weighed: Weighed, **fields: int) -> ProofStep:
        level = weighed.objective.upto
        return ProofStep(
            objective=weighed.objective.objective,
            prices=tuple(weighed.prices[self.ground.mentor].tolist()),
            scale=weighed.scale,
            earlier=tuple(weight for _, weight in weighed.earlier),
            weights=() if level is None else ((level, 1),),
            **fields,
        )

    def covering(self, weighed: Weighed) -> Weighed:
        """The same where nobody may be left out or fall to a level, whatever it saves."""
        if not self.limits.must.any():
            return weighed
        earlier = tuple(
            (q, DEAR if q.empty or q.upto in self.sharp else w) for q, w in weighed.earlier
        )
        return replace(weighed, earlier=earlier)
