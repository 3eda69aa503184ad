"""Reading runs, plans and proposals: coordinators see a round, a State what is put to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import abort
from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, undefer

from app.accounts.models import User
from app.extensions import db
from app.jobs.models import Job, JobState
from app.needs import queries as needs
from app.offers import queries as offers
from app.plans.contents import Contents, Facts, contents_of
from app.plans.models import (
    Answer,
    Plan,
    Proposal,
    ProposalState,
    Response,
    Run,
    Scenario,
)
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


def asked_since(round_id: int, moment: dt.datetime) -> list[dt.datetime]:
    """When plans of a round were asked for since a moment, the earliest first."""
    rows = (
        select(Run.asked_at)
        .join(Run.scenario)
        .join(Scenario.snapshot)
        .where(Snapshot.round_id == round_id, Run.asked_at > moment)
        .order_by(Run.asked_at)
    )
    return list(db.session.scalars(rows))


def runs_of(round_id: int) -> list[Run]:
    """Every run of a round with its plan, the newest first."""
    light = contains_eager(Run.scenario).contains_eager(Scenario.snapshot).defer(Snapshot.content)
    chosen = _runs().where(Snapshot.round_id == round_id).order_by(Run.id.desc())
    return list(db.session.scalars(chosen.options(light)))


_TO_SNAPSHOT = (
    contains_eager(Plan.run).contains_eager(Run.scenario).contains_eager(Scenario.snapshot)
)
# Neither part of the snapshot comes along: the one is sealed, the other long.
_PLANS = (
    select(Plan)
    .join(Plan.run)
    .join(Run.scenario)
    .join(Scenario.snapshot)
    .join(Snapshot.round)
    .options(
        _TO_SNAPSHOT.contains_eager(Snapshot.round),
        _TO_SNAPSHOT.load_only(Snapshot.kind, Snapshot.taken_at, Snapshot.round_id),
    )
)


def get_plan(public_id: str) -> Plan:
    """A plan with its run, scenario and round, and what its snapshot is."""
    found = db.session.scalar(_PLANS.where(Plan.public_id == public_id))
    if found is None:
        abort(404)
    return found


def get_plan_with_documents(public_id: str) -> Plan:
    found = db.session.scalar(
        _PLANS.where(Plan.public_id == public_id).options(
            undefer(Plan.problem), undefer(Plan.document), undefer(Plan.certificate)
        )
    )
    if found is None:
        abort(404)
    return found


def round_of(facts: Facts) -> tuple[Round, bool]:
    """The round of a plan as it stands now, and whether no other plan of it was made later."""
    found = db.session.execute(_ROUND, {"round_id": facts.round_id}).one()
    return found[0], found[1] == facts.id


_NEWEST = (
    select(func.max(Plan.id))
    .join(Plan.run)
    .join(Run.scenario)
    .join(Scenario.snapshot)
    .where(Snapshot.round_id == Round.id)
)
# Statements that every page of a plan asks are built once.
_ROUND = select(Round, _NEWEST.scalar_subquery()).where(Round.id == bindparam("round_id"))
_PROPOSED = (
    select(Proposal.mentor_id, Proposal.mentee_id, Proposal.state)
    .where(Proposal.round_id == bindparam("round_id"))
    .order_by(Proposal.id)
)


def get_contents(public_id: str) -> Contents:
    """What of a plan never changes; or 404."""
    found = contents_of(public_id)
    if found is None:
        abort(404)
    return found


def proposals_by_pair(round_id: int) -> dict[tuple[int, int], ProposalState]:
    """What became of each (mentor, mentee) that was proposed in a round; the newest counts."""
    rows = db.session.execute(_PROPOSED, {"round_id": round_id})
    return {(row[0], row[1]): ProposalState(row[2]) for row in rows}


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


class ProposalLine(NamedTuple):
    """A proposal as far as a list has to know all of them."""

    id: int
    mentor_id: int
    mentee_id: int
    state: ProposalState
    answer_by: dt.date

    @property
    def parties(self) -> tuple[int, int]:
        return self.mentor_id, self.mentee_id


def proposals_of_round(round_id: int) -> list[ProposalLine]:
    """Every proposal of a round; the newest last."""
    columns = (getattr(Proposal, name) for name in ProposalLine._fields)
    rows = select(*columns).where(Proposal.round_id == round_id).order_by(Proposal.id)
    return [ProposalLine._make(row) for row in db.session.execute(rows)]


def accepted_by_one_side(round_id: int) -> set[int]:
    """Ids of open proposals that one side has accepted."""
    rows = (
        select(Response.proposal_id)
        .join(Response.proposal)
        .where(
            Proposal.round_id == round_id,
            Proposal.state == ProposalState.OPEN,
            Response.answer == Answer.ACCEPT,
        )
    )
    return set(db.session.scalars(rows))


def proposals_among(ids: Iterable[int]) -> dict[int, Proposal]:
    """Some proposals with their answers, by id."""
    rows = db.session.scalars(select(Proposal).where(Proposal.id.in_(list(ids))))
    return {row.id: row for row in rows}


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


# What is put to the State "mine". The other side's records stay out of reach.
_PUT_TO = (
    select(Proposal)
    .where(or_(Proposal.mentor_id == bindparam("mine"), Proposal.mentee_id == bindparam("mine")))
    .options(joinedload(Proposal.mentor), joinedload(Proposal.mentee), joinedload(Proposal.round))
)
_ALL_PUT_TO = _PUT_TO.order_by(Proposal.answer_by, Proposal.id)


def own_proposals(user: User) -> list[Proposal]:
    """Open ones first, by date."""
    rows = db.session.scalars(_ALL_PUT_TO, {"mine": user.state_id}).unique()
    return sorted(rows, key=lambda row: row.state != ProposalState.OPEN)


def own_proposal(user: User, public_id: str) -> Proposal:
    """A proposal put to the person's own State; any other is as good as absent."""
    chosen = _PUT_TO.where(Proposal.public_id == public_id)
    found = db.session.scalar(chosen, {"mine": user.state_id})
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
