"""The agenda's rows of the benchmark: the two sizes of the budget, drawn and measured here."""

from __future__ import annotations

import resource
import statistics
import time
from dataclasses import dataclass
from typing import Any

from matching.forum.agenda.check import check
from matching.forum.agenda.generate import generate
from matching.forum.agenda.meaning import read_agenda
from matching.forum.agenda.solve import solve
from matching.io.documents import canonical


@dataclass(frozen=True)
class AgendaRow:
    """A size, how long it may take, and what the budget asks for."""

    name: str
    sessions: int
    rooms: int
    days: int
    limit: float
    budget: str


ROWS = (
    AgendaRow("agenda 40 sessions, 5 rooms, 3 days", 40, 5, 3, 30.0, "proven in 30 s"),
    AgendaRow(
        "agenda 200 sessions, 15 rooms, 4 days", 200, 15, 4, 120.0,
        "feasible in 10 s, within 3 % in 120 s",
    ),
)  # fmt: skip


def rows(seeds: int = 3, workers: int = 2) -> list[dict[str, Any]]:
    """Measure both sizes.

    Parameters
    ----------
    seeds
        Problems of each size.

    Returns
    -------
    list of dict
        One for each size: ``name``, ``budget``, and for each seed seconds to ``load``, ``build``,
        ``solve`` and ``check``, seconds until the ``first`` agenda, ``value``, ``bound`` and the
        relative ``gap`` (of the value); ``met`` counts the seeds within the budget;
        ``megabytes`` is the most memory that the process has had.
    """
    return [_measured(row, seeds, workers) for row in ROWS]


def _measured(row: AgendaRow, seeds: int, workers: int) -> dict[str, Any]:
    runs = [_run(row, seed, workers) for seed in range(seeds)]
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "name": row.name,
        "budget": row.budget,
        "runs": runs,
        "met": sum(run["met"] for run in runs),
        "median": {
            part: statistics.median(run[part] for run in runs)
            for part in ("load", "build", "solve", "check", "first", "gap")
        },
        "megabytes": most // 1024,
    }


def _run(row: AgendaRow, seed: int, workers: int) -> dict[str, Any]:
    content = canonical(
        generate(row.sessions, row.rooms, row.days, seed).model_dump(mode="json")
    )  # fmt: skip
    begin = time.perf_counter()
    problem = read_agenda(content)
    load = time.perf_counter() - begin
    seen: list[float] = []
    result = solve(
        problem,
        workers=workers,
        time_limit=row.limit,
        progress=lambda *told: seen.append(told[-1]),
    )
    seconds = result.seconds or {}
    run: dict[str, Any] = {
        "seed": seed, "load": load, "build": seconds.get("build", 0.0),
        "solve": seconds.get("solve", 0.0), "check": 0.0, "first": row.limit, "gap": 1.0,
        "value": None, "bound": None, "met": False,
    }  # fmt: skip
    if result.plan is None:
        return run
    begin = time.perf_counter()
    report = check(problem, result.plan)
    run["check"] = time.perf_counter() - begin
    line = result.plan.objectives[-1]
    run |= {
        "value": line.value, "bound": line.bound, "gap": line.gap / max(line.value, 1),
        "first": min(seen, default=seconds.get("solve", 0.0)),
    }  # fmt: skip
    close = line.proven if row.limit <= 30 else run["gap"] <= 0.03 and run["first"] <= 10
    run["met"] = report.good and close
    return run


if __name__ == "__main__":
    import json

    print(json.dumps(rows(), indent=1))
