"""The workbook a State downloads: its present records, ready to be changed without a connection."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from app.i18n import language_name, reader_locale
from app.membership import catalogue
from app.membership.models import State
from app.offers.conditions import Conditions as OfferConditions
from app.workbooks import layout
from app.workbooks.layout import Word
from app.workbooks.records import Records

# Nothing that somebody typed may become a formula or a link.
SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
PETROL = "#0F5563"
SAND = "#F6F3EC"


@dataclass(frozen=True, slots=True)
class Names:
    """What the sheets are called in the reader's language."""

    instructions: str
    needs: str
    offer: str

    @classmethod
    def in_reader_language(cls) -> Names:
        return cls(
            instructions=_sheet_name(_("Instructions")),
            needs=_sheet_name(_("Needs")),
            offer=_sheet_name(_("Offer")),
        )


def _sheet_name(name: str) -> str:
    return "".join(" " if letter in "[]:*?/\\'" else letter for letter in name)[:31]


def write_template(state: State, records: Records, *, with_levels: bool) -> bytes:
    """The workbook in the reader's language; ``with_levels`` for the State itself alone."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **SAFE})
    _Writer(book, state, records, with_levels).write()
    book.close()
    return file.getvalue()


class _Writer:
    def __init__(
        self, book: xlsxwriter.Workbook, state: State, records: Records, with_levels: bool
    ) -> None:
        self._book = book
        self._state = state
        self._records = records
        self._with_levels = with_levels
        self._names = Names.in_reader_language()
        self._words = layout.words_for(state, records.text_languages)
        self._label = {(word.kind, word.code): word.label for word in self._words}
        self._range: dict[str, str] = {}
        locale = reader_locale()
        self._language = locale.language
        self._rtl = locale.text_direction == "rtl"
        plain = {"valign": "top", "text_wrap": True}
        self._text = book.add_format({**plain, "num_format": "@"})
        self._plain = book.add_format(plain)
        self._date = book.add_format({**plain, "num_format": "yyyy-mm-dd", "align": "left"})
        self._head = book.add_format(
            {**plain, "bold": True, "bg_color": PETROL, "font_color": "#FFFFFF", "border": 1}
        )
        self._name = book.add_format({**plain, "bold": True, "bg_color": SAND})
        self._title = book.add_format({"bold": True, "font_size": 16, "font_color": PETROL})

    def write(self) -> None:
        instructions = self._sheet(self._names.instructions)
        needs = self._sheet(self._names.needs)
        offer = self._sheet(self._names.offer)
        codes = self._book.add_worksheet(layout.CODES_SHEET)
        self._write_codes(codes)
        self._write_instructions(instructions)
        self._write_needs(needs)
        self._write_offer(offer)

    def _sheet(self, name: str) -> Any:
        sheet = self._book.add_worksheet(name)
        if self._rtl:
            sheet.right_to_left()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _write_codes(self, sheet: Any) -> None:
        """Kind, code and label of everything; the lists of the other sheets point here."""
        sheet.very_hidden()
        rows = [
            Word("format", layout.FORMAT, ""),
            Word("language", self._language, ""),
            Word("levels", "yes" if self._with_levels else "no", ""),
            Word("state", self._state.public_id, self._state.name),
            Word("sheet", "needs", self._names.needs),
            Word("sheet", "offer", self._names.offer),
            *self._words,
        ]
        first: dict[str, int] = {}
        for at, word in enumerate(rows):
            for column, text in enumerate((word.kind, word.code, word.label)):
                sheet.write_string(at, column, text)
            first.setdefault(word.kind, at)
            self._range[word.kind] = f"={layout.CODES_SHEET}!$C${first[word.kind] + 1}:$C${at + 1}"

    def _write_instructions(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 100)
        sheet.hide_gridlines(2)
        sheet.write_string(
            0, 0, _("Needs and offer of %(state)s", state=self._state.name), self._title
        )
        for at, line in enumerate(self._lines(), start=2):
            sheet.write_string(at, 0, line, self._plain)

    def _lines(self) -> list[str]:
        lines = [
            _(
                "Fill in the sheets “%(needs)s” and “%(offer)s”, save the file as an Excel "
                "workbook (.xlsx) and send it in on the page “Workbook” of the site.",
                needs=self._names.needs,
                offer=self._names.offer,
            ),
            _("Nothing is stored before you have seen, on the site, what would change."),
            _(
                "Choose from the lists where a cell has one. Leave empty what you don't want to "
                "say."
            ),
            _(
                "Needs: one theme a row. The number in the column for order says how important it "
                "is to you: 1 is the most important. Each number and each theme stands once."
            ),
            _(
                "A need that you remove here stays as it is on the site. To withdraw it, use the "
                "site."
            ),
            _(
                "Offer: how many mentorships you could give at the same time, at most, and the "
                "themes. It is a ceiling, never a promise."
            ),
            _("Weeks: write any day of the week as a date, for example 2027-03-15."),
            _("Please use no formulas and merge no cells, and keep the names of the sheets."),
        ]
        if self._with_levels:
            lines.insert(
                5,
                _(
                    "Levels say where your mechanism stands. They stay with your State: no other "
                    "State and no coordinator sees them, and “%(not_stated)s” is always fine.",
                    not_stated=catalogue.level_name(None),
                ),
            )
        return lines

    def _write_needs(self, sheet: Any) -> None:
        languages = max(
            [layout.FEWEST_LANGUAGES, *(len(need.languages) for need in self._records.needs)]
        )
        columns: list[tuple[str, str, int, str]] = [
            ("theme", _("Theme"), 42, "theme"),
            ("rank", _("Order (1 is the most important)"), 12, ""),
        ]
        if self._with_levels:
            columns += [
                ("level_now", _("Where you stand now"), 22, "level"),
                ("level_sought", _("Where you would like to be"), 22, "level"),
            ]
        columns += [
            (f"language_{number}", _("Language %(number)s", number=number), 16, "spoken")
            for number in range(1, languages + 1)
        ]
        columns += [
            ("latest_week", _("Latest week"), 14, ""),
            ("success", _("What would success look like?"), 60, ""),
            ("success_language", _("Language of this text"), 18, "written"),
        ]
        last_row = 1 + layout.MOST_NEEDS
        for column, (code, header, width, kind) in enumerate(columns):
            sheet.set_column(column, column, width, self._date if code == "latest_week" else None)
            sheet.write_string(0, column, code)
            sheet.write_string(1, column, header, self._head)
            if kind:
                self._offer_list(sheet, 2, column, last_row, kind)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.freeze_panes(2, 1)
        place = [code for code, *_rest in columns].index("rank")
        sheet.data_validation(
            2,
            place,
            last_row,
            place,
            {
                "validate": "integer",
                "criteria": "between",
                "minimum": 1,
                "maximum": layout.MOST_NEEDS,
                "ignore_blank": True,
            },
        )
        for at, need in enumerate(self._records.needs, start=2):
            said = need.conditions
            values: dict[str, Any] = {
                "theme": self._label.get(("theme", need.theme), need.theme),
                "rank": need.rank,
                "latest_week": said.latest_week,
                "success": said.success,
                "success_language": language_name(said.success_language) if said.success else "",
            }
            for number, code in enumerate(said.languages, start=1):
                values[f"language_{number}"] = language_name(code)
            if self._with_levels:
                values["level_now"] = catalogue.level_name(need.level_now)
                values["level_sought"] = catalogue.level_name(need.level_sought)
            for column, (code, *_rest) in enumerate(columns):
                self._cell(sheet, at, column, values.get(code))

    def _write_offer(self, sheet: Any) -> None:
        offer = self._records.offer
        sheet.set_column(0, 0, None, None, {"hidden": True})
        sheet.set_column(1, 1, 44)
        sheet.set_column(2, 2, 46)
        sheet.set_column(3, 3, 26)
        sheet.write_string(0, 1, _("Your offer of mentorship"), self._head)
        sheet.write_string(0, 2, _("Your answer"), self._head)
        at = 1
        for code, label, kind, value in self._offer_rows(offer.conditions if offer else None):
            sheet.write_string(at, 0, code)
            sheet.write_string(at, 1, label, self._name)
            if kind:
                self._offer_list(sheet, at, 2, at, kind)
            self._cell(sheet, at, 2, value)
            at += 1
        sheet.write_string(at, 1, _("Themes on which you can share"), self._head)
        sheet.write_string(at, 2, _("Theme"), self._head)
        if self._with_levels:
            sheet.write_string(at, 3, _("Where you stand"), self._head)
        at += 1
        themes = list(offer.conditions.themes) if offer else []
        for number in range(1, layout.MOST_NEEDS + 1):
            sheet.write_string(at, 0, "theme")
            sheet.write_string(at, 1, _("Theme %(number)s", number=number), self._name)
            self._offer_list(sheet, at, 2, at, "theme")
            if self._with_levels:
                self._offer_list(sheet, at, 3, at, "level")
            if number <= len(themes):
                theme = themes[number - 1]
                self._cell(sheet, at, 2, self._label.get(("theme", theme), theme))
                if self._with_levels and offer:
                    self._cell(sheet, at, 3, catalogue.level_name(offer.levels.get(theme)))
            at += 1

    def _offer_rows(self, offer: OfferConditions | None) -> list[tuple[str, str, str, Any]]:
        rows: list[tuple[str, str, str, Any]] = [
            ("capacity", _("Mentorships at once, at most"), "", offer and offer.capacity),
            ("first_week", _("First week"), "", offer and offer.first_week),
            ("last_week", _("Last week"), "", offer and offer.last_week),
        ]
        spoken = [language_name(code) for code in offer.languages] if offer else []
        rows += self._several(
            "language",
            _("Language (none: any of your State's)"),
            "spoken",
            spoken,
            layout.FEWEST_LANGUAGES,
        )
        regions = [catalogue.group_name(code) for code in offer.regions] if offer else []
        rows += self._several(
            "region",
            _("Regional group you would work with (none: all)"),
            "region",
            regions,
            layout.REGIONS,
        )
        networks = [catalogue.sub_network_name(c) for c in offer.sub_networks] if offer else []
        rows += self._several(
            "sub_network",
            _("Sub-network you would work with (none: all)"),
            "sub_network",
            networks,
            layout.SUB_NETWORKS,
        )
        note = offer.note if offer else ""
        rows += [
            ("note", _("What you can share, in your own words"), "", note),
            (
                "note_language",
                _("Language of this text"),
                "written",
                language_name(offer.note_language) if offer and note else "",
            ),
        ]
        return rows

    def _several(
        self, code: str, label: str, kind: str, values: Sequence[str], fewest: int
    ) -> list[tuple[str, str, str, Any]]:
        count = max(fewest, len(values))
        filled = [*values, *[""] * (count - len(values))]
        return [
            (f"{code}_{number}", label, kind, value) for number, value in enumerate(filled, start=1)
        ]

    def _offer_list(self, sheet: Any, row: int, column: int, last_row: int, kind: str) -> None:
        """A drop-down list; a State that has declared no language has none to choose from."""
        source = self._range.get(kind)
        if source is None:
            return
        sheet.data_validation(
            row,
            column,
            last_row,
            column,
            {
                "validate": "list",
                "source": source,
                "ignore_blank": True,
                "error_title": _("Please choose from the list"),
                "error_message": _("Choose one of the words of the list, or leave it empty."),
            },
        )

    def _cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, dt.date):
            sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), self._date)
        elif isinstance(value, int):
            sheet.write_number(row, column, value, self._plain)
        else:
            sheet.write_string(row, column, str(value), self._text)
