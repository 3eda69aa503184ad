"""Every plan of a tiny joint Problem, one by one: the plainest statement of what is best.

Written from the statement in ``matching.joint.model``, without a look at solver or check. All
items that could stand alone are listed first (``alone``); then every set of them that can stand
together. Items carry costs and no payments: whether the sources suffice does not depend on who
pays whom, only on sums (:func:`affordable`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from matching.joint.model import JointProblem
from matching.model import Instrument, Item, Load, ObjectiveCode, Pairing, Place, WorstOff
from tests.matching.joint.alone import (
    MENTORSHIP,
    MISSION,
    TRAINING,
    VISIT,
    Facts,
    Items,
    brings,
    items,
)

Vector = tuple[object, ...]
MOST_ITEMS = 60
MOST_PLANS = 1_500


class TooMany(Exception):
    """The Problem has more plans than were asked for: it is not tiny."""


# Items that can stand together.


def together(facts: Facts, chosen: Items) -> bool:
    """No rule that more items can only break is broken."""
    return (
        _each_guest(facts, chosen)
        and _each_offer(facts, chosen)
        and _each_expert(facts, chosen)
        and _loads(facts, chosen)
        and affordable(facts, chosen)
    )


def _once(counted: Counter[tuple[object, ...]]) -> bool:
    return max(counted.values(), default=0) <= 1


def _each_guest(facts: Facts, chosen: Items) -> bool:
    """One item a week, one mentor, one mission; an offer once."""
    once: Counter[tuple[object, ...]] = Counter()
    for item in chosen:
        for place in item.places:
            if item.instrument in (MENTORSHIP, MISSION):
                once[item.instrument, place.guest] += 1
            else:
                once[item.instrument, item.offer, place.guest] += 1
            if item.week is not None:
                once["week", item.week, place.guest] += 1
    return _once(once)


def _each_offer(facts: Facts, chosen: Items) -> bool:
    """Mentors' places, visits of an offer, one visit a week for a host, one run of a course."""
    given = Counter((item.instrument, item.offer) for item in chosen)
    busy = Counter[tuple[object, ...]](
        (item.host, item.week) for item in chosen if item.instrument is VISIT
    )
    problem = facts.problem
    return (
        all(given[MENTORSHIP, row.key] <= row.capacity for row in problem.mentors)
        and all(given[VISIT, row.key] <= row.visits for row in problem.visits)
        and all(given[TRAINING, row.key] <= 1 for row in problem.courses)
        and _once(busy)
    )


def _each_expert(facts: Facts, chosen: Items) -> bool:
    """One mission a week, so many missions, so many days."""
    teams = [(item.week, expert) for item in chosen for expert in item.team]
    given = Counter(expert for _, expert in teams)
    days = facts.problem.policy.durations.mission
    return _once(Counter(teams)) and all(
        given[row.key] <= row.missions and given[row.key] * days <= row.person_days
        for row in facts.problem.experts
    )


def engagements(facts: Facts, chosen: Items) -> tuple[dict[str, Counter[int | None]], ...]:
    """Engagements of every party by week, as guest and as host; a mentorship's week is None."""
    guest: dict[str, Counter[int | None]] = defaultdict(Counter)
    host: dict[str, Counter[int | None]] = defaultdict(Counter)
    for item in chosen:
        for place in item.places:
            guest[place.guest][item.week] += 1
        for party in facts.hosts(item):
            host[party][item.week] += 1
    return guest, host


def _loads(facts: Facts, chosen: Items) -> bool:
    guest, host = engagements(facts, chosen)
    return all(
        _within(row.guest, guest[row.key]) and _within(row.host, host[row.key])
        for row in facts.problem.parties
    )


def _within(load: Load, weeks: Counter[int | None]) -> bool:
    at_once = max((weeks[None] + weeks[week] for week in weeks if week is not None),
                  default=weeks[None])  # fmt: skip
    return (load.total is None or weeks.total() <= load.total) and (
        load.at_once is None or at_once <= load.at_once
    )


def affordable(facts: Facts, chosen: Items) -> bool:
    """For every set of sources: what only they may pay is not more than they have together.

    By the theorem of Gale (1957) on supply and demand, then everyone can be paid.
    """
    sources = facts.problem.sources
    if not sources:
        return True
    bills = [
        (facts.purse(facts.options_of(item, place)[0]), place.cost)
        for item in chosen
        for place in item.places
    ]
    everyone = range(len(sources))
    return all(
        sum(cost for purse, cost in bills if purse <= set(payers))
        <= sum(sources[at].amount for at in payers)
        for size in range(len(sources) + 1)
        for payers in combinations(everyone, size)
    )


def _held(facts: Facts, chosen: Items) -> bool:
    """Pins and what was accepted stand."""
    problem = facts.problem
    there = set[tuple[Instrument, str, str]]().union(*(brings(facts, item) for item in chosen))
    wanted: tuple[Pairing, ...] = (*problem.pins, *problem.previous.accepted)
    return all((p.instrument, p.guest, p.host) in there for p in wanted) and all(
        any(part in told(item) and _about(old, item) for item in chosen)
        for old in problem.previous.accepted_items
        for part in told(old)
    )


def _about(old: Item, new: Item) -> bool:
    """A visit is still about the themes for which it was accepted."""
    return old.instrument is not VISIT or set(old.themes) <= set(new.themes)


def told(item: Item) -> list[tuple[object, ...]]:
    """What each guest hears about its part in an item."""
    what: object = item.offer
    if item.instrument is MENTORSHIP:
        what = None
    if item.instrument is MISSION:
        what = item.team[0], frozenset(item.team[1:])
    return [
        (place.guest, item.instrument, what, item.host, item.week, item.language, item.delivery)
        for place in item.places
    ]


def plans(problem: JointProblem, most: int = MOST_PLANS) -> Iterator[Items]:
    """Every valid plan, unpaid.

    Raises
    ------
    TooMany
        More than ``most`` sets of items can stand together, or more than ``MOST_ITEMS`` alone.
    """
    facts = Facts(problem)
    able = [item for item in items(facts) if together(facts, (item,))]
    if len(able) > MOST_ITEMS:
        raise TooMany
    beside = [
        {b for b in range(a + 1, len(able)) if together(facts, (able[a], able[b]))}
        for a in range(len(able))
    ]
    left = most

    def extend(chosen: Items, possible: list[int]) -> Iterator[Items]:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooMany
        if _held(facts, chosen):
            yield chosen
        for at in possible:
            larger = (*chosen, able[at])
            if len(larger) < 3 or together(facts, larger):
                yield from extend(larger, [b for b in possible if b in beside[at]])

    yield from extend((), list(range(len(able))))


# What is best.


def vector(facts: Facts, chosen: Items) -> Vector:
    """The objectives of a plan in policy order, so that a larger tuple is a better plan.

    What is to be small is negative, the worst-off are a tuple in ascending order (with "minimum
    only" its first entry), and what is switched off is 0 or ().
    """
    policy = facts.problem.policy
    reached = values(facts, chosen)
    found: list[object] = []
    for code in policy.order:
        value = reached[code]
        if code is ObjectiveCode.WORST_OFF:
            ascending = levels(facts, chosen)
            most = {WorstOff.LEXIMIN: len(ascending), WorstOff.MINIMUM: 1, WorstOff.OFF: 0}
            found.append(ascending[: most[policy.worst_off]])
        elif code is ObjectiveCode.OBSERVERS:
            found.append(value if policy.observers_first else 0)
        elif code in (ObjectiveCode.COVER, ObjectiveCode.FIT):
            found.append(value)
        else:
            found.append(-value)
    return tuple(found)


def _best(facts: Facts, chosen: Items) -> dict[int, int]:
    """Most points of each need that is served."""
    best: dict[int, int] = {}
    for item in chosen:
        for place in item.places:
            for need, points in facts.served(item, place).items():
                best[need] = max(points, best.get(need, 0))
    return best


def levels(facts: Facts, chosen: Items) -> tuple[int, ...]:
    """Satisfaction of every guest in the plan, lowest first."""
    best, needs = _best(facts, chosen), facts.problem.needs
    found = []
    for guest in {place.guest for item in chosen for place in item.places}:
        first = facts.needs[guest][:3]
        total = sum(needs[at].weight * best.get(at, 0) for at in first)
        found.append(total // sum(needs[at].weight for at in first))
    return tuple(sorted(found))


def values(facts: Facts, chosen: Items) -> dict[ObjectiveCode, int]:
    """Every objective of a plan, in its own unit."""
    problem = facts.problem
    best, needs = _best(facts, chosen), problem.needs
    fit = 0
    for mine in facts.needs.values():
        weights = sum(needs[at].weight for at in mine)
        fit += sum(needs[at].weight * best.get(at, 0) // weights for at in mine)
    missions = [item for item in chosen if item.instrument is MISSION]
    several = sum(len(facts.hosts(item)) >= 2 for item in missions)
    _, host = engagements(facts, chosen)
    keep, changes = _news(facts, chosen)
    return {
        ObjectiveCode.KEEP: keep,
        ObjectiveCode.CHANGES: changes,
        ObjectiveCode.OBSERVERS: sum(facts.party[m.places[0].guest].observer for m in missions),
        ObjectiveCode.COVER: len({place.guest for item in chosen for place in item.places}),
        ObjectiveCode.WORST_OFF: min(levels(facts, chosen), default=0),
        ObjectiveCode.FIT: fit + problem.policy.weights.several_states * several,
        ObjectiveCode.COST: sum(place.cost for item in chosen for place in item.places),
        ObjectiveCode.SPREAD: sum(weeks.total() ** 2 for weeks in host.values()),
        ObjectiveCode.AVOID: sum(item.week in problem.horizon.avoid for item in chosen),
    }


def _news(facts: Facts, chosen: Items) -> tuple[int, int]:
    """Parties that hear something new, and parts that are in one of the two plans only."""
    previous = facts.problem.previous
    mentorships = [
        Item(instrument=MENTORSHIP, offer="any", host=p.host, places=(Place(guest=p.guest),))
        for p in (*previous.accepted, *previous.proposed)
        if p.instrument is MENTORSHIP
    ]
    before = (*previous.accepted_items, *previous.proposed_items, *mentorships)
    if not before:
        return 0, 0
    old, new = _heard(facts, before), _heard(facts, chosen)
    keep = sum(old.get(party) != new.get(party) for party in old.keys() | new.keys())
    parts = [{part for item in plan for part in told(item)} for plan in (before, chosen)]
    return keep, len(parts[0] ^ parts[1])


def _heard(facts: Facts, chosen: Items) -> dict[str, set[tuple[object, ...]]]:
    """What each party hears: guests about their part, those who give about each guest."""
    found: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for item in chosen:
        parties = {facts.owner(2, expert) for expert in item.team if expert in facts.rows[2]}
        for part in told(item):
            found[str(part[0])].add(("guest", *part))
            for party in {item.host} | parties:
                found[party].add(("host", *part))
    return found


def best(problem: JointProblem, most: int = MOST_PLANS) -> tuple[Vector, list[Items]] | None:
    """The best vector and every plan that reaches it; None when no plan is possible.

    Raises
    ------
    TooMany
        More than ``most`` sets of items can stand together, or more than ``MOST_ITEMS`` alone.
    """
    facts = Facts(problem)
    reached: list[Items] = []
    top: Vector | None = None
    for chosen in plans(problem, most):
        now = vector(facts, chosen)
        if top is None or now > top:
            top, reached = now, [chosen]
        elif now == top:
            reached.append(chosen)
    return None if top is None else (top, reached)
