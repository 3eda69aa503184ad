"""The check of rotations: each broken rule is caught and named, and nothing else is."""

from __future__ import annotations

import json
import string
from pathlib import Path

import jsonschema
import pytest

import matching
from matching.forum.rotation.check import check
from matching.forum.rotation.codes import (
    PARAMETERS,
    RotationObjective,
    RotationRule,
    RotationViolation,
)
from matching.forum.rotation.meaning import schemas
from matching.forum.rotation.model import (
    Alternative,
    EarlierForum,
    Forum,
    ForumYear,
    HostOffer,
    PastForum,
    PinnedForum,
    Price,
    Region,
    RotationLine,
    RotationPlan,
    RotationProblem,
    SessionWeek,
    Travel,
)
from matching.forum.rotation.words import ENGLISH, say
from matching.outcome import Code

PROBLEM = RotationProblem(
    years=(ForumYear(year=2027), ForumYear(year=2028, most=2), ForumYear(year=2029)),
    regions=(Region(key="A"), Region(key="B"), Region(key="C", passes=True)),
    offers=(
        HostOffer(host="a1", region="A", weeks=(20, 21), cost=5, seats=300),
        HostOffer(host="a2", region="A", weeks=(20,), cost=7, years=(2028, 2029)),
        HostOffer(host="a2", region="A", weeks=(22,), cost=1, years=(2028, 2029), seats=50),
        HostOffer(host="b1", region="B", weeks=(30, 53), cost=6),
        HostOffer(host="b2", region="B", weeks=(31,), cost=9),
        HostOffer(host="c1", region="C", weeks=(40,), cost=2),
    ),
    travel=(
        Travel(host="a1", cost=10), Travel(host="a2", cost=20), Travel(host="b1", cost=30),
        Travel(host="b2", cost=40), Travel(host="c1", cost=50),
    ),
    sessions=(SessionWeek(week=20, year=2028, hard=True), SessionWeek(week=30)),
    history=(PastForum(year=2026, region="A", host="a1"),),
    seats=100,
    pins=(PinnedForum(year=2029, host="b1"),),
    previous=(EarlierForum(year=2027, host="b2", week=31),
              EarlierForum(year=2028, host="a2", week=20)),
)  # fmt: skip


def forum(year: int, week: int, host: str, cost: int, region: str = "") -> Forum:
    return Forum(year=year, week=week, host=host, region=region or host[0].upper(), cost=cost)


ONE, TWO, THREE = (
    forum(2027, 31, "b2", 49), forum(2028, 21, "a1", 15), forum(2029, 30, "b1", 36)
)  # fmt: skip


def lines(changed: int, fairness: int, cost: int, soft: int) -> tuple[RotationLine, ...]:
    values = zip(RotationObjective, (changed, fairness, cost, soft), strict=True)
    return tuple(
        RotationLine(code=code, value=value, bound=value, gap=0, proven=True)
        for code, value in values
    )


LINES = lines(1, 14, 100, 1)


def plan(
    *forums: Forum,
    stated: tuple[RotationLine, ...] = LINES,
    alternatives: tuple[Alternative, ...] = (),
) -> RotationPlan:
    return RotationPlan(
        forums=forums or (ONE, TWO, THREE), objectives=stated, alternatives=alternatives
    )


def names(made: RotationPlan, problem: RotationProblem = PROBLEM) -> set[str]:
    return {str(found.code) for found in check(problem, made).violations}


def test_a_good_rotation_has_no_violation() -> None:
    report = check(PROBLEM, plan())
    assert report.violations == ()
    assert report.values == {line.code: line.value for line in LINES}
    assert report.checked == frozenset()


V = RotationViolation
BROKEN = {
    V.UNKNOWN_YEAR: plan(ONE, TWO, THREE, forum(2030, 21, "a1", 15)),
    V.UNKNOWN_HOST: plan(ONE, TWO, THREE, forum(2028, 22, "x1", 15)),
    V.WRONG_REGION: plan(ONE, forum(2028, 21, "a1", 15, "B"), THREE),
    V.WRONG_COST: plan(ONE, forum(2028, 21, "a1", 5), THREE),
    V.NOT_OFFERED: plan(ONE, forum(2028, 23, "a1", 15), THREE),
    V.TOO_FEW_FORUMS: plan(forum(2028, 31, "b2", 49), THREE),
    V.TOO_MANY_FORUMS: plan(ONE, forum(2027, 40, "c1", 52), TWO, THREE),
    V.REGION_OUT_OF_TURN: plan(
        ONE, forum(2028, 30, "b1", 36), forum(2028, 40, "c1", 52), THREE
    ),
    V.IN_SESSION_WEEK: plan(ONE, forum(2028, 20, "a1", 15), THREE),
    V.NOT_ENOUGH_SEATS: plan(ONE, forum(2028, 22, "a2", 21), THREE),
    V.PIN_LOST: plan(
        forum(2027, 30, "b1", 36), TWO, forum(2029, 31, "b2", 49), stated=lines(2, 14, 100, 1)
    ),
    V.WRONG_OBJECTIVES: plan(stated=LINES[1:]),
    V.WRONG_VALUE: plan(stated=lines(1, 14, 99, 1)),
    V.WRONG_BOUND: plan(
        stated=(LINES[0].model_copy(update={"bound": 2, "gap": 1, "proven": False}), *(
            line.model_copy(update={"conditional_on": (RotationObjective.CHANGED,)})
            for line in LINES[1:]
        ))
    ),
    V.WRONG_STATEMENT: plan(stated=(LINES[0].model_copy(update={"gap": 3}), *LINES[1:])),
}  # fmt: skip


@pytest.mark.parametrize("code", BROKEN)
def test_a_plan_broken_in_one_rule_is_caught_and_named(code: RotationViolation) -> None:
    assert names(BROKEN[code]) == {code}


def test_every_violation_is_tested() -> None:
    assert set(BROKEN) | {V.WEEK_TWICE, V.HOST_OUT_OF_TURN, V.NO_ALTERNATIVE} == set(V)


def test_two_forums_in_one_week() -> None:
    offers = (*PROBLEM.offers, HostOffer(host="c2", region="C", weeks=(21,)))
    travel = (*PROBLEM.travel, Travel(host="c2", cost=1))
    problem = PROBLEM.model_copy(update={"offers": offers, "travel": travel})
    made = plan(ONE, TWO, forum(2028, 21, "c2", 1), THREE, stated=lines(1, 16, 101, 1))
    assert names(made, problem) == {V.WEEK_TWICE}


def test_a_host_waits_for_those_who_offer_the_year_and_can() -> None:
    # In 2028 the session and the seats leave a2 nothing, so a1 need not wait; in 2029 it must.
    free = PROBLEM.model_copy(update={"pins": (), "sessions": PROBLEM.sessions[1:]})
    assert names(plan(), free) == {V.HOST_OUT_OF_TURN}
    ends = PROBLEM.model_copy(update={"pins": ()})
    late = plan(ONE, TWO, forum(2029, 30, "b1", 36))
    assert names(late, ends) == set()


def test_a_region_that_passes_is_not_waited_for() -> None:
    regions = (*PROBLEM.regions[:2], Region(key="C"))
    problem = PROBLEM.model_copy(update={"regions": regions})
    found = check(problem, plan()).violations
    assert [(v.code, v.parameters["year"], v.parameters["other"]) for v in found] == [
        (V.REGION_OUT_OF_TURN, 2028, "C"), (V.REGION_OUT_OF_TURN, 2029, "C"),
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["gap", "proven", "conditional_on"])
def test_each_field_of_an_objective_is_looked_at(field: str) -> None:
    wrong = {"gap": 1, "proven": False, "conditional_on": (RotationObjective.COST,)}
    made = plan(stated=(LINES[0].model_copy(update={field: wrong[field]}), *LINES[1:]))
    found = [Code(v.code, v.parameters) for v in check(PROBLEM, made).violations]
    about = {"objective": RotationObjective.CHANGED, "field": field}
    assert Code(V.WRONG_STATEMENT, about) in found


OTHER = Alternative(
    year=2027, host="b2", other="b1",
    prices=tuple(
        Price(code=code, value=value, more=more)
        for code, value, more in zip(
            RotationObjective, (2, 14, 100, 1), (1, 0, 0, 0), strict=True
        )
    ),
    forums=(forum(2027, 30, "b1", 36), TWO, forum(2029, 31, "b2", 49)),
    proven=True,
)  # fmt: skip
OPEN = PROBLEM.model_copy(update={"pins": ()})


def test_an_alternative_is_checked_like_the_plan() -> None:
    assert names(plan(alternatives=(OTHER,)), OPEN) == set()
    assert names(plan(alternatives=(OTHER,))) == {V.PIN_LOST}


@pytest.mark.parametrize(
    "change",
    [
        {"host": "b1"}, {"other": "b2"}, {"year": 2028}, {"other": "a1"},
    ],
)  # fmt: skip
def test_an_alternative_has_another_host_in_place_of_one(change: dict[str, object]) -> None:
    made = plan(alternatives=(OTHER.model_copy(update=change),))
    assert names(made, OPEN) == {V.NO_ALTERNATIVE}


@pytest.mark.parametrize("change", [{"value": 3}, {"more": 0}])
def test_the_price_of_an_alternative_is_computed_again(change: dict[str, int]) -> None:
    prices = (OTHER.prices[0].model_copy(update=change), *OTHER.prices[1:])
    made = plan(alternatives=(OTHER.model_copy(update={"prices": prices}),))
    assert names(made, OPEN) == {V.WRONG_VALUE}


def test_bounds_that_are_plain_to_see_are_checked() -> None:
    problem = PROBLEM.model_copy(update={"previous": PROBLEM.previous[:1], "sessions": (
        PROBLEM.sessions[0],)})  # fmt: skip
    report = check(problem, plan(stated=lines(0, 14, 100, 0)))
    assert report.violations == ()
    assert report.checked == {RotationObjective.CHANGED, RotationObjective.SOFT_WEEKS}


def test_every_code_has_words_with_its_parameters() -> None:
    enums = (RotationRule, RotationObjective, RotationViolation)
    assert set(PARAMETERS) == set(ENGLISH) == {code for enum in enums for code in enum}
    for code, parameters in PARAMETERS.items():
        used = {part for _, part, _, _ in string.Formatter().parse(ENGLISH[code]) if part}
        assert used == set(parameters), code
        assert say(Code(code, dict.fromkeys(parameters, "x")))


def test_schemas_are_published_and_hold() -> None:
    folder = Path(matching.__file__).parent / "schemas"
    for name, text in schemas().items():
        assert (folder / name).read_bytes() == text
    for document, name in (
        (PROBLEM, "tandem-rotation-1"),
        (plan(alternatives=(OTHER,)), "tandem-rotation-plan-1"),
    ):
        schema = json.loads((folder / f"{name}.json").read_bytes())
        jsonschema.Draft202012Validator(schema).validate(document.model_dump(mode="json"))
