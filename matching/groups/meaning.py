"""Faults of meaning in a grouping Problem, and its documents."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from matching.groups.model import GroupPlan, GroupProblem
from matching.io.documents import canonical, read_shape, schemas_of
from matching.io.faults import BadInput, repeated, unknown
from matching.model import Fault

PROBLEM, PLAN = "tandem-group", "tandem-group-plan"
MODELS: dict[str, type[BaseModel]] = {PROBLEM: GroupProblem, PLAN: GroupPlan}
MOST_TOTAL = 2**50
"""Totals stay where a double counts exactly, with room for differences of sums."""


def read_problem(source: bytes) -> GroupProblem:
    """Read and check a Problem.

    Raises
    ------
    BadInput
        With every fault, of shape and of meaning.
    """
    return sound(read_shape(source, PROBLEM, GroupProblem))


def read_plan(source: bytes) -> GroupPlan:
    """Read a plan; whether it is any good is for ``verify`` to say."""
    return read_shape(source, PLAN, GroupPlan)


def dump(document: GroupProblem | GroupPlan) -> bytes:
    """The canonical JSON of a Problem or a plan."""
    return canonical(document.model_dump(mode="json"))


def schemas() -> dict[str, bytes]:
    """JSON Schema of both formats, by file name, as published in ``matching/schemas``."""
    return schemas_of(MODELS)


def sound(problem: GroupProblem) -> GroupProblem:
    """Give a Problem back when it is good.

    Raises
    ------
    BadInput
        With every fault of meaning.
    """
    faults = [
        *_keys(problem),
        *_attributes(problem),
        *_relations(problem),
        *_values(problem),
    ]
    if faults:
        raise BadInput(faults)
    return problem


def _keys(problem: GroupProblem) -> Iterator[Fault]:
    """There is somebody to group and somewhere to go; no key stands twice."""
    for name, rows in (("participants", problem.participants), ("groups", problem.groups)):
        if not rows:
            yield Fault(name, "none given")
        keys: list[object] = [row.key for row in rows]
        yield from repeated(name + "[{at}].key", "key", keys)
    for name, words in (
        ("same", problem.same),
        ("spread", tuple(rule.attribute for rule in problem.spread)),
        ("balance", problem.balance),
        ("alike", tuple(rule.attribute for rule in problem.alike)),
    ):
        yield from repeated(name + "[{at}]", "attribute", list(words))


def _attributes(problem: GroupProblem) -> Iterator[Fault]:
    """Rules are about attributes that exist, and everyone has what a hard rule asks for."""
    words = {name for person in problem.participants for name in person.words}
    numbers = {name for person in problem.participants for name in person.numbers}
    for path, named, known in (
        *((f"same[{at}]", name, words) for at, name in enumerate(problem.same)),
        *((f"balance[{at}]", name, words) for at, name in enumerate(problem.balance)),
        *((f"alike[{at}]", rule.attribute, words) for at, rule in enumerate(problem.alike)),
        *((f"spread[{at}]", rule.attribute, numbers) for at, rule in enumerate(problem.spread)),
    ):
        if named not in known:
            yield unknown(path, "attribute", named, known)
    for at, person in enumerate(problem.participants):
        path = f"participants[{at}]"
        for name, held in person.words.items():
            yield from repeated(f"{path}.words.{name}[{{at}}]", "word", list(held))
        for name in problem.same:
            if name in words and not person.words.get(name):
                yield Fault(
                    f"{path}.words.{name}", f"{person.key} has none, and all must share one"
                )
        for rule in problem.spread:
            if rule.attribute in numbers and rule.attribute not in person.numbers:
                yield Fault(f"{path}.numbers.{rule.attribute}", f"{person.key} has no number")
    for at, group in enumerate(problem.groups):
        if group.least > group.most:
            yield Fault(f"groups[{at}].least", f"{group.least} is more than {group.most}")
        for name, word in group.fixed.items():
            path = f"groups[{at}].fixed.{name}"
            used = {w for person in problem.participants for w in person.words.get(name, ())}
            if name not in words:
                yield unknown(path, "attribute", name, words)
            elif word not in used:
                yield unknown(path, "word", word, used)


def _relations(problem: GroupProblem) -> Iterator[Fault]:
    """Relations are between two participants that exist."""
    known = {person.key for person in problem.participants}
    for name, rows in (("together", problem.together), ("apart", problem.apart)):
        for at, pair in enumerate(rows):
            for place, key in enumerate(pair):
                if key not in known:
                    yield unknown(f"{name}[{at}][{place}]", "participant", key, known)
            if pair[0] == pair[1]:
                yield Fault(f"{name}[{at}]", f'"{pair[0]}" stands on both sides')


def _values(problem: GroupProblem) -> Iterator[Fault]:
    """Values are of two different participants, each pair once, and totals stay countable."""
    table = problem.values
    people = len(problem.participants)
    if not len(table.first) == len(table.second) == len(table.value):
        yield Fault("values", "columns of different lengths")
        return
    seen: set[tuple[int, int]] = set()
    for at, (one, other) in enumerate(zip(table.first, table.second, strict=True)):
        pair = (min(one, other), max(one, other))
        if pair[1] >= people:
            yield Fault(f"values[{at}]", f"no participant at place {pair[1]}")
        elif one == other:
            yield Fault(f"values[{at}]", "the same participant on both sides")
        elif pair in seen:
            names = " and ".join(problem.participants[place].key for place in pair)
            yield Fault(f"values[{at}]", f"{names} stand twice")
        seen.add(pair)
    most = sum(map(abs, table.value)) + sum(
        abs(rule.weight) * people * sum(len(p.words.get(rule.attribute, ())) for p in
                                        problem.participants)
        for rule in problem.alike
    )  # fmt: skip
    if most > MOST_TOTAL:
        yield Fault(
            "values", f"totals could reach {most}, more than {MOST_TOTAL}: use smaller ones"
        )
