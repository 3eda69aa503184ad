"""A linear model built in arrays and solved by HiGHS inside OR-Tools (MathOpt).

Source: OR-Tools documentation, MathOpt; HiGHS options by their names in its own documentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True)
class Solution:
    """Values of all columns, the objective reached and the bound, in the objective's sense."""

    values: Real
    value: float
    bound: float
    proven: bool
    reduced: Real | None = None


class LinearModel:
    """Columns, rows and one objective at a time."""

    def __init__(self) -> None:
        self._lower: list[Real] = []
        self._upper: list[Real] = []
        self._integer: list[NDArray[np.bool_]] = []
        self._row_lower: list[Real] = []
        self._row_upper: list[Real] = []
        self._cells: list[tuple[Whole, Whole, Real]] = []
        self._new_limits: dict[int, tuple[float, float]] = {}
        self.width = 0
        self.height = 0

    def columns(
        self, count: int, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0, integer: bool = True
    ) -> Whole:
        """Add columns and give their numbers."""
        self._lower.append(np.broadcast_to(np.asarray(lower, float), count))
        self._upper.append(np.broadcast_to(np.asarray(upper, float), count))
        self._integer.append(np.full(count, integer))
        self.width += count
        return np.arange(self.width - count, self.width)

    def rows(self, count: int, lower: ArrayLike = -np.inf, upper: ArrayLike = np.inf) -> Whole:
        """Add rows and give their numbers."""
        self._row_lower.append(np.broadcast_to(np.asarray(lower, float), count))
        self._row_upper.append(np.broadcast_to(np.asarray(upper, float), count))
        self.height += count
        return np.arange(self.height - count, self.height)

    def limit(self, row: int, *, lower: float = -np.inf, upper: float = np.inf) -> None:
        """Give a row new limits."""
        self._new_limits[row] = (lower, upper)

    def put(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike = 1.0) -> None:
        """Add ``values`` to the cells; arrays are broadcast against each other."""
        row, column, value = np.broadcast_arrays(
            np.asarray(rows, np.int64), np.asarray(columns, np.int64), np.asarray(values, float)
        )
        self._cells.append((row.ravel(), column.ravel(), value.ravel()))

    def at_most(self, groups: ArrayLike, columns: ArrayLike, limits: ArrayLike,
                values: ArrayLike = 1.0) -> Whole:  # fmt: skip
        """For each group, the sum of its columns is at most its limit.

        Parameters
        ----------
        groups
            Group of each column, 0 to len(limits) - 1.
        """
        upper = np.asarray(limits, float)
        rows = self.rows(len(upper), upper=upper)
        self.put(rows[np.asarray(groups, np.int64)], columns, values)
        return rows

    def solve(
        self,
        columns: ArrayLike,
        coefficients: ArrayLike,
        *,
        maximise: bool,
        relaxed: bool = False,
        seconds: float | None = None,
        gap: float = 0.0,
        lower: Real | None = None,
        upper: Real | None = None,
        options: dict[str, bool | int | float | str] | None = None,
        seed: int = 0,
    ) -> Solution | None:
        """Solve for one objective.

        Parameters
        ----------
        relaxed
            Forget that columns are whole.
        seconds, gap
            Limits: wall clock, and relative gap at which to stop.
        lower, upper
            Bounds of columns for this solve, in place of their own.

        Returns
        -------
        Solution or None
            None when no solution is possible or none was found in time.
        """
        proto = self._proto(relaxed, lower, upper)
        proto.objective.maximize = maximise
        cost = np.zeros(self.width)
        np.add.at(cost, np.asarray(columns, np.int64), np.asarray(coefficients, float))
        used = np.flatnonzero(cost)
        proto.objective.linear_coefficients.ids.extend(used)
        proto.objective.linear_coefficients.values.extend(cost[used])
        model = mathopt.Model.from_model_proto(proto)
        parameters = mathopt.SolveParameters(
            relative_gap_tolerance=gap, absolute_gap_tolerance=0.0, random_seed=seed % 2**31,
            time_limit=None if seconds is None else timedelta(seconds=max(seconds, 0.01)),
        )  # fmt: skip
        for name, value in (options or {}).items():
            kind = parameters.highs
            table = {
                bool: kind.bool_options, int: kind.int_options,
                float: kind.double_options, str: kind.string_options,
            }[type(value)]  # fmt: skip
            table[name] = value
        result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
        if not result.has_primal_feasible_solution():
            return None
        found = result.variable_values()
        values = np.fromiter(found.values(), float, len(found))
        reduced = None
        if relaxed and result.has_dual_feasible_solution():
            entries = result.reduced_costs()
            reduced = np.fromiter(entries.values(), float, len(entries))
        bound = result.termination.objective_bounds.dual_bound
        proven = result.termination.reason is mathopt.TerminationReason.OPTIMAL
        return Solution(values, result.objective_value(), bound, proven, reduced)

    def _proto(self, relaxed: bool, lower: Real | None, upper: Real | None) -> model_pb2.ModelProto:
        proto = model_pb2.ModelProto()
        proto.variables.ids.extend(range(self.width))
        own_lower, own_upper = _joined(self._lower), _joined(self._upper)
        proto.variables.lower_bounds.extend(own_lower if lower is None else lower)
        proto.variables.upper_bounds.extend(own_upper if upper is None else upper)
        whole = np.concatenate(self._integer) if self._integer else np.zeros(0, bool)
        proto.variables.integers.extend((whole & (not relaxed)).tolist())
        proto.linear_constraints.ids.extend(range(self.height))
        row_lower, row_upper = _joined(self._row_lower), _joined(self._row_upper)
        for row, (least, most) in self._new_limits.items():
            row_lower[row], row_upper[row] = least, most
        proto.linear_constraints.lower_bounds.extend(row_lower)
        proto.linear_constraints.upper_bounds.extend(row_upper)
        rows, columns, values = self._summed()
        proto.linear_constraint_matrix.row_ids.extend(rows)
        proto.linear_constraint_matrix.column_ids.extend(columns)
        proto.linear_constraint_matrix.coefficients.extend(values)
        return proto

    def _summed(self) -> tuple[Whole, Whole, Real]:
        """Cells in row order, each once."""
        if not self._cells:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing, np.zeros(0)
        rows, columns, values = (np.concatenate(part) for part in zip(*self._cells, strict=True))
        key = rows * max(self.width, 1) + columns
        keys, place = np.unique(key, return_inverse=True)
        total = np.zeros(len(keys))
        np.add.at(total, place, values)
        kept = total != 0
        keys, total = keys[kept], total[kept]
        return keys // max(self.width, 1), keys % max(self.width, 1), total


def _joined(parts: Sequence[Real]) -> Real:
    # A copy, so that whoever gets it may write into it.
    return np.concatenate(parts).copy() if parts else np.zeros(0)
