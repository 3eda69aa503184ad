"""That somebody looked at a State's records is noted, inside the reading of a page."""

from __future__ import annotations

import datetime as dt
from contextvars import Context

import pytest
from flask import request, session
from flask_login import current_user
from sqlalchemy import select

from app import audit
from app.accounts.models import User
from app.audit import actions
from app.audit.actions import verify_chain
from app.audit.models import AuditEntry, AuditState
from app.audit.tags import Tag
from app.database import now
from app.extensions import db
from tests.world import World


def _look(world: World, person: User, states: list[int], what: str = "needs") -> str:
    """What a view does first thing: note the look, then go on reading as the same person."""
    client = world.client(person)
    with client.session_transaction() as signed_in:
        kept = dict(signed_in)

    def visit() -> str:
        with world.app.test_request_context("/needs"):
            session.update(kept)
            assert request.method == "GET"
            # The page has begun to read before it notes the look.
            assert current_user.is_authenticated
            audit.record_look(by=current_user, states=states, what=what)
            words = f"{current_user.name} {sorted(current_user.role_set)[0]}"
            db.session.remove()
            return words

    db.session.commit()
    return Context().run(visit)


def test_a_look_is_noted_for_each_state_while_the_page_goes_on(world: World) -> None:
    one, two = world.state().id, world.state().id
    coordinator = world.coordinator(name="Cora")
    assert _look(world, coordinator, [one, two]) == "Cora programme_coordinator"
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.tag, entry.subject) == (Tag.RECORD_LOOKED_AT, "needs")
    assert {link.state_id for link in entry.states} == {one, two}
    assert verify_chain().holds


def test_a_look_is_noted_once_a_day_for_each_person_state_and_thing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = world.state().id, world.state().id
    cora, cleo = world.coordinator(name="Cora"), world.coordinator(name="Cleo")

    def noted() -> int:
        return len(db.session.scalars(select(AuditState)).all())

    _look(world, cora, [one])
    _look(world, cora, [one])
    assert noted() == 1
    _look(world, cora, [one, two])
    assert noted() == 2
    _look(world, cora, [one], what="offer")
    assert noted() == 3
    _look(world, cleo, [one])
    assert noted() == 4
    today = now()
    monkeypatch.setattr(actions, "now", lambda: today + dt.timedelta(days=1))
    _look(world, cora, [one])
    assert noted() == 5


def test_a_page_that_shows_nobody_notes_nothing(world: World) -> None:
    _look(world, world.coordinator(), [])
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_a_page_of_the_site_notes_the_look(world: World) -> None:
    state = world.state()
    world.need(state)
    coordinator = world.coordinator()
    client = world.client(coordinator)
    assert client.get(f"/states/{state.public_id}/needs").status_code == 200
    told = world.client(world.focal_point(state)).get("/record").get_data(as_text=True)
    assert "Your submitted needs" in told
