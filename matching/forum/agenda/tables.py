"""An agenda's Problem from a folder of CSV tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from matching.forum.agenda.meaning import sound
from matching.forum.agenda.model import AgendaProblem, AgendaWeights, PairRule
from matching.forum.agenda.zones import Hours, zone_penalties
from matching.io.faults import BadInput, unknown
from matching.io.tables import read_table
from matching.model import Fault

Parse = Callable[[str], Any]
_TIME = re.compile(r"^(\d{1,2}):([0-5]\d)$")


def _key(cell: str) -> str | None:
    if len(cell) > 100:
        raise ValueError("must have 1 to 100 characters")
    return cell or None


def _keys(cell: str) -> tuple[str, ...]:
    return tuple(word for part in cell.split(";") if (word := _key(part.strip())))


def _whole(most: int, least: int = 0) -> Parse:
    def parse(cell: str) -> int | None:
        if not cell:
            return None
        if not re.fullmatch(r"\d{1,10}", cell) or not least <= int(cell) <= most:
            raise ValueError(f'"{cell}" is not a whole number from {least} to {most}')
        return int(cell)

    return parse


def _yes(cell: str) -> bool:
    if cell.casefold() not in ("yes", "no", ""):
        raise ValueError(f'"{cell}" is neither yes nor no')
    return cell.casefold() == "yes"


def _minute(cell: str) -> int:
    found = _TIME.match(cell)
    if not found or int(found[1]) * 60 + int(found[2]) > 1440:
        raise ValueError(f'"{cell}" is not a time like 09:30')
    return int(found[1]) * 60 + int(found[2])


def _day(cell: str) -> str:
    try:
        return date.fromisoformat(cell).isoformat()
    except ValueError:
        raise ValueError(f'"{cell}" is not a day like 2027-05-10') from None


def _zone(cell: str) -> str | None:
    if not cell:
        return None
    try:
        ZoneInfo(cell)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'"{cell}" is not an IANA time zone') from None
    return cell


POINTS, MANY = _whole(10**9), _whole(10**6)
FROM_ONE = _whole(10**6, 1)
TABLES: dict[str, dict[str, Parse]] = {
    "slots": {"slot": _key, "day": _day, "start": _minute, "end": _minute, "length": FROM_ONE},
    "rooms": {"room": _key, "seats": MANY, "booths": MANY, "kinds": _keys, "closed": _keys},
    "sessions": {
        "session": _key, "length": FROM_ONE, "track": _key, "kind": _key, "seats": MANY,
        "speakers": _keys, "chairs": _keys, "languages": _keys, "slots": _keys, "rooms": _keys,
        "alone": _yes, "place": FROM_ONE, "online": _yes,
    },
    "tracks": {"track": _key, "chairs": _keys},
    "people": {"person": _key, "away": _keys, "zone": _zone},
    "interest": {"person": _key, "session": _key, "points": _whole(1000, 1)},
    "pairs": {"first": _key, "second": _key, "rule": _key, "penalty": POINTS},
    "similar": {"first": _key, "second": _key, "penalty": POINTS},
    "penalties": {
        "penalty": POINTS, "session": _key, "track": _key, "slot": _key, "room": _key,
    },
    "teams": {"language": _key, "teams": MANY},
    "previous": {"session": _key, "slot": _key, "room": _key},
    "policy": {"name": _key, "value": str},
}  # fmt: skip
"""Columns of each table, those that must be there first."""
NEEDED = {"slots": 4, "rooms": 1, "sessions": 2, "tracks": 1, "people": 1, "interest": 2,
          "pairs": 2, "similar": 3, "penalties": 1, "teams": 2, "previous": 3,
          "policy": 2}  # fmt: skip
"""How many of a table's columns must be there and filled."""
ALWAYS = ("slots", "rooms", "sessions")
HOURS = {"zone": _zone, "good_from": _minute, "good_to": _minute, "fair_from": _minute,
         "fair_to": _minute, "fair_points": POINTS, "poor_points": POINTS}  # fmt: skip


def read_tables(texts: Mapping[str, str]) -> AgendaProblem:
    """Read CSV texts into a Problem.

    Parameters
    ----------
    texts
        Text of each table by its name; ``slots``, ``rooms`` and ``sessions`` must be there.

    Raises
    ------
    BadInput
        With every fault of all tables.
    """
    faults = [Fault(f"{name}.csv", "table missing") for name in ALWAYS if name not in texts]
    faults += [unknown(f"{name}.csv", "table", name, TABLES) for name in set(texts) - set(TABLES)]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    lines: dict[str, list[str]] = {name: [] for name in TABLES}
    for name in sorted(set(texts) & set(TABLES)):
        columns = tuple(TABLES[name])
        table = read_table(
            f"{name}.csv", texts[name], columns[: NEEDED[name]], columns[NEEDED[name] :]
        )
        faults += table.faults
        faults += _strays(name, texts[name])
        for row in table.rows:
            lines[name].append(f"{name}.csv[line {row['']}]")
            rows[name].append(_row(name, row, lines[name][-1], faults))
    weights, hours = _policy(rows["policy"], lines["policy"], faults)
    if faults:
        raise BadInput(faults)
    order = sorted(
        range(len(rows["slots"])),
        key=lambda at: [rows["slots"][at][name] for name in ("day", "start", "end")],
    )
    rows["slots"] = [rows["slots"][at] for at in order]
    lines["slots"] = [lines["slots"][at] for at in order]
    online = {row["key"] for row in rows["sessions"] if row.pop("online", False)}
    zones = {row["key"]: row.pop("zone") for row in rows["people"] if "zone" in row}
    document = {name: found for name, found in rows.items() if name != "policy"}
    problem = sound(
        AgendaProblem.model_validate({**document, "weights": weights}),
        lambda name, at: lines[name][at],
    )
    if online and zones and hours is None:
        raise BadInput([Fault("policy.csv", "online sessions and zones of people need the "
                              'forum\'s own: a row with the name "zone"')])  # fmt: skip
    if hours is None:
        return problem
    extra = zone_penalties(
        [session for session in problem.sessions if session.key in online], problem.slots, zones,
        problem.interest, {track.key: track.chairs for track in problem.tracks}, hours,
    )  # fmt: skip
    return problem.model_copy(update={"penalties": problem.penalties + tuple(extra)})


def _strays(name: str, text: str) -> list[Fault]:
    """Columns that no table has: a misspelt one would be lost silently."""
    head = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    return [
        unknown(f"{name}.csv.{word}", "column", word, TABLES[name])
        for cell in head.split(",")
        if (word := cell.strip().strip('"')) and word not in TABLES[name]
    ]


def _row(name: str, row: dict[str, str], where: str, faults: list[Fault]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    columns = TABLES[name]
    needed = list(columns)[: NEEDED[name]]
    for column, parse in columns.items():
        try:
            value = parse(row[column])
            if column in needed and value is None:
                raise ValueError("must be filled in")
        except ValueError as error:
            faults.append(Fault(f"{where}.{column}", str(error)))
            continue
        if value is not None:
            found["key" if f"{column}s" == name or column == "person" else column] = value
    if name == "interest":
        found["person"] = found.pop("key", "")
    if name == "pairs" and found.get("rule", PairRule.APART) not in list(PairRule):
        faults.append(unknown(f"{where}.rule", "rule", found["rule"], list(PairRule)))
    if name == "slots" and "length" not in found and {"start", "end"} <= set(found):
        found["length"] = max(found["end"] - found["start"], 1)
    return found


def _policy(
    rows: list[dict[str, Any]], lines: list[str], faults: list[Fault]
) -> tuple[dict[str, int], Hours | None]:
    weights: dict[str, int] = {}
    hours: dict[str, Any] = {}
    known = [*AgendaWeights.model_fields, *HOURS]
    for row, where in zip(rows, lines, strict=True):
        name, value = row.get("name", ""), row.get("value", "")
        if name not in known:
            faults.append(unknown(f"{where}.name", "name", name, known))
            continue
        if name in weights or name in hours:
            faults.append(Fault(f"{where}.name", f'"{name}" stands twice'))
        try:
            parsed = HOURS.get(name, POINTS)(value)
            if parsed is None:
                raise ValueError("must be filled in")
        except ValueError as error:
            faults.append(Fault(f"{where}.value", str(error)))
            continue
        (hours if name in HOURS else weights)[name] = parsed
    if hours and all(row.get("name") != "zone" for row in rows):
        faults.append(Fault("policy.csv", 'hours need the forum\'s zone: a row "zone"'))
    if faults or not hours:
        return weights, None
    base = Hours(hours["zone"])
    return weights, Hours(
        hours["zone"],
        (hours.get("good_from", base.good[0]), hours.get("good_to", base.good[1])),
        (hours.get("fair_from", base.fair[0]), hours.get("fair_to", base.fair[1])),
        hours.get("fair_points", base.fair_points),
        hours.get("poor_points", base.poor_points),
    )
