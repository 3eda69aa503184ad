"""Agendas against every arrangement of tiny ones: values, proofs, clashes, stopping."""

from __future__ import annotations

import time

import pytest

from matching.codes import OutcomeCode
from matching.forum.agenda.check import check
from matching.forum.agenda.codes import AgendaRule
from matching.forum.agenda.generate import generate
from matching.forum.agenda.meaning import sound
from matching.forum.agenda.places import Grid
from matching.forum.agenda.solve import solve
from matching.forum.agenda.variables import can_loosen
from matching.outcome import Clash
from tests.matching.agenda.brute import Rule, best, every, tiny

SEEDS = range(200, 275)


def rule_of(clash: Clash) -> Rule:
    """A rule of a clash as the enumeration names it."""
    if clash.code is AgendaRule.ROOM_PLACES:
        return (clash.code.value,)
    names = ("session", "room", "person", "language", "first", "second", "rule")
    return clash.code.value, *(str(clash.parameters[n]) for n in names if n in clash.parameters)


def test_the_best_of_every_arrangement_is_found_and_proven_or_the_clash_is_a_smallest_one() -> None:
    possible = impossible = 0
    moved = loose = 0
    clashes = set()
    for seed in SEEDS:
        problem = sound(tiny(seed))
        arrangements = every(problem)
        wanted = best(arrangements)
        result = solve(problem, seed=seed)
        if wanted is not None:
            possible += 1
            moved += len(wanted) > 1
            loose += can_loosen(Grid(problem))
            assert result.plan is not None, seed
            assert tuple(line.value for line in result.plan.objectives) == wanted, seed
            assert all(line.proven for line in result.plan.objectives), seed
            assert check(problem, result.plan).violations == (), seed
            assert result.outcome is OutcomeCode.PROVEN
            continue
        impossible += 1
        assert result.plan is None, seed
        assert result.outcome is OutcomeCode.NO_PLAN, seed
        assert result.smallest, seed
        clash = {rule_of(rule) for rule in result.clash}
        clashes |= {rule[0] for rule in clash}
        assert all(broken & clash for broken, _ in arrangements), seed
        for rule in clash:
            assert any(broken & clash == {rule} for broken, _ in arrangements), (seed, rule)
    assert possible >= 25
    assert impossible >= 30
    assert moved >= 5
    assert loose >= 10
    assert len(clashes) >= 8


def test_two_workers_prove_the_same_values() -> None:
    shared = 0
    for seed in range(200, 220):
        problem = tiny(seed)
        one, two = (solve(problem, workers=workers) for workers in (1, 2))
        assert (one.plan is None) is (two.plan is None)
        if one.plan and two.plan:
            shared += 1
            assert [line.value for line in one.plan.objectives] == [
                line.value for line in two.plan.objectives
            ]
    assert shared >= 6


@pytest.mark.parametrize("workers", [1, 2])
def test_same_problem_seed_and_workers_same_agenda(workers: int) -> None:
    problem = generate(16, 3, 2, seed=3)
    first, second = (solve(problem, seed=5, workers=workers) for _ in range(2))
    assert first.plan is not None
    assert first.plan == second.plan
    assert check(problem, first.plan).good


def test_a_time_limit_gives_the_best_agenda_with_its_gap() -> None:
    problem = generate(40, 5, 3, seed=0)
    begin = time.perf_counter()
    result = solve(problem, time_limit=2.0)
    assert time.perf_counter() - begin < 3.5
    assert result.plan is not None
    assert result.outcome is OutcomeCode.TIME_LIMIT
    line = result.plan.objectives[-1]
    assert not line.proven
    assert line.gap == line.value - line.bound > 0
    assert check(problem, result.plan).good


def test_a_cancelled_solve_ends_within_a_second_with_its_best() -> None:
    problem = generate(40, 5, 3, seed=0)
    begin = time.perf_counter()
    asked: list[float] = []

    def cancel() -> bool:
        now = time.perf_counter()
        if now - begin > 1.5:
            asked.append(now)
        return bool(asked)

    result = solve(problem, cancel=cancel)
    assert time.perf_counter() - asked[0] < 1
    assert result.outcome is OutcomeCode.CANCELLED
    assert result.plan is not None
    assert check(problem, result.plan).good


def test_a_generated_agenda_is_possible_and_the_same_for_its_seed() -> None:
    for sessions, rooms, days in ((6, 2, 2), (12, 3, 2)):
        for seed in range(2):
            problem = sound(generate(sessions, rooms, days, seed))
            assert problem == generate(sessions, rooms, days, seed)
            result = solve(problem, time_limit=5.0)
            assert result.plan is not None
            assert check(problem, result.plan).good
    assert generate(6, 2, 2, 0) != generate(6, 2, 2, 1)
