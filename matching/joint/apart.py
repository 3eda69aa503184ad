"""Who can't share an item with whom, whatever the reason.

A pair stands in the list when one ruled the other out **or** when no offer could bring the two
together anyway (no common week, language or theme). The second kind changes no plan; it is there
so that standing in the list says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from matching.joint.model import JointProblem, Mode
from matching.model import Instrument

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint64]


def apart_pairs(
    problem: JointProblem, ruled_out: Mapping[Instrument, Collection[frozenset[str]]]
) -> JointProblem:
    """The Problem with its list of pairs that can't sit together."""
    rows: list[tuple[Instrument, int, int]] = []
    for number, instrument in ((1, Instrument.STUDY_VISIT), (3, Instrument.TRAINING)):
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
        together[np.ix_(at, at)] |= meet
    return guests.tolist(), together.tolist()


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
    free: dict[int, list[set[int]]] = defaultdict(list)
    for expert in problem.experts:
        free[expert.party].append(set(expert.weeks))
    for one, other in combinations(sorted(free), 2):
        keys = frozenset((problem.parties[one].key, problem.parties[other].key))
        if keys in ruled_out or not any(a & b for a in free[one] for b in free[other]):
            yield Instrument.MISSION, one, other
