"""Signing in: equal answers, sessions that begin anew and end for good, doors that stay shut."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import select

from app.accounts import passwords
from app.accounts.models import Role, User
from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.extensions import db
from tests.app.accounts.conftest import TlsClient
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


def test_the_right_password_signs_in_and_leads_where_one_wanted_to_go(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client()
    answer = client.send(
        "/sign-in", "/sign-in?next=/record", email=person.email, password=PASSWORD, next="/record"
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/record")
    assert client.get("/record").status_code == 200
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.tag, entry.actor) == (Tag.ACCOUNT_SIGNED_IN, person.pseudonym)
    assert entry.facts == {"second_factor": False}


def test_the_form_keeps_where_one_wanted_to_go(world: World) -> None:
    page = world.client().get("/sign-in?next=/record").get_data(as_text=True)
    assert '<input type="hidden" name="next" value="/record">' in page


@pytest.mark.parametrize(
    "typed", ["Amina@Example.ORG", " amina@example.org ", "ＡＭＩＮＡ@example.org"]
)
def test_an_address_is_one_however_it_is_typed(world: World, typed: str) -> None:
    with_password(world, Role.FOCAL_POINT, email="amina@example.org")
    client = world.client()
    client.send("/sign-in", email=typed, password=PASSWORD)
    assert is_signed_in(client)


def _refusal(world: World, email: str, password: str = OTHER_PASSWORD) -> tuple[int, str]:
    answer = world.client().send("/sign-in", email=email, password=password)
    return answer.status_code, text_of(answer.get_data(as_text=True))


def test_a_refusal_is_the_same_for_known_and_unknown_addresses(world: World) -> None:
    known = with_password(world, Role.FOCAL_POINT)
    left = with_password(world, Role.FOCAL_POINT, active=False)
    without = world.focal_point(second_factor=False)
    refusal = _refusal(world, "nobody@example.org")
    assert refusal[0] == 422
    assert "do not fit together" in refusal[1]
    assert _refusal(world, known.email) == refusal
    assert _refusal(world, without.email) == refusal
    assert _refusal(world, left.email) == refusal
    assert _refusal(world, left.email, PASSWORD) == refusal


def test_a_refusal_takes_the_same_work_for_known_and_unknown_addresses(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    without = world.focal_point(second_factor=False)
    passwords.matches(None, PASSWORD)

    def fastest(user: User | None) -> float:
        times = []
        for _ in range(7):
            begun = time.process_time()
            assert not passwords.matches(user, OTHER_PASSWORD)
            times.append(time.process_time() - begun)
        return min(times)

    known = fastest(person)
    assert 0.5 < fastest(None) / known < 2
    assert 0.5 < fastest(without) / known < 2


def test_a_password_is_kept_as_argon2_only(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    assert str(person.password).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
    ],
)
def test_nobody_is_sent_elsewhere(world: World, wanted: str) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client()
    page = client.get("/sign-in", query_string={"next": wanted}).get_data(as_text=True)
    assert '<input type="hidden" name="next" value="/">' in page
    answer = client.send("/sign-in", email=person.email, password=PASSWORD, next=wanted)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_whoever_is_signed_in_needs_no_form(world: World) -> None:
    answer = world.client(world.focal_point()).get("/sign-in?next=//evil.example")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_signing_in_needs_the_token_of_the_form(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client()
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 400
    assert not is_signed_in(client)


def test_json_is_no_way_around_the_token(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    answer = world.client().post("/sign-in", json={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 400


def test_a_session_begins_anew_at_sign_in(world: World) -> None:
    """Whoever planted a session in somebody's browser knows nothing of the one that follows."""
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client(language="fr")
    before = token_on(client.get("/sign-in"))
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(client, person)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["lang"] == "fr"
    answer = client.post("/account/sign-out-everywhere", data={"csrf_token": before})
    assert answer.status_code == 400


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client()
    sign_in(client, person)
    kept = client.get_cookie("tandem")
    assert kept is not None
    other = world.client()
    sign_in(other, person)
    assert client.send("/sign-out", "/account").headers["Location"] == "/sign-in"
    assert not is_signed_in(client)
    client.set_cookie("tandem", kept.value)
    assert not is_signed_in(client)
    assert is_signed_in(other)


def test_signing_out_everywhere_ends_every_session(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    here, there = world.client(), world.client()
    sign_in(here, person)
    sign_in(there, person)
    here.send("/account/sign-out-everywhere", "/account")
    assert not is_signed_in(here)
    assert not is_signed_in(there)


def test_a_session_lasts_twelve_hours_however_much_it_is_used(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    client = world.client()
    sign_in(client, person)
    with client.session_transaction() as session:
        session["fs_paa"] = time.time() - 12 * 3600 + 60
    assert is_signed_in(client)
    with client.session_transaction() as session:
        session["fs_paa"] = time.time() - 12 * 3600 - 1
    assert not is_signed_in(client)


def test_cookies_over_tls_belong_to_this_host_alone(tls_client: TlsClient) -> None:
    cookie = tls_client.sign_in()
    name, _, rest = cookie.partition("=")
    flags = {part.strip() for part in rest.split(";")[1:]}
    assert name == "__Host-tandem"
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= flags
    assert not any(flag.startswith("Domain") for flag in flags)


def test_answers_for_people_are_kept_by_nobody(world: World) -> None:
    answer = world.client(world.focal_point()).get("/account")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_no_token_in_a_header_or_an_address_signs_in(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    with world.app.test_request_context():
        token = person.get_auth_token()
    client = world.client()
    assert client.get("/account", headers={"Authentication-Token": token}).status_code == 302
    assert client.get("/account", query_string={"auth_token": token}).status_code == 302


def test_a_lost_role_counts_from_the_next_request(world: World) -> None:
    person = world.administrator()
    client = world.client(person)
    assert client.get("/people").status_code == 200
    person.roles = []
    db.session.commit()
    assert client.get("/people").status_code == 404


def test_ended_access_counts_from_the_next_request(world: World) -> None:
    person = world.focal_point()
    client = world.client(person)
    assert is_signed_in(client)
    person.active = False
    db.session.commit()
    assert not is_signed_in(client)


# The second factor


def test_the_code_of_the_app_is_asked_for(world: World) -> None:
    person = with_password(world, Role.PROGRAMME_COORDINATOR)
    secret = with_app(person)
    client = world.client()
    answer = sign_in(client, person)
    assert answer.headers["Location"] == "/sign-in/code?next=/"
    assert not is_signed_in(client)
    answer = client.send("/sign-in/code", code=code_of(secret))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert is_signed_in(client)


def test_a_code_works_once(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    code = code_of(with_app(person))
    first, second = world.client(), world.client()
    sign_in(first, person)
    sign_in(second, person)
    assert first.send("/sign-in/code", code=code).status_code == 303
    assert second.send("/sign-in/code", code=code).status_code == 422
    assert not is_signed_in(second)


def test_a_recovery_code_works_once_and_its_use_is_told(world: World) -> None:
    from app.accounts import second_factor

    person = with_password(world, Role.FOCAL_POINT)
    with_app(person)
    codes = second_factor.new_recovery_codes(person)
    db.session.commit()
    assert len(set(codes)) == 10
    assert codes[0] not in str(person.mf_recovery_codes)
    client = world.client()
    sign_in(client, person)
    typed = codes[3].upper().replace("-", " ")
    assert client.send("/sign-in/code", code=typed).status_code == 303
    assert is_signed_in(client)
    assert "9 codes are left" in mails()[-1].text
    again = world.client()
    sign_in(again, person)
    assert again.send("/sign-in/code", code=codes[3]).status_code == 422


def test_a_code_without_the_password_leads_back_to_the_password(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    with_app(person)
    answer = world.client().get("/sign-in/code?next=//evil.example")
    assert answer.headers["Location"] == "/sign-in?next=/"


def test_the_time_between_password_and_code_is_short(world: World) -> None:
    person = with_password(world, Role.FOCAL_POINT)
    secret = with_app(person)
    client = world.client()
    sign_in(client, person)
    with client.session_transaction() as session:
        public_id, stamp, since = session["awaiting"]
        session["awaiting"] = [public_id, stamp, since - 601]
    answer = client.send("/sign-in/code", "/sign-in", code=code_of(secret))
    assert answer.headers["Location"].startswith("/sign-in?")
    assert not is_signed_in(client)


def test_a_password_changed_meanwhile_ends_the_wait_for_a_code(world: World) -> None:
    from app.accounts.actions import credentials_changed

    person = with_password(world, Role.FOCAL_POINT)
    secret = with_app(person)
    client = world.client()
    sign_in(client, person)
    credentials_changed(person)
    db.session.commit()
    client.send("/sign-in/code", "/sign-in", code=code_of(secret))
    assert not is_signed_in(client)
