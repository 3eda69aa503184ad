"""The hard rules, and what is linear in the objectives, as a CP-SAT model.

People who are the same in everything that the model looks at are one **class**: *x[c, g]* says how
many of class *c* stand in group *g*. A group chooses one word of each need, its label, and holds
only those who have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from matching.groups.codes import GroupRule
from matching.groups.space import Bits, Need, Space, Whole


@dataclass(frozen=True)
class Only:
    """Some of the rules, by code and place in the Problem.

    Of each class of people at least so many must be placed; the others may be left out.
    """

    rules: frozenset[tuple[GroupRule, int]]
    placed: tuple[int, ...]


class Rules:
    """A model of a Problem's rules.

    Parameters
    ----------
    space
        The Problem as arrays.
    alike
        The model counts what people have alike: classes differ in that too.
    singly
        Every participant is a class: the model can count pairs of people.
    ordered
        Groups that nothing tells apart come in one order: not where others say what goes where.
    only
        The rules that hold, when not all do.
    """

    def __init__(
        self,
        space: Space,
        *,
        alike: bool = False,
        singly: bool = False,
        ordered: bool = True,
        only: Only | None = None,
    ) -> None:
        self.space = space
        self.only = only
        self.ordered = ordered
        self.groups = range(len(space.least))
        self.model = cp_model.CpModel()
        self.classes = classes_of(space, alike, singly)
        self.size = [len(members) for members in self.classes]
        people = len(space.unit)
        self.least = [self._unless(GroupRule.LEAST, at, n, 0) for at, n in enumerate(space.least)]
        self.most = [self._unless(GroupRule.MOST, at, n, people) for at, n in enumerate(space.most)]
        self.x = [
            [self.model.new_int_var(0, min(size, most), "") for most in self.most]
            for size in self.size
        ]
        self.label: list[list[list[Any]]] = []
        self._placed()
        self._sizes()
        self._fixed()
        for at, need in enumerate(space.needs):
            self._shared(at, need)
        self._together()
        self._apart()

    def _holds(self, rule: GroupRule, at: int) -> bool:
        return self.only is None or (rule, at) in self.only.rules

    def _unless(self, rule: GroupRule, at: int, limit: int, free: int) -> int:
        return int(limit) if self._holds(rule, at) else free

    def _placed(self) -> None:
        """Every participant stands in exactly one group."""
        for at, (size, row) in enumerate(zip(self.size, self.x, strict=True)):
            if self.only is None:
                self.model.add(sum(row) == size)
            else:
                self.model.add(sum(row) >= self.only.placed[at])
                self.model.add(sum(row) <= size)

    def _sizes(self) -> None:
        """A group has at least its least and at most its most members."""
        for at in self.groups:
            members = sum(row[at] for row in self.x)
            self.model.add(members >= self.least[at])
            self.model.add(members <= self.most[at])

    def _fixed(self) -> None:
        """A group with a fixed word holds only participants who have that word."""
        for at in self.groups:
            if self._holds(GroupRule.FIXED, at):
                for members, row in zip(self.classes, self.x, strict=True):
                    if not self.space.allowed[members[0], at]:
                        self.model.add(row[at] == 0)

    def _shared(self, which: int, need: Need) -> None:
        """A group has one label of the need, and its members all have it.

        A label admits at most a group of people: said for each set of words that somebody has,
        over all who have no words beyond it, which is what the linear relaxation needs.
        """
        shared = len(self.space.problem.same)
        rule = GroupRule.SAME if which < shared else GroupRule.SPREAD
        if not self._holds(rule, which if which < shared else which - shared):
            return
        words = range(len(need.words))
        label = [[self.model.new_bool_var("") for _ in words] for _ in self.groups]
        self.label.append(label)
        held = [frozenset(np.flatnonzero(need.held[members[0]])) for members in self.classes]
        inside = {
            words_of: [at for at, other in enumerate(held) if other <= words_of]
            for words_of in sorted(set(held), key=sorted)
        }
        for at in self.groups:
            self.model.add_exactly_one(label[at])
            for size, words_of, row in zip(self.size, held, self.x, strict=True):
                self.model.add(row[at] <= size * sum(label[at][word] for word in words_of))
            for words_of, classes in inside.items():
                admitted = sum(label[at][word] for word in words_of)
                people = sum(self.x[which_class][at] for which_class in classes)
                self.model.add(people <= self.most[at] * admitted)
        if len(self.label) == 1 and self.ordered:
            self._in_order(label)

    def _in_order(self, label: list[list[Any]]) -> None:
        """Groups that nothing tells apart have their first labels in order."""
        latest: dict[tuple[int, int, tuple[tuple[str, str], ...]], int] = {}
        for at, group in enumerate(self.space.problem.groups):
            fixed = tuple(sorted(group.fixed.items())) if self._holds(GroupRule.FIXED, at) else ()
            kind = (self.least[at], self.most[at], fixed)
            if kind in latest:
                earlier, later = (
                    sum(word * chosen for word, chosen in enumerate(label[place]))
                    for place in (latest[kind], at)
                )
                self.model.add(earlier <= later)
            latest[kind] = at

    def _together(self) -> None:
        """Two who are to be together are in one group."""
        for which, (first, second) in enumerate(self.space.together):
            if self._holds(GroupRule.TOGETHER, which):
                one, other = self.x[self.class_of(first)], self.x[self.class_of(second)]
                for at in self.groups:
                    self.model.add(one[at] == other[at])

    def _apart(self) -> None:
        """Two who are to be apart are in different groups."""
        for which, (first, second) in enumerate(self.space.apart):
            if self._holds(GroupRule.APART, which):
                one, other = self.x[self.class_of(first)], self.x[self.class_of(second)]
                for at in self.groups:
                    self.model.add(one[at] + other[at] <= 1)

    def class_of(self, person: int) -> int:
        return next(at for at, members in enumerate(self.classes) if person in members)

    def counts(self, held: Bits) -> list[Any]:
        """How many of some people each group has; people of one class must be alike in it."""
        chosen = [row for members, row in zip(self.classes, self.x, strict=True)
                  if held[members[0]]]  # fmt: skip
        return [sum(row[at] for row in chosen) for at in self.groups]

    def out_of_balance(self) -> Any:
        """People out of balance, as an expression to be minimised or kept low."""
        beyond = []
        for word in range(self.space.counted.shape[1]):
            low, high = int(self.space.low[word]), int(self.space.high[word])
            for count in self.counts(self.space.counted[:, word]):
                excess = self.model.new_int_var(0, len(self.space.unit), "")
                self.model.add(excess >= count - high)
                self.model.add(excess >= low - count)
                beyond.append(excess)
        return sum(beyond, self.model.new_constant(0))

    def hint(self, home: Whole) -> None:
        """Begin with a grouping."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for members, row in zip(self.classes, self.x, strict=True):
            count = np.bincount(home[list(members)], minlength=len(row))
            for variable, number in zip(row, count.tolist(), strict=True):
                self.model.add_hint(variable, number)

    def home(self, solver: cp_model.CpSolver) -> Whole:
        """The group of each participant in an answer; a class is dealt out in its order."""
        home = np.zeros(len(self.space.unit), np.int64)
        for members, row in zip(self.classes, self.x, strict=True):
            groups = [at for at, variable in enumerate(row) for _ in range(solver.value(variable))]
            home[list(members)] = groups
        return home


def classes_of(space: Space, alike: bool, singly: bool) -> list[tuple[int, ...]]:
    """People whom the model need not tell apart."""
    people = len(space.unit)
    if singly:
        return [(at,) for at in range(people)]
    alone = {at for pair in space.apart for at in pair}
    alone |= {at for at in range(people) if (space.unit == space.unit[at]).sum() > 1}
    problem = space.problem
    looked = {*problem.balance, *(rule.attribute for rule in problem.alike if alike)}
    classes: dict[Any, list[int]] = {}
    for at, person in enumerate(problem.participants):
        kind: tuple[Any, ...] = (
            at if at in alone else -1,
            space.allowed[at].tobytes(),
            *(need.held[at].tobytes() for need in space.needs),
            *(tuple(sorted(person.words.get(name, ()))) for name in sorted(looked)),
        )
        classes.setdefault(kind, []).append(at)
    return [tuple(members) for members in classes.values()]
