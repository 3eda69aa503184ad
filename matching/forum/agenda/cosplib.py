"""Conferences in the format of CoSPLib (xlsx) as agenda Problems.

What they call a session (a stretch of time) is a slot here, a submission is a session, and its
timeslots are its length. Their objective is the penalty here, weight by weight; each of their
terms keeps its meaning:

=============================== ==============================================================
their term                      here
=============================== ==============================================================
tracks|sessions, tracks|rooms,  a row of ``penalties``
sessions|rooms
submissions|sessions and |rooms a row of ``penalties``, times the timeslots of the submission,
and their time zones            because they count each timeslot
similar tracks, chairs          ``similar``: both count pairs of rooms in one session
rooms per track, parallel,      ``weights``
consecutive, order
presenters, attendees           a ``pair``, apart: both count pairs of submissions in one
(session level)                 session and different rooms
presenters, attendees           none: the slot is the smallest time at which people can be
(timeslot level)                missed here. A file that uses them is refused.
=============================== ==============================================================

Source: A. Kheiri, Y. Pylyavskyy, P. Jacko, *CoSPLib - A benchmark library for conference
scheduling problems*, GECCO 2025 Companion; the definitions of the terms are those of its checker.
"""

from __future__ import annotations

import datetime
import io
from collections import defaultdict
from typing import Any

from matching.forum.agenda.model import (
    AgendaProblem,
    AgendaWeights,
    Pair,
    PlacePenalty,
    Room,
    Session,
    SimilarTracks,
    Slot,
    Track,
)
from matching.io.faults import BadInput, unknown
from matching.model import Fault

SHEETS = (
    "parameters", "submissions", "tracks", "sessions", "rooms", "tracks_sessions|penalty",
    "tracks_rooms|penalty", "similar tracks", "sessions_rooms|penalty",
)  # fmt: skip
WEIGHTS = (
    "tracks_sessions", "tracks_rooms", "sessions_rooms", "similar", "rooms_per_track", "parallel",
    "consecutive", "zones", "order", "submissions_sessions", "submissions_rooms", "presenters",
    "attendees", "chairs", "presenters_timeslot", "attendees_timeslot",
)  # fmt: skip
Rows = list[list[Any]]


def read_cosplib(content: bytes) -> AgendaProblem:
    """Read a conference.

    Parameters
    ----------
    content
        An xlsx file with the sheets of CoSPLib.

    Raises
    ------
    BadInput
        With every fault found.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (CalamineError, OSError) as error:
        raise BadInput([Fault("document", f"not an xlsx file: {error}")]) from error
    missing = [name for name in SHEETS if not sheets.get(name)]
    if missing:
        raise BadInput(unknown("sheets", "conference without sheet", n, sheets) for n in missing)
    try:
        return _Conference(sheets).problem()
    except (IndexError, TypeError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput([Fault("document", f"not laid out as expected: {error}")]) from error


class _Conference:
    def __init__(self, sheets: dict[str, Rows]) -> None:
        self.sheets = sheets
        parameters = sheets["parameters"]
        self.weight = {
            name: _whole(parameters[row][4]) for row, name in enumerate(WEIGHTS, start=1)
        }
        self.rows = [row for row in sheets["submissions"][1:] if row[0]]
        self.slots = [row for row in sheets["sessions"][1:] if row[0]]
        self.rooms = [str(row[0]) for row in sheets["rooms"][1:] if row[0]]
        self.chairs = {str(row[0]): _people(row[1]) for row in sheets["tracks"][1:] if row[0]}
        self.penalties: list[PlacePenalty] = []

    def problem(self) -> AgendaProblem:
        used = [name for name in WEIGHTS[-2:] if self.weight[name]]
        tracks = {str(row[1]) for row in self.rows}
        faults = [Fault(f"parameters.{name}", "has no place in an agenda") for name in used]
        faults += [
            unknown("submissions.Track", "track", name, self.chairs)
            for name in sorted(tracks - set(self.chairs))
        ]
        if faults:
            raise BadInput(faults)
        weight = self.weight
        self._grid("tracks_sessions|penalty", weight["tracks_sessions"], ("track", "slot"))
        self._grid("tracks_rooms|penalty", weight["tracks_rooms"], ("track", "room"))
        self._grid("sessions_rooms|penalty", weight["sessions_rooms"], ("slot", "room"))
        self._submissions()
        return AgendaProblem(
            slots=tuple(_slot(row) for row in self.slots),
            rooms=tuple(Room(key=name) for name in self.rooms),
            sessions=tuple(
                Session(
                    key=str(row[0]), length=_whole(row[2]), track=str(row[1]),
                    place=_whole(row[3]) or None,
                )
                for row in self.rows
            ),
            tracks=tuple(Track(key=name) for name in self.chairs if name in tracks),
            pairs=tuple(self._pairs()),
            similar=tuple(self._similar()),
            penalties=tuple(self.penalties),
            weights=AgendaWeights(
                clash=0,
                track_rooms=weight["rooms_per_track"],
                track_parallel=weight["parallel"],
                track_gaps=weight["consecutive"],
                order=weight["order"],
            ),
        )  # fmt: skip

    def _grid(self, name: str, weight: int, sides: tuple[str, str]) -> None:
        head, *rows = self.sheets[name]
        for row in rows:
            for title, cell in zip(head[1:], row[1:], strict=False):
                if weight * _whole(cell) and row[0] and title:
                    self.penalties.append(
                        PlacePenalty.model_validate(
                            {sides[0]: str(row[0]), sides[1]: str(title),
                             "penalty": weight * _whole(cell)}
                        )
                    )  # fmt: skip

    def _submissions(self) -> None:
        """Points of submissions for slots and rooms, each timeslot counted."""
        titles = [str(title) for title in self.sheets["submissions"][0][7:]]
        slots = {str(row[0]): row for row in self.slots}
        for row in self.rows:
            points: dict[tuple[str, str], int] = defaultdict(int)
            for title, cell in zip(titles, row[7:], strict=False):
                side = "slot" if title in slots else "room"
                name = "submissions_sessions" if side == "slot" else "submissions_rooms"
                points[side, title] += self.weight[name] * _whole(cell)
            if self.weight["zones"]:
                for title, slot in slots.items():
                    points["slot", title] += self.weight["zones"] * self._zone(row[4], slot)
            for (side, title), value in points.items():
                if value:
                    self.penalties.append(
                        PlacePenalty.model_validate(
                            {"session": str(row[0]), side: title,
                             "penalty": value * _whole(row[2])}
                        )
                    )  # fmt: skip

    def _zone(self, zone: Any, slot: list[Any]) -> int:
        """Points of a slot for somebody in another zone, by the times in the parameters."""
        parameters = self.sheets["parameters"]
        shift = _hours(zone) - _hours(parameters[1][1])
        good, late, fair, latest = (_minute(parameters[row][1]) for row in (3, 4, 6, 7))
        start, end = ((_minute(cell) + 60 * shift) % 1440 for cell in (slot[3], slot[4]))
        if start < fair or end > latest or end < fair:
            return _whole(parameters[10][1])
        return _whole(parameters[8][1]) if start < good or end > late else 0

    def _pairs(self) -> list[Pair]:
        """Submissions that share a presenter, or an attendee with a presenter or a chair."""
        points: dict[tuple[int, int], int] = defaultdict(int)
        sides = {
            "presenters": [(_people(row[5]), self._away(row)) for row in self.rows],
            "attendees": [
                (_people(row[6]), _people(row[5]) | _people(row[6])) for row in self.rows
            ],
        }
        for at, row in enumerate(self.rows):
            for other in range(at + 1, len(self.rows)):
                second = self.rows[other]
                chairs = set() if row[1] == second[1] else self.chairs[str(row[1])]
                chairs_2 = set() if row[1] == second[1] else self.chairs[str(second[1])]
                for name, people in sides.items():
                    if people[at][0] & (people[other][1] | chairs_2) or people[other][0] & (
                        people[at][1] | chairs
                    ):
                        points[at, other] += self.weight[name]
        return [
            Pair(first=str(self.rows[at][0]), second=str(self.rows[other][0]), penalty=value)
            for (at, other), value in points.items()
            if value
        ]

    @staticmethod
    def _away(row: list[Any]) -> set[str]:
        return _people(row[5])

    def _similar(self) -> list[SimilarTracks]:
        points: dict[tuple[str, str], int] = defaultdict(int)
        head, *rows = self.sheets["similar tracks"]
        names = [str(row[0]) for row in rows]
        for at, row in enumerate(rows):
            # Their reader lets the half above the diagonal count for both.
            for title, cell in list(zip(head, row, strict=False))[at + 2 :]:
                points[names[at], str(title)] += self.weight["similar"] * _whole(cell)
        ordered = list(self.chairs)
        for at, one in enumerate(ordered):
            for other in ordered[at + 1 :]:
                if self.chairs[one] & self.chairs[other]:
                    points[one, other] += self.weight["chairs"]
        return [
            SimilarTracks(first=one, second=other, penalty=value)
            for (one, other), value in points.items()
            if value
        ]


def _slot(row: list[Any]) -> Slot:
    day = row[2]
    if isinstance(day, datetime.datetime):
        day = day.date()
    return Slot(
        key=str(row[0]), day=str(day), start=_minute(row[3]), end=_minute(row[4]),
        length=_whole(row[1]),
    )  # fmt: skip


def _people(cell: Any) -> set[str]:
    return {name.strip() for name in str(cell or "").split(",") if name.strip()}


def _whole(cell: Any) -> int:
    number = float(cell or 0)
    if not number.is_integer():
        raise ValueError(f"{cell!r} is not a whole number")
    return int(number)


def _minute(cell: Any) -> int:
    if isinstance(cell, datetime.time | datetime.datetime):
        return cell.hour * 60 + cell.minute
    hour, minute, *_ = str(cell).split(":")
    return int(hour) * 60 + int(minute)


def _hours(zone: Any) -> int:
    return int(str(zone).upper().removeprefix("GMT") or 0)
