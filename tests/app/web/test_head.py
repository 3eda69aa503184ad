"""HEAD reads as GET does, and never changes anything."""

from __future__ import annotations

from app.extensions import db
from app.rounds.models import Round, RoundState
from tests.world import World


def test_head_changes_nothing_and_answers_as_get_does(world: World) -> None:
    """A view that asked for GET or else acted once froze a round at a HEAD, without a token."""
    path = f"/rounds/{world.round(RoundState.OPEN).public_id}/freeze"
    client = world.client(world.coordinator())
    read, looked = client.get(path), client.head(path)
    assert (looked.status_code, looked.data) == (200, b"")
    assert looked.headers["Content-Type"] == read.headers["Content-Type"]
    db.session.expire_all()
    assert [found.state for found in db.session.query(Round)] == [RoundState.OPEN]
