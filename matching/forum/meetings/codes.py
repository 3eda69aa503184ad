"""Codes of bilateral meetings: rules that can clash, objectives, violations, with parameters."""

from __future__ import annotations

from enum import StrEnum


class MeetingRule(StrEnum):
    """Hard rules that can contradict each other, one code for each statement of the Problem."""

    ALL_PLACED = "all_placed"
    PARTICIPANT_ONCE = "participant_once"
    PARTICIPANT_AWAY = "participant_away"
    PART_OF_DAY = "part_of_day"
    TABLES = "tables"
    INTERPRETERS = "interpreters"
    NO_COMMON_LANGUAGE = "no_common_language"
    PINNED_SLOT = "pinned_slot"
    FAIRNESS = "fairness"


class MeetingObjective(StrEnum):
    """What a schedule is judged by, in this order."""

    MOVED = "moved"
    WEIGHT = "weight"
    BREAKS = "breaks"


class MeetingViolation(StrEnum):
    """What a check found wrong."""

    UNKNOWN_WISH = "unknown_wish"
    UNKNOWN_MEETING_SLOT = "unknown_meeting_slot"
    WRONG_PARTICIPANTS = "wrong_participants"
    WISH_MISSING = "wish_missing"
    WISH_REPEATED = "wish_repeated"
    PAIR_TWICE = "pair_twice"
    PARTICIPANT_TWICE = "participant_twice"
    PARTICIPANT_IS_AWAY = "participant_is_away"
    WRONG_PART = "wrong_part"
    TOO_FEW_TABLES = "too_few_tables"
    TABLE_TWICE = "table_twice"
    UNKNOWN_TABLE = "unknown_table"
    INTERPRETER_MISSING = "interpreter_missing"
    INTERPRETER_IDLE = "interpreter_idle"
    TOO_FEW_INTERPRETERS = "too_few_interpreters"
    PIN_BROKEN = "pin_broken"
    UNFAIR = "unfair"
    WRONG_OBJECTIVES = "wrong_meeting_objectives"
    WRONG_VALUE = "wrong_meeting_value"
    WRONG_BOUND = "wrong_meeting_bound"
    WRONG_STATEMENT = "wrong_meeting_statement"


PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    MeetingRule.ALL_PLACED: ("wish", "a", "b"),
    MeetingRule.PARTICIPANT_ONCE: ("participant", "slots"),
    MeetingRule.PARTICIPANT_AWAY: ("participant", "slots"),
    MeetingRule.PART_OF_DAY: ("wish", "a", "b", "part"),
    MeetingRule.TABLES: ("tables", "slots"),
    MeetingRule.INTERPRETERS: ("interpreters", "slots"),
    MeetingRule.NO_COMMON_LANGUAGE: ("wish", "a", "b"),
    MeetingRule.PINNED_SLOT: ("wish", "a", "b", "slot"),
    MeetingRule.FAIRNESS: ("most",),
    MeetingObjective.MOVED: (),
    MeetingObjective.WEIGHT: (),
    MeetingObjective.BREAKS: (),
    MeetingViolation.UNKNOWN_WISH: ("wish",),
    MeetingViolation.UNKNOWN_MEETING_SLOT: ("wish", "slot"),
    MeetingViolation.WRONG_PARTICIPANTS: ("wish", "a", "b"),
    MeetingViolation.WISH_MISSING: ("wish", "a", "b"),
    MeetingViolation.WISH_REPEATED: ("wish",),
    MeetingViolation.PAIR_TWICE: ("a", "b"),
    MeetingViolation.PARTICIPANT_TWICE: ("participant", "slot"),
    MeetingViolation.PARTICIPANT_IS_AWAY: ("participant", "slot"),
    MeetingViolation.WRONG_PART: ("wish", "part", "slot"),
    MeetingViolation.TOO_FEW_TABLES: ("slot", "tables", "needed"),
    MeetingViolation.TABLE_TWICE: ("slot", "table"),
    MeetingViolation.UNKNOWN_TABLE: ("wish", "slot", "table"),
    MeetingViolation.INTERPRETER_MISSING: ("wish", "a", "b"),
    MeetingViolation.INTERPRETER_IDLE: ("wish", "a", "b"),
    MeetingViolation.TOO_FEW_INTERPRETERS: ("slot", "interpreters", "needed"),
    MeetingViolation.PIN_BROKEN: ("wish", "slot"),
    MeetingViolation.UNFAIR: ("participant", "other", "apart", "most"),
    MeetingViolation.WRONG_OBJECTIVES: ("stated", "found"),
    MeetingViolation.WRONG_VALUE: ("objective", "stated", "found"),
    MeetingViolation.WRONG_BOUND: ("objective", "stated", "found"),
    MeetingViolation.WRONG_STATEMENT: ("objective", "field"),
}
"""Names of the parameters of every code that reaches a reader."""
