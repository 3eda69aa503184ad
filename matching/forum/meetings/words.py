"""English of meetings for the command line."""

from __future__ import annotations

from enum import StrEnum

from matching.forum.meetings.check import MeetingsReport
from matching.forum.meetings.codes import MeetingObjective, MeetingRule, MeetingViolation
from matching.forum.meetings.model import MeetingsPlan
from matching.outcome import Code
from matching.words import ENGLISH as COMMON

ENGLISH: dict[StrEnum, str] = {
    MeetingRule.ALL_PLACED: "{wish} ({a} with {b}) has to be placed",
    MeetingRule.PARTICIPANT_ONCE: "{participant} has one meeting at a time, in {slots} slots",
    MeetingRule.PARTICIPANT_AWAY: "{participant} is away in {slots}",
    MeetingRule.PART_OF_DAY: "{wish} ({a} with {b}) is for {part} only",
    MeetingRule.TABLES: "there are {tables} tables in {slots} slots together",
    MeetingRule.INTERPRETERS: "there are {interpreters} interpreters in {slots} slots together",
    MeetingRule.NO_COMMON_LANGUAGE: "{wish}: {a} and {b} have no common language",
    MeetingRule.PINNED_SLOT: "{wish} ({a} with {b}) is pinned to {slot}",
    MeetingRule.FAIRNESS: "any two participants' idle gaps are {most} apart at most",
    MeetingObjective.MOVED: "earlier meetings moved or given up",
    MeetingObjective.WEIGHT: "weight of the meetings placed",
    MeetingObjective.BREAKS: "idle gaps",
    MeetingViolation.UNKNOWN_WISH: "{wish} is not a wish of the Problem",
    MeetingViolation.UNKNOWN_MEETING_SLOT: "{wish}: {slot} is not a slot of the Problem",
    MeetingViolation.WRONG_PARTICIPANTS: "{wish} is not between {a} and {b}",
    MeetingViolation.WISH_MISSING: "{wish} ({a} with {b}) is not placed",
    MeetingViolation.WISH_REPEATED: "{wish} is placed more than once",
    MeetingViolation.PAIR_TWICE: "{a} and {b} meet more than once",
    MeetingViolation.PARTICIPANT_TWICE: "{participant} has two meetings in {slot}",
    MeetingViolation.PARTICIPANT_IS_AWAY: "{participant} is away in {slot}",
    MeetingViolation.WRONG_PART: "{wish} is for {part} only and placed in {slot}",
    MeetingViolation.TOO_FEW_TABLES: "{slot}: {needed} meetings, {tables} tables",
    MeetingViolation.TABLE_TWICE: "{slot}: table {table} is taken twice",
    MeetingViolation.UNKNOWN_TABLE: "{wish}: {slot} has no table {table}",
    MeetingViolation.INTERPRETER_MISSING:
        "{wish}: {a} and {b} have no common language and no interpreter",
    MeetingViolation.INTERPRETER_IDLE: "{wish}: {a} and {b} need no interpreter",
    MeetingViolation.TOO_FEW_INTERPRETERS:
        "{slot}: {needed} meetings need an interpreter, {interpreters} are there",
    MeetingViolation.PIN_BROKEN: "{wish} is pinned to {slot} and not there",
    MeetingViolation.UNFAIR:
        "{participant} has {apart} idle gaps more than {other}; {most} are allowed",
    MeetingViolation.WRONG_OBJECTIVES: "objectives stated: {stated}; asked for: {found}",
    MeetingViolation.WRONG_VALUE: "{objective}: value {stated} stated, {found} found",
    MeetingViolation.WRONG_BOUND: "{objective}: bound {stated} stated, value {found} found",
    MeetingViolation.WRONG_STATEMENT: "{objective}: {field} is not as stated",
}  # fmt: skip


def say(code: Code) -> str:
    """A code and its parameters in English."""
    words = {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in code.parameters.items()
    }
    return ENGLISH[code.code].format(**words)


def describe_plan(plan: MeetingsPlan) -> list[str]:
    """A schedule's outcome and objectives, a line each."""
    lines = [f"meetings placed: {len(plan.items)}; {COMMON[plan.outcome]}"]
    for line in plan.objectives:
        state = "proven" if line.proven else f"not proven, gap {line.gap}"
        lines.append(f"  {ENGLISH[line.code]}: {line.value}, bound {line.bound}, {state}")
    return lines


def describe_report(report: MeetingsReport) -> list[str]:
    """What a check found, a line each."""
    lines = []
    for code, value in report.values.items():
        state = "checked" if code in report.checked else "claimed, not checked"
        lines.append(f"{ENGLISH[code]}: value {value} checked; no schedule is better: {state}")
    if report.violations:
        lines += ["Violations", *(f"  {say(violation)}" for violation in report.violations)]
    return lines
