"""What of an earlier plan is not possible any more, and what that means for every next plan.

A party hears something new when a place or a guest of its own is lost for good. A visit or course
that then is below its minimum is *broken*: either the rest is lost too, or others join, as many
as are missing. Each broken group costs the cheaper of the two, whatever a plan does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, inf

import numpy as np

from matching.joint.cut import MODES, Finder, closed_rows
from matching.joint.model import INSTRUMENTS, JointProblem, Mode
from matching.joint.value import facts_of, told_of
from matching.model import Instrument, Item


@dataclass(frozen=True)
class Loss:
    """The losses of an earlier plan.

    Attributes
    ----------
    told, changed
        At least so many parties hear something new, and so many places change, in any plan.
    left
        Earlier items without the places that are lost for good.
    touched
        Earlier items that lost a place for good, as they were.
    broken
        What is left of groups that are below their minimum.
    settled
        A plan that meets both bounds has the places that are left, without the broken groups',
        and no others.
    """

    told: int
    changed: int
    left: tuple[Item, ...]
    touched: tuple[Item, ...]
    broken: tuple[Item, ...]
    settled: bool


def losses(problem: JointProblem) -> Loss:
    """Find what an earlier plan lost."""
    lost = impossible(problem)
    gone: list[Item] = []
    stay: list[Item] = []
    touched: list[Item] = []
    previous = problem.previous
    for item in (*previous.accepted_items, *previous.proposed_items):
        for place in item.places:
            alone = item.model_copy(update={"places": (place,)})
            (gone if (item, place.guest) in lost else stay).append(alone)
        if any((item, place.guest) in lost for place in item.places):
            touched.append(item)
    before, after = facts_of(problem, gone), facts_of(problem, stay)
    told = {party for party, facts in before.items() if facts - after.get(party, set())}
    changed = len(_parts(gone) - _parts(stay))
    left = joined(stay)
    groups = [
        (item, least) for item in left for least in (_missing(problem, item),) if least
    ]  # fmt: skip
    more_told = _told_by_groups(problem, [item for item, _ in groups], told)
    return Loss(
        told=len(told) + more_told,
        changed=changed + sum(int(min(len(item.places), least)) for item, least in groups),
        left=tuple(left), touched=tuple(touched),
        broken=tuple(item for item, _ in groups),
        settled=all(len(item.places) < least for item, least in groups),
    )  # fmt: skip


def impossible(problem: JointProblem) -> set[tuple[Item, str]]:
    """Earlier places that no plan can hold: no option, no week, or declined."""
    finder = Finder(problem)
    closed = closed_rows(problem, finder)
    found = set()
    previous = problem.previous
    for item in (*previous.accepted_items, *previous.proposed_items):
        for place in item.places:
            options = finder.options(item, place.guest)
            fine = bool(options) and not set(options) & closed
            if fine and item.week is not None:
                fine = all(_free(problem, at, item.week) for at in options)
            if not fine:
                found.add((item, place.guest))
    return found


def _free(problem: JointProblem, option: int, week: int) -> bool:
    """Whether an option and its giver have a week."""
    table = problem.options
    giver = problem.givers(int(table.instrument[option]))[int(table.giver[option])]
    return week in problem.calendars[int(table.calendar[option])] and week in getattr(
        giver, "weeks", ()
    )


def _parts(items: Iterable[Item]) -> set[tuple[object, str]]:
    return {(told_of(item), place.guest) for item in items for place in item.places}


def joined(items: Iterable[Item]) -> list[Item]:
    """Accepted and proposed places of one item, together again."""
    found: dict[tuple[object, ...], Item] = {}
    for item in items:
        alone = item.places[0].guest if item.week is None else ""
        key = (*told_of(item), item.offer, alone)
        if key in found:
            places = sorted((*found[key].places, *item.places), key=lambda place: place.guest)
            themes = set(found[key].themes) | set(item.themes)
            found[key] = found[key].model_copy(
                update={
                    "places": tuple(places),
                    "themes": tuple(name for name in item.themes if name in themes),
                }
            )
        else:
            found[key] = item
    return list(found.values())


def askers(problem: JointProblem, item: Item) -> dict[int, int]:
    """States that could join a group as it is, in its week and language, with their persons."""
    kind = INSTRUMENTS.index(item.instrument)
    giver = [row.key for row in problem.givers(kind)].index(item.offer or "")
    table = problem.options
    mode = int(MODES.get(item.delivery, Mode.IN_PERSON))
    rows = np.flatnonzero(
        (table.instrument == kind) & (table.giver == giver) & (table.mode == mode)
    )
    there = {place.guest for place in item.places}
    found = {}
    for at in rows.tolist():
        guest = int(table.guest[at])
        tongues = problem.tongues[int(table.tongue[at])]
        speaks = item.language in {problem.languages[t.language] for t in tongues}
        weeks = problem.calendars[int(table.calendar[at])]
        if problem.parties[guest].key not in there and speaks and item.week in weeks:
            found[guest] = int(table.persons[at])
    return found


def _missing(problem: JointProblem, item: Item) -> float:
    """How many States at least a group lacks; infinite when too few could join."""
    if item.week is None or item.team:
        return 0
    persons = sum(place.persons for place in item.places)
    short, states = 0, 0
    for visit in problem.visits:
        if visit.key == item.offer and item.instrument is Instrument.STUDY_VISIT:
            short = visit.persons_min - persons
            states = visit.delegations_min - len(item.places)
    for course in problem.courses:
        if course.key == item.offer and item.instrument is Instrument.TRAINING:
            short = course.seats_min - persons
    able = askers(problem, item)
    if short <= 0 and states <= 0:
        return 0
    if not able:
        return inf
    least = max(states, ceil(max(short, 0) / max(able.values())))
    enough = len(able) >= least and sum(able.values()) >= short
    return least if enough else inf


def _told_by_groups(problem: JointProblem, broken: list[Item], told: set[str]) -> int:
    """Parties that broken groups add to those who are told in any case."""
    keys = [row.key for row in problem.parties]
    ready = told | {place.guest for item in broken for place in item.places}
    used = set(told)
    more = 0
    for item in broken:
        rest = {place.guest for place in item.places} - used
        able = {keys[guest] for guest in askers(problem, item)}
        newcomers = max(_missing(problem, item) - len(able & ready), 0)
        more += int(min(len(rest), newcomers))
        used |= rest
    return more
