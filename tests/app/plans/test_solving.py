"""Solving in the background: killed, stopped, refused, and always at most one plan."""

from __future__ import annotations

import os
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.database import now
from app.extensions import db
from app.jobs import actions as jobs
from app.jobs.models import Job, JobState
from app.jobs.worker import HANDLERS, Task
from app.plans.models import Plan, Run
from app.plans.tasks import carry_out, material_of
from app.plans.translation import explain_gaps, instance_of, make_plan
from matching import build_problem, check_problem, read_instance, read_problem, solve
from matching.generate import generate
from matching.model import Result
from tests.app.plans.planning import Planning, page_of, work_off
from tests.processes import run as run_process
from tests.world import World


def task_of(world: World, claim: Any) -> Task:
    return Task(world.app, claim.job_id, claim.token, claim.payload, threading.Event())


def plans() -> list[Plan]:
    db.session.rollback()
    return list(db.session.scalars(select(Plan)))


def job_of(run_id: int) -> Job:
    db.session.rollback()
    run = db.session.get_one(Run, run_id, populate_existing=True)
    return db.session.get_one(Job, run.job_id, populate_existing=True)


def test_a_killed_workers_job_is_run_again_with_one_plan(world: World) -> None:
    planning = Planning(world)
    run_id = planning.ask().id
    db.session.commit()
    lost = jobs.claim_next()
    assert lost is not None
    job_of(run_id).heartbeat_at = now() - jobs.SILENCE * 2
    db.session.commit()
    assert jobs.requeue_silent() == 1
    work_off(world.app)
    assert len(plans()) == 1
    # The first worker was only slow: what it brings comes too late, and nothing is left of it.
    db.session.rollback()
    with pytest.raises(jobs.ClaimLost):
        HANDLERS["plans.solve"](task_of(world, lost))
    db.session.rollback()
    assert len(plans()) == 1
    assert job_of(run_id).state == JobState.DONE


@pytest.mark.parametrize(("keep", "expected"), [("yes", 1), ("no", 0)])
def test_stopping_keeps_the_best_so_far_or_nothing(world: World, keep: str, expected: int) -> None:
    planning = Planning(world, mentees=3)
    run_id = planning.ask().id
    address = f"/runs/{db.session.get_one(Run, run_id).public_id}"
    db.session.commit()
    claim = jobs.claim_next()
    client = world.client(planning.coordinator)
    assert client.send(f"{address}/stop", address, keep=keep).status_code == 303
    task = task_of(world, claim)
    # The worker's ear, which hears within half a second of the wish.
    task._cancelled.set()
    started = time.monotonic()
    HANDLERS["plans.solve"](task)
    assert time.monotonic() - started < 1
    assert len(plans()) == expected
    if expected:
        [plan] = plans()
        assert plan.outcome == "cancelled"
        assert job_of(run_id).state == JobState.DONE
        page = page_of(client, f"/plans/{plan.public_id}")
        assert "The search was stopped on request; the gaps are stated below." in page
    else:
        assert job_of(run_id).state == JobState.CANCELLED
        assert "Stopped without a plan" in page_of(client, address)


def test_a_waiting_run_is_stopped_at_once(world: World) -> None:
    planning = Planning(world)
    run = planning.ask()
    address, run_id = f"/runs/{run.public_id}", run.id
    client = world.client(planning.coordinator)
    client.send(f"{address}/stop", address, keep="yes")
    assert job_of(run_id).state == JobState.CANCELLED
    work_off(world.app)
    assert plans() == []


def test_a_long_explanation_is_left_when_somebody_asks_to_stop() -> None:
    """Looking for changes takes seconds and can't be interrupted: it is left to itself."""
    problem = build_problem(generate(193, 60, seed=1, scarcity="scarce"))
    plan = solve(problem).plan
    assert plan is not None
    stop_at = time.monotonic() + 0.3
    gaps = explain_gaps(problem, plan, lambda: time.monotonic() > stop_at)
    assert time.monotonic() - stop_at < 1
    assert len(gaps) == len(problem.mentees) - len(plan.items)
    # What stood in the way is known all the same; what would help was not looked for.
    assert {gap.change for gap in gaps} == {None}


def faulty(*args: Any, **options: Any) -> Result:
    """A solver with a fault: it states more than it reached."""
    result = solve(*args, **options)
    assert result.plan is not None
    item = result.plan.items[0]
    wrong = item.model_copy(update={"fit": item.fit + 1})
    plan = result.plan.model_copy(update={"items": (wrong, *result.plan.items[1:])})
    return Result(result.outcome, plan, result.clash, result.timings)


def test_a_plan_that_does_not_verify_is_never_stored(world: World) -> None:
    planning = Planning(world)
    run = planning.ask()
    address, run_id = f"/runs/{run.public_id}", run.id
    db.session.commit()
    carry_out(task_of(world, jobs.claim_next()), partial(make_plan, solver=faulty))
    assert plans() == []
    assert job_of(run_id).state == JobState.FAILED
    assert job_of(run_id).error == "PlanNotVerified"
    page = page_of(world.client(planning.coordinator), address)
    assert "The independent check did not confirm the plan, so it was thrown away." in page
    # The next attempt, with a solver in order, makes one.
    assert planning.plan().verified


def test_the_problem_follows_from_what_was_said(world: World) -> None:
    """What an auditor does: the Problem is derived again from the Instance, by other code."""
    planning = Planning(world, mentors=3, mentees=5)
    plan = planning.frozen_plan()
    instance = read_instance(instance_of(material_of(plan.run_id)))
    assert check_problem(instance, read_problem(plan.problem)) == []
    assert [word for word in (b"level_now", b"level_sought") if word in plan.problem] == []


def test_the_progress_page_follows_the_work(world: World) -> None:
    planning = Planning(world)
    run = planning.ask()
    address, run_id = f"/runs/{run.public_id}", run.id
    client = world.client(planning.coordinator)
    assert "Waiting for its turn" in page_of(client, address)
    db.session.commit()
    claim = jobs.claim_next()
    assert claim is not None
    task_of(world, claim).say(
        phase="solving", step=3, steps=6, objective="cover", incumbent=40, bound=41, seconds=0.5
    )
    box = client.get(f"{address}/progress", headers={"HX-Request": "true"})
    words = " ".join(box.get_data(as_text=True).split())
    assert "Step 3 of 6: Serve as many States as possible." in words
    assert "Best so far 40, nothing can pass 41; 0.5 seconds." in words
    assert 'value="40"' in words
    # Without JavaScript the same address leads back to the page.
    assert client.get(f"{address}/progress").headers["Location"] == address
    HANDLERS["plans.solve"](task_of(world, claim))
    [plan] = plans()
    box = client.get(f"{address}/progress", headers={"HX-Request": "true"})
    assert box.headers["HX-Redirect"] == f"/plans/{plan.public_id}"
    assert client.get(address).headers["Location"] == f"/plans/{plan.public_id}"
    assert plan.run_id == run_id


def test_the_web_process_never_loads_the_optimiser(world: World, tmp_path: Path) -> None:
    planning = Planning(world)
    proposal = planning.proposed()[0]
    plan = proposal.plan_item.plan
    addresses = [
        f"/rounds/{planning.round.public_id}/plans",
        f"/plans/{plan.public_id}",
        f"/plans/{plan.public_id}/files/workbook",
        f"/runs/{plan.run.public_id}",
        f"/rounds/{planning.round.public_id}/answers",
    ]
    uniquifier = planning.coordinator.fs_uniquifier
    db.session.commit()
    script = tmp_path / "visit.py"
    script.write_text(
        "import sys\n"
        "from app import create_app\n"
        "app = create_app()\n"
        "client = app.test_client()\n"
        "with client.session_transaction() as session:\n"
        f"    session['_user_id'] = {uniquifier!r}\n"
        "    session.update(_fresh=True, fs_cc='set', fs_paa=__import__('time').time())\n"
        f"for address in {addresses!r}:\n"
        "    print(client.get(address).status_code)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & "
        "{'matching', 'ortools', 'numpy'}))\n",
        encoding="utf-8",
    )
    done = run_process(world.app, str(script), PYTHONPATH=os.getcwd())
    assert done.stdout.splitlines() == ["200", "200", "200", "302", "200", "[]"], done.stderr
