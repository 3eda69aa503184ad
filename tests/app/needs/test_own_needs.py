"""A State writes, orders, submits and withdraws its needs."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.extensions import db
from app.membership.models import LanguageLevel
from app.membership.weeks import monday_of
from app.needs.models import Need, NeedState
from tests.pages import text_of
from tests.world import World

SOON = dt.date.today() + dt.timedelta(days=90)  # noqa: DTZ011


def the_need() -> Need:
    db.session.expire_all()
    return db.session.scalars(select(Need)).one()


def themes_in_order(state_id: int) -> list[tuple[int, str]]:
    db.session.expire_all()
    live = select(Need).where(Need.state_id == state_id, Need.state != NeedState.WITHDRAWN)
    return [(need.rank, need.theme) for need in db.session.scalars(live.order_by(Need.rank))]


def test_a_draft_needs_a_theme_only(world: World) -> None:
    client = world.client(world.focal_point())
    answer = client.send("/needs/new", theme="TRACK", then="draft", success_language="en")
    assert answer.status_code == 303
    need = the_need()
    assert (need.theme, need.state, need.rank) == ("TRACK", NeedState.DRAFT, 1)
    assert (need.level_now, need.level_sought, need.languages) == (None, None, [])


def test_without_a_theme_nothing_is_saved_and_what_was_typed_is_kept(world: World) -> None:
    client = world.client(world.focal_point())
    answer = client.send(
        "/needs/new", theme="", then="draft", success="Ein Plan", success_language="en"
    )
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Choose the theme on which you would like to learn." in page
    assert "Ein Plan" in page
    assert db.session.scalars(select(Need)).all() == []


def test_submitting_stores_everything_and_the_monday_of_the_week(world: World) -> None:
    state = world.state(languages={"en": LanguageLevel.LEAD, "sw": LanguageLevel.WORK})
    client = world.client(world.focal_point(state))
    answer = client.send(
        "/needs/new",
        theme="CLUST",
        level_now="0",
        level_sought="3",
        languages=["sw"],
        latest_week=SOON.isoformat(),
        success="  Mpango mmoja  ",
        success_language="sw",
        then="submit",
    )
    assert answer.status_code == 303
    need = the_need()
    assert need.state == NeedState.SUBMITTED
    assert need.submitted_at is not None
    assert (need.level_now, need.level_sought) == (0, 3)
    assert need.languages == ["sw"]
    assert need.latest_week == monday_of(SOON)
    assert (need.success, need.success_language) == ("Mpango mmoja", "sw")


def test_a_week_that_has_passed_stays_in_a_draft_but_is_not_submitted(world: World) -> None:
    client = world.client(world.focal_point())
    fields = {"theme": "TRACK", "latest_week": "2020-01-01", "success_language": "en"}
    refused = client.send("/needs/new", **fields, then="submit")
    assert refused.status_code == 422
    assert 'value="2020-01-01"' in refused.get_data(as_text=True)
    assert client.send("/needs/new", **fields, then="draft").status_code == 303
    assert the_need().latest_week == dt.date(2019, 12, 30)
    again = client.send(f"/needs/{the_need().public_id}/submit", "/needs")
    assert again.status_code == 409
    assert the_need().state == NeedState.DRAFT


def test_a_language_the_state_has_not_declared_is_refused(world: World) -> None:
    client = world.client(world.focal_point())
    answer = client.send(
        "/needs/new", theme="TRACK", languages=["fr"], success_language="en", then="submit"
    )
    assert answer.status_code == 422


def test_one_need_for_a_theme(world: World) -> None:
    state = world.state()
    world.need(state, "TRACK")
    client = world.client(world.focal_point(state))
    answer = client.send(
        "/needs/new", theme="TRACK", success="kept", success_language="en", then="draft"
    )
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Your list already holds a need on this theme." in page
    assert "kept" in page


def test_a_submitted_need_that_is_changed_stays_submitted(world: World) -> None:
    state = world.state()
    need = world.need(state, "TRACK", level_now=2)
    client = world.client(world.focal_point(state))
    path = f"/needs/{need.public_id}"
    answer = client.send(
        path,
        theme="TRACK",
        level_now="",
        level_sought="4",
        success="More",
        success_language="en",
        version=str(need.version),
        then="submit",
    )
    assert answer.status_code == 303
    need = the_need()
    assert (need.state, need.success) == (NeedState.SUBMITTED, "More")
    assert (need.level_now, need.level_sought) == (None, 4)
    # "draft" can't be smuggled in to weaken the checks of a need that counts.
    refused = client.send(
        path,
        theme="TRACK",
        latest_week="2020-01-01",
        success_language="en",
        version=str(need.version),
        then="draft",
    )
    assert refused.status_code == 422


def test_saving_the_same_twice_changes_nothing(world: World) -> None:
    state = world.state()
    need = world.need(state, "TRACK", success="One plan")
    before = need.version
    client = world.client(world.focal_point(state))
    answer = client.send(
        f"/needs/{need.public_id}",
        theme="TRACK",
        success="One plan",
        success_language="en",
        version=str(before),
        then="submit",
    )
    assert answer.status_code == 303
    assert the_need().version == before
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_the_second_of_two_people_sees_what_the_first_saved_and_keeps_the_own_words(
    world: World,
) -> None:
    state = world.state()
    need = world.need(state, "TRACK")
    path, version = f"/needs/{need.public_id}", str(need.version)
    first = world.client(world.focal_point(state))
    second = world.client(world.person(Role.ALTERNATE, state=state))
    fields = {"theme": "TRACK", "success_language": "en", "then": "submit"}
    assert first.send(path, **fields, success="First", version=version).status_code == 303
    late = second.send(path, **fields, success="Second", level_now="3", version=version)
    assert late.status_code == 409
    page = late.get_data(as_text=True)
    assert "Someone else saved this while you were writing" in page
    assert "First" in page
    assert "Second</textarea>" in page
    assert the_need().success == "First"
    now = str(the_need().version)
    assert f'name="version" value="{now}"' in page
    assert second.send(path, **fields, success="Second", version=now).status_code == 303
    assert the_need().success == "Second"


def test_ranks_have_no_gaps(world: World) -> None:
    state = world.state()
    needs = [
        world.need(state, theme, rank=rank, state=NeedState.DRAFT)
        for rank, theme in enumerate(("LEGAL", "TRACK", "STAT", "PARL"), start=1)
    ]
    ids = [need.public_id for need in needs]
    versions = [need.version for need in needs]
    client = world.client(world.focal_point(state))
    client.send(f"/needs/{ids[3]}/up", "/needs")
    assert themes_in_order(state.id) == [(1, "LEGAL"), (2, "TRACK"), (3, "PARL"), (4, "STAT")]
    client.send(f"/needs/{ids[0]}/down", "/needs")
    assert themes_in_order(state.id) == [(1, "TRACK"), (2, "LEGAL"), (3, "PARL"), (4, "STAT")]
    # At the ends nothing happens.
    assert client.send(f"/needs/{ids[1]}/up", "/needs").status_code == 303
    assert client.send(f"/needs/{ids[2]}/down", "/needs").status_code == 303
    assert themes_in_order(state.id) == [(1, "TRACK"), (2, "LEGAL"), (3, "PARL"), (4, "STAT")]
    # Nobody who is writing is disturbed by a new order.
    assert [db.session.get_one(Need, need.id).version for need in needs] == versions
    client.send(f"/needs/{ids[0]}/withdraw", "/needs")
    assert themes_in_order(state.id) == [(1, "TRACK"), (2, "PARL"), (3, "STAT")]
    client.send(f"/needs/{ids[0]}/restore", "/needs")
    assert themes_in_order(state.id) == [(1, "TRACK"), (2, "PARL"), (3, "STAT"), (4, "LEGAL")]


def test_a_withdrawn_need_comes_back_as_a_draft(world: World) -> None:
    state = world.state()
    need = world.need(state, "TRACK")
    client = world.client(world.focal_point(state))
    client.send(f"/needs/{need.public_id}/withdraw", "/needs")
    assert the_need().state == NeedState.WITHDRAWN
    assert "1 withdrawn need" in text_of(client.get("/needs").get_data(as_text=True))
    assert client.get(f"/needs/{need.public_id}").status_code == 404
    client.send(f"/needs/{need.public_id}/restore", "/needs")
    assert the_need().state == NeedState.DRAFT


def test_a_need_is_not_restored_beside_another_on_its_theme(world: World) -> None:
    state = world.state()
    old = world.need(state, "TRACK", state=NeedState.WITHDRAWN)
    world.need(state, "TRACK")
    client = world.client(world.focal_point(state))
    assert client.send(f"/needs/{old.public_id}/restore", "/needs").status_code == 409
    assert themes_in_order(state.id) == [(1, "TRACK")]


def test_a_colleague_drafts_and_those_who_speak_for_the_state_submit(world: World) -> None:
    state = world.state()
    colleague = world.client(world.person(Role.COLLEAGUE, state=state))
    page = colleague.get("/needs/new").get_data(as_text=True)
    assert 'value="submit"' not in page
    fields = {"theme": "TRACK", "success": "Ours", "success_language": "en"}
    refused = colleague.send("/needs/new", **fields, then="submit")
    assert refused.status_code == 403
    assert "Ours" in refused.get_data(as_text=True)
    assert colleague.send("/needs/new", **fields, then="draft").status_code == 303
    path = f"/needs/{the_need().public_id}"
    assert colleague.send(f"{path}/submit", "/needs").status_code == 403
    assert the_need().state == NeedState.DRAFT
    alternate = world.client(world.person(Role.ALTERNATE, state=state))
    assert alternate.send(f"{path}/submit", "/needs").status_code == 303
    assert the_need().state == NeedState.SUBMITTED
    # What counts is only read by the colleague from now on.
    assert "Ours" in colleague.get(path).get_data(as_text=True)
    assert colleague.send(path, "/needs/new", **fields, then="draft").status_code == 200
    assert colleague.send(f"{path}/withdraw", "/needs/new").status_code == 403
    assert the_need().state == NeedState.SUBMITTED


def test_who_is_not_on_the_roster_drafts_and_reads_how_to_join(world: World) -> None:
    state = world.state(status=None)
    client = world.client(world.focal_point(state))
    page = client.get("/needs/new").get_data(as_text=True)
    assert 'value="submit"' not in page
    assert 'href="/how-to-join"' in page
    fields = {"theme": "TRACK", "success": "Kept words", "success_language": "en"}
    refused = client.send("/needs/new", **fields, then="submit")
    assert refused.status_code == 409
    assert "Kept words" in refused.get_data(as_text=True)
    assert db.session.scalars(select(Need)).all() == []
    assert client.send("/needs/new", **fields, then="draft").status_code == 303
    again = client.send(f"/needs/{the_need().public_id}/submit", "/needs")
    assert again.status_code == 409
    assert the_need().state == NeedState.DRAFT
    assert client.get("/how-to-join").status_code == 200


def test_a_state_without_languages_is_told_to_say_them_first(world: World) -> None:
    state = world.state(languages={})
    client = world.client(world.focal_point(state))
    answer = client.send("/needs/new", theme="TRACK", success_language="en", then="submit")
    assert answer.status_code == 409
    assert "in which languages your mechanism can meet others" in answer.get_data(as_text=True)


@pytest.mark.parametrize("verb", ["submit", "withdraw", "restore", "confirm", "decline", "up"])
def test_what_another_state_does_to_a_need_is_a_404(world: World, verb: str) -> None:
    mine, theirs = world.state(), world.state()
    need = world.need(theirs, "TRACK", state=NeedState.DRAFT)
    client = world.client(world.focal_point(mine))
    assert client.send(f"/needs/{need.public_id}/{verb}", "/needs/new").status_code == 404
    assert client.send(f"/needs/{'0' * 32}/{verb}", "/needs/new").status_code == 404
    assert the_need().state == NeedState.DRAFT


def test_a_state_never_reads_anothers_need(world: World) -> None:
    mine, theirs = world.state(), world.state()
    need = world.need(theirs, "PARL", success="Secret words of theirs", level_now=1)
    path = f"/needs/{need.public_id}"
    owner = world.client(world.focal_point(theirs))
    assert "Secret words of theirs" in owner.get(path).get_data(as_text=True)
    assert "Parliament" in owner.get("/needs").get_data(as_text=True)
    other = world.client(world.focal_point(mine))
    assert other.get(path).status_code == 404
    assert "Parliament" not in other.get("/needs").get_data(as_text=True)


def test_levels_are_sealed_in_the_database_and_absent_from_the_trail(world: World) -> None:
    state = world.state()
    client = world.client(world.focal_point(state))
    client.send(
        "/needs/new",
        theme="TRACK",
        level_now="0",
        level_sought="4",
        success_language="en",
        then="submit",
    )
    raw = db.session.connection().exec_driver_sql("SELECT level_now FROM need").scalar_one()
    assert bytes(raw).startswith(b"gAAAA")
    assert "Not yet" in client.get("/needs/" + the_need().public_id).get_data(as_text=True)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.tag, entry.facts) for entry in entries] == [
        ("need.drafted", {}),
        ("need.submitted", {}),
    ]


def test_the_page_in_arabic(world: World) -> None:
    state = world.state()
    world.need(state, "PARL")
    client = world.client(world.focal_point(state, language="ar"), language="ar")
    page = client.get("/needs").get_data(as_text=True)
    assert 'dir="rtl">' in page
    assert "البرلمان" in page
