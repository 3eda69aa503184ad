"""The search for plans: the model, the plan so far, and how the next one starts from it."""

from __future__ import annotations

from ortools.sat.python import cp_model

from matching import cpsat
from matching.joint.aims import Aims
from matching.joint.bounds import SMALLER, Bounds
from matching.joint.complete import Complete, all_rows
from matching.joint.extract import items_of
from matching.joint.history import History, Index, rows_of
from matching.joint.model import JointProblem
from matching.model import Item, ObjectiveCode, WorstOff
from matching.watch import Watch

MISSION = 2
WHOLE = 400
"""Up to so many options the whole Problem goes to CP-SAT, and every objective is proven."""

CHOSEN = 800
"""Options of a large Problem that CP-SAT gets, best by their reduced cost."""

WORK: dict[ObjectiveCode, float] = {
    ObjectiveCode.KEEP: 2.0, ObjectiveCode.CHANGES: 1.0, ObjectiveCode.OBSERVERS: 1.0,
    ObjectiveCode.COVER: 1.0, ObjectiveCode.WORST_OFF: 1.0, ObjectiveCode.FIT: 2.0,
    ObjectiveCode.COST: 1.5, ObjectiveCode.SPREAD: 0.5, ObjectiveCode.AVOID: 0.5,
}  # fmt: skip
"""Deterministic work that each objective of a large Problem gets."""

TOGETHER: dict[ObjectiveCode, int] = {
    ObjectiveCode.KEEP: 20_000, ObjectiveCode.CHANGES: 2_000, ObjectiveCode.OBSERVERS: 5_000,
    ObjectiveCode.COVER: 1_000, ObjectiveCode.WORST_OFF: 1, ObjectiveCode.FIT: 10,
}  # fmt: skip
TOGETHER_WORK = 4.0
"""Weights and work of the search that starts with all aims in one."""

EASY, EASY_WORK = 2, 0.3
"""Options of each guest and instrument, and work, for a first plan within seconds."""

STEPS, STEP_WEIGHT = (10, 20, 30, 40, 50, 60, 70), 3
"""Satisfaction below which States are counted together, each step weighing so much less."""


class Search:
    """A solve under way: the model over some options, and the best plan so far."""

    def __init__(
        self, problem: JointProblem, watch: Watch, seed: int, workers: int, whole: bool
    ) -> None:
        self.problem, self.watch, self.whole = problem, watch, whole
        self.seed, self.workers = seed, workers
        self.items: tuple[Item, ...] = ()
        self.first: float | None = None
        # Where nothing has to be in a plan, the empty one is the first.
        self.found = not problem.pins and not any(
            (problem.previous.accepted, problem.previous.accepted_items)
        )
        self.bounds = Bounds(problem, watch)
        self.known: dict[ObjectiveCode, int] = {}
        self.below: list[list[cp_model.IntVar]] = []

    def first_plan(self) -> bool:
        """Any plan at all; false when none is possible."""
        if self.whole:
            self.use(sorted(all_rows(self.problem)))
            self.run(None, work=None)
            return self.found
        earlier = rows_of(self.problem)
        self.use(sorted({*self.bounds.easy(EASY), *earlier}))
        self.run(self.plan.cover(), work=EASY_WORK)
        if not (self.found and self.watch.stopped()):
            self._widen(earlier)
        return self.found

    def _widen(self, earlier: set[int]) -> None:
        """Go on with the options that the linear model finds worth having."""
        index = Index(self.problem)
        chosen = {*self.bounds.promising(CHOSEN), *earlier}
        chosen |= {at for i in self.items for p in i.places for at in index.options(i, p.guest)}
        self.use(sorted(chosen))
        self._start_from_the_linear_model()
        self._all_at_once()

    def _all_at_once(self) -> None:
        """A good plan to begin with: all aims in one, each weighing more than all after it.

        The steps after it settle the aims one by one, and start from here.
        """
        parts: list[cp_model.LinearExprT] = []
        wanted = [code for code in self.problem.policy.order if self.is_on(code)]
        for code, weight in TOGETHER.items():
            if code not in wanted:
                continue
            if code is ObjectiveCode.WORST_OFF:
                self.below = self.steps()
                parts += [
                    -(STEP_WEIGHT ** (len(STEPS) - at)) * weight * sum(low)
                    for at, low in enumerate(self.below)
                ]
            else:
                sign = -1 if code in SMALLER else 1
                parts.append(sign * weight * self.aims[code])
        self.run(sum(parts), work=TOGETHER_WORK)

    def use(self, rows: list[int]) -> None:
        self.plan = Complete(self.problem, rows)
        self.history = History(self.plan)
        self.aims = Aims(self.plan, self.history)

    def _start_from_the_linear_model(self) -> None:
        likely = self.bounds.likely()
        for part in self.plan.parts:
            self.plan.model.add_hint(part.literal, part.option in likely)

    def is_on(self, code: ObjectiveCode) -> bool:
        policy = self.problem.policy
        if code is ObjectiveCode.OBSERVERS:
            return policy.observers_first
        return code is not ObjectiveCode.WORST_OFF or policy.worst_off is not WorstOff.OFF

    def run(
        self,
        expression: cp_model.LinearExprT | None,
        *,
        least: bool = False,
        work: float | None,
    ) -> cpsat.Answer | None:
        """Run CP-SAT from the plan so far; keep what it finds. None when it finds nothing."""
        if self.found and self.watch.stopped():
            return None
        model = self.plan.model
        model.clear_objective()  # type: ignore[no-untyped-call]
        if expression is not None:
            if least:
                model.minimize(expression)
            else:
                model.maximize(expression)
        answer = cpsat.run(
            model, watch=self.watch, seed=self.seed, workers=self.workers, work_limit=work,
            interleaved=not self.whole,
        )  # fmt: skip
        if not answer.found:
            return None
        self.found = True
        self.first = self.watch.elapsed() if self.first is None else self.first
        self.items = items_of(self.plan, answer.solver.value)
        self.plan.hint(answer.solver)
        return answer

    def steps(self) -> list[list[cp_model.IntVar]]:
        """For each step the literals "is below it", of States that could be above."""
        plan = self.plan
        below: list[list[cp_model.IntVar]] = []
        for step in STEPS:
            low = []
            for guest in self.able(step):
                literal = plan.covered[guest]
                under = plan.literal()
                plan.model.add(self.aims.satisfaction[guest] >= step).only_enforce_if(
                    literal, under.negated()
                )
                low.append(under)
            below.append(low)
        return below

    def able(self, step: int) -> list[int]:
        """States that could be as satisfied as a step: the others are below it in any plan."""
        ceilings = self.bounds.ceilings
        return [guest for guest in self.plan.covered if ceilings.get(guest, 0) >= step]
