"""The suggested first call: a working day, two to three weeks ahead, in both sides' daylight."""

from __future__ import annotations

import datetime as dt
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from app.engagements.first_call import DAY, OFFICE, Call, suggest

AGREED = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
ZONES = (
    "Africa/Nairobi",
    "America/La_Paz",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Atlantic/Cape_Verde",
    "Europe/Paris",
    "Pacific/Apia",
    "Pacific/Auckland",
)


def outside(call: Call, zone: str, hours: tuple[int, int]) -> int:
    """Minutes outside certain hours there; written apart from the code under test."""
    begins = call.begins.astimezone(ZoneInfo(zone))
    start = begins.hour * 60 + begins.minute
    return max(hours[0] - start, 0, start + 60 - hours[1])


def some_slot_suits(mentor: str, mentee: str, hours: tuple[int, int]) -> bool:
    first = AGREED.astimezone(ZoneInfo(mentee)).date()
    for days, slot in product(range(14, 22), range(48)):
        local = dt.datetime.combine(first + dt.timedelta(days=days), dt.time())
        call = Call(local + dt.timedelta(minutes=30 * slot), mentee)
        days_there = {call.begins.astimezone(ZoneInfo(z)).weekday() for z in (mentor, mentee)}
        if days_there <= {0, 1, 2, 3} and not any(
            outside(call, zone, hours) for zone in (mentor, mentee)
        ):
            return True
    return False


@pytest.mark.parametrize(("mentor", "mentee"), list(product(ZONES, ZONES)))
def test_a_common_hour_is_found_wherever_there_is_one(mentor: str, mentee: str) -> None:
    call = suggest(agreed=AGREED, mentor_zone=mentor, mentee_zone=mentee)
    assert call.zone == mentee
    assert 14 <= (call.local.date() - AGREED.astimezone(ZoneInfo(mentee)).date()).days <= 21
    sides = (mentor, mentee)
    assert {call.begins.astimezone(ZoneInfo(zone)).weekday() for zone in sides} <= {0, 1, 2, 3}
    for hours in (DAY, OFFICE):
        suits = not any(outside(call, zone, hours) for zone in sides)
        assert suits == some_slot_suits(mentor, mentee, hours)
    assert all(call.suits(zone) for zone in sides) == some_slot_suits(mentor, mentee, DAY)


def test_where_no_hour_suits_both_the_burden_is_shared() -> None:
    call = suggest(agreed=AGREED, mentor_zone="America/La_Paz", mentee_zone="Asia/Tokyo")
    burdens = [outside(call, zone, DAY) for zone in ("America/La_Paz", "Asia/Tokyo")]
    assert 0 < max(burdens) <= 150


def test_the_hour_is_that_of_the_clock_on_the_day_itself() -> None:
    """Paris puts its clocks forward between the agreement and the call."""
    agreed = dt.datetime(2027, 3, 16, 9, 0, tzinfo=dt.UTC)
    call = suggest(agreed=agreed, mentor_zone="Europe/Paris", mentee_zone="Europe/Paris")
    assert call.begins.utcoffset() == dt.timedelta(hours=2)
    assert OFFICE[0] <= call.local.hour * 60 <= OFFICE[1] - 60
