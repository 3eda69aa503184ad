"""Every route, found by walking the map: a new page is covered the moment it exists."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter
from werkzeug.routing import Rule as Route

from app.accounts.access import rule_of
from tests.world import World

# The only pages that answer without a sign-in, and why.
PUBLIC = {
    "home.index": "the welcome page",
    "home.health": "asked by a supervisor whether the site is ready",
    "home.set_language": "a reader chooses a language before signing in",
    "home.privacy": "says to everyone what is kept and who sees it",
    "home.about": "the welcome page again, for somebody who is signed in",
    "home.favicon": "asked by browsers",
    "accounts.sign_in": "the door",
    "accounts.code": "the second step of the door",
    "accounts.forgotten": "for somebody who can't sign in",
    "accounts.forgotten_sent": "the same answer for known and unknown addresses",
    "accounts.reset": "opened from the mail by somebody who can't sign in",
    "accounts.new_email": "opened from the mail sent to a new address",
    "accounts.invitation": "opened from the mail by somebody who has no password yet",
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def routes(app: Flask) -> list[Route]:
    return list(app.url_map.iter_rules())


def address(route: Route) -> str:
    """The route's address with a public id that belongs to nothing."""
    return str(route.rule.split("<")[0]) if not route.arguments else _filled(route)


def _filled(route: Route) -> str:
    fixed = dict(route.defaults or {})
    values = {name: _nothing(route, name) for name in route.arguments - fixed.keys()}
    _, address = route.build({**values, **fixed}) or ("", "")
    assert address, route
    return address


def _nothing(route: Route, name: str) -> object:
    """A value that fits the place in the address and belongs to nothing."""
    converter = route._converters[name]
    if isinstance(converter, IntegerConverter):
        return 999_999
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return "0" * 32


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    undeclared = {r.endpoint for r in routes(app) if rule_of(app, r.endpoint) is None}
    assert undeclared == set()


def test_only_the_listed_pages_are_public(app: Flask) -> None:
    public = {r.endpoint for r in routes(app) if (rule := rule_of(app, r.endpoint)) and rule.public}
    assert public == PUBLIC.keys()


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


def test_answers_for_signed_in_people_are_not_kept(world: World) -> None:
    answer = world.client(world.focal_point()).get("/needs")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(world: World) -> None:
    policy = world.client().get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
