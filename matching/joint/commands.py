"""Joint plans on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matching import files
from matching.joint.check import RULES, check_plan
from matching.joint.codes import ENGLISH
from matching.joint.documents import read_plan, read_problem
from matching.model import ObjectiveCode, Violation
from matching.words import ENGLISH as WORDS

OBJECTIVES = {
    **{code: WORDS[code] for code in ObjectiveCode},
    ObjectiveCode.KEEP: "parties that hear something new",
    ObjectiveCode.COVER: "States served",
}
"""English for the objectives of a joint plan."""


def register(commands: Any, common: Any) -> None:
    """Add the parsers of this package: ``solve`` makes joint plans too, so there is none."""


def verify(problem: bytes, plan: bytes) -> tuple[list[str], list[Violation]]:
    """Check a joint plan against its Problem.

    Returns
    -------
    tuple
        Lines for a reader, and the violations.

    Raises
    ------
    BadInput
        With the faults of both documents.
    """
    stated, proposed = files.each(
        files.named("problem", lambda _: read_problem(problem)),
        files.named("plan", lambda _: read_plan(plan)),
    )
    report = check_plan(stated, proposed)
    lines = ["Rules"]
    lines += [f"  {rule.__name__}: {rule.__doc__}" for rule in RULES.values()]
    lines.append("Objectives")
    for line in report.objectives:
        state = "checked" if line.checked else "claimed, not checked"
        after = ", ".join(OBJECTIVES[code] for code in line.conditional_on)
        given = f", given {after}" if after else ""
        lines.append(
            f"  {OBJECTIVES[line.code]}: value {line.value}, bound {line.bound}, {state}{given}"
        )
    return [*lines, *_violations(report.violations)], list(report.violations)


def _violations(found: Iterable[Violation]) -> list[str]:
    """A line for each, with a heading; none when there is none."""
    lines = [f"  {ENGLISH[entry.code].format(**entry.parameters)}" for entry in found]
    return ["Violations", *lines] if lines else []
