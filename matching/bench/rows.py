"""One row of the benchmark, measured in this process: ``python -m matching.bench.rows NAME``."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from matching import io
from matching.bench import peers, several
from matching.generate import Scarcity, generate, random_problem, random_scores
from matching.model import ObjectiveCode, Plan, Problem, Result, WorstOff
from matching.pairing import solve
from matching.scoring import build_problem
from matching.verify import check_plan

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Row:
    """A size: drawn as an Instance when ``scarcity`` is given, else straight as a Problem.

    ``bids`` draws scores as assignments have them: few bids, or the likeness of subjects.
    """

    name: str
    group: str
    mentees: int
    mentors: int
    pairs: int = 0
    scarcity: Scarcity | None = None
    capacity: int = 4
    most: int = 100
    wanted: int = 1
    bids: bool | None = None
    scipy: bool = False
    highs: bool = False
    brute: bool = False


ROWS = (
    Row("tiny 7 x 4", "small", 7, 4, 20, capacity=2, scipy=True, highs=True, brute=True),
    Row("generated easy 193 x 60", "small", 193, 60, scarcity="easy", scipy=True, highs=True),
    Row("generated medium 193 x 60", "small", 193, 60, scarcity="medium", scipy=True, highs=True),
    Row("generated scarce 193 x 60", "small", 193, 60, scarcity="scarce", scipy=True, highs=True),
    Row("random 193 x 60", "small", 193, 60, 5_000, scipy=True, highs=True),
    Row("random 193 x 60, dense", "small", 193, 60, 11_000, scipy=True, highs=True),
    Row("random 193 x 60, scarce", "small", 193, 60, 8_000, capacity=3, scipy=True, highs=True),
    Row("full precision 193 x 60", "small", 193, 60, 8_000, most=100_000),
    Row("likeness 193 x 60, k = 1", "small", 193, 60, bids=False),
    Row("likeness 118 x 177, k = 3", "several", 118, 177, wanted=3, bids=False, highs=True),
    Row("bids 118 x 177, k = 3", "several", 118, 177, wanted=3, bids=True, highs=True),
    Row("bids 613 x 201, k = 3", "several", 613, 201, wanted=3, bids=True, highs=True),
    Row("likeness 613 x 201, k = 3", "several", 613, 201, wanted=3, bids=False, highs=True),
    Row("random 2,000 x 500", "scale", 2_000, 500, 600_000, scipy=True),
    Row("random 5,000 x 1,200", "scale", 5_000, 1_200, 3_600_000),
    Row("sparse 20,000 x 5,000", "beyond", 20_000, 5_000, 1_000_000),
    Row("sparse 100,000 x 20,000", "beyond", 100_000, 20_000, 5_000_000, capacity=5),
)


def timed(action: Callable[[], Thing], repeat: int) -> tuple[Thing, float]:
    """The result of an action and its median time in seconds."""
    spans = []
    for _ in range(repeat):
        begin = time.perf_counter()
        result = action()
        spans.append(time.perf_counter() - begin)
    return result, statistics.median(spans)


def measure(row: Row, repeat: int) -> dict[str, Any]:
    """Every number of a row."""
    repeat = repeat if row.group == "small" else 1
    found: dict[str, Any] = {"row": row.name, "disagreements": []}
    problem = _load(row, repeat, found)
    found["pairs"] = len(problem.pairs)
    least = _with(problem, WorstOff.MINIMUM)
    minimum, found["minimum"] = timed(lambda: solve(least), repeat)
    if row.wanted > 1:
        return _several(row, least, minimum, found)
    whole = _with(problem, WorstOff.LEXIMIN)
    leximin, found["leximin"] = timed(lambda: solve(whole), repeat)
    found["flows"] = sum(line.flows for line in leximin.timings)
    if minimum.plan is None or leximin.plan is None:
        raise RuntimeError("no plan for a Problem without pins")
    plan = leximin.plan
    report, found["check"] = timed(lambda: check_plan(whole, plan), repeat)
    if not report.good or not all(line.checked for line in report.objectives):
        found["disagreements"].append("verify")
    _beside(row, least, whole, minimum.plan, plan, found, repeat)
    found["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _several(row: Row, problem: Problem, result: Result, found: dict[str, Any]) -> dict[str, Any]:
    """Check and peers where several mentors are wanted: the leximin has no budget there."""
    if result.plan is None:
        raise RuntimeError("no plan for a Problem without pins")
    plan = result.plan
    micros = {line.objective: line.microseconds for line in result.timings}
    # Without the spread of load, which the peers are not asked for.
    found["two"] = sum(t for code, t in micros.items() if code is not ObjectiveCode.SPREAD) / 1e6
    report, found["check"] = timed(lambda: check_plan(problem, plan), 1)
    found["proven"] = sum(line.proven for line in plan.objectives)
    found["checked"] = sum(line.checked for line in report.objectives)
    if not report.good:
        found["disagreements"].append("verify")
    if row.highs:
        for name, ask in (("cpsat", several.cpsat_values), ("highs", several.highs_values)):
            values, seconds = ask(problem)
            found[name] = seconds if values else f">{seconds:.0f}"
            if values and values != _three(plan)[1:]:
                found["disagreements"].append(f"{name} {values}")
    found["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _load(row: Row, repeat: int, found: dict[str, Any]) -> Problem:
    if row.scarcity is not None:
        text = io.dump(generate(row.mentees, row.mentors, 1, row.scarcity))
        instance, found["load"] = timed(lambda: io.read_instance(text), repeat)
        problem, found["build"] = timed(lambda: build_problem(instance), repeat)
        return problem
    if row.bids is not None:
        drawn = random_scores(row.mentees, row.mentors, row.wanted, 1, bids=row.bids)
    else:
        drawn = random_problem(
            row.mentees, row.mentors, row.pairs, 1, capacity=row.capacity, most=row.most
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "problem.npz"
        io.write_arrays(drawn, path)
        del drawn
        problem, found["load"] = timed(lambda: io.read_arrays(path), repeat)
    return problem


def _with(problem: Problem, rule: WorstOff) -> Problem:
    return replace(problem, policy=problem.policy.model_copy(update={"worst_off": rule}))


def _three(plan: Plan) -> list[int]:
    """Cover, lowest satisfaction, total fit."""
    value = {line.code: line.value for line in plan.objectives}
    return [value[c] for c in (ObjectiveCode.COVER, ObjectiveCode.WORST_OFF, ObjectiveCode.FIT)]


def _beside(
    row: Row,
    least: Problem,
    whole: Problem,
    minimum: Plan,
    leximin: Plan,
    found: dict[str, Any],
    repeat: int,
) -> None:
    """Run the peers that the row asks for and compare their values with ours."""
    if row.scipy:
        values, found["scipy"] = timed(lambda: peers.scipy_values(least), min(repeat, 3))
        if values != _three(minimum):
            found["disagreements"].append(f"scipy {values}")
    if row.highs:
        values, found["highs"] = peers.highs_values(least)
        if values != _three(minimum):
            found["disagreements"].append(f"HiGHS {values}")
    if row.brute:
        vector, found["brute"] = timed(lambda: peers.brute_vector(whole), 1)
        levels = next(o.levels for o in leximin.objectives if o.code is ObjectiveCode.WORST_OFF)
        ours = [
            _three(leximin)[0],
            [level for level, count in levels for _ in range(count)],
            _three(leximin)[2],
            -leximin.objectives[-1].value,
        ]
        if vector != ours:
            found["disagreements"].append(f"brute force {vector}")


if __name__ == "__main__":
    chosen = next(row for row in ROWS if row.name == sys.argv[1])
    print(json.dumps(measure(chosen, int(sys.argv[2]))))
