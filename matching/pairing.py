"""Mentorships: objective after objective, each proven by prices.

With one mentor per mentee by flows (``steps.py``), with several by relaxation and search
(``several/``).

``solve`` is the entry. The objectives and their order come from the policy (ENGINE section 3).
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

import numpy as np

from matching.clash import smallest_clash
from matching.model import (
    Column,
    Objective,
    ObjectiveCode,
    OutcomeCode,
    Plan,
    PlanItem,
    Problem,
    ProofStep,
    Result,
    Timing,
)
from matching.objectives import describe
from matching.several.ground import TotalsNeedScores
from matching.steps import Step, first_face, run_steps
from matching.watch import Cancel, Progress, Watch

ENGINE_VERSION = "1"
CHILD_FROM_PAIRS = 150_000
"""From this size on the flows run in a child process, so that a stop takes effect at once."""

SEVERAL_CHILD_FROM_PAIRS = 2_000
"""The same for linear programs, with several mentors per mentee."""


def solve(
    problem: Problem,
    *,
    seed: int | None = None,
    workers: int | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Result:
    """Make the best plan of mentorships.

    Parameters
    ----------
    problem
        What is possible; from ``scoring.build_problem`` or ``io``.
    seed, workers, time_limit
        Take the place of the policy's when given. ``time_limit`` is in seconds of wall clock
        (the flow solver has no deterministic clock). Flows use one worker whatever is asked;
        the number is recorded.
    progress
        Called after every step with (step, steps, objective, incumbent, bound, elapsed seconds).
    cancel
        Asked between flows, and ten times a second while a large flow runs in its child process.

    Returns
    -------
    Result
        The plan with objectives and proof, or a smallest set of clashing rules. After a time
        limit or cancellation the best plan so far, with its gaps.

    Raises
    ------
    TotalsNeedScores
        A mentee wants more than one mentor and the Problem has no explicit scores.
    """
    several = any(row.wanted > 1 for row in problem.mentees)
    if several and not problem.precision:
        raise TotalsNeedScores(tuple(row.key for row in problem.mentees if row.wanted > 1))
    policy = problem.policy
    seed = policy.seed if seed is None else seed
    workers = policy.workers if workers is None else workers
    if time_limit is None and policy.time_limit_ms is not None:
        time_limit = policy.time_limit_ms / 1000
    settings = {
        "seed": seed,
        "workers": workers,
        "time_limit_ms": None if time_limit is None else int(time_limit * 1000),
    }
    clash = smallest_clash(problem)
    if clash:
        return Result(OutcomeCode.NO_PLAN, None, clash)
    watch = Watch(time_limit, cancel, progress, len(policy.order))
    make = run_steps
    if several:
        # CP-SAT and linear programming take half a second to load.
        from matching.several.steps import run_steps as make
    least = SEVERAL_CHILD_FROM_PAIRS if several else CHILD_FROM_PAIRS
    if len(problem.pairs) >= least and (cancel is not None or time_limit is not None):
        from matching.child import steps_in_child

        steps = steps_in_child(make, problem, seed, watch.stopped)
    else:
        steps = make(problem, seed, watch.stopped)
    return _collect(problem, steps, watch, settings)


def _collect(
    problem: Problem,
    steps: Iterator[Step],
    watch: Watch,
    settings: dict[str, int | None],
) -> Result:
    """Turn finished steps into a plan with objectives."""
    order = problem.policy.order
    proof: list[ProofStep] = []
    finished: set[ObjectiveCode] = set()
    spent: dict[ObjectiveCode, tuple[float, int]] = {}
    bounds: dict[ObjectiveCode, int | None] = {}
    pairs: Column | None = None
    for step in steps:
        pairs = step.pairs
        if step.proof is not None:
            proof.append(step.proof)
        seconds, flows = spent.get(step.objective, (0.0, 0))
        spent[step.objective] = (seconds + step.seconds, flows + step.flows)
        bounds[step.objective] = step.bound
        if step.finished:
            finished.add(step.objective)
        if watch.progress is not None:
            line = describe(problem, pairs, step.objective, step.finished, step.bound)
            at = order.index(step.objective) + 1
            watch.progress(at, watch.steps, step.objective, line.value, line.bound, watch.elapsed())
    if pairs is None:
        pairs = _greedy(problem)
    objectives: list[Objective] = []
    for code in order:
        earlier = tuple(line.code for line in objectives if not line.proven)
        line = describe(problem, pairs, code, code in finished, bounds.get(code))
        objectives.append(line.model_copy(update={"conditional_on": earlier}))
    outcome = watch.outcome
    if outcome is OutcomeCode.PROVEN and not all(line.proven for line in objectives):
        # With several mentors some questions have a limit of work.
        outcome = OutcomeCode.TIME_LIMIT
    plan = Plan(
        outcome=outcome,
        seed=settings["seed"] or 0,
        workers=settings["workers"] or 1,
        time_limit_ms=settings["time_limit_ms"],
        versions={
            "matching": ENGINE_VERSION,
            "numpy": version("numpy"),
            "ortools": version("ortools"),
        },
        items=_items(problem, pairs),
        objectives=tuple(objectives),
        proof=tuple(proof),
    )
    timings = tuple(
        Timing(code, int(seconds * 1e6), flows) for code, (seconds, flows) in spent.items()
    )
    return Result(outcome, plan, (), timings)


def _items(problem: Problem, pairs: Column) -> tuple[PlanItem, ...]:
    table = problem.pairs
    items = []
    for row in np.sort(pairs[pairs >= 0]).tolist():
        bits = int(table.themes[row])
        items.append(
            PlanItem(
                guest=problem.mentees[int(table.mentee[row])].key,
                host=problem.mentors[int(table.mentor[row])].key,
                themes=tuple(t for b, t in enumerate(problem.themes) if bits >> b & 1),
                satisfaction=int(table.satisfaction[row]),
                fit=int(table.fit[row]),
            )
        )
    return tuple(items)


def _greedy(problem: Problem) -> Column:
    """A plan that keeps the hard rules, for a stop before the first flow is done."""
    face = first_face(problem)
    room = face.high.copy()
    pairs = np.full(len(face.free), -1, np.int64)
    satisfaction = problem.pairs.satisfaction[face.origin]
    for mentee in np.argsort(face.free, kind="stable").tolist():
        row = slice(face.start[mentee], face.start[mentee + 1])
        best = np.where(room[face.head[row]] > 0, satisfaction[row], -1)
        if len(best) and best.max() >= 0:
            at = int(face.start[mentee]) + int(best.argmax())
            pairs[mentee] = face.origin[at]
            room[face.head[at]] -= 1
    return pairs
