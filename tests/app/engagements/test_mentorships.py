"""After both accepted: contact, calendar and mail for the people of the two States."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from app.accounts.models import Role, User
from app.audit.models import AuditEntry
from app.audit.tags import Tag
from app.engagements.first_call import at
from app.engagements.models import Engagement
from app.extensions import db
from app.membership.models import State
from tests.app.plans.planning import Planning, engagements, mails, page_of
from tests.world import World


def agreed(
    world: World, *, names: tuple[str, str] = ("Mentoria", "Learnland"), **zones: str
) -> Any:
    """A mentorship and its two focal points, mentor first."""
    planning = Planning(world, mentors=0, mentees=0)
    mentor = planning.mentor(names[0], zone=zones.get("mentor", "Europe/Paris"))
    mentee = planning.mentee(names[1], zone=zones.get("mentee", "Africa/Nairobi"))
    mentor.roster_entry.mailbox = "office@mentoria.example"  # type: ignore[union-attr]
    db.session.commit()
    people = (
        world.focal_point(mentor, language="fr", name="Ada Mentor"),
        world.focal_point(mentee, language="en", name="Ben Mentee"),
    )
    [proposal] = planning.proposed()
    for person in people:
        planning.answer(proposal, person, "accept")
    [engagement] = engagements()
    return engagement, people


def event_of(content: bytes) -> Any:
    [event] = Calendar.from_ical(content).walk("VEVENT")
    return event


def test_each_side_finds_the_others_contact(world: World) -> None:
    engagement, (mentor, mentee) = agreed(world)
    page = page_of(world.client(mentee), f"/mentorships/{engagement.public_id}")
    for shown in ("Ada Mentor", mentor.email, "office@mentoria.example", "Tracking implementation"):
        assert shown in page
    page = page_of(world.client(mentor), f"/mentorships/{engagement.public_id}")
    assert mentee.email in page
    assert "Mentoria" in page_of(world.client(mentee), "/mentorships")


def test_each_side_gets_the_contact_and_the_call_by_mail_in_its_own_language(
    world: World,
) -> None:
    engagement, (mentor, mentee) = agreed(world)
    for person, other in ((mentor, mentee), (mentee, mentor)):
        told = mails(to=person.email)[-1]
        assert told.language == person.language
        assert f"http://localhost/mentorships/{engagement.public_id}" in told.text
        assert other.email in told.text
        assert told.calendar is not None
        assert event_of(told.calendar)["UID"] == f"{engagement.public_id}@localhost"
    # The function mailbox outlives the person.
    assert mails(to="office@mentoria.example")[-1].calendar is not None


def test_the_calendar_file_is_one_that_calendars_take(world: World) -> None:
    engagement, (_, mentee) = agreed(world)
    answer = world.client(mentee).get(f"/mentorships/{engagement.public_id}/first-call.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Content-Disposition"] == "attachment; filename=first-call.ics"
    calendar = Calendar.from_ical(answer.data)
    assert calendar["METHOD"] == "PUBLISH"
    [zone] = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Africa/Nairobi"
    event = event_of(answer.data)
    assert event["SEQUENCE"] == 0
    assert event["DTSTART"].params["TZID"] == "Africa/Nairobi"
    assert event["DTSTART"].dt.replace(tzinfo=None) == engagement.first_call.local
    assert event["DTEND"].dt - event["DTSTART"].dt == dt.timedelta(hours=1)
    assert event["STATUS"] == "TENTATIVE"
    assert all(line.endswith(b"\r") for line in answer.data.split(b"\n")[:-1])
    # The same file each time: a second import changes nothing in a calendar.
    again = world.client(mentee).get(f"/mentorships/{engagement.public_id}/first-call.ics")
    assert again.data == answer.data


def test_a_name_can_not_write_lines_of_the_calendar_file(world: World) -> None:
    evil = "Evil\r\nATTACH:http://evil.example\nX, Y; Z"
    engagement, (_, mentee) = agreed(world, names=(evil, "Learnland"))
    answer = world.client(mentee).get(f"/mentorships/{engagement.public_id}/first-call.ics")
    unfolded = answer.data.replace(b"\r\n ", b"").decode()
    assert [line for line in unfolded.splitlines() if line.startswith("ATTACH")] == []
    assert "Evil ATTACH:http://evil.example X\\, Y\\; Z" in unfolded
    assert "\r" not in unfolded.replace("\r\n", "\n")
    told: Any = mails(to=mentee.email)[-1]
    assert "\n" not in told.subject


@pytest.mark.parametrize(
    ("mentor", "mentee", "words"),
    [
        ("Europe/Paris", "Africa/Nairobi", "within the working day of both States"),
        ("America/La_Paz", "Asia/Tokyo", "No hour falls into the working day of both States"),
    ],
)
def test_the_page_says_whether_the_hour_suits_both(
    world: World, mentor: str, mentee: str, words: str
) -> None:
    engagement, people = agreed(world, mentor=mentor, mentee=mentee)
    page = page_of(world.client(people[1]), f"/mentorships/{engagement.public_id}")
    assert words in page


def test_a_successor_finds_the_mentorship_at_once(world: World) -> None:
    """People change; what was agreed belongs to the State."""
    engagement, (mentor, mentee) = agreed(world)
    state = db.session.get_one(Engagement, engagement.id).mentee
    successor = world.focal_point(state, name="New Person")
    gone = db.session.get_one(User, mentee.id)
    gone.active = False
    db.session.commit()
    address = f"/mentorships/{engagement.public_id}"
    assert "Ada Mentor" in page_of(world.client(successor), address)
    page = page_of(world.client(mentor), address)
    assert "New Person" in page
    assert "Ben Mentee" not in page


def test_either_side_moves_the_call_and_both_calendars_follow(world: World) -> None:
    engagement, (mentor, mentee) = agreed(world)
    path = f"/mentorships/{engagement.public_id}"
    client = world.client(mentor)
    assert f'href="{path}/first-call"' in client.get(path).get_data(as_text=True)
    day = engagement.first_call.local.date() + dt.timedelta(days=7)
    fields = {"day": day.isoformat(), "hour": "15:30", "seen": "0"}
    answer = client.send(f"{path}/first-call", **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    db.session.expire_all()
    [moved] = engagements()
    # The mentor's clock said half past three in Paris; the call is kept on the mentee's.
    there = dt.datetime.combine(day, dt.time(15, 30), ZoneInfo("Europe/Paris"))
    assert moved.first_call.begins == there.astimezone(ZoneInfo("Africa/Nairobi"))
    assert (moved.first_call_zone, moved.sequence) == ("Africa/Nairobi", 1)
    for person, words in (
        (mentor, "Votre État a proposé une nouvelle heure"),
        (mentee, "Mentoria has suggested a new time for your first call:"),
    ):
        told = mails(to=person.email)[-1]
        assert words.casefold() in told.text.casefold()
        assert told.calendar is not None
        event = event_of(told.calendar)
        assert (event["UID"], event["SEQUENCE"]) == (f"{moved.public_id}@localhost", 1)
        assert event["DTSTART"].dt == moved.first_call.begins
    assert db.session.query(AuditEntry).filter_by(tag=Tag.FIRST_CALL_MOVED).count() == 1

    # The same hour again changes nothing and troubles nobody.
    count = len(mails(to=mentee.email))
    assert client.send(f"{path}/first-call", **{**fields, "seen": "1"}).status_code == 303
    assert (engagements()[0].sequence, len(mails(to=mentee.email))) == (1, count)


def test_a_call_moved_meanwhile_is_shown_before_it_is_moved_again(world: World) -> None:
    engagement, (mentor, mentee) = agreed(world)
    path = f"/mentorships/{engagement.public_id}/first-call"
    day = (engagement.first_call.local.date() + dt.timedelta(days=7)).isoformat()
    late = world.client(mentee)
    assert late.get(path).status_code == 200
    world.client(mentor).send(path, day=day, hour="15:30", seen="0")
    answer = late.send(path, day=day, hour="11:00", seen="0")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Somebody has moved the call" in page
    assert 'value="11:00"' in page
    assert 'name="seen" value="1"' in page
    assert late.send(path, day=day, hour="11:00", seen="1").status_code == 303


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [
        ("2020-01-07", "10:00", "This moment has passed."),
        ("2099-01-07", "10:00", "Choose a day within the next twelve months."),
        ("", "10:00", "Choose a day."),
        ("soon", "10:00", "Not a valid date value."),
        ("2020-01-07", "", "Choose a time, such as 10:30."),
    ],
)
def test_a_time_that_is_none_is_refused_and_kept(
    world: World, day: str, hour: str, words: str
) -> None:
    engagement, (mentor, _) = agreed(world)
    path = f"/mentorships/{engagement.public_id}/first-call"
    answer = world.client(mentor).send(path, day=day, hour=hour, seen="0")
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert engagements()[0].sequence == 0


def test_an_hour_that_the_clocks_skip_is_no_hour() -> None:
    spring = dt.datetime.fromisoformat("2027-03-28T02:30")
    assert at(spring, zone="Europe/Paris", kept_in="Africa/Nairobi") is None
    assert at(spring, zone="Africa/Nairobi", kept_in="Africa/Nairobi") is not None


def test_colleagues_see_the_call_and_leave_it_to_those_who_speak(world: World) -> None:
    engagement, (_, mentee) = agreed(world)
    path = f"/mentorships/{engagement.public_id}"
    colleague = world.person(Role.COLLEAGUE, state=db.session.get_one(State, mentee.state_id))
    client = world.client(colleague)
    assert f'href="{path}/first-call"' not in client.get(path).get_data(as_text=True)
    assert client.get(f"{path}/first-call").status_code == 404


def test_an_accepted_proposal_leads_to_its_own_mentorship(world: World) -> None:
    engagement, people = agreed(world)
    proposal = f"/proposals/{engagement.proposal.public_id}"
    for person in people:
        client = world.client(person)
        assert f'href="{proposal}/mentorship"' in client.get(proposal).get_data(as_text=True)
        answer = client.get(f"{proposal}/mentorship")
        assert answer.headers["Location"] == f"/mentorships/{engagement.public_id}"
