"""A schedule of meetings checked against its Problem: every rule from the statement alone.

Nothing here comes from the solver. That no better schedule exists is the solver's claim, unless
the value equals a bound that is plain to see.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from matching.forum.meetings.codes import MeetingObjective, MeetingViolation
from matching.forum.meetings.model import MeetingItem, MeetingsPlan, MeetingsProblem
from matching.model import Violation
from matching.outcome import Sense


@dataclass(frozen=True)
class MeetingsReport:
    """Violations, the value found of each objective, and those whose bound was checked."""

    violations: tuple[Violation, ...]
    values: dict[MeetingObjective, int]
    checked: frozenset[MeetingObjective]

    @property
    def good(self) -> bool:
        """No violation was found."""
        return not self.violations


def check(problem: MeetingsProblem, plan: MeetingsPlan) -> MeetingsReport:
    """Check a schedule, rule by rule and objective by objective.

    Parameters
    ----------
    problem, plan
        As read from files; nothing about how they were made is trusted.
    """
    looking = _Check(problem, plan)
    looking.known()
    if not looking.found:
        looking.rules()
        looking.objectives()
    return MeetingsReport(tuple(looking.found), looking.values, frozenset(looking.checked))


@dataclass
class _Check:
    problem: MeetingsProblem
    plan: MeetingsPlan
    found: list[Violation] = field(default_factory=list)
    values: dict[MeetingObjective, int] = field(default_factory=dict)
    checked: set[MeetingObjective] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.wishes = {wish.key: wish for wish in self.problem.wishes}
        self.slots = {slot.key: slot for slot in self.problem.slots}
        self.people = {person.key: person for person in self.problem.participants}
        self.items = self.plan.items

    def _report(self, code: MeetingViolation, **parameters: str | int) -> None:
        self.found.append(Violation(code, parameters))

    def known(self) -> None:
        """Every item is a wish of the Problem, of its two participants, in one of its slots."""
        for item in self.items:
            wish = self.wishes.get(item.wish)
            if wish is None:
                self._report(MeetingViolation.UNKNOWN_WISH, wish=item.wish)
            elif (item.a, item.b) != (wish.a, wish.b):
                self._report(
                    MeetingViolation.WRONG_PARTICIPANTS, wish=item.wish, a=item.a, b=item.b
                )
            if item.slot not in self.slots:
                self._report(MeetingViolation.UNKNOWN_MEETING_SLOT, wish=item.wish, slot=item.slot)

    def rules(self) -> None:
        """Every hard rule, one function each."""
        self._placed()
        self._pair_once()
        self._participant_once()
        self._participant_there()
        self._part_of_day()
        self._tables()
        self._interpreters()
        self._pins()
        self._fairness()

    def _placed(self) -> None:
        """No wish is placed twice; every one is placed when all have to be."""
        times = Counter(item.wish for item in self.items)
        for key, number in times.items():
            if number > 1:
                self._report(MeetingViolation.WISH_REPEATED, wish=key)
        if self.problem.place_all:
            for wish in self.problem.wishes:
                if not times[wish.key]:
                    self._report(MeetingViolation.WISH_MISSING, wish=wish.key, a=wish.a, b=wish.b)

    def _pair_once(self) -> None:
        """The same two meet once at most, unless every wish has to be placed."""
        if self.problem.place_all:
            return
        of_two: dict[tuple[str, ...], set[str]] = {}
        for item in self.items:
            of_two.setdefault(tuple(sorted((item.a, item.b))), set()).add(item.wish)
        for (a, b), wishes in of_two.items():
            if len(wishes) > 1:
                self._report(MeetingViolation.PAIR_TWICE, a=a, b=b)

    def _participant_once(self) -> None:
        """A participant has one meeting at most in a slot."""
        times = Counter((person, i.slot) for i in self.items for person in (i.a, i.b))
        for (person, slot), number in times.items():
            if number > 1:
                self._report(MeetingViolation.PARTICIPANT_TWICE, participant=person, slot=slot)

    def _participant_there(self) -> None:
        """A participant has no meeting while away."""
        for item in self.items:
            for person in (item.a, item.b):
                if item.slot in self.people[person].away:
                    self._report(
                        MeetingViolation.PARTICIPANT_IS_AWAY, participant=person, slot=item.slot
                    )

    def _part_of_day(self) -> None:
        """A wish for a part of the day is in a slot of it."""
        for item in self.items:
            part = self.wishes[item.wish].part
            if part is not None and self.slots[item.slot].part != part:
                self._report(MeetingViolation.WRONG_PART, wish=item.wish, part=part, slot=item.slot)

    def _tables(self) -> None:
        """A slot has no more meetings than tables, each at a table of its own."""
        for key, slot in self.slots.items():
            here = [item for item in self.items if item.slot == key]
            if len(here) > slot.tables:
                self._report(
                    MeetingViolation.TOO_FEW_TABLES, slot=key, tables=slot.tables, needed=len(here)
                )
                continue
            for table, number in Counter(item.table for item in here).items():
                if number > 1:
                    self._report(MeetingViolation.TABLE_TWICE, slot=key, table=table)
            for item in here:
                if item.table > slot.tables:
                    self._report(
                        MeetingViolation.UNKNOWN_TABLE, wish=item.wish, slot=key, table=item.table
                    )

    def _needs_help(self, item: MeetingItem) -> bool:
        """Both state languages and have none in common."""
        one, other = (set(self.people[key].languages) for key in (item.a, item.b))
        return bool(one) and bool(other) and one.isdisjoint(other)

    def _interpreters(self) -> None:
        """A meeting without a common language has an interpreter, of those in its slot."""
        for item in self.items:
            if self._needs_help(item) and not item.interpreter:
                self._report(
                    MeetingViolation.INTERPRETER_MISSING, wish=item.wish, a=item.a, b=item.b
                )
            if item.interpreter and not self._needs_help(item):
                self._report(MeetingViolation.INTERPRETER_IDLE, wish=item.wish, a=item.a, b=item.b)
        busy = Counter(item.slot for item in self.items if item.interpreter)
        for key, needed in busy.items():
            there = self.slots[key].interpreters
            if needed > there:
                self._report(
                    MeetingViolation.TOO_FEW_INTERPRETERS, slot=key, interpreters=there,
                    needed=needed,
                )  # fmt: skip

    def _pins(self) -> None:
        """A pinned wish is in its slot."""
        placed = {(item.wish, item.slot) for item in self.items}
        for pin in self.problem.pins:
            if (pin.wish, pin.slot) not in placed:
                self._report(MeetingViolation.PIN_BROKEN, wish=pin.wish, slot=pin.slot)

    def _gaps(self) -> dict[str, int]:
        """Idle gaps by participant: on each day, the jumps between meetings that follow."""
        place = {slot.key: at for at, slot in enumerate(self.problem.slots)}
        gaps = dict.fromkeys(self.people, 0)
        for person in self.people:
            times = sorted({place[i.slot] for i in self.items if person in (i.a, i.b)})
            for earlier, later in pairwise(times):
                same = self.problem.slots[earlier].day == self.problem.slots[later].day
                gaps[person] += same and later > earlier + 1
        return gaps

    def _fairness(self) -> None:
        """The numbers of idle gaps of any two participants are so far apart at most."""
        most, gaps = self.problem.fairness, self._gaps()
        if most is None or not gaps:
            return
        low, high = min(gaps, key=lambda p: gaps[p]), max(gaps, key=lambda p: gaps[p])
        if gaps[high] - gaps[low] > most:
            self._report(
                MeetingViolation.UNFAIR, participant=high, other=low,
                apart=gaps[high] - gaps[low], most=most,
            )  # fmt: skip

    def objectives(self) -> None:
        """Every objective has the value that the meetings give, and a bound that can hold."""
        placed = {item.wish: item.slot for item in self.items}
        total = sum(wish.weight for wish in self.problem.wishes)
        found: dict[MeetingObjective, tuple[Sense, int, int]] = {}
        if self.problem.previous:
            moved = sum(placed.get(kept.wish) != kept.slot for kept in self.problem.previous)
            found[MeetingObjective.MOVED] = (Sense.MIN, moved, 0)
        weight = sum(self.wishes[key].weight for key in placed)
        found[MeetingObjective.WEIGHT] = (Sense.MAX, weight, total)
        found[MeetingObjective.BREAKS] = (Sense.MIN, sum(self._gaps().values()), 0)
        stated = [line.code for line in self.plan.objectives]
        if stated != list(found):
            self._report(
                MeetingViolation.WRONG_OBJECTIVES,
                stated=", ".join(stated), found=", ".join(found),
            )  # fmt: skip
            return
        open_before: list[MeetingObjective] = []
        for line in self.plan.objectives:
            sense, value, ideal = found[line.code]
            self.values[line.code] = value
            if line.value != value:
                self._report(
                    MeetingViolation.WRONG_VALUE,
                    objective=line.code, stated=line.value, found=value,
                )  # fmt: skip
            beyond = line.bound - value if sense is Sense.MAX else value - line.bound
            if beyond < 0:
                self._report(
                    MeetingViolation.WRONG_BOUND,
                    objective=line.code, stated=line.bound, found=value,
                )  # fmt: skip
            for name, good in (
                ("sense", line.sense is sense),
                ("gap", line.gap == abs(line.bound - line.value)),
                ("proven", line.proven == (line.bound == line.value)),
                ("conditional_on", line.conditional_on == tuple(open_before)),
            ):
                if not good:
                    self._report(MeetingViolation.WRONG_STATEMENT, objective=line.code, field=name)
            if not line.proven:
                open_before.append(line.code)
            if value == ideal:
                self.checked.add(line.code)
