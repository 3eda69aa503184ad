"""How high the lowest total can be, looking only at the mentees between whom it is decided.

Prices of places from the relaxation show who competes: at a given height, whoever has to pay. How
high these few can all get when the others are left out is a bound for everyone, and as the others
have places enough elsewhere, it is mostly reached.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ortools.sat.python import cp_model

from matching import cpsat
from matching.model import Column
from matching.several.bound import cheapest_set
from matching.several.ground import Ground, Mask
from matching.several.relax import Limits
from matching.watch import Watch

WORK = 20.0
"""Deterministic time for the few."""

MANY = 20_000
"""With more pairs than this between the few it is not tried."""


def competing(ground: Ground, prices: Column, floor: int) -> Mask:
    """Mentees for whom every set of mentors with a total of at least ``floor`` has a price."""
    pays = np.zeros(len(ground.wanted), bool)
    for mentee in np.flatnonzero(ground.able).tolist():
        row = ground.row(mentee)
        least = cheapest_set(
            prices[ground.head[row]], ground.score[row], ground.held[row],
            int(ground.wanted[mentee]), empty=2**61, floor=floor,
        )  # fmt: skip
        pays[mentee] = least is None or least > 0
    return pays


def highest_among(
    ground: Ground,
    limits: Limits,
    few: Mask,
    low: int,
    high: int,
    *,
    watch: Watch,
    seed: int,
) -> tuple[Column | None, int]:
    """Raise the lowest total of a few mentees, the others left out.

    Returns
    -------
    Column or None
        Their pairs, when a height above ``low`` was found.
    int
        A bound on the lowest total of every plan.
    """
    rows = np.flatnonzero(limits.keep & few[ground.tail])
    if not len(rows) or len(rows) > MANY:
        return None, high
    model = cp_model.CpModel()
    taken = {row: model.new_bool_var("") for row in rows.tolist()}
    level = model.new_int_var(low, high, "")
    by_mentee: dict[int, list[int]] = {}
    by_mentor: dict[int, list[int]] = {}
    for row in rows.tolist():
        by_mentee.setdefault(int(ground.tail[row]), []).append(row)
        by_mentor.setdefault(int(ground.head[row]), []).append(row)
        if ground.held[row]:
            model.add(taken[row] == 1)
    for mentee, mine in by_mentee.items():
        model.add(sum(taken[row] for row in mine) <= int(ground.wanted[mentee]))
        model.add(sum(int(ground.score[row]) * taken[row] for row in mine) >= level)
    others = ground.load(np.flatnonzero(ground.held & ~few[ground.tail]))
    for mentor, mine in by_mentor.items():
        room = int(ground.capacity[mentor] - others[mentor])
        if len(mine) > room:
            model.add(sum(taken[row] for row in mine) <= room)
    model.maximize(level)
    answer = cpsat.run(model, watch=watch, seed=seed, workers=1, work_limit=WORK, linearization=2)
    if answer.impossible or not answer.found:
        return None, high if not answer.impossible else low
    value = answer.solver.boolean_value
    chosen = np.array([row for row in rows.tolist() if value(taken[row])], np.int64)
    return chosen, min(high, answer.bound)


def with_chosen(limits: Limits, ground: Ground, few: Mask, chosen: Column) -> Limits:
    """The limits with the sets of a few mentees as chosen."""
    sure = limits.sure.copy()
    sure[chosen] = True
    keep = limits.keep & (~few[ground.tail] | sure)
    return replace(limits, keep=keep, sure=sure)
