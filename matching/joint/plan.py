"""All instruments in one plan: objective after objective, each frozen before the next.

Small Problems are solved whole by CP-SAT, which proves each objective. Large ones are solved on
those options that a linear model of the whole (:mod:`matching.joint.master`) finds worth having;
that model's bound, or a simple one that a check recomputes, says what any plan could reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from ortools.sat.python import cp_model

from matching import cpsat
from matching.joint.bounds import SMALLER, Bounds
from matching.joint.clash import smallest_clash
from matching.joint.complete import Complete, all_rows
from matching.joint.extract import items_of
from matching.joint.history import History, Index, rows_of
from matching.joint.model import JointPlan, JointProblem
from matching.joint.value import levels_of, value_of
from matching.model import (
    Clash,
    Item,
    NoteCode,
    Objective,
    ObjectiveCode,
    OutcomeCode,
    Sense,
    Timing,
    WorstOff,
)
from matching.watch import Cancel, Progress, Watch

ENGINE_VERSION = "1"

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


@dataclass(frozen=True)
class JointResult:
    """What a solve gives back. Without a plan, ``clash`` is a smallest set of rules in conflict."""

    outcome: OutcomeCode
    plan: JointPlan | None
    clash: tuple[Clash, ...] = ()
    timings: tuple[Timing, ...] = ()


def solve(
    problem: JointProblem,
    *,
    seed: int | None = None,
    workers: int | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> JointResult:
    """Make the best plan of all instruments together.

    Parameters
    ----------
    seed, workers, time_limit
        Take the place of the policy's when given; the limit is in seconds of wall clock. Without
        one the work is counted, so that the same Problem, seed and workers give the same plan.
    progress
        Called with (step, steps, objective, incumbent, bound, elapsed seconds).
    cancel
        Asked ten times a second.

    Returns
    -------
    JointResult
        The plan, or a smallest set of clashing rules. After a time limit or cancellation the
        best plan so far, with its gaps.
    """
    policy = problem.policy
    seed = policy.seed if seed is None else seed
    workers = policy.workers if workers is None else workers
    if time_limit is None and policy.time_limit_ms is not None:
        time_limit = policy.time_limit_ms / 1000
    watch = Watch(time_limit, cancel, progress, len(policy.order))
    whole = len(problem.options) <= WHOLE
    run = _Solve(problem, watch, seed, workers, whole)
    if not run.first_plan():
        return JointResult(OutcomeCode.NO_PLAN, None, smallest_clash(problem))
    run.objectives()
    lines = run.lines()
    plan = JointPlan(
        outcome=_outcome(watch, lines),
        seed=seed, workers=workers,
        time_limit_ms=None if time_limit is None else int(time_limit * 1000),
        versions={"matching": ENGINE_VERSION, "ortools": version("ortools")},
        items=run.items, objectives=lines,
    )  # fmt: skip
    return JointResult(plan.outcome, plan, (), tuple(run.timings))


def _outcome(watch: Watch, lines: tuple[Objective, ...]) -> OutcomeCode:
    """Proven only when every objective is; work has limits of its own."""
    if watch.outcome is OutcomeCode.CANCELLED:
        return OutcomeCode.CANCELLED
    proven = all(line.proven for line in lines)
    return OutcomeCode.PROVEN if proven else OutcomeCode.TIME_LIMIT


@dataclass(frozen=True)
class _Reached:
    """What is known of an objective when its turn is over."""

    code: ObjectiveCode
    bound: int | None
    proven: bool


class _Solve:
    """A solve under way: the model, the plan so far, what was said of each objective."""

    def __init__(
        self, problem: JointProblem, watch: Watch, seed: int, workers: int, whole: bool
    ) -> None:
        self.problem, self.watch, self.whole = problem, watch, whole
        self.seed, self.workers = seed, workers
        self.items: tuple[Item, ...] = ()
        # Where nothing has to be in a plan, the empty one is the first.
        self.found = not problem.pins and not any(
            (problem.previous.accepted, problem.previous.accepted_items)
        )
        self.reached: list[_Reached] = []
        self.timings: list[Timing] = []
        self.bounds = Bounds(problem, watch)
        self.known: dict[ObjectiveCode, int] = {}
        self._below: list[list[cp_model.IntVar]] = []

    def first_plan(self) -> bool:
        """Any plan at all; false when none is possible."""
        if self.whole:
            self._model(sorted(all_rows(self.problem)))
            self._run(None, work=None)
            return self.found
        earlier = rows_of(self.problem)
        self._model(sorted({*self.bounds.easy(EASY), *earlier}))
        self._run(self.plan.cover(), work=EASY_WORK)
        if not (self.found and self.watch.stopped()):
            self._better_model(earlier)
        return self.found

    def _better_model(self, earlier: set[int]) -> None:
        """Go on with the options that the linear model finds worth having."""
        index = Index(self.problem)
        chosen = {*self.bounds.promising(CHOSEN), *earlier}
        chosen |= {at for i in self.items for p in i.places for at in index.options(i, p.guest)}
        self._model(sorted(chosen))
        self._start_from_the_linear_model()
        self._all_at_once()

    def _all_at_once(self) -> None:
        """A good plan to begin with: all aims in one, each weighing more than all after it.

        The steps after it settle the aims one by one, and start from here.
        """
        parts: list[cp_model.LinearExprT] = []
        wanted = [code for code in self.problem.policy.order if self._switched_on(code)]
        for code, weight in TOGETHER.items():
            if code not in wanted:
                continue
            if code is ObjectiveCode.WORST_OFF:
                self._below = self._steps()
                parts += [
                    -(STEP_WEIGHT ** (len(STEPS) - at)) * weight * sum(low)
                    for at, low in enumerate(self._below)
                ]
            else:
                sign = -1 if code in SMALLER else 1
                parts.append(sign * weight * self.aims[code])
        self._run(sum(parts), work=TOGETHER_WORK)

    def _model(self, rows: list[int]) -> None:
        self.plan = Complete(self.problem, rows)
        self.history = History(self.plan)
        self.aims = _Aims(self.plan, self.history)

    def _start_from_the_linear_model(self) -> None:
        likely = self.bounds.likely()
        for part in self.plan.parts:
            self.plan.model.add_hint(part.literal, part.option in likely)

    def objectives(self) -> None:
        for step, code in enumerate(self.problem.policy.order, start=1):
            begin = self.watch.elapsed()
            self._objective(step, code)
            spent = int((self.watch.elapsed() - begin) * 1e6)
            self.timings.append(Timing(code, spent, 0))

    def _objective(self, step: int, code: ObjectiveCode) -> None:
        """Solve one objective; its bound is kept, its value is that of the plan in the end."""
        bound: int | None = None
        proven = not self._switched_on(code)
        if not proven:
            proven = self._worst_off() if code is ObjectiveCode.WORST_OFF else self._aim(code)
            if not proven:
                bound = self._bound(code)
        value = value_of(self.problem, self.items, code)
        self.known[code] = value
        if self._switched_on(code):
            self.bounds.freeze(code, value)
        self.reached.append(_Reached(code, bound, proven))
        self.watch.say(step, code, value, value if bound is None else bound)

    def _bound(self, code: ObjectiveCode) -> int | None:
        """What no plan can pass: from the linear model while there is time, else a simple one."""
        if self.watch.stopped():
            return self.bounds.certain(code, self.known)
        return self.bounds.of(code, self.known)

    def lines(self) -> tuple[Objective, ...]:
        """What the plan reaches and what no plan can pass, objective by objective."""
        lines: list[Objective] = []
        for reached in self.reached:
            earlier = tuple(line.code for line in lines if not line.proven)
            lines.append(self._line(reached, earlier))
        return tuple(lines)

    def _line(self, reached: _Reached, earlier: tuple[ObjectiveCode, ...]) -> Objective:
        code, on = reached.code, self._switched_on(reached.code)
        value = value_of(self.problem, self.items, code)
        bound = value
        if not reached.proven and reached.bound is not None:
            # A plan that turned out better than the bound of a rounded model meets it.
            bound = min(reached.bound, value) if code in SMALLER else max(reached.bound, value)
        is_worst = code is ObjectiveCode.WORST_OFF
        met = reached.bound is not None and bound == value and not is_worst
        return Objective(
            code=code, sense=Sense.MIN if code in SMALLER else Sense.MAX, value=value,
            bound=bound, gap=abs(bound - value), proven=reached.proven or met, on=on,
            note=self._note(code, on), conditional_on=earlier,
            levels=levels_of(self.problem, self.items) if is_worst else (),
        )  # fmt: skip

    def _switched_on(self, code: ObjectiveCode) -> bool:
        policy = self.problem.policy
        if code is ObjectiveCode.OBSERVERS:
            return policy.observers_first
        return code is not ObjectiveCode.WORST_OFF or policy.worst_off is not WorstOff.OFF

    def _aim(self, code: ObjectiveCode) -> bool:
        """Solve one objective and freeze it; true when it is proven."""
        expression = self.aims[code]
        least = code in SMALLER
        if not self.whole and self._met(code):
            proven = True
        else:
            answer = self._run(
                expression, least=least, work=None if self.whole else WORK[code], code=code
            )
            proven = self.whole and answer is not None and answer.proven
        value = value_of(self.problem, self.items, code)
        if least:
            self.plan.model.add(expression <= value)
        else:
            self.plan.model.add(expression >= value)
        return proven

    def _met(self, code: ObjectiveCode) -> bool:
        """Whether the plan so far already reaches what no plan can pass."""
        value = value_of(self.problem, self.items, code)
        return value == self.bounds.simple(code)

    def _worst_off(self) -> bool:
        """The lowest satisfaction as high as possible, then fewest at it, then the next."""
        plan, aims = self.plan, self.aims
        if not self.whole:
            self._weighed()
        floor = plan.model.new_int_var(0, 100, "")
        for guest, literal in plan.covered.items():
            plan.model.add(aims.satisfaction[guest] >= floor).only_enforce_if(literal)
        work = None if self.whole else WORK[ObjectiveCode.WORST_OFF] / 2
        answer = self._run(floor, work=work, code=ObjectiveCode.WORST_OFF)
        proven = self.whole and answer is not None and answer.proven
        levels = levels_of(self.problem, self.items)
        if not levels:
            return proven
        plan.model.add(floor >= levels[0][0])
        if self.problem.policy.worst_off is WorstOff.MINIMUM:
            return proven or levels[0][0] == self.bounds.simple(ObjectiveCode.WORST_OFF)
        return self._leximin(levels[0][0], proven)

    def _leximin(self, level: int, proven: bool) -> bool:
        """Fewest States at a level or below, then at the next that the plan has."""
        plan = self.plan
        while not self.watch.stopped():
            low = []
            for guest, literal in plan.covered.items():
                at_most = plan.literal()
                plan.model.add(self.aims.satisfaction[guest] >= level + 1).only_enforce_if(
                    literal, at_most.negated()
                )
                low.append(at_most)
            settled = self.bounds.settled(self.items, level)
            if self.whole:
                answer = self._run(sum(low), least=True, work=None, code=ObjectiveCode.WORST_OFF)
                proven &= answer is not None and answer.proven
            else:
                proven = settled
            counts = levels_of(self.problem, self.items)
            plan.model.add(sum(low) <= sum(count for at, count in counts if at <= level))
            higher = [at for at, _ in counts if at > level]
            if not higher or not (self.whole or settled):
                return proven and not higher
            # Nobody falls between the two levels: the next minimum is not to be had that way.
            between = []
            for guest, literal in plan.covered.items():
                under = plan.literal()
                plan.model.add(self.aims.satisfaction[guest] >= higher[0]).only_enforce_if(
                    literal, under.negated()
                )
                between.append(under)
            plan.model.add(sum(between) <= sum(count for at, count in counts if at <= level))
            level = higher[0]
        return False

    def _steps(self) -> list[list[cp_model.IntVar]]:
        """For each step the literals "is below it", of States that could be above."""
        plan = self.plan
        below: list[list[cp_model.IntVar]] = []
        for step in STEPS:
            low = []
            for guest, literal in plan.covered.items():
                if self.bounds.ceilings.get(guest, 0) < step:
                    continue
                under = plan.literal()
                plan.model.add(self.aims.satisfaction[guest] >= step).only_enforce_if(
                    literal, under.negated()
                )
                low.append(under)
            below.append(low)
        return below

    def _weighed(self) -> None:
        """Fewest States below each of some steps, the lowest step weighing most.

        On a large Problem the levels can't be settled one by one in time: this makes the worst
        off better off, and what it reaches is not called proven.
        """
        below = self._below or self._steps()
        weights = [STEP_WEIGHT ** (len(STEPS) - at) for at in range(len(STEPS))]
        aim = sum(w * sum(low) for w, low in zip(weights, below, strict=True))
        answer = self._run(
            aim, least=True, work=WORK[ObjectiveCode.WORST_OFF], code=ObjectiveCode.WORST_OFF
        )
        if answer is not None:
            for low in below:
                self.plan.model.add(sum(low) <= sum(answer.solver.value(under) for under in low))

    def _run(
        self,
        expression: cp_model.LinearExprT | None,
        *,
        least: bool = False,
        work: float | None,
        code: ObjectiveCode | None = None,
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
            model, watch=self.watch, seed=self.seed, workers=self.workers, work_limit=work
        )
        if not answer.found:
            return None
        self.found = True
        self.items = items_of(self.plan, answer.solver.value)
        self.plan.hint(answer.solver)
        return answer

    def _note(self, code: ObjectiveCode, on: bool) -> NoteCode | None:
        if not on:
            return NoteCode.SWITCHED_OFF
        missions = bool((self.problem.options.instrument == MISSION).any())
        if code is ObjectiveCode.OBSERVERS and not missions:
            return NoteCode.NO_MISSIONS
        return None


class _Aims:
    """The expressions that objectives maximise or minimise, made when they are first asked for."""

    def __init__(self, plan: Complete, history: History) -> None:
        self._plan, self._history = plan, history
        self._made: dict[ObjectiveCode, cp_model.LinearExprT] = {}
        self.satisfaction = {guest: plan.satisfaction(guest) for guest in plan.covered}

    def __getitem__(self, code: ObjectiveCode) -> cp_model.LinearExprT:
        if code not in self._made:
            self._made[code] = self._make(code)
        return self._made[code]

    def _make(self, code: ObjectiveCode) -> cp_model.LinearExprT:
        plan, history = self._plan, self._history
        if code is ObjectiveCode.KEEP:
            return sum(history.told()) if history.any else 0
        if code is ObjectiveCode.CHANGES:
            return history.changes() if history.any else 0
        return {
            ObjectiveCode.OBSERVERS: plan.observers,
            ObjectiveCode.COVER: plan.cover,
            ObjectiveCode.FIT: plan.fit,
            ObjectiveCode.COST: plan.cost,
            ObjectiveCode.SPREAD: plan.spread,
            ObjectiveCode.AVOID: plan.avoid,
        }[code]()
