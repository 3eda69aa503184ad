"""Rows of the benchmark for meetings."""

from __future__ import annotations

import statistics
import time
from typing import Any

from matching.forum.meetings.check import check
from matching.forum.meetings.codes import MeetingObjective
from matching.forum.meetings.frame import frame_of
from matching.forum.meetings.generate import generate
from matching.forum.meetings.meaning import read_meetings
from matching.io.documents import canonical

SIZES = (
    ("meetings 60, 150 wishes", 60, 150, 8, 22, 3.0),
    ("meetings 60, 240 wishes", 60, 240, 10, 27, 15.0),
    ("meetings 70, 260 wishes", 70, 260, 10, 30, 15.0),
    ("meetings 80, 300 wishes", 80, 300, 10, 34, 15.0),
)
"""Name, participants, wishes, slots, tables, budget in seconds."""
SEEDS = range(5)


def rows(workers: int = 2, limit: float = 60.0) -> list[dict[str, Any]]:
    """Measure the sizes of the budget, each at several seeds.

    Returns
    -------
    list of dict
        ``load`` (JSON to Problem), ``build`` (model), ``solve`` and ``check`` in seconds:
        medians over the seeds, ``most`` the slowest solve; ``proven`` how many were.
    """
    return [_row(*size, workers=workers, limit=limit) for size in SIZES]


def _row(
    name: str, participants: int, wishes: int, slots: int, tables: int, budget: float,
    *, workers: int, limit: float,
) -> dict[str, Any]:  # fmt: skip
    from matching.forum.meetings.build import Model
    from matching.forum.meetings.solve import solve

    spans: dict[str, list[float]] = {"load": [], "build": [], "solve": [], "check": []}
    proven, disagreements = 0, []
    for seed in SEEDS:
        drawn = generate(participants, wishes, slots, tables, seed)
        text = canonical(drawn.model_dump(mode="json"))
        begin = time.perf_counter()
        problem = read_meetings(text)
        loaded = time.perf_counter()
        Model(frame_of(problem))
        built = time.perf_counter()
        result = solve(problem, workers=workers, time_limit=limit)
        solved = time.perf_counter()
        spans["load"].append(loaded - begin)
        spans["build"].append(built - loaded)
        spans["solve"].append(solved - built)
        if result.plan is None:
            disagreements.append(f"seed {seed}: {result.outcome}")
            continue
        report = check(problem, result.plan)
        spans["check"].append(time.perf_counter() - solved)
        if not report.good:
            disagreements.append(f"seed {seed}: verify")
        proven += all(line.proven for line in result.plan.objectives)
        if result.plan.objectives[-1].code is not MeetingObjective.BREAKS:
            disagreements.append(f"seed {seed}: objectives")
    return {
        "row": name, "seeds": len(SEEDS), "proven": proven, "budget": budget,
        **{part: statistics.median(times) if times else None for part, times in spans.items()},
        "most": max(spans["solve"]), "disagreements": disagreements,
    }  # fmt: skip
