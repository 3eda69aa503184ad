"""A demonstration opens every role to everybody, so it starts on this machine only."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ConfigurationError, Mode, Settings
from tests.processes import ROOT


def environment(folder: Path, **changes: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}",
        "TANDEM_MODE": "demo",
        "TANDEM_DATA": str(folder),
        "FLASK_APP": "wsgi",
        "PORT": "0",
        **changes,
    }


def run(*command: str, folder: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment(folder, **changes),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


SERVER = ("gunicorn", "--config", "python:app.server", "wsgi:app")


@pytest.mark.parametrize(
    "command", [("flask", "demo", "prepare"), ("flask", "worker", "--once"), SERVER]
)
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_nothing_of_it_starts_on_another_address(
    tmp_path: Path, command: tuple[str, ...], host: str
) -> None:
    ended = run(*command, folder=tmp_path, HOST=host)
    assert ended.returncode != 0
    assert "does not start on" in ended.stderr
    assert "TANDEM_DEMO_ANYWHERE=yes" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("bind", ["0.0.0.0:0", "[::]:0", ":0"])
def test_the_server_itself_is_not_bound_to_another_address(tmp_path: Path, bind: str) -> None:
    """HOST says one thing, the server's own option another: the option is what opens the door."""
    ended = run(*SERVER, "--bind", bind, folder=tmp_path)
    assert ended.returncode != 0
    assert "does not start on" in ended.stderr


def test_it_does_when_told_explicitly(tmp_path: Path) -> None:
    told = {"HOST": "0.0.0.0", "TANDEM_DEMO_ANYWHERE": "yes"}
    settings = Settings.from_environment(environment(tmp_path, **told))
    assert settings.mode is Mode.DEMO


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_it_does_on_this_machine(tmp_path: Path, host: str) -> None:
    assert Settings.from_environment(environment(tmp_path, HOST=host)).is_demo


def test_a_half_consent_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        Settings.from_environment(environment(tmp_path, HOST="0.0.0.0", TANDEM_DEMO_ANYWHERE="no"))


def test_the_command_exists_in_a_demonstration_only(tmp_path: Path) -> None:
    secrets = Settings.from_environment(environment(tmp_path))
    ended = run(
        "flask",
        "demo",
        "prepare",
        folder=tmp_path,
        TANDEM_MODE="production",
        BASE_URL="https://tandem.example",
        MAIL_HOST="mail.tandem.example",
        SECRET_KEY=secrets.secret_key,
        PASSWORD_SALT=secrets.password_salt,
        SEALING_KEY=secrets.sealing_key,
        SIGNING_KEY=secrets.signing_key,
    )
    assert ended.returncode == 2
    assert "No such command 'demo'" in ended.stderr


def test_the_first_start_says_where_to_go_and_the_second_keeps_all(tmp_path: Path) -> None:
    first = run("flask", "demo", "prepare", folder=tmp_path, PORT="8123")
    assert (first.returncode, first.stderr) == (0, "")
    assert "http://127.0.0.1:8123" in first.stdout
    assert "Niteradia" in first.stdout
    second = run("flask", "demo", "prepare", folder=tmp_path, PORT="8123")
    assert second.stdout.startswith("Your demonstration is as you left it")
    verified = run("flask", "audit", "verify", folder=tmp_path)
    assert verified.returncode == 0


def test_another_installation_makes_the_command_fail(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "tandem.sqlite") as database:
        database.execute("CREATE TABLE state (id INTEGER)")
    ended = run("flask", "demo", "prepare", "--reset", folder=tmp_path)
    assert ended.returncode == 1
    assert "not a demonstration" in ended.stderr
