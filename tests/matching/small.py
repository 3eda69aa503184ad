"""Small random Problems that hold what makes pairing hard: ties, scarcity, pins, answers."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

from matching.instance import PAIRING_ORDER
from matching.model import (
    Asked,
    Mentee,
    Mentor,
    ObjectiveCode,
    Pairing,
    PairTable,
    Plan,
    Policy,
    Previous,
    Problem,
    WorstOff,
)
from matching.objectives import pair_positions

ORDERS = (
    PAIRING_ORDER,
    (ObjectiveCode.COVER, ObjectiveCode.WORST_OFF, ObjectiveCode.SPREAD, ObjectiveCode.FIT),
    (ObjectiveCode.FIT, ObjectiveCode.COVER, ObjectiveCode.WORST_OFF),
    (ObjectiveCode.SPREAD, ObjectiveCode.COVER, ObjectiveCode.WORST_OFF, ObjectiveCode.FIT),
    (ObjectiveCode.COVER, ObjectiveCode.KEEP, ObjectiveCode.WORST_OFF, ObjectiveCode.FIT),
)


@dataclass(frozen=True)
class Shape:
    """How a small Problem is drawn."""

    mentees: int = 5
    mentors: int = 3
    density: int = 70
    levels: int = 3
    capacity: int = 2


def small_problem(seed: int, shape: Shape | None = None) -> Problem:
    """Draw a Problem of at most six mentees and four mentors."""
    draw = random.Random(seed)
    shape = shape or Shape(
        draw.randint(1, 6), draw.randint(1, 4), draw.choice((30, 60, 90)), draw.choice((1, 3, 6)),
        draw.choice((1, 2, 3)),
    )  # fmt: skip
    fits = draw.choice((0, 0, 4))
    rows = [
        (e, o, 10 * draw.randint(0, shape.levels), draw.randint(0, fits))
        for e in range(shape.mentees)
        for o in range(shape.mentors)
        if draw.randrange(100) < shape.density
    ]
    table = np.array(rows, np.int64).reshape(-1, 4)
    columns = [np.ascontiguousarray(table[:, c]) for c in range(4)]
    problem = Problem(
        mentees=tuple(
            Mentee(key=f"e{at}", wanted=int(draw.randrange(10) > 0),
                   asked=(Asked(theme="T", weight=1),))
            for at in range(shape.mentees)
        ),
        mentors=tuple(
            Mentor(key=f"o{at}", capacity=draw.randint(0, shape.capacity), themes=("T",))
            for at in range(shape.mentors)
        ),
        pairs=PairTable.plain(*columns),
        policy=Policy(
            order=draw.choice(ORDERS),
            worst_off=draw.choice((WorstOff.LEXIMIN, WorstOff.LEXIMIN, *WorstOff)),
        ),
    )  # fmt: skip

    def some(percent: int, most: int) -> tuple[Pairing, ...]:
        count = draw.randint(1, most) if draw.randrange(100) < percent else 0
        return tuple(
            Pairing(guest=f"e{e}", host=f"o{o}")
            for e, o, _, _ in draw.sample(rows, min(len(rows), count))
        )

    previous = Previous(accepted=some(15, 1), proposed=some(40, 4), declined=some(30, 2))
    policy = problem.policy.model_copy(update={"exclusions": some(30, 2)})
    return replace(problem, pins=some(25, 2), previous=previous, policy=policy)


def rows_of(problem: Problem, plan: Plan) -> list[int]:
    """A plan as rows of the pair table (-1 for no mentor)."""
    pairings = [Pairing(guest=item.guest, host=item.host) for item in plan.items]
    rows = [-1] * len(problem.mentees)
    for row in pair_positions(problem, pairings).tolist():
        rows[int(problem.pairs.mentee[row])] = row
    return rows
