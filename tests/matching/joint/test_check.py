"""The check of joint plans: every rule has plans that break it alone, and it names them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import matching
from matching.joint.check import RULES, check_plan
from matching.joint.check.reading import Reading
from matching.joint.codes import PARAMETERS, RuleCode
from matching.joint.model import JointPlan, JointProblem, OptionTable
from matching.model import ObjectiveCode, Policy, WorstOff
from tests.matching.joint.broken import PLANS, STATEMENTS
from tests.matching.joint.rich import base, good, item
from tests.matching.joint.small import Sketch, stated
from tests.matching.test_shape import imports_of


def named(problem: JointProblem, plan: JointPlan) -> set[RuleCode]:
    found = check_plan(problem, plan).violations
    for entry in found:
        assert set(entry.parameters) == set(PARAMETERS[entry.code])
    return {RuleCode(entry.code) for entry in found}


def test_a_good_plan_has_no_violation() -> None:
    report = check_plan(*good())
    assert report.violations == ()
    assert report.good
    assert len(report.rules) == len(RULES)


def test_every_rule_has_plans_that_break_it() -> None:
    assert set(RULES) == set(PLANS)
    assert set(RuleCode) == set(PLANS) | set(STATEMENTS)
    for code, rule in RULES.items():
        assert rule.__name__ == code.name.lower()
        assert rule.__doc__


@pytest.mark.parametrize(
    ("code", "at"), [(code, at) for code, ways in PLANS.items() for at in range(len(ways))]
)
def test_a_plan_that_breaks_one_rule_is_found_by_that_rule_alone(code: RuleCode, at: int) -> None:
    problem, items = PLANS[code][at](*base())
    plan = stated(problem, items)
    assert named(problem, plan) == {code}
    reading = Reading(problem, plan)
    assert [other for other in RULES if other is not code and list(RULES[other](reading))] == []


@pytest.mark.parametrize(
    ("code", "at"), [(code, at) for code, ways in STATEMENTS.items() for at in range(len(ways))]
)
def test_a_false_statement_is_found(code: RuleCode, at: int) -> None:
    problem, plan = good()
    assert named(problem, STATEMENTS[code][at](plan)) == {code}


def test_the_check_imports_the_statement_and_itself_only() -> None:
    known = {"matching.model", "matching.items", "matching.joint.model", "matching.joint.codes"}
    files = list((Path(matching.__file__).parent / "joint" / "check").glob("*.py"))
    assert len(files) > 5
    for path in files:
        for name in imports_of(path):
            assert name in known or name.startswith("matching.joint.check"), path


def test_a_problem_out_of_order_is_not_checked() -> None:
    problem, plan = good()
    columns = {name: column[::-1].copy() for name, column in problem.options.columns().items()}
    with pytest.raises(ValueError, match="not in order"):
        check_plan(replace(problem, options=OptionTable(**columns)), plan)


def two_guests(capacity: int, rule: WorstOff) -> JointProblem:
    """a could have 50 of 50 points and 30 of 50, b only 50: with one mentor for both."""
    sketch = Sketch("abm")
    sketch.needs_of("a", "XY", weights="11")
    sketch.needs_of("b", "X", weights="1")
    sketch.mentor("M", "m", capacity)
    sketch.option("M", "a", points={"X": 50, "Y": 30})
    sketch.option("M", "b", points={"X": 50})
    return sketch.problem(
        policy=Policy(order=(ObjectiveCode.COVER, ObjectiveCode.WORST_OFF, ObjectiveCode.FIT),
                      worst_off=rule)
    )  # fmt: skip


def checked(problem: JointProblem, guests: str) -> list[tuple[str, int, bool, tuple[str, ...]]]:
    items = tuple(item("mentorship", "M", "m", guest) for guest in guests)
    report = check_plan(problem, stated(problem, items))
    assert report.good
    return [(o.code, o.value, o.checked, o.conditional_on) for o in report.objectives]


def test_what_reaches_a_certain_limit_is_checked_and_the_rest_claimed() -> None:
    both = two_guests(2, WorstOff.LEXIMIN)
    assert checked(both, "ab") == [
        ("cover", 2, True, ()), ("worst_off", 40, True, ()), ("fit", 90, True, ()),
    ]  # fmt: skip
    # The limits know nothing of places, so cover is a claim; one State covered could not be
    # happier than b, and a is less so.
    one = two_guests(1, WorstOff.LEXIMIN)
    assert checked(one, "b") == [
        ("cover", 1, False, ()), ("worst_off", 50, True, ("cover",)),
        ("fit", 50, False, ("cover",)),
    ]  # fmt: skip
    assert checked(one, "a") == [
        ("cover", 1, False, ()), ("worst_off", 40, False, ("cover",)),
        ("fit", 40, False, ("cover", "worst_off")),
    ]  # fmt: skip
    assert checked(two_guests(1, WorstOff.OFF), "a")[1] == ("worst_off", 40, True, ("cover",))
    assert checked(one, "") == [
        ("cover", 0, False, ()), ("worst_off", 0, True, ("cover",)),
        ("fit", 0, False, ("cover",)),
    ]  # fmt: skip
