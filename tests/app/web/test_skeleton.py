"""The bare site stands on both databases."""

from __future__ import annotations

from tests.world import World


def test_start_page_and_health(world: World) -> None:
    client = world.client()
    assert client.get("/").status_code == 200
    assert client.get("/healthz").data == b"ok\n"


def test_a_foreign_host_is_refused(world: World) -> None:
    assert world.client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_needs_ask_for_a_sign_in(world: World) -> None:
    answer = world.client().get("/needs")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/needs"
