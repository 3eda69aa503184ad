"""The repair of a large plan: whoever lost nothing keeps everything.

Guests of items that lost a place may move, all others are held. When a plan so found needs no
more news than the bound of :func:`~matching.joint.lost.least_news`, the places of every best plan
are those that are left, and nothing that was held could have made it better.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

from matching.joint.again import SMALLER, Reached
from matching.joint.bounds import Bounds
from matching.joint.cut import Finder, closed_rows, part_of
from matching.joint.lost import impossible
from matching.joint.model import JointPlan, JointProblem
from matching.joint.near import FREE, OTHERS, Near, Part
from matching.joint.plan import ENGINE_VERSION, JointResult
from matching.model import (
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


def repaired_near(
    problem: JointProblem, told: int, changed: int, watch: Watch, *, seed: int, workers: int
) -> JointResult | None:
    """Repair near the earlier plan; None when nothing was found so.

    Parameters
    ----------
    problem
        The repaired Problem: its ``previous`` plan is what was proposed.
    told, changed
        Bounds of keep and changes.
    """
    part = _part(problem)
    again = part.again(watch, seed, workers)
    found = again.best()
    if found is None:
        return None
    met = (
        found.values[ObjectiveCode.KEEP] == told and found.values[ObjectiveCode.CHANGES] == changed
    )
    lines = tuple(_lines(problem, found, told, changed, proven=met and found.proven))
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


def _part(problem: JointProblem) -> Part:
    """Earlier options, with those of the States in and around items that lost a place."""
    previous = problem.previous
    lost = impossible(problem)
    left: list[Item] = []
    moving: set[str] = set()
    touched: list[Item] = []
    for item in (*previous.accepted_items, *previous.proposed_items):
        stay = tuple(place for place in item.places if (item, place.guest) not in lost)
        if len(stay) < len(item.places):
            moving |= {place.guest for place in item.places}
            touched.append(item)
        if stay:
            left.append(item.model_copy(update={"places": stay}))
    near = Near(problem, joined(left))
    givers = sorted({giver for item in touched for giver in near.givers_of(item)})
    rows = set(near.rows)
    keys = [row.key for row in problem.parties]
    moving |= {keys[guest] for guest in near.askers(givers, FREE)}
    for key in sorted(moving):
        rows |= set(near.options(near.finder.party[key], set(givers), OTHERS))
    held = frozenset(key for key in keys if key not in moving)
    return Part(part_of(problem, rows), near.items, held, whole=False)


def joined(items: Iterable[Item]) -> list[Item]:
    """Accepted and proposed places of one item, together again."""
    found: dict[tuple[object, ...], Item] = {}
    for item in items:
        alone = item.places[0].guest if item.week is None else ""
        key = (
            item.instrument, item.offer, item.host, item.week, item.language, item.delivery,
            item.team, alone,
        )  # fmt: skip
        if key in found:
            places = sorted((*found[key].places, *item.places), key=lambda place: place.guest)
            found[key] = found[key].model_copy(update={"places": tuple(places)})
        else:
            found[key] = item
    return list(found.values())


def _lines(
    problem: JointProblem, found: Reached, told: int, changed: int, *, proven: bool
) -> Iterable[Objective]:
    """Objectives with bounds that hold for the whole Problem."""
    open_lines: list[ObjectiveCode] = []
    bounds = {ObjectiveCode.KEEP: told, ObjectiveCode.CHANGES: changed}
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
