"""Enumeration and check, two readings of one statement, agree on every plan."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace

from matching.joint.check import RULES, check_plan
from matching.joint.codes import RuleCode
from matching.joint.documents import dump_problem, read_problem
from matching.joint.model import JointProblem
from matching.model import Instrument, Load, ObjectiveCode, Previous, WorstOff
from tests.matching.joint.alone import Facts, Items, items
from tests.matching.joint.brute import TooMany, best, levels, plans, values
from tests.matching.joint.draw import drawn
from tests.matching.joint.small import HIGHER, paid, stated

SEEDS = range(60)


def free(problem: JointProblem) -> JointProblem:
    """The Problem with hardly a rule but that places are options."""
    loose = {"guest": Load(), "host": Load()}
    return replace(
        problem,
        parties=tuple(row.model_copy(update=loose) for row in problem.parties),
        mentors=tuple(row.model_copy(update={"capacity": 9}) for row in problem.mentors),
        visits=tuple(
            row.model_copy(update={"visits": 2, "persons_max": 9, "delegations_min": 1})
            for row in problem.visits
        ),
        experts=tuple(
            row.model_copy(update={"missions": 3, "person_days": 15}) for row in problem.experts
        ),
        courses=tuple(row.model_copy(update={"seats_min": 1}) for row in problem.courses),
        apart=(), pins=(), previous=Previous(),
        sources=tuple(row.model_copy(update={"amount": 99}) for row in problem.sources),
        policy=problem.policy.model_copy(update={"exclusions": (), "zone_spread_hours": 12}),
    )  # fmt: skip


def gathered(problem: JointProblem, seed: int) -> list[Items]:
    """Some sets of items that could stand alone, whether or not they can stand together."""
    draw = random.Random(seed)
    able = items(Facts(problem))
    sizes = [draw.choice((1, 2, 2, 3, 4)) for _ in range(30)]
    return [tuple(draw.sample(able, min(size, len(able)))) for size in sizes]


def key(chosen: Items) -> frozenset[object]:
    return frozenset(
        item.model_copy(
            update={"places": tuple(p.model_copy(update={"paid": ()}) for p in item.places)}
        )
        for item in chosen
    )


def test_what_is_listed_is_valid_and_valued_alike() -> None:
    looked_at = 0
    for seed in SEEDS:
        problem = drawn(seed)
        facts = Facts(problem)
        listed = list(plans(problem))
        for chosen in random.Random(seed).sample(listed, min(12, len(listed))):
            bought = paid(problem, chosen)
            assert bought is not None
            plan = stated(problem, bought)
            report = check_plan(problem, plan)
            assert report.violations == ()
            reached, ascending = values(facts, chosen), levels(facts, chosen)
            for found in report.objectives:
                assert found.value == reached[found.code], (seed, found.code)
                if found.code is ObjectiveCode.WORST_OFF:
                    assert found.levels == tuple(sorted(Counter(ascending).items()))
            looked_at += 1
    assert looked_at > 350


def test_what_the_check_calls_best_is_best_of_all_plans() -> None:
    looked_at: Counter[ObjectiveCode] = Counter()
    for seed in SEEDS:
        problem = drawn(seed)
        facts = Facts(problem)
        listed = list(plans(problem))
        reached = [(values(facts, chosen), levels(facts, chosen)) for chosen in listed]
        for chosen, (_, mine) in list(zip(listed, reached, strict=True))[:: len(listed) // 8 + 1]:
            bought = paid(problem, chosen)
            assert bought is not None
            for found in check_plan(problem, stated(problem, bought)).objectives:
                off = found.code is ObjectiveCode.OBSERVERS and not problem.policy.observers_first
                if off or not found.checked:
                    continue
                looked_at[found.code] += 1
                if found.code is ObjectiveCode.WORST_OFF:
                    rule = problem.policy.worst_off
                    depth = {WorstOff.LEXIMIN: len(mine), WorstOff.MINIMUM: 1, WorstOff.OFF: 0}
                    others = [other for _, other in reached if len(other) == len(mine)]
                    assert mine[: depth[rule]] == max(others)[: depth[rule]]
                else:
                    best_of = max if found.code in HIGHER else min
                    assert found.value == best_of(entry[found.code] for entry, _ in reached)
    assert set(looked_at) == set(ObjectiveCode)
    assert min(looked_at.values()) >= 5


def test_what_is_not_listed_breaks_a_rule() -> None:
    verdicts: Counter[bool] = Counter()
    codes: Counter[RuleCode | str] = Counter()
    for seed in SEEDS:
        problem = drawn(seed)
        listed = {key(chosen) for chosen in plans(problem)}
        for chosen in gathered(free(problem), seed):
            bought = paid(problem, chosen)
            if bought is None:
                # More is spent than there is: no payment can be stated, so none is listed.
                assert key(chosen) not in listed
                codes["unpaid"] += 1
                continue
            report = check_plan(problem, stated(problem, bought))
            good = report.violations == ()
            assert good is (key(chosen) in listed), (seed, report.violations)
            verdicts[good] += 1
            codes.update({RuleCode(entry.code) for entry in report.violations})
    assert verdicts[True] > 100
    assert verdicts[False] > 800
    # What is about an option itself can't be broken by items that the Problem's options allow.
    alone = {"UNKNOWN_KEY", "NOT_AN_OPTION", "MALFORMED_ITEM", "DELEGATION_SERVED", "TEAM_SIZE",
             "TEAM_COVERS", "TEAM_LEAD", "LANGUAGE", "WEEK", "COST", "PAYMENT", "SOURCE_AMOUNT",
             "VISIT_THEMES"}  # fmt: skip
    for code in RULES:
        assert (codes[code] >= 4) is (code.name not in alone), code
    assert codes["unpaid"] > 50


def lifted(problem: JointProblem, feature: str) -> JointProblem:
    """The Problem without one of its difficulties."""
    wide = {"guest": Load(), "host": Load()}
    policy, previous = problem.policy, problem.previous
    other = {
        "apart": replace(problem, apart=()),
        "money": replace(problem, sources=()),
        "loads": replace(
            problem, parties=tuple(row.model_copy(update=wide) for row in problem.parties)
        ),
        "pins": replace(problem, pins=()),
        "exclusions": replace(
            problem, policy=policy.model_copy(update={"exclusions": ()}),
            previous=previous.model_copy(update={"declined": ()}),
        ),
        "accepted": replace(
            problem, previous=previous.model_copy(update={"accepted_items": ()}),
        ),
    }  # fmt: skip
    return other[feature]


def test_the_problems_drawn_hold_what_makes_planning_hard() -> None:
    found: Counter[str] = Counter()
    for seed in SEEDS:
        problem = drawn(seed)
        assert dump_problem(read_problem(dump_problem(problem))) == dump_problem(problem)
        answer = best(problem)
        for feature in ("apart", "money", "loads", "pins", "exclusions", "accepted"):
            easier = lifted(problem, feature)
            if dump_problem(easier) == dump_problem(problem):
                continue
            with suppress(TooMany):
                other = best(easier)
                found[feature] += (other and other[0]) != (answer and answer[0])
        if answer is None:
            found["impossible"] += 1
            continue
        _, reached = answer
        facts = Facts(problem)
        covered = values(facts, reached[0])[ObjectiveCode.COVER]
        found["ties"] += len(reached) > 1
        found["scarce"] += covered < len({int(g) for g in problem.options.guest})
        found["repair"] += bool(problem.previous.proposed_items or problem.previous.proposed)
        found["changed"] += values(facts, reached[0])[ObjectiveCode.KEEP] > 0
        found["leximin"] += problem.policy.worst_off is WorstOff.LEXIMIN
        found["levels"] += len(set(levels(facts, reached[0]))) > 1
        for item in reached[0]:
            found[item.instrument] += 1
            found["groups"] += len(item.places) > 1
            found["interpreted"] += any(place.interpreted for place in item.places)
    assert found["impossible"] >= 5
    assert min(found[name] for name in ("apart", "money", "loads", "pins", "exclusions")) >= 5
    assert min(found[name] for name in ("accepted", "repair", "changed", "ties", "scarce")) >= 10
    assert min(found[name] for name in ("leximin", "levels", "groups")) >= 10
    assert min(found[name] for name in Instrument) >= 10
    assert found["interpreted"] >= 3
