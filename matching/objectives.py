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


def describe(
    problem: Problem, pairs: Column, code: ObjectiveCode, proven: bool, known: int | None = None
) -> Objective:
    """Value of an objective for a plan, with its bound: the value when proven, else a simple one.

    Parameters
    ----------
    pairs : (n,) int64
        Rows of the pair table in the plan; -1 says nothing.
    known
        A bound that is better than the simple one.
    """
    table, policy = problem.pairs, problem.policy
    rows = pairs[pairs >= 0]
    sense, on, note = Sense.MAX, True, None
    levels: tuple[tuple[int, int], ...] = ()
    if code is ObjectiveCode.OBSERVERS:
        value, proven = 0, True
        on = policy.observers_first
        note = NoteCode.NO_MISSIONS if on else NoteCode.SWITCHED_OFF
    elif code is ObjectiveCode.KEEP:
        sense = Sense.MIN
        able = pair_positions(problem, problem.proposed)
        value = _proposed(problem) - int(np.isin(rows, able).sum())
        proven = proven or not len(able)
    elif code is ObjectiveCode.COVER:
        value = len(np.unique(table.mentee[rows]))
    elif code is ObjectiveCode.WORST_OFF:
        who, at = np.unique(table.mentee[rows], return_inverse=True)
        totals = np.zeros(len(who), np.int64)
        np.add.at(totals, at, table.satisfaction[rows])
        found, counts = np.unique(totals, return_counts=True)
        levels = tuple(zip(found.tolist(), counts.tolist(), strict=True))
        value = levels[0][0] if levels else 0
        if policy.worst_off is WorstOff.OFF:
            on, note, proven = False, NoteCode.SWITCHED_OFF, True
    elif code is ObjectiveCode.FIT:
        value = int(table.fit[rows].sum())
    else:
        sense = Sense.MIN
        loads = np.bincount(table.mentor[rows], minlength=1)
        value = int((loads**2).sum())
    bound = value
    if not proven:
        bound = _simple_bound(problem, code) if known is None else known
        if code is ObjectiveCode.WORST_OFF and bound == value:
            note = NoteCode.LEVELS_OPEN
    return Objective(
        code=code, sense=sense, value=value, bound=bound, gap=abs(bound - value), proven=proven,
        on=on, note=note, levels=levels,
    )  # fmt: skip


def _proposed(problem: Problem) -> int:
    """Proposals of an earlier plan that no one has answered."""
    return len({(p.guest, p.host) for p in problem.proposed})


def _simple_bound(problem: Problem, code: ObjectiveCode) -> int:
    """What no plan can pass, seen without solving anything."""
    table = problem.pairs
    if code is ObjectiveCode.KEEP:
        return _proposed(problem) - len(pair_positions(problem, problem.proposed))
    if code is ObjectiveCode.COVER:
        places = sum(row.capacity for row in problem.mentors)
        return min(len(np.unique(table.mentee)), places)
    if code is ObjectiveCode.WORST_OFF:
        return int(_most(problem, table.satisfaction).max(initial=0))
    if code is ObjectiveCode.FIT:
        return int(_most(problem, table.fit).sum())
    return 0


def _most(problem: Problem, worth: Column) -> Column:
    """The most that each mentee could get were it alone; shape (n,)."""
    mentee = problem.pairs.mentee
    wanted = np.fromiter((row.wanted for row in problem.mentees), np.int64, len(problem.mentees))
    first = np.searchsorted(mentee, np.arange(len(wanted)))
    best = np.zeros(len(wanted), np.int64)
    if wanted.max(initial=0) <= 1:
        able = np.unique(mentee)
        if len(able):
            # A sort of millions of pairs would be felt after a stop.
            best[able] = np.maximum.reduceat(worth, first[able])
        return best * wanted
    order = np.lexsort((-worth, mentee))
    rows = order[np.arange(len(order)) - first[mentee[order]] < wanted[mentee[order]]]
    np.add.at(best, mentee[rows], worth[rows])
    return best
