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

from matching.model import Column, ObjectiveCode, Problem, ProofStep, WorstOff
from matching.several import exact
from matching.several.bound import Weighed, lower_bound
from matching.several.ground import Ground, Mask, Quantity, ground
from matching.several.near import MARGIN, near, rounds
from matching.several.relax import Limits, Relaxed, lift, relax, whole_prices
from matching.several.start import start
from matching.steps import Step
from matching.watch import Cancel, Watch

DEAR = 2**61
"""Weight of a mentee left out: more than any set of mentors costs."""

OFTEN = (0.0, 1 / 256, 1 / 16, 1.0, 16.0, 256.0, 4096.0)
"""How often the prices of the objective before are tried to be added."""

QUICK_ROUNDS = 3


def run_steps(problem: Problem, seed: int, stopped: Cancel) -> Iterator[Step]:
    """Solve objective after objective, giving each step as it is done."""
    run = Run(problem, ground(problem), seed, stopped)
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
        )
        self.anchor: tuple[Quantity, Relaxed] | None = None
        self.chosen: Column = start(base, seed)
        self.solves = 0
        self.clock = time.perf_counter()

    def objective(self, code: ObjectiveCode) -> Iterator[Step]:
        """The steps of one objective."""
        if code is ObjectiveCode.OBSERVERS:
            # Observers come first in missions; without missions there is nothing to solve.
            yield self._step(code, None)
        elif code is ObjectiveCode.WORST_OFF:
            yield from self.worst_off()
        elif code is ObjectiveCode.KEEP and not self.ground.proposed.any():
            yield self._step(code, None)
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

    def _step(
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
        simple = Weighed(quantity, 1, tuple((q, 0) for q in self._earlier()), none)
        proof = None
        if self._bound(simple) == now:
            proof = self._proof(self._covering(simple))
        else:
            relaxed = self._relax(quantity)
            weighed, bound = self._priced(quantity, relaxed)
            fractions = math.ceil(relaxed.value - MARGIN * max(1.0, abs(relaxed.value)))
            told = self.ground.told(quantity, max(bound, fractions))
            yield self._step(quantity.objective, None, finished=False, bound=told)
            self._descend(quantity, relaxed, max(bound, fractions))
            now = self.ground.value(quantity, self.chosen)
            if bound == now:
                proof = self._proof(weighed)
            keep, sure = near(self.limits, relaxed, now - relaxed.value)
            self.limits = replace(self.limits, keep=keep, sure=sure)
            self.anchor = (quantity, relaxed)
        self.limits = replace(self.limits, frozen=(*self.limits.frozen, (quantity, now)))
        yield self._step(quantity.objective, proof)

    def _priced(self, quantity: Quantity, relaxed: Relaxed) -> tuple[Weighed, int]:
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
                weights[self._earlier().index(anchor)] += often
            weighed = self._covering(
                whole_prices(prices, weights.tolist(), quantity, self._earlier())
            )
            bound = self._bound(weighed)
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
        """From the bound upwards, until a plan is found or the present one is reached."""
        plan = relaxed.whole()
        if plan is not None and self._keeps(plan, self.limits):
            if self.ground.value(quantity, plan) < self.ground.value(quantity, self.chosen):
                self.chosen = plan
        step = 0
        while (now := self.ground.value(quantity, self.chosen)) > bound:
            most = min(bound + step, now - 1)
            keep, sure = near(self.limits, relaxed, most - relaxed.value)
            found = self._search(self.limits, quantity, most, keep, sure, relaxed)
            if found is not None:
                self.chosen = found
                return
            if most == now - 1:
                return
            step = 2 * step + 1

    def worst_off(self) -> Iterator[Step]:
        """The lowest total is as high as possible, then the next, and so on."""
        code, rule = ObjectiveCode.WORST_OFF, self.problem.policy.worst_off
        if rule is WorstOff.OFF or not len(self.chosen):
            yield self._step(code, None)
            return
        low, high, raised = self._ceiling()
        trial = high
        while low < high:
            found = self._reach(trial, raised)
            if found is not None:
                self.chosen, low = found, self._lowest(found)
                high = max(high, low)
            else:
                high = trial - 1
            yield self._step(code, None, finished=False, bound=high)
            trial = (low + high + 1) // 2
        proof = self._floor_proof(low, raised)
        self.limits = replace(self.limits, floor=low)
        yield self._step(code, proof, finished=rule is WorstOff.MINIMUM, bound=low)

    def _lowest(self, chosen: Column) -> int:
        totals = self.ground.totals(chosen)
        return int(totals[totals >= 0].min())

    def _ceiling(self) -> tuple[int, int, Relaxed | None]:
        """Lowest total now, the highest that fractions of pairs allow, and their relaxation."""
        low = self._lowest(self.chosen)
        best = self.ground.best_totals()
        if self.limits.must.any():
            high = int(best[self.limits.must].min())
            raised = lift(self.ground, self.limits) if low < high else None
            self.solves += raised is not None
            if raised is not None:
                high = min(high, int(np.floor(raised.value * (1 + MARGIN) + 1e-6)))
            return low, max(low, high), raised
        high = int(best.max())
        while low < high and not self.stopped():
            middle = (low + high + 1) // 2
            limits = replace(self.limits, floor=middle)
            self.solves += 1
            if relax(self.ground, limits, self.ground.quantity(ObjectiveCode.COVER)) is None:
                high = middle - 1
            else:
                low = middle
        return self._lowest(self.chosen), high, None

    def _reach(self, floor: int, raised: Relaxed | None) -> Column | None:
        """A plan in which no covered mentee has a total below ``floor``; None: there is none."""
        limits = replace(self.limits, floor=floor)
        fit = self.ground.quantity(ObjectiveCode.FIT)
        relaxed = relax(self.ground, limits, fit)
        self.solves += 1
        if relaxed is None:
            return None
        plan = relaxed.whole()
        if plan is not None and self._keeps(plan, limits):
            return plan
        away = max(1.0, abs(relaxed.value) * 1e-5)
        for _ in range(QUICK_ROUNDS):
            keep, sure = near(limits, relaxed, away)
            found = self._search(limits, fit, None, keep, sure, relaxed)
            if found is not None:
                return found
            away *= 8
        keep, sure = limits.keep, limits.sure
        if raised is not None:
            keep, sure = near(limits, raised, raised.value - floor)
        return self._search(limits, fit, None, keep, sure, relaxed)

    def _search(
        self,
        limits: Limits,
        quantity: Quantity,
        most: int | None,
        keep: Mask,
        sure: Mask,
        relaxed: Relaxed,
    ) -> Column | None:
        """A plan with at most ``most``, None when there is none among these pairs."""
        for may, needs in rounds(self.ground, relaxed, keep, sure, self.seed):
            self.solves += 1
            found = exact.search(
                self.ground, limits, quantity, most=most, keep=may, sure=needs,
                hint=relaxed.share, watch=self.watch, seed=self.seed,
            )  # fmt: skip
            if found is not None:
                return found
        return None

    def _relax(self, quantity: Quantity) -> Relaxed:
        relaxed = relax(self.ground, self.limits, quantity)
        self.solves += 1
        if relaxed is None:
            raise ArithmeticError("the relaxation excludes the plan at hand")
        return relaxed

    def _keeps(self, plan: Column, limits: Limits) -> bool:
        """Whether a plan keeps every rule and limit, in whole numbers."""
        base, covered = self.ground, self.ground.covered(plan)
        count = np.bincount(base.tail[plan], minlength=len(base.wanted))
        totals = base.totals(plan)
        return bool(
            (count <= base.wanted).all()
            and (base.load(plan) <= base.capacity).all()
            and np.isin(np.flatnonzero(base.held), plan).all()
            and covered[limits.must].all()
            and (limits.floor is None or (totals[covered] >= limits.floor).all())
            and all(base.value(q, plan) <= v for q, v in limits.frozen)
        )

    # Proofs.

    def _earlier(self) -> list[Quantity]:
        return [quantity for quantity, _ in self.limits.frozen]

    def _bound(self, weighed: Weighed, floor: int | None = None) -> int | None:
        """What the objective comes to at least, in its own unit."""
        values = [value for _, value in self.limits.frozen]
        weighed = self._covering(weighed)
        found = lower_bound(self.ground, weighed, values, self.limits.floor)
        return None if found is None else -(-found // weighed.scale)

    def _proof(self, weighed: Weighed, **fields: int) -> ProofStep:
        return ProofStep(
            objective=weighed.objective.objective,
            prices=tuple(weighed.prices.tolist()),
            scale=weighed.scale,
            earlier=tuple(weight for _, weight in weighed.earlier),
            **fields,
        )

    def _covering(self, weighed: Weighed) -> Weighed:
        """The same where everyone is covered: nobody may be dropped, whatever it saves."""
        if not self.limits.must.any():
            return weighed
        earlier = tuple((q, DEAR if q.empty else w) for q, w in weighed.earlier)
        return replace(weighed, earlier=earlier)

    def _floor_proof(self, floor: int, raised: Relaxed | None) -> ProofStep | None:
        """Prices under which no plan as good as this one has everyone above the floor."""
        nothing = self.ground.quantity(ObjectiveCode.WORST_OFF)
        earlier = self._earlier()
        weighed = Weighed(
            nothing, 0, tuple((q, 0) for q in earlier), np.zeros(len(self.ground.capacity), np.int64)
        )
        if raised is not None:
            weighed = whole_prices(
                raised.prices, raised.weights.tolist(), nothing, earlier, counts=False
            )
        weighed = self._covering(weighed)
        values = [value for _, value in self.limits.frozen]
        found = lower_bound(self.ground, weighed, values, floor + 1)
        if found is not None and found <= 0:
            return None
        return self._proof(weighed, below=floor)
