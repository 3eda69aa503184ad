"""What States see of a round, and their word "nothing this time"."""

from __future__ import annotations

from contextvars import Context

import pytest
from flask import render_template
from flask_login import login_user
from sqlalchemy import select

from app.accounts.models import Role, User
from app.extensions import db
from app.needs.models import NeedState
from app.rounds import actions, queries
from app.rounds.models import Round, RoundReply, RoundState
from tests.pages import text_of
from tests.world import World


def notice_for(world: World, user: User) -> str:
    """The box that pages of a State include."""

    def show() -> str:
        with world.app.test_request_context("/"):
            login_user(db.session.get_one(User, number))
            return render_template("rounds/notice.html")

    number = user.id
    db.session.commit()
    # A context of its own, as for a page: what one reader was told stays with that reader.
    return text_of("<!doctype html><title></title>" + Context().run(show))


def nothing(round_: Round) -> str:
    return f"/round/{round_.public_id}/nothing"


def replies() -> list[RoundReply]:
    db.session.expire_all()
    return list(db.session.scalars(select(RoundReply)))


def test_nothing_this_time_is_an_answer_until_something_is_submitted(world: World) -> None:
    state = world.state()
    speaker = world.focal_point(state)
    round_ = world.round()
    client = world.client(speaker)
    assert client.send(nothing(round_)).status_code == 303
    assert [reply.state_id for reply in replies()] == [state.id]
    facts = queries.facts_for(speaker)
    assert facts
    assert facts.answer is queries.AnswerKind.NOTHING
    draft = world.need(state, state=NeedState.DRAFT)
    assert len(replies()) == 1
    draft.state = NeedState.SUBMITTED
    db.session.commit()
    assert replies() == []
    draft.state = NeedState.WITHDRAWN
    db.session.commit()
    facts = queries.facts_for(speaker)
    assert facts
    assert facts.answer is queries.AnswerKind.NOT_YET


def test_an_offer_takes_it_back_too_and_only_for_its_own_state(world: World) -> None:
    one, other = world.state(), world.state()
    round_ = world.round()
    for state in (one, other):
        actions.reply_nothing(round=round_, by=world.focal_point(state))
    db.session.commit()
    world.offer(one)
    assert [reply.state_id for reply in replies()] == [other.id]


def test_who_has_submitted_is_told_to_withdraw_first(world: World) -> None:
    state = world.state()
    world.need(state)
    round_ = world.round()
    client = world.client(world.focal_point(state))
    page = client.get(nothing(round_)).get_data(as_text=True)
    assert "Your State has already answered" in text_of(page)
    with pytest.raises(actions.AlreadySubmitted):
        actions.reply_nothing(round=round_, by=world.focal_point(state))
    assert replies() == []


def test_only_those_who_speak_for_a_state_on_the_roster_answer(world: World) -> None:
    round_ = world.round()
    state = world.state()
    assert world.client(world.focal_point(state)).get(nothing(round_)).status_code == 200
    colleague = world.person(Role.COLLEAGUE, state=state)
    assert world.client(colleague).get(nothing(round_)).status_code == 404
    outside = world.focal_point(world.state(status=None))
    assert world.client(outside).get(nothing(round_)).status_code == 404
    for closed in (RoundState.DRAFT, RoundState.FROZEN, RoundState.CLOSED):
        other = Round(
            title="Other",
            first_week=round_.first_week,
            answers_due=round_.answers_due,
            state=closed,
        )
        db.session.add(other)
        db.session.commit()
        assert world.client(world.focal_point(state)).get(nothing(other)).status_code == 404


def test_the_notice_names_the_open_round_and_what_is_missing(world: World) -> None:
    speaker = world.focal_point()
    assert notice_for(world, speaker) == ""
    world.round(RoundState.DRAFT, title="Hidden")
    assert notice_for(world, speaker) == ""
    world.round(title="Mentorships 2027")
    words = notice_for(world, speaker)
    assert "The round “Mentorships 2027” is open" in words
    assert "Your State has not answered yet. Answers are due Friday, December 18, 2026." in words
    assert "Nothing to ask or offer this time?" in words
    assert notice_for(world, world.coordinator()) == ""
    assert notice_for(world, world.focal_point(world.state(status=None))) == ""


def test_after_freezing_the_notice_says_that_changes_count_next_time(world: World) -> None:
    state, silent = world.state(), world.state()
    world.need(state)
    round_ = world.round()
    actions.freeze_round(round=round_, by=world.coordinator())
    db.session.commit()
    words = notice_for(world, world.focal_point(state))
    assert "is frozen" in words
    assert "is being planned." in words
    assert "What you change now counts in the next round." in words
    assert "Your State had submitted nothing" in notice_for(world, world.focal_point(silent))


def test_the_pages_of_needs_and_offers_show_the_notice(world: World) -> None:
    world.round(title="Mentorships 2027")
    client = world.client(world.focal_point())
    for address in ("/needs", "/offers"):
        page = text_of(client.get(address).get_data(as_text=True))
        assert "The round “Mentorships 2027” is open" in page
