"""A lower bound on idle gaps: when participants are busy, whoever it is that they meet.

A participant with *d* meetings is a path through the slots, from (0 meetings, nobody met today)
to *d* meetings. Everybody's paths have to fit the tables: the number of participants busy in a
slot is twice the number of meetings. Whom they meet is left out, so the fewest gaps of such paths
are a lower bound; participants with the same number of meetings and the same open slots are one
flow, which keeps the model small. Its linear relaxation is mostly within one gap of its optimum,
which CP-SAT reaches in a fraction of a second.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from ortools.sat.python import cp_model

from matching.cpsat import run
from matching.forum.meetings.frame import Frame
from matching.watch import Watch

WORK, WORK_OF_CHOICE = 3.0, 1.0
"""Most deterministic time: a bound that takes longer is not worth waiting for, least of all where
wishes are left out and it is weak."""
BEFORE, BUSY, IDLE = range(3)
"""Today so far: nobody met; in a meeting; met somebody, now idle."""


def fewest_gaps(frame: Frame, weight: int, watch: Watch, seed: int) -> int:
    """A number of idle gaps that no schedule of at least this weight falls below.

    Parameters
    ----------
    weight
        Total weight that has to be placed; all of it when every wish has to be placed.

    Notes
    -----
    Where wishes can be left out, everybody has a path of their own, as long as the wishes chosen.
    """
    model = cp_model.CpModel()
    busy: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    gaps: list[cp_model.IntVar] = []
    groups = Counter(
        (-1 if frame.place_all else person, len(wishes), frame.open_slots[person])
        for person, wishes in enumerate(frame.wishes_of)
        if wishes
    )
    chosen = [] if frame.place_all else _choice(model, frame, weight)
    for (person, meetings, slots), people in groups.items():
        arcs = _paths(model, frame, meetings, frozenset(slots), people, gaps)
        for slot, here in arcs.items():
            busy[slot] += here
        if chosen:
            model.add(
                sum(arc for here in arcs.values() for arc in here)
                == sum(chosen[wish] for wish in frame.wishes_of[person])
            )
    for slot, tables in enumerate(frame.tables):
        held = model.new_int_var(0, tables, "")
        model.add(sum(busy[slot]) == 2 * held)
    model.minimize(sum(gaps))
    answer = run(
        model, watch=watch, seed=seed, workers=1, subsolvers=("reduced_costs",),
        work_limit=WORK_OF_CHOICE if chosen else WORK,
    )  # fmt: skip
    return 0 if answer.impossible else max(answer.bound, 0)


def heaviest(frame: Frame, watch: Watch, seed: int) -> tuple[int, list[int]]:
    """A weight that no schedule passes, and wishes that have it.

    Whatever the slots: nobody meets more often than in so many slots, all meetings together are
    no more than the tables, those with an interpreter no more than the interpreters.
    """
    model = cp_model.CpModel()
    chosen = _choice(model, frame, 0)
    model.maximize(sum(w * c for w, c in zip(frame.weights, chosen, strict=True)))
    answer = run(
        model, watch=watch, seed=seed, workers=1, subsolvers=("default_lp",), work_limit=WORK
    )
    if not answer.found:
        return sum(frame.weights), []
    picked = [at for at, literal in enumerate(chosen) if answer.solver.boolean_value(literal)]
    return min(answer.bound, sum(frame.weights)), picked


def _choice(model: cp_model.CpModel, frame: Frame, weight: int) -> list[cp_model.IntVar]:
    """Wishes that have this weight and may have room, whoever meets when."""
    chosen = [model.new_bool_var("") for _ in frame.pairs]
    pairs: dict[frozenset[int], list[int]] = defaultdict(list)
    for wish, pair in enumerate(frame.pairs):
        pairs[frozenset(pair)].append(wish)
        if not frame.possible[wish]:
            model.add(chosen[wish] == 0)
    if not frame.place_all:
        for same in pairs.values():
            model.add_at_most_one(chosen[wish] for wish in same)
    for wishes, slots in zip(frame.wishes_of, frame.open_slots, strict=True):
        model.add(sum(chosen[wish] for wish in wishes) <= len(slots))
    for wish in frame.pinned:
        model.add(chosen[wish] == 1)
    helped = [chosen[wish] for wish, needs in enumerate(frame.interpreted) if needs]
    model.add(sum(helped) <= sum(frame.interpreters))
    model.add(sum(chosen) <= sum(frame.tables))
    model.add(sum(w * c for w, c in zip(frame.weights, chosen, strict=True)) >= weight)
    return chosen


def _paths(
    model: cp_model.CpModel,
    frame: Frame,
    meetings: int,
    slots: frozenset[int],
    people: int,
    gaps: list[cp_model.IntVar],
) -> dict[int, list[cp_model.IntVar]]:
    """A flow of so many people along the paths of those with so many wishes and these slots.

    Returns the arcs that are busy in each slot and adds to ``gaps`` those that end an idle gap.
    """
    busy: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    level: dict[tuple[int, int], list[cp_model.LinearExprT]] = {(0, BEFORE): [people]}
    for slot in range(frame.slots):
        if frame.first[slot]:
            overnight: dict[tuple[int, int], list[cp_model.LinearExprT]] = defaultdict(list)
            for (number, _), arriving in level.items():
                overnight[number, BEFORE] += arriving
            level = overnight
        left = sum(1 for later in slots if later > slot)
        inward: dict[tuple[int, int], list[cp_model.LinearExprT]] = defaultdict(list)
        for (number, today), arriving in level.items():
            leaving = []
            for meets in (False, True):
                then = number + meets
                if then > meetings or (meets and slot not in slots):
                    continue
                if frame.place_all and meetings - then > left:
                    continue
                arc = model.new_int_var(0, people, "")
                state = BUSY if meets else BEFORE if today == BEFORE else IDLE
                inward[then, state].append(arc)
                leaving.append(arc)
                if meets:
                    busy[slot].append(arc)
                    if today == IDLE:
                        gaps.append(arc)
            model.add(sum(leaving) == sum(arriving))
        level = inward
    return busy
