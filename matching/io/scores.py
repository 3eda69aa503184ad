"""Score tables as CSV: any assignment data that people already have."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np

from matching.io.faults import BadInput, unknown
from matching.io.tables import Table, read_table
from matching.model import Fault, Mentee, Mentor, PairTable, Problem

_NUMBER = re.compile(r"^\d{1,9}(\.\d{0,40})?([eE][+-]?\d{1,2})?$")
_WHOLE = re.compile(r"^\d{1,6}$")
MOST = 10**9
DECIMALS = 6


def read_scores(scores: str, mentors: str, mentees: str, *, decimals: int | None = None) -> Problem:
    """Read three CSV texts into a Problem.

    Parameters
    ----------
    scores
        Columns mentor, mentee, score. A pair without a row is not possible.
    mentors, mentees
        Columns mentor, capacity and mentee, wanted (any number of mentors).
    decimals
        Scores are rounded to so many decimals, a half to the even digit. Without it nothing is
        rounded, and scores have at most six decimals.

    Returns
    -------
    Problem
        Satisfaction and fit are the score in units of ``1 / precision``, the finest decimal used.

    Raises
    ------
    BadInput
        With every fault of the three tables.
    """
    hosts = read_table("mentors", mentors, ("mentor", "capacity"))
    guests = read_table("mentees", mentees, ("mentee", "wanted"))
    marks = read_table("scores", scores, ("mentor", "mentee", "score"))
    faults = [*hosts.faults, *guests.faults, *marks.faults]
    capacity = _numbers(hosts, "mentor", "capacity", faults)
    wanted = _numbers(guests, "mentee", "wanted", faults)
    cells = _cells(marks, capacity, wanted, decimals, faults)
    if faults:
        raise BadInput(faults)
    finest = max((-int(value.as_tuple().exponent) for value in cells.values()), default=0)
    precision = 10 ** max(finest, 0)
    if any(value * precision > MOST for value in cells.values()):
        raise BadInput([Fault("scores", f"scores times {precision} exceed {MOST}")])
    mentee_keys, mentor_keys = sorted(wanted), sorted(capacity)
    mentee_at = {key: at for at, key in enumerate(mentee_keys)}
    mentor_at = {key: at for at, key in enumerate(mentor_keys)}
    rows = sorted(
        (mentee_at[mentee], mentor_at[mentor], int(value * precision))
        for (mentor, mentee), value in cells.items()
    )
    table = np.array(rows, np.int64).reshape(-1, 3)
    mentee, mentor, score = (np.ascontiguousarray(table[:, at]) for at in range(3))
    return Problem(
        mentees=tuple(Mentee(key=key, wanted=wanted[key]) for key in mentee_keys),
        mentors=tuple(Mentor(key=key, capacity=capacity[key]) for key in mentor_keys),
        pairs=PairTable.plain(mentee, mentor, score, score.copy()),
        precision=precision,
    )


def _numbers(table: Table, key: str, column: str, faults: list[Fault]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in table.rows:
        where = f"{table.name}[line {row['']}]"
        if not row[key] or len(row[key]) > 100:
            faults.append(Fault(f"{where}.{key}", "must have 1 to 100 characters"))
        elif row[key] in found:
            faults.append(Fault(f"{where}.{key}", f'"{row[key]}" stands twice'))
        if not _WHOLE.match(row[column]):
            faults.append(Fault(f"{where}.{column}", f'"{row[column]}" is not a whole number'))
        found[row[key]] = int(row[column]) if _WHOLE.match(row[column]) else 0
    return found


def _cells(
    table: Table,
    mentors: dict[str, int],
    mentees: dict[str, int],
    decimals: int | None,
    faults: list[Fault],
) -> dict[tuple[str, str], Decimal]:
    found: dict[tuple[str, str], Decimal] = {}
    for row in table.rows:
        where = f"scores[line {row['']}]"
        for column, known in (("mentor", mentors), ("mentee", mentees)):
            if row[column] not in known:
                faults.append(unknown(f"{where}.{column}", column, row[column], known))
        pair = (row["mentor"], row["mentee"])
        if pair in found:
            faults.append(Fault(where, f'a second score for "{pair[0]}" and "{pair[1]}"'))
        if not _NUMBER.match(row["score"]):
            faults.append(Fault(f"{where}.score", f'"{row["score"]}" is not a number from 0'))
            continue
        value = Decimal(row["score"])
        if decimals is not None:
            value = value.quantize(Decimal(1).scaleb(-decimals))
        # Trailing zeros say nothing about precision.
        found[pair] = value.normalize()
        if -int(found[pair].as_tuple().exponent) > DECIMALS:
            message = f'"{row["score"]}" has more than {DECIMALS} decimals; --decimals rounds'
            faults.append(Fault(f"{where}.score", message))
    return found
