"""The README's walk-through, step by step, as a newcomer does it in a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, step_in
from tests.processes import ROOT

MENTEE = "Niteradia"
MENTOR = "Zurvalor"
MENTEE_IN_ARABIC = "نيتيراديا"
FILTER = "q"
PLAN_ADDRESS = re.compile(r"/plans/[0-9a-f]{32}")


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("main").get_by_role("button", name=name).first.click()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("main").get_by_role("link", name=name).first.click()


def open_round(page: Page) -> None:
    step_in(page, "coordinator")
    page.goto("/rounds")
    follow(page, "Round 2027")


def plan(page: Page, button: str) -> None:
    press(page, button)
    page.wait_for_url(PLAN_ADDRESS, timeout=20_000)


def row_of_mentee(page: Page) -> str:
    """What the plan says about the mentee, folded into one line."""
    page.goto(f"{page.url.split('?')[0]}?{urlencode({FILTER: MENTEE})}")
    row = page.get_by_role("main").locator("tr", has=page.get_by_text(MENTEE, exact=True)).first
    return " ".join(row.inner_text().split())


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_the_walk_through_of_the_readme(site: Site, page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})

    # 1. As coordinator: a first plan, while the round is open.
    open_round(page)
    plan(page, "Try a plan")
    expect(page.get_by_text("Rules and proof verified")).to_be_visible()
    before = row_of_mentee(page)
    assert "Implementation planning" not in before

    # 2. Suggest another theme for the mentee's first need; it is the State's to confirm.
    open_round(page)
    page.get_by_role("main").get_by_label("State", exact=True).fill(MENTEE)
    press(page, "Show")
    follow(page, MENTEE)
    follow(page, "Change")
    page.get_by_label(re.compile("^Theme")).select_option("PLAN")
    press(page, "Send to the State for confirmation")
    expect(page.get_by_role("main")).to_contain_text("Implementation planning")

    # 3. As the mentee: confirm it.
    step_in(page, "mentee")
    page.goto("/needs")
    press(page, "Confirm")
    expect(page.get_by_role("main")).to_contain_text("Implementation planning")

    # 4. As coordinator: the round shows the need, and the plan has changed with it.
    open_round(page)
    plan(page, "Try a plan")
    after = row_of_mentee(page)
    assert "Implementation planning" in after
    assert MENTOR in after

    # 5. Freeze, plan again, and read in Arabic why the pair was made.
    open_round(page)
    follow(page, re.compile("^Freeze"))
    press(page, re.compile("^Freeze"))
    plan(page, "Make the plan")
    frozen_plan = page.url
    page.goto(f"{frozen_plan}?lang=ar&{urlencode({FILTER: MENTEE_IN_ARABIC})}")
    assert page.locator("html").get_attribute("dir") == "rtl"
    row = page.locator("tr", has=page.get_by_text(MENTEE_IN_ARABIC, exact=True)).first
    if row.locator("details[open]").count() == 0:
        row.locator("summary").click()
    reasons = row.locator("details").inner_text()
    assert "المجموعة الإقليمية" in reasons
    assert not re.search("[a-z]{4}", reasons), reasons

    # 6. Take the three documents and check them on the command line.
    page.goto(frozen_plan)
    for name in ("problem", "plan", "certificate"):
        with page.expect_download() as download:
            page.locator(f'a[href$="/files/{name}"]').first.click()
        download.value.save_as(tmp_path / f"{name}.json")
    words = [sys.executable, "-m", "matching", "verify"]
    for name in ("problem", "plan", "certificate"):
        words += [f"--{name}", str(tmp_path / f"{name}.json")]
    checked = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr

    # 7. Propose, and accept on both sides.
    follow(page, "Select all that can be proposed")
    press(page, "Propose")
    for persona in ("mentee", "mentor"):
        step_in(page, persona)
        page.goto("/proposals")
        follow(page, MENTOR if persona == "mentee" else MENTEE)
        press(page, "Accept")

    # 8. Each has the other's contact, the first call, and a file for the calendar.
    page.goto("/mentorships")
    follow(page, MENTEE)
    expect(page.get_by_role("main")).to_contain_text("@")
    with page.expect_download() as download:
        follow(page, "Put it into your calendar (ICS)")
    calendar = Path(download.value.path()).read_text(encoding="utf-8")
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert "TZID" in calendar
