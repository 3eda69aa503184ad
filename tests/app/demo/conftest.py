"""A demonstration on each kind of database."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Mode
from app.demo.installation import prepare
from app.extensions import db
from tests.conftest import Installation
from tests.pages import InspectingClient, token_on

TODAY = dt.date(2026, 11, 24)


@pytest.fixture
def bare_demo(installation: Installation) -> Iterator[Flask]:
    """The site in demonstration mode on a database that is migrated and empty."""
    settings = dataclasses.replace(installation.app.config["SETTINGS"], mode=Mode.DEMO)
    app = create_app(settings)
    app.config["RATELIMIT_ENABLED"] = False
    app.test_client_class = InspectingClient
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def demo(bare_demo: Flask) -> Flask:
    """A demonstration that was prepared."""
    assert prepare(reset=False, say=lambda _words: None, today=TODAY)
    return bare_demo


def browser(app: Flask) -> InspectingClient:
    """A browser that checks every page it gets."""
    client = app.test_client()
    assert isinstance(client, InspectingClient)
    return client


def step_in(client: FlaskClient, persona: str) -> None:
    """Press the button of the bar."""
    token = token_on(client.get("/about"))
    answer = client.post(f"/demo/step-in/{persona}", data={"csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
