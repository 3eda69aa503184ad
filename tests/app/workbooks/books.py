"""Filling in a downloaded workbook as a person would, with another program."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
from flask.testing import FlaskClient

from app.cli import load_handlers
from app.extensions import db
from app.jobs.worker import work
from tests.pages import InspectingClient, token_on
from tests.world import World


class Book:
    """A workbook of the template, opened for editing."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))
        self.needs = self.book.worksheets[1]
        self.offer = self.book.worksheets[2]

    @classmethod
    def downloaded(cls, client: FlaskClient, path: str = "/workbook/template") -> Book:
        answer = client.get(path)
        assert answer.status_code == 200
        return cls(answer.data)

    def need(self, row: int, **values: Any) -> None:
        """Fill in the needs on row ``row`` of those below the headers, counted from 1."""
        columns = self.columns()
        for code, value in values.items():
            self.needs.cell(row + 2, columns[code]).value = value

    def columns(self) -> dict[str, int]:
        return {str(cell.value): cell.column for cell in self.needs[1] if cell.value}

    def need_cell(self, row: int, code: str) -> str:
        return str(self.needs.cell(row + 2, self.columns()[code]).coordinate)

    def answer(self, code: str, value: Any, *, number: int = 1, column: int = 3) -> str:
        """Fill in the ``number``-th row with this code on the sheet of the offer."""
        row = list(self._rows(code))[number - 1]
        self.offer.cell(row, column).value = value
        return str(self.offer.cell(row, column).coordinate)

    def _rows(self, code: str) -> Iterator[int]:
        return (cell.row for cell in self.offer["A"] if cell.value == code)

    def saved(self) -> bytes:
        file = io.BytesIO()
        self.book.save(file)
        return file.getvalue()


def send(
    client: InspectingClient,
    content: bytes,
    *,
    page: str = "/workbook",
    name: str = "workbook.xlsx",
) -> str:
    """Send a file in; returns the address of its page."""
    token = token_on(client.get(page))
    answer = client.post(
        page,
        data={"csrf_token": token, "file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def do_jobs(world: World) -> None:
    load_handlers()
    db.session.commit()
    work(world.app, once=True)
    db.session.expire_all()


def send_and_read(
    world: World, client: InspectingClient, content: bytes, *, page: str = "/workbook"
) -> str:
    address = send(client, content, page=page)
    do_jobs(world)
    return address


def apply(client: InspectingClient, address: str, *, submit: bool = False) -> Any:
    page = client.get(address)
    text = page.get_data(as_text=True)
    fields = {"csrf_token": token_on(page), "seen": seen_on(text)}
    if submit:
        fields["then"] = "submit"
    return client.post(f"{address}/apply", data=fields)


def seen_on(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def rezipped(content: bytes, **changes: bytes | None) -> bytes:
    """The same file with parts replaced (or dropped) by name; ``__`` stands for ``/``."""
    wanted = {name.replace("__", "/"): text for name, text in changes.items()}
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = wanted.pop(name) if name in wanted else old.read(name)
            if text is not None:
                new.writestr(name, text)
        for name, text in wanted.items():
            if text is not None:
                new.writestr(name, text)
    return file.getvalue()
