"""Who can't share an item with whom, whatever the reason.

A pair stands in the list when one ruled the other out **or** when no item could bring the two
together anyway. The second kind changes no plan; it is there so that standing in the list need not
mean a rule-out, and so that a rule-out of two who could not meet leaves no trace.

* Two delegations could meet when some host receives two, both fit into its persons, and they have
  a week, a language and (where a visit has one theme only) a theme in common.
* Two participants could meet in person when some course has a week and a language for both, and
  seats for both.
* Two parties' experts could be on one team when they are options of one guest with a common week.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from matching.joint.model import JointProblem, Mode
from matching.model import Column, Instrument

VISIT, MISSION, COURSE = 1, 2, 3
Mask = NDArray[np.bool_]
Bits = NDArray[np.uint64]


def apart_pairs(
    problem: JointProblem, ruled_out: Mapping[Instrument, Collection[frozenset[str]]]
) -> JointProblem:
    """The Problem with its list of pairs that can't sit together."""
    rows: list[tuple[Instrument, int, int]] = []
    for number, instrument in ((VISIT, Instrument.STUDY_VISIT), (COURSE, Instrument.TRAINING)):
        guests, together = _could_meet(problem, number)
        keys = [problem.parties[guest].key for guest in guests]
        rows += [
            (instrument, guests[one], guests[other])
            for one, other in combinations(range(len(guests)), 2)
            if not together[one][other]
            or frozenset((keys[one], keys[other])) in ruled_out[instrument]
        ]
    rows += _experts(problem, ruled_out[Instrument.MISSION])
    return replace(problem, apart=tuple(sorted(rows)))


def _could_meet(problem: JointProblem, number: int) -> tuple[list[int], list[list[bool]]]:
    """All guests in person of an instrument, and whether some offer could bring two together."""
    table = problem.options
    chosen = np.flatnonzero((table.instrument == number) & (table.mode != Mode.ONLINE))
    guests, place = np.unique(table.guest[chosen], return_inverse=True)
    weeks = _members(problem.calendars, problem.horizon.weeks)
    tongues = _members(
        [[t.language for t in tongues] for tongues in problem.tongues], len(problem.languages)
    )
    together = np.zeros((len(guests), len(guests)), bool)
    for giver in range(len(problem.givers(number))):
        own = np.flatnonzero(table.giver[chosen] == giver)
        rows, at = chosen[own], place[own]
        meet = _common(weeks[table.calendar[rows]]) & _common(tongues[table.tongue[rows]])
        together[np.ix_(at, at)] |= meet & _room(problem, number, giver, rows)
    return guests.tolist(), together.tolist()


def _room(problem: JointProblem, number: int, giver: int, rows: Column) -> Mask:
    """Whether a visit or course has room for two delegations, and a theme for both."""
    persons, themes = problem.options.persons[rows], problem.options.themes[rows]
    both = persons[:, None] + persons[None, :]
    if number == COURSE:
        return np.asarray(both <= problem.courses[giver].seats_max)
    visit = problem.visits[giver]
    fits = (both <= visit.persons_max) & (visit.delegations_max > 1)
    shared = (themes[:, None] & themes[None, :]) != 0
    return np.asarray(fits & (shared | (visit.themes_max > 1)))


def _members(sets: Sequence[Sequence[int]], width: int) -> Bits:
    """A row for each set, a bit for each member, 64 to a column."""
    table = np.zeros((len(sets), -(-width // 64) * 64), bool)
    for at, members in enumerate(sets):
        table[at, list(members)] = True
    return np.packbits(table, axis=1).view(np.uint64)


def _common(rows: Bits) -> Mask:
    """Whether two rows share a member."""
    return np.asarray((rows[:, None, :] & rows[None, :, :]).any(axis=2))


def _experts(
    problem: JointProblem, ruled_out: Collection[frozenset[str]]
) -> Iterator[tuple[Instrument, int, int]]:
    """Parties whose experts can't be on one team."""
    table = problem.options
    chosen = np.flatnonzero(table.instrument == MISSION)
    home = np.array([expert.party for expert in problem.experts], np.int64)
    weeks = _members(problem.calendars, problem.horizon.weeks)
    together: set[tuple[int, int]] = set()
    for guest in np.unique(table.guest[chosen]):
        rows = chosen[table.guest[chosen] == guest]
        one, other = np.nonzero(_common(weeks[table.calendar[rows]]))
        at = home[table.giver[rows]]
        together.update(zip(at[one].tolist(), at[other].tolist(), strict=True))
    for pair in combinations(sorted(set(home.tolist())), 2):
        keys = frozenset(problem.parties[at].key for at in pair)
        if keys in ruled_out or pair not in together:
            yield Instrument.MISSION, *pair
