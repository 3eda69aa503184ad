"""Who can't share an item with whom, whatever the reason.

A pair stands in the list when one ruled the other out **or** when no offer could bring the two
together anyway (no common week, language or theme). The second kind changes no plan; it is there
so that standing in the list says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from matching.joint.model import JointProblem, Mode
from matching.model import Instrument


def apart_pairs(
    problem: JointProblem, ruled_out: Mapping[Instrument, set[frozenset[str]]]
) -> JointProblem:
    """The Problem with its list of pairs that can't sit together."""
    rows: set[tuple[Instrument, int, int]] = set()
    for number, instrument in ((1, Instrument.STUDY_VISIT), (3, Instrument.TRAINING)):
        together, guests = _could_meet(problem, number)
        for one, other in combinations(sorted(guests), 2):
            keys = frozenset((problem.parties[one].key, problem.parties[other].key))
            if keys in ruled_out[instrument] or (one, other) not in together:
                rows.add((instrument, one, other))
    rows.update(_experts(problem, ruled_out[Instrument.MISSION]))
    return replace(problem, apart=tuple(sorted(rows)))


def _could_meet(problem: JointProblem, number: int) -> tuple[set[tuple[int, int]], set[int]]:
    """Pairs of guests that some offer could bring together in person, and all its guests."""
    table = problem.options
    chosen = np.flatnonzero((table.instrument == number) & (table.mode != Mode.ONLINE))
    by_giver: dict[int, list[int]] = defaultdict(list)
    for at in chosen.tolist():
        by_giver[int(table.giver[at])].append(at)
    week_bits = [sum(1 << week for week in weeks) for weeks in problem.calendars]
    tongue_bits = [sum(1 << t.language for t in tongues) for tongues in problem.tongues]
    together: set[tuple[int, int]] = set()
    for rows in by_giver.values():
        facts = [
            (
                int(table.guest[at]),
                week_bits[int(table.calendar[at])],
                tongue_bits[int(table.tongue[at])],
            )
            for at in rows
        ]
        for (one, weeks, tongues), (other, other_weeks, other_tongues) in combinations(facts, 2):
            if weeks & other_weeks and tongues & other_tongues:
                together.add((min(one, other), max(one, other)))
    return together, {int(table.guest[at]) for at in chosen.tolist()}


def _experts(
    problem: JointProblem, ruled_out: set[frozenset[str]]
) -> Iterator[tuple[Instrument, int, int]]:
    """Parties whose experts can't be on one team."""
    free: dict[int, list[set[int]]] = defaultdict(list)
    for expert in problem.experts:
        free[expert.party].append(set(expert.weeks))
    for one, other in combinations(sorted(free), 2):
        keys = frozenset((problem.parties[one].key, problem.parties[other].key))
        if keys in ruled_out or not any(a & b for a in free[one] for b in free[other]):
            yield Instrument.MISSION, one, other
