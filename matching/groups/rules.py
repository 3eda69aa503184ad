"""The hard rules, and what is linear in the objectives, as a CP-SAT model.

People who are the same in everything that the model looks at are one **class**: *x[c, g]* says how
many of class *c* stand in group *g*. A group chooses one word of each need, its label, and holds
only those who have it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from matching.groups.codes import GroupRule
from matching.groups.space import Bits, Need, Space, Whole
from matching.outcome import Clash


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
    explain
        Every rule holds only if its literal is assumed; ``rules`` and ``literals`` go together.
    """

    def __init__(
        self, space: Space, *, alike: bool = False, singly: bool = False, explain: bool = False
    ) -> None:
        self.space = space
        self.groups = range(len(space.least))
        self.model = cp_model.CpModel()
        self.explain = explain
        self.restricted = False
        self.rules: list[Clash] = []
        self.literals: list[Any] = []
        self.classes = classes_of(space, alike, singly or explain)
        self.size = [len(members) for members in self.classes]
        self.x = [
            [self.model.new_int_var(0, min(size, int(most)), "") for most in space.most]
            if not explain
            else [self.model.new_int_var(0, size, "") for _ in space.most]
            for size in self.size
        ]
        self.label: list[list[list[Any]]] = []
        self._placed()
        self._sizes()
        self._fixed()
        for need in space.needs:
            self._shared(need)
        self._together()
        self._apart()

    def _rule(self, code: GroupRule, **parameters: str | int) -> Any | None:
        """The literal of a rule, in a model that explains."""
        if not self.explain:
            return None
        literal = self.model.new_bool_var("")
        self.rules.append(Clash(code, parameters))
        self.literals.append(literal)
        return literal

    def _add(self, constraint: Any, literal: Any | None) -> None:
        added = self.model.add(constraint)
        if literal is not None:
            added.only_enforce_if(literal)

    def _placed(self) -> None:
        """Every participant stands in exactly one group."""
        for members, size, row in zip(self.classes, self.size, self.x, strict=True):
            key = self.space.problem.participants[members[0]].key
            self._add(sum(row) == size, self._rule(GroupRule.PLACED, participant=key))
            if self.explain:
                self.model.add(sum(row) <= size)

    def _sizes(self) -> None:
        """A group has at least its least and at most its most members."""
        for at, group in enumerate(self.space.problem.groups):
            members = sum(row[at] for row in self.x)
            if group.least:
                literal = self._rule(GroupRule.LEAST, group=group.key, least=group.least)
                self._add(members >= group.least, literal)
            literal = self._rule(GroupRule.MOST, group=group.key, most=group.most)
            self._add(members <= group.most, literal)

    def _fixed(self) -> None:
        """A group with a fixed word holds only participants who have that word."""
        people = self.space.problem.participants
        for at, group in enumerate(self.space.problem.groups):
            for attribute, word in group.fixed.items():
                literal = self._rule(
                    GroupRule.FIXED, group=group.key, attribute=attribute, word=word
                )
                for members, row in zip(self.classes, self.x, strict=True):
                    if word not in people[members[0]].words.get(attribute, ()):
                        self._add(row[at] == 0, literal)

    def _shared(self, need: Need) -> None:
        """A group has one label of the need, and its members all have it.

        A label admits at most a group of people: said for each set of words that somebody has,
        over all who have no words beyond it, which is what the linear relaxation needs.
        """
        problem = self.space.problem
        spread = {r.attribute: f"{r.most / r.precision:g}" for r in problem.spread}
        if len(self.label) < len(problem.same):
            literal = self._rule(GroupRule.SAME, attribute=need.attribute)
        else:
            most = spread[need.attribute]
            literal = self._rule(GroupRule.SPREAD, attribute=need.attribute, most=most)
        words = range(len(need.words))
        label = [[self.model.new_bool_var("") for _ in words] for _ in self.groups]
        self.label.append(label)
        held = [frozenset(np.flatnonzero(need.held[members[0]])) for members in self.classes]
        for at in self.groups:
            self.model.add_exactly_one(label[at])
            for size, words_of, row in zip(self.size, held, self.x, strict=True):
                self._add(row[at] <= size * sum(label[at][word] for word in words_of), literal)
            if not self.explain:
                for words_of in sorted(set(held), key=sorted):
                    inside = sum(
                        row[at] for row, other in zip(self.x, held, strict=True)
                        if other <= words_of
                    )  # fmt: skip
                    admitted = sum(label[at][word] for word in words_of)
                    self.model.add(inside <= int(self.space.most[at]) * admitted)
        if len(self.label) == 1 and not self.explain:
            self._in_order(label)

    def _in_order(self, label: list[list[Any]]) -> None:
        """Groups that nothing tells apart have their first labels in order."""
        groups = self.space.problem.groups
        latest: dict[tuple[int, int, tuple[tuple[str, str], ...]], int] = {}
        for at, group in enumerate(groups):
            kind = (group.least, group.most, tuple(sorted(group.fixed.items())))
            if kind in latest:
                earlier, later = (
                    sum(word * chosen for word, chosen in enumerate(label[place]))
                    for place in (latest[kind], at)
                )
                self.model.add(earlier <= later)
            latest[kind] = at

    def _together(self) -> None:
        """Two who are to be together are in one group."""
        place = {p.key: at for at, p in enumerate(self.space.problem.participants)}
        for first, second in self.space.problem.together:
            one, other = (self.class_of(place[key]) for key in (first, second))
            literal = self._rule(GroupRule.TOGETHER, first=first, second=second)
            for at in self.groups:
                self._add(self.x[one][at] == self.x[other][at], literal)

    def _apart(self) -> None:
        """Two who are to be apart are in different groups."""
        people = self.space.problem.participants
        for one, other in self.space.apart:
            literal = self._rule(GroupRule.APART, first=people[one].key, second=people[other].key)
            for at in self.groups:
                both = self.x[self.class_of(one)][at] + self.x[self.class_of(other)][at]
                self._add(both <= 1, literal)

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
        return sum(beyond)

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
