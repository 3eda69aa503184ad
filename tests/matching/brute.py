"""Every plan of a small Problem, one by one: the plainest statement of what is best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.model import ObjectiveCode, Problem, WorstOff

Vector = tuple[object, ...]


def plans(problem: Problem) -> Iterator[list[int]]:
    """Every plan that the hard rules allow, as rows of the pair table (-1 for no mentor)."""
    table = problem.pairs
    keys = [
        (problem.mentees[e].key, problem.mentors[o].key)
        for e, o in zip(table.mentee.tolist(), table.mentor.tolist(), strict=True)
    ]
    barred = {(p.guest, p.host) for p in (*problem.excluded, *problem.declined)}
    held = {(p.guest, p.host) for p in (*problem.pins, *problem.accepted)}
    options: list[list[int]] = []
    for place, row in enumerate(problem.mentees):
        rows = [r for r, e in enumerate(table.mentee.tolist()) if e == place]
        options.append([-1] + [r for r in rows if keys[r] not in barred and row.wanted])
    room = [row.capacity for row in problem.mentors]

    def extend(place: int, chosen: list[int]) -> Iterator[list[int]]:
        if place == len(options):
            if held <= {keys[r] for r in chosen if r >= 0}:
                yield list(chosen)
            return
        for row in options[place]:
            mentor = int(table.mentor[row]) if row >= 0 else -1
            if mentor >= 0:
                if not room[mentor]:
                    continue
                room[mentor] -= 1
            chosen.append(row)
            yield from extend(place + 1, chosen)
            chosen.pop()
            if mentor >= 0:
                room[mentor] += 1

    yield from extend(0, [])


def vector(problem: Problem, rows: list[int]) -> Vector:
    """The objectives of a plan in policy order, so that a larger tuple is a better plan."""
    table, policy = problem.pairs, problem.policy
    placed = [row for row in rows if row >= 0]
    pairs = {
        (problem.mentees[int(table.mentee[r])].key, problem.mentors[int(table.mentor[r])].key)
        for r in placed
    }
    found: list[object] = []
    for code in policy.order:
        if code is ObjectiveCode.KEEP:
            found.append(-len({(p.guest, p.host) for p in problem.proposed} - pairs))
        elif code is ObjectiveCode.OBSERVERS:
            found.append(0)
        elif code is ObjectiveCode.COVER:
            found.append(len(placed))
        elif code is ObjectiveCode.WORST_OFF:
            ascending = tuple(sorted(int(table.satisfaction[r]) for r in placed))
            if policy.worst_off is WorstOff.LEXIMIN:
                found.append(ascending)
            else:
                lowest = ascending[:1] if policy.worst_off is WorstOff.MINIMUM else ()
                found.append(lowest)
        elif code is ObjectiveCode.FIT:
            found.append(sum(int(table.fit[r]) for r in placed))
        else:
            loads = Counter(int(table.mentor[r]) for r in placed)
            found.append(-sum(load**2 for load in loads.values()))
    return tuple(found)


def best(problem: Problem) -> tuple[Vector, list[list[int]]] | None:
    """The best vector and every plan that reaches it; None when no plan is possible."""
    reached: list[list[int]] = []
    top: Vector | None = None
    for rows in plans(problem):
        now = vector(problem, rows)
        if top is None or now > top:
            top, reached = now, [rows]
        elif now == top:
            reached.append(rows)
    return None if top is None else (top, reached)
