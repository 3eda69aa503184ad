"""Making, keeping and starting over the demonstration's database, and never another one."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from flask_migrate import upgrade
from sqlalchemy import Connection, inspect, text

from app import audit
from app.audit import Tag
from app.audit.models import AuditEntry
from app.demo.seeding import Say, seed
from app.extensions import db

# Tables that hold rows as soon as anybody uses an installation.
TELLING_TABLES = ("state", "user", "audit_entry")


class NotADemonstration(Exception):
    """The database holds an installation that is not a demonstration: nothing is touched."""


class Content(StrEnum):
    """What a database holds."""

    NOTHING = "nothing"
    DEMONSTRATION = "demonstration"
    OTHER = "other"


def prepare(*, reset: bool, say: Say, today: dt.date | None = None) -> bool:
    """Make the demonstration unless it is there; True if it was made now."""
    with db.engine.begin() as connection:
        content = content_of(connection)
        if content is Content.OTHER:
            raise NotADemonstration
        if reset and content is Content.DEMONSTRATION:
            say("Removing the demonstration that was here ...")
            _remove(connection)
            content = Content.NOTHING
    upgrade()
    if content is Content.DEMONSTRATION:
        return False
    round_ = seed(today=today or dt.datetime.now(dt.UTC).date(), say=say)
    # The marker is stored with what it marks: an interrupted preparation leaves nothing.
    audit.record(Tag.DEMONSTRATION_PREPARED, by=None, subject=round_.public_id)
    db.session.commit()
    return True


def content_of(connection: Connection) -> Content:
    """Judge a database by its own tables, whatever version of Tandem made them."""
    ours = {table.name for table in db.metadata.sorted_tables}
    there = ours.intersection(inspect(connection).get_table_names())
    if not there:
        return Content.NOTHING
    if AuditEntry.__tablename__ not in there:
        return Content.OTHER
    marked = connection.execute(
        text("SELECT 1 FROM audit_entry WHERE tag = :tag LIMIT 1"),
        {"tag": Tag.DEMONSTRATION_PREPARED},
    )
    if marked.first():
        return Content.DEMONSTRATION
    for name in there.intersection(TELLING_TABLES):
        if connection.execute(db.metadata.tables[name].select().limit(1)).first():
            return Content.OTHER
    return Content.NOTHING


def _remove(connection: Connection) -> None:
    db.metadata.drop_all(connection)
    connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    if connection.dialect.name == "postgresql":
        connection.execute(text("DROP FUNCTION IF EXISTS audit_append_only CASCADE"))
