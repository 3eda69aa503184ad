"""What everybody may read: the welcome page, privacy, the languages."""

from __future__ import annotations

import pytest

from app.i18n import COMPLETE_LANGUAGES, INTERFACE_LANGUAGES
from tests.pages import parse, text_of
from tests.world import World


def test_a_visitor_is_welcomed_and_told_how_to_join(world: World) -> None:
    words = text_of(world.client().get("/").get_data(as_text=True))
    for said in (
        "How a round works",
        "No ranking",
        "How to join",
        "Executive Committee",
        "Sign in",
    ):
        assert said in words


def test_the_welcome_page_stays_within_reach_after_signing_in(world: World) -> None:
    client = world.client(world.focal_point())
    assert "How a round works" not in text_of(client.get("/").get_data(as_text=True))
    assert "How a round works" in text_of(client.get("/about").get_data(as_text=True))


def test_every_page_leads_to_what_is_kept_and_who_sees_it(world: World) -> None:
    client = world.client()
    for path in ("/", "/privacy", "/sign-in", "/nothing-here"):
        tree = parse(client.get(path).get_data(as_text=True))
        footer = next(iter(tree.iter("footer")))
        assert [a.get("href") for a in footer.iter("a")] == ["/about", "/privacy"]


def test_privacy_names_what_a_plan_lets_one_infer(world: World) -> None:
    words = text_of(world.client().get("/privacy").get_data(as_text=True))
    assert "What a plan lets one infer" in words
    assert "encrypted" in words


@pytest.mark.parametrize("language", COMPLETE_LANGUAGES)
def test_the_languages_are_listed_under_their_own_names(world: World, language: str) -> None:
    tree = parse(world.client(language=language).get("/").get_data(as_text=True))
    section = next(e for e in tree.iter("section") if e.get("aria-labelledby") == "languages")
    buttons = {b.get("value"): b for b in section.iter("button")}
    assert {code: "".join(b.itertext()) for code, b in buttons.items()} == {
        code: INTERFACE_LANGUAGES[code] for code in COMPLETE_LANGUAGES
    }
    assert [b.get("lang") for b in buttons.values()] == list(buttons)
    assert [code for code, b in buttons.items() if b.get("aria-current")] == [language]


def test_a_language_is_kept_and_the_reader_stays_on_the_page(world: World) -> None:
    client = world.client()
    answer = client.send("/language", page="/privacy", language="fr", next="/privacy")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/privacy")
    assert 'lang="fr"' in client.get("/privacy").get_data(as_text=True)
    assert client.send("/language", page="/", language="xx").status_code == 404


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_choosing_a_language_never_leads_elsewhere(world: World, wanted: str) -> None:
    answer = world.client().send("/language", page="/", language="fr", next=wanted)
    assert answer.headers["Location"] == "/"


def test_a_browser_that_asks_for_a_picture_gets_one(world: World) -> None:
    answer = world.client().get("/favicon.ico")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.data.startswith(b"<svg")
