"""English of grouping for the command line."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from matching.groups.check import GroupReport
from matching.groups.codes import GroupObjective, GroupOutcome, GroupRule, GroupViolation
from matching.groups.model import GroupPlan, GroupProblem
from matching.outcome import Code

ENGLISH: dict[StrEnum, str] = {
    GroupRule.PLACES: "{participants} participants need a place in one of {groups} groups",
    GroupRule.PLACED: "{participant} needs a place",
    GroupRule.LEAST: "{group} has at least {least} members",
    GroupRule.MOST: "{group} has at most {most} members",
    GroupRule.FIXED: "in {group} all have {attribute} {word}",
    GroupRule.SAME: "all of a group share a word of {attribute}",
    GroupRule.SPREAD: "{attribute} within a group lies within {most}",
    GroupRule.TOGETHER: "{first} and {second} are together",
    GroupRule.APART: "{first} and {second} are apart",
    GroupObjective.BALANCE: "people out of balance",
    GroupObjective.TOTAL: "total within groups",
    GroupOutcome.PROVEN: "every objective proven",
    GroupOutcome.WORK_DONE: "the work allotted is done",
    GroupOutcome.TIME_LIMIT: "stopped at the time limit",
    GroupOutcome.CANCELLED: "stopped on request",
    GroupOutcome.NO_PLAN: "no groups are possible",
    GroupViolation.UNKNOWN_PARTICIPANT: "{group}: {participant} is not in the Problem",
    GroupViolation.UNKNOWN_GROUP: "{group} is not a group of the Problem",
    GroupViolation.GROUP_MISSING: "{group} is not in the plan",
    GroupViolation.GROUP_REPEATED: "{group} stands in the plan twice",
    GroupViolation.NOT_PLACED: "{participant} is in no group",
    GroupViolation.PLACED_TWICE: "{participant} is placed more than once",
    GroupViolation.TOO_FEW: "{group} has {members} members, at least {least} are asked for",
    GroupViolation.TOO_MANY: "{group} has {members} members, at most {most} are allowed",
    GroupViolation.NOT_AS_FIXED: "{group}: {participant} does not have {attribute} {word}",
    GroupViolation.NOTHING_SHARED: "{group}: no word of {attribute} is common to all",
    GroupViolation.TOO_FAR_APART: "{group}: {attribute} does not lie within {most}",
    GroupViolation.NOT_TOGETHER: "{first} and {second} are not together",
    GroupViolation.NOT_APART: "{first} and {second} are both in {group}",
    GroupViolation.WRONG_SHARED: "{group}: what is said to be common of {attribute} is not so",
    GroupViolation.WRONG_OBJECTIVES: "objectives stated: {stated}; asked for: {found}",
    GroupViolation.WRONG_VALUE: "{objective}: value {stated} stated, {found} found",
    GroupViolation.WRONG_BOUND: "{objective}: bound {stated} stated, value {found} found",
    GroupViolation.WRONG_STATEMENT: "{objective}: {field} is not as stated",
}

RULES = {
    "known_names": "every group of the Problem stands in the plan once, and nobody else does",
    "placed": "everyone stands in exactly one group",
    "sizes": "no group is too small or too large",
    "fixed": "groups with a fixed word hold only those who have it",
    "same": "the members of a group share a word where they must",
    "spread": "the numbers of a group lie close enough together",
    "together": "those to be together are",
    "apart": "those to be apart are",
    "shared": "what groups are said to share is what they share",
}


def say(code: Code) -> str:
    """A code and its parameters in English."""
    return ENGLISH[code.code].format(**{k: str(v) for k, v in code.parameters.items()})


def number(value: int, precision: int) -> str:
    """A whole number of ``1 / precision`` as a decimal."""
    if precision == 1:
        return str(value)
    decimals = len(str(precision - 1))
    return f"{Decimal(value) / precision:.{decimals}f}"


def describe_plan(problem: GroupProblem, plan: GroupPlan) -> list[str]:
    """A plan's outcome, objectives and groups, a line each."""
    lines = [f"{len(plan.groups)} groups; {ENGLISH[plan.outcome]}"]
    for line in plan.objectives:
        precision = _precision(problem, line.code)
        value, bound, gap = (number(n, precision) for n in (line.value, line.bound, line.gap))
        share = f", {100 * line.gap / abs(line.value):.1f} %" if line.value else ""
        state = "proven" if line.proven else f"not proven, gap {gap}{share}"
        lines.append(f"  {ENGLISH[line.code]}: {value}, bound {bound}, {state}")
    for entry in plan.groups:
        shared = "; ".join(f"{name} {', '.join(words)}" for name, words in entry.shared.items())
        lines.append(f"  {entry.group}: {len(entry.members)}" + (f" ({shared})" if shared else ""))
    return lines


def _precision(problem: GroupProblem, code: GroupObjective) -> int:
    return problem.values.precision if code is GroupObjective.TOTAL else 1


def describe_report(problem: GroupProblem, report: GroupReport) -> list[str]:
    """A check's outcome: rules, objectives, violations, a line each."""
    lines = ["Rules", *(f"  {RULES[rule]}: checked" for rule in report.rules)]
    if report.objectives:
        lines.append("Objectives")
    for line in report.objectives:
        precision = _precision(problem, line.code)
        value, bound = (number(n, precision) for n in (line.value, line.bound))
        state = "checked" if line.checked else "claimed, not checked"
        lines.append(f"  {ENGLISH[line.code]}: value {value}, bound {bound}, {state}")
    if report.violations:
        lines += ["Violations", *(f"  {say(found)}" for found in report.violations)]
    return lines
