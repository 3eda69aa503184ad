"""What waits for each person when they open the site."""

from __future__ import annotations

import datetime as dt

import pytest

from app import audit
from app.accounts.models import Role, User
from app.audit import Tag
from app.database import now
from app.extensions import db
from app.membership.models import RegionalGroup, Status
from app.needs.models import NeedState
from app.offers.models import OfferState
from app.rounds.models import RoundReply, RoundState
from tests.app.plans.planning import Planning
from tests.pages import parse, text_of
from tests.statements import statements
from tests.world import World


def start_of(world: World, user: User) -> str:
    return text_of(world.client(user).get("/").get_data(as_text=True))


def tasks_of(world: World, user: User) -> list[tuple[str, str]]:
    """Titles with their addresses, in order."""
    tree = parse(world.client(user).get("/").get_data(as_text=True))
    titles = [p for p in tree.iter("p") if p.get("class") == "task-title"]
    return [
        ("".join(p.itertext()).strip(), str(next(iter(p.iter("a"))).get("href"))) for p in titles
    ]


def steps_of(world: World, user: User) -> list[str]:
    tree = parse(world.client(user).get("/").get_data(as_text=True))
    items = [li for li in tree.iter("li") if (li.get("class") or "").startswith("step ")]
    return [str(li.get("class")).removeprefix("step step-") for li in items]


def test_a_state_that_has_not_answered_is_asked(world: World) -> None:
    round_ = world.round(title="Round 2027", answers_due=now().date() + dt.timedelta(days=9))
    person = world.focal_point()
    asked = "Round 2027 asks what you need and what you can share"
    assert tasks_of(world, person) == [(asked, "/needs")]
    words = start_of(world, person)
    assert "in 9 days" in words
    assert f'href="/round/{round_.public_id}/nothing"' in world.client(person).get("/").text
    assert steps_of(world, person) == ["done", "current", "todo", "todo", "todo"]


def test_a_colleague_is_not_offered_to_speak_for_the_state(world: World) -> None:
    round_ = world.round()
    state = world.state()
    speaks, helps = world.focal_point(state), world.person(Role.COLLEAGUE, state=state)
    link = f"/round/{round_.public_id}/nothing"
    assert link in world.client(speaks).get("/").text
    assert link not in world.client(helps).get("/").text


def test_nothing_waits_for_a_state_that_said_nothing_this_time(world: World) -> None:
    round_, person = world.round(), world.focal_point()
    db.session.add(RoundReply(round_id=round_.id, state_id=person.state_id))
    db.session.commit()
    assert tasks_of(world, person) == []
    assert "Nothing waits for you" in start_of(world, person)
    assert steps_of(world, person) == ["done", "done", "current", "todo", "todo"]


def test_the_records_of_a_state_say_what_is_to_do(world: World) -> None:
    state = world.state(languages={})
    person = world.focal_point(state)
    world.need(state, "TRACK", state=NeedState.PROPOSED)
    world.need(state, "PLAN", rank=2, proposed_change={"theme": "REPT"})
    world.need(state, "REPT", rank=3, state=NeedState.DRAFT)
    world.offer(state, paused=True)
    assert tasks_of(world, person) == [
        ("2 needs wait for your word", "/needs"),
        ("Say in which languages you can work", "/our-state"),
        ("A need is still a draft", "/needs"),
        ("Your offer is paused", "/offers"),
    ]
    words = start_of(world, person)
    assert "1 need submitted" in words
    # A paused offer offers nothing.
    assert "0 places offered" in words


@pytest.mark.parametrize(
    ("standing", "task"),
    [
        (OfferState.PROPOSED, "An offer waits for your word"),
        (OfferState.DRAFT, "Your offer is still a draft"),
    ],
)
def test_an_offer_that_does_not_count_yet(world: World, standing: OfferState, task: str) -> None:
    person = world.focal_point()
    assert person.state_id
    world.offer(db.session.get_one(type(world.state()), person.state_id), state=standing)
    assert tasks_of(world, person) == [(task, "/offers")]


def test_a_state_sees_nothing_of_another(world: World) -> None:
    mine, other = world.state("Myland"), world.state("Otherland")
    world.need(other, "TRACK", state=NeedState.PROPOSED)
    world.need(other, "PLAN", rank=2)
    world.offer(other, capacity=7)
    assert "A need waits for your word" in start_of(world, world.focal_point(other))
    assert "7 places offered" in start_of(world, world.focal_point(other))
    words = start_of(world, world.focal_point(mine))
    assert tasks_of(world, world.focal_point(mine)) == []
    assert ("0 needs submitted" in words, "0 places offered" in words) == (True, True)
    assert "Otherland" not in words


def test_who_is_not_on_the_roster_reads_how_to_join(world: World) -> None:
    world.round()
    words = start_of(world, world.focal_point(world.state(status=None)))
    assert "Your State is not on the roster yet" in words
    assert "writes to the Executive Committee" in words
    assert "asks what you need" not in words
    assert "Your State is not on the roster yet" not in start_of(world, world.focal_point())


def test_a_proposal_waits_until_it_is_answered_and_then_a_mentorship_is_under_way(
    world: World,
) -> None:
    planning = Planning(world)
    mentor = world.focal_point(planning.mentors[0])
    mentee = world.focal_point(planning.mentees[0])
    [proposal] = planning.proposed()
    address = f"/proposals/{proposal.public_id}"
    assert tasks_of(world, mentee) == [("Mentoria 1 could be your mentor", address)]
    assert tasks_of(world, mentor) == [("Learnland 1 would like to learn from you", address)]
    assert "in 14 days" in start_of(world, mentor)
    assert steps_of(world, mentee) == ["done", "done", "done", "current", "todo"]
    waiting = "1 proposal waits for an answer."
    assert waiting in start_of(world, planning.coordinator)
    assert "the date is past" not in start_of(world, planning.coordinator)

    assert planning.answer(proposal, mentee, "accept").status_code == 303
    assert tasks_of(world, mentee) == []
    assert tasks_of(world, mentor) != []
    assert waiting in start_of(world, planning.coordinator)

    assert planning.answer(proposal, mentor, "accept").status_code == 303
    for person in (mentor, mentee):
        assert tasks_of(world, person) == []
        assert "1 mentorship under way" in start_of(world, person)
        assert steps_of(world, person) == ["done"] * 5
    assert waiting not in start_of(world, planning.coordinator)


def test_silence_past_the_date_is_said_to_be_silence(world: World) -> None:
    planning = Planning(world)
    mentee = world.focal_point(planning.mentees[0])
    [proposal] = planning.proposed()
    proposal.answer_by = now().date() - dt.timedelta(days=1)
    db.session.commit()
    assert "That is silence, not a refusal." in start_of(world, planning.coordinator)
    assert "which is past" in start_of(world, mentee)


def test_a_coordinator_sees_how_many_have_answered(world: World) -> None:
    round_ = world.round(title="Round 2027")
    world.round(RoundState.CLOSED, title="Round 2020")
    world.need(world.state(), "TRACK")
    both = world.state()
    world.need(both, "TRACK")
    world.offer(both)
    nothing, draft, outside = world.state(), world.state(), world.state(status=None)
    db.session.add(RoundReply(round_id=round_.id, state_id=nothing.id))
    world.need(draft, "TRACK", state=NeedState.DRAFT)
    world.need(outside, "TRACK")
    world.offer(world.state(), state=OfferState.PROPOSED)
    words = start_of(world, world.coordinator())
    assert "3 of 5 States" in words
    assert "2 States have not answered" in words
    assert "1 entry waits for the confirmation of its State" in words
    assert "Round 2020" not in words


def test_a_coordinator_sees_that_a_plan_is_being_computed(world: World) -> None:
    planning = Planning(world)
    assert "A plan is being computed" not in start_of(world, planning.coordinator)
    planning.ask()
    assert "A plan is being computed" in start_of(world, planning.coordinator)


def test_a_coordinator_without_rounds_can_prepare_one(world: World) -> None:
    client = world.client(world.coordinator())
    assert 'href="/rounds/new"' in client.get("/").text


def test_a_region_coordinator_sees_the_roster_of_the_region(world: World) -> None:
    world.state(group=RegionalGroup.GRULAC)
    world.state(group=RegionalGroup.GRULAC, status=Status.OBSERVER)
    world.state(group=RegionalGroup.GRULAC, status=None)
    world.state(group=RegionalGroup.WEOG)
    words = start_of(world, world.person(Role.REGION_COORDINATOR, region="grulac"))
    assert "Latin American and Caribbean" in words
    counts = ("1 Member", "1 Observer", "1 State not on the roster")
    assert [count for count in counts if count not in words] == []


def test_the_counts_of_a_region_lead_to_its_states(world: World) -> None:
    world.state("Memberland", group=RegionalGroup.GRULAC)
    world.state("Watchland", group=RegionalGroup.GRULAC, status=Status.OBSERVER)
    world.state("Farland", group=RegionalGroup.GRULAC, status=None)
    world.state("Elsewhere", group=RegionalGroup.WEOG)
    client = world.client(world.person(Role.REGION_COORDINATOR, region="grulac"))
    page = parse(client.get("/").get_data(as_text=True))
    links = [str(a.get("href")) for a in page.iter("a") if "status=" in str(a.get("href"))]
    names = ("Memberland", "Watchland", "Farland")
    assert len(links) == 3
    for address, name in zip(links, names, strict=True):
        shown = text_of(client.get(address).get_data(as_text=True))
        assert [one for one in (*names, "Elsewhere") if one in shown] == [name]
        # They read the roster, and keep it no more than before.
        assert "Enter" not in shown
        assert "Letter" not in shown


def test_an_administrator_sees_people_roster_and_the_end_of_the_chain(world: World) -> None:
    person = world.administrator()
    world.person(Role.COLLEAGUE, state=world.state()).active = False
    world.state(status=None)
    assert "Nothing has happened yet." in start_of(world, person)
    entry = audit.record(Tag.ROUND_MADE, by=person)
    db.session.commit()
    words = start_of(world, person)
    counts = ("1 person can sign in", "0 open invitations", "1 Member", "1 State not on the roster")
    assert [count for count in counts if count not in words] == []
    assert f"audit verify --anchor {entry.id}:{entry.hash}" in words


def test_somebody_with_two_roles_sees_both(world: World) -> None:
    world.round()
    person = world.person(
        Role.PROGRAMME_COORDINATOR, Role.FOCAL_POINT, state=world.state("Twoland")
    )
    words = start_of(world, person)
    assert ("What waits for you" in words, "1 State has not answered" in words) == (True, True)


def test_somebody_without_a_role_is_told_so(world: World) -> None:
    assert "You have no role at present." in start_of(world, world.person())


def test_without_a_second_factor_a_coordinator_sees_no_start_page(world: World) -> None:
    answer = world.client(world.coordinator(second_factor=False)).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/second-factor")


def test_start_pages_ask_the_database_as_often_for_many_rows_as_for_few(world: World) -> None:
    planning = Planning(world, mentors=1, mentees=1, capacity=6)
    mentor = world.focal_point(planning.mentors[0])
    everything = world.person(
        Role.PROGRAMME_COORDINATOR, Role.ADMINISTRATOR, Role.REGION_COORDINATOR
    )
    costs: dict[str, list[int]] = {"mentor": [], "everything": []}
    planning.proposed()
    for _ in range(2):
        for name, person in (("mentor", mentor), ("everything", everything)):
            client = world.client(person)
            with statements() as sent:
                assert client.get("/").status_code == 200
            costs[name].append(len(sent))
        if len(costs["mentor"]) == 1:
            for rank, theme in enumerate(("PLAN", "REPT", "LEGAL", "STAT", "BUDG", "COMP")):
                mentee = planning.mentee(f"Manyland {rank}")
                world.need(mentee, "PLAN", state=NeedState.PROPOSED)
                world.need(planning.mentors[0], theme, rank=rank + 1)
                planning.mentor(f"Offerland {rank}")
                world.round(RoundState.DRAFT)
            planning.propose(planning.plan())
    for name, (few, many) in costs.items():
        assert few == many <= 12, name
