"""Installations with what tests leave out otherwise: TLS, and limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.accounts.models import Role
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


@pytest.fixture
def tls_client(installation: Installation, world: World, tmp_path: Path) -> Iterator[TlsClient]:
    url = str(installation.app.config["SQLALCHEMY_DATABASE_URI"])
    kept = security.__dict__.copy()
    app = create_app(settings_for(url, tmp_path, base_url="https://localhost"))
    with app.app_context():
        yield TlsClient(app, World(app))
        db.session.remove()
        db.engine.dispose()
    security.__dict__.update(kept)


@pytest.fixture
def limited(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world with limits switched on, as they are outside of tests."""
    with monkeypatch.context() as patch:
        patch.setitem(world.app.config, "RATELIMIT_ENABLED", True)
        limiter.init_app(world.app)
        limiter.reset()
        yield world
        limiter.reset()
    limiter.enabled = False
