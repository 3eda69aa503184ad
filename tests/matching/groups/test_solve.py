"""Groups are the best of all groupings, repeat, and stop when asked."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.cpsat import run
from matching.groups import bounds
from matching.groups.bounds import AT_HAND
from matching.groups.check import check
from matching.groups.codes import GroupObjective, GroupOutcome, GroupRule
from matching.groups.generate import courses, pairwise
from matching.groups.lots import Lots
from matching.groups.model import Group, GroupPlan, GroupProblem
from matching.groups.moves import NEVER, Moves
from matching.groups.solve import solve
from matching.groups.space import space
from matching.watch import Watch
from tests.matching.groups import brute

TRIED = 120


def reached(problem: GroupProblem, plan: GroupPlan) -> tuple[int, int]:
    """Balance and total of a plan, more is better."""
    place = {person.key: at for at, person in enumerate(problem.participants)}
    home = [0] * len(place)
    for at, entry in enumerate(plan.groups):
        for key in entry.members:
            home[place[key]] = at
    assert brute.keeps_rules(problem, tuple(home))
    return brute.value(problem, tuple(home))


def test_tiny_problems_are_solved_like_all_their_groupings_say() -> None:
    impossible = proven = ruled = 0
    for seed in range(TRIED):
        problem = brute.random_problem(seed)
        best = brute.best(problem)
        result = solve(problem, seed=seed)
        if best is None:
            impossible += 1
            assert result.plan is None, seed
            assert result.outcome is GroupOutcome.NO_PLAN
            assert result.clash, seed
            continue
        assert result.plan is not None, seed
        assert check(problem, result.plan).violations == (), seed
        assert reached(problem, result.plan) == best, seed
        proven += result.outcome is GroupOutcome.PROVEN
        ruled += bool(problem.same or problem.spread or problem.apart or problem.together)
    assert impossible >= 15
    assert proven == TRIED - impossible
    assert ruled >= 30


@settings(max_examples=40, deadline=None)
@given(st.integers(1000, 100_000))
def test_no_grouping_passes_a_bound(seed: int) -> None:
    problem = brute.random_problem(seed)
    here = space(problem)
    totals = [
        here.total(np.array(home))
        for home in all_sized(problem)
    ]  # fmt: skip
    if totals:
        watch = Watch(None, None, None, 1)
        for rounds in (1, 40):
            assert bounds.bound(here, -(10**6), watch, rounds=rounds) >= max(totals)
        assert bounds.at_once(here) >= max(totals)


def all_sized(problem: GroupProblem) -> list[brute.Grouping]:
    """Groupings that keep sizes, whatever else they break."""
    free = GroupProblem(
        participants=problem.participants,
        groups=tuple(g.model_copy(update={"fixed": {}}) for g in problem.groups),
    )
    return list(brute.all_groupings(free))


@settings(max_examples=40, deadline=None)
@given(st.integers(1000, 100_000))
def test_every_gain_of_a_row_is_the_difference_of_two_groupings(seed: int) -> None:
    problem = brute.random_problem(seed)
    start = next(brute.all_groupings(problem), None)
    if start is None:
        return
    here = space(problem)
    moves = Moves(here, np.array(start))
    before = brute.value(problem, start)
    for unit in range(moves.units):
        gains = moves.rows(np.array([unit]), 1000.0)[0]
        for other, gain in enumerate(gains.tolist()):
            if moves.home[other] == moves.home[unit]:
                assert gain == NEVER
                continue
            trial = Moves(here, np.array(start))
            trial.move(unit, other, 0.0)
            home = tuple(trial.of_people().tolist())
            after = brute.value(problem, home)
            if brute.keeps_rules(problem, home):
                assert gain == 1000 * (after[0] - before[0]) + after[1] - before[1]
                assert trial.beyond == -after[0]
            else:
                assert gain == NEVER


def test_what_moves_keep_up_to_date_is_what_a_recount_finds() -> None:
    moved = 0
    for seed in range(200, 260):
        problem = brute.random_problem(seed)
        start = next(brute.all_groupings(problem), None)
        if start is None:
            continue
        moves = Moves(space(problem), np.array(start))
        random = np.random.default_rng(seed)
        for _ in range(20):
            unit = int(random.integers(moves.units))
            gains = moves.rows(np.array([unit]), 0.0)[0]
            open_moves = np.flatnonzero(gains > NEVER / 2)
            if len(open_moves):
                other = int(random.choice(open_moves))
                moves.move(unit, other, float(gains[other]))
                moved += 1
        home = tuple(moves.of_people().tolist())
        assert brute.keeps_rules(problem, home)
        kept = (moves.total, moves.beyond, moves.own.tolist(), moves.people.tolist())
        moves.recount()
        assert kept == (moves.total, moves.beyond, moves.own.tolist(), moves.people.tolist())
    assert moved > 200


def test_a_bound_from_a_child_process_is_that_of_the_same_steps_at_hand() -> None:
    problem = pairwise(AT_HAND + 4, 4, seed=1, family="geo")
    here = space(problem)
    start = np.arange(AT_HAND + 4) % 4
    reached = here.total(start)
    watch = Watch(None, None, None, 1)
    found = bounds.bound(here, reached, watch, rounds=6)
    assert found >= reached
    at_hand = min(bounds.steps(here.value, bounds.sizes_of(here), reached, 6))
    assert abs(found - at_hand) <= 1
    stopped = Watch(None, lambda: True, None, 1)
    assert bounds.bound(here, reached, stopped, rounds=6) == bounds.at_once(here)


def test_lots_never_say_less_than_a_grouping_reaches() -> None:
    looked = 0
    for seed in range(300, 420):
        problem = brute.random_problem(seed)
        best = brute.best(problem)
        lots = Lots(space(problem))
        if best is None or not lots.possible or problem.values.first or not problem.alike:
            continue

        watch = Watch(None, None, None, 1)
        lots.model.minimize(lots.beyond)
        assert run(lots.model, watch=watch, seed=1, workers=1).bound <= -best[0]
        lots.model.add(lots.beyond <= -best[0])
        lots.model.maximize(lots.total())
        assert run(lots.model, watch=watch, seed=1, workers=1).bound >= best[1]
        looked += 1
    assert looked >= 12


def test_courses_with_tracks_languages_and_zones_are_proven() -> None:
    problem = courses(80, 6, seed=1)
    result = solve(problem, seed=1)
    assert result.outcome is GroupOutcome.PROVEN
    assert result.plan is not None
    assert check(problem, result.plan).violations == ()


def test_same_seed_same_plan_and_another_seed_is_as_good() -> None:
    problem = pairwise(18, 4, seed=2)
    one, again, other = (solve(problem, seed=seed).plan for seed in (5, 5, 6))
    assert one == again
    assert one is not None
    assert other is not None
    assert [line.value for line in one.objectives] == [line.value for line in other.objectives]


def test_pairs_alone_are_grouped_well_and_their_bound_is_honest() -> None:
    problem = pairwise(40, 5, seed=1, family="geo")
    plan = solve(problem, seed=1).plan
    assert plan is not None
    (line,) = plan.objectives
    assert line.code is GroupObjective.TOTAL
    assert line.gap == line.bound - line.value
    assert 0 < line.gap < 0.04 * line.value
    assert plan.outcome is GroupOutcome.WORK_DONE


@pytest.mark.parametrize("problem", [pairwise(240, 12, seed=1), courses(200, 12, seed=4)])
def test_a_time_limit_is_kept_within_a_second(problem: GroupProblem) -> None:
    begin = time.perf_counter()
    result = solve(problem, time_limit=1.5)
    assert time.perf_counter() - begin < 2.5
    if result.plan is None:
        assert result.outcome is GroupOutcome.TIME_LIMIT
    else:
        assert check(problem, result.plan).violations == ()


@pytest.mark.parametrize("after", [0.0, 0.7])
def test_a_cancelled_solve_stops_within_a_second(after: float) -> None:
    begin = time.perf_counter()
    problem = pairwise(240, 12, seed=1, family="geo")
    result = solve(problem, cancel=lambda: time.perf_counter() - begin > after)
    assert time.perf_counter() - begin < after + 1.5
    assert result.plan is not None
    assert result.outcome is GroupOutcome.CANCELLED
    assert check(problem, result.plan).violations == ()


def test_progress_tells_of_better_totals() -> None:
    heard: list[int] = []
    solve(pairwise(24, 4, seed=3), progress=lambda *said: heard.append(int(said[3])))
    assert heard == sorted(heard)
    assert len(set(heard)) > 1


def test_no_rule_of_a_clash_can_be_left_out() -> None:
    looked = 0
    for seed in range(TRIED):
        problem = brute.random_problem(seed)
        if brute.best(problem) is not None:
            continue
        result = solve(problem)
        assert result.smallest
        rules = [(rule.code, rule.parameters) for rule in result.clash]
        assert not possible(problem, rules), seed
        for at in range(len(rules)):
            assert possible(problem, rules[:at] + rules[at + 1 :]), (seed, rules[at])
        looked += 1
    assert looked >= 15


def possible(problem: GroupProblem, rules: Sequence[tuple[StrEnum, Mapping[str, object]]]) -> bool:
    """Whether some rules alone leave groups; who need not be placed may be left out."""
    about = {
        code: [parameters for other, parameters in rules if other is code] for code, _ in rules
    }
    keys = [person.key for person in problem.participants]

    def pairs(code: GroupRule) -> tuple[tuple[str, str], ...]:
        return tuple((str(p["first"]), str(p["second"])) for p in about.get(code, []))

    def groups(code: GroupRule) -> set[object]:
        return {p["group"] for p in about.get(code, [])}

    placed = {str(p["participant"]) for p in about.get(GroupRule.PLACED, [])}
    least, most, fixed = (
        groups(code) for code in (GroupRule.LEAST, GroupRule.MOST, GroupRule.FIXED)
    )
    shared = {str(p["attribute"]) for p in about.get(GroupRule.SAME, [])}
    free = {
        "groups": tuple(
            Group(
                key=group.key,
                least=group.least if group.key in least else 0,
                most=group.most if group.key in most else len(keys),
                fixed=group.fixed if group.key in fixed else {},
            )
            for group in problem.groups
        ),
        "same": tuple(name for name in problem.same if name in shared),
        "spread": problem.spread if GroupRule.SPREAD in about else (),
    }
    for extra in itertools.product((True, False), repeat=len(keys)):
        present = {key for key, there in zip(keys, extra, strict=True) if there}
        if not placed <= present:
            continue
        together = pairs(GroupRule.TOGETHER)
        if any((a in present) != (b in present) for a, b in together):
            continue
        part = problem.model_copy(
            update={
                **free,
                "participants": tuple(p for p in problem.participants if p.key in present),
                "together": tuple(pair for pair in together if pair[0] in present),
                "apart": tuple(p for p in pairs(GroupRule.APART) if set(p) <= present),
            }
        )
        if next(brute.all_groupings(part), None) is not None:
            return True
    return False
