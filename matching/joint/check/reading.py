"""A plan read against its Problem: keys become positions, places become rows of options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from matching.joint.codes import RuleCode
from matching.joint.model import INSTRUMENTS, Giver, JointPlan, JointProblem, Mode, Tongue
from matching.model import Delivery, Instrument, Item, Place, Violation

MENTORSHIP, VISIT, MISSION, COURSE = range(4)
UNKNOWN = -1
MODES = {None: Mode.ANY, Delivery.ONLINE: Mode.ONLINE, Delivery.IN_PERSON: Mode.IN_PERSON}


@dataclass(frozen=True)
class Seat:
    """A place: its guest's position, and the option, or of a mission the team's options.

    ``rows`` stand in the order of the team; -1 is no option.
    """

    place: Place
    guest: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """An item: its instrument as a number, its giver or team, language and themes as positions.

    What is not known is -1 and left out of the themes.
    """

    at: int
    item: Item
    number: int
    giver: int
    team: tuple[int, ...]
    language: int
    themes: tuple[int, ...]
    seats: tuple[Seat, ...]

    @property
    def week(self) -> int | None:
        """When the item takes a week: its week, -1 when it names none. Mentorships go on."""
        if self.number == MENTORSHIP:
            return None
        return -1 if self.item.week is None else self.item.week

    @property
    def name(self) -> str:
        """The offer, or the expert who leads."""
        return self.item.offer or next(iter(self.item.team), "")


class Reading:
    """A plan and its Problem, with what the rules look up.

    Raises
    ------
    ValueError
        The options or servings are not in order: such a Problem is not sound.
    """

    def __init__(self, problem: JointProblem, plan: JointPlan) -> None:
        self.problem, self.plan = problem, plan
        table = problem.options
        self._givers = max(1, *(len(problem.givers(number)) for number in range(4)))
        self._guests = max(len(problem.parties), 1)
        self._ids = self._id(table.instrument, table.giver, table.guest, table.mode)
        self._starts = np.searchsorted(problem.serving.option, np.arange(len(table) + 1))
        if (np.diff(self._ids) <= 0).any() or (np.diff(problem.serving.option) < 0).any():
            raise ValueError("the Problem's options are not in order")
        self.parties = {row.key: at for at, row in enumerate(problem.parties)}
        self.keys = [
            {row.key: at for at, row in enumerate(problem.givers(number))} for number in range(4)
        ]
        self.languages = {word: at for at, word in enumerate(problem.languages)}
        self.themes = {word: at for at, word in enumerate(problem.themes)}
        self.sources = {row.key: at for at, row in enumerate(problem.sources)}
        self.needs: dict[int, list[int]] = {}
        for at, row in enumerate(problem.needs):
            self.needs.setdefault(row.guest, []).append(at)
        self.closed = frozenset(problem.horizon.closed)
        self.entries = tuple(self._entry(at, item) for at, item in enumerate(plan.items))

    def _id(self, instrument: Any, giver: Any, guest: Any, mode: Any) -> Any:
        """One number for an option, ascending in the order of the table."""
        return ((instrument * self._givers + giver) * self._guests + guest) * len(Mode) + mode

    def _row(self, number: int, giver: int, guest: int, mode: Mode) -> int:
        if giver < 0 or guest < 0:
            return UNKNOWN
        wanted = self._id(number, giver, guest, int(mode))
        at = int(np.searchsorted(self._ids, wanted))
        return at if at < len(self._ids) and int(self._ids[at]) == wanted else UNKNOWN

    def _entry(self, at: int, item: Item) -> Entry:
        number = INSTRUMENTS.index(item.instrument)
        giver, team = UNKNOWN, tuple(self.keys[MISSION].get(key, UNKNOWN) for key in item.team)
        if number != MISSION:
            giver = self.keys[number].get(item.offer or "", UNKNOWN)
        givers = team if number == MISSION else (giver,)
        mode = MODES.get(item.delivery, Mode.ANY) if number == COURSE else Mode.ANY
        seats = []
        for place in item.places:
            guest = self.parties.get(place.guest, UNKNOWN)
            rows = tuple(self._row(number, one, guest, mode) for one in givers)
            seats.append(Seat(place, guest, rows))
        return Entry(
            at, item, number, giver, team, self.languages.get(item.language or "", UNKNOWN),
            tuple(self.themes[word] for word in item.themes if word in self.themes), tuple(seats),
        )  # fmt: skip

    def of(self, number: int) -> Iterator[Entry]:
        """Items of an instrument."""
        return (entry for entry in self.entries if entry.number == number)

    def giver(self, entry: Entry) -> Giver | None:
        """The offer of an item; None for missions and where the key is unknown."""
        return None if entry.giver < 0 else self.problem.givers(entry.number)[entry.giver]

    def hosts(self, entry: Entry) -> tuple[int, ...]:
        """Parties that give the item: the offer's, or those of the team's experts, each once."""
        if entry.number == MISSION:
            experts = self.problem.experts
            return tuple(dict.fromkeys(experts[at].party for at in entry.team if at >= 0))
        row = self.giver(entry)
        return () if row is None else (row.party,)

    def calendar(self, row: int) -> tuple[int, ...]:
        """Weeks of an option."""
        at = int(self.problem.options.calendar[row])
        return self.problem.calendars[at] if at >= 0 else ()

    def tongues(self, row: int) -> tuple[Tongue, ...]:
        """Languages of an option."""
        at = int(self.problem.options.tongue[row])
        return self.problem.tongues[at] if at >= 0 else ()

    def tongue(self, entry: Entry, row: int) -> Tongue | None:
        """The item's language among those of an option."""
        found = (tongue for tongue in self.tongues(row) if tongue.language == entry.language)
        return next(found, None)

    def purse(self, row: int) -> tuple[int, ...]:
        """Sources that may pay for an option."""
        at = int(self.problem.options.purse[row])
        return self.problem.purses[at] if at >= 0 else ()

    def served(self, entry: Entry, seat: Seat) -> dict[int, int]:
        """Points by need of what a place serves."""
        row = next(iter(seat.rows), UNKNOWN)
        if row < 0:
            return {}
        serving, needs = self.problem.serving, self.problem.needs
        part = slice(int(self._starts[row]), int(self._starts[row + 1]))
        points = dict(zip(serving.need[part].tolist(), serving.points[part].tolist(), strict=True))
        if entry.number == VISIT:
            return {need: p for need, p in points.items() if needs[need].theme in entry.themes}
        return points

    def request(self, guest: int) -> tuple[int, ...]:
        """Themes of a guest's mission request, in the order of the Problem."""
        needs = (self.problem.needs[at] for at in self.needs.get(guest, ()))
        return tuple(sorted(need.theme for need in needs if need.mission))

    @cached_property
    def pairings(self) -> frozenset[tuple[Instrument, str, str]]:
        """Instrument, guest and host of everything that the plan brings together."""
        return frozenset(
            (entry.item.instrument, place.guest, self.problem.parties[host].key)
            for entry in self.entries
            for host in self.hosts(entry)
            for place in entry.item.places
        )


Rule: TypeAlias = Callable[[Reading], Iterator[Violation]]


def violation(code: RuleCode, **parameters: str | int) -> Violation:
    """A rule that does not hold, with its parameters."""
    return Violation(code, parameters)
