"""Pages of lists, whatever number stands in the address."""

from __future__ import annotations

import pytest

from tests.pages import text_of
from tests.world import World

NUMBERS = ["0", "-1", "nine", "9223372036854775807", "9" * 30]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("path", ["/people", "/trail", "/record"])
def test_a_number_that_no_database_takes_breaks_no_list(
    world: World, path: str, number: str
) -> None:
    """The offset of such a page was more than SQLite and PostgreSQL count to."""
    people = [world.administrator(), world.focal_point()]
    answers = [world.client(person).get(f"{path}?page={number}").status_code for person in people]
    assert sorted(answers) == [200, 404]


def test_a_number_beyond_the_end_gets_the_last_page(world: World) -> None:
    client = world.client(world.administrator(name="Ada Ndiaye"))
    assert (
        "Ada Ndiaye"
        in text_of(client.get("/people?page=7").get_data(as_text=True)).partition(
            "People with an account"
        )[2]
    )
