"""The rules of study visits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.joint.check.reading import VISIT, Entry, Reading, violation
from matching.joint.codes import RuleCode
from matching.joint.model import VisitRow
from matching.model import Violation


def _visits(reading: Reading) -> Iterator[tuple[Entry, VisitRow]]:
    """Visits whose offer is known."""
    for entry in reading.of(VISIT):
        if entry.giver >= 0:
            yield entry, reading.problem.visits[entry.giver]


def visits_of_offer(reading: Reading) -> Iterator[Violation]:
    """A host never gets more visits than it offered."""
    given = Counter(entry.giver for entry in reading.of(VISIT))
    for at, offer in enumerate(reading.problem.visits):
        if given[at] > offer.visits:
            yield violation(
                RuleCode.VISITS_OF_OFFER, offer=offer.key, visits=offer.visits, given=given[at]
            )


def one_visit_a_week(reading: Reading) -> Iterator[Violation]:
    """A host party runs one visit a week, whichever of its offers it belongs to."""
    given = Counter((offer.party, entry.item.week) for entry, offer in _visits(reading))
    for (party, week), count in given.items():
        if count > 1 and week is not None:
            host = reading.problem.parties[party].key
            yield violation(RuleCode.ONE_VISIT_A_WEEK, host=host, week=week)


def delegations(reading: Reading) -> Iterator[Violation]:
    """A visit has as many delegations as its host takes at least, and at most."""
    for entry, offer in _visits(reading):
        given = len(entry.item.places)
        if not offer.delegations_min <= given <= offer.delegations_max:
            yield _group(RuleCode.DELEGATIONS, entry, given)


def persons(reading: Reading) -> Iterator[Violation]:
    """A visit has as many persons as its host takes at least, and at most."""
    for entry, offer in _visits(reading):
        given = sum(place.persons for place in entry.item.places)
        if not offer.persons_min <= given <= offer.persons_max:
            yield _group(RuleCode.PERSONS, entry, given)


def _group(code: RuleCode, entry: Entry, given: int) -> Violation:
    return violation(code, offer=entry.name, week=entry.week or 0, given=given)


def visit_themes(reading: Reading) -> Iterator[Violation]:
    """A visit has at most so many themes, all of its offer."""
    for entry, offer in _visits(reading):
        chosen = set(entry.themes)
        if len(chosen) > offer.themes_max or not chosen <= set(offer.themes):
            yield violation(RuleCode.VISIT_THEMES, offer=entry.name, week=entry.week or 0)


def delegation_served(reading: Reading) -> Iterator[Violation]:
    """The themes of a visit serve at least one need of each delegation."""
    for entry, _ in _visits(reading):
        for seat in entry.seats:
            if seat.rows[0] >= 0 and not reading.served(entry, seat):
                yield violation(
                    RuleCode.DELEGATION_SERVED,
                    guest=seat.place.guest, offer=entry.name, week=entry.week or 0,
                )  # fmt: skip
