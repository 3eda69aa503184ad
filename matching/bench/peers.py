"""Other ways to the same values: scipy's assignment, HiGHS, and looking at every plan.

Problems here have no pins, answers or exclusions.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from matching.model import Column, Problem


def scipy_values(problem: Problem) -> list[int]:
    """Cover, lowest satisfaction and total fit by ``scipy.optimize.linear_sum_assignment``.

    Every place of a mentor is a column; the worst-off minimum is found by halving.
    """
    from scipy.optimize import linear_sum_assignment

    table = problem.pairs
    capacity = [min(row.capacity, len(problem.mentees)) for row in problem.mentors]
    owner = np.repeat(np.arange(len(capacity)), capacity)
    position = np.full((len(problem.mentees), len(capacity)), -1, np.int64)
    position[table.mentee, table.mentor] = np.arange(len(table))
    rows = position[:, owner]

    def best(worth: Column) -> Column:
        # Floats hold these integers exactly: they stay far below 2**53.
        gain = np.where(rows >= 0, np.append(worth, 0)[rows], 0).astype(np.float64)
        at, to = linear_sum_assignment(gain, maximize=True)
        chosen = rows[at, to]
        chosen = chosen[chosen >= 0]
        return np.asarray(chosen[worth[chosen] > 0], np.int64)

    one = np.ones(len(table), np.int64)
    cover = len(best(one))
    levels = np.unique(table.satisfaction)
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if len(best((table.satisfaction >= levels[middle]).astype(np.int64))) == cover:
            low = middle
        else:
            high = middle - 1
    most = int(table.fit.max(initial=0)) + 1
    allowed = table.satisfaction >= levels[low]
    chosen = best(np.where(allowed, table.fit + most * len(problem.mentees), 0))
    return [cover, int(table.satisfaction[chosen].min()), int(table.fit[chosen].sum())]


def highs_values(problem: Problem) -> tuple[list[int], float]:
    """The same three values by HiGHS and its time in seconds, in a child process.

    highspy and OR-Tools carry the same symbols and can't share a process.
    """
    table = problem.pairs
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.npz"
        np.savez(
            path, mentee=table.mentee, mentor=table.mentor, satisfaction=table.satisfaction,
            fit=table.fit, capacity=np.array([row.capacity for row in problem.mentors], np.int64),
        )  # fmt: skip
        child = Path(__file__).with_name("highs.py")
        # Started by path, so that the package (and OR-Tools with it) is not imported there.
        done = subprocess.run(  # noqa: S603
            [sys.executable, str(child), str(path)], capture_output=True, text=True, check=True
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found["values"], found["seconds"]


def brute_vector(problem: Problem) -> list[object]:
    """Cover, ascending satisfactions, fit and minus the spread of the best of all plans."""
    table = problem.pairs
    options = [[-1] for _ in problem.mentees]
    for row, mentee in enumerate(table.mentee.tolist()):
        options[mentee].append(row)
    room = [row.capacity for row in problem.mentors]
    best: list[object] = []

    def look(place: int, chosen: list[int]) -> None:
        nonlocal best
        if place == len(options):
            placed = [row for row in chosen if row >= 0]
            loads = Counter(int(table.mentor[row]) for row in placed)
            found: list[Any] = [
                len(placed),
                sorted(int(table.satisfaction[row]) for row in placed),
                sum(int(table.fit[row]) for row in placed),
                -sum(load**2 for load in loads.values()),
            ]
            best = max(best, found) if best else found
            return
        for row in options[place]:
            mentor = int(table.mentor[row]) if row >= 0 else -1
            if mentor >= 0:
                if room[mentor] == 0:
                    continue
                room[mentor] -= 1
            look(place + 1, [*chosen, row])
            if mentor >= 0:
                room[mentor] += 1

    look(0, [])
    return best
