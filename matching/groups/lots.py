"""A relaxation that counts groups by what they share: the bound where attributes decide.

A **lot** is a choice of one word for each need, with the people who have all of them. Groups of
one kind (sizes and fixed words) that choose the same lot are not told apart: *K* says how many
they are, *x* how many of a class of people they hold together. What is convex in one group's
numbers is then convex in *x* and *K*: *c* holders of a word in *K* groups make at least
``k c - k (k + 1) / 2 K`` pairs for every whole *k*, and are at least ``c - high K`` too many. So
there is no symmetry between groups left, and no fractional label to hide behind. Only lots with a
largest set of people are needed: a label costs nothing.

The linear relaxation is about as strong as that of all possible groups as columns (Dantzig and
Wolfe), because what a column would add, a group of whole people, is nearly linear here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from matching.groups.rules import Rules, classes_of
from matching.groups.space import Bits, Space, Whole, words_of

MOST_LOTS = 400
MOST_CHOICES = 50_000


def counts_all(space: Space) -> bool:
    """Whether every part of the total is about words, so that lots can count it."""
    return not space.problem.values.first


class Lots:
    """The model: ``possible`` is False when there are too many lots to look at."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.model = cp_model.CpModel()
        self.classes = classes_of(space, alike=True, singly=False)
        self.size = [len(members) for members in self.classes]
        heads = [members[0] for members in self.classes]
        self.heads = np.array(heads, np.int64)
        lots = _lots(space, self.heads)
        self.lots = lots or []
        self.possible = lots is not None and len(lots) <= MOST_LOTS
        if self.possible:
            self._build()

    def _build(self) -> None:
        model = self.model
        self.number = [model.new_int_var(0, kind.groups, "") for kind, _ in self.lots]
        self.x: list[dict[int, Any]] = [{} for _ in self.lots]
        for at, ((kind, people), number) in enumerate(zip(self.lots, self.number, strict=True)):
            for which in np.flatnonzero(people).tolist():
                size = self.size[which]
                held = model.new_int_var(0, min(size, kind.most * kind.groups), "")
                model.add(held <= size * number)
                self.x[at][which] = held
            everyone = sum(self.x[at].values())
            model.add(everyone >= kind.least * number)
            model.add(everyone <= kind.most * number)
        for which, size in enumerate(self.size):
            model.add(sum(lot[which] for lot in self.x if which in lot) == size)
        for kind in {id(kind): kind for kind, _ in self.lots}.values():
            chosen = [n for (k, _), n in zip(self.lots, self.number, strict=True) if k is kind]
            model.add(sum(chosen) == kind.groups)
        self._apart()
        self.beyond = self._out_of_balance()

    def _apart(self) -> None:
        """Two who are to be apart need two groups."""
        of = {person: at for at, members in enumerate(self.classes) for person in members}
        for one, other in self.space.apart:
            for lot, number in zip(self.x, self.number, strict=True):
                if of[one] in lot and of[other] in lot:
                    self.model.add(lot[of[one]] + lot[of[other]] <= number)

    def restrict(self, rules: Rules, solver: cp_model.CpSolver) -> None:
        """Let a model of the rules keep to the lots chosen, and to who is in which."""
        at_class = {person: at for at, members in enumerate(rules.classes) for person in members}
        free = {id(kind): list(kind.at) for kind, _ in self.lots}
        for (kind, _), lot, number in zip(self.lots, self.x, self.number, strict=True):
            groups = [free[id(kind)].pop(0) for _ in range(solver.value(number))]
            members = [0] * len(rules.classes)
            for which, held in lot.items():
                members[at_class[int(self.heads[which])]] += solver.value(held)
            for row, count in zip(rules.x, members, strict=True):
                if groups:
                    rules.model.add(sum(row[at] for at in groups) == count)

    def hint(self, solver: cp_model.CpSolver) -> None:
        """Begin with an answer."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for number, lot in zip(self.number, self.x, strict=True):
            for variable in (number, *lot.values()):
                self.model.add_hint(variable, solver.value(variable))

    def _counts(self, held: Bits) -> Iterator[tuple[Any, Any, int, int]]:
        """For each lot: holders in it, its groups, most holders in a group, groups it can have."""
        marked = held[self.heads]
        for (kind, _), lot, number in zip(self.lots, self.x, self.number, strict=True):
            here = [which for which in lot if marked[which]]
            people = sum(self.size[which] for which in here)
            count = sum(lot[which] for which in here)
            yield count, number, min(people, kind.most), people

    def _out_of_balance(self) -> Any:
        """What people out of balance never fall below."""
        terms = []
        for word in range(self.space.counted.shape[1]):
            low, high = int(self.space.low[word]), int(self.space.high[word])
            for count, number, _, _ in self._counts(self.space.counted[:, word]):
                excess = self.model.new_int_var(0, len(self.space.unit), "")
                self.model.add(excess >= count - high * number)
                self.model.add(excess >= low * number - count)
                terms.append(excess)
        return sum(terms, self.model.new_constant(0))

    def total(self) -> Any:
        """What the total, to be maximised, never passes."""
        terms: list[Any] = []
        for rule in self.space.problem.alike:
            weight = rule.weight * self.space.sign
            _, held = words_of(self.space.problem.participants, rule.attribute)
            for word in range(held.shape[1]):
                for count, number, most, people in self._counts(held[:, word]):
                    if most < 2:
                        continue
                    pairs = self.model.new_int_var(0, people * (most - 1) // 2, "")
                    if weight > 0:
                        self.model.add(2 * pairs <= (most - 1) * count)
                    else:
                        for step in range(1, most):
                            least = step * count - step * (step + 1) // 2 * number
                            self.model.add(pairs >= least)
                    terms.append(weight * pairs)
        return sum(terms)


@dataclass(frozen=True)
class Kind:
    """Groups that nothing tells apart."""

    least: int
    most: int
    at: tuple[int, ...]

    @property
    def groups(self) -> int:
        return len(self.at)


def _lots(space: Space, heads: Whole) -> list[tuple[Kind, Bits]] | None:
    """Kinds of groups and largest sets of classes that can fill them; None if far too many."""
    found: list[tuple[Kind, Bits]] = []
    kinds: dict[tuple[int, int, bytes], list[int]] = {}
    for at in range(len(space.least)):
        key = (int(space.least[at]), int(space.most[at]), space.allowed[:, at].tobytes())
        kinds.setdefault(key, []).append(at)
    for (least, most, _), groups in kinds.items():
        kind = Kind(least, most, tuple(groups))
        sets = space.allowed[heads, groups[0]][None, :]
        for need in space.needs:
            if len(sets) * len(need.words) > MOST_CHOICES:
                return None
            sets = _largest(
                (sets[:, None, :] & need.held[heads].T[None, :, :]).reshape(-1, len(heads))
            )
        # Groups that nobody can join may stay empty, if they may.
        found += [
            (kind, people) for people in (sets if len(sets) else np.zeros((1, len(heads)), bool))
        ]
    return found


def _largest(sets: Bits) -> Bits:
    """The sets that are not part of another one, each once."""
    sets = np.unique(sets, axis=0)
    whole = sets.astype(np.int64)
    size = whole.sum(axis=1)
    common = whole @ whole.T
    part = (common == size[:, None]) & (size[None, :] > size[:, None])
    kept: Bits = sets[~part.any(axis=1) & (size > 0)]
    return kept
