"""Every route, found by walking the map: a new page is covered the moment it exists."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import Rule as Route

from app.accounts.access import rule_of
from tests.world import World

# The only pages that answer without a sign-in, and why.
PUBLIC = {
    "home.index": "the welcome page",
    "home.health": "asked by a supervisor whether the site is ready",
    "home.set_language": "a reader chooses a language before signing in",
    "home.about": "the welcome page, also for people who are signed in",
    "home.favicon": "a picture that browsers ask for",
    "home.privacy": "says to everyone what is kept and who sees it",
    "accounts.sign_in": "the door",
    "accounts.second_factor_check": "the second step of the door",
    "accounts.forgotten_password": "for somebody who can't sign in",
    "accounts.reset_password": "opened from the mail by somebody who can't sign in",
    "accounts.accept_invitation": "opened from the mail by somebody who has no password yet",
    "demo.step_in": "a demonstration lets everyone step into any role, and exists only there",
    "demo.outbox": "the outbox of a demonstration",
    "demo.mail": "one mail of a demonstration",
    "demo.calendar": "the calendar file of such a mail",
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def routes(app: Flask) -> list[Route]:
    return list(app.url_map.iter_rules())


def address(route: Route) -> str:
    """The route's address with a public id that belongs to nothing."""
    return str(route.rule.split("<")[0]) if not route.arguments else _filled(route)


def _filled(route: Route) -> str:
    text = route.rule
    for part in route.rule.split("<")[1:]:
        inside = part.split(">")[0]
        text = text.replace(f"<{inside}>", "1" if inside.startswith("int:") else "0" * 32)
    return text


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    undeclared = {r.endpoint for r in routes(app) if rule_of(app, r.endpoint) is None}
    assert undeclared == set()


def test_only_the_listed_pages_are_public(app: Flask) -> None:
    public = {r.endpoint for r in routes(app) if (rule := rule_of(app, r.endpoint)) and rule.public}
    assert public <= PUBLIC.keys()


def test_a_visitor_gets_nothing_but_the_door(world: World) -> None:
    client = world.client()
    for route in routes(world.app):
        rule = rule_of(world.app, route.endpoint)
        assert rule is not None
        if rule.public or "GET" not in (route.methods or ()):
            continue
        answer = client.get(address(route))
        assert answer.status_code == 302, route
        assert answer.headers["Location"].startswith("/sign-in"), route


def test_no_post_passes_without_a_token(world: World) -> None:
    people = [None, world.focal_point(), world.coordinator(), world.administrator()]
    for person in people:
        client = world.client(person)
        for route in routes(world.app):
            for method in sorted((route.methods or set()) - SAFE):
                answer = client.open(address(route), method=method)
                assert answer.status_code in (302, 400, 404, 405), (person, route, method)
                if answer.status_code == 302:
                    assert answer.headers["Location"].startswith("/sign-in"), route


def test_a_thing_that_is_not_there_is_not_found_for_everybody(world: World) -> None:
    for person in (world.focal_point(), world.coordinator(), world.administrator()):
        client = world.client(person)
        for route in routes(world.app):
            rule = rule_of(world.app, route.endpoint)
            if rule is None or rule.public or not route.arguments:
                continue
            if "GET" in (route.methods or ()):
                assert client.get(address(route)).status_code == 404, route


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_every_page_without_arguments_is_whole_in_every_language(
    world: World, language: str
) -> None:
    people = [world.focal_point(), world.coordinator(), world.administrator()]
    seen = set()
    for person in people:
        client = world.client(person, language=language)
        for route in routes(world.app):
            if route.arguments or "GET" not in (route.methods or ()):
                continue
            answer = client.get(address(route))
            assert answer.status_code in (200, 302, 303, 404), (route, answer.status_code)
            if answer.status_code == 200:
                seen.add(route.endpoint)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                assert f'lang="{language}"' in answer.get_data(as_text=True)
    declared = {
        r.endpoint for r in routes(world.app) if not r.arguments and "GET" in (r.methods or ())
    }
    assert declared - seen <= {"accounts.second_factor_check", "accounts.sign_in"}


def test_answers_for_signed_in_people_are_not_kept(world: World) -> None:
    answer = world.client(world.focal_point()).get("/needs")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(world: World) -> None:
    policy = world.client().get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
