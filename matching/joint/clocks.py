"""Who can be online at one time: windows on the circle of 24 hours."""

from __future__ import annotations

DAY = 24 * 60


def within(offsets: frozenset[int] | set[int], spread: int) -> bool:
    """Whether some arc of ``spread`` minutes holds all clocks (minutes east of Greenwich)."""
    places = sorted({offset % DAY for offset in offsets})
    if len(places) <= 1:
        return True
    gaps = [(b - a) % DAY for a, b in zip(places, places[1:] + places[:1], strict=True)]
    return DAY - max(gaps) <= spread


def windows(guests: set[int], host: int | None, spread: int) -> list[frozenset[int]]:
    """The largest sets of guests' clocks that fit into an arc of ``spread`` with the host's."""
    found: set[frozenset[int]] = set()
    known = guests if host is None else guests | {host}
    for start in known:
        inside = frozenset(c for c in guests if (c - start) % DAY <= spread)
        if host is None or (host - start) % DAY <= spread:
            found.add(inside)
    largest = [w for w in found if not any(w < other for other in found)]
    return sorted(largest, key=sorted) or [frozenset()]
