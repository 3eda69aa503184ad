"""Four people to step into, a bar on every page, an outbox; and none of it anywhere else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app import notices
from app.accounts.models import User
from app.audit import Tag
from app.audit.models import AuditEntry
from app.database import now
from app.demo.personas import Persona, persona_email
from app.extensions import db
from app.notices import Mail
from tests.app.demo.conftest import browser, step_in
from tests.pages import parse, text_of, token_on
from tests.statements import statements
from tests.world import World

LABEL = "Demonstration: invented names and data on real geography"


def words_of(app: Flask, path: str, *, persona: str | None = None) -> str:
    client = browser(app)
    if persona:
        step_in(client, persona)
    answer = client.get(path)
    assert answer.status_code == 200, path
    return text_of(answer.get_data(as_text=True))


def write_mail(to: str = "somebody@niteradia.example", **changes: object) -> str:
    mail = Mail(
        message_id=f"<{now().timestamp()}@localhost>",
        recipient=to,
        language=changes.pop("language", "en"),
        subject=changes.pop("subject", "A proposal for you"),
        text=changes.pop("text", "See http://localhost/proposals.\n"),
        **changes,
    )
    db.session.add(mail)
    db.session.commit()
    return str(mail.public_id)


@pytest.mark.parametrize("persona", list(Persona))
def test_one_click_makes_the_newcomer_somebody(demo: Flask, persona: Persona) -> None:
    client = browser(demo)
    step_in(client, persona)
    page = client.get("/").get_data(as_text=True)
    user = (
        db.session.scalars(select(User).where(User.email == persona_email(persona))).unique().one()
    )
    assert f"You are now {user.name}, an invented person." in text_of(page)
    pressed = [b for b in parse(page).iter("button") if b.get("aria-current") == "true"]
    chips = [b for b in pressed if "demo-chip" in (b.get("class") or "")]
    assert len(chips) == 1
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.tag == Tag.ACCOUNT_SIGNED_IN)
    ).one()
    assert (entry.actor, entry.facts) == (user.pseudonym, {"demonstration": True})


def test_the_bar_shows_who_the_newcomer_is(demo: Flask) -> None:
    client = browser(demo)
    labels = []
    for persona in ("mentee", "mentor"):
        step_in(client, persona)
        tree = parse(client.get("/about").get_data(as_text=True))
        labels += [
            "".join(button.itertext()).strip()
            for button in tree.iter("button")
            if button.get("aria-current") == "true" and button.get("class") == "demo-chip"
        ]
    assert labels == ["Mentee: Niteradia", "Mentor: Zurvalor"]


def test_stepping_in_keeps_the_language_of_the_reader(demo: Flask) -> None:
    client = browser(demo)
    client.get("/", headers={"Accept-Language": "ar"})
    page = client.get("/about", headers={"Accept-Language": "ar"})
    client.post(
        "/demo/step-in/mentee",
        data={"csrf_token": token_on(page)},
        headers={"Accept-Language": "ar"},
    )
    assert 'dir="rtl">' in client.get("/").get_data(as_text=True)


def test_stepping_in_needs_a_token_and_a_known_role(demo: Flask) -> None:
    client = browser(demo)
    assert client.post("/demo/step-in/mentee").status_code == 400
    assert client.send("/demo/step-in/emperor", page="/about").status_code == 404
    assert client.get("/demo/step-in/mentee").status_code == 405
    assert client.get("/needs").status_code == 302


def test_a_role_whose_access_was_ended_is_not_stepped_into(demo: Flask) -> None:
    user = (
        db.session.scalars(select(User).where(User.email == persona_email(Persona.MENTOR)))
        .unique()
        .one()
    )
    user.active = False
    db.session.commit()
    client = browser(demo)
    answer = client.send("/demo/step-in/mentor", page="/about")
    assert answer.status_code == 303
    assert "This role is not there any more." in text_of(client.get("/").get_data(as_text=True))


def test_who_is_stepped_into_stays_who_they_are(demo: Flask) -> None:
    """An administrator trying things out can't close the door that others come in by."""
    administrator = browser(demo)
    step_in(administrator, "administrator")
    for persona in (Persona.MENTEE, Persona.COORDINATOR):
        user = (
            db.session.scalars(select(User).where(User.email == persona_email(persona)))
            .unique()
            .one()
        )
        page = f"/people/{user.public_id}"
        said = administrator.get(page).get_data(as_text=True)
        assert "Everybody who tries this demonstration steps into this person" in said
        assert f"{page}/end" not in said
        token = token_on(administrator.get("/people"))
        ended = administrator.post(f"{page}/end", data={"csrf_token": token})
        assert ended.status_code == 409
        assert "Everybody who tries this demonstration" in ended.get_data(as_text=True)
        roles = administrator.send(f"{page}/roles", roles=["region_coordinator"], region="weog")
        assert roles.status_code == 422
        assert "Everybody who tries this demonstration" in roles.get_data(as_text=True)
    moved = administrator.send("/account/e-mail", email="elsewhere@example.org")
    assert moved.status_code == 422
    for persona in Persona:
        step_in(browser(demo), persona)


def test_every_page_says_that_this_is_a_demonstration(demo: Flask) -> None:
    for persona in (None, *Persona):
        client = browser(demo)
        if persona:
            step_in(client, persona)
        for route in demo.url_map.iter_rules():
            if route.arguments or "GET" not in (route.methods or ()):
                continue
            answer = client.get(route.rule)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                assert LABEL in text_of(answer.get_data(as_text=True)), (persona, route)
    missing = browser(demo).get("/nothing-here")
    assert (missing.status_code, LABEL in text_of(missing.get_data(as_text=True))) == (404, True)


def test_the_outbox_shows_mails_newest_first_and_finds_a_recipient(demo: Flask) -> None:
    client = browser(demo)
    assert "Nothing has been written yet" in text_of(
        client.get("/demo/outbox").get_data(as_text=True)
    )
    write_mail(subject="The first")
    write_mail(subject="The second", to="ana@zurvalor.example")
    tree = parse(client.get("/demo/outbox").get_data(as_text=True))
    assert ["".join(a.itertext()) for a in tree.findall(".//th/a")] == ["The second", "The first"]
    tree = parse(client.get("/demo/outbox?to=ZURVALOR").get_data(as_text=True))
    assert ["".join(a.itertext()) for a in tree.findall(".//th/a")] == ["The second"]
    assert "No mail to such an address" in words_of(demo, "/demo/outbox?to=%25")


def test_the_outbox_has_pages_of_the_same_cost(demo: Flask) -> None:
    client = browser(demo)
    client.get("/demo/outbox")
    costs = []
    for number in (1, 60):
        for _ in range(number):
            write_mail()
        with statements() as sent:
            client.get("/demo/outbox")
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 3
    tree = parse(client.get("/demo/outbox?page=3").get_data(as_text=True))
    assert len(tree.findall(".//tbody/tr")) == 61 - 2 * 25


def test_a_mail_is_read_in_its_own_language_and_direction(demo: Flask) -> None:
    public_id = write_mail(language="ar", subject="اقتراح", text="مرحبا <b>")
    tree = parse(browser(demo).get(f"/demo/outbox/{public_id}").get_data(as_text=True))
    heading = next(iter(tree.iter("h1")))
    assert (heading.get("lang"), heading.get("dir"), heading.text) == ("ar", "rtl", "اقتراح")
    body = next(e for e in tree.iter("div") if e.get("class") == "user-text")
    assert (body.get("lang"), body.get("dir"), body.text) == ("ar", "rtl", "مرحبا <b>\n".strip())


def test_links_of_a_mail_lead_into_the_site_and_nowhere_else(demo: Flask) -> None:
    public_id = write_mail(
        text="Open http://localhost/proposals?x=1. Not http://localhost.evil.example/a, nor "
        "https://evil.example/b.\n"
    )
    tree = parse(browser(demo).get(f"/demo/outbox/{public_id}").get_data(as_text=True))
    body = next(e for e in tree.iter("div") if e.get("class") == "user-text")
    assert [a.get("href") for a in body.iter("a")] == ["/proposals?x=1"]


def test_the_calendar_of_a_mail_is_a_download(demo: Flask) -> None:
    client = browser(demo)
    with_call = write_mail(calendar=b"BEGIN:VCALENDAR\r\n")
    answer = client.get(f"/demo/outbox/{with_call}/invitation.ics")
    assert (answer.data, answer.mimetype) == (b"BEGIN:VCALENDAR\r\n", "text/calendar")
    assert answer.headers["Content-Disposition"] == "attachment; filename=invitation.ics"
    assert client.get(f"/demo/outbox/{write_mail()}/invitation.ics").status_code == 404
    assert client.get(f"/demo/outbox/{'0' * 32}").status_code == 404


def test_mail_of_a_demonstration_is_handed_to_nobody(demo: Flask) -> None:
    write_mail()
    assert notices.deliver_due() == 1
    assert demo.config["MAIL_SERVER"] == ""


def test_elsewhere_there_is_neither_outbox_nor_stepping_in(world: World) -> None:
    client = world.client()
    for path in ("/demo/outbox", f"/demo/outbox/{'0' * 32}"):
        assert client.get(path).status_code == 404
    assert client.send("/demo/step-in/mentee", page="/").status_code == 404
    page = client.get("/").get_data(as_text=True)
    assert "demo-bar" not in page
    assert "emonstration" not in page
