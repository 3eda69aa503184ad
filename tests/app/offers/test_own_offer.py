"""A State makes, changes, pauses and withdraws its offer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.extensions import db
from app.membership.models import LanguageLevel
from app.membership.weeks import monday_of
from app.offers.models import Offer, OfferState
from tests.pages import text_of
from tests.world import World

SOON = dt.date.today() + dt.timedelta(days=90)  # noqa: DTZ011
LATER = SOON + dt.timedelta(days=90)


def the_offer() -> Offer:
    db.session.expire_all()
    return db.session.scalars(select(Offer)).one()


def levels() -> dict[str, int | None]:
    return {row.theme: row.level for row in the_offer().themes}


def test_a_draft_may_still_be_without_a_theme(world: World) -> None:
    client = world.client(world.focal_point())
    answer = client.send("/offers/new", capacity="3", note="To be told", then="draft")
    assert answer.status_code == 303
    offer = the_offer()
    assert (offer.state, offer.capacity, offer.note) == (OfferState.DRAFT, 3, "To be told")
    assert client.send(f"/offers/{offer.public_id}/submit", "/offers").status_code == 409
    assert the_offer().state == OfferState.DRAFT


def test_an_offer_without_a_theme_is_not_submitted_and_what_was_typed_is_kept(
    world: World,
) -> None:
    client = world.client(world.focal_point())
    answer = client.send("/offers/new", capacity="3", note="Kept words", then="submit")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Choose at least one theme on which you can share." in page
    assert "Kept words" in page
    assert db.session.scalars(select(Offer)).all() == []


def test_a_level_that_is_no_level_is_refused_with_words(world: World) -> None:
    """It was read as a number before anything had looked whether it is one."""
    client = world.client(world.focal_point())
    answer = client.send(
        "/offers/new", capacity="3", themes=["TRACK"], level_TRACK="high", then="draft"
    )
    assert answer.status_code == 422
    assert "Not a valid choice" in answer.get_data(as_text=True)
    assert db.session.scalars(select(Offer)).all() == []


def test_submitting_stores_everything(world: World) -> None:
    state = world.state(languages={"en": LanguageLevel.LEAD, "fr": LanguageLevel.WORK})
    client = world.client(world.focal_point(state))
    answer = client.send(
        "/offers/new",
        themes=["TRACK", "DIGI"],
        level_TRACK="4",
        capacity="2",
        languages=["fr"],
        first_week=SOON.isoformat(),
        last_week=LATER.isoformat(),
        regions=["african", "grulac"],
        sub_networks=["oif"],
        note="Notre base de données",
        note_language="fr",
        then="submit",
    )
    assert answer.status_code == 303
    offer = the_offer()
    assert offer.state == OfferState.SUBMITTED
    assert levels() == {"DIGI": None, "TRACK": 4}
    assert (offer.capacity, offer.languages) == (2, ["fr"])
    assert (offer.first_week, offer.last_week) == (monday_of(SOON), monday_of(LATER))
    assert (offer.regions, offer.sub_networks) == (["african", "grulac"], ["oif"])
    assert (offer.note, offer.note_language) == ("Notre base de données", "fr")


@pytest.mark.parametrize("capacity", ["0", "21", "", "many"])
def test_the_capacity_is_a_number_from_1_to_20(world: World, capacity: str) -> None:
    client = world.client(world.focal_point())
    answer = client.send("/offers/new", themes=["TRACK"], capacity=capacity, then="submit")
    assert answer.status_code == 422
    assert db.session.scalars(select(Offer)).all() == []


def test_the_weeks_are_in_order_and_not_over(world: World) -> None:
    client = world.client(world.focal_point())
    fields: dict[str, Any] = {"themes": ["TRACK"], "capacity": "1", "then": "submit"}
    for first, last in ((LATER, SOON), (None, dt.date(2020, 1, 6))):
        weeks = {"last_week": last.isoformat(), "first_week": first.isoformat() if first else ""}
        assert client.send("/offers/new", **fields, **weeks).status_code == 422
    same = {"first_week": SOON.isoformat(), "last_week": monday_of(SOON).isoformat()}
    assert client.send("/offers/new", **fields, **same).status_code == 303


def test_a_level_without_its_theme_is_pointed_out(world: World) -> None:
    client = world.client(world.focal_point())
    answer = client.send(
        "/offers/new", themes=["TRACK"], level_PARL="2", capacity="1", then="draft"
    )
    assert answer.status_code == 422
    page = text_of(answer.get_data(as_text=True))
    assert "You chose a level for “Parliament”" in page


def test_one_offer_for_a_state(world: World) -> None:
    state = world.state()
    world.offer(state)
    client = world.client(world.focal_point(state))
    answer = client.send("/offers/new", themes=["PARL"], capacity="1", note="kept", then="draft")
    assert answer.status_code == 409
    assert "kept</textarea>" in answer.get_data(as_text=True)


def test_pause_and_resume_in_one_click(world: World) -> None:
    state = world.state()
    offer = world.offer(state)
    client = world.client(world.focal_point(state))
    assert client.send(f"/offers/{offer.public_id}/pause", "/offers").status_code == 303
    assert (the_offer().paused, the_offer().state) == (True, OfferState.SUBMITTED)
    assert client.send(f"/offers/{offer.public_id}/resume", "/offers").status_code == 303
    assert the_offer().paused is False
    tags = db.session.scalars(select(AuditEntry.tag).order_by(AuditEntry.id)).all()
    assert tags == ["offer.paused", "offer.resumed"]


def test_a_draft_can_not_be_paused(world: World) -> None:
    state = world.state()
    offer = world.offer(state, state=OfferState.DRAFT)
    client = world.client(world.focal_point(state))
    assert client.send(f"/offers/{offer.public_id}/pause", "/offers").status_code == 409


def test_withdraw_and_restore(world: World) -> None:
    state = world.state()
    offer = world.offer(state, {"TRACK": 3})
    client = world.client(world.focal_point(state))
    client.send(f"/offers/{offer.public_id}/withdraw", "/offers")
    assert the_offer().state == OfferState.WITHDRAWN
    assert client.get(f"/offers/{offer.public_id}").status_code == 404
    client.send(f"/offers/{offer.public_id}/restore", "/offers")
    assert the_offer().state == OfferState.DRAFT
    assert levels() == {"TRACK": 3}


def test_the_second_of_two_people_sees_what_the_first_saved(world: World) -> None:
    state = world.state()
    offer = world.offer(state)
    path, version = f"/offers/{offer.public_id}", str(offer.version)
    first = world.client(world.focal_point(state))
    second = world.client(world.person(Role.ALTERNATE, state=state))
    # Only a theme differs, which another table holds: that counts as a change all the same.
    saved = first.send(path, themes=["TRACK", "PARL"], capacity="2", version=version, then="submit")
    assert saved.status_code == 303
    late = second.send(
        path, themes=["STAT"], capacity="5", note="Mine", version=version, then="submit"
    )
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Parliament (Not stated)" in text_of(page)
    assert "Mine</textarea>" in page
    assert levels() == {"PARL": None, "TRACK": None}


def test_a_colleague_drafts_but_does_not_submit_pause_or_withdraw(world: World) -> None:
    state = world.state()
    colleague = world.client(world.person(Role.COLLEAGUE, state=state))
    fields: dict[str, Any] = {"themes": ["TRACK"], "capacity": "1"}
    assert colleague.send("/offers/new", **fields, then="submit").status_code == 403
    assert colleague.send("/offers/new", **fields, then="draft").status_code == 303
    path = f"/offers/{the_offer().public_id}"
    assert colleague.send(f"{path}/submit", path).status_code == 403
    world.client(world.focal_point(state)).send(f"{path}/submit", "/offers")
    assert the_offer().state == OfferState.SUBMITTED
    assert colleague.get(path).status_code == 404
    for verb in ("pause", "withdraw", "confirm"):
        fields = {"version": str(the_offer().version)}
        answer = colleague.send(f"{path}/{verb}", "/offers/new", **fields)
        assert answer.status_code in (403, 409)
    assert (the_offer().state, the_offer().paused) == (OfferState.SUBMITTED, False)


def test_who_is_not_on_the_roster_drafts(world: World) -> None:
    client = world.client(world.focal_point(world.state(status=None)))
    page = client.get("/offers/new").get_data(as_text=True)
    assert 'value="submit"' not in page
    assert 'href="/how-to-join"' in page
    fields: dict[str, Any] = {"themes": ["TRACK"], "capacity": "1"}
    assert client.send("/offers/new", **fields, then="submit").status_code == 409
    assert client.send("/offers/new", **fields, then="draft").status_code == 303
    assert the_offer().state == OfferState.DRAFT


@pytest.mark.parametrize(
    "verb", ["submit", "withdraw", "restore", "confirm", "decline", "pause", "resume"]
)
def test_what_another_state_does_to_an_offer_is_a_404(world: World, verb: str) -> None:
    theirs = world.offer(world.state())
    client = world.client(world.focal_point())
    assert client.send(f"/offers/{theirs.public_id}/{verb}", "/offers/new").status_code == 404
    assert (the_offer().state, the_offer().paused) == (OfferState.SUBMITTED, False)


def test_a_state_never_reads_anothers_offer(world: World) -> None:
    theirs = world.state()
    offer = world.offer(theirs, {"PARL": 4}, note="Secret words of theirs")
    path = f"/offers/{offer.public_id}"
    owner = world.client(world.focal_point(theirs))
    assert "Secret words of theirs" in owner.get(path).get_data(as_text=True)
    assert "Firmly established" in owner.get("/offers").get_data(as_text=True)
    other = world.client(world.focal_point())
    assert other.get(path).status_code == 404
    assert "Parliament" not in other.get("/offers").get_data(as_text=True)


def test_the_page_in_arabic(world: World) -> None:
    state = world.state()
    world.offer(state, {"PARL": None}, regions=["african"])
    client = world.client(world.focal_point(state, language="ar"), language="ar")
    page = client.get("/offers").get_data(as_text=True)
    assert 'dir="rtl">' in page
    assert "البرلمان" in page
    assert "الدول الأفريقية" in page
