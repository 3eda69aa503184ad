"""Copies of a plan to keep: a workbook for people, and the signed documents for checking."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from flask import current_app
from flask_babel import format_datetime, gettext
from xlsxwriter import Workbook

from app.i18n import reader_locale
from app.plans import queries
from app.plans.models import Plan
from app.plans.overview import Overview
from app.plans.words import NOTES, OBJECTIVES, titles_listed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Nothing that a State's name holds ever becomes a formula, a link or a number.
SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, slots=True)
class File:
    name: str
    mimetype: str
    content: bytes


def file_of(plan: Plan, what: str) -> File:
    """One of a plan's files; documents leave byte for byte as they were signed."""
    if what == "workbook":
        name = f"tandem-plan-{plan.public_id[:8]}.xlsx"
        overview = Overview(queries.get_contents(plan.public_id))
        return File(name, XLSX, _workbook(overview))
    if what == "key":
        return File("public-key.txt", "text/plain", f"{public_key()}\n".encode())
    content = {
        "problem": plan.problem,
        "plan": plan.document,
        "certificate": plan.certificate,
    }[what]
    return File(f"{what}.json", "application/json", bytes(content))


def public_key() -> str:
    """The key that certificates of this site are checked with, 64 hexadecimal digits."""
    return _public_key_of(current_app.config["SIGNING_KEY"])


@cache
def _public_key_of(signing_key: str) -> str:
    key = load_pem_private_key(signing_key.encode(), password=None)
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _workbook(overview: Overview) -> bytes:
    target = io.BytesIO()
    with Workbook(target, SAFE) as book:
        writer = _Writer(book)
        writer.sheet(
            gettext("Mentorships"),
            [
                gettext("Mentee"),
                gettext("Mentor"),
                gettext("Region of the mentee"),
                gettext("Language"),
                gettext("Themes"),
                gettext("Also asked for"),
                gettext("Points served, of 100"),
                gettext("Kept from before"),
                gettext("Why"),
            ],
            (
                [
                    pair.mentee.name,
                    pair.mentor.name,
                    pair.region,
                    pair.language or gettext("With interpretation"),
                    titles_listed(pair.themes),
                    titles_listed(pair.also_asked),
                    pair.item.satisfaction,
                    gettext("yes") if pair.item.kept else gettext("no"),
                    "\n".join(pair.reasons),
                ]
                for pair in sorted(overview.pairs, key=lambda pair: pair.mentee.name)
            ),
        )
        writer.sheet(
            gettext("Unmet needs"),
            [
                gettext("State"),
                gettext("Region"),
                gettext("Themes"),
                gettext("What stood in the way"),
                gettext("What would help"),
            ],
            (
                [
                    gap.state.name,
                    gap.region,
                    titles_listed(gap.themes),
                    "\n".join(gap.obstacles),
                    gap.change,
                ]
                for gap in sorted(overview.gaps, key=lambda gap: gap.state.name)
            ),
        )
        writer.sheet(
            gettext("Aims"),
            [
                gettext("Aim"),
                gettext("Reached"),
                gettext("Bound"),
                gettext("Checked"),
                gettext("Note"),
            ],
            (
                [
                    str(OBJECTIVES.get(row["code"], row["code"])),
                    row["value"],
                    row["bound"],
                    gettext("checked") if row["checked"] else gettext("claimed"),
                    str(NOTES.get(row["note"], "")) if row["note"] else "",
                ]
                for row in overview.plan.objectives
            ),
        )
        writer.sheet(
            gettext("Load of mentors"),
            [gettext("Mentor"), gettext("Region"), gettext("Mentees"), gettext("Places")],
            ([load.mentor.name, load.region, load.used, load.places] for load in overview.loads),
        )
        writer.sheet(
            gettext("About"),
            [gettext("What"), gettext("Value")],
            [
                [gettext("Round"), overview.round.title],
                [gettext("Made"), format_datetime(overview.plan.made_at)],
                [
                    gettext("Kind"),
                    gettext("Trial")
                    if overview.plan.is_trial
                    else gettext("From the frozen round"),
                ],
                [gettext("Public key"), public_key()],
            ],
        )
        # Problem and plan know States by these keys alone.
        writer.sheet(
            gettext("Keys"),
            [gettext("Key in the documents"), gettext("State")],
            (
                [key, overview.states[state_id].name]
                for key, state_id in overview.contents.parties.items()
            ),
        )
    return target.getvalue()


class _Writer:
    """Sheets with a bold first row, wrapped cells, and the reader's direction."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._cell = book.add_format({"text_wrap": True, "valign": "top"})
        self._right_to_left = reader_locale().text_direction == "rtl"

    def sheet(self, title: str, headers: list[str], rows: Iterable[list[Any]]) -> None:
        sheet = self._book.add_worksheet(_sheet_name(title))
        if self._right_to_left:
            sheet.right_to_left()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headers) - 1, 28)
        for column, header in enumerate(headers):
            sheet.write_string(0, column, header, self._head)
        for line, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(line, column, value, self._cell)
                else:
                    sheet.write_string(line, column, str(value), self._cell)


def _sheet_name(title: str) -> str:
    """A sheet's name is at most 31 characters long and has none of []:*?/\\."""
    return "".join(ch for ch in title if ch not in "[]:*?/\\")[:31]
