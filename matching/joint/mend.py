"""The repair of a large plan: whoever lost nothing keeps everything.

First keep and changes, with those free to move who lost a place or may fill a broken group; the
bounds of :class:`~matching.joint.lost.Loss` end that search when they are met. Then the other
objectives, with what was settled held. When the places of every best plan are known
(``Loss.settled``) nothing that is held could have made it better, and all is proven.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version

from matching.joint.again import SMALLER, Reached
from matching.joint.bounds import Bounds
from matching.joint.cut import Finder, closed_rows, part_of
from matching.joint.lost import Loss, askers
from matching.joint.model import JointPlan, JointProblem
from matching.joint.near import Near, Part
from matching.joint.plan import ENGINE_VERSION, JointResult
from matching.joint.value import levels_of, value_of
from matching.model import (
    Instrument,
    Item,
    NoteCode,
    Objective,
    ObjectiveCode,
    OutcomeCode,
    Sense,
    WorstOff,
)
from matching.watch import Watch

MISSION = 2
NEWS = (ObjectiveCode.KEEP, ObjectiveCode.CHANGES)
NEWS_WORK = 3.0
"""Deterministic work for each of these two."""


def repaired_near(
    problem: JointProblem, loss: Loss, watch: Watch, *, seed: int, workers: int
) -> JointResult | None:
    """Repair near the earlier plan; None when nothing was found so.

    Parameters
    ----------
    problem
        The repaired Problem: its ``previous`` plan is what was proposed, and keep and changes
        come first.
    loss
        What the earlier plan lost.
    """
    part, first = _news(problem, loss, watch, seed=seed, workers=workers)
    if first is None:
        return None
    found = _rest(problem, part, loss, first, watch, seed=seed, workers=workers)
    bounds = (loss.told, loss.changed)
    met = _told(found) == bounds
    lines = tuple(_lines(problem, found, loss, proven=met and loss.settled and found.proven))
    outcome = watch.outcome
    if outcome is OutcomeCode.PROVEN and not all(line.proven for line in lines):
        outcome = OutcomeCode.TIME_LIMIT
    limit = None if watch.limit is None else int(watch.limit * 1000)
    plan = JointPlan(
        outcome=outcome, seed=seed, workers=workers, time_limit_ms=limit,
        versions={"matching": ENGINE_VERSION, "ortools": version("ortools")},
        items=found.items, objectives=lines,
    )  # fmt: skip
    return JointResult(outcome, plan)


def _news(
    problem: JointProblem, loss: Loss, watch: Watch, *, seed: int, workers: int
) -> tuple[Part, Reached | None]:
    """The fewest parties told and places changed: first among those who are told in any case."""
    policy = problem.policy.model_copy(update={"order": NEWS})
    best: Reached | None = None
    for wide in (False, True):
        part = _part(problem, loss, () if best is None else best.items, wide)
        again = replace(part, problem=replace(part.problem, policy=policy)).again(
            watch, seed, workers
        )
        again.work = NEWS_WORK
        again.at_least(ObjectiveCode.KEEP, loss.told)
        again.at_least(ObjectiveCode.CHANGES, loss.changed)
        found = again.best()
        if best is None or (found is not None and _told(found) < _told(best)):
            best = found
        if best is not None and _told(best) == (loss.told, loss.changed):
            break
    return part, best


def _told(found: Reached) -> tuple[int, ...]:
    return tuple(found.values[code] for code in NEWS)


def _part(problem: JointProblem, loss: Loss, start: tuple[Item, ...], wide: bool) -> Part:
    """Earlier options, and those with which States could fill a broken group.

    A place elsewhere is never needed: a plan without it tells nobody more. Those who are told in
    any case come first, then everybody who could join.
    """
    near = Near(problem, loss.left)
    keys = [row.key for row in problem.parties]
    moving = {place.guest for item in (*loss.touched, *loss.broken) for place in item.places}
    rows = set(near.rows)
    for item in loss.broken:
        for guest in askers(problem, item):
            if wide or keys[guest] in moving | loss.parties:
                moving.add(keys[guest])
                rows |= set(near.options(guest, near.givers_of(item), 0))
    held = frozenset(key for key in keys if key not in moving)
    # Groups that are broken are no plan to begin with.
    items = start or tuple(item for item in near.items if item not in loss.broken)
    return Part(part_of(problem, rows), items, held, whole=False)


def _rest(
    problem: JointProblem, part: Part, loss: Loss, first: Reached, watch: Watch,
    *, seed: int, workers: int,
) -> Reached:  # fmt: skip
    """The other objectives: themes of visits that lost a delegation, who fills broken groups."""
    touched = {item.offer for item in loss.touched if item.instrument is Instrument.STUDY_VISIT}
    if not loss.settled:
        touched |= {item.offer for item in loss.broken}
    free = {place.guest for item in first.items if item.offer in touched for place in item.places}
    held = frozenset(row.key for row in problem.parties if row.key not in free)
    rows = Near(part.problem, first.items).rows
    later = Part(part_of(part.problem, rows), first.items, held, whole=False)
    found = later.again(watch, seed, workers).best()
    return first_with(problem, first) if found is None else found


def first_with(problem: JointProblem, found: Reached) -> Reached:
    """All values of a plan of which only some were asked for."""
    order = problem.policy.order
    values = {code: value_of(problem, found.items, code) for code in order}
    return replace(found, values=values, levels=levels_of(problem, found.items), proven=False)


def _lines(
    problem: JointProblem, found: Reached, loss: Loss, *, proven: bool
) -> Iterable[Objective]:
    """Objectives with bounds that hold for the whole Problem."""
    open_lines: list[ObjectiveCode] = []
    bounds = {ObjectiveCode.KEEP: loss.told, ObjectiveCode.CHANGES: loss.changed}
    closed = closed_rows(problem, Finder(problem))
    usable = part_of(problem, [at for at in range(len(problem.options)) if at not in closed])
    certain = Bounds(usable, Watch(None, None, None, 1))
    for code in problem.policy.order:
        value = found.values[code]
        on = _on(problem, code)
        sure = proven or not on or bounds.get(code) == value
        bound = value
        if not sure:
            bound = bounds.get(code, certain.certain(code, found.values))
            bound = min(bound, value) if code in SMALLER else max(bound, value)
        sure = sure or (bound == value and code is not ObjectiveCode.WORST_OFF)
        yield Objective(
            code=code, sense=Sense.MIN if code in SMALLER else Sense.MAX, value=value,
            bound=bound, gap=abs(bound - value), proven=sure, on=on, note=_note(problem, code, on),
            conditional_on=tuple(open_lines),
            levels=found.levels if code is ObjectiveCode.WORST_OFF else (),
        )  # fmt: skip
        if not sure:
            open_lines.append(code)


def _on(problem: JointProblem, code: ObjectiveCode) -> bool:
    policy = problem.policy
    if code is ObjectiveCode.OBSERVERS:
        return policy.observers_first
    return code is not ObjectiveCode.WORST_OFF or policy.worst_off is not WorstOff.OFF


def _note(problem: JointProblem, code: ObjectiveCode, on: bool) -> NoteCode | None:
    if not on:
        return NoteCode.SWITCHED_OFF
    missions = bool((problem.options.instrument == MISSION).any())
    if code is ObjectiveCode.OBSERVERS and not missions:
        return NoteCode.NO_MISSIONS
    return None
