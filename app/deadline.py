"""No request without an end: gunicorn's own limit does not reach into its threads.

A statement of the database is broken off when the request's time is over, and a client that
stops sending or reading is let go.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, g, has_request_context, request
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

SECONDS = 20.0
# Steps of SQLite's machine between two looks at the clock.
STEPS = 20_000


def init_deadline(app: Flask, engine: Engine) -> None:
    @app.before_request
    def _start() -> None:
        g.deadline = time.monotonic() + SECONDS
        socket = request.environ.get("gunicorn.socket")
        if socket is not None:
            socket.settimeout(SECONDS)

    @event.listens_for(engine, "begin")
    def _limit(connection: Connection) -> None:
        left = seconds_left()
        if connection.dialect.name == "postgresql":
            if left is not None:
                milliseconds = max(1, int(left * 1000))
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
            return
        driver: Any = connection.connection.driver_connection
        deadline = None if left is None else time.monotonic() + left
        driver.set_progress_handler(
            None if deadline is None else lambda: int(time.monotonic() > deadline), STEPS
        )


def seconds_left() -> float | None:
    """What is left of the request's time; None where there is no request."""
    if not has_request_context() or "deadline" not in g:
        return None
    return max(0.0, float(g.deadline) - time.monotonic())


def is_overdue(error: OperationalError) -> bool:
    """Whether the database broke a statement off because the request's time was over."""
    words = str(error.orig).lower()
    return "interrupted" in words or "statement timeout" in words
