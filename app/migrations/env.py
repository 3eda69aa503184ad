"""Runs migrations over the site's own engine, on SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.extensions import db


def run() -> None:
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect().execution_options(writes=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            user_module_prefix="database.",
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
