"""The main navigation says where the reader is, also on pages further down."""

from __future__ import annotations

from flask.testing import FlaskClient

from app.accounts.models import Role
from app.rounds.models import RoundState
from tests.pages import parse
from tests.world import World


def marked(client: FlaskClient, path: str) -> list[tuple[str, str]]:
    """Words and mark of the entries that are marked as current on a page."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    navigation = next(
        nav for nav in parse(answer.text).iter("nav") if nav.get("class") == "site-nav"
    )
    return [
        ("".join(link.itertext()).strip(), str(link.get("aria-current")))
        for link in navigation.iter("a")
        if link.get("aria-current")
    ]


def test_each_page_of_a_state_marks_the_entry_it_belongs_to(world: World) -> None:
    state = world.state()
    need = world.need(state)
    offer = world.offer(state)
    quiet = world.focal_point(world.state())
    round_ = world.round()
    client = world.client(world.focal_point(state))
    assert marked(client, "/") == []
    assert marked(client, "/our-state") == [("Our State", "page")]
    assert marked(client, "/our-state/change") == [("Our State", "true")]
    assert marked(client, "/how-to-join") == [("Our State", "true")]
    assert marked(client, "/needs") == [("Our needs", "page")]
    assert marked(client, "/needs/new") == [("Our needs", "true")]
    assert marked(client, f"/needs/{need.public_id}") == [("Our needs", "true")]
    assert marked(client, f"/offers/{offer.public_id}") == [("Our offers", "true")]
    assert marked(client, "/record") == [("Our record", "page")]
    assert marked(client, "/our-people") == [("Our record", "true")]
    assert marked(client, "/account") == []
    nothing = f"/round/{round_.public_id}/nothing"
    assert marked(world.client(quiet), nothing) == [("Our needs", "true")]


def test_each_page_of_a_coordinator_marks_the_entry_it_belongs_to(world: World) -> None:
    state = world.state()
    round_ = world.round(RoundState.OPEN)
    client = world.client(world.coordinator())
    assert marked(client, "/rounds") == [("Rounds", "page")]
    for path in (
        f"/rounds/{round_.public_id}",
        f"/rounds/{round_.public_id}/plans",
        f"/states/{state.public_id}/needs",
        f"/states/{state.public_id}/offer",
    ):
        assert marked(client, path) == [("Rounds", "true")]
    assert marked(client, f"/roster/{state.public_id}") == [("Roster", "true")]


def test_who_has_several_roles_finds_one_entry_marked(world: World) -> None:
    state = world.state()
    person = world.person(Role.FOCAL_POINT, Role.PROGRAMME_COORDINATOR, state=state)
    client = world.client(person)
    assert marked(client, "/roster") == [("Roster", "page")]
    assert marked(client, "/our-state") == [("Our State", "page")]


def test_each_page_of_an_administrator_marks_the_entry_it_belongs_to(world: World) -> None:
    person = world.person()
    client = world.client(world.administrator())
    assert marked(client, "/people") == [("People", "page")]
    assert marked(client, "/people/invite") == [("People", "true")]
    assert marked(client, f"/people/{person.public_id}") == [("People", "true")]
    assert marked(client, "/trail") == [("Audit trail", "page")]
