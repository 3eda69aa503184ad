"""The rules of mentorships."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.joint.check.reading import MENTORSHIP, Reading, violation
from matching.joint.codes import RuleCode
from matching.model import Violation


def mentor_capacity(reading: Reading) -> Iterator[Violation]:
    """A mentor never gets more mentees than it offered."""
    given = Counter(entry.giver for entry in reading.of(MENTORSHIP))
    for at, mentor in enumerate(reading.problem.mentors):
        if given[at] > mentor.capacity:
            yield violation(
                RuleCode.MENTOR_CAPACITY,
                offer=mentor.key, capacity=mentor.capacity, given=given[at],
            )  # fmt: skip


def one_mentor_each(reading: Reading) -> Iterator[Violation]:
    """A guest has one mentor at most."""
    pairs = {(p.guest, entry.name) for entry in reading.of(MENTORSHIP) for p in entry.item.places}
    for guest, given in Counter(guest for guest, _ in pairs).items():
        if given > 1:
            yield violation(RuleCode.ONE_MENTOR_EACH, guest=guest, given=given)
