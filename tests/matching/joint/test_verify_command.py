"""Joint plans on the command line, as a real process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matching.joint.documents import dump_plan, dump_problem
from tests.matching.joint.broken import PLANS
from tests.matching.joint.rich import base, good
from tests.matching.joint.small import stated
from tests.matching.test_cli import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    problem, plan = good()
    (tmp_path / "problem.json").write_bytes(dump_problem(problem))
    (tmp_path / "plan.json").write_bytes(dump_plan(plan))
    return tmp_path


def test_a_good_plan_is_said_to_hold(folder: Path) -> None:
    code, out, err = run("verify", "problem.json", "plan.json", cwd=folder)
    assert (code, err) == (0, "")
    assert "  mentor_capacity: A mentor never gets more mentees than it offered.\n" in out
    assert "  States served: value 4, bound 4, checked\n" in out
    assert out.endswith("The plan holds.\n")


def test_a_broken_plan_is_named_and_told_by_the_exit_code(folder: Path) -> None:
    (code,) = [code for code in PLANS if code.name == "MENTOR_CAPACITY"]
    problem, items = PLANS[code][1](*base())
    (folder / "problem.json").write_bytes(dump_problem(problem))
    (folder / "plan.json").write_bytes(dump_plan(stated(problem, items)))
    exit_code, out, err = run("verify", "problem.json", "plan.json", cwd=folder)
    assert (exit_code, err) == (1, "")
    assert out.endswith("Violations\n  N has 1 places and gets 2\n1 violations\n")
    exit_code, out, err = run("verify", "--json", "problem.json", "plan.json", cwd=folder)
    assert (exit_code, err) == (1, "")
    assert json.loads(out) == {
        "good": False,
        "violations": [
            {
                "code": "joint_mentor_capacity",
                "parameters": {"offer": "N", "capacity": 1, "given": 2},
            }
        ],
    }


def test_bad_documents_are_refused_both_at_once(folder: Path) -> None:
    problem = json.loads((folder / "problem.json").read_bytes())
    problem["mentors"][0]["party"] = 99
    (folder / "problem.json").write_text(json.dumps(problem))
    (folder / "plan.json").write_text("{}")
    code, out, err = run("verify", "problem.json", "plan.json", cwd=folder)
    assert (code, out) == (2, "")
    assert "problem: mentors[0].party: 99 is not below 8" in err
    assert "plan: items: Field required" in err
