"""An agenda checked against its Problem: every rule, every point, from the statement alone.

Nothing here comes from the solver. That no better agenda exists is the solver's claim, unless
the value equals a bound that is plain to see.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from matching.forum.agenda.check_points import Judge, meet
from matching.forum.agenda.codes import AgendaObjective, AgendaViolation
from matching.forum.agenda.model import AgendaItem, AgendaPlan, AgendaProblem
from matching.outcome import Violation


@dataclass(frozen=True)
class AgendaReport:
    """Violations, the value found of each objective, and those whose bound was checked."""

    violations: tuple[Violation, ...]
    values: dict[AgendaObjective, int]
    checked: frozenset[AgendaObjective]

    @property
    def good(self) -> bool:
        """No violation was found."""
        return not self.violations


def check(problem: AgendaProblem, plan: AgendaPlan) -> AgendaReport:
    """Check an agenda, rule by rule and point by point.

    Parameters
    ----------
    problem, plan
        As read from files; nothing about how they were made is trusted.
    """
    looking = _Check(problem, plan)
    looking.rules()
    if looking.whole:
        looking.objectives()
    return AgendaReport(tuple(looking.found), looking.values, frozenset(looking.checked))


class _Check(Judge):
    def rules(self) -> None:
        """Every hard rule, one function each."""
        self._known()
        self._placed_once()
        self._fits()
        self._allowed()
        self._open()
        self._alone()
        self._one_at_a_time()
        self._one_track()
        self._people()
        self._teams()
        self._pairs()

    def _known(self) -> None:
        """Items name sessions, slots and rooms of the Problem."""
        for item in self.plan.items:
            missing = (item.session not in self.sessions, item.slot not in self.slots,
                       item.room not in self.rooms)  # fmt: skip
            if missing[0]:
                self._report(AgendaViolation.UNKNOWN_SESSION, session=item.session)
            if missing[1]:
                self._report(AgendaViolation.UNKNOWN_SLOT, session=item.session, slot=item.slot)
            if missing[2]:
                self._report(AgendaViolation.UNKNOWN_ROOM, session=item.session, room=item.room)
            if not any(missing):
                self.items.append(item)
        for item in self.items:
            self.cells[item.slot, item.room].append(item)

    def _placed_once(self) -> None:
        """Every session is placed, once."""
        placed = Counter(item.session for item in self.items)
        for key in self.sessions:
            if not placed[key]:
                self._report(AgendaViolation.SESSION_MISSING, session=key)
            if placed[key] > 1:
                self._report(AgendaViolation.SESSION_REPEATED, session=key)
        self.whole = all(placed[key] == 1 for key in self.sessions)
        self.place = {item.session: item for item in self.items}

    def _fits(self) -> None:
        """A session ends within its slot."""
        for item in self.items:
            if item.start + self.sessions[item.session].length > self.slots[item.slot].length:
                self._report(AgendaViolation.SESSION_TOO_LONG, session=item.session, slot=item.slot)

    def _allowed(self) -> None:
        """A session is in a slot and a room that it can be in: stated, seats, booths, kind."""
        for item in self.items:
            session, room = self.sessions[item.session], self.rooms[item.room]
            if session.slots and item.slot not in session.slots:
                self._report(AgendaViolation.SLOT_NOT_ALLOWED, session=item.session, slot=item.slot)
            for code, wrong in (
                (AgendaViolation.ROOM_NOT_ALLOWED,
                 session.rooms and item.room not in session.rooms),
                (AgendaViolation.TOO_FEW_SEATS,
                 room.seats is not None and session.seats > room.seats),
                (AgendaViolation.TOO_FEW_BOOTHS, len(session.languages) > room.booths),
                (AgendaViolation.WRONG_KIND,
                 session.kind and room.kinds and session.kind not in room.kinds),
            ):  # fmt: skip
                if wrong:
                    self._report(code, session=item.session, room=item.room)

    def _open(self) -> None:
        """Nothing takes place in a room while it is closed."""
        for slot, room in self.cells:
            if slot in self.rooms[room].closed:
                self._report(AgendaViolation.ROOM_IS_CLOSED, room=room, slot=slot)

    def _together(self) -> list[tuple[AgendaItem, AgendaItem]]:
        """Items in slots that meet, each two once."""
        return [
            (one, other)
            for at, one in enumerate(self.items)
            for other in self.items[at + 1 :]
            if meet(self.slots[one.slot], self.slots[other.slot])
        ]

    def _alone(self) -> None:
        """While a session that wants to be alone goes on, nothing else does."""
        for one, other in self._together():
            for item, company in ((one, other), (other, one)):
                if self.sessions[item.session].alone:
                    self._report(
                        AgendaViolation.NOT_ALONE, session=item.session, other=company.session
                    )

    def _one_at_a_time(self) -> None:
        """A room holds one session at a time."""
        for one, other in self._together():
            if one.room != other.room:
                continue
            apart = one.slot == other.slot and (
                one.start + self.sessions[one.session].length <= other.start
                or other.start + self.sessions[other.session].length <= one.start
            )
            if not apart:
                self._report(
                    AgendaViolation.ROOM_OVERLAP, room=one.room, session=one.session,
                    other=other.session,
                )  # fmt: skip

    def _one_track(self) -> None:
        """The sessions of a room in a slot are of one track, or all of none."""
        for (slot, room), inside in self.cells.items():
            if len({self.sessions[item.session].track for item in inside}) > 1:
                self._report(AgendaViolation.TRACKS_MIXED, room=room, slot=slot)

    def _people(self) -> None:
        """Whoever is needed is not away, and not in two rooms at once."""
        away = {person.key: [self.slots[key] for key in person.away]
                for person in self.problem.people}  # fmt: skip
        for item in self.items:
            for person in sorted(self.needs[item.session]):
                if any(meet(self.slots[item.slot], slot) for slot in away.get(person, ())):
                    self._report(
                        AgendaViolation.PERSON_IS_AWAY, person=person, session=item.session,
                        slot=item.slot,
                    )  # fmt: skip
        for one, other in self._together():
            if (one.slot, one.room) != (other.slot, other.room):
                for person in sorted(self.needs[one.session] & self.needs[other.session]):
                    self._report(
                        AgendaViolation.PERSON_TWICE, person=person, session=one.session,
                        other=other.session,
                    )  # fmt: skip

    def _teams(self) -> None:
        """No more rooms need a language at once than there are teams for it."""
        for row in self.problem.teams:
            cells = {
                cell
                for cell, inside in self.cells.items()
                if any(row.language in self.sessions[item.session].languages for item in inside)
            }
            for key, slot in self.slots.items():
                # Of slots that share a moment one begins last; the moment is its beginning.
                needed = sum(
                    key == other
                    or (self.slots[other].day == slot.day
                        and self.slots[other].start <= slot.start < self.slots[other].end)
                    for other, _ in cells
                )  # fmt: skip
                if needed > row.teams:
                    self._report(
                        AgendaViolation.TOO_FEW_TEAMS, language=row.language, slot=key,
                        teams=row.teams, needed=needed,
                    )  # fmt: skip

    def _pairs(self) -> None:
        """What is wanted of two sessions without a penalty holds."""
        for pair in self.problem.pairs:
            known = pair.first in self.place and pair.second in self.place
            if pair.penalty is None and known and not self._holds(pair):
                self._report(
                    AgendaViolation.PAIR_BROKEN, first=pair.first, second=pair.second,
                    rule=pair.rule.value,
                )  # fmt: skip
