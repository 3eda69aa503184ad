"""Rules about places and items of every instrument."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise

from matching.joint.check.reading import (
    COURSE,
    MENTORSHIP,
    MISSION,
    VISIT,
    Entry,
    Reading,
    violation,
)
from matching.joint.codes import RuleCode
from matching.joint.model import INSTRUMENTS
from matching.model import Delivery, Violation

FIELDS = {
    MENTORSHIP: ("offer",),
    VISIT: ("offer", "week", "language"),
    MISSION: ("week", "language"),
    COURSE: ("offer", "week", "language", "delivery"),
}
"""Fields that an item of each instrument has; it has none of the others."""


def unknown_key(reading: Reading) -> Iterator[Violation]:
    """Whatever an item names is in the Problem."""
    for entry in reading.entries:
        item = entry.item
        named = [(item.host, reading.parties)]
        named += [(place.guest, reading.parties) for place in item.places]
        named += [(key, reading.keys[MISSION]) for key in item.team]
        named += [(word, reading.themes) for word in item.themes]
        if item.offer is not None and entry.number != MISSION:
            named.append((item.offer, reading.keys[entry.number]))
        if item.language is not None:
            named.append((item.language, reading.languages))
        if reading.sources:
            named += [(p.source, reading.sources) for place in item.places for p in place.paid]
        for key, known in named:
            if key not in known:
                yield violation(RuleCode.UNKNOWN_KEY, key=key)


def not_an_option(reading: Reading) -> Iterator[Violation]:
    """Every place is an option; on a mission it is one with each expert of the team."""
    for entry in reading.entries:
        givers = entry.team if entry.number == MISSION else (entry.giver,)
        names = entry.item.team if entry.number == MISSION else (entry.name,)
        if entry.item.delivery is Delivery.HYBRID:
            continue
        for seat in entry.seats:
            for giver, name, row in zip(givers, names, seat.rows, strict=True):
                if row < 0 <= min(giver, seat.guest):
                    guest = seat.place.guest
                    yield violation(RuleCode.NOT_AN_OPTION, guest=guest, offer=name)


def malformed_item(reading: Reading) -> Iterator[Violation]:
    """An item has the fields of its instrument, its giver's party as host, all in order."""
    for entry in reading.entries:
        for field in _faulty(reading, entry):
            yield violation(RuleCode.MALFORMED_ITEM, item=entry.at, field=field)


def _faulty(reading: Reading, entry: Entry) -> Iterator[str]:
    item, parties = entry.item, reading.problem.parties
    for field in ("offer", "week", "language", "delivery"):
        if (getattr(item, field) is not None) is not (field in FIELDS[entry.number]):
            yield field
    if item.delivery is Delivery.HYBRID:
        yield "delivery"
    if bool(item.team) is not (entry.number == MISSION) or len(set(item.team)) < len(item.team):
        yield "team"
    hosts = reading.hosts(entry)
    if hosts and item.host in reading.parties and item.host != parties[hosts[0]].key:
        yield "host"
    guests = [place.guest for place in item.places]
    alone = entry.number in (MENTORSHIP, MISSION)
    if guests != sorted(guests) or (alone and len(guests) != 1):
        yield "places"
    if not _themes_fine(reading, entry):
        yield "themes"
    for seat in entry.seats:
        row = next(iter(seat.rows), -1)
        if row >= 0 and seat.place.persons != int(reading.problem.options.persons[row]):
            yield "persons"
        if entry.number == MENTORSHIP and seat.place.interpreted:
            yield "interpreted"


def _themes_fine(reading: Reading, entry: Entry) -> bool:
    if entry.number == MISSION:
        return all(
            entry.themes == reading.request(seat.guest) for seat in entry.seats if seat.guest >= 0
        )
    if entry.number == VISIT:
        return all(one < other for one, other in pairwise(entry.themes))
    return not entry.item.themes


def guest_twice(reading: Reading) -> Iterator[Violation]:
    """A guest stands with an offer once."""
    given = Counter(
        (entry.number, entry.name, place.guest)
        for entry in reading.entries
        if entry.number != MISSION
        for place in entry.item.places
    )
    for (_, offer, guest), count in given.items():
        if count > 1:
            yield violation(RuleCode.GUEST_TWICE, guest=guest, offer=offer)


def language(reading: Reading) -> Iterator[Violation]:
    """Each guest, or the lead for it, has the item's language; interpreted where it is said so."""
    for entry in reading.entries:
        if entry.language < 0 or entry.number == MENTORSHIP:
            continue
        for seat in entry.seats:
            row = next(iter(seat.rows), -1)
            if row < 0 or (entry.number == MISSION and not reading.tongues(row)):
                continue
            tongue = reading.tongue(entry, row)
            if tongue is None or tongue.interpreted is not seat.place.interpreted:
                yield violation(
                    RuleCode.LANGUAGE, guest=seat.place.guest, offer=entry.name,
                    language=reading.problem.languages[entry.language],
                )  # fmt: skip


def week(reading: Reading) -> Iterator[Violation]:
    """The item's week is one of each of its options, in the horizon and not closed."""
    weeks, experts = reading.problem.horizon.weeks, reading.problem.experts
    for entry in reading.entries:
        now = entry.item.week
        if now is None or entry.number == MENTORSHIP:
            continue
        possible = now < weeks and now not in reading.closed
        for seat in entry.seats:
            rows = [
                row
                for at, row in enumerate(seat.rows)
                # An expert who is not free is the expert's matter, see expert_week.
                if row >= 0 and (entry.number != MISSION or now in experts[entry.team[at]].weeks)
            ]
            if not possible or any(now not in reading.calendar(row) for row in rows):
                guest = seat.place.guest
                yield violation(RuleCode.WEEK, guest=guest, offer=entry.name, week=now)


def apart(reading: Reading) -> Iterator[Violation]:
    """Who is to be apart shares no item, as guests in person or as experts on a team."""
    barred = set(reading.problem.apart)
    parties = reading.problem.parties
    for entry in reading.entries:
        in_person = entry.item.delivery is Delivery.IN_PERSON
        if entry.number == MENTORSHIP or (entry.number == COURSE and not in_person):
            continue
        together = {seat.guest for seat in entry.seats if seat.guest >= 0}
        if entry.number == MISSION:
            together = set(reading.hosts(entry))
        instrument = INSTRUMENTS[entry.number]
        for one, other in combinations(sorted(together), 2):
            if {(instrument, one, other), (instrument, other, one)} & barred:
                yield violation(
                    RuleCode.APART, one=parties[one].key, other=parties[other].key,
                    instrument=instrument.value,
                )  # fmt: skip
