"""Costs of journeys from positions and rates: minor units of one currency."""

from __future__ import annotations

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt

from matching.model import Money, Party

EARTH_KM = 6371


def distance_km(one: Party, other: Party) -> int | None:
    """Great-circle distance in whole kilometres, None where a position is not known.

    Source: haversine formula.
    """
    if one.position is None or other.position is None:
        return None
    a, b = (
        (radians(p.position.latitude / 1000), radians(p.position.longitude / 1000))
        for p in (one, other)
        if p.position is not None
    )
    half = sin((b[0] - a[0]) / 2) ** 2 + cos(a[0]) * cos(b[0]) * sin((b[1] - a[1]) / 2) ** 2
    return round(2 * EARTH_KM * asin(min(1.0, sqrt(half))))


class Travel:
    """Cost of a delegation's journey and stay."""

    def __init__(self, money: Money, parties: Mapping[str, Party]) -> None:
        self._money, self._parties = money, parties
        self._bands = sorted(money.travel, key=lambda band: band.up_to_km)
        self._fare: dict[tuple[str, str], int] = {}

    def cost(self, guest: str, host: str, persons: int, days: int, *, outward: bool = True) -> int:
        """Fares and days of so many persons between two parties.

        ``outward``: the guest travels to the host; otherwise the host's expert travels to the
        guest. Either way the journey is the same and so is its cost.
        """
        traveller, place = (guest, host) if outward else (host, guest)
        return persons * (self._fare_of(traveller, place) + days * self._money.day_rate)

    def _fare_of(self, traveller: str, place: str) -> int:
        key = (min(traveller, place), max(traveller, place))
        if key not in self._fare:
            far = distance_km(self._parties[key[0]], self._parties[key[1]])
            fares = [b.cost for b in self._bands if far is None or far <= b.up_to_km]
            # Beyond the last band, and where a position is not known, the dearest band counts.
            dearest = self._bands[-1].cost if self._bands else 0
            self._fare[key] = dearest if far is None or not fares else fares[0]
        return self._fare[key]
