"""The rules of a Problem that a coordinator could relax, each by itself, and what is left then.

What nobody can relax stays in force throughout: options, weeks, languages, teams, clocks, one
mentor and one item a week for each State, and who does not sit with whom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from matching.joint.cut import Finder, part_of
from matching.joint.model import INSTRUMENTS, JointProblem
from matching.joint.reasons import Rule
from matching.model import Clash, Instrument, Item, Load, Pairing, Place

PLENTY = 10**6
NAMES = ("mentors", "visits", "experts", "courses")
VISIT, MISSION, COURSE = 1, 2, 3


@dataclass(frozen=True)
class Relaxable:
    """A rule in names, and how the Problem is without it."""

    clash: Clash
    lifted: Callable[[JointProblem], JointProblem]


def wanted(problem: JointProblem) -> list[Pairing]:
    """Pairings that a plan has to hold: pins, and what was accepted."""
    previous = problem.previous
    home = {row.key: problem.parties[row.party].key for row in problem.experts}
    found = [*problem.pins, *previous.accepted]
    for item in previous.accepted_items:
        for place in item.places:
            hosts = {home[key] for key in item.team if key in home} or {item.host}
            found += [
                Pairing(instrument=item.instrument, guest=place.guest, host=host)
                for host in sorted(hosts)
            ]
    return list(dict.fromkeys(found))


def around(problem: JointProblem) -> JointProblem:
    """The options that can matter to what is wanted.

    Of any plan the items without a wanted place can be left out. The others are made of options
    of the wanted guests and of those who could be in a group with them.
    """
    finder, table = Finder(problem), problem.options
    rows: set[int] = set()
    for pairing in wanted(problem):
        kind = INSTRUMENTS.index(pairing.instrument)
        guest = finder.party.get(pairing.guest, -1)
        if kind == MISSION:
            mine = (table.instrument == kind) & (table.guest == guest)
            rows |= set(np.flatnonzero(mine).tolist())
            continue
        for at in finder.between(pairing):
            group = (table.instrument == kind) & (table.giver == table.giver[at])
            rows |= set(np.flatnonzero(group).tolist()) if kind in (VISIT, COURSE) else {at}
    return part_of(problem, rows)


def rules(problem: JointProblem) -> list[Relaxable]:
    """Rules that can be in the way of what is wanted; those of the coordinator come last."""
    return [
        *_offers(problem), *_loads(problem), *_money(problem), *_barred(problem),
        *_accepted(problem), *_pins(problem),
    ]  # fmt: skip


def _givers(problem: JointProblem) -> list[tuple[int, int]]:
    table = problem.options
    pairs = np.unique(np.stack([table.instrument, table.giver], axis=1), axis=0)
    return [(int(kind), int(giver)) for kind, giver in pairs.tolist()]


def _changed(kind: int, at: int, **changes: Any) -> Callable[[JointProblem], JointProblem]:
    def lifted(problem: JointProblem) -> JointProblem:
        rows: list[Any] = list(problem.givers(kind))
        rows[at] = rows[at].model_copy(update=changes)
        parts: dict[str, Any] = {NAMES[kind]: tuple(rows)}
        return replace(problem, **parts)

    return lifted


def _offers(problem: JointProblem) -> Iterator[Relaxable]:
    places = len(wanted(problem))
    for kind, at in _givers(problem):
        row: Any = problem.givers(kind)[at]
        more: dict[str, int] = {
            0: {"capacity": PLENTY},
            VISIT: {
                "visits": getattr(row, "visits", 0) + places, "delegations_max": PLENTY,
                "persons_max": PLENTY, "themes_max": PLENTY,
            },
            MISSION: {"missions": PLENTY, "person_days": PLENTY * 100},
            COURSE: {"seats_max": PLENTY},
        }[kind]  # fmt: skip
        yield Relaxable(Clash(Rule.CAPACITY, {"offer": row.key}), _changed(kind, at, **more))
        least = {VISIT: ("delegations_min", "persons_min"), COURSE: ("seats_min",)}.get(kind, ())
        if any(getattr(row, name) > 1 for name in least):
            lifted = _changed(kind, at, **dict.fromkeys(least, 1))
            yield Relaxable(Clash(Rule.MINIMUM, {"offer": row.key}), lifted)


def _loads(problem: JointProblem) -> Iterator[Relaxable]:
    guests = {p.guest for p in wanted(problem)}
    hosts = {problem.party_of(kind, at) for kind, at in _givers(problem)}
    for at, row in enumerate(problem.parties):
        if row.guest != Load() and row.key in guests:
            yield Relaxable(Clash(Rule.GUEST_LOAD, {"party": row.key}), _unlimited(at, "guest"))
        if row.host != Load() and at in hosts:
            yield Relaxable(Clash(Rule.HOST_LOAD, {"party": row.key}), _unlimited(at, "host"))


def _unlimited(at: int, side: str) -> Callable[[JointProblem], JointProblem]:
    def lifted(problem: JointProblem) -> JointProblem:
        parties = list(problem.parties)
        parties[at] = parties[at].model_copy(update={side: Load()})
        return replace(problem, parties=tuple(parties))

    return lifted


def _money(problem: JointProblem) -> Iterator[Relaxable]:
    for at, row in enumerate(problem.sources):

        def lifted(problem: JointProblem, at: int = at) -> JointProblem:
            sources = list(problem.sources)
            sources[at] = sources[at].model_copy(update={"amount": 10**12})
            return replace(problem, sources=tuple(sources))

        yield Relaxable(Clash(Rule.MONEY, {"source": row.key}), lifted)


def _words(pairing: Pairing) -> dict[str, str]:
    return {
        "guest": pairing.guest, "host": pairing.host, "instrument": pairing.instrument.value,
    }  # fmt: skip


def _barred(problem: JointProblem) -> Iterator[Relaxable]:
    """Exclusions and refusals among the options that matter."""
    finder = Finder(problem)
    for pairing in dict.fromkeys(problem.policy.exclusions):
        if finder.between(pairing):

            def allowed(problem: JointProblem, gone: Pairing = pairing) -> JointProblem:
                left = tuple(p for p in problem.policy.exclusions if p != gone)
                policy = problem.policy.model_copy(update={"exclusions": left})
                return replace(problem, policy=policy)

            yield Relaxable(Clash(Rule.EXCLUSION, _words(pairing)), allowed)
    for pairing in dict.fromkeys(problem.previous.declined):
        if finder.between(pairing):

            def asked(problem: JointProblem, gone: Pairing = pairing) -> JointProblem:
                left = tuple(p for p in problem.previous.declined if p != gone)
                return _before(problem, declined=left)

            yield Relaxable(Clash(Rule.DECLINED, _words(pairing)), asked)


def _before(problem: JointProblem, **changes: Any) -> JointProblem:
    return replace(problem, previous=problem.previous.model_copy(update=changes))


def _accepted(problem: JointProblem) -> Iterator[Relaxable]:
    """Accepted places, one by one, and accepted mentorships given as pairings."""
    for number, item in enumerate(problem.previous.accepted_items):
        for place in item.places:

            def released(
                problem: JointProblem, number: int = number, gone: Place = place
            ) -> JointProblem:
                items = list(problem.previous.accepted_items)
                items[number] = _less(items[number], gone.guest)
                return _before(problem, accepted_items=tuple(items))

            words = _words(Pairing(instrument=item.instrument, guest=place.guest, host=item.host))
            yield Relaxable(Clash(Rule.ACCEPTED, words), released)
    for pairing in dict.fromkeys(problem.previous.accepted):
        if pairing.instrument is not Instrument.MENTORSHIP:
            continue

        def free(problem: JointProblem, gone: Pairing = pairing) -> JointProblem:
            left = tuple(p for p in problem.previous.accepted if p != gone)
            return _before(problem, accepted=left)

        yield Relaxable(Clash(Rule.ACCEPTED, _words(pairing)), free)


def _less(item: Item, guest: str) -> Item:
    left = tuple(place for place in item.places if place.guest != guest)
    return item.model_copy(update={"places": left})


def _pins(problem: JointProblem) -> Iterator[Relaxable]:
    for pairing in dict.fromkeys(problem.pins):

        def unpinned(problem: JointProblem, gone: Pairing = pairing) -> JointProblem:
            return replace(problem, pins=tuple(p for p in problem.pins if p != gone))

        yield Relaxable(Clash(Rule.PIN, _words(pairing)), unpinned)
