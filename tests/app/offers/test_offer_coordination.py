"""What a coordinator enters for a State's offer waits for its word; levels stay out of reach."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.extensions import db
from app.membership.models import State
from app.notices import Mail
from app.offers import actions, queries
from app.offers.conditions import Conditions
from app.offers.models import Offer, OfferState
from tests.pages import text_of
from tests.world import World


def the_offer() -> Offer:
    db.session.expire_all()
    return db.session.scalars(select(Offer)).one()


def version_on(page: str) -> str:
    return page.split('name="version" value="')[1].split('"')[0]


def test_a_proposed_offer_counts_once_the_state_confirms_it(world: World) -> None:
    state = world.state()
    speaker = world.focal_point(state, email="fp@example.org", language="es")
    coordinator = world.client(world.coordinator())
    path = f"/states/{state.public_id}/offer"
    page = coordinator.get(f"{path}/change").get_data(as_text=True)
    assert "level_" not in page
    answer = coordinator.send(
        f"{path}/change", themes=["PARL"], capacity="2", version=version_on(page)
    )
    assert answer.status_code == 303
    offer = the_offer()
    assert (offer.state, offer.capacity) == (OfferState.PROPOSED, 2)
    assert queries.submitted_by_state() == {}
    mail = db.session.scalars(select(Mail)).one()
    assert (mail.recipient, mail.language) == ("fp@example.org", "es")
    assert "http://localhost/offers" in mail.text
    client = world.client(speaker)
    assert "Waiting for your word" in client.get("/offers").get_data(as_text=True)
    client.send(f"/offers/{offer.public_id}/confirm", "/offers", version=str(offer.version))
    assert the_offer().state == OfferState.SUBMITTED
    assert list(queries.submitted_by_state()) == [state.id]


def test_a_change_alters_nothing_until_confirmed_and_keeps_the_levels(world: World) -> None:
    state = world.state()
    offer = world.offer(state, {"TRACK": 4, "PARL": 2}, capacity=1)
    coordinator = world.client(world.coordinator())
    path = f"/states/{state.public_id}/offer/change"
    version = version_on(coordinator.get(path).get_data(as_text=True))
    answer = coordinator.send(path, themes=["TRACK", "STAT"], capacity="3", version=version)
    assert answer.status_code == 303
    offer = the_offer()
    assert (offer.state, offer.capacity) == (OfferState.SUBMITTED, 1)
    assert offer.theme_codes == ["PARL", "TRACK"]
    client = world.client(world.focal_point(state))
    page = text_of(client.get("/offers").get_data(as_text=True))
    assert "1 mentee at once, at most" in page
    assert "3 mentees at once, at most" in page
    client.send(f"/offers/{offer.public_id}/confirm", "/offers", version=str(offer.version))
    offer = the_offer()
    assert (offer.capacity, offer.proposed_change) == (3, None)
    assert {row.theme: row.level for row in offer.themes} == {"STAT": None, "TRACK": 4}


def test_a_declined_change_leaves_the_offer_as_it_was(world: World) -> None:
    state = world.state()
    change = Conditions(themes=("PARL",), capacity=5).as_change()
    offer = world.offer(state, proposed_change=change)
    client = world.client(world.focal_point(state))
    client.send(f"/offers/{offer.public_id}/decline", "/offers")
    offer = the_offer()
    assert (offer.theme_codes, offer.capacity, offer.proposed_change) == (["TRACK"], 2, None)


def test_what_a_coordinator_entered_can_be_taken_back(world: World) -> None:
    state = world.state()
    world.offer(state, proposed_change=Conditions(themes=("PARL",)).as_change())
    coordinator = world.client(world.coordinator())
    path = f"/states/{state.public_id}/offer"
    assert coordinator.send(f"{path}/take-back", path).status_code == 303
    assert the_offer().proposed_change is None
    assert the_offer().state == OfferState.SUBMITTED


def test_a_coordinator_never_sees_levels_or_drafts(world: World) -> None:
    open_one, shy = world.state(), world.state()
    world.offer(open_one, {"PARL": 4}, note="Public words")
    draft = world.offer(shy, {"JUDI": 1}, state=OfferState.DRAFT, note="Draft words")
    owner = world.client(world.focal_point(shy))
    assert "Draft words" in owner.get(f"/offers/{draft.public_id}").get_data(as_text=True)
    assert "Case by case" in owner.get("/offers").get_data(as_text=True)
    coordinator = world.client(world.coordinator())
    page = text_of(coordinator.get(f"/states/{open_one.public_id}/offer").get_data(as_text=True))
    assert "Public words" in page
    assert "Firmly established" not in page
    for path in ("offer", "offer/change"):
        page = coordinator.get(f"/states/{shy.public_id}/{path}").get_data(as_text=True)
        assert "Draft words" not in page
        assert "Case by case" not in page


def test_proposing_beside_a_draft_does_not_betray_it(world: World) -> None:
    state, other = world.state(), world.state()
    draft = world.offer(state, {"JUDI": 1}, state=OfferState.DRAFT, note="Our secret draft")
    coordinator = world.client(world.coordinator())
    pages = []
    for one in (state, other):
        path = f"/states/{one.public_id}/offer"
        version = version_on(coordinator.get(f"{path}/change").get_data(as_text=True))
        answer = coordinator.send(f"{path}/change", themes=["PARL"], capacity="2", version=version)
        assert answer.status_code == 303
        page = text_of(coordinator.get(path).get_data(as_text=True))
        pages.append(page.replace(one.name, "X"))
    assert pages[0] == pages[1]
    kept = db.session.get_one(Offer, draft.id, populate_existing=True)
    assert (kept.state, kept.note, kept.theme_codes) == ("draft", "Our secret draft", ["JUDI"])


def test_levels_are_out_of_reach_of_the_coordinators_queries(world: World) -> None:
    world.offer(world.state(), {"PARL": 4})
    db.session.expunge_all()
    state = db.session.scalars(select(State)).unique().one()
    by_state = queries.submitted_by_state()[state.id]
    shown = queries.for_coordinator(state)
    assert shown is not None
    for offer in (by_state, shown):
        with pytest.raises(InvalidRequestError):
            _ = offer.themes[0].level
    assert queries.submitted_to_seal()[state.id].themes[0].level == 4


def test_nobody_acts_on_the_own_state(world: World) -> None:
    state = world.state()
    world.offer(state)
    client = world.client(world.person(Role.PROGRAMME_COORDINATOR, Role.COLLEAGUE, state=state))
    path = f"/states/{state.public_id}/offer"
    assert client.get(path).status_code == 200
    assert client.send(f"{path}/change", "/offers/new", capacity="9").status_code == 403
    assert client.send(f"{path}/take-back", "/offers/new").status_code == 403
    assert the_offer().proposed_change is None


def test_saying_the_same_twice_changes_nothing(world: World) -> None:
    state = world.state()
    speaker, coordinator = world.focal_point(state), world.coordinator()
    conditions = Conditions(themes=("PARL", "TRACK"), capacity=2)
    for _ in range(2):
        actions.save_offer(state=state, by=speaker, conditions=conditions, levels={"PARL": 3})
        db.session.commit()
    assert the_offer().version == 1
    changed = Conditions(themes=("PARL",), capacity=2)
    for _ in range(2):
        actions.propose_offer(state=state, by=coordinator, conditions=changed)
        db.session.commit()
    assert len(db.session.scalars(select(Mail)).all()) == 1
    tags = db.session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)).all()
    assert tags == ["offer.drafted", "offer.proposed"]
