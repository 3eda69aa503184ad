"""The total as part of the CP-SAT model: for attributes in any number, for pairs in small ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from matching.groups.rules import Rules
from matching.groups.space import Space, words_of

TINY = 60
"""Units times groups up to which there is nothing to search."""
FEW_TERMS, SPARSE_TERMS = 400, 6000
"""Pairs with a value times groups up to which a model counts pairs: for any, and for few pairs."""
PAIRS_EACH = 3
"""Pairs per person up to which they are few."""


def fits(space: Space) -> bool:
    """Whether the total can be counted in a model with a hope of coming to an end.

    Many values make a quadratic assignment, which CP-SAT does not prove beyond a dozen people.
    """
    pairs = sum(value != 0 for value in space.problem.values.value)
    sparse = pairs <= PAIRS_EACH * len(space.unit)
    return pairs * len(space.least) <= (SPARSE_TERMS if sparse else FEW_TERMS)


def tiny(space: Space) -> bool:
    """Whether to count the total in a model at once, before any search."""
    return space.units * len(space.least) <= TINY


def total(rules: Rules) -> Any:
    """The total of a grouping, as an expression to be maximised.

    The model's classes must tell people apart who have different words in ``alike`` or, when
    pairs have values, all people.
    """
    space = rules.space
    terms: list[Any] = []
    for rule in space.problem.alike:
        _, held = words_of(space.problem.participants, rule.attribute)
        weight = rule.weight * space.sign
        for word in range(held.shape[1]):
            for count in rules.counts(held[:, word]):
                terms.append(weight * _pairs(rules, count, int(held[:, word].sum()), weight < 0))
    table = space.problem.values
    for first, second, value in zip(table.first, table.second, table.value, strict=True):
        if value:
            terms.append(value * space.sign * _both(rules, first, second, value * space.sign > 0))
    return sum(terms)


def _pairs(rules: Rules, count: Any, most: int, wanted_few: bool) -> Any:
    """How many pairs so many people are: exactly, or at least that where few are wanted."""
    model = rules.model
    top = min(most, int(rules.space.most.max()))
    pairs = model.new_int_var(0, top * (top - 1) // 2, "")
    if wanted_few:
        for step in range(1, top):
            model.add(pairs >= step * count - step * (step + 1) // 2)
        return pairs
    steps = [model.new_bool_var("") for _ in range(top)]
    model.add(count == sum(steps))
    for low, high in pairwise(steps):
        model.add_implication(high, low)
    model.add(pairs == sum(at * step for at, step in enumerate(steps)))
    return pairs


def _both(rules: Rules, first: int, second: int, wanted: bool) -> Any:
    """Whether two people are in one group: at most so where wanted, at least so where not."""
    model = rules.model
    both = model.new_bool_var("")
    one, other = (rules.x[rules.class_of(person)] for person in (first, second))
    for at in rules.groups:
        if wanted:
            model.add(both + one[at] - other[at] <= 1)
            model.add(both + other[at] - one[at] <= 1)
        else:
            model.add(both >= one[at] + other[at] - 1)
    return both
