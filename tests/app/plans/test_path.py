"""The whole path: needs and offers, a solved plan, proposals, two acceptances, a mentorship."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.actions import verify_chain
from app.extensions import db
from app.jobs import actions as jobs
from app.plans.models import ProposalState, Run
from tests.app.plans.planning import (
    Planning,
    engagements,
    mails,
    page_of,
    pairs_of,
    proposals,
    work_off,
)
from tests.world import World


def test_a_round_is_planned_proposed_and_agreed(world: World) -> None:
    planning = Planning(world)
    mentor = world.focal_point(planning.mentors[0])
    mentee = world.focal_point(planning.mentees[0], language="fr")
    plan = planning.frozen_plan()
    assert pairs_of(plan) == {("Mentoria 1", "Learnland 1")}
    assert [aim["code"] for aim in plan.objectives] == [
        "keep",
        "observers",
        "cover",
        "worst_off",
        "fit",
        "spread",
    ]
    assert all(aim["checked"] for aim in plan.objectives if not aim["note"])
    page = page_of(world.client(planning.coordinator), f"/plans/{plan.public_id}")
    assert "The mentor offers the theme the mentee asks for: Tracking implementation." in page
    assert "On; there are no missions in this plan." in page
    assert planning.propose(plan).headers["Location"].endswith("/answers")
    [proposal] = proposals()
    [told] = mails(to=mentee.email)
    assert told.language == "fr"
    assert f"http://localhost/proposals/{proposal.public_id}" in told.text
    for person in (mentee, mentor):
        assert planning.answer(proposal, person, "accept").status_code == 303
    [engagement] = engagements()
    assert (engagement.mentor_id, engagement.mentee_id) == (mentor.state_id, mentee.state_id)
    assert proposals()[0].state == ProposalState.ACCEPTED
    page = page_of(world.client(mentee), f"/mentorships/{engagement.public_id}")
    assert mentor.email in page
    assert verify_chain().holds


def test_each_state_gets_one_mail_with_all_its_proposals(world: World) -> None:
    planning = Planning(world, mentees=2)
    mentor = world.focal_point(planning.mentors[0])
    alternate = world.person(Role.ALTERNATE, state=planning.mentors[0], language="ar")
    entry = planning.mentees[0].roster_entry
    assert entry is not None
    entry.mailbox = "office@learnland.example"
    db.session.commit()
    first, second = planning.proposed()
    [mail] = mails(to=mentor.email)
    assert first.public_id in mail.text
    assert second.public_id in mail.text
    assert [m.language for m in mails(to=alternate.email)] == ["ar"]
    # Nobody speaks for this State yet: its mailbox is told.
    assert len(mails(to="office@learnland.example")) == 1


def test_a_round_is_planned_thirty_times_an_hour_and_then_later(world: World) -> None:
    """Plans tried again and again, with a little changed in between, would ask what is sealed."""
    planning = Planning(world)
    first = planning.plan()
    for _ in range(29):
        run = planning.ask()
        jobs.ask_to_cancel(job=run.job)
        db.session.commit()
    client = world.client(planning.coordinator)
    plans = f"/rounds/{planning.round.public_id}/plans"
    answer = client.send(f"/rounds/{planning.round.public_id}/plan", plans)
    assert answer.headers["Location"] == plans
    page = page_of(client, plans)
    assert "This round was planned 30 times within an hour" in page
    assert f"/plans/{first.public_id}" in client.get(plans).get_data(as_text=True)
    assert db.session.query(Run).count() == 30

    other = Planning(world)
    assert other.ask().job.state == "queued"

    for run in db.session.scalars(select(Run)):
        run.asked_at -= dt.timedelta(hours=1)
    db.session.commit()
    assert planning.ask().job.state == "queued"


def test_a_trial_is_shown_and_can_not_be_proposed(world: World) -> None:
    planning = Planning(world)
    plan = planning.plan()
    page = page_of(world.client(planning.coordinator), f"/plans/{plan.public_id}")
    assert "A trial can't be proposed" in page
    refused = planning.propose(plan)
    assert refused.status_code == 409
    assert proposals() == []


def test_the_plan_changes_when_a_need_changes(world: World) -> None:
    planning = Planning(world, mentors=0)
    planning.mentor("Tracker")
    reporter = world.state("Reporter")
    world.offer(reporter, {"REPT": 3})
    need_of = world.state("Learnland")
    need = world.need(need_of, "TRACK")
    first = planning.plan()
    assert ("Tracker", "Learnland") in pairs_of(first)
    need.theme = "REPT"
    db.session.commit()
    second = planning.plan()
    assert ("Reporter", "Learnland") in pairs_of(second)
    page = page_of(world.client(planning.coordinator), f"/plans/{second.public_id}")
    assert "1 mentorship is new" in page
    assert "1 mentorship is gone" in page


def test_a_round_without_a_need_is_not_planned(world: World) -> None:
    planning = Planning(world, mentees=0)
    client = world.client(planning.coordinator)
    page = f"/rounds/{planning.round.public_id}/plans"
    answer = client.send(f"/rounds/{planning.round.public_id}/plan", page)
    assert answer.headers["Location"] == page
    assert "there is nothing to plan" in page_of(client, page)


def test_pressing_plan_twice_makes_one_plan(world: World) -> None:
    planning = Planning(world)
    assert planning.ask().id == planning.ask().id
    work_off(world.app)
    assert planning.ask().id == 2


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_the_pages_hold_in_every_language(world: World, language: str) -> None:
    planning = Planning(world, mentees=3, capacity=2)
    world.need(world.state("Nobody's theme"), "UNPT")
    proposal = planning.proposed()[0]
    plan = proposal.plan_item.plan
    mentor = world.focal_point(planning.mentors[0])
    mentee = world.focal_point(db.session.merge(proposal.mentee))
    coordinator = world.client(planning.coordinator, language=language)
    for address in (
        f"/plans/{plan.public_id}",
        f"/plans/{plan.public_id}?select=all&sort=-mentor&q=learn&region=grulac&theme=TRACK",
        f"/plans/{plan.public_id}?language=en",
        f"/plans/{plan.public_id}?q=nowhere",
        f"/plans/{plan.public_id}/unmet",
        f"/plans/{plan.public_id}/unmet?region=grulac&theme=UNPT&q=nobody",
        f"/plans/{plan.public_id}/load",
        f"/rounds/{planning.round.public_id}/plans",
        f"/rounds/{planning.round.public_id}/answers",
        f"/rounds/{planning.round.public_id}/answers?state=half&q=x",
    ):
        assert page_of(coordinator, address)
    for person in (mentee, mentor):
        planning.answer(proposal, person, "accept")
    state = world.client(mentee, language=language)
    for address in ("/proposals", f"/proposals/{proposal.public_id}", "/mentorships"):
        assert page_of(state, address)
    if language == "ar":
        page = coordinator.get(f"/plans/{plan.public_id}").get_data(as_text=True)
        assert 'dir="rtl">' in page
        assert "تتبع التنفيذ" in page
