"""How often somebody may try; a forged address of origin changes nothing."""

from __future__ import annotations

from app.accounts.models import Role
from tests.app.accounts.people import (
    OTHER_PASSWORD,
    PASSWORD,
    code_of,
    is_signed_in,
    sign_in,
    with_app,
    with_password,
)
from tests.pages import token_on
from tests.world import World


def _try(world: World, email: str, times: int, **headers: str) -> list[int]:
    client = world.client()
    token = token_on(client.get("/sign-in"))
    found = []
    for number in range(times):
        forged = {name.replace("_", "-"): value.format(number) for name, value in headers.items()}
        data = {"csrf_token": token, "email": email, "password": OTHER_PASSWORD}
        found.append(client.post("/sign-in", data=data, headers=forged).status_code)
    return found


def test_passwords_can_be_tried_a_few_times_only(limited: World) -> None:
    person = with_password(limited, Role.FOCAL_POINT)
    assert _try(limited, person.email, 11) == [422] * 10 + [429]
    assert sign_in(limited.client(), person).status_code == 429


def test_the_limit_is_the_same_for_unknown_addresses_and_other_spellings(limited: World) -> None:
    assert _try(limited, "nobody@example.org", 6) == [422] * 6
    assert _try(limited, " NOBODY@example.org", 5) == [422] * 4 + [429]


def test_a_forged_address_of_origin_changes_nothing(limited: World) -> None:
    forged = {
        "X_Forwarded_For": "10.0.0.{}",
        "Forwarded": "for=10.0.0.{}",
        "X_Real_IP": "10.0.0.{}",
    }
    assert _try(limited, "nobody@example.org", 11, **forged) == [422] * 10 + [429]


def test_one_person_tried_too_often_keeps_nobody_else_out(limited: World) -> None:
    _try(limited, "nobody@example.org", 11)
    person = with_password(limited, Role.FOCAL_POINT)
    assert sign_in(limited.client(), person).status_code == 303


def test_many_addresses_from_one_place_are_limited_too(limited: World) -> None:
    client = limited.client()
    token = token_on(client.get("/sign-in"))
    statuses = [
        client.post(
            "/sign-in",
            data={"csrf_token": token, "email": f"n{number}@example.org", "password": "x"},
        ).status_code
        for number in range(61)
    ]
    assert statuses == [422] * 60 + [429]


def test_codes_can_be_guessed_a_few_times_only_even_with_new_sessions(limited: World) -> None:
    """The count belongs to the person: a second browser with the right password gains nothing."""
    person = with_password(limited, Role.FOCAL_POINT)
    secret = with_app(person)
    statuses = []
    for _ in range(3):
        client = limited.client()
        sign_in(client, person)
        token = token_on(client.get("/sign-in/code"))
        for number in range(4):
            data = {"csrf_token": token, "code": f"{number:06}"}
            statuses.append(client.post("/sign-in/code", data=data).status_code)
    assert statuses == [422] * 10 + [429] * 2
    assert (
        client.post(
            "/sign-in/code", data={"csrf_token": token, "code": code_of(secret)}
        ).status_code
        == 429
    )
    assert not is_signed_in(client)


def test_resets_are_limited_for_each_address(limited: World) -> None:
    client = limited.client()
    statuses = [
        client.send("/forgotten-password", email="nobody@example.org").status_code for _ in range(6)
    ]
    assert statuses == [303] * 5 + [429]


def test_trying_links_is_limited(limited: World) -> None:
    client = limited.client()
    token = token_on(client.get("/sign-in"))
    statuses = {
        client.post(f"/invitation/{number:032x}", data={"csrf_token": token}).status_code
        for number in range(30)
    }
    assert statuses == {410}
    last = client.post("/invitation/" + "f" * 32, data={"csrf_token": token})
    assert last.status_code == 429


def test_confirming_the_password_is_limited(limited: World) -> None:
    person = with_password(limited, Role.FOCAL_POINT)
    client = limited.client(person)
    statuses = [
        client.send("/account/confirm", password=OTHER_PASSWORD).status_code for _ in range(10)
    ]
    assert statuses == [422] * 10
    assert client.send("/account/confirm", password=PASSWORD).status_code == 429
