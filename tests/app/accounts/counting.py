"""Counting the statements a page needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app.extensions import db


@contextmanager
def counted() -> Iterator[list[str]]:
    found: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def statements(get: Callable[[], Any]) -> int:
    """How many statements the page needs; it must answer."""
    with counted() as found:
        assert get().status_code == 200
    return len([statement for statement in found if not statement.startswith(("BEGIN", "PRAGMA"))])
