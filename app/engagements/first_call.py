"""When two mechanisms could first speak: a working day two to three weeks ahead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

LENGTH = dt.timedelta(hours=1)
DAYS_AHEAD = range(14, 22)
# The day begins at 8 and ends at 18; office hours, from 9 to 17, are better still.
DAY = (8 * 60, 18 * 60)
OFFICE = (9 * 60, 17 * 60)
# Tuesday, Wednesday and Thursday are working days nearly everywhere; Monday is next best.
BEST_DAYS = {1: 0, 2: 0, 3: 0, 0: 1}
STEP = dt.timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Call:
    """A suggested time, as wall time in the mentee's zone: what lies ahead keeps its zone."""

    local: dt.datetime
    zone: str

    @property
    def begins(self) -> dt.datetime:
        return self.local.replace(tzinfo=ZoneInfo(self.zone))

    def suits(self, zone: str) -> bool:
        """Whether the whole call falls into the day there."""
        return _outside(self.begins.astimezone(ZoneInfo(zone)), DAY) == 0


def suggest(*, agreed: dt.datetime, mentor_zone: str, mentee_zone: str) -> Call:
    """The best hour for both sides; where no hour suits both, the one that asks least of them."""
    mentee, mentor = ZoneInfo(mentee_zone), ZoneInfo(mentor_zone)
    first = agreed.astimezone(mentee).date()
    candidates = [
        dt.datetime.combine(first + dt.timedelta(days=ahead), dt.time(), mentee) + STEP * slot
        for ahead in DAYS_AHEAD
        for slot in range(48)
    ]
    # Wall times that a clock change skips or doubles are nobody's appointment.
    usable = [moment for moment in candidates if _is_plain(moment)]
    best = min(usable, key=lambda moment: _cost(moment, moment.astimezone(mentor)))
    return Call(local=best.replace(tzinfo=None), zone=mentee_zone)


def at(local: dt.datetime, *, zone: str, kept_in: str) -> Call | None:
    """The call that begins at this hour on the clocks of one zone, kept in the other one.

    None where the clocks are changed just then, so that the hour does not exist or comes twice.
    """
    moment = local.replace(tzinfo=ZoneInfo(zone))
    there = moment.astimezone(ZoneInfo(kept_in))
    if not _is_plain(moment) or not _is_plain(there):
        return None
    return Call(local=there.replace(tzinfo=None), zone=kept_in)


def _cost(mentee: dt.datetime, mentor: dt.datetime) -> tuple[int, int, int, int, dt.datetime]:
    """What a time asks: weekends, hours outside the day, outside the office, far from noon."""
    sides = (mentee, mentor)
    return (
        sum(side.weekday() not in BEST_DAYS for side in sides),
        max(_outside(side, DAY) for side in sides) * 100 + sum(_outside(s, DAY) for s in sides),
        max(_outside(side, OFFICE) for side in sides) * 10
        + sum(BEST_DAYS.get(side.weekday(), 2) for side in sides),
        max(abs(_minute(side) + 30 - 12 * 60) for side in sides),
        mentee.astimezone(dt.UTC),
    )


def _minute(moment: dt.datetime) -> int:
    return moment.hour * 60 + moment.minute


def _outside(moment: dt.datetime, hours: tuple[int, int]) -> int:
    """Minutes by which a call that begins now leaves these hours."""
    begins, ends = _minute(moment), _minute(moment) + int(LENGTH.total_seconds() // 60)
    return max(hours[0] - begins, 0) + max(ends - hours[1], 0)


def _is_plain(moment: dt.datetime) -> bool:
    same = moment.astimezone(dt.UTC).astimezone(moment.tzinfo)
    return same.replace(tzinfo=None) == moment.replace(tzinfo=None) and (
        moment.replace(fold=0).utcoffset() == moment.replace(fold=1).utcoffset()
    )
