"""An auditor's check: does a joint Problem follow from its Instance?

Eligibility, points, weeks, languages, costs and who is apart are stated here a second time, in
plain Python from the rules; nothing is shared with the code that builds Problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations

from matching.joint.audit.apart import check_apart
from matching.joint.audit.codes import AuditCode
from matching.joint.audit.due import Due, Fact
from matching.joint.audit.rows import check_rows
from matching.joint.audit.said import Said
from matching.joint.audit.stated import OptionKey, stated_options
from matching.joint.model import INSTRUMENTS, JointProblem
from matching.model import Instance, Instrument, Violation


def check_problem(
    instance: Instance, problem: JointProblem, only: Iterable[Instrument] | None = None
) -> list[Violation]:
    """Check every fact of a Problem, and that nothing possible is missing.

    Parameters
    ----------
    instance
        The sealed Instance.
    problem
        The Problem that is said to follow from it.
    only
        Instruments of the Problem. Without them they are those it has givers of; instruments
        that nobody offers count as the needs of the Problem tell.

    Returns
    -------
    list of Violation
        Empty when the Problem is what the Instance implies. The list names pairs that the
        Instance rules out, so it is for auditors only.
    """
    said = _read(instance, problem) if only is None else Said(instance, frozenset(only))
    due = {
        (giver.instrument, giver.key, guest, int(mode)): fact
        for calculation in [Due(said)]
        for giver in said.givers
        for guest in said.needs
        for mode, fact in calculation.facts(said.party[guest], giver)
    }
    return [
        *check_rows(said, problem),
        *_options(due, stated_options(problem)),
        *check_apart(said, problem, due),
    ]


def instruments_of(instance: Instance, problem: JointProblem) -> frozenset[Instrument]:
    """The instruments that a Problem is about, as far as it shows."""
    return _read(instance, problem).only


def _read(instance: Instance, problem: JointProblem) -> Said:
    given = {kind for number, kind in enumerate(INSTRUMENTS) if problem.givers(number)}
    offered = {offer.instrument for offer in instance.offers}
    silent = [kind for kind in INSTRUMENTS if kind not in offered and kind not in given]
    choices = chain.from_iterable(
        combinations(silent, size) for size in reversed(range(len(silent) + 1))
    )
    readings = [Said(instance, frozenset({*given, *more})) for more in choices]
    # The fullest reading whose rows fit best: of equally good ones the Problem is the same.
    return min(readings, key=lambda said: sum(1 for _ in check_rows(said, problem)))


_FIELDS = {
    "weeks": AuditCode.WEEKS, "languages": AuditCode.LANGUAGES, "purse": AuditCode.PURSE,
    "themes": AuditCode.THEMES, "reasons": AuditCode.REASONS,
}  # fmt: skip


def _options(
    due: dict[OptionKey, Fact], stated: dict[OptionKey, Fact]
) -> Iterator[Violation]:  # fmt: skip
    """Every option that is possible is there, no other is, and its facts are right."""
    for key in sorted(due.keys() | stated.keys()):
        where: dict[str, str | int] = {"guest": key[2], "giver": key[1], "mode": key[3]}
        if key not in stated:
            yield Violation(AuditCode.OPTION_MISSING, where)
        elif key not in due:
            yield Violation(AuditCode.OPTION_UNFOUNDED, where)
        elif due[key] != stated[key]:
            yield from _facts(where, due[key], stated[key])


def _facts(where: dict[str, str | int], due: Fact, stated: Fact) -> Iterator[Violation]:
    for code, said, found in (
        (AuditCode.PERSONS, stated.persons, due.persons), (AuditCode.COST, stated.cost, due.cost),
    ):  # fmt: skip
        if said != found:
            yield Violation(code, {**where, "stated": said, "found": found})
    for name, code in _FIELDS.items():
        if getattr(due, name) != getattr(stated, name):
            yield Violation(code, where)
    for theme in sorted(due.points.keys() | stated.points.keys()):
        said, found = stated.points.get(theme, -1), due.points.get(theme, -1)
        if said != found:
            yield Violation(
                AuditCode.POINTS, {**where, "theme": theme, "stated": said, "found": found}
            )
