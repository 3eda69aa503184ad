"""Rules about what was decided before: pins, exclusions, answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from matching.joint.check.reading import Reading, violation
from matching.joint.codes import RuleCode
from matching.model import Delivery, Instrument, Item, Pairing, Violation

Told: TypeAlias = tuple[
    Instrument, str | tuple[str, frozenset[str]] | None, str, int | None, str | None,
    Delivery | None,
]  # fmt: skip


def told(item: Item) -> Told:
    """What is told about an item to those in it."""
    what: str | tuple[str, frozenset[str]] | None = item.offer
    if item.instrument is Instrument.MENTORSHIP:
        what = None
    elif item.instrument is Instrument.MISSION:
        what = (next(iter(item.team), ""), frozenset(item.team[1:]))
    return item.instrument, what, item.host, item.week, item.language, item.delivery


def told_of(pairing: Pairing) -> Told:
    """What is told about a mentorship that is given as a pairing."""
    return pairing.instrument, None, pairing.host, None, None, None


def _each(
    reading: Reading, pairings: Iterable[Pairing], code: RuleCode, present: bool
) -> Iterator[Violation]:
    for p in pairings:
        if ((p.instrument, p.guest, p.host) in reading.pairings) is present:
            yield violation(code, guest=p.guest, host=p.host, instrument=p.instrument.value)


def pin(reading: Reading) -> Iterator[Violation]:
    """What is pinned is in the plan."""
    return _each(reading, reading.problem.pins, RuleCode.PIN, False)


def exclusion(reading: Reading) -> Iterator[Violation]:
    """What the coordinator excluded is not in the plan."""
    return _each(reading, reading.problem.policy.exclusions, RuleCode.EXCLUSION, True)


def declined(reading: Reading) -> Iterator[Violation]:
    """What a side declined is not proposed again."""
    return _each(reading, reading.problem.previous.declined, RuleCode.DECLINED, True)


def accepted(reading: Reading) -> Iterator[Violation]:
    """What was accepted stays as it was told, and a visit is still about its themes."""
    previous = reading.problem.previous
    yield from _each(reading, previous.accepted, RuleCode.ACCEPTED, False)
    now = {
        (place.guest, *told(entry.item)): set(entry.item.themes)
        for entry in reading.entries
        for place in entry.item.places
    }
    for item in previous.accepted_items:
        for place in item.places:
            themes = now.get((place.guest, *told(item)))
            about = set(item.themes) if item.instrument is Instrument.STUDY_VISIT else set()
            if themes is None or not about <= themes:
                yield violation(
                    RuleCode.ACCEPTED, guest=place.guest, host=item.host,
                    instrument=item.instrument.value,
                )  # fmt: skip
