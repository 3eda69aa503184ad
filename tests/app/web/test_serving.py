"""The site as it is really served: restarts, kills, proxies, hosts, files, big bodies."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Role, User
from app.extensions import db
from app.needs.models import Need
from tests.app.accounts.people import OTHER_PASSWORD, PASSWORD, with_password
from tests.app.web.serving import Reader, Server
from tests.processes import wait_for
from tests.world import World

Servers = Callable[..., Server]
READING_SECONDS = 90.0
# What is served does not depend on the database, but for what is written.
on_sqlite = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def serve(app: Flask) -> Iterator[Servers]:
    started: list[Server] = []

    def start(**environment: str) -> Server:
        started.append(Server(app, **environment))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def person(world: World) -> User:
    return with_password(world, Role.FOCAL_POINT)


class Readers:
    """Readers who ask all the time, each in a thread; what went wrong is kept."""

    def __init__(self, port: int, count: int = 3) -> None:
        self.answers = 0
        self.errors: list[str] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read, args=(port,)) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def _read(self, port: int) -> None:
        deadline = time.monotonic() + READING_SECONDS
        while time.monotonic() < deadline and not self._over.is_set():
            try:
                answer = Reader(port).get("/")
                if answer.status != 200 or "</html>" not in answer.text:
                    self.errors.append(f"{answer.status}: {answer.text[:80]}")
                self.answers += 1
            except Exception as error:
                self.errors.append(repr(error))

    def finish(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)


@on_sqlite
def test_a_restart_with_hup_is_not_noticed_by_readers(serve: Servers) -> None:
    server = serve()
    before = server.workers()
    readers = Readers(server.port)
    wait_for(lambda: readers.answers > 10)
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: not before & server.workers())
    asked = readers.answers
    wait_for(lambda: readers.answers > asked + 40)
    readers.finish()
    assert len(server.workers()) == 2
    assert readers.errors == []


@on_sqlite
def test_term_lets_a_request_that_has_begun_finish(serve: Servers) -> None:
    server = serve()
    reader = Reader(server.port)
    token = reader.get("/sign-in").token
    body = f"csrf_token={token}&email=nobody%40example.org&password=wrong".encode()
    cookies = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
    head = (
        "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nCookie: {cookies}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head.encode() + body[:20])
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None
        connection.sendall(body[20:])
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 422")
    assert b"</html>" in answer
    assert server.process.wait(timeout=10) == 0


def test_what_was_acknowledged_survives_kill_9_of_every_worker(
    serve: Servers, person: User
) -> None:
    email, state_id = person.email, person.state_id
    server = serve()
    reader = Reader(server.port)
    assert reader.send("/sign-in", email=email, password=PASSWORD).status == 303
    themes = ["TRACK", "COMP", "LEAD"]
    for theme in themes:
        answer = reader.send("/needs/new", theme=theme, success_language="en")
        server.kill_workers()
        assert answer.status == 303, answer.text
        wait_for(server.is_ready)
    stored = db.session.scalars(select(Need.theme).where(Need.state_id == state_id))
    assert sorted(stored) == sorted(themes)
    db.session.rollback()
    # Nobody was signed out either: a session stands in the database and the cookie.
    assert reader.get("/needs").status == 200


@on_sqlite
def test_style_and_script_come_compressed_under_an_address_that_changes_with_them(
    serve: Servers,
) -> None:
    """``./run`` compresses them beforehand; so it must have been run once."""
    reader = Reader(serve().port)
    page = reader.get("/").text
    files = [
        word.split('"')[0]
        for mark in ('href="', 'src="')
        for word in page.split(mark)[1:]
        if word.startswith("/static/") and word.split('"')[0].endswith((".css", ".js"))
    ]
    assert len(files) >= 4
    for path in files:
        plain = reader.get(path)
        assert plain.status == 200
        assert plain.headers["Cache-Control"] == "max-age=315360000, public, immutable"
        for encoding in ("br", "gzip"):
            answer = reader.get(path, Accept_Encoding=encoding)
            assert answer.headers["Content-Encoding"] == encoding, path
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert len(answer.body) < len(plain.body)
    version = files[0].split("/")[2]
    assert {path.split("/")[2] for path in files} == {version}
    other = files[0].replace(version, "0" * len(version))
    assert reader.get(other).status == 404


@on_sqlite
def test_pages_come_compressed(serve: Servers) -> None:
    reader = Reader(serve().port)
    plain, small = reader.get("/"), reader.get("/", Accept_Encoding="br")
    assert small.headers["Content-Encoding"] == "br"
    assert len(small.body) < len(plain.body) / 2


@on_sqlite
def test_another_host_and_a_body_too_big_are_refused(serve: Servers) -> None:
    server = serve()
    reader = Reader(server.port)
    foreign = reader.get("/", Host="evil.example")
    assert (foreign.status, "<" in foreign.text) == (400, False)
    assert reader.get("/", X_Forwarded_Host="evil.example").status == 200
    big = str(7 * 1024 * 1024)
    for path in ("/sign-in", "/workbook"):
        answer = reader.ask("POST", path, "a=1", {"Content-Length": big, **FORM})
        assert answer.status == 413, path
    assert reader.get("/").status == 200


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _tries(reader: Reader, addresses: list[str]) -> list[int]:
    """Signing in with a wrong password, saying to come from these addresses."""
    token = reader.get("/sign-in").token
    fields = {"csrf_token": token, "email": "nobody@example.org", "password": OTHER_PASSWORD}
    return [reader.post("/sign-in", fields, X_Forwarded_For=one).status for one in addresses]


@on_sqlite
def test_a_forged_origin_changes_nothing_without_a_proxy(serve: Servers) -> None:
    reader = Reader(serve(TANDEM_MODE="production", MAIL_HOST="127.0.0.1", WEB_WORKERS="1").port)
    forged = [f"10.0.0.{number}" for number in range(11)]
    assert _tries(reader, forged) == [422] * 10 + [429]


@on_sqlite
def test_behind_one_proxy_the_last_hop_counts_and_nothing_before_it(serve: Servers) -> None:
    in_use = {"TANDEM_MODE": "production", "MAIL_HOST": "127.0.0.1"}
    reader = Reader(serve(**in_use, WEB_WORKERS="1", PROXIES="1").port)
    forged = [f"10.0.0.{number}, 203.0.113.7" for number in range(11)]
    assert _tries(reader, forged) == [422] * 10 + [429]
    assert _tries(reader, ["203.0.113.7, 203.0.113.8"]) == [422]
