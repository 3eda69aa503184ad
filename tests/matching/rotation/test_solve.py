"""Rotations: the best there is, the same each time, with alternatives at their price."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest

from matching.codes import OutcomeCode
from matching.forum.rotation.check import check
from matching.forum.rotation.codes import RotationObjective, RotationRule
from matching.forum.rotation.meaning import in_document, sound
from matching.forum.rotation.model import (
    EarlierForum,
    ForumYear,
    HostOffer,
    Region,
    RotationPlan,
    RotationProblem,
    SessionWeek,
    Travel,
)
from matching.forum.rotation.solve import solve
from tests.matching.rotation import brute


def large(seed: int) -> RotationProblem:
    """Six years, five regions, twenty hosts."""
    dice = random.Random(seed)
    regions = ("Africa", "Americas", "Asia-Pacific", "Eastern Europe", "Western Europe")
    hosts = [(f"H{at:02d}", regions[at % 5]) for at in range(20)]
    return RotationProblem(
        years=tuple(ForumYear(year=2027 + at) for at in range(6)),
        regions=tuple(Region(key=key) for key in regions),
        offers=tuple(
            HostOffer(
                host=host, region=region, weeks=tuple(sorted(dice.sample(range(5, 48), 6))),
                years=tuple(sorted(dice.sample(range(2027, 2033), 4))) if at % 3 else (),
                cost=dice.randint(50, 150) * 10**5,
            )
            for at, (host, region) in enumerate(hosts)
        ),
        travel=tuple(Travel(host=h, cost=dice.randint(100, 300) * 10**5) for h, _ in hosts),
        sessions=tuple(SessionWeek(week=week, hard=week % 2 == 0) for week in range(9, 15)),
    )  # fmt: skip


def vector(plan: RotationPlan) -> dict[RotationObjective, int]:
    return {line.code: line.value for line in plan.objectives}


def test_every_rotation_of_tiny_problems_agrees_alternatives_included() -> None:
    seen: Counter[str] = Counter()
    for seed in range(60):
        problem = sound(brute.draw(seed), in_document)
        possible = brute.good(problem)
        result = solve(problem, seed=seed, alternatives=2)
        if not possible:
            assert result.outcome is OutcomeCode.NO_PLAN
            seen["impossible"] += 1
            continue
        plan = result.plan
        assert plan is not None
        assert plan.outcome is OutcomeCode.PROVEN
        assert check(problem, plan).violations == ()
        best = min(brute.vector(problem, chosen) for chosen in possible)
        found = vector(plan)
        codes = list(RotationObjective)
        assert tuple(found.get(code, 0) for code in codes) == best
        assert all(line.proven for line in plan.objectives)
        _same_alternatives(problem, plan, possible, seen)
        seen["changed"] += found.get(RotationObjective.CHANGED, 0) > 0
        seen["soft"] += found[RotationObjective.SOFT_WEEKS] > 0
        seen["several"] += max(Counter(f.year for f in plan.forums).values(), default=0) > 1
    assert seen["impossible"] >= 5
    assert seen["changed"] >= 10
    assert seen["soft"] >= 3
    assert seen["several"] >= 3
    assert seen["alternatives"] >= 40
    assert seen["no alternative"] >= 10


def _same_alternatives(
    problem: RotationProblem,
    plan: RotationPlan,
    possible: list[tuple[brute.Place, ...]],
    seen: Counter[str],
) -> None:
    """Each alternative is the best of all rotations without those named before."""
    for year, host in {(forum.year, forum.host) for forum in plan.forums}:
        ours = {f.host for f in plan.forums if f.year == year}
        number = sum(f.year == year for f in plan.forums)
        gone = {host}
        mine = [a for a in plan.alternatives if (a.year, a.host) == (year, host)]
        for at in range(2):
            left = [
                brute.vector(problem, chosen)
                for chosen in possible
                if (hosts := [h for y, _, h in chosen if y == year]) is not None
                and len(hosts) >= number
                and not gone & set(hosts)
                and set(hosts) - ours
            ]
            if at >= len(mine):
                assert left == []
                seen["no alternative"] += 1
                break
            price = {price.code: price.value for price in mine[at].prices}
            skip = 0 if problem.previous else 1
            assert tuple(price.values()) == min(found[skip:] for found in left)
            gone.add(mine[at].other)
            seen["alternatives"] += 1


def test_a_clash_leaves_no_rotation_and_none_of_its_rules_can_be_left_out() -> None:
    codes: Counter[RotationRule] = Counter()
    for seed in range(100, 200):
        problem = brute.draw(seed)
        result = solve(problem)
        if result.plan is not None:
            continue
        assert result.smallest
        everything = list(brute.every(problem))
        kept = list(result.clash)
        assert not any(all(brute.keeps(problem, c, r) for r in kept) for c in everything)
        for rule in kept:
            rest = [other for other in kept if other is not rule]
            assert any(all(brute.keeps(problem, c, r) for r in rest) for c in everything)
        codes.update(RotationRule(rule.code) for rule in kept)
    assert set(codes) == set(RotationRule)


def test_regions_take_turns_and_hosts_too() -> None:
    problem = RotationProblem(
        years=tuple(ForumYear(year=year) for year in range(2027, 2031)),
        regions=(Region(key="A"), Region(key="B")),
        offers=(
            HostOffer(host="a1", region="A", weeks=(20,), cost=1),
            HostOffer(host="a2", region="A", weeks=(20,), cost=900),
            HostOffer(host="b1", region="B", weeks=(20,), cost=500),
        ),
    )
    plan = solve(problem).plan
    assert plan is not None
    regions = [forum.region for forum in plan.forums]
    assert {frozenset(regions[:2]), frozenset(regions[2:])} == {frozenset("AB")}
    assert Counter(forum.host for forum in plan.forums) == {"a1": 1, "a2": 1, "b1": 2}


def test_a_withdrawn_host_changes_as_few_forums_as_possible() -> None:
    problem = large(1)
    first = solve(problem).plan
    assert first is not None
    gone = first.forums[2]
    after = problem.model_copy(
        update={
            "offers": tuple(offer for offer in problem.offers if offer.host != gone.host),
            "travel": tuple(row for row in problem.travel if row.host != gone.host),
            "previous": tuple(
                EarlierForum(year=f.year, host=f.host, week=f.week) for f in first.forums
            ),
        }
    )
    second = solve(after).plan
    assert second is not None
    assert vector(second)[RotationObjective.CHANGED] == 1
    assert check(after, second).violations == ()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_size_of_the_network_is_proven_the_same_each_time(workers: int) -> None:
    problem = large(3)
    begin = time.perf_counter()
    first = solve(problem, seed=2, workers=workers)
    assert time.perf_counter() - begin < 10
    assert first.outcome is OutcomeCode.PROVEN
    assert first.plan is not None
    assert solve(problem, seed=2, workers=workers).plan == first.plan


def test_a_solve_with_alternatives_stops_within_a_second_when_asked() -> None:
    asked: list[float] = []

    def cancel() -> bool:
        if time.perf_counter() - begin > 2:
            asked.append(time.perf_counter())
        return bool(asked)

    begin = time.perf_counter()
    result = solve(large(4), alternatives=20, cancel=cancel)
    assert time.perf_counter() - asked[0] < 1.5
    assert result.outcome is OutcomeCode.CANCELLED
    result = solve(large(4), alternatives=20, time_limit=1)
    assert result.outcome is OutcomeCode.TIME_LIMIT


def test_progress_tells_each_objective() -> None:
    told: list[object] = []
    solve(large(5), progress=lambda *words: told.append(words[2]))
    assert told == list(RotationObjective)[1:]
