"""The objectives of pairing, one by one, each solved, priced and narrowed to its optima."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from matching import lexicographic as lex
from matching.model import Column, ObjectiveCode, Problem, ProofStep, WorstOff
from matching.objectives import pair_positions
from matching.watch import Cancel

COVER_BY_FEW_FROM = 50_000
FEW = 8
"""From so many pairs on, whether everyone can be covered is first tried with so many each."""


@dataclass(frozen=True, eq=False)
class Step:
    """A step: its proof, the plan as positions in the pair table, flows and time.

    ``bound`` is what an unfinished objective can reach at best, where more than a simple bound
    is known.
    """

    objective: ObjectiveCode
    proof: ProofStep | None
    pairs: Column
    finished: bool
    flows: int
    seconds: float
    bound: int | None = None


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


def run_steps(problem: Problem, seed: int, stopped: Cancel) -> Iterator[Step]:
    """Solve objective after objective, giving each step as it is done."""
    run = Run(problem, seed, stopped, first_face(problem))
    for code in problem.policy.order:
        if stopped():
            return
        yield from run.objective(code)


class Run:
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
        code = ObjectiveCode.COVER
        cost = lex.Cost(np.zeros(len(self.face.tail), np.int64), self.none() + 1)
        choice = self._cover_by_few()
        if choice is None:
            yield self._step(code, self._priced(code, cost))
            return
        # Everyone who can have a mentor has one: places need no price to prove that.
        self.choice = choice
        price = np.zeros(len(self.face.high), np.int64)
        self._replace(lex.narrow(self.face, cost, price))
        yield self._step(code, ProofStep(objective=code, prices=tuple(price.tolist())))

    def _cover_by_few(self) -> lex.Choice | None:
        """A plan that covers everyone, found among a few pairs of each; None: not found there."""
        face = self.face
        if len(face.tail) < COVER_BY_FEW_FROM:
            return None
        draw = np.random.default_rng(self.seed)
        able = np.flatnonzero(face.degree)
        drawn = draw.integers(0, face.degree[able], (FEW, len(able))) + face.start[able]
        mask = np.zeros(len(face.tail), bool)
        mask[drawn.ravel()] = True
        held = (face.degree == 1) & ~face.free
        mask[face.start[:-1][held]] = True
        everyone = replace(face, free=face.free & (face.degree == 0))
        self.flows += 1
        return lex.possible(everyone, mask, self.seed)

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
