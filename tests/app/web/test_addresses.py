"""What an address tells and where it may lead: nothing to guess, nothing to smuggle in."""

from __future__ import annotations

import ast
import re
import socket
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, UnicodeConverter

from app import create_app, deadline
from app.accounts.models import Role
from app.database import new_public_id
from app.extensions import db
from tests.app.accounts.people import PASSWORD, with_password
from tests.conftest import Installation, settings_for
from tests.processes import ROOT
from tests.world import World

# What a program needs to ask another computer for something.
FETCHERS = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "urllib3"}
FETCHING_PARTS = {"urllib.request", "urllib.robotparser", "http.client", "xmlrpc.client"}


def test_ids_in_addresses_are_drawn_from_128_random_bits(app: Flask) -> None:
    drawn = {new_public_id() for _ in range(1000)}
    assert len(drawn) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in drawn)
    with_ids = [table for table in db.metadata.sorted_tables if "public_id" in table.c]
    assert len(with_ids) >= 10
    for table in with_ids:
        default = table.c.public_id.default
        assert default is not None, table.name
        assert default.arg.__name__ == new_public_id.__name__, table.name  # type: ignore[attr-defined]


def test_no_address_holds_the_number_of_a_row(app: Flask) -> None:
    """Words of a fixed list, or an id that nobody guesses."""
    kinds = {
        type(converter)
        for route in app.url_map.iter_rules()
        for converter in route._converters.values()
        if route.endpoint != "static"
    }
    assert kinds == {AnyConverter, UnicodeConverter}


def test_a_view_that_declares_nothing_answers_nobody(
    sqlite_installation: Installation, tmp_path: Path
) -> None:
    app = create_app(settings_for("sqlite:///" + str(tmp_path / "none.sqlite"), tmp_path))
    app.add_url_rule("/forgotten-rule", "forgotten_rule", lambda: "for nobody")
    assert app.test_client().get("/forgotten-rule").status_code == 404


@pytest.mark.parametrize("wanted", ["/needs\r\nX-Evil: 1", "/needs\nSet-Cookie: evil=1", "/a\rb"])
def test_a_line_break_in_an_address_makes_no_header(world: World, wanted: str) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client()
    answer = client.send("/sign-in", email=person.email, password=PASSWORD, next=wanted)
    assert answer.status_code == 303
    assert "X-Evil" not in answer.headers
    assert not any("evil" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
    assert not set("\r\n") & set(answer.headers["Location"])


def test_the_site_fetches_nothing_from_anywhere() -> None:
    """Mail is handed to the one server that the installation names; nothing else goes out."""
    found = set()
    for path in sorted((ROOT / "app").rglob("*.py")):
        for name in _imported(path):
            if name.split(".")[0] in FETCHERS or name in FETCHING_PARTS:
                found.add((path.name, name))
    assert found == set()


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_a_client_that_stops_sending_is_let_go(app: Flask) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        app.test_client().get("/healthz", environ_overrides={"gunicorn.socket": ours})
        assert ours.gettimeout() == deadline.SECONDS
