"""What holds for every page: valid HTML, one h1, lang and dir, labels, a token in every form."""

from __future__ import annotations

from contextvars import Context
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db

UNLABELLED = frozenset({"hidden", "submit", "button"})


class InspectingClient(FlaskClient):
    """A test browser that refuses a faulty page and sends the token that a form would."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # What the test wrote is stored first, and the page gets an application context of its
        # own, as on a server: nobody stays signed in from the page before, and what a view does
        # not commit is lost.
        db.session.commit()
        response: TestResponse = Context().run(super().open, *args, **kwargs)
        redirected = response.status_code in (301, 302, 303, 307)
        bodiless = response.request.method == "HEAD"
        if response.mimetype == "text/html" and not redirected and not bodiless:
            page = response.get_data(as_text=True)
            check_page(page) if "HX-Request" not in dict(kwargs.get("headers") or {}) else None
        return response

    def send(self, path: str, page: str | None = None, **fields: Any) -> TestResponse:
        """POST as the form on ``page`` would (the path itself, unless given)."""
        token = token_on(self.get(page or path))
        return self.post(path, data={"csrf_token": token, **fields})


def token_on(response: TestResponse) -> str:
    """The CSRF token that a page's forms carry."""
    root = parse(response.get_data(as_text=True))
    for field in root.iter("input"):
        if field.get("name") == "csrf_token":
            return str(field.get("value"))
    raise AssertionError(f"no form with a token on {response.request.path}")


def parse(page: str) -> Element:
    """The page as a tree; raises on the first fault of its HTML."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(page)
    return tree


def text_of(page: str) -> str:
    """The words of a page, spaces folded."""
    return " ".join("".join(parse(page).itertext()).split())


def check_page(page: str) -> None:
    """Assert what holds for every whole page."""
    root = parse(page)
    assert root.get("lang"), "the page says no language"
    assert root.get("dir") in ("ltr", "rtl"), "the page says no direction"
    headings = list(root.iter("h1"))
    assert len(headings) == 1, f"{len(headings)} h1 headings"
    assert "".join(headings[0].itertext()).strip(), "an empty h1"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    doubled = {found for found in ids if ids.count(found) > 1}
    assert not doubled, f"ids used twice: {doubled}"
    _check_labels(root, set(ids))
    _check_forms(root)
    for element in root.iter():
        handlers = [name for name in element.attrib if name.startswith("on") or name == "style"]
        assert not handlers, f"inline {handlers} on <{element.tag}>"
    for script in root.iter("script"):
        assert script.get("src"), "an inline script"


def _check_labels(root: Element, ids: set[str | None]) -> None:
    labelled = {label.get("for") for label in root.iter("label")}
    inside = {id(child) for label in root.iter("label") for child in label.iter()}
    for tag in ("input", "select", "textarea"):
        for field in root.iter(tag):
            if field.get("type") in UNLABELLED:
                continue
            named = field.get("id") in labelled or id(field) in inside or field.get("aria-label")
            assert named or field.get("aria-labelledby") in ids, f"no label: {field.attrib}"
            for reference in (field.get("aria-describedby") or "").split():
                assert reference in ids, f"aria-describedby points nowhere: {reference}"


def _check_forms(root: Element) -> None:
    for form in root.iter("form"):
        if (form.get("method") or "get").lower() == "post":
            names = {field.get("name") for field in form.iter("input")}
            assert "csrf_token" in names, f"a form without token: {form.get('action')}"
