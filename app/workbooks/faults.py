"""What can be wrong with a workbook, and what to do about it, in words.

Faults are stored as codes with their place and parameters, so that each reader gets them in his
or her own language. A *note* takes nothing away: the row is taken over all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.membership import catalogue
from app.workbooks.layout import MOST_MEGABYTES, MOST_ROWS, MOST_UNPACKED_MEGABYTES

TEMPLATE_AGAIN = _l("Download the workbook again and copy your entries into it.")
SAVE_AS_XLSX = _l("Open it in your spreadsheet program and save it as an Excel workbook (.xlsx).")

# Code: what is wrong, what to do.
WORDS: dict[str, tuple[Any, Any]] = {
    "empty_file": (_l("The file is empty."), _l("Choose the workbook you filled in and send it.")),
    "not_workbook": (_l("This is not an Excel workbook."), SAVE_AS_XLSX),
    "old_format": (_l("This is a workbook of the old kind (.xls)."), SAVE_AS_XLSX),
    "password": (
        _l("The workbook is protected by a password, so it can't be read."),
        _l("Save it without a password for opening and send it again."),
    ),
    "macros": (
        _l("The workbook holds macros, which are never accepted."),
        _l("Save it as an Excel workbook without macros (.xlsx) and send it again."),
    ),
    "entities": (
        _l("The workbook holds definitions that no spreadsheet program writes."),
        TEMPLATE_AGAIN,
    ),
    "damaged": (_l("The workbook is damaged and can't be read."), TEMPLATE_AGAIN),
    "too_big": (
        _l("The workbook is too big: at most %(megabytes)s MB, and %(unpacked)s MB unpacked."),
        _l("Remove pictures and other sheets, or copy your entries into a fresh workbook."),
    ),
    "too_many_rows": (
        _l("A sheet has more than %(rows)s rows."),
        _l("Delete the rows below your entries, or copy your entries into a fresh workbook."),
    ),
    "too_wide": (_l("A sheet has far too many columns."), TEMPLATE_AGAIN),
    "too_slow": (_l("Reading the workbook took too long and was stopped."), TEMPLATE_AGAIN),
    "unreadable": (_l("The workbook could not be read."), TEMPLATE_AGAIN),
    "no_codes": (
        _l("This workbook was not made from the one you can download here."),
        TEMPLATE_AGAIN,
    ),
    "wrong_format": (
        _l("This workbook comes from another version of the site."),
        TEMPLATE_AGAIN,
    ),
    "other_state": (
        _l("This workbook was made for another State: %(name)s."),
        _l("Send in the workbook of this State."),
    ),
    "sheet_missing": (
        _l("There is no sheet named “%(name)s”."),
        _l("Give the sheet its name back, exactly as written here."),
    ),
    "columns_missing": (
        _l("The hidden codes of this sheet are gone, so its cells can't be told apart."),
        TEMPLATE_AGAIN,
    ),
    "nothing_filled": (
        _l("The workbook holds no need and no offer."),
        _l("Fill in at least one theme and send it again."),
    ),
    "formula": (
        _l("There is a formula in this cell."),
        _l("Write the value itself instead of the formula."),
    ),
    "merged": (
        _l("Cells are merged here, so it is unclear to which row the entry belongs."),
        _l("Unmerge the cells and write each entry into its own row."),
    ),
    "unknown_theme": (
        _l("“%(typed)s” is not one of the themes."),
        _l("Choose a theme from the list of the cell."),
    ),
    "unknown_theme_like": (
        _l("“%(typed)s” is not one of the themes."),
        _l("Did you mean “%(suggestion)s”? Choose it from the list of the cell."),
    ),
    "theme_missing": (
        _l("This row has no theme."),
        _l("Choose a theme from the list, or empty the row."),
    ),
    "theme_twice": (
        _l("The theme “%(theme)s” stands here twice, also in %(other)s."),
        _l("Keep one of the two rows."),
    ),
    "rank_unclear": (
        _l("“%(typed)s” is no place in an order."),
        _l("Write a whole number from 1 to %(most)s, or leave the cell empty."),
    ),
    "rank_twice": (
        _l("The number %(rank)s stands here twice, also in %(other)s."),
        _l("Give each need its own number: 1 for the most important."),
    ),
    "unknown_level": (
        _l("This is not one of the levels."),
        _l("Choose a level from the list, or leave the cell empty: not stated."),
    ),
    "unknown_language": (
        _l("“%(typed)s” is not one of your State's languages."),
        _l("Choose from the list, or add the language on the page of your State first."),
    ),
    "unknown_text_language": (
        _l("“%(typed)s” is not a language of the list."),
        _l("Choose the language of the text from the list."),
    ),
    "date_unclear": (
        _l("“%(typed)s” is not a date that can be read."),
        _l("Write the date as year-month-day, for example 2027-03-15."),
    ),
    "weeks_reversed": (
        _l("The last week lies before the first."),
        _l("Exchange the two dates, or leave one of them empty."),
    ),
    "text_too_long": (
        _l("This text has more than %(most)s characters."),
        _l("Shorten it."),
    ),
    "unknown_region": (
        _l("“%(typed)s” is not one of the regional groups."),
        _l("Choose from the list, or leave the cell empty for all."),
    ),
    "unknown_sub_network": (
        _l("“%(typed)s” is not one of the sub-networks."),
        _l("Choose from the list, or leave the cell empty for all."),
    ),
    "capacity_missing": (
        _l("The offer does not say how many mentorships are possible at once."),
        _l("Write a number from 1 to %(most)s."),
    ),
    "capacity_unclear": (
        _l("“%(typed)s” is not a number of mentorships."),
        _l("Write a whole number from 1 to %(most)s."),
    ),
    "offer_without_themes": (
        _l("The offer names no theme."),
        _l("Choose at least one theme, or empty the whole sheet if you offer nothing."),
    ),
    # Notes.
    "week_passed": (
        _l("This week has passed."),
        _l("You can take it over as a draft. Choose a later week before you submit."),
    ),
    "levels_ignored": (
        _l("Levels in this workbook were not read."),
        _l("They are the State's own: it states them itself, or leaves them not stated."),
    ),
    "order_ignored": (
        _l("The order of the needs was not read."),
        _l("It is the State's own. New needs join the end of its list."),
    ),
}
NOTES = frozenset({"week_passed", "levels_ignored", "order_ignored"})
ALWAYS = {
    "megabytes": MOST_MEGABYTES,
    "unpacked": MOST_UNPACKED_MEGABYTES,
    "rows": MOST_ROWS,
}


@dataclass(frozen=True, slots=True)
class FaultWords:
    """A fault as a page shows it."""

    sheet: str
    cell: str
    problem: str
    remedy: str
    is_note: bool


def fault(code: str, sheet: str = "", cell: str = "", **params: Any) -> dict[str, Any]:
    """A fault as it is stored."""
    return {"code": code, "sheet": sheet, "cell": cell, "params": params}


def in_words(stored: dict[str, Any]) -> FaultWords:
    """A stored fault in the reader's language."""
    problem, remedy = WORDS[stored["code"]]
    params = {**ALWAYS, **stored["params"]}
    for name in ("theme", "suggestion"):
        if name in params:
            params[name] = catalogue.theme_title(params[name])
    return FaultWords(
        sheet=stored["sheet"],
        cell=stored["cell"],
        problem=str(problem) % params,
        remedy=str(remedy) % params,
        is_note=stored["code"] in NOTES,
    )
