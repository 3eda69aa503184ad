"""A worker may be killed at any moment; its job is found and done again, with one result."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.audit import Tag
from app.audit.actions import verify_chain
from app.audit.models import AuditEntry
from app.extensions import db
from app.jobs import actions
from app.jobs.models import Job, JobState
from tests.processes import run, start, wait_for

Workers = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def new_worker(app: Flask, tmp_path: Path) -> Iterator[Workers]:
    """Starts worker processes on the installation under test; ends those left over."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one() -> subprocess.Popen[bytes]:
        started.append(start(app, "-m", "tests.app.jobs.halting_worker", str(tmp_path)))
        return started[-1]

    yield start_one
    for process in started:
        process.kill()
        process.wait()


def asked(kind: str, **payload: str) -> int:
    job_id = actions.ask(kind=kind, payload=payload).id
    db.session.commit()
    return job_id


def read(what: Select[Any]) -> Any:
    """Read and let go: outside a page a reader would keep the write lock of SQLite."""
    found = db.session.scalar(what)
    db.session.rollback()
    return found


def state_of(job_id: int) -> str:
    return str(read(select(Job.state).where(Job.id == job_id)))


def results_of(job_id: int) -> int:
    found = select(func.count()).where(
        AuditEntry.tag == Tag.PLAN_MADE, AuditEntry.subject == str(job_id)
    )
    return int(read(found))


@pytest.mark.parametrize("place", ["working", "before_commit", "after_commit"])
def test_a_job_whose_worker_was_killed_has_one_result(
    app: Flask, new_worker: Workers, tmp_path: Path, place: str
) -> None:
    job_id = asked("test.halt", halt=place)
    worker = new_worker()
    wait_for((tmp_path / f"{job_id}-{place}").exists)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert results_of(job_id) == (1 if place == "after_commit" else 0)

    new_worker()
    wait_for(lambda: state_of(job_id) == JobState.DONE)

    assert results_of(job_id) == 1
    assert verify_chain().holds
    db.session.rollback()


def test_two_workers_share_the_queue_without_doing_a_job_twice(
    app: Flask, new_worker: Workers
) -> None:
    jobs = [asked("test.halt", halt="nowhere") for _ in range(12)]
    new_worker()
    new_worker()
    wait_for(lambda: all(state_of(job_id) == JobState.DONE for job_id in jobs))
    assert [results_of(job_id) for job_id in jobs] == [1] * 12


def test_a_running_job_stops_within_a_second_or_two_of_a_wish_to_cancel(
    app: Flask, new_worker: Workers, tmp_path: Path
) -> None:
    job_id = asked("test.until_cancelled")
    new_worker()
    wait_for((tmp_path / f"{job_id}-started").exists)
    actions.ask_to_cancel(job=db.session.get_one(Job, job_id))
    db.session.commit()
    wait_for(lambda: state_of(job_id) == JobState.CANCELLED, seconds=3)


def test_a_job_that_fails_leaves_nothing_half_done(app: Flask, new_worker: Workers) -> None:
    job_id = asked("test.fails")
    new_worker()
    wait_for(lambda: state_of(job_id) == JobState.FAILED)
    job = db.session.get_one(Job, job_id)
    assert (job.error, results_of(job_id)) == ("LookupError", 0)


def test_a_fault_is_written_down_without_the_values_on_its_way(app: Flask, tmp_path: Path) -> None:
    """Where and what; a library printed every variable that it passed, sealed ones among them."""
    job_id = asked("test.fails")
    words = ("-m", "tests.app.jobs.halting_worker", str(tmp_path), "once")
    done = run(app, *words)
    assert state_of(job_id) == JobState.FAILED
    said = done.stdout + done.stderr
    assert "LookupError: nothing there" in said
    assert "halting_worker.py" in said
    assert "a level that nobody may read" not in said.replace('"a level that nobody may read"', "")


def test_a_fault_of_the_database_does_not_repeat_what_people_wrote(app: Flask) -> None:
    with pytest.raises(SQLAlchemyError) as fault:
        db.session.execute(text("SELECT :secret FROM nowhere"), {"secret": "what somebody wrote"})
    db.session.rollback()
    assert "nowhere" in str(fault.value)
    assert "what somebody wrote" not in str(fault.value)


def test_a_queued_job_is_cancelled_at_once(app: Flask) -> None:
    job_id = asked("test.halt", halt="nowhere")
    actions.ask_to_cancel(job=db.session.get_one(Job, job_id))
    db.session.commit()
    assert state_of(job_id) == JobState.CANCELLED
    assert actions.claim_next() is None


def test_a_worker_that_lost_its_claim_can_not_store_a_result(app: Flask) -> None:
    job_id = asked("test.halt", halt="nowhere")
    claimed = actions.claim_next()
    assert claimed is not None
    with pytest.raises(actions.ClaimLost):
        actions.finish(job_id=job_id, claim="somebody else's")
