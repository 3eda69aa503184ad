"""An agenda checked against its Problem: every rule, every point, from the statement alone.

Nothing here comes from the solver. That no better agenda exists is the solver's claim, unless
the value equals a bound that is plain to see.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from matching.codes import OutcomeCode
from matching.forum.agenda.codes import AgendaObjective, AgendaViolation, Term
from matching.forum.agenda.model import (
    AgendaItem,
    AgendaPlan,
    AgendaProblem,
    Pair,
    PairRule,
    Session,
    Slot,
)
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


def meet(one: Slot, other: Slot) -> bool:
    """Two slots are at once on one day, for a time."""
    if one.key == other.key:
        return True
    return one.day == other.day and one.start < other.end and other.start < one.end


@dataclass
class _Check:
    problem: AgendaProblem
    plan: AgendaPlan
    found: list[Violation] = field(default_factory=list)
    values: dict[AgendaObjective, int] = field(default_factory=dict)
    checked: set[AgendaObjective] = field(default_factory=set)
    whole: bool = False

    def __post_init__(self) -> None:
        self.slots = {slot.key: slot for slot in self.problem.slots}
        self.rooms = {room.key: room for room in self.problem.rooms}
        self.sessions = {session.key: session for session in self.problem.sessions}
        chairs = {track.key: track.chairs for track in self.problem.tracks}
        self.needs = {
            session.key: {
                *session.speakers, *session.chairs, *chairs.get(session.track or "", ())
            }
            for session in self.problem.sessions
        }  # fmt: skip

    def _report(self, code: AgendaViolation, **parameters: str | int) -> None:
        self.found.append(Violation(code, parameters))

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
        self.items: list[AgendaItem] = []
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
        self.cells: dict[tuple[str, str], list[AgendaItem]] = defaultdict(list)
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
                self._report(
                    AgendaViolation.SESSION_TOO_LONG, session=item.session, slot=item.slot
                )

    def _allowed(self) -> None:
        """A session is in a slot and a room that it can be in: stated, seats, booths, kind."""
        for item in self.items:
            session, room = self.sessions[item.session], self.rooms[item.room]
            if session.slots and item.slot not in session.slots:
                self._report(
                    AgendaViolation.SLOT_NOT_ALLOWED, session=item.session, slot=item.slot
                )
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

    def _holds(self, pair: Pair) -> bool:
        first, second = self.place[pair.first], self.place[pair.second]
        one, other = self.slots[first.slot], self.slots[second.slot]
        if pair.rule is PairRule.APART:
            return not self._at_once(pair.first, pair.second)
        if pair.rule is PairRule.BEFORE:
            return one.day < other.day or (one.day == other.day and one.end <= other.start)
        if pair.rule is PairRule.SAME_DAY:
            return one.day == other.day
        if pair.rule is PairRule.OTHER_DAY:
            return one.day != other.day
        return first.room == second.room

    def _at_once(self, one: str, other: str) -> bool:
        first, second = self.place[one], self.place[other]
        same = (first.slot, first.room) == (second.slot, second.room)
        return not same and meet(self.slots[first.slot], self.slots[second.slot])

    def _pairs(self) -> None:
        """What is wanted of two sessions without a penalty holds."""
        for pair in self.problem.pairs:
            known = pair.first in self.place and pair.second in self.place
            if pair.penalty is None and known and not self._holds(pair):
                self._report(
                    AgendaViolation.PAIR_BROKEN, first=pair.first, second=pair.second,
                    rule=pair.rule.value,
                )  # fmt: skip

    # The points.

    def objectives(self) -> None:
        """Values, terms and what the plan says about them."""
        terms = {
            Term.PLACES: self._points_of_places(),
            Term.CLASHES: self._points_of_clashes(),
            Term.PAIRS: sum(
                pair.penalty for pair in self.problem.pairs if pair.penalty and not self._holds(pair)
            ),
            Term.SIMILAR_TRACKS: self._points_of_similar(),
            **self._points_of_tracks(),
        }
        stated = {line.term: line.points for line in self.plan.terms}
        for term, points in terms.items():
            if stated.get(term, 0) != points:
                self._report(
                    AgendaViolation.WRONG_TERM, term=term.value, stated=stated.get(term, 0),
                    found=points,
                )  # fmt: skip
        moves = sum(
            (self.place[row.session].slot, self.place[row.session].room) != (row.slot, row.room)
            for row in self.problem.previous
        )
        if self.problem.previous:
            self.values[AgendaObjective.MOVES] = moves
        self.values[AgendaObjective.PENALTY] = sum(terms.values())
        self._lines()

    def _track_cells(self) -> dict[str, list[tuple[str, str]]]:
        """Slots and rooms of each track, in the order of slots and rooms."""
        order = {key: at for at, key in enumerate((*self.slots, *self.rooms))}
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for cell in sorted(self.cells, key=lambda cell: (order[cell[0]], order[cell[1]])):
            track = self.sessions[self.cells[cell][0].session].track
            if track is not None:
                found[track].append(cell)
        return found

    def _points_of_places(self) -> int:
        """A penalty counts once for its session, for each room and slot of its track or of all."""
        tracks = self._track_cells()
        total = 0
        for row in self.problem.penalties:
            if row.session is not None:
                item = self.place[row.session]
                where = [(item.slot, item.room)]
            else:
                where = list(self.cells) if row.track is None else tracks.get(row.track, [])
            total += row.penalty * len(
                [1 for slot, room in where
                 if row.slot in (None, slot) and row.room in (None, room)]
            )  # fmt: skip
        return total

    def _points_of_clashes(self) -> int:
        """Of two sessions at once, everybody loses the smaller of the interests in them."""
        wanted: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in self.problem.interest:
            wanted[row.person].append((row.session, row.points))
        lost = 0
        for rows in wanted.values():
            for at, (one, points) in enumerate(rows):
                for other, others in rows[at + 1 :]:
                    if self._at_once(one, other):
                        lost += min(points, others)
        return lost * self.problem.weights.clash

    def _points_of_similar(self) -> int:
        """Similar tracks count for each two rooms in which they run at once."""
        cells = self._track_cells()
        return sum(
            row.penalty
            for row in self.problem.similar
            for one, _ in cells.get(row.first, ())
            for other, _ in cells.get(row.second, ())
            if meet(self.slots[one], self.slots[other])
        )

    def _points_of_tracks(self) -> dict[Term, int]:
        """Rooms, rooms at once, gaps and wrong places of tracks."""
        weights = self.problem.weights
        order = list(self.slots)
        rooms = parallel = gaps = wrong = 0
        for cells in self._track_cells().values():
            slots = sorted({order.index(slot) for slot, _ in cells})
            rooms += len({room for _, room in cells}) - 1
            parallel += len(cells) - len(slots)
            gaps += slots != list(range(slots[0], slots[-1] + 1))
            turn: list[Session] = []
            for cell in cells:
                inside = sorted(self.cells[cell], key=lambda item: item.start)
                turn += [self.sessions[item.session] for item in inside]
            for at, session in enumerate(turn, start=1):
                wrong += session.place is not None and session.place != at
        return {
            Term.TRACK_ROOMS: rooms * weights.track_rooms,
            Term.TRACK_PARALLEL: parallel * weights.track_parallel,
            Term.TRACK_GAPS: gaps * weights.track_gaps,
            Term.ORDER: wrong * weights.order,
        }

    def _lines(self) -> None:
        """What the plan says of its objectives is so."""
        stated = [line.code for line in self.plan.objectives]
        if stated != list(self.values):
            self._report(
                AgendaViolation.WRONG_OBJECTIVES, stated=" ".join(stated),
                found=" ".join(self.values),
            )  # fmt: skip
        floors = {AgendaObjective.MOVES: 0, AgendaObjective.PENALTY: self._floor()}
        unproven: list[AgendaObjective] = []
        for line in self.plan.objectives:
            if line.code not in self.values:
                continue
            value, name = self.values[line.code], line.code.value
            if line.value != value:
                self._report(
                    AgendaViolation.WRONG_VALUE, objective=name, stated=line.value, found=value
                )
            if line.bound > value or (line.proven and line.bound != value):
                self._report(
                    AgendaViolation.WRONG_BOUND, objective=name, stated=line.bound, found=value
                )
            for word, fine in (
                ("gap", line.gap == line.value - line.bound),
                ("conditional_on", list(line.conditional_on) == unproven),
                ("proven", line.proven or self.plan.outcome is not OutcomeCode.PROVEN),
            ):
                if not fine:
                    self._report(AgendaViolation.WRONG_STATEMENT, objective=name, field=word)
            unproven += [] if line.proven else [line.code]
            if value == floors[line.code]:
                self.checked.add(line.code)

    def _floor(self) -> int:
        """What no agenda falls below: each session's least points of its own."""
        return sum(self._least(session) for session in self.problem.sessions)

    def _least(self, session: Session) -> int:
        own = [row for row in self.problem.penalties if row.session == session.key]
        if not own:
            return 0
        return min(
            sum(row.penalty for row in own
                if row.slot in (None, slot) and row.room in (None, room))
            for slot in session.slots or self.slots
            for room in session.rooms or self.rooms
        )  # fmt: skip
