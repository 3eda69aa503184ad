"""A Problem of meetings from CSV tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.forum.meetings.meaning import sound
from matching.forum.meetings.model import (
    Kept,
    MeetingSlot,
    MeetingsProblem,
    Participant,
    Wish,
)
from matching.io.faults import BadInput, unknown
from matching.io.tables import read_table
from matching.model import Fault

COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "wishes": (("meeting", "a", "b"), ("weight", "part")),
    "unavailable": (("participant", "slot"), ()),
    "slots": (("slot",), ("day", "part", "tables", "interpreters")),
    "participants": (("participant",), ("languages",)),
    "pins": (("meeting", "slot"), ()),
}
"""Columns of each table: those that must be there, and others."""


@dataclass(frozen=True)
class Hall:
    """What holds for slots that say nothing themselves; ``morning``: so many slots from the first.

    ``slots`` numbers them 1, 2, ... when there is no table of them.
    """

    slots: int | None = None
    tables: int | None = None
    interpreters: int = 0
    morning: int | None = None


@dataclass
class _Reader:
    faults: list[Fault] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)

    def rows(self, name: str, texts: Mapping[str, str]) -> list[dict[str, str]]:
        """Rows of a table, where each stands, and a fault for each column nobody knows."""
        needed, others = COLUMNS[name]
        table = read_table(f"{name}.csv", texts.get(name, ",".join(needed)), needed, others)
        self.faults += table.faults
        self.lines[name] = [f"{name}.csv[line {row['']}]" for row in table.rows]
        known = {*needed, *others}
        if table.rows:
            self.faults += [
                unknown(f"{name}.csv.{word}", "column", word, known)
                for word in table.rows[0]
                if word and word not in known
            ]
        for row, where in zip(table.rows, self.lines[name], strict=True):
            for column in needed:
                if not row[column]:
                    self.faults.append(Fault(f"{where}.{column}", "empty"))
            for column, cell in row.items():
                if len(cell) > 100 and column != "languages":
                    self.faults.append(Fault(f"{where}.{column}", "more than 100 characters"))
        return [row for row in table.rows if all(row[column] for column in needed)]

    def whole(self, where: str, cell: str, default: int | None, least: int = 0) -> int:
        """A whole number, or what holds without one."""
        if not cell and default is not None:
            return default
        if not re.fullmatch(r"\d{1,7}", cell) or not least <= int(cell) <= 1_000_000:
            message = f'"{cell}" is not a whole number from {least} to 1000000'
            self.faults.append(Fault(where, message))
            return least
        return int(cell)


def read_tables(
    texts: Mapping[str, str],
    *,
    hall: Hall,
    place_all: bool = False,
    fairness: int | None = None,
) -> MeetingsProblem:
    """Read CSV texts into a Problem.

    Parameters
    ----------
    texts
        Text of each table by its name; ``wishes`` must be there, ``slots`` when ``hall`` does not
        number them. Without ``participants`` everybody named elsewhere is one.
    hall, place_all, fairness
        What the tables do not say.

    Raises
    ------
    BadInput
        With every fault of all tables.
    """
    read = _Reader()
    rows = {name: read.rows(name, texts) for name in COLUMNS}
    if "wishes" not in texts:
        read.faults.append(Fault("wishes.csv", "table missing"))
    slots = _slots(read, rows["slots"], "slots" in texts, hall)
    away: dict[str, list[str]] = {}
    for row in rows["unavailable"]:
        away.setdefault(row["participant"], []).append(row["slot"])
    spoken = {row["participant"]: row["languages"] for row in rows["participants"]}
    named = [row["participant"] for row in rows["participants"]] or list(
        dict.fromkeys([*(row[side] for row in rows["wishes"] for side in "ab"), *away])
    )
    known = set(named)
    for row, where in zip(rows["unavailable"], read.lines["unavailable"], strict=False):
        if row["participant"] not in known:
            read.faults.append(unknown(where, "participant", row["participant"], known))
        if row["slot"] not in {slot.key for slot in slots}:
            keys = [slot.key for slot in slots]
            read.faults.append(unknown(where, "slot", row["slot"], keys))
    wishes = tuple(
        Wish(
            key=row["meeting"], a=row["a"], b=row["b"],
            weight=read.whole(f"{where}.weight", row["weight"], 1, 1),
            part=None if row["part"] in ("", "any") else row["part"],
        )
        for row, where in zip(rows["wishes"], read.lines["wishes"], strict=False)
    )  # fmt: skip
    if read.faults:
        raise BadInput(read.faults)
    problem = MeetingsProblem(
        slots=slots,
        participants=tuple(
            Participant(
                key=key,
                languages=tuple(w.strip() for w in spoken.get(key, "").split(";") if w.strip()),
                away=tuple(dict.fromkeys(away.get(key, ()))),
            )
            for key in named
        ),
        wishes=wishes,
        pins=tuple(Kept(wish=row["meeting"], slot=row["slot"]) for row in rows["pins"]),
        place_all=place_all,
        fairness=fairness,
    )
    return sound(problem, lambda table, at: _where(read, table, at))


def _where(read: _Reader, table: str, at: int) -> str:
    """The line that a row comes from, or its place when it comes from none."""
    lines = read.lines.get(table, [])
    return lines[at] if at < len(lines) else f"{table}[{at}]"


def _slots(
    read: _Reader, rows: list[dict[str, str]], given: bool, hall: Hall
) -> tuple[MeetingSlot, ...]:
    if given == (hall.slots is not None):
        read.faults.append(Fault("slots", "give either a table of slots or their number"))
        return ()
    found = rows if given else [{"slot": str(at + 1)} for at in range(hall.slots or 0)]
    lines = read.lines["slots"] if given else [f"slots[{at}]" for at in range(len(found))]
    if any(not row.get("tables") for row in found) and hall.tables is None:
        read.faults.append(Fault("tables", "say how many tables there are"))
        return ()
    return tuple(
        MeetingSlot(
            key=row["slot"],
            day=row.get("day") or None,
            part=row.get("part") or _part(at, hall),
            tables=read.whole(f"{where}.tables", row.get("tables", ""), hall.tables),
            interpreters=read.whole(
                f"{where}.interpreters", row.get("interpreters", ""), hall.interpreters
            ),
        )
        for at, (row, where) in enumerate(zip(found, lines, strict=False))
    )


def _part(at: int, hall: Hall) -> str | None:
    if hall.morning is None:
        return None
    return "morning" if at < hall.morning else "afternoon"
