"""Cells of a sheet as they came out of a file, each with its place."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.incoming import NOT_TYPED

RANGE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")
DATE_WRITINGS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y")


@dataclass
class Sheet:
    """A sheet: rows of values, which cells hold a formula, which ranges are merged."""

    name: str
    rows: list[list[Any]]
    formulas: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    @cached_property
    def formula_places(self) -> frozenset[str]:
        return frozenset(self.formulas)

    @cached_property
    def height(self) -> int:
        """Rows down to the last with anything in it; a formula may come without its value."""
        rows = [int("".join(filter(str.isdigit, place))) for place in self.formulas]
        return max([len(self.rows), *rows])

    @cached_property
    def merged_boxes(self) -> list[tuple[int, int, int, int, str]]:
        """First and last row, first and last column, and the name of each merged range."""
        boxes = []
        for name in self.merged:
            match = RANGE.fullmatch(name)
            if match:
                left, top, right, bottom = match.groups()
                boxes.append((int(top) - 1, int(bottom) - 1, _number(left), _number(right), name))
        return boxes

    def cell(self, row: int, column: int) -> Cell:
        """A cell, counted from 0; one beyond the filled part is empty."""
        values = self.rows[row] if row < len(self.rows) else []
        return Cell(self, row, column, values[column] if column < len(values) else "")


@dataclass
class Cell:
    """One cell."""

    sheet: Sheet
    row: int
    column: int
    value: Any

    @property
    def place(self) -> str:
        letters, number = "", self.column + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return f"{letters}{self.row + 1}"

    @property
    def is_formula(self) -> bool:
        return self.place in self.sheet.formula_places

    @property
    def merged(self) -> str:
        """The merged range the cell lies in, or nothing."""
        for top, bottom, left, right, name in self.sheet.merged_boxes:
            if top <= self.row <= bottom and left <= self.column <= right:
                return name
        return ""

    @property
    def text(self) -> str:
        if isinstance(self.value, dict):
            return str(self.value["date"])
        # A workbook can spell out what no keyboard types, as in _x0000_.
        return "" if self.value is None else NOT_TYPED.sub("", str(self.value)).strip()

    @property
    def short(self) -> str:
        """The text as a fault repeats it."""
        text = " ".join(self.text.split())
        return text if len(text) <= 60 else f"{text[:59]}…"

    @property
    def is_filled(self) -> bool:
        return bool(self.text) or self.is_formula

    @property
    def number(self) -> int | None:
        """A whole number, also where it was written as text."""
        if isinstance(self.value, bool):
            return None
        if isinstance(self.value, int):
            return self.value
        text = self.text
        return int(text) if text.isdecimal() and len(text) < 6 else None

    @property
    def day(self) -> dt.date | None:
        """A date, also where it was written as text."""
        for writing in DATE_WRITINGS:
            try:
                return dt.datetime.strptime(self.text, writing).date()  # noqa: DTZ007 (a day)
            except ValueError:
                continue
        return None


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
