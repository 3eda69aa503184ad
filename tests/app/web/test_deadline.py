"""A request that would take for ever is broken off, and the page says so kindly."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app import deadline
from app.deadline import is_overdue
from app.extensions import db

ENDLESS = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    ),
    "postgresql": "SELECT pg_sleep(60)",
}


def test_an_endless_statement_ends_with_the_request(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "SECONDS", 0.3)
    started = time.monotonic()
    with app.test_request_context("/"):
        app.preprocess_request()
        with pytest.raises(OperationalError) as refused:
            db.session.execute(text(ENDLESS[db.engine.dialect.name]))
        db.session.rollback()
    assert is_overdue(refused.value)
    assert time.monotonic() - started < 5


def test_the_next_transaction_outside_a_request_has_no_limit(app: Flask) -> None:
    assert deadline.seconds_left() is None
    assert db.session.execute(text("SELECT 1")).scalar() == 1
