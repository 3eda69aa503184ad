"""Reading runs, plans and proposals: coordinators see a round, a State what is put to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, undefer

from app.accounts.models import User
from app.extensions import db
from app.jobs.models import Job, JobState
from app.membership.models import State
from app.membership.queries import StateLine, line_columns
from app.needs import queries as needs
from app.offers import queries as offers
from app.plans.models import Plan, PlanItem, Proposal, ProposalState, Run, Scenario, UnmetNeed
from app.rounds.models import Round, Snapshot, SnapshotParty

UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Standing:
    """What States ask for and offer at this moment, apart from any snapshot."""

    asked: dict[int, frozenset[str]] = field(default_factory=dict)
    offered: dict[int, frozenset[str]] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)


def get_round(public_id: str) -> Round:
    found = db.session.scalar(select(Round).where(Round.public_id == public_id))
    if found is None:
        abort(404)
    return found


def _runs() -> Select[Run]:
    return (
        select(Run)
        .join(Run.scenario)
        .join(Scenario.snapshot)
        .join(Snapshot.round)
        .join(Run.job)
        .outerjoin(Run.plan)
        .options(
            contains_eager(Run.scenario)
            .contains_eager(Scenario.snapshot)
            .contains_eager(Snapshot.round),
            contains_eager(Run.scenario).contains_eager(Scenario.snapshot).defer(Snapshot.sealed),
            contains_eager(Run.job),
            contains_eager(Run.plan),
        )
    )


def get_run(public_id: str) -> Run:
    found = db.session.scalar(_runs().where(Run.public_id == public_id))
    if found is None:
        abort(404)
    return found


def run_under_way(round_id: int) -> Run | None:
    """The run of a round that waits or is being solved."""
    return db.session.scalar(
        _runs()
        .where(Snapshot.round_id == round_id, Job.state.in_(UNDER_WAY))
        .order_by(Run.id.desc())
        .limit(1)
    )


def runs_of(round_id: int) -> list[Run]:
    """Every run of a round with its plan, the newest first."""
    light = contains_eager(Run.scenario).contains_eager(Scenario.snapshot).defer(Snapshot.content)
    chosen = _runs().where(Snapshot.round_id == round_id).order_by(Run.id.desc())
    return list(db.session.scalars(chosen.options(light)))


def get_plan(public_id: str) -> Plan:
    """A plan with its run, scenario, snapshot and round, without the sealed part."""
    found = db.session.scalar(_plans().where(Plan.public_id == public_id))
    if found is None:
        abort(404)
    return found


def get_plan_with_documents(public_id: str) -> Plan:
    found = db.session.scalar(
        _plans()
        .where(Plan.public_id == public_id)
        .options(undefer(Plan.problem), undefer(Plan.document), undefer(Plan.certificate))
    )
    if found is None:
        abort(404)
    return found


def _plans() -> Select[Plan]:
    scenario = contains_eager(Plan.run).contains_eager(Run.scenario)
    snapshot = scenario.contains_eager(Scenario.snapshot)
    return (
        select(Plan)
        .join(Plan.run)
        .join(Run.scenario)
        .join(Scenario.snapshot)
        .join(Snapshot.round)
        .options(snapshot.contains_eager(Snapshot.round), snapshot.defer(Snapshot.sealed))
    )


def standing_of(plan: Plan) -> tuple[int | None, int, int]:
    """The plan of the same round made before this one, the newest, and how many get nothing."""
    unmet = select(func.count()).where(UnmetNeed.plan_id == plan.id).scalar_subquery()
    before, newest, nothing = db.session.execute(
        select(func.max(case((Plan.id < plan.id, Plan.id))), func.max(Plan.id), unmet)
        .join(Plan.run)
        .join(Run.scenario)
        .join(Scenario.snapshot)
        .where(Snapshot.round_id == plan.run.scenario.snapshot.round_id)
    ).one()
    return before, newest, nothing


def parties_of_plan(public_id: str) -> dict[str, StateLine]:
    """The State, by key, of everyone whose needs or offers a plan was made from; or 404."""
    rows = (
        select(SnapshotParty.key, *line_columns())
        .join(SnapshotParty.state)
        .outerjoin(State.roster_entry)
        .join(Scenario, Scenario.snapshot_id == SnapshotParty.snapshot_id)
        .join(Run, Run.scenario_id == Scenario.id)
        .join(Plan, Plan.run_id == Run.id)
        .where(Plan.public_id == public_id)
        .order_by(SnapshotParty.key)
    )
    found = {key: StateLine._make(line) for key, *line in db.session.execute(rows)}
    if not found:
        abort(404)
    return found


class ItemLine(NamedTuple):
    """A mentorship of a plan without its reasons, which are many."""

    id: int
    public_id: str
    mentor_id: int
    mentee_id: int
    themes: list[str]
    language: str
    satisfaction: int
    kept: bool

    @property
    def parties(self) -> tuple[int, int]:
        return self.mentor_id, self.mentee_id


def items_of(plan_id: int) -> list[ItemLine]:
    columns = (getattr(PlanItem, name) for name in ItemLine._fields)
    rows = select(*columns).where(PlanItem.plan_id == plan_id).order_by(PlanItem.id)
    return [ItemLine._make(row) for row in db.session.execute(rows)]


def reasons_of(item_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The coded reasons of some items."""
    rows = select(PlanItem.id, PlanItem.reasons).where(PlanItem.id.in_(list(item_ids)))
    return {row.id: row.reasons for row in db.session.execute(rows)}


def unmet_of(plan_id: int) -> list[UnmetNeed]:
    rows = select(UnmetNeed).where(UnmetNeed.plan_id == plan_id).order_by(UnmetNeed.id)
    return list(db.session.scalars(rows))


def proposals_by_pair(round_id: int) -> dict[tuple[int, int], ProposalState]:
    """What became of each (mentor, mentee) that was proposed in a round; the newest counts."""
    rows = (
        select(Proposal.mentor_id, Proposal.mentee_id, Proposal.state)
        .where(Proposal.round_id == round_id)
        .order_by(Proposal.id)
    )
    return {
        (mentor_id, mentee_id): ProposalState(state)
        for mentor_id, mentee_id, state in db.session.execute(rows)
    }


def states_with_proposals(round_id: int) -> set[int]:
    rows = select(Proposal.mentor_id, Proposal.mentee_id).where(Proposal.round_id == round_id)
    return {state_id for pair in db.session.execute(rows) for state_id in pair}


def pairs_of_plan(plan_id: int) -> set[tuple[int, int]]:
    """(mentor, mentee) of every item."""
    rows = select(PlanItem.mentor_id, PlanItem.mentee_id).where(PlanItem.plan_id == plan_id)
    return {(mentor_id, mentee_id) for mentor_id, mentee_id in db.session.execute(rows)}


def parties_of(snapshot_id: int) -> list[SnapshotParty]:
    """Which State each key of a snapshot stands for, States loaded."""
    chosen = (
        select(SnapshotParty)
        .where(SnapshotParty.snapshot_id == snapshot_id)
        .options(joinedload(SnapshotParty.state))
        .order_by(SnapshotParty.key)
    )
    return list(db.session.scalars(chosen))


def answers_so_far(round_id: int) -> dict[str, list[tuple[int, int]]]:
    """(mentor, mentee) of what was accepted, waits, or was declined in a round."""
    parts = {
        ProposalState.ACCEPTED: "accepted",
        ProposalState.OPEN: "proposed",
        ProposalState.DECLINED: "declined",
    }
    found: dict[str, list[tuple[int, int]]] = {part: [] for part in parts.values()}
    rows = (
        select(Proposal.state, Proposal.mentor_id, Proposal.mentee_id)
        .where(Proposal.round_id == round_id, Proposal.state.in_(parts))
        .distinct()
        .order_by(Proposal.mentor_id, Proposal.mentee_id)
    )
    for state, mentor_id, mentee_id in db.session.execute(rows):
        found[parts[ProposalState(state)]].append((mentor_id, mentee_id))
    return found


def standing(state_ids: Iterable[int]) -> Standing:
    """What these States ask for and offer now: submitted, on the roster, and not paused."""
    ids = sorted(set(state_ids))
    asked: dict[int, set[str]] = {}
    for need in db.session.scalars(needs.submitted(ids)):
        asked.setdefault(need.state_id, set()).add(need.theme)
    offered = [row for row in db.session.scalars(offers.submitted(ids)) if not row.paused]
    return Standing(
        asked={state_id: frozenset(themes) for state_id, themes in asked.items()},
        offered={row.state_id: frozenset(part.theme for part in row.themes) for row in offered},
        places={row.state_id: row.capacity for row in offered},
    )


def places_taken_elsewhere(round_: Round) -> dict[int, int]:
    """Mentees that mentors have from other rounds whose weeks overlap with this round's."""
    rows = (
        select(Proposal.mentor_id, Round.first_week, Round.weeks)
        .join(Round, Round.id == Proposal.round_id)
        .where(Proposal.state == ProposalState.ACCEPTED, Proposal.round_id != round_.id)
    )
    first, after = _weeks_of(round_.first_week, round_.weeks)
    found: dict[int, int] = {}
    for mentor_id, other_first, weeks in db.session.execute(rows):
        begins, ends = _weeks_of(other_first, weeks)
        if begins < after and first < ends:
            found[mentor_id] = found.get(mentor_id, 0) + 1
    return found


def _weeks_of(first: dt.date, weeks: int) -> tuple[dt.date, dt.date]:
    return first, first + dt.timedelta(weeks=weeks)


def proposals_of_round(round_id: int) -> list[Proposal]:
    """Every proposal of a round with its answers, both States loaded; the newest last."""
    chosen = (
        select(Proposal)
        .where(Proposal.round_id == round_id)
        .options(joinedload(Proposal.mentor), joinedload(Proposal.mentee))
        .order_by(Proposal.id)
    )
    return list(db.session.scalars(chosen).unique())


def get_proposal(public_id: str) -> Proposal:
    """Any proposal, for coordinators."""
    found = db.session.scalar(
        select(Proposal)
        .where(Proposal.public_id == public_id)
        .options(
            joinedload(Proposal.mentor), joinedload(Proposal.mentee), joinedload(Proposal.round)
        )
    )
    if found is None:
        abort(404)
    return found


def lock_proposal(proposal: Proposal) -> Proposal:
    """The row as it is now, answers included; whoever answers at the same time waits."""
    db.session.execute(select(Proposal.id).where(Proposal.id == proposal.id).with_for_update())
    db.session.expire(proposal)
    return db.session.get_one(Proposal, proposal.id)


def _put_to(user: User) -> Select[Proposal]:
    """What is put to the person's State. The other side's records stay out of reach."""
    mine = or_(Proposal.mentor_id == user.state_id, Proposal.mentee_id == user.state_id)
    return (
        select(Proposal)
        .where(mine)
        .options(
            joinedload(Proposal.mentor), joinedload(Proposal.mentee), joinedload(Proposal.round)
        )
    )


def own_proposals(user: User) -> list[Proposal]:
    """Open ones first, by date."""
    rows = db.session.scalars(_put_to(user).order_by(Proposal.answer_by, Proposal.id)).unique()
    return sorted(rows, key=lambda row: row.state != ProposalState.OPEN)


def own_proposal(user: User, public_id: str) -> Proposal:
    """A proposal put to the person's own State; any other is as good as absent."""
    found = db.session.scalar(_put_to(user).where(Proposal.public_id == public_id))
    if found is None:
        abort(404)
    return found


def count_waiting(user: User) -> int:
    """Open proposals that the person's State has not answered yet."""
    return sum(
        1
        for row in own_proposals(user)
        if row.state == ProposalState.OPEN and row.answer_of(user.state_id or 0) is None
    )
