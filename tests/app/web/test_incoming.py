"""What comes in: a zero byte broke PostgreSQL pages that SQLite let pass."""

from __future__ import annotations

import pytest

from app.extensions import db
from app.needs.models import Need
from app.rounds.models import Round
from tests.world import World

ROUND = {
    "answers_due": "2026-12-18",
    "first_week": "2027-01-04",
    "weeks": "52",
}


@pytest.mark.parametrize("address", ["/roster?text=a%00b", "/needs/a%00b", "/people?text=%00"])
def test_a_zero_byte_in_an_address_breaks_nothing(world: World, address: str) -> None:
    state = world.state()
    people = [world.coordinator(), world.administrator(), world.focal_point(state)]
    answers = [world.client(person).get(address).status_code for person in people]
    assert set(answers) <= {200, 404}


def test_what_no_one_can_type_is_left_out_of_a_text(world: World) -> None:
    state = world.state()
    success = "A plan\x00 that\u202e holds\x1b[31m.\r\nIn two\tlines \u200fعربي"
    client = world.client(world.focal_point(state))
    answer = client.send(
        "/needs/new", theme="TRACK", success=success, success_language="en", then="draft"
    )
    assert answer.status_code == 303
    kept = db.session.query(Need).one().success
    assert kept == "A plan that holds[31m.\nIn two\tlines \u200fعربي"


def test_a_title_of_nothing_but_a_zero_byte_is_no_title(world: World) -> None:
    client = world.client(world.coordinator())
    assert client.send("/rounds/new", title="\x00", **ROUND).status_code == 422
    assert db.session.query(Round).count() == 0
