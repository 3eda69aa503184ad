"""The values of the objectives, found again from their statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias

from matching.joint.check.history import told, told_of
from matching.joint.check.loads import engagements_of_hosts
from matching.joint.check.reading import MISSION, Reading
from matching.model import TOP_NEEDS, Instrument, Item, ObjectiveCode

Levels: TypeAlias = tuple[tuple[int, int], ...]
Facts: TypeAlias = set[tuple[object, ...]]


class Values:
    """The values of a plan's objectives."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.best: dict[int, int] = {}
        self.guests: set[int] = set()
        for entry in reading.entries:
            for seat in entry.seats:
                if seat.guest >= 0:
                    self.guests.add(seat.guest)
                for need, points in reading.served(entry, seat).items():
                    self.best[need] = max(points, self.best.get(need, 0))

    def of(self, code: ObjectiveCode) -> tuple[int, Levels]:
        """Value of an objective, and of the worst-off its levels."""
        if code is ObjectiveCode.WORST_OFF:
            counts = Counter(satisfaction(self.reading, self.best, g) for g in self.guests)
            return min(counts, default=0), tuple(sorted(counts.items()))
        plain = {
            ObjectiveCode.KEEP: self.keep, ObjectiveCode.CHANGES: self.changes,
            ObjectiveCode.OBSERVERS: self.observers, ObjectiveCode.COVER: self.cover,
            ObjectiveCode.FIT: self.fit, ObjectiveCode.COST: self.cost,
            ObjectiveCode.SPREAD: self.spread, ObjectiveCode.AVOID: self.avoid,
        }  # fmt: skip
        return plain[code](), ()

    def _before(self) -> tuple[Facts, Facts]:
        """The previous plan: guests' parts in items, and facts of parties."""
        previous = self.reading.problem.previous
        parts, facts = _told(self.reading, (*previous.accepted_items, *previous.proposed_items))
        for pairing in (*previous.accepted, *previous.proposed):
            if pairing.instrument is Instrument.MENTORSHIP:
                parts.add((pairing.guest, *told_of(pairing)))
                facts.add((pairing.guest, *told_of(pairing)))
                facts.add((pairing.host, *told_of(pairing), pairing.guest))
        return parts, facts

    def keep(self) -> int:
        """Parties that hear something new."""
        parts, facts = self._before()
        _, now = _told(self.reading, self.reading.plan.items)
        return len({party for party, *_ in facts ^ now}) if parts else 0

    def changes(self) -> int:
        """Guests' parts in items that stand in one of the two plans only."""
        parts, _ = self._before()
        now, _ = _told(self.reading, self.reading.plan.items)
        return len(parts ^ now) if parts else 0

    def observers(self) -> int:
        """Observers with a mission."""
        parties = self.reading.problem.parties
        asked = {seat.guest for entry in self.reading.of(MISSION) for seat in entry.seats}
        return sum(1 for guest in asked if guest >= 0 and parties[guest].observer)

    def cover(self) -> int:
        """Guests with a place."""
        return len(self.guests)

    def fit(self) -> int:
        """Points of all needs, each by its share, and what teams of several States add."""
        teams = sum(len(self.reading.hosts(entry)) > 1 for entry in self.reading.of(MISSION))
        more = self.reading.problem.policy.weights.several_states
        return total_fit(self.reading, self.best) + more * teams

    def cost(self) -> int:
        """What all places cost together."""
        return sum(place.cost for item in self.reading.plan.items for place in item.places)

    def spread(self) -> int:
        """Squared engagements as host, over all parties."""
        return sum(c.total() ** 2 for c in engagements_of_hosts(self.reading).values())

    def avoid(self) -> int:
        """Items in weeks to avoid."""
        weeks = set(self.reading.problem.horizon.avoid)
        return sum(item.week in weeks for item in self.reading.plan.items)


def _told(reading: Reading, items: Iterable[Item]) -> tuple[Facts, Facts]:
    """Guests' parts in items as told, and all that each party hears; the party stands first."""
    experts = reading.problem.experts
    parts: Facts = set()
    facts: Facts = set()
    for item in items:
        known = [reading.keys[MISSION][key] for key in item.team if key in reading.keys[MISSION]]
        hosts = {item.host, *(reading.problem.parties[experts[at].party].key for at in known)}
        for place in item.places:
            parts.add((place.guest, *told(item)))
            facts.update((host, *told(item), place.guest) for host in hosts)
    return parts, facts | parts


def satisfaction(reading: Reading, best: dict[int, int], guest: int) -> int:
    """Whole points of a State over its first three needs."""
    needs = [(at, reading.problem.needs[at].weight) for at in reading.needs.get(guest, ())]
    first = needs[:TOP_NEEDS]
    points = sum(weight * best.get(at, 0) for at, weight in first)
    return points // sum(weight for _, weight in first) if first else 0


def total_fit(reading: Reading, best: dict[int, int]) -> int:
    """The sum over all needs of their best points by their share of the State's weights."""
    rows = reading.problem.needs
    return sum(
        rows[at].weight * best[at] // sum(rows[other].weight for other in needs)
        for needs in reading.needs.values()
        for at in needs
        if at in best
    )
