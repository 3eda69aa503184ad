"""Files that are no workbook, too big, or made to do harm: a clear fault for each."""

from __future__ import annotations

import io
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from app.extensions import db
from app.needs.models import Need
from app.workbooks import sandbox
from app.workbooks.faults import in_words
from app.workbooks.models import Upload, UploadState
from app.workbooks.reading import interpret
from tests.app.workbooks.books import Book, apply, rezipped, send_and_read
from tests.pages import text_of, token_on
from tests.processes import ROOT, run
from tests.world import World

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
SHEET = "xl__worksheets__sheet2.xml"


@pytest.fixture
def good(world: World) -> bytes:
    client = world.client(world.focal_point())
    book = Book.downloaded(client)
    book.need(1, theme="Budget and resources")
    return book.saved()


def refusal(data: bytes) -> str:
    return str(sandbox.read_apart(data).get("fault", "none"))


def sheet_with(content: bytes, cells: bytes) -> bytes:
    """The workbook with rows of our own on its second sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("xl/worksheets/sheet2.xml")
    start, _, rest = text.partition(b"<sheetData>")
    return rezipped(
        content, **{SHEET: start + b"<sheetData>" + cells + b"</sheetData>" + rest[-13:]}
    )


def test_the_good_file_is_read(good: bytes) -> None:
    found = sandbox.read_apart(good)
    assert [sheet["name"] for sheet in found["sheets"]] == [
        "Instructions",
        "Needs",
        "Offer",
        "tandem",
    ]


def test_files_that_are_no_workbook(good: bytes) -> None:
    assert refusal(b"") == "empty_file"
    assert refusal(b"theme,rank\nTRACK,1\n") == "not_workbook"
    assert refusal(OLE) == "old_format"
    assert refusal(OLE + "EncryptedPackage".encode("utf-16-le")) == "password"
    assert refusal(good[: len(good) // 2]) == "damaged"
    assert refusal(rezipped(good, xl__workbook__xml=b"x", **{"xl/workbook.xml": None})) == (
        "not_workbook"
    )
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(plain.getvalue()) == "not_workbook"


def test_macros_are_refused(good: bytes) -> None:
    assert refusal(rezipped(good, xl__vbaProject__bin=b"x", **{"xl/vbaProject.bin": b"x"})) == (
        "macros"
    )
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        types = archive.read("[Content_Types].xml")
    enabled = types.replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert enabled != types
    assert refusal(rezipped(good, **{"[Content_Types].xml": enabled})) == "macros"


def test_entities_are_refused_before_anything_is_parsed(good: bytes) -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        b"<worksheet>&b;</worksheet>"
    )
    assert refusal(rezipped(good, **{"xl/worksheets/sheet2.xml": laughs})) == "entities"
    external = b'<!doctype x SYSTEM "file:///etc/passwd"><worksheet/>'
    assert refusal(rezipped(good, **{"xl/sharedStrings.xml": external})) == "entities"
    hidden = laughs.decode().encode("utf-16")
    assert refusal(rezipped(good, **{"xl/worksheets/sheet2.xml": hidden})) == "damaged"


def test_a_zip_bomb_is_not_unpacked(good: bytes) -> None:
    bomb = rezipped(good, **{"xl/worksheets/sheet9.xml": b" " * (60 * 1024 * 1024)})
    assert len(bomb) < 200_000
    started = time.monotonic()
    assert refusal(bomb) == "too_big"
    assert time.monotonic() - started < 5


def test_a_part_that_lies_about_its_size_is_not_unpacked_either(good: bytes) -> None:
    name = b"xl/worksheets/sheet2.xml"
    bomb = bytearray(rezipped(good, **{name.decode(): b" " * (60 * 1024 * 1024)}))
    for signature, at_name, at_size in ((b"PK\x03\x04", 30, 22), (b"PK\x01\x02", 46, 24)):
        start = 0
        while (start := bomb.find(signature, start)) >= 0:
            if bomb[start + at_name : start + at_name + len(name)] == name:
                bomb[start + at_size : start + at_size + 4] = (100).to_bytes(4, "little")
            start += 4
    assert refusal(bytes(bomb)) == "damaged"


def test_too_many_parts_rows_and_columns(good: bytes) -> None:
    many = {f"xl/worksheets/more{number}.xml": b"<x/>" for number in range(600)}
    assert refusal(rezipped(good, **many)) == "too_big"
    assert refusal(sheet_with(good, b"<row/>" * 10_001)) == "too_many_rows"
    far_down = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    assert refusal(sheet_with(good, far_down)) == "too_many_rows"
    far_out = b'<row r="1"><c r="XFD1"><v>1</v></c></row>'
    assert refusal(sheet_with(good, far_out)) == "too_wide"
    formatted = b'<row r="1048576"><c r="A1048576" s="1"/></row>'
    assert refusal(sheet_with(good, formatted)) == "none"


def test_a_reader_that_takes_too_long_is_ended(good: bytes) -> None:
    started = time.monotonic()
    assert sandbox.read_apart(good, patience=0.01) == {"fault": "too_slow"}
    assert time.monotonic() - started < 5
    left = subprocess.run(["pgrep", "-f", sandbox.READER.name], capture_output=True, check=False)
    assert left.stdout == b""


def test_every_refusal_has_words_for_people(world: World, good: bytes) -> None:
    state = world.state()
    codes = [
        *("empty_file", "not_workbook", "old_format", "password", "macros", "entities"),
        *("damaged", "too_big", "too_many_rows", "too_wide", "too_slow", "unreadable"),
    ]
    with world.app.test_request_context("/"):
        for code in codes:
            (fault,) = interpret({"fault": code}, state=state, own=True).faults
            words = in_words(fault)
            assert words.problem.endswith(".")
            assert words.remedy.endswith(".")
            assert "%" not in words.problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"just text", "This is not an Excel workbook."),
        (OLE, "This is a workbook of the old kind (.xls)."),
        (b"PK\x03\x04 broken", "The workbook is damaged and can't be read."),
    ],
)
def test_the_page_says_what_is_wrong_with_the_file(
    world: World, content: bytes, problem: str
) -> None:
    client = world.client(world.focal_point())
    address = send_and_read(world, client, content)
    page = text_of(client.get(address).get_data(as_text=True))
    assert problem in page
    assert "Take over" not in page
    # Nobody has read what it says, so it is not the same as the records.
    assert "The records say the same" not in page
    assert "take over the rest now" not in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."),
        (b"x" * (5 * 1024 * 1024 + 1), "This file has more than 5 MB."),
        (None, "Choose the workbook you filled in."),
    ],
)
def test_the_form_refuses_what_it_can_see_itself(
    world: World, content: bytes | None, words: str
) -> None:
    client = world.client(world.focal_point())
    fields: dict[str, object] = {"csrf_token": token_on(client.get("/workbook"))}
    if content is not None:
        fields["file"] = (io.BytesIO(content), "workbook.xlsx")
    answer = client.post("/workbook", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert words in text_of(answer.get_data(as_text=True))


def test_a_file_too_large_to_be_read_leads_back_to_the_form(world: World) -> None:
    """Above what a request may have, nothing is read, not even the token of the form."""
    state = world.state()
    huge = b"x" * (7 * 1024 * 1024)
    for person, path in (
        (world.focal_point(state), "/workbook"),
        (world.coordinator(), f"/states/{state.public_id}/workbook"),
    ):
        client = world.client(person)
        fields = {"csrf_token": token_on(client.get(path))}
        file = (io.BytesIO(huge), "workbook.xlsx")
        answer = client.post(path, data={**fields, "file": file})
        page = text_of(answer.get_data(as_text=True))
        assert answer.status_code == 413
        assert "This file is too large: it may have 5 MB at most." in page
        assert "Your filled-in workbook" in page
    for other in (None, world.administrator()):
        answer = world.client(other).post("/workbook", data={"file": (io.BytesIO(huge), "w.xlsx")})
        assert answer.status_code == 413
        assert "Your filled-in workbook" not in answer.get_data(as_text=True)
    assert db.session.query(Upload).count() == 0


def test_the_page_that_takes_a_workbook_does_not_open_it(world: World, tmp_path: Path) -> None:
    """What serves pages never loads what reads a workbook; the worker does, in a process apart."""
    person = world.focal_point()
    content = Book.downloaded(world.client(person)).saved()
    (tmp_path / "book.xlsx").write_bytes(content)
    script = tmp_path / "visit.py"
    script.write_text(
        "import re, sys\n"
        "from app import create_app\n"
        "client = create_app().test_client()\n"
        "with client.session_transaction() as session:\n"
        f"    session['_user_id'] = {person.fs_uniquifier!r}\n"
        "    session.update(_fresh=True, fs_cc='set', fs_paa=__import__('time').time())\n"
        "page = client.get('/workbook').text\n"
        'token = re.search(r\'csrf_token" value="([^"]+)\', page).group(1)\n'
        f"file = open({str(tmp_path / 'book.xlsx')!r}, 'rb')\n"
        "sent = client.post('/workbook', data={'csrf_token': token, 'file': (file, 'b.xlsx')})\n"
        "print(sent.status_code, client.get(sent.headers['Location']).status_code)\n"
        "readers = {'python_calamine', 'openpyxl', 'app.workbooks.unpacking'}\n"
        "print(sorted(readers & set(sys.modules)))\n",
        encoding="utf-8",
    )
    db.session.commit()
    done = run(world.app, str(script), PYTHONPATH=str(ROOT))
    assert done.stdout.splitlines() == ["303 200", "[]"], done.stderr
    assert db.session.query(Upload).one().status == UploadState.READING


def test_the_name_of_a_file_is_a_name_and_nothing_else(world: World) -> None:
    client = world.client(world.focal_point())
    token = token_on(client.get("/workbook"))
    name = "..\\..\\<b>evil\u202e</b>.xlsx"
    answer = client.post(
        "/workbook",
        data={"csrf_token": token, "file": (io.BytesIO(b"x"), name)},
        content_type="multipart/form-data",
    )
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "<h1>b&gt;.xlsx</h1>" in page
    assert "<b>evil" not in page
    assert "\u202e" not in page


def test_signs_that_a_cell_spells_out_are_left_out(world: World) -> None:
    """A zero byte, written _x0000_, came through to the page, and PostgreSQL would not store it."""
    client = world.client(world.focal_point())
    book = Book.downloaded(client)
    book.need(1, theme="Tracking implementation", success="A_x0000_ plan_x001B_")
    address = send_and_read(world, client, book.saved())
    assert apply(client, address).status_code == 303
    assert db.session.query(Need).one().success == "A plan"
