"""English for joint plans on the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from matching.joint import codes, reasons
from matching.joint.audit import codes as audit
from matching.joint.model import INSTRUMENTS, JointPlan
from matching.model import Code, Instrument, Item, ObjectiveCode, ObjectiveReport, ReasonCode
from matching.words import ENGLISH as COMMON
from matching.words import describe_objective

ENGLISH: dict[StrEnum, str] = {
    **COMMON, **codes.ENGLISH, **audit.ENGLISH, **reasons.ENGLISH,
    ReasonCode.PREFERRED_FORMAT: "the format asked for first",
}  # fmt: skip

OBJECTIVES = {
    **{code: COMMON[code] for code in ObjectiveCode},
    ObjectiveCode.KEEP: "parties that hear something new",
    ObjectiveCode.COVER: "States served",
}
"""English for the objectives of a joint plan."""

ITEMS = {
    Instrument.MENTORSHIP: "mentorships", Instrument.STUDY_VISIT: "study visits",
    Instrument.MISSION: "missions", Instrument.TRAINING: "courses",
}  # fmt: skip


def say(code: Code) -> str:
    """A code and its parameters in English, whichever check it comes from."""
    words = {
        name: ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        for name, value in code.parameters.items()
    }
    return ENGLISH[code.code].format(**words)


def describe_plan(plan: JointPlan) -> list[str]:
    """A plan's items by instrument, its outcome and objectives, a line each."""
    items, places = Counter[Instrument](), Counter[Instrument]()
    for item in plan.items:
        items[item.instrument] += 1
        places[item.instrument] += len(item.places)
    counts = [
        f"{items[kind]} {ITEMS[kind]}"
        + (f" with {places[kind]} places" if places[kind] > items[kind] else "")
        for kind in INSTRUMENTS
        if items[kind]
    ]
    return [
        f"{', '.join(counts) or 'nothing possible'}; {COMMON[plan.outcome]}",
        *(describe_objective(line, OBJECTIVES[line.code]) for line in plan.objectives),
    ]


def describe_objectives(reports: Iterable[ObjectiveReport]) -> list[str]:
    """What a check found of each objective, a line each."""
    lines = []
    for line in reports:
        state = "checked" if line.checked else "claimed, not checked"
        after = ", ".join(OBJECTIVES[code] for code in line.conditional_on)
        given = f", given {after}" if after else ""
        name = OBJECTIVES[line.code]
        lines.append(f"  {name}: value {line.value}, bound {line.bound}, {state}{given}")
    return lines


def describe_item(item: Item) -> str:
    """An item in a line: who with whom, what, when."""
    guests = ", ".join(place.guest for place in item.places)
    parts = [f"{guests} with {', '.join(item.team) or item.host}: {item.instrument.value}"]
    if item.week is not None:
        parts.append(f"week {item.week}")
    parts += [str(part) for part in (item.language, item.delivery) if part is not None]
    return ", ".join(parts)
