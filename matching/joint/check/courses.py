"""The rules of trainings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from matching.joint.check.reading import COURSE, Entry, Reading, violation
from matching.joint.codes import RuleCode
from matching.joint.model import CourseRow
from matching.model import Delivery, Violation

DAY = 24 * 60


def _runs(reading: Reading) -> Iterator[tuple[Entry, CourseRow]]:
    """Runs whose course is known."""
    for entry in reading.of(COURSE):
        if entry.giver >= 0:
            yield entry, reading.problem.courses[entry.giver]


def one_run(reading: Reading) -> Iterator[Violation]:
    """A course runs once at most."""
    given = Counter(course.key for _, course in _runs(reading))
    for offer, count in given.items():
        if count > 1:
            yield violation(RuleCode.ONE_RUN, offer=offer, given=count)


def seats(reading: Reading) -> Iterator[Violation]:
    """A run fills as many seats as it needs at least, and has at most."""
    for entry, course in _runs(reading):
        given = sum(place.persons for place in entry.item.places)
        if not course.seats_min <= given <= course.seats_max:
            yield violation(RuleCode.SEATS, offer=course.key, given=given)


def zone_spread(reading: Reading) -> Iterator[Violation]:
    """Online, the clocks of participants and of the course's party lie close together."""
    parties = reading.problem.parties
    most = reading.problem.policy.zone_spread_hours * 60
    for entry, course in _runs(reading):
        if entry.item.delivery is Delivery.ONLINE:
            there = [course.party, *(seat.guest for seat in entry.seats if seat.guest >= 0)]
            known = [parties[at].offset for at in there]
            if _arc(offset for offset in known if offset is not None) > most:
                yield violation(RuleCode.ZONE_SPREAD, offer=course.key)


def _arc(offsets: Iterable[int]) -> int:
    """Length in minutes of the shortest arc of the circle of 24 hours that holds all clocks."""
    around = sorted({offset % DAY for offset in offsets})
    if not around:
        return 0
    gaps = [other - one for one, other in pairwise(around)]
    return DAY - max([*gaps, around[0] + DAY - around[-1]])
