"""The rows with several mentors per mentee, with plain models of CP-SAT and HiGHS beside."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from matching.model import Problem

SECONDS = 60.0
"""Time that a peer gets for each of both objectives."""


def cpsat_values(problem: Problem, seconds: float = SECONDS) -> tuple[list[int] | None, float]:
    """Lowest total, then total of scores, by a plain model; None when time was up."""
    from ortools.sat.python import cp_model

    table, spent = problem.pairs, 0.0
    lowest: int | None = None
    for goal in ("lowest", "total"):
        model = cp_model.CpModel()
        taken = [model.new_bool_var("") for _ in range(len(table))]
        level = model.new_int_var(0, 3 * 10**9, "")
        own: list[list[int]] = [[] for _ in problem.mentees]
        at: list[list[int]] = [[] for _ in problem.mentors]
        for row, (e, o) in enumerate(
            zip(table.mentee.tolist(), table.mentor.tolist(), strict=True)
        ):
            own[e].append(row)
            at[o].append(row)
        score = table.satisfaction.tolist()
        for mentee, rows in zip(problem.mentees, own, strict=True):
            model.add(sum(taken[row] for row in rows) <= mentee.wanted)
            model.add(sum(score[row] * taken[row] for row in rows) >= level)
        for mentor, rows in zip(problem.mentors, at, strict=True):
            model.add(sum(taken[row] for row in rows) <= mentor.capacity)
        if lowest is None:
            model.maximize(level)
        else:
            model.add(level == lowest)
            model.maximize(sum(s * one for s, one in zip(score, taken, strict=True)))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = seconds
        begin = time.perf_counter()
        status = solver.solve(model)
        spent += time.perf_counter() - begin
        if status != cp_model.OPTIMAL:
            return None, spent
        if goal == "lowest":
            lowest = round(solver.objective_value)
    return [lowest or 0, round(solver.objective_value)], spent


def highs_values(problem: Problem, seconds: float = SECONDS) -> tuple[list[int] | None, float]:
    """The same by HiGHS in a child process: both can't share one with OR-Tools."""
    table = problem.pairs
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.npz"
        np.savez(
            path, mentee=table.mentee, mentor=table.mentor, score=table.satisfaction,
            wanted=np.array([row.wanted for row in problem.mentees], np.int64),
            capacity=np.array([row.capacity for row in problem.mentors], np.int64),
        )  # fmt: skip
        child = Path(__file__).with_name("highs_several.py")
        done = subprocess.run(  # noqa: S603
            [sys.executable, str(child), str(path), str(seconds)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found["values"], found["seconds"]
