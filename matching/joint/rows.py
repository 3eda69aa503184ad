"""The joint plan's rows of the benchmark: 193 States, all instruments, three scarcities."""

from __future__ import annotations

import resource
import statistics
import time
from typing import Any, Literal

from matching.generate import generate
from matching.io import dump, read_instance
from matching.joint.build import build
from matching.joint.check import check_plan
from matching.joint.plan import solve
from matching.model import ObjectiveCode

STATES, MENTORS = 193, 60
INSTRUMENTS = ("mentorship", "study_visit", "mission", "training")
LIMIT = 60.0
FIRST, NEAR = 5.0, 0.01
BUDGET = "first plan in 5 s; each objective proven or within 1 % after 60 s"
Scarcity = Literal["easy", "medium", "scarce"]
SCARCITIES: tuple[Scarcity, ...] = ("easy", "medium", "scarce")


def rows(seeds: int = 1, workers: int = 2) -> list[dict[str, Any]]:
    """Measure plans of all instruments together.

    Parameters
    ----------
    seeds
        Rounds of each scarcity.

    Returns
    -------
    list of dict
        One for each scarcity: ``name``, ``budget``, and for each seed seconds to ``load``,
        ``build``, ``solve`` and ``check``, seconds until the ``first`` plan, for each objective
        value, bound, ``proven`` and relative ``gap``; ``met`` counts the seeds within the budget;
        ``megabytes`` is the most memory that the process has had.
    """
    return [_measured(scarcity, seeds, workers) for scarcity in SCARCITIES]


def _measured(scarcity: Scarcity, seeds: int, workers: int) -> dict[str, Any]:
    runs = [_run(scarcity, seed, workers) for seed in range(1, seeds + 1)]
    return {
        "name": f"joint {STATES} States, {scarcity}",
        "budget": BUDGET,
        "runs": runs,
        "met": sum(run["met"] for run in runs),
        "median": {
            part: statistics.median(run[part] for run in runs)
            for part in ("load", "build", "solve", "check", "first", "gap")
        },
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _run(scarcity: Scarcity, seed: int, workers: int) -> dict[str, Any]:
    content = dump(generate(STATES, MENTORS, seed, scarcity, INSTRUMENTS))
    begin = time.perf_counter()
    instance = read_instance(content)
    load = time.perf_counter() - begin
    begin = time.perf_counter()
    problem = build(instance)
    built = time.perf_counter() - begin
    heard: list[float] = []
    begin = time.perf_counter()
    result = solve(
        problem, seed=seed, workers=workers, time_limit=LIMIT,
        progress=lambda *news: heard.append(news[-1]),
    )  # fmt: skip
    spent = time.perf_counter() - begin
    if result.plan is None:
        raise RuntimeError(f"no plan for {scarcity}, seed {seed}")
    begin = time.perf_counter()
    report = check_plan(problem, result.plan)
    checked = time.perf_counter() - begin
    if not report.good:
        raise RuntimeError(f"the plan of {scarcity}, seed {seed}, does not hold")
    sure = {line.code: line.checked for line in report.objectives}
    objectives = {
        line.code.value: {
            "value": line.value, "bound": line.bound, "proven": line.proven,
            "checked": sure[line.code], "gap": round(line.gap / max(abs(line.bound), 1), 4),
        }
        for line in result.plan.objectives
    }  # fmt: skip
    gap = max(entry["gap"] for entry in objectives.values())
    near = all(entry["proven"] or entry["gap"] <= NEAR for entry in objectives.values())
    open_leximin = not objectives[ObjectiveCode.WORST_OFF.value]["proven"]
    return {
        "seed": seed, "options": len(problem.options), "items": len(result.plan.items),
        "load": load, "build": built, "solve": spent, "check": checked,
        "first": result.first, "gap": gap, "objectives": objectives,
        "levels_open": open_leximin,
        "met": near and not open_leximin and result.first <= FIRST,
    }  # fmt: skip
