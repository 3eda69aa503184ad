"""Mentorships: one mentor per mentee, objective after objective, each proven by prices.

``solve`` is the entry. The objectives and their order come from the policy (ENGINE section 3).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from matching import lexicographic as lex
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
    WorstOff,
)
from matching.objectives import describe, pair_positions

Progress = Callable[[int, int, ObjectiveCode, int, int, float], None]
Cancel = Callable[[], bool]

ENGINE_VERSION = "1"
CHILD_FROM_PAIRS = 150_000
"""From this size on the flows run in a child process, so that a stop takes effect at once."""


class OneMentorOnly(ValueError):
    """Some mentees want more than one mentor, which is not solved yet."""

    def __init__(self, mentees: tuple[str, ...]) -> None:
        super().__init__("only one mentor per mentee is solved yet: " + ", ".join(mentees[:5]))
        self.mentees = mentees


@dataclass(frozen=True, eq=False)
class Step:
    """A finished step: its proof, the plan as positions in the pair table, flows and time."""

    objective: ObjectiveCode
    proof: ProofStep | None
    pairs: Column
    finished: bool
    flows: int
    seconds: float


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
    OneMentorOnly
        A mentee wants more than one mentor.
    """
    many = tuple(row.key for row in problem.mentees if row.wanted > 1)
    if many:
        raise OneMentorOnly(many)
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
    watch = _Watch(time_limit, cancel, progress, len(policy.order))
    if len(problem.pairs) >= CHILD_FROM_PAIRS and (cancel is not None or time_limit is not None):
        from matching.child import steps_in_child

        steps = steps_in_child(problem, seed, watch.stopped)
    else:
        steps = run_steps(problem, seed, watch.stopped)
    return _collect(problem, steps, watch, settings)


@dataclass
class _Watch:
    """Clock, cancellation and progress of one solve."""

    limit: float | None
    cancel: Cancel | None
    progress: Progress | None
    steps: int
    outcome: OutcomeCode = OutcomeCode.PROVEN

    def __post_init__(self) -> None:
        self.begin = time.perf_counter()

    def elapsed(self) -> float:
        return time.perf_counter() - self.begin

    def stopped(self) -> bool:
        """Whether to stop now; remembers why."""
        if self.cancel is not None and self.cancel():
            self.outcome = OutcomeCode.CANCELLED
        elif self.limit is not None and self.elapsed() > self.limit:
            self.outcome = OutcomeCode.TIME_LIMIT
        return self.outcome is not OutcomeCode.PROVEN


def _collect(
    problem: Problem,
    steps: Iterator[Step],
    watch: _Watch,
    settings: dict[str, int | None],
) -> Result:
    """Turn finished steps into a plan with objectives."""
    order = problem.policy.order
    proof: list[ProofStep] = []
    finished: set[ObjectiveCode] = set()
    spent: dict[ObjectiveCode, tuple[float, int]] = {}
    pairs: Column | None = None
    for step in steps:
        pairs = step.pairs
        if step.proof is not None:
            proof.append(step.proof)
        seconds, flows = spent.get(step.objective, (0.0, 0))
        spent[step.objective] = (seconds + step.seconds, flows + step.flows)
        if step.finished:
            finished.add(step.objective)
        if watch.progress is not None:
            line = describe(problem, pairs, step.objective, step.finished)
            at = order.index(step.objective) + 1
            watch.progress(at, watch.steps, step.objective, line.value, line.bound, watch.elapsed())
    if pairs is None:
        pairs = _greedy(problem)
    objectives: list[Objective] = []
    for code in order:
        earlier = tuple(line.code for line in objectives if not line.proven)
        line = describe(problem, pairs, code, code in finished)
        objectives.append(line.model_copy(update={"conditional_on": earlier}))
    plan = Plan(
        outcome=watch.outcome,
        seed=settings["seed"] or 0,
        workers=settings["workers"] or 1,
        time_limit_ms=settings["time_limit_ms"],
        versions={"matching": ENGINE_VERSION, "ortools": version("ortools")},
        items=_items(problem, pairs),
        objectives=tuple(objectives),
        proof=tuple(proof),
    )
    timings = tuple(
        Timing(code, int(seconds * 1e6), flows) for code, (seconds, flows) in spent.items()
    )
    return Result(watch.outcome, plan, (), timings)


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


def first_face(problem: Problem) -> lex.Face:
    """The plans that the hard rules allow: possible, not excluded or declined, pins held."""
    table = problem.pairs
    open_ = np.ones(len(table), bool)
    free = np.ones(len(problem.mentees), bool)
    closed = (*problem.excluded, *problem.declined)
    if closed:
        open_[pair_positions(problem, closed)] = False
    wanted = np.fromiter((row.wanted for row in problem.mentees), np.int64, len(free))
    if (wanted == 0).any():
        open_ &= wanted[table.mentee] > 0
    held = (*problem.pins, *problem.accepted)
    if held:
        rows = pair_positions(problem, held)
        bound = np.zeros(len(free), bool)
        bound[table.mentee[rows]] = True
        keep = np.zeros(len(table), bool)
        keep[rows] = True
        open_ &= keep | ~bound[table.mentee]
        free &= ~bound
    capacity = np.fromiter(
        (row.capacity for row in problem.mentors), np.int64, len(problem.mentors)
    )
    rows = np.flatnonzero(open_)
    high = np.minimum(capacity, len(free))
    return lex.Face(
        table.mentee[rows], table.mentor[rows], rows, free, np.zeros(len(high), np.int64), high
    )


@dataclass(frozen=True, eq=False)
class Optima:
    """Every optimal plan at once: the last face, and one plan on it."""

    face: lex.Face
    pairs: Column
    choice: lex.Choice

    def always_served(self) -> NDArray[np.bool_]:
        """Mentees with a mentor in every optimal plan; shape (n,).

        A mentee can lose its mentor inside the face when it may stay free and a chain of moves
        that costs nothing leads from "nobody" back to its mentor.
        """
        origin, target = lex.moves(self.face, self.choice)
        nobody = len(self.face.high)
        reached = np.zeros(nobody + 1, bool)
        reached[nobody] = True
        while True:
            before = int(reached.sum())
            reached[target[reached[origin]]] = True
            if int(reached.sum()) == before:
                break
        placed = self.choice >= 0
        served = placed.copy()
        at = self.face.head[self.choice[placed]]
        served[placed] = ~(self.face.free[placed] & reached[at])
        return served


def optima(problem: Problem, *, seed: int = 0, staying: Column | None = None) -> Optima:
    """Solve every objective of the policy; among the optima keep most of the pairs ``staying``.

    Parameters
    ----------
    staying : (k,) int64, optional
        Rows of the pair table. Plans that change little show who really loses by a change.
    """
    run = _Run(problem, seed, lambda: False, first_face(problem))
    for code in problem.policy.order:
        for _ in run.objective(code):
            pass
    face, choice = run.face, run.choice
    if staying is not None:
        cost = lex.Cost(-np.isin(face.origin, staying).astype(np.int64), run.none())
        choice = lex.cheapest(face, cost, seed)
    placed = choice >= 0
    pairs = np.full(len(choice), -1, np.int64)
    pairs[placed] = face.origin[choice[placed]]
    return Optima(face, pairs, choice)


def run_steps(problem: Problem, seed: int, stopped: Cancel) -> Iterator[Step]:
    """Solve objective after objective, giving each step as it is done."""
    run = _Run(problem, seed, stopped, first_face(problem))
    for code in problem.policy.order:
        if stopped():
            return
        yield from run.objective(code)


class _Run:
    """The face and the plan of a solve under way."""

    def __init__(self, problem: Problem, seed: int, stopped: Cancel, face: lex.Face) -> None:
        self.problem, self.seed, self.stopped, self.face = problem, seed, stopped, face
        self.choice: lex.Choice = np.full(len(face.free), -1, np.int64)
        held = ~face.free
        self.choice[held] = face.start[:-1][held]
        self.flows = 0
        self.clock = time.perf_counter()

    def pairs(self) -> Column:
        """The plan as positions in the pair table, -1 for none."""
        placed = self.choice >= 0
        result = np.full(len(self.choice), -1, np.int64)
        result[placed] = self.face.origin[self.choice[placed]]
        return result

    def objective(self, code: ObjectiveCode) -> Iterator[Step]:
        """The steps of one objective."""
        if code is ObjectiveCode.OBSERVERS:
            # Observers come first in missions; without missions there is nothing to solve.
            return iter([self._step(code, None)])
        solvers = {
            ObjectiveCode.KEEP: self.keep,
            ObjectiveCode.COVER: self.cover,
            ObjectiveCode.WORST_OFF: self.worst_off,
            ObjectiveCode.FIT: self.fit,
            ObjectiveCode.SPREAD: self.spread,
        }
        return solvers[code]()

    def _step(self, code: ObjectiveCode, proof: ProofStep | None, finished: bool = True) -> Step:
        now = time.perf_counter()
        step = Step(code, proof, self.pairs(), finished, self.flows, now - self.clock)
        self.flows, self.clock = 0, now
        return step

    def _replace(self, face: lex.Face) -> None:
        """Go on with a smaller face that holds the plan."""
        pairs = self.pairs()
        placed = pairs >= 0
        self.choice[placed] = np.searchsorted(face.origin, pairs[placed])
        self.face = face

    def _priced(self, code: ObjectiveCode, cost: lex.Cost) -> ProofStep:
        """Solve one cost and narrow the face to its optima."""
        self.choice = lex.cheapest(self.face, cost, self.seed)
        self.flows += 1
        price = lex.prices(self.face, cost, self.choice)
        self._replace(lex.narrow(self.face, cost, price))
        return ProofStep(objective=code, prices=tuple(price.tolist()))

    def _column(self, values: Column) -> Column:
        return values[self.face.origin]

    def none(self) -> Column:
        return np.zeros(len(self.face.free), np.int64)

    def keep(self) -> Iterator[Step]:
        """As many earlier proposals as possible stay."""
        rows = pair_positions(self.problem, self.problem.proposed)
        if not len(rows):
            yield self._step(ObjectiveCode.KEEP, None)
            return
        asked = self.none()
        asked[self.problem.pairs.mentee[rows]] = 1
        stays = np.isin(self.face.origin, rows)
        cost = lex.Cost(np.where(stays, 0, asked[self.face.tail]), asked)
        yield self._step(ObjectiveCode.KEEP, self._priced(ObjectiveCode.KEEP, cost))

    def cover(self) -> Iterator[Step]:
        """As many States as possible get a mentor."""
        cost = lex.Cost(np.zeros(len(self.face.tail), np.int64), self.none() + 1)
        yield self._step(ObjectiveCode.COVER, self._priced(ObjectiveCode.COVER, cost))

    def fit(self) -> Iterator[Step]:
        """The total of fit is as high as possible."""
        cost = lex.Cost(-self._column(self.problem.pairs.fit), self.none())
        yield self._step(ObjectiveCode.FIT, self._priced(ObjectiveCode.FIT, cost))

    def spread(self) -> Iterator[Step]:
        """Mentors carry loads as even as possible: least sum of squares."""
        cost = lex.Cost(np.zeros(len(self.face.tail), np.int64), self.none(), squares=True)
        yield self._step(ObjectiveCode.SPREAD, self._priced(ObjectiveCode.SPREAD, cost))

    def worst_off(self) -> Iterator[Step]:
        """The lowest satisfaction is as high as possible, then the next, and so on."""
        code = ObjectiveCode.WORST_OFF
        rule = self.problem.policy.worst_off
        level = self._column(self.problem.pairs.satisfaction)
        if rule is WorstOff.OFF or not (self.choice >= 0).any():
            yield self._step(code, None)
            return
        floor = self._raise_floor(level)
        if self.stopped():
            return
        self._replace(self.face.keep(level >= floor))
        yield self._step(code, ProofStep(objective=code, below=floor), finished=False)
        if rule is WorstOff.MINIMUM:
            level = self._column(self.problem.pairs.satisfaction)
            cost = lex.Cost((level == floor).astype(np.int64), self.none())
            choice = lex.cheapest(self.face, cost, self.seed)
            self.flows += 1
            price = lex.prices(self.face, cost, choice)
            proof = ProofStep(objective=code, prices=tuple(price.tolist()), weights=((floor, 1),))
            yield self._step(code, proof)
            return
        yield from self._leximin(floor)

    def _raise_floor(self, level: Column) -> int:
        """Highest level that the worst-off can reach: try the obvious ceiling, then halve."""
        face = self.face
        now = int(level[self.choice[self.choice >= 0]].min())
        best = -face.row_min(-level)
        bound = ~face.free & (face.degree > 0)
        ceiling = int(best[bound].min()) if bound.any() else int(level.max())
        levels = np.unique(level)
        low = int(np.searchsorted(levels, now))
        high = int(np.searchsorted(levels, ceiling, side="right")) - 1
        trial = high
        while low < high and not self.stopped():
            choice = lex.possible(face, level >= levels[trial], self.seed)
            self.flows += 1
            if choice is None:
                high = trial - 1
            else:
                self.choice = choice
                low = int(np.searchsorted(levels, level[choice[choice >= 0]].min()))
            trial = (low + high + 1) // 2
        return int(levels[low])

    def _leximin(self, floor: int) -> Iterator[Step]:
        """Fewest States at the lowest level, then at the next: several levels in one flow."""
        code = ObjectiveCode.WORST_OFF
        done = floor - 1
        while True:
            level = self._column(self.problem.pairs.satisfaction)
            weights = chunk(self.face, level, done)
            if not weights:
                yield self._step(code, None)
                return
            if self.stopped():
                return
            cost = lex.Cost(weigh(level, weights), self.none())
            proof = self._priced(code, cost).model_copy(update={"weights": weights})
            done = weights[-1][0]
            yield self._step(code, proof, finished=False)


def weigh(level: Column, weights: tuple[tuple[int, int], ...]) -> Column:
    """Cost of each pair: the weight of its satisfaction level, 0 for a level without one."""
    levels = np.array([entry[0] for entry in weights], np.int64)
    costs = np.array([entry[1] for entry in weights], np.int64)
    place = np.minimum(np.searchsorted(levels, level), len(levels) - 1)
    return np.where(levels[place] == level, costs[place], 0)


def chunk(face: lex.Face, level: Column, done: int) -> tuple[tuple[int, int], ...]:
    """Weights for the next levels above ``done``: as many as fit into 64 bits.

    A level's weight exceeds all that the later levels of the chunk can add up to, counting only
    mentees who still have a choice between levels. Empty when no such choice is left.
    """
    lowest, highest = face.row_min(level), -face.row_min(-level)
    flexible = (face.degree > 0) & ((lowest < highest) | face.free)
    edges = flexible[face.tail] & (level > done)
    if not edges.any():
        return ()
    levels = np.unique(level[edges])
    if len(levels) == 1:
        # The number covered is fixed, so the last level's count is what remains.
        return ()
    key = np.unique(face.tail[edges] * np.int64(len(levels))
                    + np.searchsorted(levels, level[edges]))  # fmt: skip
    count = np.bincount(key % len(levels), minlength=len(levels))
    ceiling = 2**60 // (4 * (len(face.free) + len(face.high) + 3))
    size = 1
    while size < len(levels):
        units, total = _units(count[: size + 1].tolist())
        if units[0] > ceiling or total > 2**60:
            break
        size += 1
    units, _ = _units(count[:size].tolist())
    return tuple(zip(levels[:size].tolist(), units, strict=True))


def _units(counts: list[int]) -> tuple[list[int], int]:
    """Mixed-radix weights of levels with at most ``counts`` States each, and their sum."""
    units: list[int] = []
    total = 0
    for count in reversed(counts):
        units.append(total + 1)
        total += units[-1] * count
    return units[::-1], total


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
