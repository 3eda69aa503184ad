"""Setting up the second factor, who must, and proving oneself again."""

from __future__ import annotations

import re
import time

from app.accounts.models import Role, User
from app.extensions import db
from tests.app.accounts.people import (
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    is_signed_in,
    mails,
    sign_in,
    with_app,
    with_password,
)
from tests.pages import text_of, token_on
from tests.world import World


def test_whoever_sees_confidential_data_sets_it_up_first(world: World) -> None:
    for role, path in (
        (Role.PROGRAMME_COORDINATOR, "/rounds"),
        (Role.ADMINISTRATOR, "/people"),
        (Role.ADMINISTRATOR, "/trail"),
        (Role.REGION_COORDINATOR, "/"),
    ):
        person = with_password(world, role)
        client = world.client()
        sign_in(client, person)
        assert client.get(path).headers["Location"] == "/account/second-factor"
        assert client.get("/account/second-factor").status_code == 200
        with_app(person)
        assert world.client(person).get(path).status_code == 200


def test_an_app_is_set_up_with_a_picture_a_key_and_a_code(world: World) -> None:
    person = with_password(world, Role.PROGRAMME_COORDINATOR)
    client = world.client()
    sign_in(client, person)
    answer = client.send("/account/second-factor/begin", "/account/second-factor")
    assert answer.headers["Location"] == "/account/second-factor"
    page = client.get("/account/second-factor").get_data(as_text=True)
    assert 'src="data:image/svg+xml;base64,' in page
    key = re.search(r"<code>([A-Z2-7-]+)</code>", page)
    assert key is not None
    with client.session_transaction() as session:
        secret = session["pending_secret"]
        assert key.group(1).replace("-", "") not in str(dict(session))
    wrong = client.send("/account/second-factor/confirm", "/account/second-factor", code="000000")
    assert wrong.status_code == 422
    assert db.session.get_one(User, person.id).tf_primary_method is None
    shown = client.send(
        "/account/second-factor/confirm", "/account/second-factor", code=code_of(secret)
    )
    assert shown.status_code == 200
    codes = re.findall(r"\b[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}\b", shown.get_data(as_text=True))
    assert len(codes) == 10
    assert is_signed_in(client)
    again = client.get("/account/second-factor").get_data(as_text=True)
    assert not any(code in again for code in codes)
    assert "10 recovery codes are left" in text_of(again)
    assert client.get("/rounds").status_code == 200
    assert mails()[-1].subject == "Your second factor for Tandem was changed"
    db.session.expire_all()
    stored = db.session.get_one(User, person.id).tf_totp_secret
    assert stored is not None
    assert key.group(1).replace("-", "") not in stored


def test_setting_it_up_ends_the_other_sessions(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    here, there = world.client(), world.client()
    sign_in(here, person)
    sign_in(there, person)
    here.send("/account/second-factor/begin", "/account/second-factor")
    with here.session_transaction() as session:
        secret = session["pending_secret"]
    here.send("/account/second-factor/confirm", "/account/second-factor", code=code_of(secret))
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_new_recovery_codes_replace_the_old_ones(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    with_app(person)
    client = world.client(person)
    found = re.compile(r"\b[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}\b")
    first = client.send("/account/second-factor/codes", "/account/second-factor")
    second = client.send("/account/second-factor/codes", "/account/second-factor")
    old = found.findall(first.get_data(as_text=True))
    new = found.findall(second.get_data(as_text=True))
    assert (len(old), len(new)) == (10, 10)
    assert not set(old) & set(new)
    other = world.client()
    sign_in(other, person)
    assert other.send("/sign-in/code", code=old[0]).status_code == 422
    assert other.send("/sign-in/code", code=new[0]).status_code == 303


def test_it_can_be_switched_off_only_where_no_role_needs_it(world: World) -> None:
    free = with_password(world, Role.FOCAL_POINT)
    bound = with_password(world, Role.PROGRAMME_COORDINATOR)
    for person in (free, bound):
        with_app(person)
    client = world.client(free)
    answer = client.send("/account/second-factor/off", "/account/second-factor")
    assert answer.status_code == 303
    assert is_signed_in(client)
    answer = world.client(bound).send("/account/second-factor/off", "/account/second-factor")
    assert answer.status_code == 409
    db.session.expire_all()
    assert db.session.get_one(User, free.id).tf_primary_method is None
    assert db.session.get_one(User, bound.id).tf_primary_method == "authenticator"


# Proving oneself again


def _tire(client: object) -> None:
    """As if the password had been given twenty minutes ago."""
    with client.session_transaction() as session:  # type: ignore[attr-defined]
        session["fs_paa"] = time.time() - 1200
        session.pop("confirmed", None)


def test_a_page_asks_for_the_password_again_and_leads_on(world: World) -> None:
    client = world.client(with_password(world, Role.FOCAL_POINT))
    assert client.get("/account/e-mail").status_code == 200
    _tire(client)
    answer = client.get("/account/e-mail")
    assert answer.headers["Location"] == "/account/confirm?next=/account/e-mail"
    wrong = client.send(answer.headers["Location"], password=OTHER_PASSWORD, next="/account/e-mail")
    assert wrong.status_code == 422
    assert client.get("/account/e-mail").status_code == 303
    right = client.send(answer.headers["Location"], password=PASSWORD, next="/account/e-mail")
    assert right.headers["Location"] == "/account/e-mail"
    assert client.get("/account/e-mail").status_code == 200


def test_a_sent_form_is_kept_while_the_password_is_asked_for(world: World) -> None:
    client = world.client(with_password(world, Role.FOCAL_POINT))
    _tire(client)
    asked = client.send("/account/e-mail", "/account", email="new@example.org")
    assert asked.status_code == 422
    page = asked.get_data(as_text=True)
    assert '<input type="hidden" name="email" value="new@example.org">' in page
    assert mails() == []
    wrong = client.send(
        "/account/e-mail", "/account", email="new@example.org", password_again=OTHER_PASSWORD
    )
    assert "not your present password" in text_of(wrong.get_data(as_text=True))
    assert mails() == []
    right = client.send(
        "/account/e-mail", "/account", email="new@example.org", password_again=PASSWORD
    )
    assert right.status_code == 303
    assert [mail.recipient for mail in mails()] == ["new@example.org"]


def test_confirming_leads_nowhere_else(world: World) -> None:
    client = world.client(with_password(world, Role.FOCAL_POINT))
    answer = client.send("/account/confirm", password=PASSWORD, next="//evil.example")
    assert answer.headers["Location"] == "/"


# One's own account


def test_settings_are_kept(world: World) -> None:
    person = world.focal_point()
    client = world.client(person)
    answer = client.send("/account", name="Ana  Lima", language="es", zone="America/Lima")
    assert answer.status_code == 303
    db.session.expire_all()
    person = db.session.get_one(User, person.id)
    assert (person.name, person.language, person.zone) == ("Ana Lima", "es", "America/Lima")
    assert 'lang="es"' in client.get("/account").get_data(as_text=True)


def test_settings_that_do_not_exist_are_refused_and_kept_on_the_page(world: World) -> None:
    client = world.client(world.focal_point())
    answer = client.send("/account", name="Ana Lima", language="xx", zone="Mars/Olympus")
    assert answer.status_code == 422
    assert 'value="Ana Lima"' in answer.get_data(as_text=True)


def test_a_password_is_changed_by_whoever_knows_the_present_one(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    here, there = world.client(), world.client()
    sign_in(here, person)
    sign_in(there, person)
    new = {"password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    assert here.send("/account/password", present="not this one", **new).status_code == 422
    assert is_signed_in(there)
    assert here.send("/account/password", present=PASSWORD, **new).status_code == 303
    assert is_signed_in(here)
    assert not is_signed_in(there)
    person = db.session.get_one(User, person.id)
    assert sign_in(there, person, OTHER_PASSWORD).status_code == 303


# What somebody at a desk left open must not do: change who one is, or what others may do.
ASKED_AGAIN = {
    "accounts.email",
    "accounts.begin_second_factor",
    "accounts.confirm_second_factor",
    "accounts.renew_codes",
    "accounts.second_factor_off",
    "accounts.invite",
    "accounts.person_roles",
    "accounts.end_access",
    "accounts.give_access_back",
    "accounts.remove_second_factor",
    "accounts.invite_colleague",
    "accounts.end_colleague",
}


def test_what_changes_who_somebody_is_asks_for_the_password_again(world: World) -> None:
    """Each of them, sent with the token of a page and a password given too long ago."""
    other = with_password(world, Role.COLLEAGUE)
    focal = with_password(world, Role.FOCAL_POINT)
    other.state_id = focal.state_id
    administrator = with_password(world, Role.ADMINISTRATOR)
    with_app(administrator)
    db.session.commit()
    asked = set()
    for person in (focal, administrator):
        client = world.client(person)
        _tire(client)
        token = token_on(client.get("/account"))
        for route in world.app.url_map.iter_rules():
            if route.endpoint not in ASKED_AGAIN:
                continue
            values = dict.fromkeys(route.arguments, other.public_id)
            _, path = route.build(values) or ("", "")
            answer = client.post(path, data={"csrf_token": token, "email": "new@example.org"})
            if answer.status_code == 404:
                # Not for this role.
                continue
            assert answer.status_code == 422, route.endpoint
            assert 'name="password_again"' in answer.get_data(as_text=True), route.endpoint
            asked.add(route.endpoint)
    assert asked == ASKED_AGAIN


def test_it_is_offered_to_everybody(world: World) -> None:
    for role in Role:
        person = with_password(world, role)
        client = world.client()
        sign_in(client, person)
        page = client.get("/account/second-factor").get_data(as_text=True)
        assert 'action="/account/second-factor/begin"' in page, role
