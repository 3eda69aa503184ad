"""What the worker does for plans: solve what was asked for, and remind once of an answer due."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import audit
from app.audit.tags import Tag
from app.extensions import db
from app.jobs import actions as jobs
from app.jobs.models import Job, JobState
from app.jobs.worker import Task, chore, handler
from app.plans import answering, queries
from app.plans.actions import JOB_KIND
from app.plans.models import Plan, PlanItem, Run, Scenario, UnmetNeed
from app.plans.translation import Made, Material, NoPlanPossible, PlanNotVerified, make_plan

log = structlog.get_logger()


@handler(JOB_KIND)
def solve_run(task: Task) -> None:
    """Make the plan of a run."""
    carry_out(task, make_plan)


def carry_out(task: Task, make: Callable[..., Made]) -> None:
    """Solve and store. A job run twice stores one plan: the claim decides whose."""
    run_id = int(task.payload["run_id"])
    started = time.monotonic()
    material = material_of(run_id)
    # Reading is over: solving holds no lock.
    db.session.rollback()
    try:
        made = make(
            material,
            signing_key=current_app.config["SIGNING_KEY"],
            say=task.say,
            is_cancelled=task.is_cancelled,
        )
    except (NoPlanPossible, PlanNotVerified) as error:
        log.error("no plan stored", run=run_id, why=type(error).__name__, found=str(error))
        jobs.finish(
            job_id=task.job_id,
            claim=task.claim,
            state=JobState.FAILED,
            error=type(error).__name__,
        )
        db.session.commit()
        return
    _store(task, run_id, made, seconds=time.monotonic() - started)


def material_of(run_id: int) -> Material:
    run = db.session.scalars(
        select(Run)
        .where(Run.id == run_id)
        .options(joinedload(Run.scenario).joinedload(Scenario.snapshot))
    ).one()
    snapshot = run.scenario.snapshot
    return Material(
        content=snapshot.content,
        sealed=snapshot.sealed,
        states={party.key: party.state_id for party in queries.parties_of(snapshot.id)},
        policy=run.scenario.policy,
    )


def _store(task: Task, run_id: int, made: Made, *, seconds: float) -> None:
    # The row, not the worker's ear, says whether somebody asked to stop: it is locked here.
    asked = db.session.scalar(
        select(Job.cancel_asked).where(Job.id == task.job_id).with_for_update()
    )
    if asked and not db.session.get_one(Run, run_id).keep_when_stopped:
        task.finish(cancelled=True)
        db.session.commit()
        return
    # First of all the claim, in the same transaction: whoever lost it stores nothing.
    task.finish()
    plan = Plan(
        run_id=run_id,
        objectives=made.objectives,
        seconds=seconds,
        outcome=made.outcome,
        verified=True,
        problem=made.problem,
        document=made.document,
        certificate=made.certificate,
        seal=made.seal,
        items=[PlanItem(**row) for row in made.items],
        unmet=[UnmetNeed(**row) for row in made.unmet],
    )
    db.session.add(plan)
    db.session.flush()
    audit.record(
        Tag.PLAN_MADE,
        by=None,
        subject=plan.public_id,
        pairs=len(made.items),
        unmet=len(made.unmet),
    )
    db.session.commit()


@chore
def remind_of_answers() -> None:
    """One reminder for each proposal, some days before its date."""
    answering.remind_due()
    db.session.commit()
