"""SQLite is durable, checks its constraints, and is refused where it could corrupt the data."""

from __future__ import annotations

import threading
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.database import UnsafeSQLite, engine_options
from app.extensions import db
from tests.conftest import settings_for
from tests.world import World


def is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def test_pragmas_of_every_connection(app: Flask) -> None:
    if not is_sqlite():
        assert db.session.execute(text("SHOW server_version")).scalar()
        return
    with db.engine.connect() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_library_with_the_corruption_bug_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine_options("sqlite:///x")["module"] is sqlite
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(UnsafeSQLite, match=r"3\.51\.3"):
        engine_options("sqlite:///x")


def test_a_page_being_read_does_not_block_a_writer(app: Flask, tmp_path: Path) -> None:
    """A reader once held the write lock for the whole page."""
    World(app).state()
    done = threading.Event()

    def write() -> None:
        with app.app_context():
            db.session.execute(text("UPDATE state SET zone = 'UTC'"))
            db.session.commit()
            done.set()

    with app.test_request_context("/"):
        db.session.execute(text("SELECT count(*) FROM state")).scalar()
        writer = threading.Thread(target=write)
        writer.start()
        assert done.wait(5)
        writer.join()


def test_an_address_of_postgresql_names_the_installed_driver(tmp_path: Path) -> None:
    from app.config import _portable_url

    assert _portable_url("postgres://u@h/d") == "postgresql+psycopg://u@h/d"
    assert _portable_url("postgresql://u@h/d") == "postgresql+psycopg://u@h/d"
    assert create_app(settings_for(f"sqlite:///{tmp_path / 'a.sqlite'}", tmp_path))
