"""Rounds that are really planned: needs and offers in, a solved plan out, by site and worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event, select

from app.accounts.models import User
from app.cli import load_handlers
from app.database import now
from app.engagements.models import Engagement
from app.extensions import db
from app.jobs.worker import work
from app.membership.models import RegionalGroup, State
from app.notices import Mail
from app.plans.models import Plan, PlanItem, Proposal, Run
from app.rounds.models import Round, RoundState
from tests.pages import text_of, token_on
from tests.world import World

load_handlers()


class Planning:
    """A round with one coordinator; what happens in it goes through pages and the worker."""

    def __init__(self, world: World, *, mentors: int = 1, mentees: int = 1, capacity: int = 2):
        self.world = world
        self.coordinator = world.coordinator()
        self.round: Round = world.round()
        self.mentors = [self.mentor(f"Mentoria {n}", capacity) for n in range(1, mentors + 1)]
        self.mentees = [self.mentee(f"Learnland {n}") for n in range(1, mentees + 1)]

    def mentor(self, name: str, capacity: int = 2, **changes: Any) -> State:
        state = self.world.state(name, **changes)
        self.world.offer(state, {"TRACK": 3}, capacity=capacity)
        return state

    def mentee(self, name: str, theme: str = "TRACK", **changes: Any) -> State:
        state = self.world.state(name, group=RegionalGroup.GRULAC, **changes)
        self.world.need(state, theme, level_now=1, level_sought=4)
        return state

    def freeze(self) -> None:
        """As the coordinator freezes the round."""
        from app.rounds import actions

        db.session.refresh(self.round)
        actions.freeze_round(round=self.round, by=self.coordinator)
        db.session.commit()

    def ask(self) -> Run:
        """The coordinator presses Plan."""
        client = self.world.client(self.coordinator)
        page = f"/rounds/{self.round.public_id}/plans"
        answer = client.post(
            f"/rounds/{self.round.public_id}/plan",
            data={"csrf_token": token_on(client.get(page))},
        )
        assert answer.status_code == 303
        run_id = answer.headers["Location"].rsplit("/", 1)[-1]
        return db.session.scalars(select(Run).where(Run.public_id == run_id)).one()

    def plan(self) -> Plan:
        """Ask, let the worker solve, and give the plan."""
        run_id = self.ask().id
        work_off(self.world.app)
        return db.session.scalars(select(Plan).where(Plan.run_id == run_id)).one()

    def frozen_plan(self) -> Plan:
        if self.round.state == RoundState.OPEN:
            self.freeze()
        return self.plan()

    def propose(self, plan: Plan, items: list[PlanItem] | None = None, **fields: str) -> Any:
        """Select items (all, unless given) and propose them."""
        client = self.world.client(self.coordinator)
        chosen = plan.items if items is None else items
        page = f"/plans/{plan.public_id}"
        values = {
            "csrf_token": token_on(client.get(page)),
            "item": [item.public_id for item in chosen],
            "answer_by": (now().date() + dt.timedelta(days=14)).isoformat(),
            **fields,
        }
        return client.post(f"{page}/propose", data=values)

    def proposed(self) -> list[Proposal]:
        """Freeze, plan, propose everything."""
        plan = self.frozen_plan()
        assert self.propose(plan).status_code == 303
        return proposals()

    def answer(self, proposal: Proposal, person: User, verb: str) -> Any:
        """A person of a party presses a button on the proposal's page."""
        client = self.world.client(person)
        token = token_on(client.get("/proposals/" + proposal.public_id))
        return client.post(f"/proposals/{proposal.public_id}/{verb}", data={"csrf_token": token})


def work_off(app: Flask) -> None:
    """Let the worker do all that waits, in this process."""
    db.session.commit()
    work(app, once=True)
    db.session.expire_all()


def proposals() -> list[Proposal]:
    db.session.rollback()
    return list(db.session.scalars(select(Proposal).order_by(Proposal.id)))


def engagements() -> list[Engagement]:
    db.session.rollback()
    return list(db.session.scalars(select(Engagement).order_by(Engagement.id)))


def mails(*, to: str = "") -> list[Mail]:
    db.session.rollback()
    chosen = select(Mail).order_by(Mail.id)
    return list(db.session.scalars(chosen.where(Mail.recipient == to) if to else chosen))


def page_of(client: Any, address: str) -> str:
    """The words of a page that is there."""
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return text_of(answer.get_data(as_text=True))


def pairs_of(plan: Plan) -> set[tuple[str, str]]:
    """(mentor, mentee) by name."""
    return {(item.mentor.names["en"], item.mentee.names["en"]) for item in plan.items}


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements that are sent while this is open."""
    sent: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
