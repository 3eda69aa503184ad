"""The forms of administering people speak the reader's language."""

from __future__ import annotations

from tests.pages import text_of
from tests.world import World


def test_regions_are_named_in_the_readers_language(world: World) -> None:
    """They were once fixed at import, in English for everybody."""
    client = world.client(world.administrator(), language="fr")
    page = text_of(client.get("/people/invite").get_data(as_text=True))
    assert "États d'Afrique" in page.replace("’", "'")
    assert "African" not in page
