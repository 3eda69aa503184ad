"""Acting as people do: signing in with a password, reading mail, following links."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts import passwords, second_factor
from app.accounts.models import Role, User
from app.extensions import db
from app.jobs.worker import work
from app.membership.models import State
from app.notices import Mail
from tests.pages import InspectingClient
from tests.world import World

PASSWORD = "wander across nine bridges"
OTHER_PASSWORD = "quiet harbours before dawn"


def with_password(world: World, *roles: Role, **changes: Any) -> User:
    """A person who signs in with ``PASSWORD`` and no second factor."""
    state: State | None = changes.pop("state", None)
    if state is None and Role.FOCAL_POINT in roles:
        state = world.state()
    active = changes.pop("active", True)
    person = world.person(*roles, state=state, second_factor=False, **changes)
    person.active = active
    passwords.store(person, PASSWORD)
    db.session.commit()
    return person


def with_app(person: User) -> str:
    """Give the person an authenticator app; returns its secret."""
    secret = second_factor.new_secret()
    second_factor.switch_on(person, secret)
    db.session.commit()
    return secret


def code_of(secret: str) -> str:
    return str(second_factor.codes_factory().generate_totp_password(secret))


def sign_in(client: FlaskClient, person: User, password: str = PASSWORD) -> TestResponse:
    assert isinstance(client, InspectingClient)
    return client.send("/sign-in", email=person.email, password=password)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def mails() -> list[Mail]:
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def link_in(mail: Mail) -> str:
    """The path of the link in a mail."""
    found = re.search(r"http://localhost(/\S+)", mail.text)
    assert found, mail.text
    return found.group(1)


def let_the_worker_work(world: World) -> None:
    import app.accounts.tasks
    import app.oversight.tasks  # noqa: F401

    db.session.remove()
    work(world.app, once=True)
