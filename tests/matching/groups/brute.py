"""Every grouping of a tiny Problem, from the statement, and random tiny Problems."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from matching.groups.model import Alike, Group, GroupProblem, PairValues, Participant, Spread
from matching.model import Sense

Grouping = tuple[int, ...]


def keeps_rules(problem: GroupProblem, home: Grouping) -> bool:
    people = problem.participants
    place = {person.key: at for at, person in enumerate(people)}
    for at, group in enumerate(problem.groups):
        members = [people[who] for who in range(len(people)) if home[who] == at]
        if not group.least <= len(members) <= group.most:
            return False
        for name, word in group.fixed.items():
            if any(word not in person.words.get(name, ()) for person in members):
                return False
        for name in problem.same:
            if members and not set.intersection(*(set(p.words[name]) for p in members)):
                return False
        for rule in problem.spread:
            numbers = [person.numbers[rule.attribute] for person in members]
            if not fits(numbers, rule):
                return False
    return all(home[place[a]] == home[place[b]] for a, b in problem.together) and all(
        home[place[a]] != home[place[b]] for a, b in problem.apart
    )


def fits(numbers: list[int], rule: Spread) -> bool:
    if not numbers:
        return True
    if rule.around is None:
        return max(numbers) - min(numbers) <= rule.most
    # All within one arc: the widest gap between neighbours leaves at most ``most``.
    ring = sorted({number % rule.around for number in numbers})
    gaps = [b - a for a, b in itertools.pairwise(ring)] + [ring[0] + rule.around - ring[-1]]
    return rule.around - max(gaps) <= rule.most


def value(problem: GroupProblem, home: Grouping) -> tuple[int, int]:
    """People out of balance, and the total, both so that more is better."""
    people = problem.participants
    beyond = 0
    for name in problem.balance:
        for word in {word for person in people for word in person.words.get(name, ())}:
            holders = [who for who, p in enumerate(people) if word in p.words.get(name, ())]
            for at in range(len(problem.groups)):
                count = sum(home[who] == at for who in holders)
                share = len(holders) / len(problem.groups)
                beyond += max(0, count - int(np.ceil(share)), int(np.floor(share)) - count)
    table = problem.values
    total = sum(
        v for a, b, v in zip(table.first, table.second, table.value, strict=True)
        if home[a] == home[b]
    )  # fmt: skip
    for rule in problem.alike:
        for one, other in itertools.combinations(range(len(people)), 2):
            if home[one] == home[other]:
                words = set(people[one].words.get(rule.attribute, ()))
                both = words & set(people[other].words.get(rule.attribute, ()))
                total += rule.weight * len(both)
    return -beyond, total if problem.sense is Sense.MAX else -total


def all_groupings(problem: GroupProblem) -> Iterator[Grouping]:
    every = itertools.product(range(len(problem.groups)), repeat=len(problem.participants))
    return (home for home in every if keeps_rules(problem, home))


def best(problem: GroupProblem) -> tuple[int, int] | None:
    """What the best grouping reaches, None when there is none."""
    return max((value(problem, home) for home in all_groupings(problem)), default=None)


def random_problem(seed: int) -> GroupProblem:
    """A tiny Problem with any of the rules."""
    random = np.random.default_rng(seed)
    people, groups = int(random.integers(3, 8)), int(random.integers(1, 4))

    def some(words: str, most: int) -> tuple[str, ...]:
        count = int(random.integers(1, most + 1))
        return tuple(sorted(random.choice(list(words), count, replace=False).tolist()))

    def chance(part: float) -> bool:
        return bool(random.random() < part)

    rows = tuple(
        Participant(
            key=f"P{at}",
            words={"track": some("xy", 1), "tongue": some("abc", 2), "from": some("uvw", 1)},
            numbers={"zone": int(random.integers(-11, 12))},
        )
        for at in range(people)
    )
    first, second = np.triu_indices(people, 1)
    pairs = [(int(a), int(b)) for a, b in zip(first, second, strict=True) if chance(0.7)]
    names = [(f"P{a}", f"P{b}") for a, b in pairs]
    sizes = [
        (int(random.integers(0, people // groups + 1)),
         int(random.integers(-(-people // groups), people + 1)))
        for _ in range(groups)
    ]  # fmt: skip
    return GroupProblem(
        participants=rows,
        groups=tuple(
            Group(
                key=f"G{at}", least=least, most=most,
                fixed={"tongue": rows[0].words["tongue"][0]} if chance(0.15) else {},
            )
            for at, (least, most) in enumerate(sizes)
        ),
        same=tuple(name for name in ("track", "tongue") if chance(0.25)),
        spread=(
            (Spread(attribute="zone", most=int(random.integers(4, 13)),
                    around=24 if chance(0.7) else None),)
            if chance(0.3) else ()
        ),
        together=tuple(pair for pair in names[:3] if chance(0.15)),
        apart=tuple(pair for pair in names[3:6] if chance(0.2)),
        balance=tuple(name for name in ("from", "tongue") if chance(0.4)),
        alike=tuple(
            Alike(attribute=name, weight=int(random.integers(-2, 4)))
            for name in ("from", "tongue") if chance(0.4)
        ),
        values=PairValues(
            first=tuple(a for a, _ in pairs),
            second=tuple(b for _, b in pairs),
            value=tuple(int(v) for v in random.integers(-9, 10, len(pairs))),
        )
        if chance(0.5) else PairValues(),
        sense=Sense.MAX if chance(0.5) else Sense.MIN,
    )  # fmt: skip
