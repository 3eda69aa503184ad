"""Plans of several instruments on the command line, as real processes with real pipes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matching.__main__ import main
from tests.matching.test_cli import ROOT, run

Here = Callable[..., tuple[int, str, str]]
NINE = ["keep", "changes", "observers", "cover", "worst_off", "fit", "cost", "spread", "avoid"]
SIX = ["keep", "observers", "cover", "worst_off", "fit", "spread"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round of all instruments, solved, with all its documents."""
    path = tmp_path_factory.mktemp("round")
    code, _, err = run(
        "generate", "--states", "7", "--mentors", "4", "--seed", "6", "-o", "instance.json",
        "--instruments", "mentorship,visits,missions,cohorts", cwd=path,
    )  # fmt: skip
    assert (code, err) == (0, "")
    code, out, err = run(
        "solve", "instance.json", "-o", "plan.json", "--problem", "problem.json",
        "--certificate", "certificate.json", "--seal", "seal.json", "--seed", "7", cwd=path,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "; every objective proven\n" in out
    assert "  States served: " in out
    return path


@pytest.fixture
def here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Here:
    """Commands in the round's folder, in this process: quick, for what needs no pipe."""
    monkeypatch.chdir(folder)

    def call(*words: str) -> tuple[int, str, str]:
        code = main(list(words))
        out, err = capfdbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


def codes(plan: str) -> list[str]:
    return [line["code"] for line in json.loads(plan)["objectives"]]


def told(item: dict[str, Any]) -> dict[str, Any]:
    """What the parties hear of an item: not which of its themes a visit is about."""
    return {name: part for name, part in item.items() if name != "themes"}


@pytest.mark.parametrize(
    ("words", "kind", "order"),
    [
        ("mentorship", "mentorship", SIX),
        ("visits", "study_visit", NINE),
        ("missions", "mission", NINE),
        ("cohorts", "training", NINE),
    ],
)
def test_every_instrument_goes_through_the_pipe_alone(
    words: str, kind: str, order: list[str], tmp_path: Path
) -> None:
    code, instance, err = run(
        "generate", "--states", "7", "--mentors", "4", "--seed", "1", "--instruments", words
    )
    assert (code, err) == (0, "")
    assert {offer["instrument"] for offer in json.loads(instance)["offers"]} == {kind}
    problem = tmp_path / "problem.json"
    code, plan, err = run("solve", "-", "--problem", problem, given=instance.encode())
    assert code == 0
    assert "every objective proven" in err
    assert codes(plan) == order
    assert {item["instrument"] for item in json.loads(plan)["items"]} == {kind}
    code, out, err = run("verify", problem, "-", given=plan.encode())
    assert (code, err) == (0, "")
    assert out.endswith("The plan holds.\n")


def test_all_instruments_go_through_the_pipe_together(folder: Path) -> None:
    plan = (folder / "plan.json").read_text()
    assert codes(plan) == NINE
    assert len({item["instrument"] for item in json.loads(plan)["items"]}) >= 3
    code, out, err = run("verify", "problem.json", "-", given=plan.encode(), cwd=folder)
    assert (code, err) == (0, "")
    assert out.endswith("The plan holds.\n")


def test_the_problem_written_gives_the_same_plan(folder: Path) -> None:
    problem = (folder / "problem.json").read_bytes()
    code, plan, _ = run("solve", "-", "--seed", "7", given=problem)
    assert code == 0
    assert plan == (folder / "plan.json").read_text()


def test_only_names_the_instruments_and_mentorship_alone_is_a_flow(
    folder: Path, here: Here
) -> None:
    code, plan, _ = here("solve", "instance.json", "--only", "missions, cohorts")
    assert code == 0
    kinds = {item["instrument"] for item in json.loads(plan)["items"]}
    assert kinds <= {"mission", "training"}
    assert json.loads(plan)["format"] == "tandem-joint-plan"
    code, plan, _ = here("solve", "instance.json", "--only", "mentorships")
    assert code == 0
    assert json.loads(plan)["format"] == "tandem-plan"
    assert codes(plan) == SIX


def test_an_earlier_plan_is_kept(folder: Path, here: Here) -> None:
    """Proposed again in full, nobody hears anything new; of a plan of pairs, the pairs stay."""
    code, plan, _ = here("solve", "instance.json", "--previous", "plan.json")
    assert code == 0
    stated, again = json.loads((folder / "plan.json").read_text()), json.loads(plan)
    assert [told(item) for item in again["items"]] == [told(item) for item in stated["items"]]
    assert [line["value"] for line in again["objectives"][:2]] == [0, 0]
    code, plan, _ = here(
        "solve", "instance.json", "--only", "mentorship", "--previous", "plan.json"
    )
    assert code == 0
    pairs = {
        (item["host"], place["guest"])
        for item in stated["items"] if item["instrument"] == "mentorship"
        for place in item["places"]
    }  # fmt: skip
    assert pairs
    assert pairs <= {(item["host"], item["guest"]) for item in json.loads(plan)["items"]}
    (folder / "pairs.json").write_text(plan)
    code, plan, _ = here("solve", "problem.json", "--previous", "pairs.json")
    assert code == 0
    assert json.loads(plan)["objectives"][0]["code"] == "keep"


def test_a_certificate_holds_for_joint_plans(folder: Path, here: Here) -> None:
    words = ("verify", "problem.json", "plan.json", "--certificate", "certificate.json")
    code, out, err = here(*words)
    assert (code, err) == (0, "")
    assert "  belongs to this Problem and this plan; not signed\n" in out
    assert "Certificate" not in here("verify", "problem.json", "plan.json")[1]
    plan = json.loads((folder / "plan.json").read_text())
    plan["seed"] = 8
    (folder / "other.json").write_text(json.dumps(plan))
    code, out, _ = here("verify", "problem.json", "other.json", *words[3:], "--json")
    assert code == 1
    assert [v["code"] for v in json.loads(out)["violations"]] == [
        "plan_digest", "certificate_settings",
    ]  # fmt: skip


def test_an_auditor_checks_the_joint_problem_too(folder: Path, here: Here) -> None:
    words = ("verify", "problem.json", "plan.json", "--certificate", "certificate.json",
             "--instance", "instance.json")  # fmt: skip
    code, out, err = here(*words, "--seal", "seal.json")
    assert (code, err) == (0, "")
    assert "  follows from the Instance\n" in out
    data = json.loads((folder / "instance.json").read_text())
    data["parties"][0]["zone"], data["policy"]["seed"] = "Asia/Kathmandu", 5
    (folder / "said.json").write_text(json.dumps(data))
    code, out, _ = here(*words[:6], "said.json", "--seal", "seal.json", "--json")
    assert code == 1
    assert [v["code"] for v in json.loads(out)["violations"]] == [
        "instance_digest", "joint_problem_party", "joint_problem_setting",
    ]  # fmt: skip


def test_an_auditor_needs_the_plan_before(folder: Path, here: Here) -> None:
    code, _, _ = here(
        "solve", "instance.json", "--previous", "plan.json", "-o", "again.json",
        "--problem", "after.json", "--only", "missions,cohorts",
    )  # fmt: skip
    assert code == 0
    words = ("verify", "after.json", "again.json", "--instance", "instance.json")
    code, out, _ = here(*words, "--previous", "plan.json")
    assert code == 0
    assert "  follows from the Instance\n" in out
    code, out, _ = here(*words)
    assert code == 1
    assert "  previous is not that of the Instance\n" in out


def test_a_summary_in_json(folder: Path, here: Here) -> None:
    code, out, err = here("solve", "problem.json", "--json", "-o", "p2.json")
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert data["outcome"] == "proven"
    assert [line["code"] for line in data["objectives"]] == NINE


def test_progress_is_told_to_a_terminal_and_to_nobody_else(folder: Path) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "matching", "solve", "problem.json", "-o", "p3.json"],
        stdout=subprocess.PIPE, stderr=theirs, cwd=folder, timeout=60, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    os.close(theirs)
    said = os.read(ours, 100_000).decode()
    os.close(ours)
    lines = [line for line in said.splitlines() if line.startswith("9 of 9, ")]
    assert len(lines) >= 1
    assert b" of 9, " not in done.stdout


def test_explain_says_why_what_stands_in_the_way_and_what_it_would_cost(
    folder: Path, here: Here
) -> None:
    words = ("explain", "problem.json", "plan.json")
    plan = json.loads((folder / "plan.json").read_text())
    code, out, err = here(*words, "--time-limit", "2", "--json")
    assert (code, err) == (0, "")
    data = json.loads(out)
    assert [item["host"] for item in data["items"]] == [item["host"] for item in plan["items"]]
    assert all(place["reasons"] for item in data["items"] for place in item["places"])
    assert len(data["unmet"]) + data["not_reached"] > 0
    guest, host = plan["items"][0]["places"][0]["guest"], plan["items"][0]["host"]
    kind = plan["items"][0]["instrument"]
    code, out, err = here(*words, "--party", guest, "--time-limit", "1")
    assert (code, err) == (0, "")
    assert f"  {guest}: " in out
    code, out, err = here(*words, "--why-not", f"{guest},{host},{kind}")
    assert (code, out, err) == (0, "the plan is so already, or an equally good one is\n", "")
    code, out, err = here(*words, "--why-not", f"{guest},{guest},visits", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["answer"] == {"code": "own_conditions", "parameters": {}}
    code, out, err = here(*words, "--why-not", f"{guest},S0")
    assert (code, out, err) == (2, "", "--why-not: give GUEST,HOST,INSTRUMENT\n")
    code, out, err = here(*words, "--why-not", f"{guest},S00,vist")
    assert (code, out) == (2, "")
    assert err.startswith('--why-not: unknown party "S00"')


def test_advise_names_offers_that_would_help(folder: Path, here: Here) -> None:
    words = ("advise", "problem.json", "plan.json", "--time-limit", "3")
    code, out, err = here(*words, "--most", "2", "--json")
    assert (code, err) == (0, "")
    offers = json.loads(out)["offers"]
    assert len(offers) <= 2
    assert all(offer["served"] > 0 and offer["waiting"] for offer in offers)
    plan = json.loads((folder / "plan.json").read_text())
    plan["items"].pop()
    (folder / "less.json").write_text(json.dumps(plan))
    code, out, err = here("advise", "problem.json", "less.json")
    assert (code, out) == (1, "")
    assert "value" in err


def test_clashing_rules_are_named(folder: Path) -> None:
    data = json.loads((folder / "problem.json").read_text())
    guest, host = (row["key"] for row in data["parties"][:2])
    pairing = {"instrument": "study_visit", "guest": guest, "host": host}
    data["pins"], data["policy"]["exclusions"] = [pairing], [pairing]
    code, out, err = run("solve", "-", given=json.dumps(data).encode())
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert f"rules that clash: {guest} and {host} are pinned (study_visit)" in lines
    assert sum(line.startswith("possible without: ") for line in lines) == 1


def test_a_host_that_is_out_is_repaired(folder: Path, here: Here) -> None:
    plan = json.loads((folder / "plan.json").read_text())
    host = plan["items"][0]["host"]
    words = ("repair", "problem.json", "plan.json", "--out", host)
    code, out, err = here(*words, "-o", "r.json", "--new-problem", "rp.json")
    assert (code, err) == (0, "")
    assert f"{host}: no mentorship for " in out
    mended = json.loads((folder / "r.json").read_text())
    assert host not in {item["host"] for item in mended["items"]}
    assert mended["objectives"][0]["code"] == "keep"
    assert mended["objectives"][0]["value"] > 0
    code, out, err = here("verify", "rp.json", "r.json")
    assert (code, err) == (0, "")
    code, out, err = here(*words, "--json", "-o", "r.json")
    assert (code, err) == (0, "")
    assert host in {told["party"] for told in json.loads(out)["news"]}
    code, out, err = here(*words[:3], "--cancelled", "S00", "--out", "S000")
    assert (code, out) == (2, "")
    assert err.startswith('--out: unknown party "S000"')


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("solve", "instance.json", "--only", "vists,mentorship"),
         '--only: unknown instrument "vists"; did you mean "visits"?\n'),
        (("generate", "--instruments", "visit,misions"),
         '--instruments: unknown instrument "misions"; did you mean "missions"?\n'),
        (("solve", "problem.json", "--only", "visits"),
         "command line: --only goes with an Instance: a Problem has its instruments\n"),
        (("solve", "problem.json", "--problem", "problem.npz"),
         "--problem: arrays hold mentorships alone; write JSON\n"),
        (("solve", "problem.json", "--seal", "seal.json", "--certificate", "c.json"),
         "command line: --seal goes with --certificate and an Instance\n"),
        (("solve", "instance.json", "--key", "key.pem"),
         "command line: --key goes with --certificate\n"),
        (("verify", "problem.json", "plan.json", "--previous", "plan.json"),
         "command line: --previous goes with --instance\n"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(
    here: Here, words: tuple[str, ...], said: str
) -> None:
    assert here(*words) == (2, "", said)


def test_an_earlier_plan_of_strangers_is_refused(folder: Path, here: Here) -> None:
    plan = json.loads((folder / "plan.json").read_text())
    plan["items"][0]["host"] = "S00"
    plan["items"][0]["places"][0]["guest"] = "S0000"
    (folder / "strange.json").write_text(json.dumps(plan))
    code, out, err = here("solve", "instance.json", "--previous", "strange.json")
    assert (code, out) == (2, "")
    assert [line.split("; ")[0] for line in err.splitlines()] == [
        'previous.proposed_items[0].host: unknown party "S00"',
        'previous.proposed_items[0].places[0].guest: unknown party "S0000"',
    ]


def test_scores_are_about_mentorships_alone(folder: Path) -> None:
    data = json.loads((folder / "instance.json").read_text())
    mentor = next(o["party"] for o in data["offers"] if o["instrument"] == "mentorship")
    mentee = next(p["key"] for p in data["parties"] if p["key"] != mentor)
    data["scores"] = {"scores": [{"mentor": mentor, "mentee": mentee, "score": 5}]}
    code, out, err = run("solve", "-", given=json.dumps(data).encode())
    assert (code, out) == (2, "")
    assert err == "scores: scores are about mentorships alone: solve them with --only mentorship\n"
    code, out, _ = run("solve", "-", "--only", "mentorship", given=json.dumps(data).encode())
    assert code == 0
    assert len(json.loads(out)["items"]) == 1
