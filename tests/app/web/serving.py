"""A real gunicorn on the installation under test, and a plain reader of its pages."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from app.extensions import db
from tests.processes import free_port, start, wait_for

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Server:
    """Gunicorn as ``./run serve`` starts it, on a port of loopback."""

    def __init__(self, app: Flask, **environment: str) -> None:
        db.session.commit()
        db.session.remove()
        self.port = free_port()
        words = ("-m", "gunicorn", "--config", "python:app.server", "wsgi:app")
        bound = {"HOST": "127.0.0.1", "PORT": str(self.port), "WEB_WORKERS": "2", **environment}
        self.process: subprocess.Popen[bytes] = start(app, *words, **bound)
        wait_for(self.is_ready)

    def is_ready(self) -> bool:
        try:
            return Reader(self.port).get("/healthz").status == 200
        except OSError:
            return False

    def workers(self) -> set[int]:
        """Process ids of the workers there are now."""
        pid = self.process.pid
        return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def kill_workers(self) -> None:
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        finally:
            self.process.kill()


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def token(self) -> str:
        found = TOKEN.search(self.text)
        assert found, self.text
        return found.group(1)


class Reader:
    """Asks for pages over connections of its own and keeps cookies; follows nothing."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(fields), {**form, **headers})

    def send(self, path: str, **fields: str) -> Answer:
        """As the form of the page would, token included."""
        return self.post(path, {"csrf_token": self.get(path).token, **fields})

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer
