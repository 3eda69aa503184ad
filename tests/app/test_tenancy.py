"""Every route x method x person with somebody else's object: answered exactly like a missing one.

Generated from the map of routes; what is real in each address says tests/app/places.py.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from werkzeug.test import TestResponse

from app.accounts.access import rule_of
from app.accounts.models import LinkPurpose
from tests.app.contents import contents
from tests.app.everything import Everything
from tests.app.places import BY_TOKEN, NOWHERE, PLACES, Place, address, routes_with_arguments
from tests.pages import InspectingClient, parse

GOT = {200, 302, 303}
# A form that is sent as it stands may lack something; to be told so, one must be let in.
DONE = {*GOT, 422}
VARYING = re.compile(r"[0-9a-f]{32}|(?<=name=\"csrf_token\" value=\")[^\"]+")


def test_every_route_with_arguments_has_a_real_object_to_be_tried_with(
    everything: Everything,
) -> None:
    assert PLACES.keys() | BY_TOKEN == routes_with_arguments(everything).keys()


def test_only_links_in_mail_are_public_and_have_arguments(everything: Everything) -> None:
    app = everything.world.app
    public = {
        endpoint
        for endpoint in routes_with_arguments(everything)
        if (rule := rule_of(app, endpoint)) and rule.public
    }
    assert public == BY_TOKEN


@pytest.mark.parametrize(
    ("endpoint", "number"),
    [(endpoint, number) for endpoint in sorted(PLACES) for number in range(len(PLACES[endpoint]))],
)
def test_a_foreign_object_is_answered_like_a_missing_one(
    everything: Everything, endpoint: str, number: int
) -> None:
    e = everything
    place = PLACES[endpoint][number](e)
    methods = routes_with_arguments(e)[endpoint]
    path = address(e, endpoint, place.values)
    _owners_get_it(e, place, endpoint, methods)
    before = contents()
    for name in e.people.keys() - set(place.owners) - set(place.insiders):
        client = e.client(name)
        for method in methods:
            real = _ask(client, method, path)
            assert real.status_code == (302 if name == "visitor" else 404), (name, method)
            for missing in _missing(e, place, endpoint):
                _assert_same(real, _ask(client, method, missing), f"{name} {method}")
    assert contents() == before
    for name in place.insiders:
        if "POST" in methods:
            refused = _ask(e.client(name), "POST", path)
            assert refused.status_code in (200, 403, 404, 409), name
    assert contents() == before
    if "POST" in methods:
        owner = e.client(place.owners[0])
        answer = _press(owner, place.page or path, path)
        assert answer.status_code in DONE, answer.get_data(as_text=True)


def _owners_get_it(e: Everything, place: Place, endpoint: str, methods: set[str]) -> None:
    """Each owner sees the real thing, and gets 404 for one that is missing or misplaced."""
    path = address(e, endpoint, place.values)
    for name in place.owners:
        client = e.client(name)
        if "GET" in methods:
            assert client.get(path).status_code in GOT, name
        for method in methods:
            wrong = [*_missing(e, place, endpoint), *_misplaced(e, place, endpoint)]
            answers = [_ask(client, method, missing) for missing in wrong]
            assert {answer.status_code for answer in answers} == {404}, (name, method)
            for answer in answers:
                _assert_same(answers[0], answer, f"{name} {method}")


def _missing(e: Everything, place: Place, endpoint: str) -> list[str]:
    """The address with each of its objects taken away."""
    return [address(e, endpoint, place.moved(**{name: NOWHERE})) for name in place.ids]


def _misplaced(e: Everything, place: Place, endpoint: str) -> list[str]:
    """A thing of one State under the address of another."""
    if len(place.ids) < 2:
        return []
    return [
        address(e, endpoint, place.moved(state_id=e.other.public_id)),
        address(e, endpoint, place.moved(public_id=e.other_need.public_id)),
    ]


def _ask(client: InspectingClient, method: str, path: str) -> TestResponse:
    if method == "GET":
        return client.get(path)
    return client.open(path, method=method, data={"csrf_token": _token(client)})


def _token(client: InspectingClient) -> str:
    """The token that stands in the language menu of every page."""
    page = client.get("/about").get_data(as_text=True)
    return next(
        str(field.get("value"))
        for field in parse(page).iter("input")
        if field.get("name") == "csrf_token"
    )


def _assert_same(one: TestResponse, other: TestResponse, who: str) -> None:
    assert one.status_code == other.status_code, who
    assert _plain(one.get_data(as_text=True)) == _plain(other.get_data(as_text=True)), who
    assert _headers(one) == _headers(other), who


def _headers(answer: TestResponse) -> dict[str, str]:
    return {
        name: VARYING.sub("*", value)
        for name, value in answer.headers.items()
        if name not in ("Set-Cookie", "Content-Length")
    }


def _plain(text: str) -> str:
    return VARYING.sub("*", text)


def _press(client: InspectingClient, page: str, path: str) -> TestResponse:
    """Send the form on ``page`` that leads to ``path``, by itself or by one of its buttons."""
    root = parse(client.get(page).get_data(as_text=True))
    by_button = {b.get("form") for b in root.iter("button") if b.get("formaction") == path}
    forms = [
        form
        for form in root.iter("form")
        if (form.get("method") or "").lower() == "post"
        and (
            (form.get("action") or page).split("#")[0] == path
            or (form.get("id") and form.get("id") in by_button)
        )
    ]
    assert forms, f"no form on {page} leads to {path}"
    return client.post(path, data=_filled(forms[0]))


def _filled(form: Element) -> dict[str, Any]:
    """What a browser would send of a form."""
    sent: dict[str, list[str]] = {}
    for found in form.iter():
        name = found.get("name")
        if name and found.tag == "textarea":
            sent.setdefault(name, []).append(found.text or "")
        elif name and found.tag == "select":
            chosen = [o for o in found.iter("option") if o.get("selected") is not None]
            first = chosen or list(found.iter("option"))[:1]
            sent.setdefault(name, []).extend(o.get("value") or "" for o in first)
        elif name and found.tag == "input" and found.get("type") != "file":
            switch = found.get("type") in ("checkbox", "radio")
            if not switch or found.get("checked") is not None:
                sent.setdefault(name, []).append(found.get("value") or "")
    return dict(sent)


@pytest.mark.parametrize("purpose", list(LinkPurpose))
def test_a_link_of_a_mail_opens_its_own_page_and_no_other(
    everything: Everything, purpose: LinkPurpose
) -> None:
    e = everything
    token = e.token(purpose)
    for endpoint in sorted(BY_TOKEN):
        answer = e.client("visitor").get(address(e, endpoint, {"token": token}))
        missing = e.client("visitor").get(address(e, endpoint, {"token": NOWHERE}))
        assert missing.status_code == 410
        if endpoint == f"accounts.{purpose}":
            assert answer.status_code == 200
        else:
            _assert_same(answer, missing, endpoint)
