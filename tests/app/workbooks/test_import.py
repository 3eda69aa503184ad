"""From a filled-in workbook to records: preview, faults, confirmation, replay, tenancy."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, text

from app.accounts.models import Role
from app.audit.actions import verify_chain
from app.database import now
from app.extensions import db
from app.jobs.models import Job, JobState
from app.membership.catalogue import themes
from app.membership.models import LanguageLevel, State
from app.needs.models import Need, NeedState
from app.notices import Mail
from app.offers.models import Offer, OfferState
from app.workbooks.models import Upload
from app.workbooks.tasks import forget_undecided
from tests.app.workbooks.books import Book, apply, do_jobs, seen_on, send, send_and_read
from tests.pages import InspectingClient, parse, text_of, token_on
from tests.statements import statements
from tests.world import World

TRACKING = "Tracking implementation"
BUDGET = "Budget and resources"
LEGAL = "Legal basis and mandate"


def words(client: InspectingClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return text_of(answer.get_data(as_text=True))


def rows_of(client: InspectingClient, address: str, *, table: int = 0) -> list[list[str]]:
    body = list(parse(client.get(address).get_data(as_text=True)).iter("tbody"))[table]
    return [[" ".join("".join(cell.itertext()).split()) for cell in row] for row in body]


def needs_of(state: State) -> list[Need]:
    db.session.expire_all()
    return list(
        db.session.scalars(
            select(Need)
            .where(Need.state_id == state.id, Need.state != NeedState.WITHDRAWN)
            .order_by(Need.rank)
        )
    )


def offer_of(state: State) -> Offer:
    db.session.expire_all()
    return db.session.scalars(select(Offer).where(Offer.state_id == state.id)).one()


def filled(client: InspectingClient) -> Book:
    book = Book.downloaded(client)
    book.need(
        1,
        theme=TRACKING,
        rank=2,
        level_now="Not yet",
        level_sought="In part",
        language_1="French",
        latest_week=dt.date(2099, 3, 4),
        success="A living database",
    )
    book.need(2, theme=BUDGET, rank=1)
    book.answer("capacity", 2)
    book.answer("theme", LEGAL)
    book.answer("theme", "Firmly established", column=4)
    book.answer("region_1", "African States")
    return book


def francophone(world: World) -> State:
    return world.state(languages={"en": LanguageLevel.LEAD, "fr": LanguageLevel.WORK})


def test_a_filled_workbook_becomes_drafts_after_a_preview(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    address = send_and_read(world, client, filled(client).saved())
    page = words(client, address)
    assert "thing to correct" not in page
    assert needs_of(state) == []
    budget, tracking, offer = rows_of(client, address)
    assert budget[:3] == [f"{BUDGET} Needs!A4", "New", "–"]
    assert tracking[:3] == [f"{TRACKING} Needs!A3", "New", "–"]
    assert "A living database" in tracking[3]
    assert "Where you stand now Not yet" in tracking[3]
    assert offer[1] == "New"
    assert apply(client, address).status_code == 303
    assert "2 new entries" not in words(client, address)
    assert "3 new entries" in words(client, address)
    first, second = needs_of(state)
    assert (first.theme, first.rank, first.state) == ("BUDG", 1, "draft")
    assert (first.level_now, first.level_sought) == (None, None)
    assert (second.theme, second.rank, second.state) == ("TRACK", 2, "draft")
    assert (second.level_now, second.level_sought) == (0, 2)
    assert (second.languages, second.latest_week) == (["fr"], dt.date(2099, 3, 2))
    assert (second.success, second.success_language) == ("A living database", "en")
    made = offer_of(state)
    assert (made.capacity, made.state, made.regions) == (2, "draft", ["african"])
    assert [(row.theme, row.level) for row in made.themes] == [("LEGAL", 4)]
    assert verify_chain().holds


def test_a_speaker_can_take_over_and_submit(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    address = send_and_read(world, client, filled(client).saved())
    assert apply(client, address, submit=True).status_code == 303
    assert "3 entries were submitted" in words(client, address)
    assert {need.state for need in needs_of(state)} == {"submitted"}
    assert offer_of(state).state == OfferState.SUBMITTED


def test_importing_twice_changes_nothing(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    content = filled(client).saved()
    apply(client, send_and_read(world, client, content))
    before = [(need.id, need.version, need.rank, need.changed_at) for need in needs_of(state)]
    again = send_and_read(world, client, content)
    assert "Nothing would change" in words(client, again)
    assert [row[1] for row in rows_of(client, again)] == ["Unchanged"] * 3
    # Whoever takes it over all the same changes nothing.
    assert apply(client, again, submit=False).status_code == 303
    assert before == [
        (need.id, need.version, need.rank, need.changed_at) for need in needs_of(state)
    ]
    downloaded = Book.downloaded(client).saved()
    assert "Nothing would change" in words(client, send_and_read(world, client, downloaded))


def test_a_workbook_that_says_what_is_on_record_waits_for_nobody(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    apply(client, send_and_read(world, client, filled(client).saved()), submit=True)
    again = send_and_read(world, client, Book.downloaded(client).saved())
    said = words(client, again)
    assert "Nothing to change" in said
    assert "The records say the same as the workbook already." in said
    assert "Drop this workbook" not in said
    listed = words(client, "/workbook")
    assert "Nothing to change" in listed
    assert "Waiting for your decision" not in listed


def test_a_workbook_filled_in_arabic_is_read_for_a_reader_of_french(world: World) -> None:
    state = francophone(world)
    arabic = world.client(world.focal_point(state), language="ar")
    book = Book.downloaded(arabic)
    lexicon = {(row[0].value, row[1].value): row[2].value for row in book.book["tandem"].rows}
    book.need(
        1,
        theme=lexicon["theme", "TRACK"],
        level_now=lexicon["level", "1"],
        language_1=lexicon["spoken", "fr"],
    )
    french = world.client(world.person(Role.ALTERNATE, state=state), language="fr")
    address = send_and_read(world, french, book.saved())
    assert apply(french, address).status_code == 303
    (need,) = needs_of(state)
    assert (need.theme, need.level_now, need.languages) == ("TRACK", 1, ["fr"])


def test_changes_show_before_and_after_and_what_is_not_in_the_workbook_stays(
    world: World,
) -> None:
    state = francophone(world)
    world.need(state, "TRACK", rank=1, success="Old words", level_now=1)
    world.need(state, "BUDG", rank=2)
    world.need(state, "LEGAL", rank=3)
    client = world.client(world.focal_point(state))
    book = Book.downloaded(client)
    book.need(1, success="New words", rank=3)
    book.need(3, rank=1)
    book.need(2, theme=None, rank=None, level_now=None, level_sought=None)
    address = send_and_read(world, client, book.saved())
    legal, tracking, budget = rows_of(client, address)
    assert legal[1] == "Changed"
    assert "Order 3 →becomes 1" in legal[3]
    assert "Old words →becomes New words" in tracking[3]
    assert budget[1:] == ["Stays as it is", "Submitted", "–"]
    apply(client, address)
    assert [(need.theme, need.state) for need in needs_of(state)] == [
        ("LEGAL", "submitted"),
        ("TRACK", "submitted"),
        ("BUDG", "submitted"),
    ]
    assert needs_of(state)[1].success == "New words"
    assert needs_of(state)[1].level_now == 1


FAULTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"theme": "Tracking implementatoin"}, "theme", "is not one of the themes", TRACKING),
    ({"theme": "Gardening"}, "theme", "“Gardening” is not one of the themes.", "Choose a theme"),
    ({"success": "Words"}, "theme", "This row has no theme.", "Choose a theme"),
    ({"theme": BUDGET, "rank": "first"}, "rank", "“first” is no place", "from 1 to 25"),
    ({"theme": BUDGET, "rank": 2.5}, "rank", "“2.5” is no place", "from 1 to 25"),
    ({"theme": BUDGET, "level_now": "Superb"}, "level_now", "not one of the levels", "Choose"),
    ({"theme": BUDGET, "language_1": "Klingon"}, "language_1", "“Klingon” is not", "Choose"),
    ({"theme": BUDGET, "language_1": "Spanish"}, "language_1", "“Spanish” is not", "Choose"),
    ({"theme": BUDGET, "latest_week": "soon"}, "latest_week", "“soon” is not a date", "2027-03-15"),
    ({"theme": BUDGET, "success": "x" * 2001}, "success", "more than 2000 characters", "Shorten"),
    ({"theme": "=1+1"}, "theme", "There is a formula in this cell.", "Write the value"),
    ({"theme": BUDGET, "rank": "=1+1"}, "rank", "There is a formula", "Write the value"),
    (
        {"theme": BUDGET, "success": "W", "success_language": "Elvish"},
        "success_language",
        "“Elvish” is not a language of the list",
        "Choose the language",
    ),
]


@pytest.mark.parametrize(("values", "where", "problem", "remedy"), FAULTS)
def test_each_fault_has_its_cell_and_its_remedy_and_spares_the_other_rows(
    world: World, values: dict[str, Any], where: str, problem: str, remedy: str
) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    book = Book.downloaded(client)
    book.need(1, theme=LEGAL)
    book.need(2, **values)
    address = send_and_read(world, client, book.saved())
    (fault,) = rows_of(client, address)
    assert fault[0] == f"Needs, cell {book.need_cell(2, where)}"
    assert problem in fault[1]
    assert remedy in fault[2]
    apply(client, address)
    assert [need.theme for need in needs_of(state)] == ["LEGAL"]


def test_all_faults_come_at_once(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    book = Book.downloaded(client)
    book.need(1, theme=BUDGET, rank=1)
    book.need(2, theme=TRACKING, rank=1)
    book.need(3, theme=LEGAL)
    book.need(4, theme=LEGAL)
    book.needs.merge_cells("A10:B11")
    book.need(8, theme="Parliament")
    book.answer("capacity", 99)
    book.answer("theme", LEGAL)
    book.answer("theme", LEGAL, number=2)
    book.answer("first_week", "2099-05-01")
    book.answer("last_week", "2099-04-01")
    book.answer("region_1", "Atlantis")
    address = send_and_read(world, client, book.saved())
    rows = rows_of(client, address)
    found = {row[0]: row[1] for row in rows}
    assert [row[0].split()[-1] for row in rows if row[0].startswith("Needs")] == [
        "B4",
        "A6",
        "A10:B11",
    ]
    assert found["Needs, cell B4"] == "The number 1 stands here twice, also in B3."
    assert found["Needs, cell A6"] == f"The theme “{LEGAL}” stands here twice, also in A5."
    assert found["Needs, cell A10:B11"].startswith("Cells are merged here")
    assert found["Offer, cell C2"] == "“99” is not a number of mentorships."
    assert found["Offer, cell C4"] == "The last week lies before the first."
    assert any("“Atlantis” is not one of the regional groups" in words for words in found.values())
    assert any("Legal" in words for place, words in found.items() if place.startswith("Offer"))
    assert "nothing" not in words(client, address).split("What would change")[0].lower()
    assert needs_of(state) == []


def test_what_was_typed_is_shown_as_text(world: World) -> None:
    client = world.client(world.focal_point())
    book = Book.downloaded(client)
    book.need(1, theme="<script>alert(1)</script>")
    address = send_and_read(world, client, book.saved())
    page = client.get(address).get_data(as_text=True)
    assert "“&lt;script&gt;alert(1)&lt;/script&gt;”" in page
    assert "<script>alert" not in page


def test_sheet_names_and_codes_must_be_there(world: World) -> None:
    client = world.client(world.focal_point())
    book = Book.downloaded(client)
    book.needs.title = "My needs"
    assert "There is no sheet named “Needs”." in words(
        client, send_and_read(world, client, book.saved())
    )
    book = Book.downloaded(client)
    book.needs.delete_rows(1)
    assert "The hidden codes of this sheet are gone" in words(
        client, send_and_read(world, client, book.saved())
    )
    book = Book.downloaded(client)
    del book.book["tandem"]
    assert "This workbook was not made from the one you can download here." in words(
        client, send_and_read(world, client, book.saved())
    )
    assert "The workbook holds no need and no offer." in words(
        client, send_and_read(world, client, Book.downloaded(client).saved())
    )


def test_columns_may_be_moved(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    book = Book.downloaded(client)
    book.need(1, theme=TRACKING, level_now="In part")
    book.needs.insert_cols(1, 2)
    apply(client, send_and_read(world, client, book.saved()))
    (need,) = needs_of(state)
    assert (need.theme, need.level_now) == ("TRACK", 2)


def test_a_workbook_of_another_state_is_refused(world: World) -> None:
    other = world.state("Otherland")
    content = filled(world.client(world.focal_point(other))).saved()
    client = world.client(world.focal_point())
    address = send_and_read(world, client, content)
    assert "This workbook was made for another State: Otherland." in words(client, address)
    assert "Take over" not in words(client, address)


def test_the_records_are_looked_at_again_before_anything_is_taken_over(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    address = send_and_read(world, client, filled(client).saved())
    page = client.get(address)
    fields = {"csrf_token": token_on(page), "seen": seen_on(page.get_data(as_text=True))}
    world.need(state, "BUDG", success="Typed by a colleague meanwhile")
    answer = client.post(f"{address}/apply", data=fields)
    assert answer.status_code == 409
    page_again = text_of(answer.get_data(as_text=True))
    assert "The records have changed since you saw this page." in page_again
    assert "Typed by a colleague meanwhile" in page_again
    assert [need.theme for need in needs_of(state)] == ["BUDG"]
    assert apply(client, address).status_code == 303
    token = token_on(client.get("/workbook"))
    twice = client.post(f"{address}/apply", data={**fields, "csrf_token": token})
    assert twice.status_code == 409


def test_a_colleague_prepares_and_leaves_what_counts_to_the_focal_point(world: World) -> None:
    state = francophone(world)
    world.need(state, "TRACK", success="As submitted")
    colleague = world.client(world.person(Role.COLLEAGUE, state=state))
    book = Book.downloaded(colleague)
    book.need(1, success="As the colleague has it")
    book.need(2, theme=BUDGET)
    address = send_and_read(world, colleague, book.saved())
    tracking, budget = rows_of(colleague, address)
    assert tracking[1] == "For your focal point"
    assert budget[1] == "New"
    assert "submit" not in [
        field.get("value")
        for field in parse(colleague.get(address).get_data(as_text=True)).iter("input")
    ]
    forced = apply(colleague, address, submit=True)
    assert forced.status_code == 403
    speaker = world.client(world.focal_point(state))
    assert rows_of(speaker, address)[0][1] == "Changed"
    assert apply(colleague, address).status_code == 303
    assert [(need.theme, need.success, need.state) for need in needs_of(state)] == [
        ("TRACK", "As submitted", "submitted"),
        ("BUDG", "", "draft"),
    ]


def test_what_a_coordinator_imports_waits_for_the_state_and_has_no_levels(world: World) -> None:
    state = francophone(world)
    speaker = world.focal_point(state, email="fp@askingia.example")
    client = world.client(speaker)
    content = filled(client).saved()
    coordinator = world.client(world.coordinator())
    page = f"/states/{state.public_id}/workbook"
    address = send_and_read(world, coordinator, content, page=page)
    shown = words(coordinator, address)
    assert "Levels in this workbook were not read." in shown
    assert "The order of the needs was not read." in shown
    assert "Not yet" not in shown
    assert apply(coordinator, address, submit=True).status_code == 403
    assert apply(coordinator, address).status_code == 303
    found = needs_of(state)
    assert {(need.theme, need.state) for need in found} == {
        ("TRACK", "proposed"),
        ("BUDG", "proposed"),
    }
    assert {(need.level_now, need.level_sought) for need in found} == {(None, None)}
    offer = offer_of(state)
    assert (offer.state, [row.level for row in offer.themes]) == ("proposed", [None])
    told = [mail.recipient for mail in db.session.scalars(select(Mail))]
    assert told == ["fp@askingia.example"] * 2
    again = send_and_read(world, coordinator, content, page=page)
    assert "Nothing would change" in words(coordinator, again)
    # The State sends the same workbook itself: now it is its own, with its levels.
    apply(client, send_and_read(world, client, content), submit=True)
    assert {need.state for need in needs_of(state)} == {"submitted"}
    assert {need.level_now for need in needs_of(state)} == {0, None}


def test_nothing_of_a_coordinators_upload_stores_a_level(world: World) -> None:
    state = francophone(world)
    content = filled(world.client(world.focal_point(state))).saved()
    coordinator = world.client(world.coordinator())
    page = f"/states/{state.public_id}/workbook"
    send_and_read(world, coordinator, content, page=page)
    upload = db.session.scalars(select(Upload)).one()
    assert upload.wanted
    assert [need["levels"] for need in upload.wanted["needs"]] == [None, None]
    assert upload.wanted["offer"]["levels"] is None
    assert upload.file is None


def test_what_was_read_is_sealed_and_gone_after_the_decision(world: World) -> None:
    state = francophone(world)
    client = world.client(world.focal_point(state))
    address = send(client, filled(client).saved())
    upload = db.session.scalars(select(Upload)).one()
    assert upload.file
    stored = db.session.execute(text("SELECT file FROM upload")).scalar_one()
    assert bytes(stored).startswith(b"gAAAA")
    do_jobs(world)
    upload = db.session.scalars(select(Upload)).one()
    assert upload.file is None
    assert upload.wanted
    assert upload.wanted["needs"][1]["levels"] == {"now": 0, "sought": 2}
    stored = db.session.execute(text("SELECT wanted FROM upload")).scalar_one()
    assert b"levels" not in bytes(stored)
    apply(client, address)
    db.session.expire_all()
    assert [found.wanted for found in db.session.scalars(select(Upload))] == [None]
    other = send_and_read(world, client, filled(client).saved())
    client.send(f"{other}/drop", other)
    db.session.expire_all()
    dropped = db.session.scalars(select(Upload).order_by(Upload.id.desc())).first()
    assert dropped
    assert (dropped.status, dropped.wanted, dropped.file) == ("dropped", None, None)


def test_what_nobody_decides_on_is_forgotten_after_a_month(world: World) -> None:
    client = world.client(world.focal_point())
    send_and_read(world, client, filled(client).saved())
    send_and_read(world, client, filled(client).saved())
    first, second = db.session.scalars(select(Upload).order_by(Upload.id))
    first.at = now() - dt.timedelta(days=31)
    db.session.commit()
    forget_undecided()
    assert (first.status, second.status) == ("dropped", "read")


def test_an_upload_is_seen_by_its_state_and_its_sender_alone(world: World) -> None:
    state = francophone(world)
    sender = world.client(world.focal_point(state))
    own = send_and_read(world, sender, filled(sender).saved())
    coordinator = world.client(world.coordinator())
    page = f"/states/{state.public_id}/workbook"
    theirs = send_and_read(world, coordinator, filled(sender).saved(), page=page)
    colleague = world.client(world.person(Role.COLLEAGUE, state=state))
    stranger = world.client(world.focal_point())
    assert "A living database" in words(sender, own)
    assert "A living database" in words(colleague, own)
    assert "A living database" in words(coordinator, theirs)
    for client, address in (
        (stranger, own),
        (stranger, theirs),
        (coordinator, own),
        (sender, theirs),
        (world.client(world.coordinator()), theirs),
        (world.client(world.coordinator()), own),
    ):
        assert client.get(address).status_code == 404
        assert client.get(f"{address}/progress").status_code == 404
    token = token_on(stranger.get("/workbook"))
    for step in ("apply", "drop"):
        answer = stranger.post(f"{own}/{step}", data={"csrf_token": token})
        assert answer.status_code == 404
    assert needs_of(state) == []


def test_a_coordinator_does_not_act_on_the_own_state(world: World) -> None:
    state = world.state()
    both = world.client(world.person(Role.PROGRAMME_COORDINATOR, state=state))
    assert both.get(f"/states/{state.public_id}/workbook").status_code in (403, 409)


def test_the_page_waits_with_and_without_scripts(world: World) -> None:
    client = world.client(world.focal_point())
    address = send(client, filled(client).saved())
    page = client.get(address).get_data(as_text=True)
    assert f'hx-get="{address}/progress"' in page
    assert "Refresh" in text_of(page)
    asked = client.get(f"{address}/progress", headers={"HX-Request": "true"})
    assert "hx-get" in asked.get_data(as_text=True)
    assert client.get(f"{address}/progress").headers["Location"] == address
    do_jobs(world)
    over = client.get(f"{address}/progress", headers={"HX-Request": "true"})
    assert over.headers["HX-Redirect"] == address
    assert "What would change" in words(client, address)


def test_a_job_that_failed_is_said_and_can_be_repeated(world: World) -> None:
    client = world.client(world.focal_point())
    address = send(client, filled(client).saved())
    job = db.session.scalars(select(Job)).one()
    job.state = JobState.FAILED
    db.session.commit()
    assert "Please send it in again." in words(client, address)


def test_the_preview_takes_as_many_statements_for_many_rows_as_for_one(world: World) -> None:
    counts = []
    for rows in (1, 25):
        state = francophone(world)
        client = world.client(world.focal_point(state))
        book = Book.downloaded(client)
        for number, theme in enumerate(themes()[:rows], start=1):
            book.need(number, theme=theme.code, rank=number)
            world.need(state, theme.code, rank=number, state=NeedState.DRAFT)
        address = send_and_read(world, client, book.saved())
        client.get(address)
        with statements() as sent:
            assert len(rows_of(client, address)) == rows
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[0] <= 12


def test_a_coordinator_finds_the_workbook_beside_the_needs_of_a_state(world: World) -> None:
    state = world.state()
    client = world.client(world.coordinator())
    for kind in ("needs", "offer"):
        page = client.get(f"/states/{state.public_id}/{kind}").get_data(as_text=True)
        assert f'href="/states/{state.public_id}/workbook"' in page
