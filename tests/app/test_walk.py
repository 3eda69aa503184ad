"""Every page that can be read, by everyone who may read it, with real data in it."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import pytest

from app.i18n import COMPLETE_LANGUAGES
from tests.app.contents import contents
from tests.app.everything import Everything
from tests.app.places import Page, pages
from tests.pages import parse

# A sentence is longer than this; below it names, codes and numbers are the same everywhere.
SHORT = 3
# Commands to copy, and what people type.
UNREAD = ("script", "style", "textarea", "code", "pre")
# Names of places, the same in both languages.
PLACE_NAMES = {"Ho Chi Minh (Vietnam)", "Lower Prince’s Quarter (Sint Maarten)"}
READ_BY_PEOPLE = ("title", "alt", "placeholder", "aria-label", "aria-description", "data-label")
# That somebody looked is noted while a page is read, and is meant to be (DESIGN 2).
NOTED_BY_LOOKING = ("audit_entry", "audit_state", "audit_head")
# Each copy of a plan that is taken is noted, not the first of the day only.
NOTED_EACH_TIME = "plans.download"
# After a password; a way that leads on; and boxes that a script fetches for a page that is open.
ONLY_ON_THE_WAY = {
    "accounts.code",
    "engagements.of_proposal",
    "plans.progress",
    "workbooks.progress",
}
Walk = list[Page]


@pytest.fixture(scope="module")
def walk(everything: Everything) -> Walk:
    return list(pages(everything))


def test_the_walk_reads_every_page(everything: Everything, walk: Walk) -> None:
    app = everything.world.app
    readable = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())}
    assert {page.endpoint for page in walk} == readable
    seen = {
        page.endpoint
        for page in walk
        if everything.client(page.person).get(page.path).status_code == 200
    }
    assert readable - seen == ONLY_ON_THE_WAY


@pytest.mark.parametrize("language", COMPLETE_LANGUAGES)
def test_every_page_is_whole_and_says_nothing_untranslated(
    everything: Everything, walk: Walk, language: str
) -> None:
    """The client refuses faulty HTML; a sentence that stands as in English is not translated."""
    found = {}
    for page in walk:
        answer = everything.client(page.person, language).get(page.path)
        assert answer.status_code in (200, 302, 303), page
        if answer.mimetype != "text/html" or answer.status_code != 200:
            continue
        html = answer.get_data(as_text=True)
        root = parse(html)
        assert root.get("lang") == language, page
        assert root.get("dir") == ("rtl" if language == "ar" else "ltr"), page
        if language != "en":
            english = everything.client(page.person, "en").get(page.path).get_data(as_text=True)
            same = set(_sentences(parse(english))) & set(_sentences(root)) - PLACE_NAMES
            if same:
                found[page.endpoint] = same
    assert found == {}


def _sentences(root: Element) -> Iterator[str]:
    """What people read on a page, but for texts that say of themselves in which language they are.

    Text of people carries its own ``lang``; the English page then reads no different.
    """
    for text in _texts(root):
        words = text.split()
        if len([word for word in words if any(letter.isalpha() for letter in word)]) > SHORT:
            yield " ".join(words)


def _texts(element: Element) -> Iterator[str]:
    if element.tag not in UNREAD:
        yield from (element.get(name) or "" for name in READ_BY_PEOPLE)
        yield element.text or ""
        for child in element:
            if child.get("lang") is None and isinstance(child.tag, str):
                yield from _texts(child)
            yield child.tail or ""


# Files of the site itself; boxes of a page; and a word for whoever watches over the server.
SHOWN = {"home.favicon", "home.health"}


def test_nothing_for_people_is_kept_and_no_file_is_opened_in_place(
    everything: Everything, walk: Walk
) -> None:
    """Every page with the strict policy; every file as a download that could run nothing."""
    files = set()
    for page in walk:
        answer = everything.client(page.person).get(page.path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, page
        if page.person != "visitor" and page.endpoint not in SHOWN:
            assert answer.headers["Cache-Control"] == "no-store", page
            assert {"Cookie", "Accept-Language"} <= set(answer.vary), page
        if answer.status_code != 200 or page.endpoint in SHOWN:
            continue
        assert answer.headers["X-Content-Type-Options"] == "nosniff", page
        if answer.mimetype == "text/html":
            assert policy.startswith("default-src 'none'"), page
            continue
        assert policy == "sandbox; default-src 'none'", page
        assert answer.headers["Content-Disposition"].startswith("attachment;"), page
        files.add(page.endpoint)
    assert files == {
        "engagements.ics",
        "plans.download",
        "workbooks.template",
        "workbooks.template_for_state",
    }


def test_reading_changes_nothing(everything: Everything, walk: Walk) -> None:
    """GET never writes, but for the note that somebody looked; not even that the second time."""
    everything_else = contents(without=NOTED_BY_LOOKING)
    changed = set()
    for page in walk:
        everything.client(page.person).get(page.path)
        now = contents(without=NOTED_BY_LOOKING)
        if now != everything_else:
            changed.add(page.endpoint)
            everything_else = now
    assert changed == set()
    noted = contents()
    for page in walk:
        if page.endpoint == NOTED_EACH_TIME:
            continue
        everything.client(page.person).get(page.path)
    written = contents()
    assert {name for name in noted if noted[name] != written[name]} == set()
