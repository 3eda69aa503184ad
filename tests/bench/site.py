"""How heavy the pages are: ``python -m tests.bench.site``, everything measured in one run.

Starts a bare Flask application and a demonstration with 193 States on the same gunicorn, asks
each for pages, and prints processor time per page as a ratio, the spread of answer times with
eight readers, the same while a plan is being made, and the memory of a web worker.
"""

from __future__ import annotations

import contextlib
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

REQUESTS = 200
# The bare answer is so short that it takes many to measure it.
BARE_REQUESTS = 3000
STRETCHES = 5
READERS = 8
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Reader:
    """One person's browser, reduced to its cookies."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies: dict[str, str] = {}

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
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
    environment = {**environment, "PORT": str(port), "HOST": "127.0.0.1", "WEB_WORKERS": "1"}
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


def cost(reader: Reader, process: int, path: str, requests: int = REQUESTS) -> float:
    """Processor seconds of one answer: the median of several stretches of many."""
    for _ in range(5):
        status, _, location = reader.ask(path)
        assert status == 200, (path, status, location)
    stretches = []
    for _ in range(STRETCHES):
        before = processor_seconds(process)
        for _ in range(requests // STRETCHES):
            reader.ask(path)
        stretches.append((processor_seconds(process) - before) / (requests // STRETCHES))
    return statistics.median(stretches)


def answer_times(port: int, cookies: dict[str, str], path: str, each: int = 40) -> list[float]:
    """Seconds of each answer, with eight readers at once."""
    times: list[float] = []

    def read() -> None:
        reader = Reader(port)
        reader.cookies = dict(cookies)
        for _ in range(each):
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
        with served("tests.bench.bare:app", environment) as (port, process):
            bare = cost(Reader(port), process, "/", BARE_REQUESTS)
        print(f"bare Flask answer: {bare * 1000:.2f} ms of processor time")
        with served("wsgi:app", environment) as (port, process):
            measure_site(port, process, bare, environment)
    return 0


def measure_site(port: int, process: int, bare: float, environment: dict[str, str]) -> None:
    reader = Reader(port)
    print(f"{'page':34} {'ms':>7} {'times bare':>10}")
    print_cost("welcome (visitor)", cost(reader, process, "/"), bare)
    reader.post("/demo/step-in/mentee", "/")
    for path in ("/", "/needs", "/proposals"):
        print_cost(f"{path} (mentee)", cost(reader, process, path), bare)
    coordinator = Reader(port)
    coordinator.post("/demo/step-in/coordinator", "/")
    _, text, _ = coordinator.ask("/rounds")
    found = re.search(r'href="(/rounds/[0-9a-f]{32})"', text)
    assert found
    round_page = found.group(1)
    for path in ("/", "/roster", round_page):
        print_cost(f"{path[:24]} (coordinator)", cost(coordinator, process, path), bare)
    idle = percentiles(answer_times(port, reader.cookies, "/needs"))
    print(
        f"8 readers: p50 {idle[0] * 1000:.1f} ms, p99 {idle[1] * 1000:.1f} ms, "
        f"p99/p50 {idle[1] / idle[0]:.1f}"
    )
    worker = subprocess.Popen([sys.executable, "-m", "flask", "worker"], cwd=ROOT, env=environment)
    try:
        run_page = coordinator.post(f"{round_page}/plan", round_page)
        busy = percentiles(answer_times(port, reader.cookies, "/needs"))
        print(
            f"8 readers while a plan is made: p99 {busy[1] * 1000:.1f} ms, "
            f"{busy[1] / idle[1]:.2f} times idle"
        )
        started = time.monotonic()
        while "/plans/" not in (coordinator.ask(run_page)[2] + coordinator.ask(run_page)[1]):
            if time.monotonic() - started > 60:
                raise SystemExit("no plan within a minute")
            time.sleep(0.2)
        _, text, location = coordinator.ask(run_page)
        plan = re.search(r"/plans/[0-9a-f]{32}", location + text)
        assert plan
        print_cost("plan page (coordinator)", cost(coordinator, process, plan.group(0)), bare)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    print(f"memory of the web worker: {megabytes(process):.0f} MB")


def print_cost(name: str, seconds: float, bare: float) -> None:
    print(f"{name:34} {seconds * 1000:7.2f} {seconds / bare:10.1f}")


if __name__ == "__main__":
    sys.exit(main())
