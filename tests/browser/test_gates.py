"""Every page of the demonstration, found by following links, in a real Chromium.

No serious or critical finding of axe-core, nothing wider than the screen, nothing on the
console, in a left-to-right and a right-to-left language, on a phone and on a desk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site, step_in

PERSONAS = ("visitor", "coordinator", "mentor", "mentee", "administrator")
PUBLIC_ID = re.compile(r"[0-9a-f]{32}")
WIDTHS = {"phone": 360, "desk": 1280}


def shape(path: str) -> str:
    """The path with its ids taken out: one page of each kind is enough."""
    return PUBLIC_ID.sub("*", path)


def links_on(page: Page, site: Site) -> Iterator[str]:
    for link in page.locator("a[href]").all():
        parts = urlsplit(str(link.get_attribute("href")))
        if parts.netloc and f"{parts.scheme}://{parts.netloc}" != site.address:
            continue
        if parts.path.startswith("/"):
            yield parts.path


def pages_of(page: Page, site: Site, persona: str) -> list[str]:
    """One address of each kind of page that this person can reach by links."""
    page.goto("/")
    if persona != "visitor":
        step_in(page, persona)
    found = {shape(path): path for path in [urlsplit(page.url).path, "/"]}
    waiting = list(found.values())
    while waiting:
        path = waiting.pop(0)
        if is_file(page, path):
            found.pop(shape(path))
            continue
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        for link in links_on(page, site):
            if shape(link) not in found and not link.startswith("/static/"):
                found[shape(link)] = link
                waiting.append(link)
    return list(found.values())


def is_file(page: Page, path: str) -> bool:
    """Whether the address answers with a file to keep instead of a page."""
    head = page.request.head(path)
    return "text/html" not in head.headers.get("content-type", "")


def overflow(page: Page) -> int:
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(width))


def serious(results: Any) -> list[str]:
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in results.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


@pytest.mark.browser
@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_is_accessible_and_fits_the_screen(
    site: Site, browser: Browser, persona: str
) -> None:
    context = browser.new_context(base_url=site.address, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    paths = pages_of(page, site, persona)
    assert len(paths) >= (3 if persona == "visitor" else 6)
    for language, direction in (("en", "ltr"), ("ar", "rtl")):
        for path in paths:
            page.set_viewport_size({"width": WIDTHS["desk"], "height": 900})
            page.goto(f"{path}?lang={language}")
            assert page.locator("html").get_attribute("dir") == direction, path
            complaints += [f"{path} {language}: {found}" for found in serious(Axe().run(page))]
            for name, width in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": 900})
                if overflow(page) > 0:
                    complaints.append(f"{path} {language}: wider than a {name}'s screen")
    assert complaints == []
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_works_without_javascript(site: Site, browser: Browser, persona: str) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    page = context.new_page()
    for path in pages_of(page, site, persona):
        page.goto(path)
        assert page.locator("main h1").inner_text().strip(), path
    context.close()


@pytest.mark.browser
def test_pages_are_small(site: Site, browser: Browser) -> None:
    """The budgets of a weak connection: 100 KB first, 30 KB then, at most 15 requests."""
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(_bytes_of(answer)))
    page.goto("/", wait_until="networkidle")
    first, requests = sum(sizes), len(sizes)
    assert first <= 100_000
    assert requests <= 15
    step_in(page, "coordinator")
    heavy = {}
    for path in pages_of(page, site, "coordinator"):
        sizes.clear()
        page.goto(path, wait_until="networkidle")
        heavy[path] = sum(sizes)
    assert {path: size for path, size in heavy.items() if size > 30_000} == {}
    context.close()


def _bytes_of(answer: Any) -> int:
    if answer.from_service_worker or answer.status >= 300:
        return 0
    sizes = answer.request.sizes()
    return int(sizes["responseBodySize"]) + int(sizes["responseHeadersSize"])
