"""What a State says of its mechanism."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.extensions import db
from app.membership import catalogue
from app.membership.languages import code_of
from app.membership.models import LanguageLevel, State
from app.membership.queries import addressees
from tests.pages import text_of
from tests.statements import statements
from tests.world import World

CHANGE = "/our-state/change"


def fields_of(state: State, **changes: Any) -> dict[str, Any]:
    """What the form would send for a State that changes nothing, but for ``changes``."""
    fields: dict[str, Any] = {
        "version": str(state.version),
        "zone": state.zone,
        "context": state.context,
        "sub_networks": state.sub_networks,
        "mailbox": "",
    }
    for number, row in enumerate(state.languages):
        fields[f"known-{number}-code"] = row.code
        fields[f"known-{number}-level"] = row.level
    for number in range(3):
        fields[f"further-{number}-name"] = ""
        fields[f"further-{number}-level"] = "work"
    return {**fields, **changes}


def fresh(state: State) -> State:
    return db.session.get_one(State, state.id, populate_existing=True)


def languages_of(state: State) -> dict[str, str]:
    db.session.expire_all()
    return {row.code: row.level for row in fresh(state).languages}


def test_any_language_can_be_declared(world: World) -> None:
    state = world.state(languages={"en": LanguageLevel.LEAD})
    client = world.client(world.focal_point(state))
    answer = client.send(
        CHANGE,
        **fields_of(
            state,
            **{
                "further-0-name": "Swahili",
                "further-0-level": "lead",
                "further-1-name": "português",
                "further-1-level": "follow",
                "further-2-name": "dz",
            },
        ),
    )
    assert answer.status_code == 303
    assert languages_of(state) == {"en": "lead", "sw": "lead", "pt": "follow", "dz": "work"}


def test_a_language_nobody_knows_is_pointed_out_and_kept(world: World) -> None:
    state = world.state()
    client = world.client(world.focal_point(state))
    answer = client.send(CHANGE, **fields_of(state, **{"further-1-name": "Blablaish"}))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "This language is not known." in page
    assert 'value="Blablaish"' in page
    assert languages_of(state) == {"en": "lead"}


def test_a_language_without_a_level_is_no_longer_declared(world: World) -> None:
    state = world.state(languages={"en": LanguageLevel.LEAD, "fr": LanguageLevel.WORK})
    client = world.client(world.focal_point(state))
    client.send(CHANGE, **fields_of(state, **{"known-1-level": ""}))
    assert languages_of(state) == {"en": "lead"}


def test_a_level_of_no_language_is_refused_and_the_page_still_comes(world: World) -> None:
    """A row without its code was named before anything had looked whether it has one."""
    state = world.state(languages={"en": LanguageLevel.LEAD})
    client = world.client(world.focal_point(state))
    answer = client.send(CHANGE, **fields_of(state, **{"known-1-level": "nonsense"}))
    assert answer.status_code == 422
    assert languages_of(state) == {"en": "lead"}


def test_languages_on_public_record_are_offered_and_not_declared(world: World) -> None:
    state = world.state(languages={})
    state.code = "KEN"
    db.session.commit()
    client = world.client(world.focal_point(state))
    page = " ".join(client.get(CHANGE).get_data(as_text=True).split())
    assert "A suggestion from public records" in page
    assert 'name="known-0-code" value="sw"' in page
    assert 'name="known-1-code" value="en"' in page
    fields = {"known-0-code": "sw", "known-0-level": "lead", "known-1-code": "en"}
    answer = client.send(CHANGE, **fields_of(state, **fields, **{"known-1-level": ""}))
    assert answer.status_code == 303
    assert languages_of(state) == {"sw": "lead"}


def test_everything_else_is_kept_too(world: World) -> None:
    state = world.state()
    client = world.client(world.focal_point(state))
    answer = client.send(
        CHANGE,
        **fields_of(
            state,
            name_en=" Inter-ministerial committee ",
            name_ar="لجنة وزارية",
            zone="Europe/Paris",
            context=["sids", "federal"],
            sub_networks=["oif", "au"],
            mailbox="nmirf@example.org",
        ),
    )
    assert answer.status_code == 303
    state = fresh(state)
    assert state.mechanism_names == {"en": "Inter-ministerial committee", "ar": "لجنة وزارية"}
    assert state.zone == "Europe/Paris"
    assert state.context == ["federal", "sids"]
    assert state.sub_networks == ["au", "oif"]
    assert state.roster_entry is not None
    assert state.roster_entry.mailbox == "nmirf@example.org"
    page = text_of(client.get("/our-state").get_data(as_text=True))
    assert "Inter-ministerial committee" in page
    assert "African Union" in page


def test_saving_the_same_again_leaves_no_trace(world: World) -> None:
    state = world.state(sub_networks=["oif", "au"])
    client = world.client(world.focal_point(state))
    assert client.send(CHANGE, **fields_of(state)).status_code == 303
    assert fresh(state).version == 1
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_the_second_of_two_people_sees_what_the_first_saved(world: World) -> None:
    state = world.state()
    first = world.client(world.focal_point(state))
    second = world.client(world.person(Role.ALTERNATE, state=state))
    seen = fields_of(state)
    # A language stands in another table and counts as a change all the same.
    saved = first.send(CHANGE, **{**seen, "further-0-name": "Khmer"})
    assert saved.status_code == 303
    late = second.send(CHANGE, **{**seen, "name_en": "Ours", "further-0-name": "Lao"})
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Khmer (can work)" in text_of(page)
    assert 'value="Lao"' in page
    assert 'value="Ours"' in page
    assert languages_of(state) == {"en": "lead", "km": "work"}


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "", "Etc/GMT+3"])
def test_a_zone_that_does_not_exist_is_refused(world: World, zone: str) -> None:
    state = world.state()
    client = world.client(world.focal_point(state))
    assert client.send(CHANGE, **fields_of(state, zone=zone)).status_code == 422
    assert fresh(state).zone == "Africa/Nairobi"


def test_a_colleague_reads_and_does_not_change(world: World) -> None:
    state = world.state()
    client = world.client(world.person(Role.COLLEAGUE, state=state))
    page = client.get("/our-state").get_data(as_text=True)
    assert state.name in page
    assert CHANGE not in page
    assert client.get(CHANGE).status_code == 404
    answer = client.send(CHANGE, "/needs/new", **fields_of(state, name_en="Mine"))
    assert answer.status_code == 404
    assert fresh(state).mechanism_names == {}


def test_each_sees_the_own_state_only(world: World) -> None:
    mine, theirs = world.state("Mineland"), world.state("Theirland")
    theirs.mechanism_names = {"en": "Their own committee"}
    db.session.commit()
    owner = world.client(world.focal_point(theirs)).get("/our-state")
    assert "Their own committee" in owner.get_data(as_text=True)
    other = world.client(world.focal_point(mine)).get("/our-state").get_data(as_text=True)
    assert "Mineland" in other
    assert "Theirland" not in other
    assert "Their own committee" not in other


def test_who_is_not_on_the_roster_is_told_how_to_join(world: World) -> None:
    state = world.state(status=None)
    client = world.client(world.focal_point(state))
    page = client.get("/our-state").get_data(as_text=True)
    assert "Your State is not on the roster yet" in page
    assert 'href="/how-to-join"' in page
    assert 'name="mailbox"' not in client.get(CHANGE).get_data(as_text=True)


def test_the_pages_in_arabic(world: World) -> None:
    state = world.state(sub_networks=["las"], names={"ar": "أرض الاختبار"})
    client = world.client(world.focal_point(state, language="ar"), language="ar")
    page = client.get("/our-state").get_data(as_text=True)
    assert 'dir="rtl">' in page
    for words in ("أرض الاختبار", "الإنجليزية", "الدول الأفريقية", "نيروبي"):
        assert words in page
    assert "السواحلية" in client.get(CHANGE).get_data(as_text=True)


def test_the_pages_ask_the_database_as_often_for_many_languages(world: World) -> None:
    def count(languages: dict[str, LanguageLevel]) -> int:
        client = world.client(world.focal_point(world.state(languages=languages)))
        db.session.expunge_all()
        with statements() as sent:
            assert client.get("/our-state").status_code == 200
            assert client.get(CHANGE).status_code == 200
        return len(sent)

    few = count({"en": LanguageLevel.LEAD})
    assert count(dict.fromkeys(("en", "fr", "sw", "ar", "pt"), LanguageLevel.WORK)) == few
    assert few <= 24


def test_mail_to_a_state_goes_to_its_speakers_and_its_mailbox(world: World) -> None:
    state = world.state(languages={"fr": LanguageLevel.LEAD, "sw": LanguageLevel.LEAD})
    assert state.roster_entry is not None
    state.roster_entry.mailbox = "office@example.org"
    world.focal_point(state, email="fp@example.org", language="es")
    world.person(Role.ALTERNATE, state=state, email="alt@example.org", language="ar")
    world.person(Role.COLLEAGUE, state=state, email="colleague@example.org")
    world.focal_point(state, email="left@example.org").active = False
    db.session.commit()
    world.focal_point(email="elsewhere@example.org")
    found = [(one.to, one.language) for one in addressees([state])[state.id]]
    assert found == [
        ("fp@example.org", "es"),
        ("alt@example.org", "ar"),
        ("office@example.org", "fr"),
    ]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("French", "fr"),
        ("français", "fr"),
        ("FRANCAIS", "fr"),
        (" الفرنسية ", "fr"),
        ("sw", "sw"),
        ("und", None),
        ("", None),
        ("no such language", None),
    ],
)
def test_a_language_is_understood_however_it_is_named(
    app: Flask, typed: str, code: str | None
) -> None:
    with app.test_request_context():
        assert code_of(typed) == code


def test_every_theme_stands_under_one_heading_and_has_seven_titles(app: Flask) -> None:
    under = [code for _, codes in catalogue.THEME_HEADINGS for code in codes]
    assert under == [theme.code for theme in catalogue.themes()]
    for named in (*catalogue.themes(), *catalogue.sub_networks(), *catalogue.regional_groups()):
        assert set(named.names) == {"en", "fr", "es", "pt", "ar", "ru", "zh"}
