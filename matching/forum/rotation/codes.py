"""Codes of the rotation: rules that can clash, objectives, violations, with parameters."""

from __future__ import annotations

from enum import StrEnum


class RotationRule(StrEnum):
    """Hard rules that can contradict each other, one code for each statement of the Problem."""

    YEAR_SERVED = "year_served"
    REGION_TURN = "region_turn"
    HOST_TURN = "host_turn"
    SESSION_WEEK = "session_week"
    SEATS = "seats"
    PINNED_FORUM = "pinned_forum"


class RotationObjective(StrEnum):
    """What a rotation is judged by, in this order."""

    CHANGED = "changed"
    FAIRNESS = "fairness_of_hosting"
    COST = "cost"
    SOFT_WEEKS = "soft_weeks"


class RotationViolation(StrEnum):
    """What a check found wrong."""

    UNKNOWN_YEAR = "unknown_year"
    UNKNOWN_HOST = "unknown_host"
    WRONG_REGION = "wrong_host_region"
    WRONG_COST = "wrong_cost"
    NOT_OFFERED = "not_offered"
    TOO_FEW_FORUMS = "too_few_forums"
    TOO_MANY_FORUMS = "too_many_forums"
    WEEK_TWICE = "week_twice"
    REGION_OUT_OF_TURN = "region_out_of_turn"
    HOST_OUT_OF_TURN = "host_out_of_turn"
    IN_SESSION_WEEK = "in_session_week"
    NOT_ENOUGH_SEATS = "not_enough_seats"
    PIN_LOST = "pin_lost"
    NO_ALTERNATIVE = "no_alternative"
    WRONG_OBJECTIVES = "wrong_rotation_objectives"
    WRONG_VALUE = "wrong_rotation_value"
    WRONG_BOUND = "wrong_rotation_bound"
    WRONG_STATEMENT = "wrong_rotation_statement"


PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    RotationRule.YEAR_SERVED: ("year", "least"),
    RotationRule.REGION_TURN: ("region",),
    RotationRule.HOST_TURN: ("host",),
    RotationRule.SESSION_WEEK: ("week", "year"),
    RotationRule.SEATS: ("host", "needed"),
    RotationRule.PINNED_FORUM: ("year", "host"),
    RotationObjective.CHANGED: (),
    RotationObjective.FAIRNESS: (),
    RotationObjective.COST: (),
    RotationObjective.SOFT_WEEKS: (),
    RotationViolation.UNKNOWN_YEAR: ("year",),
    RotationViolation.UNKNOWN_HOST: ("host",),
    RotationViolation.WRONG_REGION: ("host", "region"),
    RotationViolation.WRONG_COST: ("year", "host", "stated", "found"),
    RotationViolation.NOT_OFFERED: ("year", "week", "host"),
    RotationViolation.TOO_FEW_FORUMS: ("year", "least", "found"),
    RotationViolation.TOO_MANY_FORUMS: ("year", "most", "found"),
    RotationViolation.WEEK_TWICE: ("year", "week"),
    RotationViolation.REGION_OUT_OF_TURN: ("year", "region", "other"),
    RotationViolation.HOST_OUT_OF_TURN: ("year", "host", "other"),
    RotationViolation.IN_SESSION_WEEK: ("year", "week", "host"),
    RotationViolation.NOT_ENOUGH_SEATS: ("year", "host", "needed"),
    RotationViolation.PIN_LOST: ("year", "host"),
    RotationViolation.NO_ALTERNATIVE: ("year", "host", "other"),
    RotationViolation.WRONG_OBJECTIVES: ("stated", "found"),
    RotationViolation.WRONG_VALUE: ("objective", "stated", "found"),
    RotationViolation.WRONG_BOUND: ("objective", "stated", "found"),
    RotationViolation.WRONG_STATEMENT: ("objective", "field"),
}
"""Names of the parameters of every code that reaches a reader."""
