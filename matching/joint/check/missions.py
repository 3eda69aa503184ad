"""The rules of missions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from matching.joint.check.reading import MISSION, Entry, Reading, Seat, violation
from matching.joint.codes import RuleCode
from matching.joint.model import TEAM_SIZES
from matching.model import Violation


def _missions(reading: Reading) -> Iterator[tuple[Entry, Seat]]:
    for entry in reading.of(MISSION):
        for seat in entry.seats:
            yield entry, seat


def _given(reading: Reading) -> Counter[int]:
    """Missions of each expert."""
    return Counter(at for entry in reading.of(MISSION) for at in set(entry.team))


def one_mission_each(reading: Reading) -> Iterator[Violation]:
    """A guest gets one mission at most."""
    given = Counter(seat.place.guest for _, seat in _missions(reading))
    for guest, count in given.items():
        if count > 1:
            yield violation(RuleCode.ONE_MISSION_EACH, guest=guest, given=count)


def team_size(reading: Reading) -> Iterator[Violation]:
    """A team has two to four experts."""
    least, most = TEAM_SIZES
    for entry, seat in _missions(reading):
        count = len(set(entry.item.team))
        if not least <= count <= most:
            yield violation(RuleCode.TEAM_SIZE, guest=seat.place.guest, given=count)


def team_covers(reading: Reading) -> Iterator[Violation]:
    """The team covers all themes of the request together."""
    problem = reading.problem
    for _, seat in _missions(reading):
        covered = 0
        for row in seat.rows:
            covered |= int(problem.options.themes[row]) if row >= 0 else 0
        missing = [at for at in reading.request(seat.guest) if not covered & (1 << at)]
        # Without its options a team is not possible anyway, and nothing is known of its themes.
        if missing and all(row >= 0 for row in seat.rows):
            words = " ".join(problem.themes[at] for at in missing)
            yield violation(RuleCode.TEAM_COVERS, guest=seat.place.guest, themes=words)


def team_lead(reading: Reading) -> Iterator[Violation]:
    """The first of the team can lead for the guest."""
    for entry, seat in _missions(reading):
        row = next(iter(seat.rows), -1)
        if row >= 0 and not reading.tongues(row):
            yield violation(RuleCode.TEAM_LEAD, guest=seat.place.guest, expert=entry.item.team[0])


def expert_week(reading: Reading) -> Iterator[Violation]:
    """An expert is free in the week of a mission, and in one mission a week."""
    busy: Counter[tuple[int, int]] = Counter()
    for entry in reading.of(MISSION):
        week = entry.item.week
        if week is not None and week < reading.problem.horizon.weeks:
            busy.update((at, week) for at in set(entry.team) if at >= 0)
    for (at, week), count in busy.items():
        expert = reading.problem.experts[at]
        free = week in expert.weeks or week in reading.closed
        if count > 1 or not free:
            yield violation(RuleCode.EXPERT_WEEK, expert=expert.key, week=week)


def expert_missions(reading: Reading) -> Iterator[Violation]:
    """An expert never gets more missions than it offered."""
    given = _given(reading)
    for at, expert in enumerate(reading.problem.experts):
        if given[at] > expert.missions:
            yield violation(
                RuleCode.EXPERT_MISSIONS,
                expert=expert.key, missions=expert.missions, given=given[at],
            )  # fmt: skip


def expert_days(reading: Reading) -> Iterator[Violation]:
    """An expert never gives more person-days than it offered."""
    given, days = _given(reading), reading.problem.policy.durations.mission
    for at, expert in enumerate(reading.problem.experts):
        if given[at] * days > expert.person_days:
            yield violation(
                RuleCode.EXPERT_DAYS,
                expert=expert.key, days=expert.person_days, given=given[at] * days,
            )  # fmt: skip
