"""What the objectives of a plan come to: value, bound and gap of each, from the plan alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matching.model import (
    Column,
    NoteCode,
    Objective,
    ObjectiveCode,
    Pairing,
    Problem,
    Sense,
    WorstOff,
)


def pair_positions(problem: Problem, pairings: Iterable[Pairing]) -> Column:
    """Positions in the pair table of those pairings that are possible, sorted."""
    mentees, mentors = problem.mentee_index(), problem.mentor_index()
    table = problem.pairs
    if not len(table):
        return np.zeros(0, np.int64)
    wanted = [
        mentees[p.guest] * len(problem.mentors) + mentors[p.host]
        for p in pairings
        if p.guest in mentees and p.host in mentors
    ]
    if not wanted:
        return np.zeros(0, np.int64)
    ids = table.mentee * len(problem.mentors) + table.mentor
    asked = np.unique(np.array(wanted, np.int64))
    at = np.minimum(np.searchsorted(ids, asked), len(ids) - 1)
    found: Column = at[ids[at] == asked]
    return found


def describe(problem: Problem, pairs: Column, code: ObjectiveCode, proven: bool) -> Objective:
    """Value of an objective for a plan, with its bound: the value when proven, else a simple one.

    Parameters
    ----------
    pairs : (n,) int64
        Row of the pair table for each mentee, -1 for none.
    """
    table, policy = problem.pairs, problem.policy
    rows = pairs[pairs >= 0]
    sense, on, note = Sense.MAX, True, None
    levels: tuple[tuple[int, int], ...] = ()
    if code is ObjectiveCode.OBSERVERS:
        value, simple, proven = 0, 0, True
        on = policy.observers_first
        note = NoteCode.NO_MISSIONS if on else NoteCode.SWITCHED_OFF
    elif code is ObjectiveCode.KEEP:
        sense = Sense.MIN
        earlier = len({(p.guest, p.host) for p in problem.proposed})
        able = pair_positions(problem, problem.proposed)
        value, simple = earlier - int(np.isin(rows, able).sum()), earlier - len(able)
        proven = proven or not len(able)
    elif code is ObjectiveCode.COVER:
        value = len(rows)
        simple = min(len(np.unique(table.mentee)), sum(row.capacity for row in problem.mentors))
    elif code is ObjectiveCode.WORST_OFF:
        found, counts = np.unique(table.satisfaction[rows], return_counts=True)
        levels = tuple(zip(found.tolist(), counts.tolist(), strict=True))
        value = levels[0][0] if levels else 0
        simple = int(table.satisfaction.max(initial=0))
        if policy.worst_off is WorstOff.OFF:
            on, note, proven, simple = False, NoteCode.SWITCHED_OFF, True, value
    elif code is ObjectiveCode.FIT:
        value = int(table.fit[rows].sum())
        best = np.zeros(len(problem.mentees), np.int64)
        np.maximum.at(best, table.mentee, table.fit)
        simple = int(best.sum())
    else:
        sense = Sense.MIN
        loads = np.bincount(table.mentor[rows], minlength=1)
        value, simple = int((loads**2).sum()), 0
    bound = value if proven else simple
    return Objective(
        code=code, sense=sense, value=value, bound=bound, gap=abs(bound - value), proven=proven,
        on=on, note=note, levels=levels,
    )  # fmt: skip
