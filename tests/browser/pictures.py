"""The README's pictures, taken of a demonstration: ``python -m tests.browser.pictures ADDRESS``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import FLAGS, step_in
from tests.browser.test_walkthrough import MENTEE, follow, open_round, plan, press

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
DESK = {"width": 1200, "height": 760}
PHONE = {"width": 360, "height": 760}


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(base_url=sys.argv[1], viewport=DESK)  # type: ignore[arg-type]
        page.goto("/")
        take(page, "welcome")
        step_in(page, "mentee")
        page.goto("/needs")
        take(page, "needs")
        open_round(page)
        take(page, "round")
        plan(page, "Try a plan")
        take(page, "plan")
        open_round(page)
        follow(page, "Freeze the round")
        press(page, "Freeze the round")
        plan(page, "Make the plan")
        follow(page, "Select all that can be proposed")
        press(page, "Propose")
        step_in(page, "mentor")
        page.goto("/proposals")
        follow(page, MENTEE)
        take(page, "proposal-arabic-phone", language="ar", size=PHONE)
        browser.close()
    return 0


def take(page: Page, name: str, *, language: str = "en", size: Any = DESK) -> None:
    page.set_viewport_size(size)
    page.goto(f"{page.url.split('?')[0]}?lang={language}")
    page.screenshot(path=str(FOLDER / f"{name}.png"))


if __name__ == "__main__":
    sys.exit(main())
