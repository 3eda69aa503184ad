"""The linear relaxation of one objective: a bound, prices, and how dear each pair would be.

Solved by OR-Tools' GLOP through MathOpt. Its numbers are floating: what is claimed with them is
claimed with a margin, and the bound of ``bound.py`` is computed from them anew in whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from matching.model import Column
from matching.several.bound import Weighed
from matching.several.ground import Ground, Mask, Quantity

Reals = NDArray[np.float64]
FINEST = 2**40
ROOM = 2.0**57
"""Whole-number costs stay below this, so that sums of a few stay below 2**62."""


@dataclass(frozen=True, eq=False)
class Limits:
    """What plans have to keep besides the ground rules.

    Parameters
    ----------
    must : (n,) bool
        Mentees that have to be covered.
    floors : (n,) int64
        Lowest total of each mentee once covered.
    frozen
        Earlier quantities with the value none may exceed.
    keep, sure : (E,) bool
        Pairs that such plans may have and must have: what the frozen quantities imply.
    """

    must: Mask
    keep: Mask
    sure: Mask
    floors: Column
    frozen: tuple[tuple[Quantity, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Relaxed:
    """An optimum of the relaxation; ``dear`` and ``share`` are per open pair.

    ``value`` bounds the objective from below (of ``lift``: the lowest total from above), ``dear``
    is by how much a plan with that pair is worse than ``value`` at least (negative: a plan
    without it), ``prices`` and ``weights`` prove it.
    """

    value: float
    share: Reals
    dear: Reals
    prices: Reals
    weights: Reals

    def whole(self) -> Column | None:
        """The plan, when the relaxation's optimum is one."""
        if (np.abs(self.share - np.round(self.share)) > 1e-6).any():
            return None
        return np.flatnonzero(self.share > 0.5)


def relax(ground: Ground, limits: Limits, objective: Quantity) -> Relaxed | None:
    """Minimise one quantity; None when not even fractions of pairs keep the limits."""
    return _solve(ground, limits, objective)


def lift(ground: Ground, limits: Limits, rising: Mask) -> Relaxed | None:
    """Raise the lowest total of some mentees as far as fractions allow."""
    return _solve(ground, limits, None, rising)


class _Rows:
    """A linear program under construction; variables are numbered by the caller."""

    def __init__(self) -> None:
        self.low: list[Reals] = []
        self.high: list[Reals] = []
        self.row: list[Column] = []
        self.column: list[Column] = []
        self.entry: list[Reals] = []
        self.count = 0

    def add(self, low: Reals | float, high: Reals | float, size: int) -> int:
        """New rows; gives the number of the first."""
        self.low.append(np.broadcast_to(np.asarray(low, float), (size,)))
        self.high.append(np.broadcast_to(np.asarray(high, float), (size,)))
        first = self.count
        self.count += size
        return first

    def put(self, row: Column, column: Column, entry: Reals | Column | float) -> None:
        self.row.append(np.asarray(row, np.int64))
        self.column.append(np.asarray(column, np.int64))
        self.entry.append(np.broadcast_to(np.asarray(entry, float), (len(row),)))


def _solve(
    ground: Ground, limits: Limits, objective: Quantity | None, rising: Mask | None = None
) -> Relaxed | None:
    """Build and solve; without an objective the lowest total of those ``rising`` is raised."""
    pairs, mentees, mentors = len(ground.tail), len(ground.wanted), len(ground.capacity)
    every = np.arange(pairs)
    rows = _Rows()
    quantities = [q for q, _ in limits.frozen] + ([objective] if objective else [])
    idle = np.flatnonzero(~limits.must)
    empty_at = np.full(mentees, -1, np.int64)
    empty_at[idle] = pairs + np.arange(len(idle))
    size = pairs + len(idle)
    points = float(max(ground.score.max(initial=0), 1))

    wants = rows.add(-np.inf, ground.wanted.astype(float), mentees)
    rows.put(wants + ground.tail, every, 1.0)
    rows.put(wants + idle, empty_at[idle], ground.wanted[idle])
    has = rows.add(1.0, np.inf, mentees)
    rows.put(has + ground.tail, every, 1.0)
    rows.put(has + idle, empty_at[idle], 1.0)

    squares = any(q.squares for q in quantities)
    places = rows.add(-np.inf, 0.0 if squares else ground.capacity.astype(float), mentors)
    rows.put(places + ground.head, every, 1.0)
    unit_cost = np.zeros(0)
    units = size
    if squares:
        room = np.minimum(ground.capacity, np.bincount(ground.head, minlength=mentors))
        owner = np.repeat(np.arange(mentors), room)
        first = np.repeat(np.cumsum(room) - room, room)
        unit_cost = 2.0 * (np.arange(len(owner)) - first) + 1
        rows.put(places + owner, units + np.arange(len(owner)), -1.0)
        size += len(owner)

    floor = limits.floors / points
    if floor.any():
        least = rows.add(floor, np.inf, mentees)
        rows.put(least + ground.tail, every, ground.score / points)
        rows.put(least + idle, empty_at[idle], floor[idle])
    below: dict[int, Column] = {}
    for quantity in quantities:
        if quantity.upto is not None and id(quantity) not in below:
            up = quantity.upto + 1
            below[id(quantity)] = size + np.arange(mentees)
            size += mentees
            reach = rows.add(up / points, np.inf, mentees)
            rows.put(reach + ground.tail, every, ground.score / points)
            rows.put(
                reach + np.arange(mentees),
                below[id(quantity)],
                np.maximum(up / points - floor, 0.0),
            )
            rows.put(reach + idle, empty_at[idle], up / points)
    top = -1
    if objective is None:
        top, size = size, size + 1
        raised = rows.add(0.0, np.inf, mentees)
        rows.put(raised + ground.tail, every, ground.score / points)
        able = np.flatnonzero(limits.must if rising is None else rising)
        rows.put(raised + able, np.full(len(able), top), -1.0)

    def terms(quantity: Quantity) -> tuple[Column, Reals]:
        at = np.flatnonzero(quantity.pair)
        columns, entries = [at], [quantity.pair[at].astype(float)]
        if quantity.empty:
            columns.append(empty_at[idle])
            entries.append(np.ones(len(idle)))
        if quantity.upto is not None:
            columns.append(below[id(quantity)])
            entries.append(np.ones(mentees))
        if quantity.squares:
            columns.append(units + np.arange(len(unit_cost)))
            entries.append(unit_cost)
        return np.concatenate(columns), np.concatenate(entries)

    frozen = rows.count
    scales = []
    for quantity, value in limits.frozen:
        columns, entries = terms(quantity)
        scale = float(np.abs(entries).max(initial=1.0))
        scales.append(scale)
        at = rows.add(-np.inf, value / scale, 1)
        rows.put(np.full(len(columns), at), columns, entries / scale)
    if objective is None:
        columns, entries = np.array([top]), np.array([-1.0])
    else:
        columns, entries = terms(objective)
    weight = float(np.abs(entries).max(initial=1.0)) if objective is not None else 1.0
    low, high = np.zeros(size), np.ones(size)
    low[:pairs][ground.held | limits.sure] = 1.0
    high[:pairs][~limits.keep] = 0.0
    if objective is None:
        high[top] = np.inf
    answer = _glop(rows, low, high, columns, entries / weight)
    if answer is None:
        return None
    solution, dual, optimum = answer
    reduced = np.zeros(size)
    reduced[columns] = entries / weight
    all_rows, all_columns = np.concatenate(rows.row), np.concatenate(rows.column)
    reduced -= np.bincount(all_columns, np.concatenate(rows.entry) * dual[all_rows], minlength=size)
    out = points if objective is None else weight
    return Relaxed(
        value=-optimum * out if objective is None else optimum * out,
        share=solution[:pairs],
        dear=reduced[:pairs] * out,
        prices=-dual[places : places + mentors] * out,
        weights=np.maximum(-dual[frozen : frozen + len(scales)] * out / np.array(scales), 0.0),
    )


def _glop(
    rows: _Rows, low: Reals, high: Reals, columns: Column, entries: Reals
) -> tuple[Reals, Reals, float] | None:
    """Values, duals and optimum of a linear program, None when it has no solution."""
    program = model_pb2.ModelProto()
    size = len(low)
    variables, constraints = program.variables, program.linear_constraints
    variables.ids.extend(range(size))
    variables.lower_bounds.extend(low)
    variables.upper_bounds.extend(high)
    variables.integers.extend([False] * size)
    constraints.ids.extend(range(rows.count))
    constraints.lower_bounds.extend(np.concatenate(rows.low))
    constraints.upper_bounds.extend(np.concatenate(rows.high))
    row, column = np.concatenate(rows.row), np.concatenate(rows.column)
    entry = np.concatenate(rows.entry)
    there = np.flatnonzero(entry)
    order = there[np.lexsort((column[there], row[there]))]
    matrix = program.linear_constraint_matrix
    matrix.row_ids.extend(row[order])
    matrix.column_ids.extend(column[order])
    matrix.coefficients.extend(entry[order])
    used = np.argsort(columns, kind="stable")
    used = used[entries[used] != 0]
    program.objective.linear_coefficients.ids.extend(columns[used])
    program.objective.linear_coefficients.values.extend(entries[used])
    model = mathopt.Model.from_model_proto(program)
    result = mathopt.solve(model, mathopt.SolverType.GLOP)
    if result.termination.reason is mathopt.TerminationReason.IMPRECISE:
        result = mathopt.solve(model, mathopt.SolverType.HIGHS)
    reason = result.termination.reason
    if reason in (
        mathopt.TerminationReason.INFEASIBLE,
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
    ):
        return None
    if reason is not mathopt.TerminationReason.OPTIMAL:
        raise RuntimeError(f"linear solver answered {reason.name}: {result.termination.detail}")
    solution, dual = np.zeros(size), np.zeros(rows.count)
    for variable, value in result.variable_values().items():
        solution[variable.id] = value
    for constraint, value in result.dual_values().items():
        dual[constraint.id] = value
    return solution, dual, float(result.objective_value())


def whole_prices(
    prices: Reals,
    weights: Sequence[float],
    objective: Quantity,
    frozen: Sequence[Quantity],
    *,
    counts: bool = True,
) -> Weighed:
    """Prices and weights as whole numbers, as fine as 64 bits allow.

    Parameters
    ----------
    counts
        False where no objective is bounded: a proof that nothing is possible.
    """
    parts = [(objective, float(counts)), *zip(frozen, weights, strict=True)]
    largest = max(
        float(np.abs(prices).max(initial=0.0)),
        *(weight * max(np.abs(q.pair).max(initial=0), 1.0) for q, weight in parts),
    )
    scale = FINEST
    while scale > 1 and largest * scale > ROOM:
        scale //= 2
    return Weighed(
        objective=objective,
        scale=scale if counts else 0,
        earlier=tuple((q, round(weight * scale)) for q, weight in parts[1:]),
        prices=np.round(prices * scale).astype(np.int64),
    )
