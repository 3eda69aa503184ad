"""Rules about what parties take on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.joint.check.reading import Reading, violation
from matching.joint.codes import RuleCode
from matching.model import Load, Violation

Engagements = dict[int, Counter[int | None]]
"""Engagements of each party by week; mentorships, which go on, under None."""


def engagements_of_guests(reading: Reading) -> Engagements:
    """What each party takes part in."""
    found: Engagements = {}
    for entry in reading.entries:
        for guest in {seat.guest for seat in entry.seats if seat.guest >= 0}:
            found.setdefault(guest, Counter())[entry.week] += 1
    return found


def engagements_of_hosts(reading: Reading) -> Engagements:
    """What each party gives: a mentee, a visit, a run, a mission with an expert of its own."""
    found: Engagements = {}
    for entry in reading.entries:
        for host in reading.hosts(entry):
            found.setdefault(host, Counter())[entry.week] += 1
    return found


def guest_week(reading: Reading) -> Iterator[Violation]:
    """A guest is in one item a week."""
    for guest, weeks in engagements_of_guests(reading).items():
        for week, count in weeks.items():
            if count > 1 and week is not None and week >= 0:
                key = reading.problem.parties[guest].key
                yield violation(RuleCode.GUEST_WEEK, guest=key, week=week)


def _over(load: Load, weeks: Counter[int | None]) -> Iterator[int]:
    """Numbers of engagements that are more than a party takes on, in total or at once."""
    going_on = weeks[None]
    fullest = max((count for week, count in weeks.items() if week is not None), default=0)
    for most, given in ((load.total, weeks.total()), (load.at_once, going_on + fullest)):
        if most is not None and given > most:
            yield given


def guest_load(reading: Reading) -> Iterator[Violation]:
    """As a guest a party takes part in no more than it wants, in total and at once."""
    for guest, weeks in engagements_of_guests(reading).items():
        row = reading.problem.parties[guest]
        for given in _over(row.guest, weeks):
            yield violation(RuleCode.GUEST_LOAD, party=row.key, given=given)


def host_load(reading: Reading) -> Iterator[Violation]:
    """As a host a party gives no more than it wants, in total and at once."""
    for host, weeks in engagements_of_hosts(reading).items():
        row = reading.problem.parties[host]
        for given in _over(row.host, weeks):
            yield violation(RuleCode.HOST_LOAD, party=row.key, given=given)
