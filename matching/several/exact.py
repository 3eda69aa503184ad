"""What the relaxation leaves open, in whole numbers by CP-SAT, on the pairs that still matter."""

from __future__ import annotations

import itertools

import numpy as np
from ortools.sat.python import cp_model

from matching import cpsat
from matching.model import Column
from matching.several.ground import Ground, Mask, Quantity
from matching.several.relax import Limits, Reals
from matching.watch import Watch


class Stopped(Exception):
    """The search was stopped before it knew."""


class Unknown(Exception):
    """The search did all the work it was allowed and does not know."""


def search(
    ground: Ground,
    limits: Limits,
    objective: Quantity,
    *,
    most: int | None,
    keep: Mask,
    sure: Mask,
    hint: Reals,
    watch: Watch,
    seed: int,
    work: float | None = None,
) -> Column | None:
    """The best plan on the pairs of ``keep`` with all of ``sure``, None when there is none.

    Parameters
    ----------
    most
        Only plans whose objective is at most this; without it any plan will do.
    hint
        How much of each pair the relaxation takes.
    work
        Most deterministic time.

    Raises
    ------
    Stopped
        The watch ended the search without a proven answer.
    Unknown
        The work did not suffice.
    """
    model = cp_model.CpModel()
    rows = np.flatnonzero(keep | ground.held | sure)
    taken = {row: model.new_bool_var("") for row in rows.tolist()}
    quantities = [q for q, _ in limits.frozen] + [objective]
    by_mentee: list[list[int]] = [[] for _ in ground.wanted]
    by_mentor: list[list[int]] = [[] for _ in ground.capacity]
    for row in rows.tolist():
        by_mentee[int(ground.tail[row])].append(row)
        by_mentor[int(ground.head[row])].append(row)
        model.add_hint(taken[row], int(hint[row] > 0.5))
        if ground.held[row] or sure[row]:
            model.add(taken[row] == 1)
    empty: list[cp_model.IntVar] = []
    below: dict[int, list[cp_model.IntVar]] = {id(q): [] for q in quantities if q.upto is not None}
    for mentee, mine in enumerate(by_mentee):
        bools = [taken[row] for row in mine]
        none = model.new_bool_var("")
        empty.append(none)
        if limits.must[mentee]:
            model.add(none == 0)
        wanted = int(ground.wanted[mentee])
        model.add(sum(bools) + wanted * none <= wanted)
        model.add_bool_or([*bools, none])
        floor = int(limits.floors[mentee])
        total = sum(int(ground.score[row]) * taken[row] for row in mine)
        if floor:
            model.add(total + floor * none >= floor)
        for quantity in quantities:
            if quantity.upto is not None and len(below[id(quantity)]) == mentee:
                low = model.new_bool_var("")
                up = quantity.upto + 1
                model.add(total + up * none + (up - floor) * low >= up)
                below[id(quantity)].append(low)
    loads: list[tuple[cp_model.IntVar, int]] = []
    for mentor, mine in enumerate(by_mentor):
        room = min(int(ground.capacity[mentor]), len(mine))
        bools = [taken[row] for row in mine]
        if any(q.squares for q in quantities):
            units = [model.new_bool_var("") for _ in range(room)]
            model.add(sum(bools) == sum(units))
            for one, other in itertools.pairwise(units):
                model.add_implication(other, one)
            loads += [(unit, 2 * place + 1) for place, unit in enumerate(units)]
        elif len(bools) > room:
            model.add(sum(bools) <= room)

    def amount(quantity: Quantity) -> cp_model.LinearExprT:
        terms = [int(quantity.pair[row]) * taken[row] for row in rows[quantity.pair[rows] != 0]]
        terms += empty if quantity.empty else []
        terms += below.get(id(quantity), [])
        terms += [cost * unit for unit, cost in loads] if quantity.squares else []
        return sum(terms)

    for quantity, value in limits.frozen:
        model.add(amount(quantity) <= value)
    aim = amount(objective)
    if most is not None:
        model.add(aim <= most)
        model.minimize(aim)
    answer = cpsat.run(model, watch=watch, seed=seed, workers=1, work_limit=work, linearization=2)
    if answer.impossible:
        return None
    if not answer.found or (most is not None and not answer.proven):
        raise Stopped if watch.stopped() else Unknown
    taking = answer.solver.boolean_value
    return np.array([row for row in rows.tolist() if taking(taken[row])], np.int64)
