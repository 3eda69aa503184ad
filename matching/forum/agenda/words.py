"""English of the agenda for the command line."""

from __future__ import annotations

from enum import StrEnum

from matching.forum.agenda.check import AgendaReport
from matching.forum.agenda.codes import AgendaObjective, AgendaRule, AgendaViolation, Term
from matching.forum.agenda.model import AgendaPlan
from matching.outcome import Code
from matching.words import ENGLISH as COMMON

ENGLISH: dict[StrEnum, str] = {
    AgendaRule.SESSION_LENGTH: "{session} has length {length}",
    AgendaRule.SESSION_SLOTS: "{session} can only be in {slots}",
    AgendaRule.SESSION_ROOMS: "{session} can only be in {rooms}",
    AgendaRule.SESSION_SEATS: "{session} needs {seats} seats",
    AgendaRule.SESSION_BOOTHS: "{session} needs {booths} booths for interpreters",
    AgendaRule.SESSION_KIND: "{session} is of the kind {kind}",
    AgendaRule.SESSION_ALONE: "nothing goes on beside {session}",
    AgendaRule.ROOM_CLOSED: "{room} is closed in {slots}",
    AgendaRule.PERSON_AWAY: "{person} is away in {slots}",
    AgendaRule.PERSON_ONCE: "{person} cannot be in two rooms at once",
    AgendaRule.TEAMS: "there are {teams} teams of interpreters for {language}",
    AgendaRule.PAIR: "{first} and {second}: {rule}",
    AgendaRule.ROOM_PLACES:
        "{sessions} sessions, {rooms} rooms, {slots} slots: one session or track to each",
    AgendaObjective.MOVES: "sessions moved",
    AgendaObjective.PENALTY: "penalty",
    Term.PLACES: "places",
    Term.CLASHES: "clashes of interest",
    Term.PAIRS: "order and separation",
    Term.SIMILAR_TRACKS: "similar tracks at once",
    Term.TRACK_ROOMS: "further rooms of a track",
    Term.TRACK_PARALLEL: "a track beside itself",
    Term.TRACK_GAPS: "gaps in a track",
    Term.ORDER: "order within a track",
    AgendaViolation.UNKNOWN_SESSION: "{session} is not a session of the Problem",
    AgendaViolation.UNKNOWN_SLOT: "{session}: {slot} is not a slot of the Problem",
    AgendaViolation.UNKNOWN_ROOM: "{session}: {room} is not a room of the Problem",
    AgendaViolation.SESSION_MISSING: "{session} is not placed",
    AgendaViolation.SESSION_REPEATED: "{session} is placed more than once",
    AgendaViolation.SESSION_TOO_LONG: "{session} does not end within {slot}",
    AgendaViolation.SLOT_NOT_ALLOWED: "{session} cannot be in {slot}",
    AgendaViolation.ROOM_NOT_ALLOWED: "{session} cannot be in {room}",
    AgendaViolation.TOO_FEW_SEATS: "{room} has too few seats for {session}",
    AgendaViolation.TOO_FEW_BOOTHS: "{room} has too few booths for {session}",
    AgendaViolation.WRONG_KIND: "{room} is not for the kind of {session}",
    AgendaViolation.NOT_ALONE: "{other} goes on beside {session}",
    AgendaViolation.ROOM_IS_CLOSED: "{room} is closed in {slot}",
    AgendaViolation.PERSON_IS_AWAY: "{person} is needed for {session} and away in {slot}",
    AgendaViolation.PERSON_TWICE: "{person} is needed for {session} and for {other} at once",
    AgendaViolation.TOO_FEW_TEAMS:
        "{slot}: {needed} rooms need {language}, {teams} teams are there",
    AgendaViolation.PAIR_BROKEN: "{first} and {second}: not {rule}",
    AgendaViolation.ROOM_OVERLAP: "{room} holds {session} and {other} at once",
    AgendaViolation.TRACKS_MIXED: "{room} holds more than one track in {slot}",
    AgendaViolation.WRONG_OBJECTIVES: "objectives stated: {stated}; asked for: {found}",
    AgendaViolation.WRONG_VALUE: "{objective}: value {stated} stated, {found} found",
    AgendaViolation.WRONG_BOUND: "{objective}: bound {stated} stated, value {found} found",
    AgendaViolation.WRONG_STATEMENT: "{objective}: {field} is not as stated",
    AgendaViolation.WRONG_TERM: "{term}: {stated} points stated, {found} found",
}  # fmt: skip


def say(code: Code) -> str:
    """A code and its parameters in English."""
    words = {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in code.parameters.items()
    }
    return ENGLISH[code.code].format(**words)


def describe_plan(plan: AgendaPlan) -> list[str]:
    """Outcome, objectives and what the penalty is made of, a line each."""
    lines = [f"{len(plan.items)} sessions placed; {COMMON[plan.outcome]}"]
    for line in plan.objectives:
        state = "proven" if line.proven else f"not proven, gap {line.gap}"
        lines.append(f"  {ENGLISH[line.code]}: {line.value}, bound {line.bound}, {state}")
    lines += [f"    {ENGLISH[line.term]}: {line.points}" for line in plan.terms if line.points]
    return lines


def describe_report(report: AgendaReport) -> list[str]:
    """What a check found, a line each."""
    lines = []
    for code, value in report.values.items():
        state = "checked" if code in report.checked else "claimed, not checked"
        lines.append(f"{ENGLISH[code]}: value {value} checked; no agenda is better: {state}")
    if report.violations:
        lines += ["Violations", *(f"  {say(violation)}" for violation in report.violations)]
    return lines
