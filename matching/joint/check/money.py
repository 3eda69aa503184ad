"""Rules about money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.joint.check.reading import MENTORSHIP, Entry, Reading, Seat, violation
from matching.joint.codes import RuleCode
from matching.model import Delivery, Violation


def _costs(reading: Reading, entry: Entry, seat: Seat) -> int:
    """What a place costs: its options and, interpreted, its tongue; nothing without a journey."""
    if entry.number == MENTORSHIP or entry.item.delivery is Delivery.ONLINE:
        return 0
    tongue = reading.tongue(entry, seat.rows[0])
    spoken = tongue.cost if tongue is not None and seat.place.interpreted else 0
    return sum(int(reading.problem.options.cost[row]) for row in seat.rows) + spoken


def _possible(seat: Seat) -> bool:
    return bool(seat.rows) and min(seat.rows) >= 0


def cost(reading: Reading) -> Iterator[Violation]:
    """A place states what it costs."""
    for entry in reading.entries:
        for seat in entry.seats:
            found = _costs(reading, entry, seat) if _possible(seat) else seat.place.cost
            if found != seat.place.cost:
                yield violation(
                    RuleCode.COST, guest=seat.place.guest, offer=entry.name,
                    stated=seat.place.cost, found=found,
                )  # fmt: skip


def payment(reading: Reading) -> Iterator[Violation]:
    """Where there are sources, those of its purse pay a place in full; else nothing is paid."""
    for entry in reading.entries:
        for seat in entry.seats:
            place = seat.place
            good = not place.paid
            if reading.sources:
                row = next(iter(seat.rows), -1)
                purse = set(reading.purse(row)) if row >= 0 else set(reading.sources.values())
                payers = {reading.sources.get(paid.source) for paid in place.paid} - {None}
                good = payers <= purse and sum(p.amount for p in place.paid) == place.cost
            if not good:
                yield violation(RuleCode.PAYMENT, guest=place.guest, offer=entry.name)


def source_amount(reading: Reading) -> Iterator[Violation]:
    """No source pays more than it has."""
    given: Counter[str] = Counter()
    for entry in reading.entries:
        for place in entry.item.places:
            for paid in place.paid:
                given[paid.source] += paid.amount
    for row in reading.problem.sources:
        if given[row.key] > row.amount:
            yield violation(
                RuleCode.SOURCE_AMOUNT, source=row.key, amount=row.amount, given=given[row.key]
            )
