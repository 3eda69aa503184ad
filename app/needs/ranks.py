"""The State's own order of its needs: 1 to n, without gaps."""

from __future__ import annotations

from sqlalchemy import update

from app.extensions import db
from app.needs import queries
from app.needs.models import Need


def last_place(state_id: int) -> int:
    """The rank of a need that joins the list."""
    return len(queries.live_of(state_id)) + 1


def close_gaps(state_id: int) -> None:
    number(queries.live_of(state_id))


def number(needs: list[Need]) -> None:
    """Number a list from 1. Versions stay as they are, since nobody's text is touched."""
    for rank, need in enumerate(needs, start=1):
        if need.rank != rank:
            db.session.execute(
                update(Need).where(Need.id == need.id).values(rank=rank, changed_at=Need.changed_at)
            )
