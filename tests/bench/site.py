"""How heavy the pages are: ``python -m tests.bench.site``, everything measured in one run.

Starts a bare Flask application and a demonstration with 193 States, each on a gunicorn of its
own, asks both in turn for pages, and prints processor time per page as a ratio, the spread of
answer times with eight readers, the same while plans are made, and the memory of a web worker.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from tests.browser.conftest import wait_until_ready
from tests.processes import ROOT, free_port

# Bare answers and pages take turns, so that both meet the same machine.
TURNS = 9
REQUESTS = 30
BARE_REQUESTS = 300
READERS = 8
IDLE = 3.0
ANSWERS_EACH = 100
ITEM = re.compile(r'name="item"\s+value="([0-9a-f]{32})"')
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Reader:
    """One person's browser, reduced to its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}
        self._asked = 0.0

    def ask(
        self, path: str, fields: dict[str, str] | list[tuple[str, str]] | None = None
    ) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self._asked > IDLE:
            # The server has hung up, or is about to.
            self.connection.close()
        self._asked = time.monotonic()
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.split(";")[0]
        return answer.status, text, answer.headers.get("Location") or ""

    def post(self, path: str, page: str, **fields: str) -> str:
        """Send a form found on ``page``; returns where it leads."""
        _, text, _ = self.ask(page)
        token = TOKEN.search(text)
        assert token, f"no form on {page}"
        status, _, location = self.ask(path, {"csrf_token": token.group(1), **fields})
        assert status in (302, 303), (path, status)
        return location


@contextlib.contextmanager
def served(target: str, environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """A gunicorn with one worker of four threads; yields its port and the worker's process id."""
    port = free_port()
    environment = {
        **environment,
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "WEB_WORKERS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "python:app.server", target]
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}")
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        server.terminate()
        server.wait(timeout=30)


def processor_seconds(process: int) -> float:
    """What all threads of a process have used, which the kernel counts in nanoseconds."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def megabytes(process: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found
    return int(found.group(1)) / 1024


class Scales:
    """Processor time of a page beside that of the bare answer."""

    def __init__(self, bare: tuple[int, int], site: tuple[int, int]) -> None:
        self._bare, self._bare_process = Reader(bare[0]), bare[1]
        self._process = site[1]
        self._bare_costs: list[float] = []

    @property
    def bare(self) -> float:
        """Seconds of the bare answer, over the whole run."""
        return statistics.median(self._bare_costs)

    def weigh(self, name: str, reader: Reader, path: str) -> None:
        for _ in range(5):
            status, _, location = reader.ask(path)
            assert status == 200, (path, status, location)
        costs, ratios = [], []
        for _ in range(TURNS):
            bare = _seconds(self._bare, self._bare_process, "/", BARE_REQUESTS)
            page = _seconds(reader, self._process, path, REQUESTS)
            self._bare_costs.append(bare)
            costs.append(page)
            ratios.append(page / bare)
        print(f"{name:34} {statistics.median(costs) * 1000:7.2f} {statistics.median(ratios):10.1f}")


def _seconds(reader: Reader, process: int, path: str, requests: int) -> float:
    """Processor seconds of one answer, over many."""
    before = processor_seconds(process)
    for _ in range(requests):
        reader.ask(path)
    return (processor_seconds(process) - before) / requests


def answer_times(port: int, cookies: dict[str, str], path: str) -> list[float]:
    """Seconds of each answer, with eight readers at once."""
    times: list[float] = []

    def read() -> None:
        reader = Reader(port)
        reader.cookies = dict(cookies)
        for _ in range(ANSWERS_EACH):
            started = time.perf_counter()
            reader.ask(path)
            times.append(time.perf_counter() - started)

    threads = [threading.Thread(target=read) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def percentiles(times: list[float]) -> tuple[float, float]:
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "TANDEM_MODE": "demo",
            "TANDEM_DATA": folder,
            "FLASK_APP": "wsgi",
        }
        for name in ("DATABASE_URL", "BASE_URL"):
            environment.pop(name, None)
        flask = [sys.executable, "-m", "flask"]
        subprocess.run([*flask, "demo", "prepare"], cwd=ROOT, env=environment, check=True)
        with (
            served("tests.bench.bare:app", environment) as bare,
            served("wsgi:app", environment) as site,
        ):
            measure(Scales(bare, site), site, environment)
    return 0


def measure(scales: Scales, site: tuple[int, int], environment: dict[str, str]) -> None:
    port, process = site
    mentee, coordinator = Reader(port), Reader(port)
    print(f"{'page':34} {'ms':>7} {'times bare':>10}")
    scales.weigh("/ (visitor)", mentee, "/")
    mentee.post("/demo/step-in/mentee", "/")
    coordinator.post("/demo/step-in/coordinator", "/")
    for path in ("/", "/needs", "/offers", "/proposals", "/record"):
        scales.weigh(f"{path} (mentee)", mentee, path)
    _, text, _ = coordinator.ask("/rounds")
    found = re.search(r'href="(/rounds/[0-9a-f]{32})"', text)
    assert found
    round_page = found.group(1)
    for name, path in (("/", "/"), ("/roster", "/roster"), ("/rounds/<id>", round_page)):
        scales.weigh(f"{name} (coordinator)", coordinator, path)
    idle = percentiles(answer_times(port, mentee.cookies, "/needs"))
    with planning(environment, coordinator, round_page) as plan:
        busy = percentiles(answer_times(port, mentee.cookies, "/needs"))
    for part in ("", "/unmet", "/load"):
        scales.weigh(f"/plans/<id>{part} (coordinator)", coordinator, plan[0] + part)
    print(f"memory of the web worker: {megabytes(process):.0f} MB")
    propose_everything(environment, coordinator, round_page)
    scales.weigh("/rounds/<id>, frozen (coordinator)", coordinator, round_page)
    scales.weigh("/rounds/<id>/answers (coordinator)", coordinator, f"{round_page}/answers")
    print(f"bare Flask answer: {scales.bare * 1000:.2f} ms of processor time")
    print(
        f"8 readers: p50 {idle[0] * 1000:.1f} ms, p99 {idle[1] * 1000:.1f} ms, "
        f"p99/p50 {idle[1] / idle[0]:.1f}"
    )
    print(
        f"8 readers while plans are made: p50 {busy[0] * 1000:.1f} ms, "
        f"p99 {busy[1] * 1000:.1f} ms, {busy[1] / idle[1]:.2f} times idle"
    )
    print(f"memory after a round was frozen and proposed: {megabytes(process):.0f} MB")


def propose_everything(environment: dict[str, str], coordinator: Reader, round_page: str) -> None:
    """Freeze the round, plan it, and put every mentorship to its parties."""
    coordinator.post(f"{round_page}/freeze", f"{round_page}/freeze")
    with planning(environment, coordinator, round_page) as plans:
        pass
    _, text, _ = coordinator.ask(f"{plans[0]}?select=all")
    token = TOKEN.search(text)
    assert token
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=14)
    fields = [("csrf_token", token.group(1)), ("answer_by", day.isoformat())]
    fields += [("item", item) for item in ITEM.findall(text)]
    status, _, location = coordinator.ask(f"{plans[0]}/propose", fields)
    assert status == 303, (status, location)


@contextlib.contextmanager
def planning(
    environment: dict[str, str], coordinator: Reader, round_page: str
) -> Iterator[list[str]]:
    """One plan after another is made meanwhile; their addresses."""
    plans: list[str] = []
    over = threading.Event()

    def plan() -> None:
        while not over.is_set() or not plans:
            run = coordinator.post(f"{round_page}/plan", round_page)
            while not (found := re.search(r"/plans/[0-9a-f]{32}", coordinator.ask(run)[2])):
                time.sleep(0.2)
            plans.append(found.group(0))

    command = [sys.executable, "-m", "flask", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment)
    asking = threading.Thread(target=plan, daemon=True)
    asking.start()
    try:
        yield plans
        over.set()
        asking.join(timeout=120)
        assert plans, "no plan within two minutes"
    finally:
        over.set()
        worker.terminate()
        worker.wait(timeout=30)


if __name__ == "__main__":
    sys.exit(main())
