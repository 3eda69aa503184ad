"""The check of joint plans: every rule has plans that break it alone, and it names them."""

from __future__ import annotations

import pytest

from matching.joint.check import RULES, check_plan
from matching.joint.check.reading import Reading
from matching.joint.codes import PARAMETERS, RuleCode
from matching.joint.model import JointPlan, JointProblem
from tests.matching.joint.broken import PLANS, STATEMENTS
from tests.matching.joint.rich import base, good
from tests.matching.joint.small import stated


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
