"""What a plan says about its objectives, against what is found."""

from __future__ import annotations

from collections.abc import Iterator

from matching.joint.check.ceilings import Ceilings
from matching.joint.check.objectives import Levels, Values
from matching.joint.check.reading import MISSION, Reading, violation
from matching.joint.codes import RuleCode
from matching.model import (
    NoteCode,
    Objective,
    ObjectiveCode,
    ObjectiveReport,
    OutcomeCode,
    Violation,
    WorstOff,
)

HIGHER = frozenset(
    {ObjectiveCode.OBSERVERS, ObjectiveCode.COVER, ObjectiveCode.WORST_OFF, ObjectiveCode.FIT}
)
"""Objectives of which more is better."""

_GIVEN = {ObjectiveCode.WORST_OFF: (ObjectiveCode.COVER,)}


def check_objectives(
    reading: Reading, sound: bool
) -> tuple[list[Violation], tuple[ObjectiveReport, ...]]:
    """Find every objective's value again and compare what the plan states.

    Parameters
    ----------
    sound
        The plan broke no rule. Only then is a bound that its value meets *checked*.
    """
    plan, policy = reading.plan, reading.problem.policy
    values, ceilings = Values(reading), Ceilings.of(reading)
    found = [*_listed(reading)]
    lines = {line.code: line for line in reversed(plan.objectives)}
    reports: list[ObjectiveReport] = []
    for code in policy.order:
        value, levels = values.of(code)
        line = lines.get(code)
        checked = sound and (
            not _on(reading, code) or ceilings.reached(code, value, levels, policy.worst_off)
        )
        bound = value if checked or line is None else line.bound
        open_ = tuple(report.code for report in reports if not report.checked)
        # What meets a certain limit is best whatever came before; only the worst-off's limit
        # depends on something, the number of States covered.
        given = open_ if not checked else tuple(c for c in open_ if c in _GIVEN.get(code, ()))
        reports.append(ObjectiveReport(code, value, bound, checked, given, levels))
        if line is not None:
            found += _value(line, value)
            # A plan that broke a rule may well reach more than any plan can.
            found += _bound(reading, line, value, ceilings.bound(code) if sound else line.bound)
            found += _stated(reading, line, levels)
    return found, tuple(reports)


def _on(reading: Reading, code: ObjectiveCode) -> bool:
    policy = reading.problem.policy
    if code is ObjectiveCode.OBSERVERS:
        return policy.observers_first
    return code is not ObjectiveCode.WORST_OFF or policy.worst_off is not WorstOff.OFF


def _note(reading: Reading, code: ObjectiveCode) -> NoteCode | None:
    if not _on(reading, code):
        return NoteCode.SWITCHED_OFF
    missions = (reading.problem.options.instrument == MISSION).any()
    return NoteCode.NO_MISSIONS if code is ObjectiveCode.OBSERVERS and not missions else None


def _listed(reading: Reading) -> Iterator[Violation]:
    """The objectives are those of the policy, in its order; a plan is not called impossible."""
    order = reading.problem.policy.order
    stated = tuple(line.code for line in reading.plan.objectives)
    if stated != order:
        yield violation(RuleCode.OBJECTIVES, stated=" ".join(stated), found=" ".join(order))
    if reading.plan.outcome is OutcomeCode.NO_PLAN:
        yield violation(RuleCode.STATEMENT, objective="plan", field="outcome")


def _value(line: Objective, value: int) -> Iterator[Violation]:
    """The value stated is the value of the plan."""
    if line.value != value:
        yield violation(RuleCode.VALUE, objective=line.code.value, stated=line.value, found=value)


def _bound(reading: Reading, line: Objective, value: int, certain: int) -> Iterator[Violation]:
    """The bound is not passed by the value, nor worse than what is certain from the Problem."""
    least, most = (value, certain) if line.code in HIGHER else (certain, value)
    if not _on(reading, line.code):
        least = most = value
    if not least <= line.bound <= most:
        limit = least if line.bound < least else most
        yield violation(RuleCode.BOUND, objective=line.code.value, stated=line.bound, found=limit)


def _stated(reading: Reading, line: Objective, levels: Levels) -> Iterator[Violation]:
    """Sense, gap, notes, conditions, proof and levels are stated as they are."""
    plan, order = reading.plan, reading.problem.policy.order
    proven = {entry.code for entry in plan.objectives if entry.proven}
    before = order[: order.index(line.code)]
    for field, fine in (
        ("sense", line.sense.value == ("max" if line.code in HIGHER else "min")),
        ("gap", line.gap == abs(line.bound - line.value)),
        ("on", line.on is _on(reading, line.code)),
        ("note", line.note is _note(reading, line.code)),
        ("conditional_on", line.conditional_on == tuple(c for c in before if c not in proven)),
        ("levels", line.levels == levels),
        ("proven", line.bound == line.value if line.proven
         else plan.outcome is not OutcomeCode.PROVEN),
    ):  # fmt: skip
        if not fine:
            yield violation(RuleCode.STATEMENT, objective=line.code.value, field=field)
