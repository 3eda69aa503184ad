"""Installations with what tests leave out otherwise: TLS, and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.accounts.models import Role
from app.config import Mode
from app.extensions import db, limiter, security
from tests.app.accounts.people import PASSWORD, with_password
from tests.conftest import Installation, settings_for
from tests.pages import token_on
from tests.world import World


class TlsClient:
    """A browser at an installation whose address begins with https."""

    def __init__(self, app: Flask, world: World) -> None:
        self._app, self._world = app, world

    def sign_in(self) -> str:
        """Sign in, and return the cookie as it was set."""
        person = with_password(self._world, Role.FOCAL_POINT)
        client = self._app.test_client()
        base = "https://localhost"
        token = token_on(client.get("/sign-in", base_url=base))
        answer = client.post(
            "/sign-in",
            base_url=base,
            headers={"Referer": f"{base}/sign-in"},
            data={"csrf_token": token, "email": person.email, "password": PASSWORD},
        )
        assert answer.status_code == 303
        return answer.headers["Set-Cookie"]


@contextmanager
def _another(installation: Installation, folder: Path, **changes: Any) -> Iterator[Flask]:
    """A second application on the database under test; what it changes for all is put back."""
    kept = security.__dict__.copy()
    app = create_app(
        settings_for(str(installation.app.config["SQLALCHEMY_DATABASE_URI"]), folder, **changes)
    )
    try:
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()
    finally:
        security.__dict__.update(kept)
        limiter.enabled = False


@pytest.fixture
def tls_client(installation: Installation, tmp_path: Path) -> Iterator[TlsClient]:
    with _another(installation, tmp_path, base_url="https://localhost") as app:
        yield TlsClient(app, World(app))


@pytest.fixture
def limited(installation: Installation, tmp_path: Path) -> Iterator[World]:
    """The world of an installation in use, where limits are on."""
    with _another(installation, tmp_path, mode=Mode.PRODUCTION) as app:
        limiter.reset()
        yield World(app)
