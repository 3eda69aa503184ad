"""Grouping's rows of the benchmark: courses by attributes, and pairs alone beside a peer."""

from __future__ import annotations

import resource
import statistics
import time
from dataclasses import dataclass
from typing import Any

from matching.groups.check import check
from matching.groups.generate import BENCHMARK_GROUPS, courses, pairwise
from matching.groups.meaning import dump, read_problem
from matching.groups.model import GroupProblem
from matching.groups.rules import Rules
from matching.groups.solve import solve
from matching.groups.space import space

NEAR = 0.02


@dataclass(frozen=True)
class GroupRow:
    """A size; ``peer`` is the total that another search reached on it in the same time.

    That search is iterated maxima search (X. Lai, J.-K. Hao, 2016), written in C++ from its
    description, on one core of the machine that docs/engine/groups.md names; the better of two
    seeds, in the time that the literature gives each size.
    """

    name: str
    people: int
    groups: int
    family: str
    limit: float
    budget: str
    peer: int | None = None

    def problem(self, seed: int) -> GroupProblem:
        """The Problem of a seed; with a peer it is always the one that the peer had."""
        if self.family == "courses":
            return courses(self.people, self.groups, seed)
        return pairwise(self.people, self.groups, 1, family=self.family)


def _pairs(people: int, family: str, limit: float, peer: int) -> GroupRow:
    groups = BENCHMARK_GROUPS[people]
    name = f"pairs alone, {family} {people} in {groups} groups"
    budget = f"the total of iterated maxima search in {limit:g} s, within 0.2 %: {peer}"
    return GroupRow(name, people, groups, family, limit, budget, peer)


ROWS = (
    GroupRow("courses 200 in 12 groups", 200, 12, "courses", 30.0, "proven or within 2 % in 30 s"),
    _pairs(120, "int", 3.0, 47_428),
    _pairs(120, "geo", 3.0, 9_217_710),
    _pairs(240, "int", 20.0, 155_228),
    _pairs(240, "geo", 20.0, 31_209_189),
)
PEER_NEAR = 0.002


def rows(seeds: int = 3, workers: int = 1) -> list[dict[str, Any]]:
    """Measure courses and pairs alone.

    Parameters
    ----------
    seeds
        Problems of courses; for pairs alone, seeds of the search.

    Returns
    -------
    list of dict
        One for each size: ``name``, ``budget``, and for each seed seconds to ``load``, ``build``
        (arrays and model), ``solve`` and ``check``, for each objective value, bound, ``proven``
        and relative ``gap`` (of the value); ``met`` counts the seeds within the budget;
        ``megabytes`` is the most memory that the process has had.
    """
    return [_measured(row, seeds, workers) for row in ROWS]


def _measured(row: GroupRow, seeds: int, workers: int) -> dict[str, Any]:
    runs = [_run(row, seed, workers) for seed in range(1, seeds + 1)]
    return {
        "name": row.name,
        "budget": row.budget,
        "runs": runs,
        "met": sum(run["met"] for run in runs),
        "median": {
            part: statistics.median(run[part] for run in runs)
            for part in ("load", "build", "solve", "check", "gap")
        },
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _run(row: GroupRow, seed: int, workers: int) -> dict[str, Any]:
    content = dump(row.problem(seed))
    begin = time.perf_counter()
    problem = read_problem(content)
    loaded = time.perf_counter()
    arrays = space(problem)
    if row.peer is None:
        Rules(arrays)
    built = time.perf_counter()
    result = solve(problem, seed=seed, workers=workers, time_limit=row.limit)
    solved = time.perf_counter()
    if result.plan is None:
        raise RuntimeError(f"no groups for {row.name}, seed {seed}: {result.outcome}")
    report = check(problem, result.plan)
    checked = time.perf_counter()
    if not report.good:
        raise RuntimeError(f"the groups of {row.name}, seed {seed}, do not hold")
    objectives = {
        line.code.value: {
            "value": line.value, "bound": line.bound, "proven": line.proven,
            "gap": line.gap / max(abs(line.value), 1),
        }
        for line in result.plan.objectives
    }  # fmt: skip
    gap = max(float(entry["gap"]) for entry in objectives.values())
    if row.peer is None:
        met = gap <= NEAR and solved - built <= row.limit + 1
    else:
        met = result.plan.objectives[-1].value >= row.peer * (1 - PEER_NEAR)
    return {
        "seed": seed, "load": loaded - begin, "build": built - loaded, "solve": solved - built,
        "check": checked - solved, "gap": gap, "objectives": objectives, "met": met,
    }  # fmt: skip
