"""What is proposed, what is left out and said, and what planning again keeps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.needs.models import NeedState
from app.offers.models import Offer
from app.plans import proposing
from app.plans.models import Proposal, ProposalState
from tests.app.plans.planning import (
    Planning,
    engagements,
    mails,
    page_of,
    pairs_of,
    proposals,
)
from tests.pages import parse, token_on
from tests.world import World


def names(rows: list[Proposal]) -> set[tuple[str, str]]:
    return {(row.mentor.names["en"], row.mentee.names["en"]) for row in rows}


def test_what_a_party_withdrew_is_left_out_and_said(world: World) -> None:
    planning = Planning(world, mentees=0)
    world.need(world.state("Learnland"))
    need = world.need(world.state("Changeland"))
    plan = planning.frozen_plan()
    need.state = NeedState.WITHDRAWN
    db.session.commit()
    client = world.client(planning.coordinator)
    page = f"/plans/{plan.public_id}"
    answer = client.post(
        f"{page}/propose",
        data={
            "csrf_token": token_on(client.get(page)),
            "item": [item.public_id for item in plan.items],
            "answer_by": (now().date() + dt.timedelta(days=7)).isoformat(),
        },
    )
    assert names(proposals()) == {("Mentoria 1", "Learnland")}
    words = page_of(client, answer.headers["Location"])
    assert "1 mentorship is proposed, and both States are told by mail." in words
    assert (
        "1 mentorship is not proposed, because a party has withdrawn what it asked for or offered, "
        "or paused it: Mentoria 1 – Changeland."
    ) in words


def test_a_paused_offer_is_not_proposed(world: World) -> None:
    planning = Planning(world)
    plan = planning.frozen_plan()
    db.session.scalars(select(Offer)).one().paused = True
    db.session.commit()
    planning.propose(plan)
    assert proposals() == []


def test_proposing_again_adds_nothing(world: World) -> None:
    planning = Planning(world)
    plan = planning.frozen_plan()
    planning.propose(plan)
    told = len(mails())
    planning.propose(plan)
    assert len(proposals()) == 1
    assert len(mails()) == told


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_the_date_has_to_lie_ahead_and_what_was_selected_is_kept(world: World, days: int) -> None:
    planning = Planning(world)
    plan = planning.frozen_plan()
    answer = planning.propose(plan, answer_by=(now().date() + dt.timedelta(days=days)).isoformat())
    assert answer.status_code == 422
    assert f'value="{plan.items[0].public_id}"' in answer.get_data(as_text=True)
    assert answer.get_data(as_text=True).count(" checked") == 1
    assert proposals() == []


def test_what_is_no_date_is_refused_with_words(world: World) -> None:
    """It was compared with today before anything had looked whether it is a date."""
    planning = Planning(world)
    answer = planning.propose(planning.frozen_plan(), answer_by="2027-02-30")
    assert answer.status_code == 422
    assert "Not a valid date value." in answer.get_data(as_text=True)
    assert proposals() == []


def test_nothing_selected_is_said(world: World) -> None:
    planning = Planning(world)
    answer = planning.propose(planning.frozen_plan(), [])
    assert answer.status_code == 422
    assert "Choose at least one mentorship to propose." in answer.get_data(as_text=True)


def test_a_coordinator_does_not_propose_for_the_own_state(world: World) -> None:
    planning = Planning(world)
    planning.coordinator.state_id = planning.mentees[0].id
    db.session.commit()
    plan = planning.frozen_plan()
    page = world.client(planning.coordinator).get(f"/plans/{plan.public_id}")
    assert "concerns your own State" in page.get_data(as_text=True)
    planning.propose(plan)
    assert proposals() == []


def test_no_mentor_gets_more_than_it_offers_whatever_plans_are_proposed(world: World) -> None:
    planning = Planning(world, mentees=2, capacity=1)
    first = planning.frozen_plan()
    planning.propose(first)
    [proposal] = proposals()
    # The mentor's one place is taken by an open proposal; another pair of another plan waits.
    other = next(s for s in planning.mentees if s.id != proposal.mentee_id)
    first.items[0].mentee_id = other.id
    db.session.commit()
    done = proposing.propose(
        plan=db.session.merge(first),
        item_ids=[first.items[0].public_id],
        answer_by=now().date() + dt.timedelta(days=7),
        by=planning.coordinator,
    )
    assert [why for _, why in done.skipped] == [proposing.Skip.MENTOR_FULL]
    db.session.rollback()


def test_planning_again_keeps_accepted_and_never_proposes_declined(world: World) -> None:
    planning = Planning(world, mentors=2, mentees=4, capacity=2)
    people = {s.id: world.focal_point(s) for s in (*planning.mentors, *planning.mentees)}
    rows = planning.proposed()
    assert len(rows) == 4
    accepted, declined, waiting = rows[0], rows[1], rows[2]
    for party in accepted.parties:
        planning.answer(accepted, people[party], "accept")
    planning.answer(declined, people[declined.mentee_id], "decline")
    kept, gone, open_ = (names([row]) for row in (accepted, declined, waiting))
    again = planning.plan()
    assert kept <= pairs_of(again)
    assert not gone & pairs_of(again)
    # Open proposals stay where that is possible.
    assert open_ <= pairs_of(again)
    assert [(i.mentor.names["en"], i.mentee.names["en"]) for i in again.items if i.kept] == list(
        kept
    )
    page = page_of(world.client(planning.coordinator), f"/plans/{again.public_id}")
    assert "Accepted by both" in page
    planning.propose(again)
    db.session.rollback()
    states = [row.state for row in proposals() if names([row]) == gone]
    assert states == [ProposalState.DECLINED]
    assert len(engagements()) == 1
    # Two places each: none is given twice.
    load: dict[str, int] = {}
    for mentor, _ in pairs_of(again):
        load[mentor] = load.get(mentor, 0) + 1
    assert max(load.values()) <= 2


def test_what_was_withdrawn_since_the_freeze_is_not_planned_again(world: World) -> None:
    planning = Planning(world, mentees=0)
    learner, changer = world.state("Learnland"), world.state("Changeland")
    world.need(learner)
    need = world.need(changer)
    assert {mentee for _, mentee in pairs_of(planning.frozen_plan())} == {
        "Learnland",
        "Changeland",
    }
    need.state = NeedState.WITHDRAWN
    db.session.commit()
    assert {mentee for _, mentee in pairs_of(planning.plan())} == {"Learnland"}


def test_places_taken_in_another_round_at_the_same_time_count(world: World) -> None:
    planning = Planning(world, mentees=1, capacity=1)
    people = {s.id: world.focal_point(s) for s in (*planning.mentors, *planning.mentees)}
    [row] = planning.proposed()
    for party in row.parties:
        planning.answer(row, people[party], "accept")
    planning.mentee("Latecomer")
    planning.round = world.round(first_week=dt.date(2027, 6, 7))
    assert pairs_of(planning.plan()) == set()
    planning.round = world.round(first_week=dt.date(2029, 1, 1))
    assert len(pairs_of(planning.plan())) == 1


def test_a_lapsed_need_is_told_apart_from_competition(world: World) -> None:
    planning = Planning(world)
    late = world.state("Lateland")
    world.need(late, latest_week=dt.date(2026, 11, 2))
    plan = planning.plan()
    page = page_of(world.client(planning.coordinator), f"/plans/{plan.public_id}/unmet?q=Lateland")
    assert "Help was of use only before the first week of the round" in page


def test_scarcity_is_explained_with_the_smallest_change(world: World) -> None:
    planning = Planning(world, mentees=2, capacity=1)
    plan = planning.plan()
    page = page_of(world.client(planning.coordinator), f"/plans/{plan.public_id}/unmet")
    assert (
        "There was 1 place with possible mentors (Mentoria 1), and another State needed it for "
        "the plan as a whole."
    ) in page
    assert "One more place with Mentoria 1 would serve this State." in page


def test_a_long_plan_comes_in_pages_and_what_is_selected_is_proposed_from_all(
    world: World,
) -> None:
    planning = Planning(world, mentors=0, mentees=0)
    for letter in "AB":
        planning.mentor(f"Mentoria {letter}", capacity=20)
    learners = [planning.mentee(f"Learner {number:02}").names["en"] for number in range(25)]
    plan = planning.frozen_plan()
    client = world.client(planning.coordinator)
    address = f"/plans/{plan.public_id}"
    assert listed(client.get(address)) == learners[:20]
    second = client.get(f"{address}?sort=-mentee&page=2")
    assert listed(second) == learners[4::-1]
    [back] = [a for a in parse(second.text).iter("a") if a.get("rel") == "prev"]
    assert back.get("href") == "?sort=-mentee&page=1#pairs"
    assert listed(client.get(f"{address}?q=learner+24")) == learners[24:]
    by_hand = fields(client.get(f"{address}?page=2"))
    assert (by_hand["checked"], len(by_hand["unchecked"]), by_hand["hidden"]) == ([], 5, [])
    everything = fields(client.get(f"{address}?select=all"))
    assert (len(everything["checked"]), len(everything["hidden"])) == (20, 5)
    assert everything["hidden"] == sorted(by_hand["unchecked"])
    words = page_of(client, f"{address}?select=all")
    assert "5 mentorships on other pages are selected too." in words
    # A form that comes back keeps what was selected on every page.
    chosen = everything["checked"] + everything["hidden"]
    returned = planning.propose(
        plan, [item for item in plan.items if item.public_id in chosen], answer_by=""
    )
    assert returned.status_code == 422
    again = fields(returned)
    assert sorted(again["checked"] + again["hidden"]) == sorted(chosen)
    assert planning.propose(plan).status_code == 303
    assert len(proposals()) == 25
    assert fields(client.get(f"{address}?select=all"))["hidden"] == []


def listed(answer: Any) -> list[str]:
    """Mentees in the order of the table of mentorships."""
    rows = [row for row in parse(answer.text).iter("tr") if (row.get("id") or "")[:5] == "item-"]
    return [" ".join("".join(next(row.iter("th")).itertext()).split()) for row in rows]


def fields(answer: Any) -> dict[str, list[str]]:
    """Items that the form would send or could, by how they stand on the page."""
    found: dict[str, list[str]] = {"checked": [], "unchecked": [], "hidden": []}
    for field in parse(answer.text).iter("input"):
        if field.get("name") == "item":
            hidden = field.get("type") == "hidden"
            how = "hidden" if hidden else ("checked" if "checked" in field.attrib else "unchecked")
            found[how].append(str(field.get("value")))
    return found


def test_a_plan_says_where_each_of_its_pairs_stands(world: World) -> None:
    planning = Planning(world)
    plan = planning.frozen_plan()
    planning.propose(plan)
    client = world.client(planning.coordinator)
    assert "Waiting for answers" in page_of(client, f"/plans/{plan.public_id}")
