"""A reason moves with the fact it cites; a change on the menu really helps, in every optimum."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from matching import build_problem, io, solve, unmet, why
from matching.codes import ChangeCode, ObstacleCode, ReasonCode
from matching.explain import MOST_PLACES, more_places
from matching.generate import generate
from matching.model import (
    Code,
    ObjectiveCode,
    Pairing,
    Plan,
    Policy,
    Previous,
    Problem,
    Reason,
    Unmet,
)
from tests.matching.brute import best
from tests.matching.small import rows_of, small_problem
from tests.matching.test_scoring import FRENCH, LEADING, edit, scored, simple


def plan_of(problem: Problem) -> Plan:
    plan = solve(problem).plan
    assert plan is not None
    return plan


def reasons(data: dict[str, Any]) -> dict[ReasonCode, Any]:
    problem = build_problem(io.read_instance(data))
    plan = plan_of(problem)
    found: tuple[Reason, ...] = why(problem, plan, plan.items[0]).reasons
    return {ReasonCode(reason.code): dict(reason.parameters) for reason in found}


def test_a_plain_pair_has_its_reasons() -> None:
    assert reasons(simple()) == {
        ReasonCode.ONLY_POSSIBLE_MENTOR: {"mentor": "host"},
        ReasonCode.SHARED_THEMES: {"themes": ("TRACK",)},
        ReasonCode.FIRST_NEED: {"theme": "TRACK"},
        ReasonCode.COMMON_LANGUAGE: {"language": "en"},
        ReasonCode.PREFERRED_FORMAT: {},
    }


PORTUGUESE = [{"language": "pt", "level": "work"}]
CITED: list[tuple[ReasonCode, Any, dict[str, Any], Any, dict[str, Any]]] = [
    (
        ReasonCode.SHARED_THEMES, {"themes": ("TRACK",)}, {},
        {"themes": ("REPT",)},
        {"need__theme": "REPT", "offer__themes": [{"theme": "REPT"}]},
    ),
    (
        ReasonCode.FIRST_NEED, {"theme": "TRACK"}, {},
        None,
        {"data__needs": [
            {"key": "a", "party": "guest", "theme": "REPT", "rank": 1},
            {"key": "b", "party": "guest", "theme": "TRACK", "rank": 2},
        ]},
    ),
    (
        ReasonCode.COMMON_LANGUAGE, {"language": "en"}, {},
        {"language": "pt"}, {"guest__languages": PORTUGUESE, "host__languages": PORTUGUESE},
    ),
    (
        ReasonCode.LEADING_LANGUAGE, {"language": "en"},
        {"guest__languages": LEADING, "host__languages": LEADING},
        None, {"guest__languages": LEADING},
    ),
    (
        ReasonCode.INTERPRETATION, {},
        {"guest__languages": FRENCH,
         "data__money": {"interpretation": [{"languages": ["en", "fr"]}]}},
        None, {"data__money": {"interpretation": [{"languages": ["en", "fr"]}]}},
    ),
    (
        ReasonCode.SAME_REGION, {}, {"guest__region": "a", "host__region": "a"},
        None, {"guest__region": "a", "host__region": "b"},
    ),
    (
        ReasonCode.SAME_SUB_REGION, {}, {"guest__sub_region": "a", "host__sub_region": "a"},
        None, {"guest__sub_region": "a", "host__sub_region": "b"},
    ),
    (
        ReasonCode.SHARED_SUB_NETWORK, {"sub_network": "au"},
        {"guest__sub_networks": ["au"], "host__sub_networks": ["au"]},
        {"sub_network": "oif"},
        {"guest__sub_networks": ["oif"], "host__sub_networks": ["au", "oif"]},
    ),
    (
        ReasonCode.SIMILAR_CONTEXT, {"contexts": ("federal",)},
        {"guest__contexts": ["federal"], "host__contexts": ["federal"]},
        None, {"guest__contexts": ["federal"], "host__contexts": ["island"]},
    ),
    (
        ReasonCode.PREFERRED_FORMAT, {}, {},
        None, {"need__instruments": ["mission", "mentorship"]},
    ),
    (
        ReasonCode.PREFERENCE, {},
        {"data__relations": [{"kind": "preference", "party": "guest", "other": "host"}]},
        None, {},
    ),
    (
        ReasonCode.WISH_TO_CONTINUE, {},
        {"data__relations": [{"kind": "continue", "party": "host", "other": "guest"}]},
        None, {},
    ),
    (
        ReasonCode.PINNED, {},
        {"data__relations": [{"kind": "pin", "party": "guest", "other": "host"}]},
        None, {},
    ),
    (
        ReasonCode.ACCEPTED_BEFORE, {},
        {"data__previous": {"accepted": [{"guest": "guest", "host": "host"}]}},
        None, {},
    ),
    (
        ReasonCode.PROPOSED_BEFORE, {},
        {"data__previous": {"proposed": [{"guest": "guest", "host": "host"}]}},
        None, {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "first", "one", "second", "other"), CITED)
def test_changing_a_cited_fact_changes_the_reason(
    code: ReasonCode, first: Any, one: dict[str, Any], second: Any, other: dict[str, Any]
) -> None:
    assert reasons(edit(**one)).get(code) == first
    assert reasons(edit(**other)).get(code) == second


def test_a_score_is_its_own_reason_and_a_second_mentor_ends_the_only_one() -> None:
    data = scored()
    assert reasons(data)[ReasonCode.SCORE] == {"score": 75, "precision": 100}
    assert ReasonCode.ONLY_POSSIBLE_MENTOR in reasons(data)
    data["offers"].append({**data["offers"][0], "key": "o2", "party": "third"})
    data["scores"]["scores"].append({"mentor": "third", "mentee": "guest", "score": 10})
    told = reasons(data)
    assert told[ReasonCode.SCORE] == {"score": 10, "precision": 100}
    assert ReasonCode.ONLY_POSSIBLE_MENTOR not in told


def test_every_reason_is_tested_here() -> None:
    covered = {row[0] for row in CITED}
    covered |= {ReasonCode.SCORE, ReasonCode.ONLY_POSSIBLE_MENTOR}
    assert covered == set(ReasonCode)


def test_a_reason_is_given_for_items_of_the_plan_only() -> None:
    problem = build_problem(io.read_instance(simple()))
    plan = plan_of(problem)
    with pytest.raises(KeyError):
        why(problem, plan, plan.items[0].model_copy(update={"fit": 1}))


# What stood in the way.


def sole_unmet(data: dict[str, Any], key: str = "guest") -> Unmet:
    problem = build_problem(io.read_instance(data))
    return next(u for u in unmet(problem, plan_of(problem)) if u.guest == key)


def test_what_is_not_possible_has_one_answer() -> None:
    own = Unmet("guest", Code(ObstacleCode.OWN_CONDITIONS))
    for changes in (
        {"data__relations": [{"kind": "rule_out", "party": "host", "other": "guest"}]},
        {"need__level_now": 4, "offer__themes": [{"theme": "TRACK", "level": 0}]},
        {"guest__languages": FRENCH},
        {"offer__regions": ["elsewhere"]},
    ):
        assert sole_unmet(edit(**changes)) == own
    nobody = sole_unmet(edit(offer__themes=[{"theme": "REPT"}]))
    assert nobody == Unmet("guest", Code(ObstacleCode.NO_OFFER_OF_THEME, {"themes": ("TRACK",)}))


def test_what_coordinators_and_answers_set_aside_is_said() -> None:
    pair = {"guest": "guest", "host": "host"}
    aside = Unmet("guest", Code(ObstacleCode.SET_ASIDE, {"mentors": ("host",)}))
    assert sole_unmet(edit(data__policy={"exclusions": [pair]})) == aside
    assert sole_unmet(edit(data__previous={"declined": [pair]})) == aside
    assert sole_unmet(edit(guest__as_guest={"total": 0})).obstacle.code is ObstacleCode.NOT_WANTED


def test_no_place_is_helped_by_a_place() -> None:
    found = sole_unmet(edit(offer__capacity=0))
    assert found == Unmet(
        "guest",
        Code(ObstacleCode.NO_PLACE_OFFERED, {"mentors": ("host",)}),
        Code(ChangeCode.ONE_MORE_PLACE, {"mentor": "host"}),
    )


def test_competition_names_mentors_places_and_the_place_that_helps() -> None:
    data = scored()
    assert sole_unmet(data) == Unmet(
        "guest",
        Code(ObstacleCode.COMPETITION, {"mentors": ("host",), "places": 1}),
        Code(ChangeCode.ONE_MORE_PLACE, {"mentor": "host"}),
    )
    # The fact behind it: with two places there is no unmet need at all.
    data["offers"][0]["capacity"] = 2
    problem = build_problem(io.read_instance(data))
    assert unmet(problem, plan_of(problem)) == ()


def test_when_another_aim_comes_first_that_is_said() -> None:
    problem = build_problem(io.read_instance(simple()))
    order = (ObjectiveCode.SPREAD, ObjectiveCode.COVER)
    problem = replace(problem, policy=Policy(order=order))
    (found,) = unmet(problem, plan_of(problem), changes=False)
    assert found.obstacle == Code(
        ObstacleCode.PRIORITY, {"mentors": ("host",), "objective": "spread"}
    )


def always_served(problem: Problem, key: str) -> bool:
    truth = best(problem)
    assert truth is not None
    place = problem.mentee_index()[key]
    return all(rows[place] >= 0 for rows in truth[1])


def test_a_change_serves_in_every_optimum_and_no_cheaper_one_does() -> None:
    seen: Counter[str] = Counter()
    for seed in range(400):
        problem = small_problem(seed)
        plan = solve(problem).plan
        if plan is None:
            continue
        for found in unmet(problem, plan):
            code = found.obstacle.code.value
            seen[code] += 1
            if code not in ("competition", "no_place_offered", "priority"):
                assert found.change is None
                continue
            place = {row.key: at for at, row in enumerate(problem.mentors)}
            if found.change is None:
                seen["no change helps"] += 1
                for mentor in place.values():
                    assert not always_served(more_places(problem, mentor, 1), found.guest)
                continue
            mentor = place[str(found.change.parameters["mentor"])]
            places = int(str(found.change.parameters.get("places", 1)))
            assert 1 <= places <= MOST_PLACES
            wider = more_places(problem, mentor, places)
            assert always_served(wider, found.guest)
            seen[found.change.code.value] += 1
            seen["losers"] += len(found.losers)
            if places > 1:
                for other in place.values():
                    assert not always_served(more_places(problem, other, 1), found.guest)
            assert_losers(problem, plan, wider, found)
    assert seen == {
        "own_conditions": 195, "set_aside": 67, "not_wanted": 108, "priority": 137,
        "competition": 94, "no_place_offered": 79, "one_more_place": 96, "more_places": 55,
        "no change helps": 159, "losers": 4,
    }  # fmt: skip


def assert_losers(problem: Problem, plan: Plan, wider: Problem, found: Unmet) -> None:
    """Losers are those of an optimal plan that keeps as many pairs as any optimal plan."""
    truth = best(wider)
    assert truth is not None
    now = rows_of(problem, plan)
    worth = [-1, *problem.pairs.satisfaction.tolist()]

    def kept(rows: list[int]) -> int:
        return sum(one == other >= 0 for one, other in zip(rows, now, strict=True))

    closest = max(kept(rows) for rows in truth[1])
    possible = {
        tuple(
            row.key
            for row, before, after in zip(problem.mentees, now, rows, strict=True)
            if worth[after + 1] < worth[before + 1]
        )
        for rows in truth[1]
        if kept(rows) == closest
    }
    assert found.losers in possible


def test_a_whole_round_is_explained() -> None:
    problem = build_problem(generate(80, 20, 1, "scarce"))
    plan = plan_of(problem)
    told = [why(problem, plan, item) for item in plan.items]
    assert all(e.reasons for e in told)
    missing = unmet(problem, plan)
    assert len(missing) + len(plan.items) == len(problem.mentees)
    assert {u.guest for u in missing}.isdisjoint(item.guest for item in plan.items)


def test_accepted_pairs_are_told_as_accepted() -> None:
    problem = build_problem(generate(20, 6, 3, "easy"))
    item = plan_of(problem).items[0]
    previous = Previous(accepted=(Pairing(guest=item.guest, host=item.host),))
    again = replace(problem, previous=previous)
    plan = plan_of(again)
    kept = next(i for i in plan.items if i.guest == item.guest)
    assert why(again, plan, kept).reasons[0] == Reason(ReasonCode.ACCEPTED_BEFORE)
