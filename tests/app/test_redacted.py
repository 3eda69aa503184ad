"""What a coordinator searches, sorts and counts is what a coordinator may see.

The same Network before and after something changed that is not theirs to know: every page and
every list, however it is searched and sorted, is the same to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.needs.models import Need, NeedState
from app.offers.models import OfferState, OfferTheme
from tests.app.plans.planning import Planning
from tests.pages import InspectingClient
from tests.world import World

TOKEN = re.compile(r'name="csrf_token"\s+value="[^"]+"')
SORTS = ("name", "region", "status", "answer", "needs", "capacity", "changed", "reminded")


def _levels(planning: Planning) -> None:
    """That something was changed is shown with its day; here all stays but the levels."""
    levels = {"level_now": 3, "level_sought": 2, "changed_at": Need.changed_at}
    db.session.execute(update(Need).values(levels))
    db.session.execute(update(OfferTheme).values(level=4))


def _drafts(planning: Planning) -> None:
    state, mentor = planning.mentees[0], planning.mentors[0]
    for number, kept in enumerate((NeedState.DRAFT, NeedState.WITHDRAWN), start=2):
        theme = {NeedState.DRAFT: "PARL", NeedState.WITHDRAWN: "NHRI"}[kept]
        planning.world.need(state, theme, state=kept, success="Hidden hope", rank=number)
    planning.world.offer(state, {"PARL": 2}, state=OfferState.DRAFT)
    planning.world.need(mentor, "PARL", state=NeedState.DRAFT, success="Hidden hope", level_now=2)


@pytest.mark.parametrize("change", [_levels, _drafts])
def test_what_is_not_theirs_to_know_changes_nothing_for_coordinators(
    world: World, change: Callable[[Planning], None]
) -> None:
    planning = Planning(world, mentors=2, mentees=3)
    addresses = _addresses(planning, planning.plan().public_id)
    coordinator = world.client(planning.coordinator)
    own = world.client(world.focal_point(planning.mentees[0]))
    need = db.session.scalars(select(Need).where(Need.state_id == planning.mentees[0].id)).one()
    owns = ["/needs", "/offers", f"/needs/{need.public_id}"]
    own_before = _read(own, owns)
    before = _read(coordinator, addresses)
    change(planning)
    db.session.commit()
    assert _read(own, owns) != own_before
    assert _read(coordinator, addresses) == before


def _read(client: InspectingClient, addresses: list[str]) -> dict[str, str]:
    """The pages as they are, but for the tokens of their forms."""
    found = {}
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        found[address] = TOKEN.sub("", answer.get_data(as_text=True))
    return found


def _addresses(planning: Planning, plan_id: str) -> list[str]:
    round_page = f"/rounds/{planning.round.public_id}"
    state_id = planning.mentees[0].public_id
    plan = f"/plans/{plan_id}"
    return [
        "/",
        "/rounds",
        "/roster",
        "/roster?text=hidden",
        *(f"{round_page}?sort={sign}{sort}" for sort in SORTS for sign in ("", "-")),
        *(f"{round_page}?text={text}" for text in ("Hidden", "PARL", "level", "4")),
        *(f"{round_page}?answer={kind}" for kind in ("submitted", "not_yet", "unconfirmed")),
        f"/states/{state_id}/needs",
        f"/states/{state_id}/offer",
        f"/states/{state_id}/workbook",
        plan,
        f"{plan}/unmet?q=hidden",
        f"{plan}/load",
        *(f"{plan}?sort={sort}" for sort in ("mentee", "-mentor", "region", "language")),
        *(f"{plan}?{filter}" for filter in ("theme=PARL", "theme=TRACK", "q=hidden", "q=Learn")),
        f"{round_page}/plans",
        f"{round_page}/answers?q=hidden",
    ]
