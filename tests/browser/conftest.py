"""A demonstration of its own, served as ``./run demo`` serves it, and a real Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.processes import ROOT, free_port

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    """A running demonstration."""

    address: str
    folder: Path
    environment: dict[str, str]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    environment = {
        **os.environ,
        "TANDEM_MODE": "demo",
        "TANDEM_DATA": str(folder),
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "FLASK_APP": "wsgi",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    for name in ("DATABASE_URL", "BASE_URL"):
        environment.pop(name, None)
    flask = [sys.executable, "-m", "flask"]
    subprocess.run([*flask, "demo", "prepare"], cwd=ROOT, env=environment, check=True)
    server = ["gunicorn", "--config", "python:app.server", "wsgi:app"]
    processes = [
        subprocess.Popen([*flask, "worker"], cwd=ROOT, env=environment),
        subprocess.Popen(server, cwd=ROOT, env=environment),
    ]
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(address)
        yield Site(address, folder, environment)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def wait_until_ready(address: str, *, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, "the site did not get ready"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    # Missing means failing: a browser test that is skipped proves nothing.
    assert chromium, "Chromium is missing; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def context(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.address, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def step_in(page: Page, persona: str) -> None:
    """Become one of the demonstration's people with the bar's button."""
    if page.url == "about:blank":
        page.goto("/")
    page.locator(f'form[action$="/demo/step-in/{persona}"] button').first.click()
