"""No page asks the database more often because more is shown on it."""

from __future__ import annotations

from tests.app.everything import Everything
from tests.app.places import pages
from tests.conftest import Installation
from tests.statements import statements
from tests.world import World

MOST_STATEMENTS = 12
# Not pages: that a copy was taken is noted for each State, at every download.
NOTED_EACH_TIME = "plans.download"


def test_the_number_of_statements_does_not_grow_with_what_is_shown(
    sqlite_installation: Installation,
) -> None:
    for_one = _counted(sqlite_installation, 1)
    for_many = _counted(sqlite_installation, 4)
    assert for_one.keys() == for_many.keys()
    assert {at: (for_one[at], n) for at, n in for_many.items() if n != for_one[at]} == {}
    many = {at: n for at, n in for_many.items() if n > MOST_STATEMENTS}
    assert {at for at in many if NOTED_EACH_TIME not in at} == set()


def _counted(installation: Installation, count: int) -> dict[str, int]:
    """Statements of each page when it is read again, in a world with so many of everything."""
    installation.empty()
    found: dict[str, int] = {}
    with installation.app.app_context():
        everything = Everything(World(installation.app), count)
        for number, page in enumerate(list(pages(everything))):
            client = everything.client(page.person)
            client.get(page.path)
            with statements() as sent:
                client.get(page.path)
            found[f"{number} {page.endpoint} {page.person}"] = len(sent)
    return found
