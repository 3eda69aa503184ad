"""The points of an agenda from the statement alone, and what the agenda says of them."""

from __future__ import annotations

from collections import defaultdict
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


def meet(one: Slot, other: Slot) -> bool:
    """Two slots are at once on one day, for a time."""
    if one.key == other.key:
        return True
    return one.day == other.day and one.start < other.end and other.start < one.end


@dataclass
class Judge:
    """A Problem and an agenda for it, item by item."""

    problem: AgendaProblem
    plan: AgendaPlan
    found: list[Violation] = field(default_factory=list)
    values: dict[AgendaObjective, int] = field(default_factory=dict)
    checked: set[AgendaObjective] = field(default_factory=set)
    whole: bool = False
    items: list[AgendaItem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slots = {slot.key: slot for slot in self.problem.slots}
        self.rooms = {room.key: room for room in self.problem.rooms}
        self.sessions = {session.key: session for session in self.problem.sessions}
        self.cells: dict[tuple[str, str], list[AgendaItem]] = defaultdict(list)
        self.place: dict[str, AgendaItem] = {}
        chairs = {track.key: track.chairs for track in self.problem.tracks}
        self.needs = {
            session.key: {
                *session.speakers, *session.chairs, *chairs.get(session.track or "", ())
            }
            for session in self.problem.sessions
        }  # fmt: skip

    def _report(self, code: AgendaViolation, **parameters: str | int) -> None:
        self.found.append(Violation(code, parameters))

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

    # The points.

    def objectives(self) -> None:
        """Values, terms and what the plan says about them."""
        terms = {
            Term.PLACES: self._points_of_places(),
            Term.CLASHES: self._points_of_clashes(),
            Term.PAIRS: sum(
                pair.penalty
                for pair in self.problem.pairs
                if pair.penalty and not self._holds(pair)
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
