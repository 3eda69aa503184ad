"""Other processes of an installation under test: workers, servers, commands."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).resolve().parent.parent


def environment_of(app: Flask, **changes: str) -> dict[str, str]:
    """The environment in which another process serves the same installation."""
    settings = app.config["SETTINGS"]
    return {
        **os.environ,
        "TANDEM_MODE": str(settings.mode),
        "TANDEM_DATA": str(settings.data_folder),
        "DATABASE_URL": settings.database_url,
        "BASE_URL": settings.base_url,
        "SECRET_KEY": settings.secret_key,
        "PASSWORD_SALT": settings.password_salt,
        "SEALING_KEY": settings.sealing_key,
        "SIGNING_KEY": settings.signing_key,
        "FLASK_APP": "wsgi",
        **changes,
    }


def start(app: Flask, *words: str, **changes: str) -> subprocess.Popen[bytes]:
    """Start ``python WORDS...`` for the same installation, in its folder."""
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment_of(app, **changes))


def run(app: Flask, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run ``python WORDS...`` to its end."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment_of(app, **changes),
        capture_output=True,
        text=True,
        timeout=120,
    )


def wait_for(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """Wait until a condition holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
