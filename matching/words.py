"""English for the command line. A site translates the same codes itself; see ``codes``."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from matching.codes import (
    ChangeCode,
    ClashCode,
    Instrument,
    NoteCode,
    ObjectiveCode,
    ObstacleCode,
    OutcomeCode,
    ReasonCode,
    ViolationCode,
)
from matching.model import Code, Objective, ObjectiveReport, Plan, Report

ENGLISH: dict[StrEnum, str] = {
    ReasonCode.SHARED_THEMES: "offers what is asked: {themes}",
    ReasonCode.FIRST_NEED: "serves the first need, {theme}",
    ReasonCode.COMMON_LANGUAGE: "both can work in {language}",
    ReasonCode.LEADING_LANGUAGE: "both are at home in {language}",
    ReasonCode.INTERPRETATION: "interpretation is budgeted",
    ReasonCode.SAME_REGION: "same region",
    ReasonCode.SAME_SUB_REGION: "same sub-region",
    ReasonCode.SHARED_SUB_NETWORK: "both belong to {sub_network}",
    ReasonCode.SIMILAR_CONTEXT: "similar context: {contexts}",
    ReasonCode.PREFERRED_FORMAT: "mentorship is the format asked for first",
    ReasonCode.PREFERENCE: "a preference was stated",
    ReasonCode.WISH_TO_CONTINUE: "both wish to continue",
    ReasonCode.SCORE: "the score given is {score} / {precision}",
    ReasonCode.ONLY_POSSIBLE_MENTOR: "{mentor} is the only possible mentor",
    ReasonCode.PINNED: "pinned by the coordinator",
    ReasonCode.ACCEPTED_BEFORE: "already accepted",
    ReasonCode.PROPOSED_BEFORE: "already proposed",
    ObstacleCode.NO_OFFER_OF_THEME: "nobody offers {themes}",
    ObstacleCode.OWN_CONDITIONS: "the parties' own conditions leave no possible pair",
    ObstacleCode.SET_ASIDE: "every possible mentor was excluded or has declined: {mentors}",
    ObstacleCode.NO_PLACE_OFFERED: "the possible mentors offer no place now: {mentors}",
    ObstacleCode.COMPETITION: "others took the {places} places with {mentors}",
    ObstacleCode.PRIORITY: "an earlier aim ({objective}) came before, though {mentors} had room",
    ObstacleCode.NOT_WANTED: "wants no mentor now",
    ChangeCode.ONE_MORE_PLACE: "one more place with {mentor}",
    ChangeCode.MORE_PLACES: "{places} more places with {mentor}",
    ClashCode.PIN: "{mentee} and {mentor} are pinned",
    ClashCode.ACCEPTED: "{mentee} and {mentor} have accepted",
    ClashCode.EXCLUSION: "{mentee} and {mentor} are excluded",
    ClashCode.DECLINED: "{mentee} and {mentor} were declined",
    ClashCode.PAIR_NOT_POSSIBLE:
        "{mentee} and {mentor} are not possible: the parties' own conditions",
    ClashCode.ONE_MENTOR_EACH: "{mentee} wants {wanted} mentors at most",
    ClashCode.MENTOR_CAPACITY: "{mentor} offers {capacity} places",
    ViolationCode.UNKNOWN_PARTY: "{party} is not a party of the Problem",
    ViolationCode.UNKNOWN_INSTRUMENT: "{instrument} is not in the Problem",
    ViolationCode.PAIR_NOT_POSSIBLE: "{mentee} and {mentor} are not a possible pair",
    ViolationCode.PAIR_REPEATED: "{mentee} and {mentor} stand in the plan twice",
    ViolationCode.MENTEE_OVER_WANTED: "{mentee} wants {wanted} and gets {given}",
    ViolationCode.MENTOR_OVER_CAPACITY: "{mentor} offers {capacity} places and gets {given}",
    ViolationCode.PIN_NOT_HELD: "{mentee} and {mentor} are pinned and not in the plan",
    ViolationCode.EXCLUDED_PAIR: "{mentee} and {mentor} are excluded and in the plan",
    ViolationCode.ACCEPTED_NOT_KEPT: "{mentee} and {mentor} had accepted and are not in the plan",
    ViolationCode.DECLINED_PROPOSED: "{mentee} and {mentor} were declined and are in the plan",
    ViolationCode.WRONG_THEMES: "{mentee} and {mentor}: not their common themes",
    ViolationCode.WRONG_SATISFACTION:
        "{mentee} and {mentor}: satisfaction {stated} stated, {found} found",
    ViolationCode.WRONG_FIT: "{mentee} and {mentor}: fit {stated} stated, {found} found",
    ViolationCode.WRONG_OBJECTIVES: "objectives stated: {stated}; asked for: {found}",
    ViolationCode.WRONG_VALUE: "{objective}: value {stated} stated, {found} found",
    ViolationCode.WRONG_LEVELS: "{objective}: the levels stated are not those of the plan",
    ViolationCode.WRONG_BOUND: "{objective}: bound {stated} stated, {found} found",
    ViolationCode.WRONG_STATEMENT: "{objective}: {field} is not as stated",
    ViolationCode.PROOF_MALFORMED: "{objective}: step {step} of the proof is not a proof",
    ViolationCode.PROOF_FAILS:
        "{objective}: step {step} of the proof gives bound {bound} for value {value}",
    ViolationCode.PROOF_MISSING: "{objective}: said to be proven, and the proof is not there",
    ViolationCode.PAIR_MISSING: "{mentee} and {mentor} should be possible",
    ViolationCode.PAIR_UNFOUNDED: "{mentee} and {mentor} should not be possible",
    ViolationCode.PAIR_WRONG_SATISFACTION:
        "{mentee} and {mentor}: satisfaction {stated} stated, {found} found",
    ViolationCode.PAIR_WRONG_FIT: "{mentee} and {mentor}: fit {stated} stated, {found} found",
    ViolationCode.PAIR_WRONG_REASONS: "{mentee} and {mentor}: other reasons hold",
    ViolationCode.WRONG_MENTEE: "{party} asks for something else",
    ViolationCode.WRONG_MENTOR: "{party} offers something else",
    ViolationCode.WRONG_POLICY: "{field} is not that of the Instance",
    ViolationCode.PLAN_DIGEST: "the certificate belongs to another plan",
    ViolationCode.PROBLEM_DIGEST: "the certificate belongs to another Problem",
    ViolationCode.INSTANCE_DIGEST: "the certificate belongs to another Instance",
    ViolationCode.INSTANCE_SALT_MISSING: "the Instance can only be checked with its seal",
    ViolationCode.CERTIFICATE_OBJECTIVES: "the certificate states other objectives",
    ViolationCode.CERTIFICATE_SETTINGS: "the certificate states another {field}",
    ViolationCode.SIGNATURE_INVALID: "the signature does not hold",
    ViolationCode.SIGNATURE_MISSING: "the certificate is not signed",
    ViolationCode.SIGNER_UNEXPECTED: "the certificate is signed by another key, {public_key}",
    OutcomeCode.PROVEN: "every objective proven",
    OutcomeCode.TIME_LIMIT: "stopped at the time limit",
    OutcomeCode.CANCELLED: "stopped on request",
    OutcomeCode.NO_PLAN: "no plan is possible",
    NoteCode.NO_MISSIONS: "no missions in this plan",
    NoteCode.SWITCHED_OFF: "switched off",
    NoteCode.LEVELS_OPEN: "the lowest is proven, not every one above it",
    ObjectiveCode.KEEP: "earlier proposals given up",
    ObjectiveCode.CHANGES: "earlier items changed",
    ObjectiveCode.OBSERVERS: "Observers' missions served",
    ObjectiveCode.COVER: "States with a mentor",
    ObjectiveCode.WORST_OFF: "satisfaction of the worst off",
    ObjectiveCode.FIT: "total fit",
    ObjectiveCode.COST: "cost of travel and interpretation",
    ObjectiveCode.SPREAD: "sum of squared loads",
    ObjectiveCode.AVOID: "items in weeks to avoid",
}  # fmt: skip

INSTRUMENTS = {
    "mentorship": Instrument.MENTORSHIP, "mentorships": Instrument.MENTORSHIP,
    "study_visit": Instrument.STUDY_VISIT, "visit": Instrument.STUDY_VISIT,
    "visits": Instrument.STUDY_VISIT, "mission": Instrument.MISSION,
    "missions": Instrument.MISSION, "training": Instrument.TRAINING,
    "trainings": Instrument.TRAINING, "cohort": Instrument.TRAINING,
    "cohorts": Instrument.TRAINING,
}  # fmt: skip
"""What instruments are called on the command line."""

RULES = {
    "pair_possible": "every item joins a possible pair",
    "no_repetition": "no pair stands twice",
    "one_mentor_each": "no mentee gets more mentors than it wants",
    "mentor_capacity": "no mentor gets more mentees than it offered",
    "pins_held": "every pin is held",
    "exclusions_held": "nothing excluded is proposed",
    "accepted_kept": "what was accepted stays",
    "declined_not_proposed": "what was declined is not proposed again",
    "item_facts": "every item states the themes and points of its pair",
}


def say(code: Code) -> str:
    """A code and its parameters in English."""
    words = {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in code.parameters.items()
    }
    return ENGLISH[code.code].format(**words)


def number(code: ObjectiveCode, value: int, precision: int) -> str:
    """A value in points: sums of given scores have as many decimals as the scores."""
    if precision <= 1 or code not in (ObjectiveCode.WORST_OFF, ObjectiveCode.FIT):
        return str(value)
    # A precision is a power of ten when it comes from a table, any whole number otherwise.
    decimals = len(str(precision - 1))
    return f"{Decimal(value) / precision:.{decimals}f}"


def describe_plan(plan: Plan, precision: int = 0) -> list[str]:
    """A plan's outcome and objectives, a line each."""
    return [
        f"{len(plan.items)} pairs; {ENGLISH[plan.outcome]}",
        *(describe_objective(line, ENGLISH[line.code], precision) for line in plan.objectives),
    ]


def describe_objective(line: Objective, name: str, precision: int = 0) -> str:
    """One objective in a line, under a name of one's own."""
    value, bound, gap = (
        number(line.code, points, precision) for points in (line.value, line.bound, line.gap)
    )
    state = "proven" if line.proven else f"not proven, gap {gap}"
    note = f" ({ENGLISH[line.note]})" if line.note else ""
    return f"  {name}: {value}, bound {bound}, {state}{note}"


def describe_report(report: Report, precision: int = 0) -> list[str]:
    """A check's outcome: rules, violations, objectives, a line each."""
    lines = ["Rules"]
    lines += [f"  {RULES[rule]}: checked" for rule in report.rules]
    lines.append("Objectives")
    lines += [_checked(line, precision) for line in report.objectives]
    return lines


def _checked(line: ObjectiveReport, precision: int) -> str:
    value, bound = (number(line.code, points, precision) for points in (line.value, line.bound))
    state = "checked" if line.checked else "claimed, not checked"
    after = ", ".join(ENGLISH[code] for code in line.conditional_on)
    given = f", given {after}" if after else ""
    return f"  {ENGLISH[line.code]}: value {value}, bound {bound}, {state}{given}"
