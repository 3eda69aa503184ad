"""All instruments in one plan: objective after objective, each frozen before the next.

Small Problems are solved whole by CP-SAT, which proves each objective. Large ones are solved on
those options that a linear model of the whole (:mod:`matching.joint.master`) finds worth having;
that model's bound, or a simple one that a check recomputes, says what any plan could reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from matching.joint import search as searching
from matching.joint.bounds import SMALLER
from matching.joint.clash import smallest_clash
from matching.joint.model import MISSION, JointPlan, JointProblem
from matching.joint.search import Search
from matching.joint.value import levels_of, value_of
from matching.joint.worst_off import raise_worst_off
from matching.model import (
    Clash,
    NoteCode,
    Objective,
    ObjectiveCode,
    OutcomeCode,
    Sense,
    Timing,
)
from matching.watch import Cancel, Progress, Watch

ENGINE_VERSION = "1"


@dataclass(frozen=True)
class JointResult:
    """What a solve gives back. Without a plan, ``clash`` is a smallest set of rules in conflict.

    ``first`` is the number of seconds until there was a complete plan.
    """

    outcome: OutcomeCode
    plan: JointPlan | None
    clash: tuple[Clash, ...] = ()
    timings: tuple[Timing, ...] = ()
    first: float = 0.0


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
    whole = len(problem.options) <= searching.WHOLE
    search = Search(problem, watch, seed, workers, whole)
    if not search.first_plan():
        return JointResult(OutcomeCode.NO_PLAN, None, smallest_clash(problem))
    run = _Solve(search)
    run.objectives()
    lines = run.lines()
    plan = JointPlan(
        outcome=_outcome(watch, lines),
        seed=seed, workers=workers,
        time_limit_ms=None if time_limit is None else int(time_limit * 1000),
        versions={"matching": ENGINE_VERSION, "ortools": version("ortools")},
        items=search.items, objectives=lines,
    )  # fmt: skip
    return JointResult(plan.outcome, plan, (), tuple(run.timings), search.first or 0.0)


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
    """Objective after objective, and what was said of each."""

    def __init__(self, search: Search) -> None:
        self.search, self.problem, self.watch = search, search.problem, search.watch
        self.bounds, self.whole = search.bounds, search.whole
        self.reached: list[_Reached] = []
        self.timings: list[Timing] = []
        self.known: dict[ObjectiveCode, int] = {}

    def objectives(self) -> None:
        for step, code in enumerate(self.problem.policy.order, start=1):
            begin = self.watch.elapsed()
            self._objective(step, code)
            spent = int((self.watch.elapsed() - begin) * 1e6)
            self.timings.append(Timing(code, spent, 0))

    def _objective(self, step: int, code: ObjectiveCode) -> None:
        """Solve one objective; its bound is kept, its value is that of the plan in the end."""
        bound: int | None = None
        proven = not self.search.is_on(code)
        if not proven:
            proven = (
                raise_worst_off(self.search) if code is ObjectiveCode.WORST_OFF else self._aim(code)
            )
            if not proven:
                bound = self._bound(code)
        value = value_of(self.problem, self.search.items, code)
        self.known[code] = value
        if self.search.is_on(code):
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
        code, on = reached.code, self.search.is_on(reached.code)
        value = value_of(self.problem, self.search.items, code)
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
            levels=levels_of(self.problem, self.search.items) if is_worst else (),
        )  # fmt: skip

    def _aim(self, code: ObjectiveCode) -> bool:
        """Solve one objective and freeze it; true when it is proven."""
        expression = self.search.aims[code]
        least = code in SMALLER
        if not self.whole and self._met(code):
            proven = True
        else:
            answer = self.search.run(
                expression,
                least=least,
                work=None if self.whole else searching.WORK[code],
            )
            proven = self.whole and answer is not None and answer.proven
        value = value_of(self.problem, self.search.items, code)
        if least:
            self.search.plan.model.add(expression <= value)
        else:
            self.search.plan.model.add(expression >= value)
        return proven

    def _met(self, code: ObjectiveCode) -> bool:
        """Whether the plan so far already reaches what no plan can pass."""
        value = value_of(self.problem, self.search.items, code)
        return value == self.bounds.simple(code)

    def _note(self, code: ObjectiveCode, on: bool) -> NoteCode | None:
        if not on:
            return NoteCode.SWITCHED_OFF
        missions = bool((self.problem.options.instrument == MISSION).any())
        if code is ObjectiveCode.OBSERVERS and not missions:
            return NoteCode.NO_MISSIONS
        return None
