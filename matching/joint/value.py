"""What a plan reaches, objective by objective, from its items alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from matching.items import Place
from matching.joint.history import Index, earlier_items, earlier_pairings
from matching.joint.model import JointProblem
from matching.model import TOP_NEEDS, Instrument, Item, ObjectiveCode

Items = tuple[Item, ...]


def value_of(problem: JointProblem, items: Items, code: ObjectiveCode) -> int:
    """The value of an objective."""
    if code is ObjectiveCode.KEEP:
        return len(_told(problem, items)) if is_repair(problem) else 0
    if code is ObjectiveCode.CHANGES:
        return _changes(problem, items)
    if code is ObjectiveCode.OBSERVERS:
        observers = {p.key for p in problem.parties if p.observer}
        return sum(
            item.instrument is Instrument.MISSION and item.places[0].guest in observers
            for item in items
        )
    if code is ObjectiveCode.COVER:
        return len({place.guest for item in items for place in item.places})
    if code is ObjectiveCode.WORST_OFF:
        return min((level for level, _ in levels_of(problem, items)), default=0)
    if code is ObjectiveCode.FIT:
        return fit_of(problem, items)
    if code is ObjectiveCode.COST:
        return sum(place.cost for item in items for place in item.places)
    if code is ObjectiveCode.SPREAD:
        return sum(count**2 for count in hosting(problem, items).values())
    avoided = set(problem.horizon.avoid)
    return sum(item.week in avoided for item in items)


def best_points(problem: JointProblem, items: Items) -> dict[int, int]:
    """Most points of each need among the services of a plan."""
    table = points_table(problem)
    index = Index(problem)
    theme = {name: at for at, name in enumerate(problem.themes)}
    best: dict[int, int] = defaultdict(int)
    for item in items:
        shown = {theme[name] for name in item.themes}
        for place in item.places:
            options = index.options(item, place.guest)
            for need, points in table[options[0]] if options else ():
                of_visit = item.instrument is Instrument.STUDY_VISIT
                if of_visit and problem.needs[need].theme not in shown:
                    continue
                best[need] = max(best[need], points)
    return best


def points_table(problem: JointProblem) -> list[list[tuple[int, int]]]:
    """For each option its needs and points."""
    serving = problem.serving
    rows: list[list[tuple[int, int]]] = [[] for _ in range(len(problem.options))]
    for option, need, points in zip(
        serving.option.tolist(), serving.need.tolist(), serving.points.tolist(), strict=True
    ):
        rows[option].append((need, points))
    return rows


def satisfaction_of(problem: JointProblem, best: dict[int, int]) -> dict[int, int]:
    """Satisfaction of each party with needs, in whole points."""
    total: dict[int, int] = defaultdict(int)
    weight: dict[int, int] = defaultdict(int)
    seen: dict[int, int] = defaultdict(int)
    for at, need in enumerate(problem.needs):
        if seen[need.guest] < TOP_NEEDS:
            weight[need.guest] += need.weight
            total[need.guest] += need.weight * best.get(at, 0)
        seen[need.guest] += 1
    return {guest: total[guest] // weight[guest] for guest in weight}


def levels_of(problem: JointProblem, items: Items) -> tuple[tuple[int, int], ...]:
    """Every level of satisfaction of the covered States, with their number, lowest first."""
    satisfaction = satisfaction_of(problem, best_points(problem, items))
    place = {row.key: at for at, row in enumerate(problem.parties)}
    covered = {place[p.guest] for item in items for p in item.places}
    return tuple(sorted(Counter(satisfaction[guest] for guest in covered).items()))


def fit_of(problem: JointProblem, items: Items) -> int:
    """Total fit of a plan."""
    best = best_points(problem, items)
    weight: dict[int, int] = defaultdict(int)
    for need in problem.needs:
        weight[need.guest] += need.weight
    total = sum(
        need.weight * best.get(at, 0) // weight[need.guest] for at, need in enumerate(problem.needs)
    )
    home = {expert.key: expert.party for expert in problem.experts}
    several = sum(len({home[key] for key in item.team}) > 1 for item in items)
    return total + problem.policy.weights.several_states * several


def hosting(problem: JointProblem, items: Iterable[Item]) -> Counter[str]:
    """Engagements of each party as host."""
    home = {e.key: problem.parties[e.party].key for e in problem.experts}
    count: Counter[str] = Counter()
    for item in items:
        count.update({home[key] for key in item.team} or {item.host})
    return count


def is_repair(problem: JointProblem) -> bool:
    """Whether there was a plan before."""
    return bool(earlier_items(problem) or earlier_pairings(problem))


Fact = tuple[object, ...]


def facts_of(problem: JointProblem, items: Iterable[Item]) -> dict[str, set[Fact]]:
    """What each party has been told, as guest and as host."""
    home = {e.key: problem.parties[e.party].key for e in problem.experts}
    facts: dict[str, set[Fact]] = defaultdict(set)
    for item in items:
        what = told_of(item)
        for place in item.places:
            facts[place.guest].add((*what, "guest"))
            for host in {home[key] for key in item.team} or {item.host}:
                facts[host].add((*what, "host", place.guest))
    return facts


def told_of(item: Item) -> Fact:
    """What a party is told of an item it is in; of a mentorship only with whom."""
    what: object = item.offer
    if item.instrument is Instrument.MENTORSHIP:
        what = None
    elif item.team:
        what = item.team[0], frozenset(item.team[1:])
    return item.instrument, what, item.host, item.week, item.language, item.delivery


def _before(problem: JointProblem) -> tuple[Item, ...]:
    """The plan before; mentorships that were given as pairings are items like others."""
    pairings = (
        Item(
            instrument=Instrument.MENTORSHIP, offer="-", host=p.host, places=(Place(guest=p.guest),)
        )
        for p in earlier_pairings(problem)
    )  # fmt: skip
    return (*earlier_items(problem), *pairings)


def _told(problem: JointProblem, items: Items) -> set[str]:
    before, now = facts_of(problem, _before(problem)), facts_of(problem, items)
    return {key for key in before.keys() | now.keys() if before.get(key) != now.get(key)}


def _changes(problem: JointProblem, items: Items) -> int:
    if not is_repair(problem):
        return 0
    before = {(told_of(i), p.guest) for i in _before(problem) for p in i.places}
    now = {(told_of(i), p.guest) for i in items for p in i.places}
    return len(before ^ now)
