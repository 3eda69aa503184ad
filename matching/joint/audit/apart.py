"""Who is apart: those who ruled each other out, and those who could never meet anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from matching.joint.audit.codes import AuditCode
from matching.joint.audit.due import Fact
from matching.joint.audit.said import Said
from matching.joint.audit.stated import OptionKey
from matching.joint.model import JointProblem, Mode
from matching.model import (
    Instrument,
    RelationKind,
    StudyVisitOffer,
    TrainingOffer,
    Violation,
)

Pair = tuple[str, str]


def check_apart(
    said: Said, problem: JointProblem, due: Mapping[OptionKey, Fact]
) -> Iterator[Violation]:
    """The list of those apart is what the Instance and its options imply.

    Parameters
    ----------
    due
        The options that the Instance implies.
    """
    stated: dict[Instrument, set[Pair]] = {}
    for instrument, *places in problem.apart:
        first, second = sorted(problem.parties[at].key for at in places)
        stated.setdefault(instrument, set()).add((first, second))
    for instrument in Instrument:
        expected = set(_apart(said, instrument, due))
        has = stated.get(instrument, set())
        for one, other in sorted(expected ^ has):
            missing = (one, other) in expected
            yield Violation(
                AuditCode.APART_MISSING if missing else AuditCode.APART_UNFOUNDED,
                {"one": one, "other": other, "instrument": instrument.value},
            )


def _apart(said: Said, instrument: Instrument, due: Mapping[OptionKey, Fact]) -> Iterator[Pair]:
    mission = instrument is Instrument.MISSION
    if mission:
        there = {giver.party for giver in said.givers if giver.instrument is instrument}
    else:
        there = {
            guest for kind, _, guest, mode in due if kind is instrument and mode != Mode.ONLINE
        }
    if instrument is Instrument.MENTORSHIP:
        return
    together = _colleagues(said, due) if mission else _neighbours(said, instrument, due)
    for one, other in combinations(sorted(there), 2):
        ruled = said.said(RelationKind.RULE_OUT, one, other, instrument)
        if ruled or (one, other) not in together:
            yield one, other


def _neighbours(said: Said, instrument: Instrument, due: Mapping[OptionKey, Fact]) -> set[Pair]:
    """Guests whom some visit, or some course in person, could bring together."""
    guests: dict[str, list[tuple[str, Fact]]] = {}
    for (kind, giver, guest, mode), fact in due.items():
        if kind is instrument and mode != Mode.ONLINE:
            guests.setdefault(giver, []).append((guest, fact))
    found: set[Pair] = set()
    offers = {giver.key: giver.offer for giver in said.givers if giver.instrument is instrument}
    for giver, rows in guests.items():
        for (one, mine), (other, theirs) in combinations(sorted(rows, key=lambda r: r[0]), 2):
            if (one, other) not in found and _room(offers[giver], mine, theirs):
                found.add((one, other))
    return found


def _room(offer: object, mine: Fact, theirs: Fact) -> bool:
    """Whether two guests fit into one item: persons, a week, a language, a theme."""
    persons = mine.persons + theirs.persons
    if isinstance(offer, StudyVisitOffer):
        if offer.delegations_max < 2 or persons > offer.persons_max:
            return False
        if offer.themes_max < 2 and mine.themes.isdisjoint(theirs.themes):
            return False
    if isinstance(offer, TrainingOffer) and persons > offer.seats_max:
        return False
    languages = (mine.languages or {}).keys() & (theirs.languages or {}).keys()
    return bool(languages) and not (mine.weeks or frozenset()).isdisjoint(theirs.weeks or ())


def _colleagues(said: Said, due: Mapping[OptionKey, Fact]) -> set[Pair]:
    """Parties whose experts are options of one guest in a common week."""
    home = {giver.key: giver.party for giver in said.givers if giver.expert is not None}
    teams: dict[str, dict[str, set[int]]] = {}
    for (kind, giver, guest, _), fact in due.items():
        if kind is Instrument.MISSION:
            weeks = teams.setdefault(guest, {}).setdefault(home[giver], set())
            weeks |= fact.weeks or set()
    found: set[Pair] = set()
    for parties in teams.values():
        for one, other in combinations(sorted(parties), 2):
            if (one, other) not in found and not parties[one].isdisjoint(parties[other]):
                found.add((one, other))
    return found
