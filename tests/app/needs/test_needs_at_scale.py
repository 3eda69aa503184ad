"""Many rows and many hands: statements stay as few, the list stays whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Role, User
from app.errors import DomainError
from app.extensions import db
from app.membership.catalogue import themes
from app.membership.models import State
from app.needs import actions, queries
from app.needs.conditions import Conditions
from app.needs.models import Need, NeedState
from tests.statements import statements
from tests.world import World

CODES = [theme.code for theme in themes()]


def fill(world: World, state: State, count: int) -> None:
    for rank, code in enumerate(CODES[:count], start=1):
        change = Conditions(success="Other words").as_change() if rank % 2 else None
        world.need(state, code, rank=rank, proposed_change=change)


@pytest.mark.parametrize("who", ["the State", "a coordinator"])
def test_the_pages_ask_as_often_for_25_needs_as_for_one(world: World, who: str) -> None:
    def count(needs: int) -> int:
        state = world.state()
        fill(world, state, needs)
        if who == "the State":
            person, path = world.focal_point(state), "/needs"
        else:
            person, path = world.coordinator(), f"/states/{state.public_id}/needs"
        client = world.client(person)
        # The first look of the day is noted, which takes statements of its own.
        assert client.get(path).status_code == 200
        db.session.expunge_all()
        with statements() as sent:
            assert client.get(path).status_code == 200
        return len(sent)

    few = count(1)
    assert count(25) == few
    assert few <= 12


def test_what_rounds_read_takes_as_many_statements_for_many_states(world: World) -> None:
    def count() -> int:
        db.session.expunge_all()
        with statements() as sent:
            for needs in queries.submitted_by_state().values():
                for need in needs:
                    _ = (need.owner.name, need.owner.status, need.owner.languages, need.theme)
        return len(sent)

    fill(world, world.state(), 1)
    few = count()
    for _ in range(5):
        fill(world, world.state(), 3)
    assert count() == few
    # Needs with their States, languages; and SQLite's BEGIN.
    assert few <= 3


def test_people_who_add_needs_at_once_get_one_list_without_gaps(world: World, app: Flask) -> None:
    state = world.state()
    speaker = world.focal_point(state)
    state_id, user_id = state.id, speaker.id

    def add(code: str) -> str:
        with app.app_context():
            try:
                actions.draft_need(
                    state=db.session.get_one(State, state_id),
                    by=db.session.get_one(User, user_id),
                    theme=code,
                    conditions=Conditions(),
                )
                db.session.commit()
            except DomainError as refusal:
                db.session.rollback()
                return type(refusal).__name__
            return "added"

    # Let go of what this session holds, or the others wait for it.
    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(add, ["LEGAL", "PARL", "LEGAL", "STAT"] * 2))
    assert sorted(answers) == ["ThemeTaken"] * 5 + ["added"] * 3
    db.session.rollback()
    ranks = db.session.scalars(select(Need.rank).order_by(Need.rank)).all()
    assert ranks == [1, 2, 3]


@pytest.mark.parametrize("before", list(NeedState))
def test_what_can_follow_what(world: World, before: NeedState) -> None:
    verbs = ("submit", "withdraw", "restore", "confirm", "decline")
    expected = {
        NeedState.DRAFT: ("submitted", "withdrawn", "draft", "draft", "draft"),
        NeedState.PROPOSED: ("submitted", "withdrawn", "proposed", "submitted", "proposed"),
        NeedState.SUBMITTED: ("submitted", "withdrawn", "submitted", "submitted", "submitted"),
        NeedState.WITHDRAWN: ("withdrawn", "withdrawn", "draft", "withdrawn", "withdrawn"),
    }
    state = world.state()
    client = world.client(world.focal_point(state))
    found = []
    for verb, code in zip(verbs, CODES, strict=False):
        need = world.need(state, code, state=before)
        client.send(f"/needs/{need.public_id}/{verb}", "/needs/new", version=str(need.version))
        after = db.session.get_one(Need, need.id, populate_existing=True).state
        assert after == before or after in before.next_states
        found.append(str(after))
    assert tuple(found) == expected[before]


def test_needs_of_a_state_off_the_roster_do_not_count(world: World) -> None:
    on, off = world.state(), world.state(status=None)
    world.need(on)
    world.need(off)
    assert list(queries.submitted_by_state()) == [on.id]
    assert list(queries.submitted_to_seal()) == [on.id]


def test_drafts_do_not_show_in_the_order_that_rounds_read(world: World) -> None:
    state = world.state()
    world.person(Role.ALTERNATE, state=state)
    world.need(state, "LEGAL", rank=1, state=NeedState.DRAFT)
    world.need(state, "STAT", rank=3)
    world.need(state, "PARL", rank=2)
    listed = [need.theme for need in queries.submitted_by_state()[state.id]]
    assert listed == ["PARL", "STAT"]
