"""CSV tables with a header: every fault with the table's name, line and column."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from matching.io.faults import near, repeated
from matching.model import Fault


@dataclass(frozen=True)
class Table:
    """A CSV table: cells by column, the line's number under ``""``. With faults it has no rows."""

    name: str
    rows: list[dict[str, str]]
    faults: list[Fault]


def read_table(
    name: str, text: str, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Table:
    """Read a CSV text with a header.

    Parameters
    ----------
    columns, optional
        Columns that must and that may be there; an optional one that is missing gives "".
        Others are left alone.
    """
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    header = [word.strip() for word in next(reader, [])]
    faults = [
        Fault(f"{name}.{column}", "column missing", near(column, set(header) - set(columns)))
        for column in columns
        if column not in header
    ]
    faults += repeated(name + "[header {at}]", "column", list(header))
    rows = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            message = f"{len(cells)} cells under {len(header)} columns"
            faults.append(Fault(f"{name}[line {reader.line_num}]", message))
            continue
        row = {key: cell.strip() for key, cell in zip(header, cells, strict=True)}
        rows.append({**dict.fromkeys(optional, ""), **row, "": str(reader.line_num)})
    return Table(name, [] if faults else rows, faults)
