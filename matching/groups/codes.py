"""Codes of grouping: rules that can clash, objectives, violations, with their parameters."""

from __future__ import annotations

from enum import StrEnum


class GroupRule(StrEnum):
    """Hard rules that can contradict each other, one code for each statement of the Problem."""

    PLACES = "group_places"
    PLACED = "group_placed"
    LEAST = "group_least"
    MOST = "group_most"
    FIXED = "group_fixed"
    SAME = "group_same"
    SPREAD = "group_spread"
    TOGETHER = "group_together"
    APART = "group_apart"


class GroupObjective(StrEnum):
    """What groups are judged by, in this order."""

    BALANCE = "group_balance"
    TOTAL = "group_total"


class GroupOutcome(StrEnum):
    """How a solve ended. *Work done*: every step has had its work, not all is proven."""

    PROVEN = "group_proven"
    WORK_DONE = "group_work_done"
    TIME_LIMIT = "group_time_limit"
    CANCELLED = "group_cancelled"
    NO_PLAN = "group_no_plan"


class GroupViolation(StrEnum):
    """What a check found wrong."""

    UNKNOWN_PARTICIPANT = "group_unknown_participant"
    UNKNOWN_GROUP = "group_unknown"
    GROUP_MISSING = "group_missing"
    GROUP_REPEATED = "group_repeated"
    NOT_PLACED = "group_not_placed"
    PLACED_TWICE = "group_placed_twice"
    TOO_FEW = "group_too_few"
    TOO_MANY = "group_too_many"
    NOT_AS_FIXED = "group_not_as_fixed"
    NOTHING_SHARED = "group_nothing_shared"
    TOO_FAR_APART = "group_too_far_apart"
    NOT_TOGETHER = "group_not_together"
    NOT_APART = "group_not_apart"
    WRONG_SHARED = "group_wrong_shared"
    WRONG_OBJECTIVES = "group_wrong_objectives"
    WRONG_VALUE = "group_wrong_value"
    WRONG_BOUND = "group_wrong_bound"
    WRONG_STATEMENT = "group_wrong_statement"


PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    GroupRule.PLACES: ("participants", "groups"),
    GroupRule.PLACED: ("participant",),
    GroupRule.LEAST: ("group", "least"),
    GroupRule.MOST: ("group", "most"),
    GroupRule.FIXED: ("group", "attribute", "word"),
    GroupRule.SAME: ("attribute",),
    GroupRule.SPREAD: ("attribute", "most"),
    GroupRule.TOGETHER: ("first", "second"),
    GroupRule.APART: ("first", "second"),
    GroupObjective.BALANCE: (),
    GroupObjective.TOTAL: (),
    GroupOutcome.PROVEN: (),
    GroupOutcome.WORK_DONE: (),
    GroupOutcome.TIME_LIMIT: (),
    GroupOutcome.CANCELLED: (),
    GroupOutcome.NO_PLAN: (),
    GroupViolation.UNKNOWN_PARTICIPANT: ("group", "participant"),
    GroupViolation.UNKNOWN_GROUP: ("group",),
    GroupViolation.GROUP_MISSING: ("group",),
    GroupViolation.GROUP_REPEATED: ("group",),
    GroupViolation.NOT_PLACED: ("participant",),
    GroupViolation.PLACED_TWICE: ("participant",),
    GroupViolation.TOO_FEW: ("group", "least", "members"),
    GroupViolation.TOO_MANY: ("group", "most", "members"),
    GroupViolation.NOT_AS_FIXED: ("group", "participant", "attribute", "word"),
    GroupViolation.NOTHING_SHARED: ("group", "attribute"),
    GroupViolation.TOO_FAR_APART: ("group", "attribute", "most"),
    GroupViolation.NOT_TOGETHER: ("first", "second"),
    GroupViolation.NOT_APART: ("first", "second", "group"),
    GroupViolation.WRONG_SHARED: ("group", "attribute"),
    GroupViolation.WRONG_OBJECTIVES: ("stated", "found"),
    GroupViolation.WRONG_VALUE: ("objective", "stated", "found"),
    GroupViolation.WRONG_BOUND: ("objective", "stated", "found"),
    GroupViolation.WRONG_STATEMENT: ("objective", "field"),
}
"""Names of the parameters of every code."""
