"""The workbook to download: prefilled, in the reader's language, with nothing live in it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest

from app.accounts.models import Role
from app.membership.models import LanguageLevel
from app.needs.models import NeedState
from tests.app.workbooks.books import Book
from tests.world import World

EVIL = '=HYPERLINK("http://evil.example","x")'


def xml_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def test_the_workbook_holds_the_records_of_the_state(world: World) -> None:
    state = world.state("Askingia", languages={"en": LanguageLevel.LEAD, "fr": LanguageLevel.WORK})
    world.need(
        state,
        "TRACK",
        level_now=1,
        level_sought=3,
        languages=["fr"],
        latest_week=dt.date(2099, 3, 2),
        success="A living database",
    )
    world.need(state, "BUDG", rank=2, state=NeedState.DRAFT)
    world.offer(state, {"LEGAL": 4}, capacity=3, regions=["african"])
    book = Book.downloaded(world.client(world.focal_point(state)))
    assert book.book.sheetnames == ["Instructions", "Needs", "Offer", "tandem"]
    assert book.book["tandem"].sheet_state == "veryHidden"
    columns = book.columns()
    row = {code: book.needs.cell(3, column).value for code, column in columns.items()}
    assert row == {
        "theme": "Tracking implementation",
        "rank": 1,
        "level_now": "Case by case",
        "level_sought": "As a regular practice",
        "language_1": "French",
        "language_2": None,
        "language_3": None,
        "latest_week": dt.datetime.combine(dt.date(2099, 3, 2), dt.time()),
        "success": "A living database",
        "success_language": "English",
    }
    assert book.needs.cell(4, columns["rank"]).value == 2
    offer = {
        row[0].value: [cell.value for cell in row[2:4]] for row in book.offer.iter_rows(min_row=2)
    }
    assert offer["capacity"] == [3, None]
    assert offer["region_1"] == ["African States", None]
    assert ["Legal basis and mandate", "Firmly established"] in [
        [row[2].value, row[3].value] for row in book.offer.iter_rows(min_row=2)
    ]


def test_cells_have_lists_to_choose_from(world: World) -> None:
    book = Book.downloaded(world.client(world.focal_point()))
    lists = {
        str(found.sqref): found.formula1
        for found in book.needs.data_validations.dataValidation
        if found.type == "list"
    }
    codes = book.book["tandem"]
    first = next(iter(lists.values())).removeprefix("tandem!$C$").split(":")[0]
    assert next(iter(lists)) == "A3:A27"
    assert codes[f"C{first}"].value == "Legal basis and mandate"
    assert len(lists) == 7


@pytest.mark.parametrize(
    ("language", "sheet", "right_to_left"),
    [("en", "Needs", False), ("fr", None, False), ("ar", None, True)],
)
def test_sheets_are_written_in_the_readers_direction(
    world: World, language: str, sheet: str | None, right_to_left: bool
) -> None:
    client = world.client(world.focal_point(), language=language)
    book = Book.downloaded(client)
    assert bool(book.needs.sheet_view.rightToLeft) is right_to_left
    assert bool(book.offer.sheet_view.rightToLeft) is right_to_left
    if sheet:
        assert book.needs.title == sheet
    lexicon = {(row[0].value, row[1].value): row[2].value for row in book.book["tandem"].rows}
    assert (
        lexicon["theme", "BUDG"]
        == {
            "en": "Budget and resources",
            "fr": "Budget et ressources",
            "ar": lexicon["theme", "BUDG"],
        }[language]
    )
    assert lexicon["language", language] in (None, "")


@pytest.mark.parametrize("text", [EVIL, "+1+1", "-2", "@SUM(A1)", "http://evil.example", "{=1}"])
def test_what_somebody_typed_is_never_a_formula_or_a_link(world: World, text: str) -> None:
    state = world.state()
    world.need(state, success=text)
    world.offer(state, note=text)
    client = world.client(world.focal_point(state))
    content = client.get("/workbook/template").data
    book = Book(content)
    cell = book.needs.cell(3, book.columns()["success"])
    assert (cell.value, cell.data_type) == (text, "s")
    xml = xml_of(content)
    assert "<f>" not in xml
    assert "<f " not in xml
    assert "<hyperlink " not in xml


def test_a_coordinator_gets_neither_levels_nor_drafts(world: World) -> None:
    state = world.state()
    world.need(state, "TRACK", level_now=4, level_sought=4, success="Shown")
    world.need(state, "BUDG", rank=2, state=NeedState.DRAFT, success="Hidden draft")
    world.offer(state, {"LEGAL": 4})
    own = xml_of(world.client(world.focal_point(state)).get("/workbook/template").data)
    assert "Hidden draft" in own
    path = f"/states/{state.public_id}/workbook/template"
    content = world.client(world.coordinator()).get(path).data
    assert "Shown" in xml_of(content)
    assert "Hidden draft" not in xml_of(content)
    book = Book(content)
    assert not {"level_now", "level_sought"} & book.columns().keys()
    for sheet in (book.needs, book.offer):
        assert "Firmly established" not in [cell.value for row in sheet.iter_rows() for cell in row]


def test_only_people_of_a_state_and_coordinators_of_others_get_a_workbook(world: World) -> None:
    state = world.state()
    path = f"/states/{state.public_id}/workbook/template"
    assert world.client(world.coordinator()).get(path).status_code == 200
    assert world.client(world.coordinator()).get("/workbook/template").status_code == 404
    for outsider in (world.focal_point(state), world.focal_point(), world.administrator()):
        assert world.client(outsider).get(path).status_code == 404
    own_case = world.person(Role.PROGRAMME_COORDINATOR, state=state)
    assert world.client(own_case).get(path).status_code in (403, 409)


def test_a_file_name_in_any_script_fits_into_a_header(world: World) -> None:
    state = world.state("نيتراديا")
    answer = world.client(world.focal_point(state)).get("/workbook/template")
    header = answer.headers["Content-Disposition"]
    assert header.isascii()
    assert header.startswith("attachment; filename=tandem.xlsx; filename*=UTF-8''Needs%20and")
