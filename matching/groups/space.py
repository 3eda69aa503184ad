"""A grouping Problem as arrays: what searches and bounds count with.

Who is to be together is one **unit**. A rule that members share a word, or that their numbers lie
within a stretch, becomes a **need**: a table of units and words, where the members of a group must
have a column in common. For a stretch of length *L* there is a word for each number *z* that
somebody has: "from *z* to *z + L*".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matching.groups.model import GroupProblem, Participant, Spread
from matching.model import Sense

Numbers: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
Bits: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Need:
    """Words of a hard rule. ``parts``: everyone has exactly one of them, so they part people."""

    attribute: str
    words: tuple[str, ...]
    held: Bits  # people x words
    parts: bool


@dataclass(frozen=True)
class Space:
    """Arrays of a Problem over *n* people, *u* units, *G* groups.

    ``value`` (n x n) is what a pair in one group adds to what is *maximised*, whole numbers as
    doubles, 0 on the diagonal: with sense "min" all signs are turned. ``counted`` (n x V) tells
    who has each balanced word, ``low`` and ``high`` how many each group should have.
    """

    problem: GroupProblem
    unit: Whole  # of each participant
    units: int
    value: Numbers
    needs: tuple[Need, ...]
    allowed: Bits  # people x groups
    together: tuple[tuple[int, int], ...]
    apart: tuple[tuple[int, int], ...]
    counted: Bits
    low: Whole
    high: Whole
    least: Whole
    most: Whole

    @property
    def sign(self) -> int:
        """1 when the total is maximised, -1 when it is minimised."""
        return 1 if self.problem.sense is Sense.MAX else -1

    def total(self, home: Whole) -> int:
        """What a grouping's pairs add up to, in the orientation of ``value``."""
        inside = home[:, None] == home[None, :]
        return round(float(self.value[inside].sum())) // 2

    def out_of_balance(self, home: Whole) -> int:
        """People out of balance (see ``model``)."""
        groups = len(self.least)
        count = np.zeros((groups, self.counted.shape[1]), np.int64)
        np.add.at(count, home, self.counted.astype(np.int64))
        return int(np.maximum(np.maximum(count - self.high, self.low - count), 0).sum())


def space(problem: GroupProblem) -> Space:
    """The arrays of a Problem that was found sound."""
    people = problem.participants
    place = {person.key: at for at, person in enumerate(people)}
    unit = _units(len(people), [(place[a], place[b]) for a, b in problem.together])
    allowed = np.ones((len(people), len(problem.groups)), bool)
    for at, group in enumerate(problem.groups):
        for attribute, word in group.fixed.items():
            allowed[:, at] &= [word in person.words.get(attribute, ()) for person in people]
    counted = [words_of(people, attribute)[1] for attribute in problem.balance]
    balanced = np.hstack(counted) if counted else np.zeros((len(people), 0), bool)
    holders = balanced.sum(axis=0)
    groups = len(problem.groups)
    return Space(
        problem=problem,
        unit=unit,
        units=int(unit.max()) + 1,
        value=_values(problem),
        needs=(
            *(_shared(people, attribute) for attribute in problem.same),
            *(_stretch(people, rule) for rule in problem.spread),
        ),
        allowed=allowed,
        together=tuple((place[a], place[b]) for a, b in problem.together),
        apart=tuple((place[a], place[b]) for a, b in problem.apart),
        counted=balanced,
        low=holders // groups,
        high=-(-holders // groups),
        least=np.array([group.least for group in problem.groups], np.int64),
        most=np.array([group.most for group in problem.groups], np.int64),
    )


def _units(people: int, together: list[tuple[int, int]]) -> Whole:
    """A number for each set of people who are to be together, by first appearance."""
    root = list(range(people))

    def top(at: int) -> int:
        while root[at] != at:
            root[at] = root[root[at]]
            at = root[at]
        return at

    for one, other in together:
        first, second = sorted((top(one), top(other)))
        root[second] = first
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(top(at), len(numbers)) for at in range(people)], np.int64)


def words_of(people: tuple[Participant, ...], attribute: str) -> tuple[tuple[str, ...], Bits]:
    """The words of an attribute and who has them."""
    words = sorted({word for person in people for word in person.words.get(attribute, ())})
    held = [[word in person.words.get(attribute, ()) for word in words] for person in people]
    return tuple(words), np.array(held, bool).reshape(len(people), len(words))


def _shared(people: tuple[Participant, ...], attribute: str) -> Need:
    words, held = words_of(people, attribute)
    return Need(attribute, words, held, bool((held.sum(axis=1) == 1).all()))


def _stretch(people: tuple[Participant, ...], rule: Spread) -> Need:
    numbers = np.array([person.numbers[rule.attribute] for person in people], np.int64)
    starts = np.unique(numbers if rule.around is None else numbers % rule.around)
    ahead = numbers[:, None] - starts[None, :]
    held = (ahead >= 0) & (ahead <= rule.most)
    if rule.around is not None:
        held = ahead % rule.around <= rule.most
    return Need(rule.attribute, tuple(map(str, starts)), held, False)


def _values(problem: GroupProblem) -> Numbers:
    """What each pair in one group adds, turned so that more is better."""
    people = len(problem.participants)
    value = np.zeros((people, people))
    table = problem.values
    first, second = np.array(table.first, np.int64), np.array(table.second, np.int64)
    value[first, second] = value[second, first] = np.array(table.value, np.float64)
    for rule in problem.alike:
        _, held = words_of(problem.participants, rule.attribute)
        ones = held.astype(np.float64)
        value += rule.weight * (ones @ ones.T)
    np.fill_diagonal(value, 0)
    return value if problem.sense is Sense.MAX else -value
