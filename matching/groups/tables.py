"""A grouping Problem from CSV tables and the options of the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from matching.groups.meaning import sound
from matching.groups.model import (
    Alike,
    Group,
    GroupProblem,
    PairValues,
    Participant,
    Spread,
)
from matching.io.faults import BadInput, near, unknown
from matching.io.tables import Table, read_table
from matching.model import Fault, Sense

MOST_PRECISION = 1_000_000
RELATIONS = ("together", "apart")
SHOWN = 50
"""Faults of one kind shown in full; beyond these only their number."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for beside the tables."""

    groups: int | None = None
    least: int | None = None
    most: int | None = None
    same: tuple[str, ...] = ()
    spread: tuple[tuple[str, str], ...] = ()
    around: tuple[tuple[str, str], ...] = ()
    balance: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    sense: Sense = Sense.MAX


@dataclass
class _Reading:
    wanted: Wanted
    faults: list[Fault] = field(default_factory=list)

    def number(self, path: str, cell: str) -> Fraction:
        """A decimal number, or hours and minutes like +5:30; a leading UTC is left out."""
        clock = re.fullmatch(r"([+-]?)(\d{1,2}):([0-5]\d)", cell.removeprefix("UTC"))
        if clock:
            size = Fraction(int(clock[2]) * 60 + int(clock[3]), 60)
            return -size if clock[1] == "-" else size
        plain = cell.removeprefix("UTC")
        if re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,6})?", plain):
            return Fraction(plain)
        self.faults.append(Fault(path, f'"{cell}" is not a number'))
        return Fraction(0)


def read_tables(texts: dict[str, str], wanted: Wanted) -> GroupProblem:
    """A Problem from the texts of its tables.

    Parameters
    ----------
    texts
        By table: ``participants`` (participant, any attributes), ``pairs`` (a, b, value),
        ``relations`` (a, b, relation), ``groups`` (group, least, most, any fixed attributes).
        One of the first two must be there. Words of a cell are separated by ``;``.
    wanted
        Options; sizes default to as equal as possible.

    Raises
    ------
    BadInput
        With every fault of all tables and options.
    """
    reading = _Reading(wanted)
    tables = {name: _table(name, text) for name, text in texts.items()}
    reading.faults += [fault for table in tables.values() for fault in table.faults]
    if reading.faults:
        raise BadInput(reading.faults)
    rows = _people_rows(tables)
    columns = {name for row in rows for name in row} - {"", "participant"}
    asked = _asked(reading, columns, tables.get("groups"))
    for name in sorted(asked - set(wanted.lists)):
        reading.faults += _ambiguous(name, [row.get(name, "") for row in rows])
    spread = _spread(reading, rows)
    people = tuple(
        Participant(
            key=row["participant"],
            words={name: held for name in sorted(asked) if (held := _words(reading, row, name))},
            numbers={
                rule.attribute: number
                for rule, numbers in spread
                if (number := numbers[at]) is not None
            },
        )
        for at, row in enumerate(rows)
    )  # fmt: skip
    together, apart = _relations(reading, tables.get("relations"), people)
    problem_parts = {
        "participants": people,
        "groups": _groups(reading, tables.get("groups"), len(people)),
        "same": wanted.same,
        "spread": tuple(rule for rule, _ in spread),
        "together": together,
        "apart": apart,
        "balance": wanted.balance,
        "alike": _alike(reading),
        "values": _pairs(reading, tables.get("pairs"), people),
        "sense": wanted.sense,
    }
    if reading.faults:
        raise BadInput(reading.faults)
    return sound(GroupProblem.model_validate(problem_parts))


def _table(name: str, text: str) -> Table:
    columns: dict[str, tuple[str, ...]] = {
        "participants": ("participant",),
        "pairs": ("a", "b", "value"),
        "relations": ("a", "b", "relation"),
        "groups": ("group",),
    }
    return read_table(name, text, columns[name])


def _people_rows(tables: dict[str, Table]) -> list[dict[str, str]]:
    if "participants" in tables:
        return tables["participants"].rows
    if "pairs" not in tables:
        raise BadInput([Fault("command line", "give --participants, --pairs or both")])
    names = dict.fromkeys(row[side] for row in tables["pairs"].rows for side in ("a", "b"))
    return [{"participant": name, "": "-"} for name in names]


def _asked(reading: _Reading, columns: set[str], groups: Table | None) -> set[str]:
    """Attributes whose words are looked at; those asked for must be columns."""
    wanted = reading.wanted
    named = [
        *(("--same", name) for name in wanted.same),
        *(("--balance", name) for name in wanted.balance),
        *(("--alike", text.partition("=")[0]) for text in wanted.alike),
    ]
    for option, name in [
        *named,
        *(("--spread", name) for name, _ in wanted.spread),
        *(("--around", name) for name, _ in wanted.around),
        *(("--list", name) for name in wanted.lists),
    ]:
        if name not in columns:
            reading.faults.append(unknown(option, "attribute", name, columns))
    for name, _ in wanted.around:
        if name not in {attribute for attribute, _ in wanted.spread}:
            reading.faults.append(Fault("--around", f'"{name}" has no --spread'))
    fixing = (
        set(groups.rows[0]) - {"", "group", "least", "most"} if groups and groups.rows else set()
    )
    for name in sorted(fixing - columns):
        reading.faults.append(unknown("groups", "attribute", name, columns))
    return ({name for _, name in named} | fixing) & columns


def _words(reading: _Reading, row: dict[str, str], name: str) -> tuple[str, ...]:
    cell = row.get(name, "")
    if name in reading.wanted.lists:
        cell = ";".join(cell.split())
    return tuple(dict.fromkeys(word.strip() for word in cell.split(";") if word.strip()))


def _ambiguous(name: str, cells: Sequence[str]) -> list[Fault]:
    """A column with ``en`` and ``en fr``: is the latter one word or two? Nobody should guess."""
    whole = {cell for cell in cells if cell and ";" not in cell}
    for cell in sorted(whole):
        parts = cell.split()
        if len(parts) > 1 and any(part in whole for part in parts):
            message = f'"{cell}": separate words by ";", or give --list {name} for spaces'
            return [Fault(f"participants.{name}", message)]
    return []


def _spread(
    reading: _Reading, rows: Sequence[dict[str, str]]
) -> list[tuple[Spread, list[int | None]]]:
    """Each rule with everyone's number, in whole units of the smallest step anybody uses."""
    around = dict(reading.wanted.around)
    found: list[tuple[Spread, list[int | None]]] = []
    for name, most in reading.wanted.spread:
        cells = [
            reading.number(f"participants[line {row['']}].{name}", cell)
            if (cell := row.get(name, "")) else None
            for row in rows
        ]  # fmt: skip
        limit = reading.number("--spread", most)
        circle = reading.number("--around", around[name]) if name in around else None
        parts = [part for part in (*cells, limit, circle) if part is not None]
        precision = lcm(*(part.denominator for part in parts))
        if limit < 0:
            reading.faults.append(Fault("--spread", f"{most} is below 0"))
        elif circle is not None and circle <= 0:
            reading.faults.append(Fault("--around", f"{around[name]} is not above 0"))
        else:
            rule = Spread(
                attribute=name,
                most=int(limit * precision),
                around=None if circle is None else int(circle * precision),
                precision=precision,
            )
            numbers = [None if cell is None else int(cell * precision) for cell in cells]
            found.append((rule, numbers))
    return found


def _alike(reading: _Reading) -> tuple[Alike, ...]:
    rules = []
    for text in reading.wanted.alike:
        name, _, weight = text.partition("=")
        if weight and not re.fullmatch(r"-?\d{1,6}", weight):
            reading.faults.append(Fault("--alike", f'"{weight}" is not a whole number'))
        else:
            rules.append(Alike(attribute=name, weight=int(weight or 1)))
    return tuple(rules)


def _groups(reading: _Reading, table: Table | None, people: int) -> tuple[Group, ...]:
    wanted = reading.wanted
    rows = table.rows if table is not None else []
    if table is not None and wanted.groups not in (None, len(rows)):
        message = f"{wanted.groups} asked for, {len(rows)} in the table"
        reading.faults.append(Fault("--groups", message))
    if table is None:
        if wanted.groups is None:
            reading.faults.append(Fault("command line", "give --groups N or --groups-table"))
            return ()
        rows = [{"group": str(at + 1), "": "-"} for at in range(wanted.groups)]
    count = max(len(rows), 1)
    least = people // count if wanted.least is None else wanted.least
    most = -(-people // count) if wanted.most is None else wanted.most
    groups = []
    for row in rows:
        path = f"groups[line {row['']}]"
        size = {
            name: _whole(reading, f"{path}.{name}", row.get(name, ""), default)
            for name, default in (("least", least), ("most", most))
        }
        fixed = {
            name: cell for name, cell in row.items()
            if cell and name not in ("", "group", "least", "most")
        }  # fmt: skip
        if size["least"] > size["most"]:
            reading.faults.append(Fault(path, f"least {size['least']}, most {size['most']}"))
        groups.append(Group(key=row["group"] or "?", fixed=fixed, **size))
    return tuple(groups)


def _whole(reading: _Reading, path: str, cell: str, default: int) -> int:
    if not cell:
        return default
    if re.fullmatch(r"\d{1,6}", cell):
        return int(cell)
    reading.faults.append(Fault(path, f'"{cell}" is not a whole number'))
    return default


def _relations(
    reading: _Reading, table: Table | None, people: Sequence[Participant]
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in RELATIONS}
    known = {person.key for person in people}
    for row in table.rows if table is not None else ():
        path = f"relations[line {row['']}]"
        for side in ("a", "b"):
            if row[side] not in known:
                reading.faults.append(unknown(f"{path}.{side}", "participant", row[side], known))
        if row["relation"] in RELATIONS:
            found[row["relation"]].append((row["a"], row["b"]))
        else:
            message = f"must be together or apart; got {row['relation']!r}"
            hint = near(row["relation"], RELATIONS)
            reading.faults.append(Fault(f"{path}.relation", message, hint))
    return tuple(found["together"]), tuple(found["apart"])


def _pairs(reading: _Reading, table: Table | None, people: Sequence[Participant]) -> PairValues:
    if table is None:
        return PairValues()
    place = {person.key: at for at, person in enumerate(people)}
    first, second, cells = [], [], []
    seen: dict[tuple[int, int], str] = {}
    here = _Reading(reading.wanted)
    for row in table.rows:
        path = f"pairs[line {row['']}]"
        sides = [place.get(row[side], -1) for side in ("a", "b")]
        for side, at in zip(("a", "b"), sides, strict=True):
            if at < 0:
                here.faults.append(unknown(f"{path}.{side}", "participant", row[side], place))
        pair = (min(sides), max(sides))
        if pair[0] == pair[1] >= 0:
            here.faults.append(Fault(path, f'"{row["a"]}" stands on both sides'))
        elif pair in seen and pair[0] >= 0:
            here.faults.append(Fault(path, f"the pair of line {seen[pair]} again"))
        seen[pair] = row[""]
        first.append(sides[0])
        second.append(sides[1])
        cells.append(here.number(f"{path}.value", row["value"]))
    if len(here.faults) > SHOWN:
        more = Fault("pairs", f"{len(here.faults) - SHOWN} further faults")
        here.faults[SHOWN:] = [more]
    reading.faults += here.faults
    precision = lcm(*(cell.denominator for cell in cells)) if cells else 1
    if precision > MOST_PRECISION:
        reading.faults.append(Fault("pairs", "values are too fine"))
    if reading.faults:
        return PairValues()
    return PairValues(
        first=tuple(first),
        second=tuple(second),
        value=tuple(int(cell * precision) for cell in cells),
        precision=precision,
    )
