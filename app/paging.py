"""Long lists, a page at a time, in an order that no database knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_sqlalchemy.pagination import Pagination

PER_PAGE = 20


class ListPage(Pagination):
    """One page of rows that are sorted already; the last one for a number beyond the end."""

    def _query_items(self) -> list[Any]:
        rows: Sequence[Any] = self._query_args["rows"]
        return list(rows[self._query_offset : self._query_offset + self.per_page])

    def _query_count(self) -> int:
        return len(self._query_args["rows"])


def page_of(rows: Sequence[Any], *, name: str = "page") -> Pagination:
    """The page of these rows that the address asks for with the argument of this name."""
    last = max(1, -(-len(rows) // PER_PAGE))
    asked = request.args.get(name, 1, type=int)
    return ListPage(page=min(max(1, asked), last), per_page=PER_PAGE, rows=rows)
