"""From the cells of a workbook to needs and an offer, with every fault found on the way."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.i18n import INTERFACE_LANGUAGES
from app.membership.models import State
from app.membership.weeks import has_passed, monday_of
from app.needs.conditions import Conditions as NeedConditions
from app.offers.conditions import Conditions as OfferConditions
from app.workbooks import layout
from app.workbooks.cells import Cell, Sheet
from app.workbooks.faults import NOTES, fault
from app.workbooks.layout import (
    CODES_SHEET,
    FORMAT,
    MOST_MENTEES,
    MOST_NEEDS,
    MOST_TEXT,
    Lexicon,
    Word,
    folded,
)

LEVELS = ("level_now", "level_sought")


@dataclass(slots=True)
class Reading:
    """What a workbook says: ``wanted`` as JSON, and faults."""

    needs: list[dict[str, Any]] = field(default_factory=list)
    offer: dict[str, Any] | None = None
    faults: list[dict[str, Any]] = field(default_factory=list)

    @property
    def wanted(self) -> dict[str, Any]:
        return {"needs": self.needs, "offer": self.offer}


def interpret(found: dict[str, Any], *, state: State, own: bool) -> Reading:
    """Everything that can be said of a file; order and levels only if ``own`` people sent it."""
    if "fault" in found:
        return Reading(faults=[fault(found["fault"])])
    sheets = {sheet["name"]: Sheet(**sheet) for sheet in found["sheets"]}
    return _Interpreter(sheets, state, own).read()


class _Interpreter:
    def __init__(self, sheets: dict[str, Sheet], state: State, own: bool) -> None:
        self._sheets = sheets
        self._own = own
        self._state = state
        self._spoken = {row.code for row in state.languages}
        self._reading = Reading()
        codes = sheets.get(CODES_SHEET)
        rows = codes.rows if codes else []
        self._codes = [Word(*(str(cell) for cell in row[:3])) for row in rows if len(row) >= 3]
        # A workbook without room for levels says nothing of them.
        self._levels = own and Word("levels", "yes", "") in self._codes
        own_words = layout.words_for(state)
        self._lexicon = Lexicon([*self._codes, *own_words])

    def read(self) -> Reading:
        names = {word.code: word.label for word in self._codes if word.kind == "sheet"}
        versions = {word.code for word in self._codes if word.kind == "format"}
        made_for = [word for word in self._codes if word.kind == "state"]
        if not versions or len(names) < 2 or not made_for:
            self._note("no_codes")
        elif versions != {FORMAT}:
            self._note("wrong_format")
        elif made_for[0].code != self._state.public_id:
            self._note("other_state", name=made_for[0].label)
        else:
            self._read_sheets(names)
            self._reading.faults.sort(key=_in_reading_order)
        return self._reading

    def _read_sheets(self, names: dict[str, str]) -> None:
        for kind, read in (("needs", self._read_needs), ("offer", self._read_offer)):
            sheet = self._sheets.get(names.get(kind, ""))
            if sheet is None:
                self._note("sheet_missing", name=names.get(kind, kind))
            else:
                read(sheet)
        if not (self._reading.needs or self._reading.offer or self._faulty()):
            self._note("nothing_filled")

    def _faulty(self) -> bool:
        return any(found["code"] not in NOTES for found in self._reading.faults)

    # Needs: one a row, columns by the codes in the hidden first row.

    def _read_needs(self, sheet: Sheet) -> None:
        columns = {code: at for at, code in enumerate(sheet.rows[0]) if code} if sheet.rows else {}
        if "theme" not in columns:
            self._note("columns_missing", sheet.name)
            return
        rows = [
            {code: sheet.cell(at, column) for code, column in columns.items()}
            for at in range(2, sheet.height)
        ]
        rows = [row for row in rows if any(cell.is_filled for cell in row.values())]
        if not self._own:
            if any(row[code].is_filled for row in rows for code in LEVELS if code in row):
                self._note("levels_ignored", sheet.name)
            if any(row["rank"].is_filled for row in rows if "rank" in row):
                self._note("order_ignored", sheet.name)
        readings = [found for row in rows if (found := self._read_need(row)) is not None]
        self._find_twice(readings)
        good = [one for one in readings if not one.faulty]
        # The State's own order, without gaps; rows without a number follow.
        good.sort(key=lambda one: (one.rank is None, one.rank or 0))
        self._reading.needs = [one.as_json() for one in good]

    def _read_need(self, row: dict[str, Cell]) -> _NeedRow | None:
        before = len(self._reading.faults)
        cell = row["theme"]
        self._refuse_unreadable(row.values())
        theme = self._theme(cell)
        if theme is None and not cell.is_filled and not cell.is_formula:
            self._note("theme_missing", cell)
        rank = self._rank(row["rank"]) if "rank" in row else None
        latest = self._day(row.get("latest_week"))
        text, language = self._text(row.get("success"), row.get("success_language"))
        levels = None
        if self._levels and all(code in row for code in LEVELS):
            levels = {"now": self._level(row[LEVELS[0]]), "sought": self._level(row[LEVELS[1]])}
        conditions = NeedConditions(
            languages=self._several(row, "language", "spoken", "unknown_language"),
            latest_week=latest,
            success=text,
            success_language=language,
        )
        new = self._reading.faults[before:]
        return _NeedRow(
            theme=theme,
            rank=rank,
            cell=cell,
            rank_cell=row.get("rank"),
            conditions=conditions,
            levels=levels,
            faulty=theme is None or any(found["code"] not in NOTES for found in new),
        )

    def _find_twice(self, rows: list[_NeedRow]) -> None:
        by_theme: dict[str, _NeedRow] = {}
        by_rank: dict[int, _NeedRow] = {}
        for row in rows:
            if row.theme is not None:
                first = by_theme.setdefault(row.theme, row)
                if first is not row:
                    first.faulty = row.faulty = True
                    self._note("theme_twice", row.cell, theme=row.theme, other=first.cell.place)
            if row.rank is not None and row.rank_cell and self._own:
                first = by_rank.setdefault(row.rank, row)
                if first is not row and first.rank_cell:
                    first.faulty = row.faulty = True
                    self._note(
                        "rank_twice", row.rank_cell, rank=row.rank, other=first.rank_cell.place
                    )

    # The offer: one question a row, by the codes in the hidden first column.

    def _read_offer(self, sheet: Sheet) -> None:
        rows: dict[str, Cell] = {}
        themes: list[tuple[Cell, Cell]] = []
        for at, cells in enumerate(sheet.rows):
            code = str(cells[0]) if cells else ""
            if code == "theme":
                themes.append((sheet.cell(at, 2), sheet.cell(at, 3)))
            elif code:
                rows[code] = sheet.cell(at, 2)
        if "capacity" not in rows or not themes:
            self._note("columns_missing", sheet.name)
            return
        cells = [*rows.values(), *(cell for pair in themes for cell in pair)]
        if not any(cell.is_filled or cell.is_formula for cell in cells):
            return
        before = len(self._reading.faults)
        self._refuse_unreadable(cells)
        levels = self._offer_themes(themes)
        if not levels and len(self._reading.faults) == before:
            self._note("offer_without_themes", themes[0][0])
        first = self._day(rows.get("first_week"), is_last=False)
        last = self._day(rows.get("last_week"))
        if first and last and monday_of(last) < monday_of(first):
            self._note("weeks_reversed", rows["last_week"])
        text, language = self._text(rows.get("note"), rows.get("note_language"))
        conditions = OfferConditions(
            themes=tuple(levels),
            capacity=self._capacity(rows["capacity"]),
            languages=self._several(rows, "language", "spoken", "unknown_language"),
            first_week=first,
            last_week=last,
            regions=self._several(rows, "region", "region", "unknown_region"),
            sub_networks=self._several(rows, "sub_network", "sub_network", "unknown_sub_network"),
            note=text,
            note_language=language,
        )
        new = self._reading.faults[before:]
        if not any(found["code"] not in NOTES for found in new):
            self._reading.offer = {
                "conditions": conditions.as_change(),
                "levels": levels if self._levels else None,
                "sheet": sheet.name,
                "cell": rows["capacity"].place,
            }

    def _offer_themes(self, pairs: list[tuple[Cell, Cell]]) -> dict[str, int | None]:
        found: dict[str, int | None] = {}
        places: dict[str, str] = {}
        if not self._own and any(level.is_filled for _theme, level in pairs):
            self._note("levels_ignored", pairs[0][0].sheet.name)
        for cell, level in pairs:
            if not cell.is_filled:
                if level.is_filled and self._own:
                    self._note("theme_missing", cell)
                continue
            theme = self._theme(cell)
            if theme is None:
                continue
            if theme in found:
                self._note("theme_twice", cell, theme=theme, other=places[theme])
                continue
            places[theme] = cell.place
            found[theme] = self._level(level) if self._levels else None
        return found

    # Single cells.

    def _refuse_unreadable(self, cells: Iterable[Cell]) -> None:
        merged: set[str] = set()
        for cell in cells:
            if cell.is_formula:
                self._note("formula", cell)
            if cell.merged and cell.merged not in merged:
                merged.add(cell.merged)
                self._reading.faults.append(fault("merged", cell.sheet.name, cell.merged))

    def _theme(self, cell: Cell) -> str | None:
        if not cell.is_filled or cell.is_formula:
            return None
        code = self._lexicon.code("theme", cell.text)
        if code is None:
            labels = self._lexicon.labels("theme")
            like = difflib.get_close_matches(folded(cell.text), labels, n=1, cutoff=0.6)
            if like:
                self._note("unknown_theme_like", cell, typed=cell.short, suggestion=labels[like[0]])
            else:
                self._note("unknown_theme", cell, typed=cell.short)
        return code

    def _rank(self, cell: Cell) -> int | None:
        return self._number(cell, MOST_NEEDS, "rank_unclear") if self._own else None

    def _capacity(self, cell: Cell) -> int:
        if not cell.is_filled and not cell.is_formula:
            self._note("capacity_missing", cell, most=MOST_MENTEES)
        return self._number(cell, MOST_MENTEES, "capacity_unclear") or 1

    def _number(self, cell: Cell, most: int, code: str) -> int | None:
        if not cell.is_filled or cell.is_formula:
            return None
        number = cell.number
        if number is None or not 1 <= number <= most:
            self._note(code, cell, typed=cell.short, most=most)
            return None
        return number

    def _level(self, cell: Cell) -> int | None:
        if not cell.is_filled or cell.is_formula:
            return None
        code = self._lexicon.code("level", cell.text)
        if code is None:
            # What was typed is not repeated: a level is said to nobody, not even in a fault.
            self._note("unknown_level", cell)
        return int(code) if code else None

    def _day(self, cell: Cell | None, *, is_last: bool = True) -> dt.date | None:
        if cell is None or not cell.is_filled or cell.is_formula:
            return None
        day = cell.day
        if day is None:
            self._note("date_unclear", cell, typed=cell.short)
        elif is_last and has_passed(day):
            self._note("week_passed", cell)
        return day

    def _text(self, cell: Cell | None, language: Cell | None) -> tuple[str, str]:
        text = "" if cell is None or cell.is_formula else cell.text
        if cell and len(text) > MOST_TEXT:
            self._note("text_too_long", cell, most=MOST_TEXT)
        code: str | None = None
        if language and language.is_filled and not language.is_formula:
            code = self._lexicon.code("written", language.text)
            if not code:
                self._note("unknown_text_language", language, typed=language.short)
        return text[:MOST_TEXT], code or (self._made_in() if text else "en")

    def _made_in(self) -> str:
        """The language of the workbook stands for texts that name none."""
        made = next((word.code for word in self._codes if word.kind == "language"), "en")
        return made if made in INTERFACE_LANGUAGES else "en"

    def _several(
        self, cells: dict[str, Cell], prefix: str, kind: str, code: str
    ) -> tuple[str, ...]:
        found = []
        for name, cell in cells.items():
            if not name.startswith(f"{prefix}_") or not name.removeprefix(f"{prefix}_").isdigit():
                continue
            if not cell.is_filled or cell.is_formula:
                continue
            one = self._lexicon.code(kind, cell.text)
            if one is None or (kind == "spoken" and one not in self._spoken):
                self._note(code, cell, typed=cell.short)
            else:
                found.append(one)
        return tuple(found)

    def _note(self, code: str, where: Cell | str = "", **params: Any) -> None:
        sheet, place = (where, "") if isinstance(where, str) else (where.sheet.name, where.place)
        self._reading.faults.append(fault(code, sheet, place, **params))


def _in_reading_order(found: dict[str, Any]) -> tuple[str, int, str]:
    """Sheet by sheet from the top; needs come before the offer, as they are read."""
    row = "".join(filter(str.isdigit, found["cell"].partition(":")[0]))
    return (found["sheet"], int(row or 0), found["cell"])


@dataclass(slots=True)
class _NeedRow:
    theme: str | None
    rank: int | None
    cell: Cell
    rank_cell: Cell | None
    conditions: NeedConditions
    levels: dict[str, int | None] | None
    faulty: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "theme": self.theme,
            "ranked": self.rank is not None,
            "conditions": self.conditions.as_change(),
            "levels": self.levels,
            "sheet": self.cell.sheet.name,
            "cell": self.cell.place,
        }
