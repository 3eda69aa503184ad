"""Plans of all instruments: as good as the best of all plans, certain, stopped when asked."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest

from matching.generate import generate
from matching.instance import Horizon
from matching.joint import plan as planning
from matching.joint import search, value
from matching.joint.build import build
from matching.joint.check import check_plan
from matching.joint.model import JointProblem
from matching.model import Instrument, ObjectiveCode, OutcomeCode
from tests.matching.joint import brute
from tests.matching.joint.alone import Facts
from tests.matching.joint.draw import drawn

ALL = ("mentorship", "study_visit", "mission", "training")
SEEDS = range(40)


def middling(seed: int, instruments: tuple[str, ...] = ALL, states: int = 30) -> JointProblem:
    """A generated round that is too large for CP-SAT alone."""
    problem = build(generate(states, states // 2, seed, "medium", instruments))
    horizon = Horizon(first_monday=problem.horizon.first_monday, weeks=52, avoid=(20, 21))
    return replace(problem, horizon=horizon)


def test_tiny_problems_get_the_best_of_all_plans() -> None:
    found: Counter[str] = Counter()
    for seed in SEEDS:
        problem = drawn(seed)
        best = brute.best(problem)
        result = planning.solve(problem)
        assert (best is None) == (result.plan is None), seed
        if best is None or result.plan is None:
            found["no plan"] += 1
            continue
        assert check_plan(problem, result.plan).violations == (), seed
        assert brute.vector(Facts(problem), result.plan.items) == best[0], seed
        assert result.outcome is OutcomeCode.PROVEN
        assert all(line.proven and line.value == line.bound for line in result.plan.objectives)
        found["best"] += 1
        found["after an earlier plan"] += value.is_repair(problem)
        found |= Counter({item.instrument.value: 1 for item in result.plan.items})
    assert found["best"] >= 34
    assert found["no plan"] >= 3
    assert found["after an earlier plan"] >= 10
    assert all(found[instrument.value] for instrument in Instrument)


@pytest.mark.parametrize("instruments", [(one,) for one in ALL[1:]] + [ALL])
def test_larger_plans_hold_and_state_their_gap(
    instruments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "WHOLE", 15)
    for name in ("TOGETHER_WORK", "EASY_WORK"):
        monkeypatch.setattr(search, name, 0.05)
    monkeypatch.setattr(search, "WORK", dict.fromkeys(ObjectiveCode, 0.02))
    problem = middling(1, instruments, states=18)
    assert len(problem.options) > 15
    result = planning.solve(problem)
    assert result.plan is not None
    assert check_plan(problem, result.plan).violations == ()
    assert len({item.instrument for item in result.plan.items}) >= min(len(instruments), 3)
    for line in result.plan.objectives:
        better = line.value - line.bound if line.sense == "min" else line.bound - line.value
        assert better == line.gap >= 0
    again = planning.solve(problem)
    assert again.plan == result.plan


@pytest.mark.parametrize("after", [0.3, 2.0])
def test_a_solve_stops_within_a_second_when_asked(after: float) -> None:
    problem = middling(2)
    begin = time.perf_counter()
    result = planning.solve(problem, cancel=lambda: time.perf_counter() - begin > after)
    spent = time.perf_counter() - begin
    assert spent < after + 1.0
    assert result.outcome is OutcomeCode.CANCELLED
    assert result.plan is not None
    assert check_plan(problem, result.plan).violations == ()


def test_a_time_limit_gives_a_plan_with_its_gap() -> None:
    problem = middling(3)
    begin = time.perf_counter()
    result = planning.solve(problem, time_limit=2.0, workers=2)
    assert time.perf_counter() - begin < 3.0
    assert result.plan is not None
    assert result.outcome is OutcomeCode.TIME_LIMIT
    assert check_plan(problem, result.plan).violations == ()
    assert any(line.gap for line in result.plan.objectives)


def test_progress_tells_every_objective_in_order() -> None:
    problem = drawn(7)
    heard: list[ObjectiveCode] = []
    planning.solve(problem, progress=lambda step, steps, code, *rest: heard.append(code))
    assert tuple(heard) == problem.policy.order
