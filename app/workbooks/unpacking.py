"""Reads an XLSX file in a process of its own: file on standard input, JSON on standard output.

Run by path, without the rest of the site, so that it starts fast and knows no secret. What comes
out is plain values of cells with their places; what is dangerous or too big is refused by code
before a spreadsheet library sees it:

``{"fault": "macros"}`` or
``{"sheets": [{"name": ..., "rows": [[...]], "formulas": ["B5"], "merged": ["B5:C6"]}]}``

A cell is a string, a number, a boolean, ``{"date": "2027-01-04"}``, or ``""`` if empty.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sys
import zipfile
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

MOST_UNPACKED = 50 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS = 10_000
MOST_COLUMNS = 200
MOST_SHEETS = 20
MEMORY = 1024 * 1024 * 1024
SECONDS = 20

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# A cell with something inside, its column and row; one without is closed at once.
FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')
FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*(?<!/)>\s*<(?:\w+:)?f\b')
ROW = re.compile(rb"<(?:\w+:)?row\b")
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Refused(Exception):
    """The file is not read, for a reason with a code."""


def main() -> None:
    limit_resources()
    try:
        found: dict[str, Any] = {"sheets": read(sys.stdin.buffer.read())}
    except Refused as refusal:
        found = {"fault": str(refusal)}
    json.dump(found, sys.stdout)


def limit_resources() -> None:
    """However cunning the file, this process takes no more than this."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def read(data: bytes) -> list[dict[str, Any]]:
    """The sheets of a workbook; raises :class:`Refused`."""
    parts = unpack(data)
    paths = sheet_paths(parts)
    for path in paths.values():
        check_size(parts[path])
    try:
        workbook = CalamineWorkbook.from_object(io.BytesIO(repack(parts)))
        return [
            {
                "name": name,
                "rows": [[plain(cell) for cell in row] for row in rows_of(workbook, name)],
                "formulas": [found.decode() for found in FORMULA.findall(parts[path])],
                "merged": merged(workbook, name),
            }
            for name, path in paths.items()
        ]
    except PasswordError as error:
        raise Refused("password") from error
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("damaged") from error


def unpack(data: bytes) -> dict[str, bytes]:
    """The XML parts of the file, by name, each bounded, none with definitions of entities."""
    if not data:
        raise Refused("empty_file")
    if data.startswith(OLE):
        raise Refused("password" if ENCRYPTED in data else "old_format")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MOST_PARTS:
                raise Refused("too_big")
            if sum(info.file_size for info in infos) > MOST_UNPACKED:
                raise Refused("too_big")
            names = [info.filename for info in infos]
            if any(info.flag_bits & 1 for info in infos):
                raise Refused("password")
            if len(set(names)) != len(names):
                raise Refused("damaged")
            if any(name.lower().endswith(("vbaproject.bin", "macrosheet.xml")) for name in names):
                raise Refused("macros")
            if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
                raise Refused("not_workbook")
            wanted = [info for info in infos if info.filename.lower().endswith((".xml", ".rels"))]
            parts = {info.filename: archive.read(info) for info in wanted}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError) as error:
        raise Refused("not_workbook" if data[:2] != b"PK" else "damaged") from error
    except Exception as error:
        if isinstance(error, Refused):
            raise
        # zlib and its like speak of broken streams each in its own way.
        raise Refused("damaged") from error
    if b"macroEnabled" in parts["[Content_Types].xml"]:
        raise Refused("macros")
    for text in parts.values():
        check_definitions(text)
    return parts


def check_definitions(text: bytes) -> None:
    """A workbook needs no document type; with one, an entity could swell without end."""
    head = text[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head:
        # Office programs write UTF-8; another encoding would hide what is looked for here.
        raise Refused("damaged")
    upper = text.upper()
    if any(word in upper for word in FORBIDDEN):
        raise Refused("entities")


def repack(parts: dict[str, bytes]) -> bytes:
    """The same parts under true sizes, so that the library unpacks what was checked, no more."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def sheet_paths(parts: dict[str, bytes]) -> dict[str, str]:
    """The part that holds each worksheet, by the sheet's name."""
    try:
        book = ElementTree.fromstring(parts["xl/workbook.xml"])  # noqa: S314 (no entities in it)
        links = ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314
    except (ElementTree.ParseError, KeyError) as error:
        raise Refused("damaged") from error
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    found = {}
    for sheet in book.iter():
        if sheet.tag.rsplit("}", 1)[-1] != "sheet":
            continue
        target = targets.get(sheet.get(RELATION), "")
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if "chartsheet" in path or "dialogsheet" in path:
            continue
        if path not in parts:
            raise Refused("damaged")
        found[sheet.get("name", "")] = path
    if not found or len(found) > MOST_SHEETS:
        raise Refused("damaged" if not found else "too_big")
    return found


def check_size(sheet: bytes) -> None:
    if len(ROW.findall(sheet)) > MOST_ROWS:
        raise Refused("too_many_rows")
    for column, row in FILLED.findall(sheet):
        if int(row) > MOST_ROWS:
            raise Refused("too_many_rows")
        if len(column) > 2 or column_number(column) > MOST_COLUMNS:
            raise Refused("too_wide")


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def rows_of(workbook: CalamineWorkbook, name: str) -> list[list[Any]]:
    return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)


def merged(workbook: CalamineWorkbook, name: str) -> list[str]:
    ranges = workbook.get_sheet_by_name(name).merged_cell_ranges or []
    return [f"{place(*start)}:{place(*end)}" for start, end in ranges]


def place(row: int, column: int) -> str:
    """The name of a cell, counted from 0: ``place(4, 1)`` is B5."""
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def plain(cell: Any) -> Any:
    if isinstance(cell, dt.datetime):
        return {"date": cell.date().isoformat()}
    if isinstance(cell, dt.date):
        return {"date": cell.isoformat()}
    if isinstance(cell, dt.time | dt.timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell


if __name__ == "__main__":
    main()
