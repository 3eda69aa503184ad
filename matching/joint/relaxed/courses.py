"""Courses and the ways they can run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matching.joint.clocks import windows
from matching.joint.linear import Whole
from matching.joint.model import COURSE, Mode

if TYPE_CHECKING:
    from matching.joint.master import Master


@dataclass(frozen=True)
class Variant:
    """One way to run a course: mode, language, and the clocks that are let in (online)."""

    course: int
    mode: int
    language: int
    clocks: frozenset[int] | None


def add(master: Master) -> tuple[list[Variant], Whole]:
    """A run in one mode, language and window of clocks, with its minimum of seats."""
    model, problem, rows = master.model, master.problem, master.of(COURSE)
    variants: list[Variant] = []
    by_course: dict[int, list[int]] = defaultdict(list)
    for at in rows.tolist():
        by_course[int(master.table.giver[at])].append(at)
    for course in range(len(problem.courses)):
        variants += _variants_of(master, course, by_course[course])
    columns = model.columns(len(variants))
    courses = np.array([v.course for v in variants], np.int64)
    count = len(problem.courses)
    if count:
        model.at_most(courses, columns, np.ones(count))
    by_variant: dict[int, list[int]] = defaultdict(list)
    for at, variant in enumerate(variants):
        by_variant[variant.course].append(at)
    admits = model.rows(len(rows), upper=0)
    model.put(admits, master.option[rows])
    for row, option in zip(admits.tolist(), rows.tolist(), strict=True):
        open_ = [
            int(columns[at])
            for at in by_variant[int(master.table.giver[option])]
            if _admitted(master, option, variants[at])
        ]
        model.put(row, open_, -1)
    giver, persons = master.table.giver[rows], master.table.persons[rows]
    if count:
        over = model.at_most(giver, master.option[rows], np.zeros(count), persons)
        under = model.at_most(giver, master.option[rows], np.zeros(count), -persons)
        most = np.array([c.seats_max for c in problem.courses], float)
        least = np.array([c.seats_min for c in problem.courses], float)
        model.put(over[courses], columns, -most[courses])
        model.put(under[courses], columns, least[courses])
    return variants, columns


def _admitted(master: Master, option: int, variant: Variant) -> bool:
    """Whether an option's guest can be in a course that runs so."""
    clock = master.problem.parties[int(master.table.guest[option])].offset
    return (
        int(master.table.mode[option]) == variant.mode
        and any(
            t.language == variant.language
            for t in master.problem.tongues[int(master.table.tongue[option])]
        )
        and (variant.clocks is None or clock is None or clock in variant.clocks)
    )


def _variants_of(master: Master, course: int, options: list[int]) -> list[Variant]:
    row, problem = master.problem.courses[course], master.problem
    found = []
    for mode in row.modes:
        theirs = [at for at in options if int(master.table.mode[at]) == mode]
        if not theirs:
            continue
        clocks: list[frozenset[int] | None] = [None]
        if mode == Mode.ONLINE:
            known = [problem.parties[int(master.table.guest[at])].offset for at in theirs]
            clocks = list(
                windows(
                    {c for c in known if c is not None},
                    problem.parties[row.party].offset,
                    problem.policy.zone_spread_hours * 60,
                )
            )
        found += [
            Variant(course, mode, language, window)
            for language in row.languages
            for window in clocks
        ]
    return found
