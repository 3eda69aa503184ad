""" "Why not these two?": the price that is named is that of the best plan with the pairing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from matching.joint import near
from matching.joint.check import check_plan
from matching.joint.plan import solve
from matching.joint.price import price
from matching.joint.value import value_of
from matching.model import (
    Code,
    Instrument,
    ObjectiveCode,
    ObstacleCode,
    Pairing,
    Policy,
    Previous,
)
from tests.matching.joint.alone import Facts, brings
from tests.matching.joint.answers import solved
from tests.matching.joint.brute import plans, vector
from tests.matching.joint.draw import drawn
from tests.matching.joint.small import Sketch, stated

SEEDS = range(1, 30)
OWN = Code(ObstacleCode.OWN_CONDITIONS)


def pairings(seed: int) -> list[Pairing]:
    facts = Facts(drawn(seed))
    names = list(Instrument)
    found = {
        Pairing(instrument=names[number], guest=guest, host=facts.owner(number, giver))
        for number, giver, guest, _ in facts.option
    }
    return sorted(found, key=str)[:5]


def test_forcing_and_forbidding_cost_what_the_best_such_plan_costs() -> None:
    said: Counter[str] = Counter()
    for seed in SEEDS:
        problem, plan = drawn(seed), solved(seed)
        if plan is None:
            continue
        facts = Facts(problem)
        listed = [
            (vector(facts, chosen), set().union(*(brings(facts, item) for item in chosen)))
            for chosen in plans(problem)
        ]
        for pairing in pairings(seed):
            words = pairing.instrument, pairing.guest, pairing.host
            for exclude in (False, True):
                found = price(problem, plan, pairing, exclude=exclude)
                able = [value for value, there in listed if (words in there) is not exclude]
                assert found.proven
                if not able:
                    assert found.answer == OWN
                    said["impossible"] += 1
                    continue
                assert found.answer is None
                assert vector(facts, found.items) == max(able), (seed, pairing)
                assert check_plan(problem, stated(problem, found.items)).good
                for row in found.differences:
                    assert row.now == value_of(problem, plan.items, row.objective)
                    assert row.then == value_of(problem, found.items, row.objective)
                said["stands" if found.stands else "priced"] += 1
                said["dear"] += max(able) < max(value for value, _ in listed)
    assert min(said[name] for name in ("impossible", "stands", "priced", "dear")) >= 30


def one_place() -> Sketch:
    sketch = Sketch("abhk")
    sketch.needs_of("a", "X")
    sketch.needs_of("b", "X")
    sketch.mentor("M", "h")
    sketch.option("M", "a", points={"X": 60})
    sketch.option("M", "b", points={"X": 40})
    return sketch


def test_the_price_is_told_objective_by_objective_with_who_loses() -> None:
    problem = one_place().problem(policy=Policy(order=(ObjectiveCode.COVER, ObjectiveCode.FIT)))
    plan = solve(problem).plan
    assert plan is not None
    found = price(problem, plan, Pairing(guest="b", host="h"))
    assert [(row.objective, row.now, row.then) for row in found.differences] == [
        (ObjectiveCode.COVER, 1, 1), (ObjectiveCode.FIT, 60, 40),
    ]  # fmt: skip
    assert (found.losers, found.gainers) == (("a",), ("b",))


def test_what_is_not_possible_has_one_answer_whatever_the_reason() -> None:
    sketch = one_place()
    pair = Pairing(guest="b", host="h")
    order = (ObjectiveCode.COVER, ObjectiveCode.FIT)
    excluded = sketch.problem(policy=Policy(order=order, exclusions=(pair,)))
    declined = sketch.problem(policy=Policy(order=order), previous=Previous(declined=(pair,)))
    never = replace(one_place().problem(policy=Policy(order=order)))
    plan = solve(never).plan
    assert plan is not None
    answers = [
        price(excluded, plan, pair), price(declined, plan, pair),
        price(never, plan, Pairing(guest="b", host="k")),
        price(never, plan, Pairing(guest="nobody", host="h")),
    ]  # fmt: skip
    assert [(found.answer, found.proven, found.differences) for found in answers] == [
        (OWN, True, ())
    ] * 4


def test_near_the_plan_the_price_is_a_claim_and_the_plan_is_valid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "WHOLE", 0)
    said: Counter[str] = Counter()
    for seed in SEEDS:
        problem, plan = drawn(seed), solved(seed)
        for pairing in pairings(seed) if plan else ():
            assert plan is not None
            found = price(problem, plan, pairing)
            if found.answer is None and not found.stands:
                assert not found.proven
                assert check_plan(problem, stated(problem, found.items)).good
                exact = max(
                    vector(Facts(problem), chosen)
                    for chosen in plans(problem)
                    if (pairing.instrument, pairing.guest, pairing.host)
                    in set().union(*(brings(Facts(problem), item) for item in chosen))
                )
                reached = vector(Facts(problem), found.items)
                assert reached <= exact
                said["best" if reached == exact else "worse"] += 1
    assert said["best"] >= 5 * said["worse"] > 0 or said["worse"] == 0
    assert said["best"] >= 20
