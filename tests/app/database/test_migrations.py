"""Migrations build what the models say, from empty and with data, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from app import audit, create_app
from app.audit import Tag
from app.extensions import db
from tests.conftest import settings_for
from tests.world import World


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A site on a database without a single table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'blank.sqlite'}"
    else:
        server: str = request.getfixturevalue("postgresql_url")
        main = create_app(settings_for(server, tmp_path))
        with main.app_context(), db.engine.connect() as connection:
            free = connection.execution_options(isolation_level="AUTOCOMMIT")
            free.execute(text("DROP DATABASE IF EXISTS blank WITH (FORCE)"))
            free.execute(text("CREATE DATABASE blank"))
        url = server.replace("/postgres?", "/blank?")
        assert url != server
    app = create_app(settings_for(url, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_up_from_empty_equals_the_models(blank: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_every_check_of_the_models_is_in_the_database(blank: Flask) -> None:
    upgrade()
    inspector = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        wanted = {c.name for c in table.constraints if isinstance(c, CheckConstraint)}
        there = {c["name"] for c in inspector.get_check_constraints(table.name)}
        assert {str(name) for name in wanted} == there, table.name


def test_down_and_up_again(blank: Flask) -> None:
    upgrade()
    world = World(blank)
    state = world.state()
    world.need(state)
    audit.record(Tag.NEED_SUBMITTED, by=None, states=[state.id])
    db.session.commit()
    db.session.remove()
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade()
    assert "need" in inspect(db.engine).get_table_names()


def test_the_database_itself_refuses_to_change_the_trail(app: Flask) -> None:
    audit.record(Tag.ROUND_OPENED, by=None)
    db.session.commit()
    for statement in ("UPDATE audit_entry SET tag = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_the_database_itself_refuses_a_state_that_does_not_exist(world: World) -> None:
    need = world.need(world.state())
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"UPDATE need SET state = 'lost' WHERE id = {need.id}"))
    db.session.rollback()
