"""The linear part of an agenda's model, solved by HiGHS (OR-Tools MathOpt) in a child process.

Where tracks share rooms the linear relaxation says nearly all, and HiGHS proves in seconds what
CP-SAT leaves open. Products of variables have no place in a linear model and are left out, so
the model is a relaxation and its bound holds for the agenda.

HiGHS inside MathOpt can't be interrupted: the child can be ended at any moment instead.
"""

from __future__ import annotations

import math
import multiprocessing
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

NONE = -(10**18)
SLACK = 1e-5
"""HiGHS's bound is a float: a whole-number bound is only rounded up from beyond this."""


@dataclass(frozen=True)
class LinearAnswer:
    """Values of the variables by index, if any were found, and what none can fall below."""

    values: tuple[int, ...] | None
    bound: int
    proven: bool
    impossible: bool


class _Rows:
    def __init__(self, model: cp_model.CpModel) -> None:
        domains = [list(variable.domain) for variable in model.proto.variables]
        self.lower = [domain[0] for domain in domains]
        self.upper = [domain[-1] for domain in domains]
        self.row: list[int] = []
        self.column: list[int] = []
        self.value: list[int] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, terms: Iterable[tuple[int, int]], low: float, high: float) -> None:
        """Add a row; a negated literal is one minus its variable."""
        shift = 0
        for literal, factor in terms:
            self.row.append(len(self.low))
            self.column.append(literal if literal >= 0 else -literal - 1)
            self.value.append(factor if literal >= 0 else -factor)
            shift += 0 if literal >= 0 else factor
        self.low.append(low - shift)
        self.high.append(high - shift)

    def linear(self, constraint: Any, guards: list[int]) -> None:
        """Add a linear constraint that holds when all its guards do."""
        variables, factors = list(constraint.vars), list(constraint.coeffs)
        domain = list(constraint.domain)
        pairs = list(zip(variables, factors, strict=True))
        least = sum(f * (self.lower[v] if f > 0 else self.upper[v]) for v, f in pairs)
        most = sum(f * (self.upper[v] if f > 0 else self.lower[v]) for v, f in pairs)
        low, high = max(domain[0], least), min(domain[-1], most)
        if high < most:
            free = [(~guard, -(most - high)) for guard in guards]
            self.add(pairs + free, -math.inf, high)
        if low > least:
            free = [(~guard, low - least) for guard in guards]
            self.add(pairs + free, low, math.inf)


def linear_part(model: cp_model.CpModel) -> bytes:
    """The linear model of a CP-SAT model, serialized; its variables keep their indices."""
    rows = _Rows(model)
    for constraint in model.proto.constraints:
        guards = list(constraint.enforcement_literal)
        off = [(~guard, 1) for guard in guards]
        if constraint.has_bool_or():
            rows.add([(x, 1) for x in constraint.bool_or.literals] + off, 1, math.inf)
        elif constraint.has_bool_and():
            for literal in constraint.bool_and.literals:
                rows.add([(literal, 1), *off], 1, math.inf)
        elif constraint.has_at_most_one():
            rows.add([(x, 1) for x in constraint.at_most_one.literals], -math.inf, 1)
        elif constraint.has_exactly_one():
            rows.add([(x, 1) for x in constraint.exactly_one.literals], 1, 1)
        elif constraint.has_linear():
            rows.linear(constraint.linear, guards)
    content: bytes = _proto(rows, model.proto.objective).SerializeToString()
    return content


def _proto(rows: _Rows, objective: Any) -> model_pb2.ModelProto:
    proto = model_pb2.ModelProto()
    size = len(rows.lower)
    proto.variables.ids.extend(range(size))
    proto.variables.lower_bounds.extend(map(float, rows.lower))
    proto.variables.upper_bounds.extend(map(float, rows.upper))
    proto.variables.integers.extend([True] * size)
    cost = np.zeros(size)
    for index, factor in zip(objective.vars, objective.coeffs, strict=True):
        if index < 0:
            cost[~index] -= factor
            continue
        cost[index] += factor
    used = np.flatnonzero(cost)
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(cost[used].tolist())
    proto.objective.offset = objective.offset
    proto.linear_constraints.ids.extend(range(len(rows.low)))
    proto.linear_constraints.lower_bounds.extend(rows.low)
    proto.linear_constraints.upper_bounds.extend(rows.high)
    key = np.array(rows.row, np.int64) * size + np.array(rows.column, np.int64)
    cells, place = np.unique(key, return_inverse=True)
    total = np.zeros(len(cells))
    np.add.at(total, place, np.array(rows.value, float))
    cells, total = cells[total != 0], total[total != 0]
    proto.linear_constraint_matrix.row_ids.extend((cells // size).tolist())
    proto.linear_constraint_matrix.column_ids.extend((cells % size).tolist())
    proto.linear_constraint_matrix.coefficients.extend(total.tolist())
    return proto


def solve_linear(content: bytes, seed: int, seconds: float | None) -> LinearAnswer:
    """Solve a linear model to the end, or until the seconds have passed."""
    model = mathopt.Model.from_model_proto(model_pb2.ModelProto.FromString(content))
    parameters = mathopt.SolveParameters(
        relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0, random_seed=seed % 2**31,
        time_limit=None if seconds is None else timedelta(seconds=max(seconds, 0.01)),
    )  # fmt: skip
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    reason = result.termination.reason
    if reason is mathopt.TerminationReason.INFEASIBLE:
        return LinearAnswer(None, NONE, True, True)
    bound = result.termination.objective_bounds.dual_bound
    values = None
    if result.has_primal_feasible_solution():
        found = result.variable_values()
        values = tuple(round(value) for value in found.values())
    whole = math.ceil(bound - SLACK * max(1.0, abs(bound) * 1e-3)) if math.isfinite(bound) else NONE
    proven = reason is mathopt.TerminationReason.OPTIMAL
    return LinearAnswer(values, whole, proven, False)


class LinearChild:
    """A solve in a child process, which can be asked for its answer or ended at any moment."""

    def __init__(self, content: bytes, seed: int, seconds: float | None) -> None:
        kinds = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in kinds else "spawn")
        self._receiver, sender = context.Pipe(duplex=False)
        self._child = context.Process(
            target=_work, args=(content, seed, seconds, sender), daemon=True
        )
        self._child.start()
        sender.close()

    def done(self, seconds: float = 0.0) -> bool:
        """Whether there is an answer, or never will be; waits at most so long for it."""
        return bool(self._receiver.poll(seconds))

    def answer(self) -> LinearAnswer | None:
        """The answer, None when there is none yet.

        Raises
        ------
        RuntimeError
            The child died, for instance for lack of memory.
        """
        if not self.done():
            return None
        try:
            message = self._receiver.recv()
        except EOFError:
            self._child.join(1)
            raise RuntimeError(f"HiGHS ended with exit code {self._child.exitcode}") from None
        if isinstance(message, Exception):
            raise RuntimeError(f"HiGHS failed: {message}") from message
        found: LinearAnswer = message
        return found

    def end(self) -> None:
        """End the child."""
        if self._child.is_alive():
            self._child.kill()
        self._child.join()
        self._receiver.close()


def _work(content: bytes, seed: int, seconds: float | None, pipe: Connection) -> None:
    try:
        pipe.send(solve_linear(content, seed, seconds))
    except Exception as error:  # the parent must hear of it, whatever it is
        pipe.send(error)
    finally:
        pipe.close()
