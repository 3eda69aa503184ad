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

WORK = 3.0
"""Most deterministic time: a bound that takes longer is not worth waiting for."""
BEFORE, BUSY, IDLE = range(3)
"""Today so far: nobody met; in a meeting; met somebody, now idle."""


def fewest_gaps(frame: Frame, weight: int, watch: Watch, seed: int) -> int:
    """A number of idle gaps that no schedule of at least this weight falls below.

    Parameters
    ----------
    weight
        Total weight that has to be placed.
    """
    model = cp_model.CpModel()
    busy: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    gaps: list[cp_model.IntVar] = []
    alike = Counter(
        (len(wishes), slots)
        for wishes, slots in zip(frame.wishes_of, frame.open_slots, strict=True)
        if wishes
    )
    for (meetings, slots), people in alike.items():
        _paths(model, frame, meetings, frozenset(slots), people, busy, gaps)
    for slot, tables in enumerate(frame.tables):
        held = model.new_int_var(0, tables, "")
        model.add(sum(busy[slot]) == 2 * held)
    model.add(sum(v for here in busy.values() for v in here) >= 2 * _fewest(frame, weight))
    model.minimize(sum(gaps))
    answer = run(
        model, watch=watch, seed=seed, workers=1, subsolvers=("reduced_costs",), work_limit=WORK
    )
    return 0 if answer.impossible else max(answer.bound, 0)


def _fewest(frame: Frame, weight: int) -> int:
    """Fewest wishes that have this weight together."""
    number = 0
    for heaviest in sorted(frame.weights, reverse=True):
        if weight <= 0:
            break
        weight -= heaviest
        number += 1
    return number


def _paths(
    model: cp_model.CpModel,
    frame: Frame,
    meetings: int,
    slots: frozenset[int],
    people: int,
    busy: dict[int, list[cp_model.IntVar]],
    gaps: list[cp_model.IntVar],
) -> None:
    """A flow of so many people along the paths of those with so many wishes and these slots."""
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
