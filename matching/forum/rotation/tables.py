"""A Problem of rotation from CSV tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from matching.forum.rotation.meaning import sound
from matching.forum.rotation.model import RotationProblem
from matching.io.faults import BadInput, unknown
from matching.io.tables import read_table
from matching.model import Fault

Parse = Callable[[str], Any]


def _key(cell: str) -> str:
    if len(cell) > 100:
        raise ValueError("more than 100 characters")
    return cell


def _whole(least: int, most: int) -> Parse:
    def parse(cell: str) -> int:
        if not re.fullmatch(r"\d{1,13}", cell) or not least <= int(cell) <= most:
            raise ValueError(f'"{cell}" is not a whole number from {least} to {most}')
        return int(cell)

    return parse


def _list(least: int, most: int) -> Parse:
    """Numbers and stretches of them: ``18;20-24``."""
    one = _whole(least, most)

    def parse(cell: str) -> tuple[int, ...]:
        found: dict[int, None] = {}
        for part in cell.split(";"):
            ends = [one(word.strip()) for word in part.split("-")]
            if len(ends) > 2 or ends[0] > ends[-1]:
                raise ValueError(f'"{part.strip()}" is not a stretch like 18-20')
            found.update(dict.fromkeys(range(ends[0], ends[-1] + 1)))
        return tuple(found)

    return parse


def _word(**words: bool) -> Parse:
    def parse(cell: str) -> bool:
        if cell.casefold() not in words:
            raise ValueError(f'"{cell}" is not {" or ".join(words)}')
        return words[cell.casefold()]

    return parse


YEAR, WEEK, MONEY, FEW = _whole(1900, 2200), _whole(1, 53), _whole(0, 10**12), _whole(0, 20)
TABLES: dict[str, tuple[int, dict[str, tuple[str, Parse]]]] = {
    "years": (1, {"year": ("year", YEAR), "least": ("least", FEW), "most": ("most", FEW)}),
    "regions": (1, {"region": ("key", _key), "passes": ("passes", _word(yes=True, no=False))}),
    "offers": (3, {
        "host": ("host", _key), "region": ("region", _key), "weeks": ("weeks", _list(1, 53)),
        "years": ("years", _list(1900, 2200)), "cost": ("cost", MONEY),
        "seats": ("seats", _whole(0, 1_000_000)),
    }),
    "travel": (2, {"host": ("host", _key), "cost": ("cost", MONEY)}),
    "sessions": (2, {
        "week": ("week", WEEK), "kind": ("hard", _word(hard=True, soft=False)),
        "year": ("year", YEAR),
    }),
    "history": (3, {"year": ("year", YEAR), "region": ("region", _key), "host": ("host", _key)}),
    "pins": (2, {"year": ("year", YEAR), "host": ("host", _key), "week": ("week", WEEK)}),
}  # fmt: skip
"""By table: how many columns must be there and filled; columns with field and reader."""
ALWAYS = ("years", "regions", "offers")


@dataclass
class _Reader:
    faults: list[Fault] = field(default_factory=list)
    lines: dict[str, list[str]] = field(default_factory=dict)

    def rows(self, name: str, text: str) -> list[dict[str, Any]]:
        """Rows of a table; empty optional cells are left out."""
        needed, columns = TABLES[name]
        names = tuple(columns)
        table = read_table(f"{name}.csv", text, names[:needed], names[needed:])
        self.faults += table.faults
        if table.rows:
            self.faults += [
                unknown(f"{name}.csv.{word}", "column", word, names)
                for word in table.rows[0]
                if word and word not in columns
            ]
        found = []
        for row in table.rows:
            where = f"{name}.csv[line {row['']}]"
            self.lines.setdefault(name, []).append(where)
            cells: dict[str, Any] = {}
            for at, (column, (place, parse)) in enumerate(columns.items()):
                if not row[column]:
                    if at < needed:
                        self.faults.append(Fault(f"{where}.{column}", "empty"))
                    continue
                try:
                    cells[place] = parse(row[column])
                except ValueError as error:
                    self.faults.append(Fault(f"{where}.{column}", str(error)))
            found.append(cells)
        return found

    def where(self, table: str, at: int) -> str:
        """The line that a row comes from, or its place when it comes from none."""
        lines = self.lines.get(table, [])
        return lines[at] if at < len(lines) else f"{table}[{at}]"


def read_tables(texts: Mapping[str, str], *, seats: int = 0) -> RotationProblem:
    """Read CSV texts into a Problem.

    Parameters
    ----------
    texts
        Text of each table by its name; ``years``, ``regions`` and ``offers`` must be there.
    seats
        Seats that a forum needs.

    Raises
    ------
    BadInput
        With every fault of all tables.
    """
    read = _Reader()
    read.faults += [Fault(f"{name}.csv", "table missing") for name in ALWAYS if name not in texts]
    read.faults += [
        unknown(f"{name}.csv", "table", name, TABLES) for name in sorted(set(texts) - set(TABLES))
    ]
    rows = {name: read.rows(name, texts[name]) for name in TABLES if name in texts}
    if read.faults:
        raise BadInput(read.faults)
    return sound(RotationProblem.model_validate({**rows, "seats": seats}), read.where)
