"""Who sees what: third States nothing, coordinators no level, a copy is noted and harmless."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.models import AuditEntry, AuditState
from app.audit.tags import Tag
from app.extensions import db
from app.membership.models import RegionalGroup
from app.plans.models import Plan
from app.rounds.models import Round, RoundState, Snapshot
from tests.app.plans.planning import Planning, engagements, page_of, statements
from tests.processes import ROOT
from tests.world import World


def test_a_third_state_sees_nothing_of_a_proposal_or_a_mentorship(world: World) -> None:
    planning = Planning(world)
    mentor = world.focal_point(planning.mentors[0])
    mentee = world.focal_point(planning.mentees[0])
    third = world.client(world.focal_point())
    [proposal] = planning.proposed()
    page = f"/proposals/{proposal.public_id}"
    assert "Mentoria 1" in page_of(world.client(mentee), page)
    assert third.get(page).status_code == third.get("/proposals/" + "0" * 32).status_code == 404
    for verb in ("accept", "decline", "take-back"):
        assert third.send(f"{page}/{verb}", "/account").status_code == 404
    assert "Mentoria 1" not in page_of(third, "/proposals")
    for person in (mentor, mentee):
        planning.answer(proposal, person, "accept")
    [engagement] = engagements()
    page = f"/mentorships/{engagement.public_id}"
    assert mentor.email in page_of(world.client(mentee), page)
    assert third.get(page).status_code == 404
    assert third.get(f"{page}/first-call.ics").status_code == 404
    assert "Mentoria 1" not in page_of(third, "/mentorships")
    # Contact is for the two parties: not even the coordinator opens it.
    assert world.client(planning.coordinator).get(page).status_code == 404


def test_states_have_no_way_to_a_plan_and_coordinators_none_to_answer(world: World) -> None:
    planning = Planning(world)
    mentee = world.focal_point(planning.mentees[0])
    [proposal] = planning.proposed()
    plan = proposal.plan_item.plan
    coordinator, state = world.client(planning.coordinator), world.client(mentee)
    addresses = (
        f"/plans/{plan.public_id}",
        f"/plans/{plan.public_id}/unmet",
        f"/plans/{plan.public_id}/load",
        f"/plans/{plan.public_id}/files/problem",
        f"/runs/{plan.run.public_id}",
        f"/rounds/{planning.round.public_id}/plans",
        f"/rounds/{planning.round.public_id}/answers",
    )
    for address in addresses:
        assert coordinator.get(address).status_code in (200, 302)
        assert state.get(address).status_code == 404
    for role in (Role.REGION_COORDINATOR, Role.ADMINISTRATOR):
        other = world.client(world.person(role))
        assert {other.get(address).status_code for address in addresses} == {404}
    assert coordinator.get(f"/proposals/{proposal.public_id}").status_code == 404
    for missing in ("/plans/", "/runs/"):
        assert coordinator.get(missing + "0" * 32).status_code == 404


def test_no_page_and_no_copy_shows_a_level(world: World) -> None:
    """The levels are there to leak: other levels make another Problem, yet none is in it."""
    planning = Planning(world, mentors=0, mentees=0)
    mentor, mentee = world.state("Mentoria"), world.state("Learnland")
    world.offer(mentor, {"TRACK": 3})
    need = world.need(mentee, level_now=1, level_sought=4)
    plan = planning.frozen_plan()
    sealed = db.session.scalars(select(Snapshot)).one().sealed
    assert list(sealed["needs"].values()) == [{"now": 1, "sought": 4}]
    client = world.client(planning.coordinator)
    for part in ("", "/unmet", "/load"):
        page = page_of(client, f"/plans/{plan.public_id}{part}")
        for word in ("Not yet", "Case by case", "As a regular practice", "Firmly established"):
            assert word not in page
    problem = json.loads(client.get(f"/plans/{plan.public_id}/files/problem").data)
    assert set(problem["pairs"]) == {
        "mentee", "mentor", "satisfaction", "fit", "themes", "language", "network", "contexts",
        "marks",
    }  # fmt: skip
    assert set(problem["mentees"][0]) == {"asked", "key", "observer", "wanted"}
    assert set(problem["mentors"][0]) == {"capacity", "key", "themes"}
    book = client.get(f"/plans/{plan.public_id}/files/workbook").data
    assert "Firmly established" not in str(_cells(book))
    assert need.level_now == 1


def _cells(book: bytes) -> dict[str, list[tuple[Any, ...]]]:
    loaded = load_workbook(io.BytesIO(book))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in loaded}


def test_the_copies_are_verified_on_the_command_line(world: World, tmp_path: Path) -> None:
    planning = Planning(world, mentors=2, mentees=5)
    plan = planning.frozen_plan()
    client = world.client(planning.coordinator)
    page = client.get(f"/plans/{plan.public_id}").get_data(as_text=True)
    for what, name in (
        ("problem", "problem.json"),
        ("plan", "plan.json"),
        ("certificate", "certificate.json"),
        ("key", "public-key.txt"),
    ):
        answer = client.get(f"/plans/{plan.public_id}/files/{what}")
        assert answer.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        (tmp_path / name).write_bytes(answer.data)
    stored = db.session.scalars(select(Plan)).one()
    assert (tmp_path / "problem.json").read_bytes() == stored.problem
    assert (tmp_path / "plan.json").read_bytes() == stored.document
    assert (tmp_path / "certificate.json").read_bytes() == stored.certificate
    key = (tmp_path / "public-key.txt").read_text().strip()
    command = (
        "python -m matching verify --problem problem.json --plan plan.json "
        f"--certificate certificate.json --public-key {key}"
    )
    assert command in page
    words = [sys.executable, *command.split()[1:]]
    good = subprocess.run(
        words, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert good.returncode == 0, good.stderr
    tampered = (tmp_path / "plan.json").read_text().replace('"seed":1', '"seed":2')
    (tmp_path / "plan.json").write_text(tampered)
    bad = subprocess.run(
        words, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert bad.returncode == 1


def test_a_copy_is_noted_for_each_state_in_it(world: World) -> None:
    planning = Planning(world, mentees=2)
    plan = planning.frozen_plan()
    client = world.client(planning.coordinator)
    client.get(f"/plans/{plan.public_id}/files/workbook")
    noted = (
        select(AuditState.state_id)
        .join(AuditEntry)
        .where(AuditEntry.tag == Tag.PLAN_DOWNLOADED)
        .order_by(AuditState.state_id)
    )
    db.session.rollback()
    expected = sorted(state.id for state in (*planning.mentors, *planning.mentees))
    assert db.session.scalars(noted).all() == expected


def test_a_look_at_a_plan_is_noted_for_each_state_once_a_day(world: World) -> None:
    planning = Planning(world)
    plan = planning.frozen_plan()
    client = world.client(planning.coordinator)
    for _ in range(2):
        client.get(f"/plans/{plan.public_id}")
    looked = select(AuditEntry.id).where(
        AuditEntry.tag == Tag.RECORD_LOOKED_AT, AuditEntry.subject == f"plan {plan.public_id[:8]}"
    )
    db.session.rollback()
    assert len(db.session.scalars(looked).all()) == 1


def test_a_workbook_never_runs_what_a_name_says(world: World) -> None:
    planning = Planning(world, mentees=0)
    evil = world.state('=HYPERLINK("http://evil.example","x")')
    world.need(evil)
    plan = planning.frozen_plan()
    book = world.client(planning.coordinator).get(f"/plans/{plan.public_id}/files/workbook").data
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name]
    assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    mentees = [row[0] for row in _cells(book)["Mentorships"][1:]]
    assert mentees == ['=HYPERLINK("http://evil.example","x")']


def test_an_arabic_workbook_reads_from_right_to_left(world: World) -> None:
    planning = Planning(world)
    plan = planning.frozen_plan()
    client = world.client(planning.coordinator, language="ar")
    book = client.get(f"/plans/{plan.public_id}/files/workbook").data
    sheets = load_workbook(io.BytesIO(book)).worksheets
    assert {sheet.sheet_view.rightToLeft for sheet in sheets} == {True}
    assert any("تتبع التنفيذ" in str(row) for row in _cells(book)[sheets[0].title])


def test_a_name_is_text_on_every_page(world: World) -> None:
    planning = Planning(world, mentors=0, mentees=0)
    world.offer(world.state("<b>Bold</b>"), {"TRACK": None})
    mentee = world.state("Learn & Co")
    world.need(mentee)
    [proposal] = planning.proposed()
    client = world.client(planning.coordinator)
    page = client.get(f"/plans/{proposal.plan_item.plan.public_id}").get_data(as_text=True)
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<b>Bold" not in page


def test_a_page_takes_as_many_statements_for_60_items_as_for_3(world: World) -> None:
    few, many = (_statements(world, size) for size in (3, 60))
    assert few == many
    assert {name: count for name, count in many.items() if count > 12} == {}


def _statements(world: World, size: int) -> dict[str, int]:
    """How many statements each page takes, where a round has so many mentorships."""
    planning = Planning(world, mentors=0, mentees=0)
    mentor = planning.mentor(f"Giver {size}", capacity=20)
    for number in range(size):
        if number % 20 == 19:
            planning.mentor(f"Giver {size}-{number}", capacity=20)
        world.need(world.state(f"Learner {size}-{number}", group=RegionalGroup.ASIA_PACIFIC))
    planning.proposed()
    again = planning.plan()
    coordinator = world.client(planning.coordinator)
    state = world.client(world.focal_point(mentor))
    counts = {}
    for name, client, path in (
        ("plan", coordinator, f"/plans/{again.public_id}"),
        ("unmet needs", coordinator, f"/plans/{again.public_id}/unmet"),
        ("load", coordinator, f"/plans/{again.public_id}/load"),
        ("answers", coordinator, f"/rounds/{planning.round.public_id}/answers"),
        ("plans", coordinator, f"/rounds/{planning.round.public_id}/plans"),
        ("proposals", state, "/proposals"),
        ("mentorships", state, "/mentorships"),
    ):
        client.get(path)
        with statements() as sent:
            assert client.get(path).status_code == 200
        counts[name] = len(sent)
    round_ = db.session.get_one(Round, planning.round.id)
    round_.state = RoundState.CLOSED
    db.session.commit()
    return counts
