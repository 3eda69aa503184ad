"""A coordinator prepares, opens, watches, reminds, freezes and closes a round."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.actions import verify_chain
from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.database import now
from app.extensions import db
from app.membership.models import RegionalGroup, Status
from app.membership.weeks import monday_of
from app.needs.models import NeedState
from app.notices import Mail
from app.rounds.models import Round, RoundReminder, RoundState, Snapshot
from tests.pages import parse, text_of, token_on
from tests.statements import statements
from tests.world import World

# A year ahead: a Monday, and a day before it.
MONDAY = monday_of(now().date() + dt.timedelta(days=365))
DUE = MONDAY - dt.timedelta(days=17)
DRAFT = {
    "title": "Mentorships 2027",
    "answers_due": DUE.isoformat(),
    "first_week": (MONDAY + dt.timedelta(days=2)).isoformat(),
    "weeks": "40",
}


def path(round_: Round, step: str = "") -> str:
    return f"/rounds/{round_.public_id}" + (f"/{step}" if step else "")


def page_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return text_of(answer.get_data(as_text=True))


def names_listed(client: FlaskClient, address: str) -> list[str]:
    root = parse(client.get(address).get_data(as_text=True))
    return [
        "".join(cell.itertext()).strip() for cell in root.iter("th") if cell.get("scope") == "row"
    ]


def test_a_round_begins_on_the_monday_of_the_week_that_is_given(world: World) -> None:
    client = world.client(world.coordinator())
    answer = client.send("/rounds/new", **DRAFT)
    assert answer.status_code == 303
    made = db.session.scalars(select(Round)).one()
    assert answer.headers["Location"] == path(made)
    assert (made.title, made.weeks, made.state) == ("Mentorships 2027", 40, "draft")
    assert made.first_week == MONDAY
    assert "Mentorships 2027" in page_of(client, "/rounds")
    assert "In preparation" in page_of(client, path(made))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "Give the round a title."),
        ("weeks", "3", "Give a number from 4 to 104."),
        ("answers_due", "2020-01-01", "This day has passed."),
        ("first_week", DUE.isoformat(), "The first week must begin after the answers are due"),
        # The last week of such a round would lie beyond the calendar: its page never opened.
        ("first_week", "9999-12-31", "Choose a week within the next five years."),
    ],
)
def test_a_faulty_form_comes_back_with_what_was_typed(
    world: World, field: str, value: str, words: str
) -> None:
    client = world.client(world.coordinator())
    answer = client.send("/rounds/new", **{**DRAFT, field: value})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert words in text_of(page)
    assert 'value="40"' in page or field == "weeks"
    assert db.session.scalars(select(Round)).all() == []


def test_of_two_who_change_a_round_the_second_is_told_and_loses_nothing(world: World) -> None:
    round_ = world.round(RoundState.DRAFT, answers_due=dt.date(2099, 1, 1))
    client = world.client(world.coordinator())
    version = str(round_.version)
    first = client.send(path(round_, "edit"), **{**DRAFT, "title": "First", "version": version})
    assert first.status_code == 303
    second = client.send(path(round_, "edit"), **{**DRAFT, "title": "Second", "version": version})
    assert second.status_code == 409
    page = second.get_data(as_text=True)
    assert "What is saved now: “First”" in text_of(page)
    assert 'value="Second"' in page
    db.session.expire_all()
    assert round_.title == "First"
    third = client.post(
        path(round_, "edit"),
        data={**DRAFT, "title": "Second", "version": version_on(page), "csrf_token": token(client)},
    )
    assert third.status_code == 303
    db.session.expire_all()
    assert round_.title == "Second"


def version_on(page: str) -> str:
    return page.split('name="version" value="')[1].split('"')[0]


def token(client: FlaskClient) -> str:
    return token_on(client.get("/rounds/new"))


def test_opening_writes_to_every_state_on_the_roster_in_each_readers_language(
    world: World,
) -> None:
    member = world.state("Membria")
    world.focal_point(member, email="fp@membria.example", language="fr")
    world.person(Role.ALTERNATE, state=member, email="alt@membria.example", language="en")
    world.person(Role.COLLEAGUE, state=member, email="colleague@membria.example")
    observer = world.state("Observia", status=Status.OBSERVER)
    assert observer.roster_entry
    observer.roster_entry.mailbox = "office@observia.example"
    outside = world.state("Outsidia", status=None)
    world.focal_point(outside, email="fp@outsidia.example")
    round_ = world.round(RoundState.DRAFT, title="Mentorships <2027>")
    client = world.client(world.coordinator())
    assert "2 States on the roster are asked to answer" in page_of(client, path(round_, "open"))
    assert db.session.scalars(select(Mail)).all() == []
    assert client.send(path(round_, "open")).status_code == 303
    mails = {mail.recipient: mail for mail in db.session.scalars(select(Mail))}
    assert mails.keys() == {"fp@membria.example", "alt@membria.example", "office@observia.example"}
    assert mails["fp@membria.example"].language == "fr"
    english = mails["alt@membria.example"]
    assert english.subject.startswith("Round “Mentorships <2027>”")
    assert "http://localhost/needs" in english.text
    assert f"http://localhost/round/{round_.public_id}/nothing" in english.text
    db.session.expire_all()
    assert round_.state == RoundState.OPEN
    assert round_.opened_at is not None
    # Opening twice does nothing twice.
    again = client.post(path(round_, "open"), data={"csrf_token": token(client)})
    assert again.status_code == 409
    assert len(db.session.scalars(select(Mail)).all()) == 3


def test_only_one_round_is_open_at_a_time(world: World) -> None:
    world.round(RoundState.OPEN, title="The open one")
    second = world.round(RoundState.DRAFT)
    client = world.client(world.coordinator())
    answer = client.send(path(second, "open"))
    assert answer.status_code == 409
    assert "“The open one” is still open" in text_of(answer.get_data(as_text=True))
    db.session.expire_all()
    assert second.state == RoundState.DRAFT


def test_the_table_says_what_each_state_answered(world: World) -> None:
    asking, offering = world.state("Askingia"), world.state("Offeria")
    world.need(asking)
    world.need(asking, "BUDG", rank=2)
    world.offer(offering, capacity=3)
    unconfirmed = world.state("Unconfirmia")
    world.need(unconfirmed, state=NeedState.PROPOSED)
    drafting = world.state("Draftonia")
    world.need(drafting, state=NeedState.DRAFT)
    outside = world.state("Outsidia", status=None)
    world.need(outside)
    quiet = world.state("Quietland")
    round_ = world.round()
    speaker = world.client(world.focal_point(quiet))
    assert speaker.send(f"/round/{round_.public_id}/nothing").status_code == 303
    client = world.client(world.coordinator())
    rows = {
        name: " ".join(cells)
        for name, *cells in table_rows(client.get(path(round_)).get_data(as_text=True))
    }
    assert rows.keys() == {"Askingia", "Offeria", "Unconfirmia", "Draftonia", "Quietland"}
    assert "Answered 2 –" in rows["Askingia"]
    assert "Answered – 3" in rows["Offeria"]
    assert "Waiting for the State's confirmation – –" in rows["Unconfirmia"]
    assert "Not yet answered – –" in rows["Draftonia"]
    assert "Nothing this time – –" in rows["Quietland"]
    page = page_of(client, path(round_))
    assert "3 States have answered of 5 on the roster; nothing this time: 1" in page
    assert "2 Not yet answered 1 waits for the State's confirmation" in page
    assert names_listed(client, path(round_) + "?answer=not_yet") == ["Draftonia"]


def table_rows(page: str) -> list[list[str]]:
    body = next(parse(page).iter("tbody"))
    return [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in body]


def test_answers_are_filtered_searched_and_sorted(world: World) -> None:
    one = world.state("Élan", group=RegionalGroup.WEOG)
    two = world.state("Beta", status=Status.OBSERVER)
    three = world.state("Gamma")
    world.need(three)
    world.need(one)
    world.need(one, "BUDG", rank=2)
    address = path(world.round())
    client = world.client(world.coordinator())
    assert names_listed(client, address) == ["Beta", "Élan", "Gamma"]
    assert names_listed(client, address + "?sort=-name") == ["Gamma", "Élan", "Beta"]
    assert names_listed(client, address + "?sort=-needs") == ["Élan", "Gamma", "Beta"]
    assert names_listed(client, address + "?text=elan") == ["Élan"]
    assert names_listed(client, address + "?region=weog") == ["Élan"]
    assert names_listed(client, address + "?status=observer") == ["Beta"]
    assert names_listed(client, address + "?sort=nonsense&text=zzz") == []
    assert two.name in page_of(client, address)


def test_reminders_go_to_the_silent_in_their_languages_once_in_three_days(world: World) -> None:
    answered = world.state("Answeria")
    world.focal_point(answered, email="fp@answeria.example")
    world.need(answered)
    silent = world.state("Silentia")
    world.focal_point(silent, email="fp@silentia.example", language="es")
    world.person(Role.ALTERNATE, state=silent, email="alt@silentia.example")
    assert silent.roster_entry
    silent.roster_entry.mailbox = "office@silentia.example"
    world.state("Nobodia")
    round_ = world.round()
    client = world.client(world.coordinator())
    confirmation = page_of(client, path(round_, "remind"))
    assert "1 State gets a reminder now." in confirmation
    assert "1 State that has not answered has no address to write to." in confirmation
    assert "No address to write to" in page_of(client, path(round_))
    assert client.send(path(round_, "remind")).status_code == 303
    mails = {mail.recipient: mail.language for mail in db.session.scalars(select(Mail))}
    assert mails == {
        "fp@silentia.example": "es",
        "alt@silentia.example": "en",
        "office@silentia.example": "en",
    }
    reminder = db.session.scalars(select(RoundReminder)).one()
    assert reminder.state_id == silent.id
    assert client.send(path(round_, "remind")).status_code == 303
    assert "There is nobody to remind now." in page_of(client, path(round_))
    assert len(db.session.scalars(select(Mail)).all()) == 3
    reminder.at = now() - dt.timedelta(days=3)
    db.session.commit()
    client.send(path(round_, "remind"))
    assert len(db.session.scalars(select(Mail)).all()) == 6
    recorded = select(AuditEntry).where(AuditEntry.tag == Tag.ROUND_REMINDED)
    assert len(db.session.scalars(recorded).all()) == 2
    assert verify_chain().holds


def test_freezing_takes_one_snapshot_and_the_table_keeps_what_it_held(world: World) -> None:
    state = world.state("Askingia")
    need = world.need(state)
    round_ = world.round()
    client = world.client(world.coordinator())
    assert client.send(path(round_, "freeze")).status_code == 303
    snapshot = db.session.scalars(select(Snapshot)).one()
    assert snapshot.kind == "frozen"
    need.state = NeedState.WITHDRAWN
    db.session.commit()
    rows = table_rows(client.get(path(round_)).get_data(as_text=True))
    assert [row[4] for row in rows] == ["1"]
    again = client.post(path(round_, "freeze"), data={"csrf_token": token(client)})
    assert again.status_code == 409
    assert client.get(path(round_, "remind")).status_code == 409
    assert client.get(path(round_, "edit")).status_code == 409
    assert client.send(path(round_, "close")).status_code == 303
    assert "Closed" in page_of(client, path(round_))


def test_rounds_are_for_coordinators_alone(world: World) -> None:
    round_ = world.round()
    coordinator = world.client(world.coordinator())
    outsiders = [world.client(world.focal_point()), world.client(world.administrator())]
    for address in ["/rounds", "/rounds/new", path(round_), path(round_, "freeze")]:
        assert coordinator.get(address).status_code == 200
        for client in outsiders:
            assert client.get(address).status_code == 404


def test_that_a_coordinator_looked_is_noted_once_a_day(world: World) -> None:
    state = world.state()
    world.need(state)
    round_ = world.round()
    client = world.client(world.coordinator())
    client.get(path(round_))
    client.get(path(round_))
    looks = select(AuditEntry).where(AuditEntry.tag == Tag.RECORD_LOOKED_AT)
    entry = db.session.scalars(looks).one()
    assert [found.state_id for found in entry.states] == [state.id]


def test_the_page_of_a_round_takes_as_many_statements_for_193_states_as_for_one(
    world: World,
) -> None:
    round_ = world.round()
    address = path(round_)
    first = world.state()
    world.need(first)
    world.focal_point(first)
    client = world.client(world.coordinator())
    client.get(address)
    with statements() as for_one:
        client.get(address)
    for number in range(192):
        state = world.state()
        world.need(state) if number % 2 else world.offer(state)
        world.focal_point(state)
    client.get(address)
    with statements() as for_all:
        page = client.get(address)
    assert "193 States in this list." in text_of(page.get_data(as_text=True))
    assert len(table_rows(page.get_data(as_text=True))) == 20
    last = client.get(f"{address}?page=10")
    assert len(table_rows(last.get_data(as_text=True))) == 193 - 9 * 20
    assert len(for_all) == len(for_one)
    assert len(for_all) <= 12
