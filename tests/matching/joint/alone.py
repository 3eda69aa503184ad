"""All items of a tiny joint Problem that could stand alone, listed from the statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain, combinations, permutations

from matching.joint.model import JointProblem, NeedRow, Tongue
from matching.model import Delivery, Instrument, Item, Place

Items = tuple[Item, ...]

MENTORSHIP, VISIT = Instrument.MENTORSHIP, Instrument.STUDY_VISIT
MISSION, TRAINING = Instrument.MISSION, Instrument.TRAINING
NUMBER = {MENTORSHIP: 0, VISIT: 1, MISSION: 2, TRAINING: 3}
MODE = {None: 0, Delivery.ONLINE: 1, Delivery.IN_PERSON: 2}


class Facts:
    """A Problem by keys."""

    def __init__(self, problem: JointProblem) -> None:
        self.problem = problem
        self.party = {row.key: row for row in problem.parties}
        self.rows = [
            {row.key: row for row in rows}
            for rows in (problem.mentors, problem.visits, problem.experts, problem.courses)
        ]
        self.needs: dict[str, list[int]] = defaultdict(list)
        for at, need in enumerate(problem.needs):
            self.needs[problem.parties[need.guest].key].append(at)
        self.points: dict[int, dict[int, int]] = defaultdict(dict)
        for option, at, points in zip(
            problem.serving.option, problem.serving.need, problem.serving.points, strict=True
        ):
            self.points[int(option)][int(at)] = int(points)
        table = problem.options
        self.option: dict[tuple[int, str, str, int], int] = {}
        for row in range(len(table)):
            number = int(table.instrument[row])
            giver = problem.givers(number)[int(table.giver[row])].key
            guest = problem.parties[int(table.guest[row])].key
            self.option[number, giver, guest, int(table.mode[row])] = row

    def owner(self, number: int, giver: str) -> str:
        """The party of an offer or an expert."""
        return self.problem.parties[self.rows[number][giver].party].key

    def weeks(self, row: int) -> set[int]:
        at = int(self.problem.options.calendar[row])
        closed = set(self.problem.horizon.closed)
        return set(self.problem.calendars[at]) & set(range(self.problem.horizon.weeks)) - closed

    def tongues(self, row: int) -> dict[str, Tongue]:
        at = int(self.problem.options.tongue[row])
        listed = self.problem.tongues[at] if at >= 0 else ()
        return {self.problem.languages[tongue.language]: tongue for tongue in listed}

    def purse(self, row: int) -> frozenset[int]:
        at = int(self.problem.options.purse[row])
        return frozenset(self.problem.purses[at]) if at >= 0 else frozenset()

    def theme(self, need: NeedRow) -> str:
        return self.problem.themes[need.theme]

    def words(self, bits: int) -> set[str]:
        return {word for at, word in enumerate(self.problem.themes) if bits >> at & 1}

    def options_of(self, item: Item, place: Place) -> list[int]:
        """Rows behind a place: one, or the whole team's."""
        givers = item.team if item.instrument is MISSION else (item.offer or "",)
        number, mode = NUMBER[item.instrument], MODE[item.delivery]
        return [self.option[number, giver, place.guest, mode] for giver in givers]

    def hosts(self, item: Item) -> set[str]:
        """Parties that give an item."""
        number = NUMBER[item.instrument]
        givers = item.team if item.instrument is MISSION else (item.offer or "",)
        return {self.owner(number, giver) for giver in givers}

    def served(self, item: Item, place: Place) -> dict[int, int]:
        """Points by need of what a place serves."""
        points = self.points[self.options_of(item, place)[0]]
        if item.instrument is not VISIT:
            return points
        needs = self.problem.needs
        return {at: p for at, p in points.items() if self.theme(needs[at]) in item.themes}


# Items that can stand alone.


def items(facts: Facts) -> list[Item]:
    """Every item that no rule forbids by itself."""
    found = [
        *_mentorships(facts), *_visits(facts), *_missions(facts), *_courses(facts),
    ]  # fmt: skip
    problem = facts.problem
    barred = {
        (p.instrument, p.guest, p.host)
        for p in (*problem.policy.exclusions, *problem.previous.declined)
    }
    return [item for item in found if not brings(facts, item) & barred]


def brings(facts: Facts, item: Item) -> set[tuple[Instrument, str, str]]:
    """Whom an item brings together: instrument, guest, host."""
    return {
        (item.instrument, place.guest, host) for place in item.places for host in facts.hosts(item)
    }


def _mentorships(facts: Facts) -> Iterator[Item]:
    for (number, offer, guest, _), row in facts.option.items():
        if number == 0:
            persons = int(facts.problem.options.persons[row])
            yield Item(
                instrument=MENTORSHIP, offer=offer, host=facts.owner(0, offer),
                places=(Place(guest=guest, persons=persons),),
            )  # fmt: skip


def _gatherings(
    facts: Facts, number: int, offer: str, mode: int
) -> Iterator[tuple[int, str, tuple[Place, ...]]]:
    """Week, language and places of every group that an offer's options allow."""
    table = facts.problem.options
    rows = {
        guest: row
        for (n, giver, guest, m), row in facts.option.items()
        if (n, giver, m) == (number, offer, mode)
    }
    for week in range(facts.problem.horizon.weeks):
        for language in facts.problem.languages:
            able = sorted(
                guest
                for guest, row in rows.items()
                if week in facts.weeks(row) and language in facts.tongues(row)
            )
            for group in _subsets(able):
                places = []
                for guest in group:
                    row, tongue = rows[guest], facts.tongues(rows[guest])[language]
                    cost = int(table.cost[row]) + tongue.cost if mode != 1 else 0
                    places.append(
                        Place(
                            guest=guest, persons=int(table.persons[row]), cost=cost,
                            interpreted=tongue.interpreted,
                        )
                    )  # fmt: skip
                if not _apart(facts, number, set(group)) or mode == 1:
                    yield week, language, tuple(places)


def _subsets(of: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(of, size) for size in range(1, len(of) + 1))


def _apart(facts: Facts, number: int, parties: set[str]) -> bool:
    """Two of these parties are to be apart for the instrument."""
    keys = [row.key for row in facts.problem.parties]
    return any(
        NUMBER[instrument] == number and {keys[one], keys[other]} <= parties
        for instrument, one, other in facts.problem.apart
    )


def _visits(facts: Facts) -> Iterator[Item]:
    for offer in facts.problem.visits:
        themes = [facts.problem.themes[at] for at in offer.themes]
        for week, language, places in _gatherings(facts, 1, offer.key, 0):
            if not offer.delegations_min <= len(places) <= offer.delegations_max:
                continue
            if not offer.persons_min <= sum(p.persons for p in places) <= offer.persons_max:
                continue
            for chosen in _subsets(themes):
                item = Item(
                    instrument=VISIT, offer=offer.key, host=facts.owner(1, offer.key), week=week,
                    language=language, themes=chosen, places=places,
                )  # fmt: skip
                if len(chosen) <= offer.themes_max and all(
                    facts.served(item, place) for place in places
                ):
                    yield item


def _missions(facts: Facts) -> Iterator[Item]:
    problem = facts.problem
    for guest, needs in facts.needs.items():
        asked = [n for n in (problem.needs[at] for at in needs) if n.mission]
        request = {facts.theme(need) for need in asked}
        experts = sorted(g for (n, g, who, _) in facts.option if (n, who) == (2, guest))
        for team in chain.from_iterable(permutations(experts, size) for size in (2, 3, 4)):
            if list(team[1:]) != sorted(team[1:]):
                continue
            rows = [facts.option[2, expert, guest, 0] for expert in team]
            covered = set[str]().union(*(facts.words(int(problem.options.themes[r])) for r in rows))
            parties = {facts.owner(2, expert) for expert in team}
            if not request or not request <= covered or _apart(facts, 2, parties):
                continue
            free = set[int].intersection(*(facts.weeks(row) for row in rows))
            free &= set[int].intersection(*(set(_expert_weeks(facts, e)) for e in team))
            for week in sorted(free):
                for language, tongue in facts.tongues(rows[0]).items():
                    cost = sum(int(problem.options.cost[row]) for row in rows) + tongue.cost
                    place = Place(
                        guest=guest, persons=int(problem.options.persons[rows[0]]), cost=cost,
                        interpreted=tongue.interpreted,
                    )  # fmt: skip
                    yield Item(
                        instrument=MISSION, host=facts.owner(2, team[0]), week=week,
                        language=language, team=team, places=(place,),
                        themes=tuple(word for word in problem.themes if word in request),
                    )  # fmt: skip


def _expert_weeks(facts: Facts, expert: str) -> tuple[int, ...]:
    return next(row.weeks for row in facts.problem.experts if row.key == expert)


def _courses(facts: Facts) -> Iterator[Item]:
    for offer in facts.problem.courses:
        for delivery, mode in ((Delivery.ONLINE, 1), (Delivery.IN_PERSON, 2)):
            for week, language, places in _gatherings(facts, 3, offer.key, mode):
                item = Item(
                    instrument=TRAINING, offer=offer.key, host=facts.owner(3, offer.key),
                    week=week, language=language, delivery=delivery, places=places,
                )  # fmt: skip
                seats = sum(place.persons for place in places)
                if offer.seats_min <= seats <= offer.seats_max and (
                    mode == 2 or _clocks_close(facts, item)
                ):
                    yield item


def _clocks_close(facts: Facts, item: Item) -> bool:
    """Some clock comes first, and all others are at most so many hours ahead of it."""
    most = facts.problem.policy.zone_spread_hours * 60
    keys = [item.host, *(place.guest for place in item.places)]
    clocks = [row.offset for row in map(facts.party.__getitem__, keys) if row.offset is not None]
    return not clocks or any(
        all((clock - first) % 1440 <= most for clock in clocks) for first in clocks
    )
