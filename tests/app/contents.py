"""What is stored, to compare before and after."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from app.extensions import db


def contents(*, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Every row of every table but those named, as it is stored: nothing sealed is opened."""
    db.session.commit()
    names = {table.name for table in db.metadata.sorted_tables} - set(without)
    with db.engine.connect().execution_options(writes=False) as connection:
        return {
            name: sorted(str(row) for row in connection.execute(text(f'SELECT * FROM "{name}"')))
            for name in sorted(names)
        }
