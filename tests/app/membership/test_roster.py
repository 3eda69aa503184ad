"""The roster follows letters; a fresh installation has the States of the world and no roster."""

from __future__ import annotations

import datetime as dt

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.extensions import db
from app.membership.models import RegionalGroup, RosterEntry, State, StateLanguage, Status
from app.membership.states import Loaded, load_states, suggested_languages
from tests.pages import parse, text_of
from tests.statements import statements
from tests.world import World


def names_on(page: str) -> list[str]:
    cells = [cell for cell in parse(page).iter("th") if cell.get("scope") == "row"]
    return ["".join(cell.itertext()).strip() for cell in cells]


def the_entry() -> RosterEntry:
    db.session.expire_all()
    return db.session.scalars(select(RosterEntry)).unique().one()


def test_a_fresh_installation_has_195_states_and_an_empty_roster(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["states", "load"])
    assert answer.output == "States: 195 new, 0 updated, 0 unchanged.\n"
    assert db.session.scalar(select(func.count(State.id))) == 195
    assert db.session.scalars(select(RosterEntry)).unique().all() == []
    # A language on public record is a suggestion of a form, not a State's word.
    assert db.session.scalars(select(StateLanguage)).all() == []
    groups = db.session.execute(
        select(State.regional_group, func.count()).group_by(State.regional_group)
    ).all()
    counted = dict(groups)
    assert counted[None] == 2
    assert sum(counted.values()) == 195
    assert len(counted) == 6


def test_loading_again_refreshes_names_and_leaves_what_states_said(app: Flask) -> None:
    load_states()
    db.session.commit()
    kenya = db.session.scalars(select(State).where(State.code == "KEN")).unique().one()
    kenya.names = {"en": "An old name"}
    kenya.zone = "Africa/Kampala"
    kenya.sub_networks = []
    db.session.commit()
    assert load_states() == Loaded(new=0, updated=1, unchanged=194)
    db.session.commit()
    assert kenya.names["ar"] == "كينيا"
    assert (kenya.zone, kenya.sub_networks) == ("Africa/Kampala", [])
    assert load_states() == Loaded(new=0, updated=0, unchanged=195)
    assert set(suggested_languages(kenya)) == {"en", "sw"}


def test_a_state_is_entered_by_its_letter_and_changed(world: World) -> None:
    state = world.state(status=None)
    client = world.client(world.coordinator())
    path = f"/roster/{state.public_id}"
    fields = {"status": "observer", "since": "2026-02-03", "letter": "NV 12/2026"}
    assert client.send(path, version="new", **fields).status_code == 303
    entry = the_entry()
    assert (entry.status, entry.since, entry.letter, entry.mailbox) == (
        Status.OBSERVER,
        dt.date(2026, 2, 3),
        "NV 12/2026",
        None,
    )
    fields |= {"status": "member", "mailbox": "nmirf@example.org"}
    assert client.send(path, version=str(entry.version), **fields).status_code == 303
    assert (the_entry().status, the_entry().mailbox) == (Status.MEMBER, "nmirf@example.org")
    tags = db.session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)).all()
    assert tags == ["roster.entered", "roster.changed"]


def test_without_a_letter_nobody_is_entered_and_what_was_typed_is_kept(world: World) -> None:
    state = world.state(status=None)
    client = world.client(world.administrator())
    path = f"/roster/{state.public_id}"
    answer = client.send(
        path, version="new", status="member", since="2026-02-03", mailbox="not an address"
    )
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "the roster follows letters alone" in page
    assert 'value="not an address"' in page
    assert db.session.scalars(select(RosterEntry)).unique().all() == []


def test_two_keepers_at_once(world: World) -> None:
    state = world.state(status=None)
    path = f"/roster/{state.public_id}"
    first, second = world.client(world.coordinator()), world.client(world.administrator())
    fields = {"since": "2026-02-03", "version": "new"}
    saved = first.send(path, **fields, status="member", letter="The first letter")
    assert saved.status_code == 303
    late = second.send(path, **fields, status="observer", letter="The second letter")
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "The first letter" in page
    assert 'value="The second letter"' in page
    assert the_entry().letter == "The first letter"


def test_a_state_is_taken_off_and_its_records_stay(world: World) -> None:
    state = world.state()
    world.need(state)
    client = world.client(world.coordinator())
    answer = client.send(f"/roster/{state.public_id}/off", f"/roster/{state.public_id}")
    assert answer.status_code == 303
    assert db.session.scalars(select(RosterEntry)).unique().all() == []
    from app.needs.queries import submitted_by_state

    assert submitted_by_state() == {}


def test_nobody_enters_the_own_state(world: World) -> None:
    state = world.state(status=None)
    client = world.client(world.person(Role.PROGRAMME_COORDINATOR, Role.COLLEAGUE, state=state))
    path = f"/roster/{state.public_id}"
    assert "This is the State you belong to" in client.get(path).get_data(as_text=True)
    answer = client.send(
        path,
        "/needs/new",
        version="new",
        status="member",
        since="2026-02-03",
        letter="Mine",
    )
    assert answer.status_code == 403
    assert db.session.scalars(select(RosterEntry)).unique().all() == []


def test_the_roster_is_kept_by_coordinators_and_administrators(world: World) -> None:
    state = world.state()
    for person in (world.focal_point(state), world.person(Role.REGION_COORDINATOR)):
        client = world.client(person)
        assert client.get(f"/roster/{state.public_id}").status_code == 404
    assert world.client(world.focal_point(state)).get("/roster").status_code == 404


def test_a_region_coordinator_reads_the_roster_without_letters_and_ways_to_change_it(
    world: World,
) -> None:
    state = world.state("Eastland")
    entry = f"/roster/{state.public_id}"
    kept = world.client(world.coordinator()).get("/roster").get_data(as_text=True)
    read = world.client(world.person(Role.REGION_COORDINATOR)).get("/roster")
    page = read.get_data(as_text=True)
    assert names_on(page) == names_on(kept) == ["Eastland"]
    assert entry in kept
    assert entry not in page


def test_filters_and_order_of_the_list(world: World) -> None:
    world.state("Éland", group=RegionalGroup.WEOG, status=Status.OBSERVER)
    world.state("Zedland", group=RegionalGroup.WEOG)
    world.state("Eastland", status=None)
    client = world.client(world.coordinator())

    def listed(query: str) -> list[str]:
        return names_on(client.get(f"/roster{query}").get_data(as_text=True))

    assert listed("") == ["Eastland", "Éland", "Zedland"]
    assert listed("?group=weog") == ["Éland", "Zedland"]
    assert listed("?status=observer") == ["Éland"]
    assert listed("?status=member") == ["Zedland"]
    assert listed("?status=none") == ["Eastland"]
    assert listed("?text=EL") == ["Éland"]
    assert listed("?text=nowhere") == []


def test_the_list_is_sorted_in_the_readers_language(world: World) -> None:
    world.state("Albania", names={"ar": "ياء"})
    world.state("Zambia", names={"ar": "ألف"})
    client = world.client(world.coordinator(language="ar"), language="ar")
    page = client.get("/roster").get_data(as_text=True)
    assert 'dir="rtl"' in page
    assert names_on(page) == ["ألف", "ياء"]


def test_the_list_asks_the_database_as_often_for_195_states_as_for_one(world: World) -> None:
    world.state()
    person = world.coordinator()

    def count() -> int:
        client = world.client(person)
        db.session.expunge_all()
        with statements() as sent:
            assert client.get("/roster").status_code == 200
        return len(sent)

    few = count()
    load_states()
    db.session.commit()
    assert count() == few
    assert few <= 12


def test_a_long_list_comes_in_pages_and_filters_reach_every_state(world: World) -> None:
    names = [f"State {number:02}" for number in range(1, 61)]
    for number, name in enumerate(names):
        group = RegionalGroup.WEOG if number % 2 else RegionalGroup.AFRICAN
        world.state(name, group=group, status=Status.MEMBER if number % 3 else None)
    client = world.client(world.coordinator())

    def page_at(query: str) -> str:
        return client.get(f"/roster{query}").get_data(as_text=True)

    first = page_at("")
    assert names_on(first) == names[:20]
    assert "60 States in this list. 40 of them are on the roster." in text_of(first)
    assert names_on(page_at("?page=2")) == names[20:40]
    assert names_on(page_at("?page=3")) == names[40:]
    # A page beyond the end is the last one, and nonsense is the first.
    assert names_on(page_at("?page=99")) == names[40:]
    assert names_on(page_at("?page=-1")) == names_on(page_at("?page=x")) == names[:20]
    assert names_on(page_at("?text=state+60")) == ["State 60"]
    second = page_at("?group=weog&page=2")
    assert names_on(second) == names[1::2][20:]
    # The way to another page keeps what was chosen.
    back = [link.get("href") for link in parse(second).iter("a") if link.get("rel") == "prev"]
    assert back == ["?group=weog&page=1"]


def test_names_come_in_the_readers_language(world: World) -> None:
    world.state("Testland", names={"es": "Tierra de Prueba"})
    client = world.client(world.coordinator(language="es"), language="es")
    page = text_of(client.get("/roster").get_data(as_text=True))
    assert "Tierra de Prueba" in page
    assert "Estados de África" in page
