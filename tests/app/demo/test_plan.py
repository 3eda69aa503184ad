"""What a first plan of the demonstration shows: the two who meet, competition, and needs unmet."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.demo.script import MENTEE_CODE, MENTOR_CODE
from app.extensions import db
from app.membership.models import State
from app.needs.models import Need
from app.plans.models import Plan
from app.rounds.models import Round
from tests.app.demo.conftest import browser, step_in
from tests.app.plans.planning import work_off
from tests.pages import token_on


def planned(demo: Flask) -> Plan:
    """As the coordinator, try a plan of the open round."""
    round_id = db.session.scalars(select(Round.public_id)).one()
    client = browser(demo)
    step_in(client, "coordinator")
    token = token_on(client.get(f"/rounds/{round_id}/plans"))
    answer = client.post(f"/rounds/{round_id}/plan", data={"csrf_token": token})
    assert answer.status_code == 303
    work_off(demo)
    return db.session.scalars(select(Plan).order_by(Plan.id.desc()).limit(1)).one()


def pair_of_the_walk(plan: Plan) -> list[tuple[str, list[str]]]:
    """Mentor and themes of the mentee whom a newcomer steps into."""
    return [
        (item.mentor.code, sorted(item.themes))
        for item in plan.items
        if item.mentee.code == MENTEE_CODE
    ]


def test_the_plan_pairs_the_two_and_follows_the_need(demo: Flask) -> None:
    plan = planned(demo)
    assert (plan.verified, plan.outcome) == (True, "proven")
    assert pair_of_the_walk(plan) == [(MENTOR_CODE, ["TRACK"])]
    # Most are served and some are not: there is something to talk about.
    assert (80 <= len(plan.items) < 105, len(plan.items) + len(plan.unmet)) == (True, 110)
    before = {item.mentee_id: item.satisfaction for item in plan.items}

    mentee = db.session.scalars(select(State).where(State.code == MENTEE_CODE)).unique().one()
    budget = select(Need).where(Need.state_id == mentee.id, Need.theme == "BUDG")
    db.session.scalars(budget).one().theme = "PLAN"
    db.session.commit()
    changed = planned(demo)
    assert pair_of_the_walk(changed) == [(MENTOR_CODE, ["PLAN", "TRACK"])]
    after = {item.mentee_id: item.satisfaction for item in changed.items}
    assert after[mentee.id] > before[mentee.id]
