"""Near a plan: the part of a large Problem in which a question about some parties is answered.

Some States are free to move; all others keep their places. A plan of the part is one of the
whole, so what is found is possible; that nothing better lies farther away is a claim. A Problem
of few options is its own part, with everybody free: there every answer is proven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matching.joint.again import Again
from matching.joint.cut import Finder, part_of
from matching.joint.history import rows_of
from matching.joint.model import INSTRUMENTS, JointProblem
from matching.model import Instrument, Item, Pairing, Previous
from matching.watch import Watch

WHOLE = 400
"""Up to so many options a question is answered on the whole Problem."""

WORK = 0.5
"""Deterministic work of one run near a plan."""

FREE = 12
"""States that may move, beside those that the question is about."""

OWN, OTHERS = 20, 6
"""Options that a State of the question, and another State that may move, has at hand."""

MISSION = INSTRUMENTS.index(Instrument.MISSION)

Giver = tuple[int, int]
"""Instrument by its number, and position of the giver."""


@dataclass(frozen=True)
class Part:
    """A part of a Problem; States in ``held`` keep their places of ``items``."""

    problem: JointProblem
    items: tuple[Item, ...]
    held: frozenset[str]
    whole: bool

    def again(self, watch: Watch, seed: int, workers: int = 1) -> Again:
        """Solve the part again, from the plan's items."""
        return Again(
            self.problem, watch=watch, seed=seed, workers=workers, start=self.items,
            held=self.held, work=None if self.whole else WORK,
        )  # fmt: skip


class Near:
    """The surroundings of a plan in a Problem."""

    def __init__(self, problem: JointProblem, items: Sequence[Item]) -> None:
        self.problem, self.items = problem, tuple(items)
        self.finder = Finder(problem)
        self.whole = len(problem.options) <= WHOLE
        self.table = problem.options

    @cached_property
    def rows(self) -> set[int]:
        """Options of the plan, and of the plan before it."""
        found = self.finder.rows(self.items)
        previous = self.problem.previous
        if previous != Previous(declined=previous.declined):
            found |= rows_of(self.problem)
        for pin in self.problem.pins:
            found |= set(self.finder.between(pin))
        return found

    @cached_property
    def best(self) -> np.typing.NDArray[np.int64]:
        """Most points that an option has for any need."""
        points = np.zeros(len(self.table), np.int64)
        np.maximum.at(points, self.problem.serving.option, self.problem.serving.points)
        return points

    def givers_of(self, item: Item) -> set[Giver]:
        """The givers of an item."""
        kind = INSTRUMENTS.index(item.instrument)
        rows = self.problem.givers(kind)
        keys = set(item.team) or {item.offer or ""}
        return {(kind, at) for at, row in enumerate(rows) if row.key in keys}

    def guests_at(self, givers: Collection[Giver]) -> list[int]:
        """States with an item of one of the givers in the plan."""
        return sorted(
            {
                self.finder.party[place.guest]
                for item in self.items
                if self.givers_of(item) & set(givers)
                for place in item.places
                if place.guest in self.finder.party
            }
        )

    def askers(self, givers: Iterable[Giver], most: int) -> list[int]:
        """States with an option at one of the givers, those with the fewest places first."""
        count: dict[str, int] = {}
        for item in self.items:
            for place in item.places:
                count[place.guest] = count.get(place.guest, 0) + 1
        found: set[int] = set()
        for kind, giver in givers:
            mine = (self.table.instrument == kind) & (self.table.giver == giver)
            found |= set(np.unique(self.table.guest[mine]).tolist())
        keys = [row.key for row in self.problem.parties]
        return sorted(found, key=lambda guest: (count.get(keys[guest], 0), guest))[:most]

    def part(
        self, guests: Collection[int], givers: Collection[Giver] = (), *, askers: int = 0
    ) -> Part:
        """Free some States, and those who stand in their way.

        Parameters
        ----------
        guests
            States that the question is about: their options come with them.
        givers
            Givers that it is about: States with them may move too.
        askers
            How many of the States that could be with them may move as well.
        """
        if self.whole:
            return Part(self.problem, self.items, frozenset(), whole=True)
        rows = set(self.rows)
        near = self.guests_at(givers)[:FREE]
        near += [guest for guest in self.askers(givers, askers) if guest not in near]
        near = [guest for guest in near if guest not in set(guests)]
        focus = set(givers)
        for guest in guests:
            rows |= set(self.options(guest, focus, OWN))
        for guest in near:
            rows |= set(self.options(guest, focus, OTHERS))
        keys = {self.problem.parties[guest].key for guest in (*guests, *near)}
        held = frozenset(row.key for row in self.problem.parties if row.key not in keys)
        return Part(part_of(self.problem, rows), self.items, held, whole=False)

    def options(self, guest: int, givers: set[Giver], most: int) -> list[int]:
        """A State's options: those with the givers, then those that fit best."""
        mine = np.flatnonzero(self.table.guest == guest)
        at_givers = [
            at for at in mine.tolist()
            if (int(self.table.instrument[at]), int(self.table.giver[at])) in givers
        ]  # fmt: skip
        order = mine[np.argsort(-self.best[mine], kind="stable")][:most]
        return [*at_givers, *order.tolist()]

    def context(self, guest: int, rows: Sequence[int]) -> Part:
        """A State and some options of its own, among the items that it meets there.

        Those are its own, and all of the parties that would give. What other items are paid with
        is taken from the sources.
        """
        problem, table = self.problem, self.table
        rows = sorted(rows, key=lambda at: (-int(self.best[at]), at))[:OWN]
        if any(table.instrument[at] == MISSION for at in rows):
            mine = (table.instrument == MISSION) & (table.guest == guest)
            rows = [*rows, *np.flatnonzero(mine).tolist()]
        hosts = {problem.party_of(int(table.instrument[at]), int(table.giver[at])) for at in rows}
        key = problem.parties[guest].key
        met: list[Item] = []
        others: list[Item] = []
        for item in self.items:
            parties = {problem.party_of(*giver) for giver in self.givers_of(item)}
            here = parties & hosts or key in {place.guest for place in item.places}
            (met if here else others).append(item)
        spent = Counter[str]()
        for item in others:
            for place in item.places:
                spent.update({payment.source: payment.amount for payment in place.paid})
        near_items = {(item.offer, item.team, item.week) for item in met}
        made = {pair for item in met for pair in brings(problem, item)}
        previous = problem.previous
        part = replace(
            problem,
            sources=tuple(
                row.model_copy(update={"amount": max(row.amount - spent[row.key], 0)})
                for row in problem.sources
            ),
            pins=tuple(pair for pair in problem.pins if pair in made),
            previous=Previous(
                declined=previous.declined,
                accepted=tuple(pair for pair in previous.accepted if pair in made),
                accepted_items=tuple(
                    item for item in previous.accepted_items
                    if (item.offer, item.team, item.week) in near_items
                ),
            ),
        )  # fmt: skip
        held = frozenset(row.key for row in problem.parties if row.key != key)
        kept = self.finder.rows(met) | set(rows)
        return Part(part_of(part, kept), tuple(met), held, whole=False)

    def parts_of(self, pairing: Pairing) -> list[Giver]:
        """Givers behind the options of a pairing."""
        return sorted(
            {
                (int(self.table.instrument[at]), int(self.table.giver[at]))
                for at in self.finder.between(pairing)
            }
        )


def brings(problem: JointProblem, item: Item) -> set[Pairing]:
    """Pairings that an item makes."""
    home = {row.key: problem.parties[row.party].key for row in problem.experts}
    hosts = {home[key] for key in item.team if key in home} or {item.host}
    if item.instrument is not Instrument.MISSION:
        hosts = {item.host}
    return {
        Pairing(instrument=item.instrument, guest=place.guest, host=host)
        for place in item.places
        for host in hosts
    }
