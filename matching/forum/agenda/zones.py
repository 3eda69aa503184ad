"""Online sessions: points for slots at bad hours where its people are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from matching.forum.agenda.model import Interest, PlacePenalty, Session, Slot


@dataclass(frozen=True)
class Hours:
    """Hours of the day in minutes, and points for each person outside of them.

    Within ``good`` a slot costs nothing, within ``fair`` ``fair_points``, else ``poor_points``.
    ``zone`` is the forum's own, in which slots are given.
    """

    zone: str
    good: tuple[int, int] = (8 * 60, 19 * 60)
    fair: tuple[int, int] = (6 * 60 + 30, 22 * 60)
    fair_points: int = 1
    poor_points: int = 10


def hour_points(slot: Slot, zone: str, hours: Hours) -> int:
    """Points of a slot for somebody in a zone, by the clock there on that day."""
    midnight = datetime.fromisoformat(slot.day).replace(tzinfo=ZoneInfo(hours.zone))
    begin = (midnight + timedelta(minutes=slot.start)).astimezone(ZoneInfo(zone))
    start = begin.hour * 60 + begin.minute
    # A slot that goes beyond midnight ends after any hour that could be good.
    end = start + slot.end - slot.start
    if start >= hours.good[0] and end <= hours.good[1]:
        return 0
    if start >= hours.fair[0] and end <= hours.fair[1]:
        return hours.fair_points
    return hours.poor_points


def zone_penalties(
    online: Sequence[Session],
    slots: Sequence[Slot],
    zones: Mapping[str, str],
    interest: Sequence[Interest],
    chairs: Mapping[str, Sequence[str]],
    hours: Hours,
) -> list[PlacePenalty]:
    """Points of online sessions for slots: those of everybody needed or interested, added up.

    Parameters
    ----------
    online
        Sessions that people join from where they are.
    zones
        IANA zone of each person who has stated one; others do not count.
    chairs
        Of each track.
    """
    cost = {
        zone: [hour_points(slot, zone, hours) for slot in slots] for zone in set(zones.values())
    }
    found = []
    for session in online:
        people = dict.fromkeys(
            (*session.speakers, *session.chairs, *chairs.get(session.track or "", ()),
             *(row.person for row in interest if row.session == session.key))
        )  # fmt: skip
        for at, slot in enumerate(slots):
            points = sum(cost[zones[person]][at] for person in people if person in zones)
            if points:
                found.append(PlacePenalty(session=session.key, slot=slot.key, penalty=points))
    return found
