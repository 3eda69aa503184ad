"""A Network in which everything exists, made once for the tests of a module that walk the site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.extensions import db
from tests.app.everything import Everything
from tests.conftest import Installation
from tests.world import World


@pytest.fixture(scope="module")
def everything(sqlite_installation: Installation) -> Iterator[Everything]:
    """On SQLite alone: what a page shows and to whom does not depend on the database."""
    sqlite_installation.empty()
    with sqlite_installation.app.app_context():
        yield Everything(World(sqlite_installation.app))
        db.session.remove()
