"""What of an earlier plan is not possible any more, and what that means for every next plan.

A party hears something new when a place or a guest of its own is lost for good. A visit or course
that then is below its minimum is *broken*: either the rest is lost too, or others join, as many
as are missing. Each broken group costs the cheaper of the two, whatever a plan does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

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
    parties
        Those who hear something new in any plan: more news cost nothing there.
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
    parties: frozenset[str]
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
        parties=frozenset(told), left=tuple(left), touched=tuple(touched),
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
    closed = closed_rows(problem, Finder(problem))
    rows = np.flatnonzero(
        (table.instrument == kind) & (table.giver == giver) & (table.mode == mode)
    )
    there = {place.guest for place in item.places}
    found = {}
    for at in sorted(set(rows.tolist()) - closed):
        guest = int(table.guest[at])
        tongues = problem.tongues[int(table.tongue[at])]
        speaks = item.language in {problem.languages[t.language] for t in tongues}
        weeks = problem.calendars[int(table.calendar[at])]
        if problem.parties[guest].key not in there and speaks and item.week in weeks:
            found[guest] = int(table.persons[at])
    return found


def _short(problem: JointProblem, item: Item) -> tuple[int, int]:
    """Persons and delegations that a group lacks."""
    persons = sum(place.persons for place in item.places)
    if item.instrument is Instrument.STUDY_VISIT:
        visit = next(row for row in problem.visits if row.key == item.offer)
        return visit.persons_min - persons, visit.delegations_min - len(item.places)
    if item.instrument is Instrument.TRAINING:
        return next(r for r in problem.courses if r.key == item.offer).seats_min - persons, 0
    return 0, 0


def _fewest(short: int, states: int, able: list[int]) -> float:
    """Fewest of these delegations that fill a group; infinite when all are not enough."""
    for count in range(len(able) + 1):
        if count >= states and sum(sorted(able)[len(able) - count :]) >= short:
            return count
    return inf


def _missing(problem: JointProblem, item: Item) -> float:
    """How many States at least have to join a group; 0 when it is not broken."""
    short, states = _short(problem, item)
    if short <= 0 and states <= 0:
        return 0
    return _fewest(short, states, list(askers(problem, item).values()))


def _told_by_groups(problem: JointProblem, broken: list[Item], told: set[str]) -> int:
    """Parties that broken groups add to those who are told in any case.

    Either the rest of the group is told that it is lost, or newcomers that they are in it. Those
    of the rest of any group, and whoever is told in any case, might join at no cost.
    """
    keys = [row.key for row in problem.parties]
    ready = told | {place.guest for item in broken for place in item.places}
    used = set(told)
    more = 0
    for item in broken:
        rest = {place.guest for place in item.places} - used
        short, states = _short(problem, item)
        able = askers(problem, item)
        free = [persons for guest, persons in able.items() if keys[guest] in ready]
        others = [persons for guest, persons in able.items() if keys[guest] not in ready]
        newcomers = _fewest(short - sum(free), states - len(free), others)
        more += int(min(len(rest), newcomers))
        used |= rest
    return more
