"""Long lists, a page at a time; a number beyond the end gets the last page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select

from app.extensions import db

PER_PAGE = 20
# Beyond any list, and within what a database takes for a number of rows.
MOST_PAGES = 100_000


class ListPage(Pagination):
    """One page of rows that are sorted already, in an order that no database knows."""

    def _query_items(self) -> list[Any]:
        rows: Sequence[Any] = self._query_args["rows"]
        return list(rows[self._query_offset : self._query_offset + self.per_page])

    def _query_count(self) -> int:
        return len(self._query_args["rows"])


def page_of(rows: Sequence[Any], *, name: str = "page") -> Pagination:
    """The page of these rows that the address asks for with the argument of this name."""
    last = max(1, -(-len(rows) // PER_PAGE))
    return ListPage(page=min(page_number(name), last), per_page=PER_PAGE, rows=rows)


def page_of_query(chosen: Select[Any], *, per_page: int) -> Pagination:
    """The page of what a query finds that the address asks for."""
    found = _page(chosen, page_number(), per_page)
    return found if found.items or found.page == 1 else _page(chosen, max(1, found.pages), per_page)


def _page(chosen: Select[Any], number: int, per_page: int) -> Pagination:
    return db.paginate(
        chosen, page=number, per_page=per_page, max_per_page=per_page, error_out=False
    )


def here_with(name: str, value: object) -> str:
    """The address of this same list with one argument replaced, from its first page on."""
    kept = [item for item in request.args.items(multi=True) if item[0] not in (name, "page")]
    return "?" + urlencode([*kept, (name, value)])


def init_paging(app: Flask) -> None:
    app.jinja_env.globals["here_with"] = here_with


def page_number(name: str = "page") -> int:
    """The number of the page that the address asks for, whatever somebody wrote there."""
    return min(max(1, request.args.get(name, 1, type=int)), MOST_PAGES)
