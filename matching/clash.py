"""A smallest set of rules of the Problem that contradict each other, in names.

Whatever number of mentors is wanted, the pins and what was accepted are a plan by themselves unless
one pair, one mentee or one mentor stands against it: every contradiction is local. So looking at
each pair, mentee and mentor finds a smallest set exactly.
"""

from __future__ import annotations

from collections import defaultdict

from matching.model import Clash, ClashCode, Problem
from matching.objectives import pair_positions


def smallest_clash(problem: Problem) -> tuple[Clash, ...]:
    """Find a smallest set of clashing rules, empty when a plan is possible.

    The sets are tried by size, then in the order of the Problem, so the answer is the same for
    the same Problem. A pair that is not possible is named as such and nothing more.
    """
    held: dict[tuple[str, str], Clash] = {}
    for code, pairings in (
        (ClashCode.PIN, problem.pins),
        (ClashCode.ACCEPTED, problem.accepted),
    ):
        for pairing in pairings:
            held.setdefault(
                (pairing.guest, pairing.host),
                Clash(code, {"mentee": pairing.guest, "mentor": pairing.host}),
            )
    if not held:
        return ()
    sets: list[tuple[Clash, ...]] = []
    sets += _closed_pairs(problem, held)
    sets += _mentees(problem, held)
    sets += _mentors(problem, held)
    return min(sets, key=len) if sets else ()


def _closed_pairs(problem: Problem, held: dict[tuple[str, str], Clash]) -> list[tuple[Clash, ...]]:
    """A pin must be possible, not excluded and not declined before."""
    rows = pair_positions(problem, [*problem.pins, *problem.accepted])
    table = problem.pairs
    possible = {
        (problem.mentees[int(table.mentee[r])].key, problem.mentors[int(table.mentor[r])].key)
        for r in rows
    }
    excluded = {(p.guest, p.host) for p in problem.excluded}
    declined = {(p.guest, p.host) for p in problem.declined}
    found: list[tuple[Clash, ...]] = []
    for pair, rule in held.items():
        for against, code in (
            (pair not in possible, ClashCode.PAIR_NOT_POSSIBLE),
            (pair in excluded, ClashCode.EXCLUSION),
            (pair in declined, ClashCode.DECLINED),
        ):
            if against:
                found.append((rule, Clash(code, rule.parameters)))
    return found


def _mentees(problem: Problem, held: dict[tuple[str, str], Clash]) -> list[tuple[Clash, ...]]:
    """A mentee gets at most the mentors it wants."""
    rows = {row.key: row for row in problem.mentees}
    by_mentee: dict[str, list[Clash]] = defaultdict(list)
    for (mentee, _), rule in held.items():
        by_mentee[mentee].append(rule)
    return [
        (*rules[: rows[key].wanted + 1],
         Clash(ClashCode.ONE_MENTOR_EACH, {"mentee": key, "wanted": rows[key].wanted}))
        for key, rules in by_mentee.items()
        if key in rows and len(rules) > rows[key].wanted
    ]  # fmt: skip


def _mentors(problem: Problem, held: dict[tuple[str, str], Clash]) -> list[tuple[Clash, ...]]:
    """A mentor never gets more mentees than it offered."""
    rows = {row.key: row for row in problem.mentors}
    by_mentor: dict[str, list[Clash]] = defaultdict(list)
    for (_, mentor), rule in held.items():
        by_mentor[mentor].append(rule)
    return [
        (*rules[: rows[key].capacity + 1],
         Clash(ClashCode.MENTOR_CAPACITY, {"mentor": key, "capacity": rows[key].capacity}))
        for key, rules in by_mentor.items()
        if key in rows and len(rules) > rows[key].capacity
    ]  # fmt: skip
