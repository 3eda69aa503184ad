"""The command line, as a real process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"


def run(*words: str | Path, given: bytes = b"", cwd: Path = ROOT) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "matching", *map(str, words)],
        input=given, capture_output=True, cwd=cwd, timeout=60, check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A round solved, with all its documents."""
    path = tmp_path_factory.mktemp("round")
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    (path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    code, out, err = run(
        "generate", "--states", "40", "--mentors", "12", "--seed", "4", "--scarcity", "scarce",
        "-o", "instance.json", cwd=path,
    )  # fmt: skip
    assert (code, out, err) == (0, "", "")
    code, out, err = run(
        "solve", "instance.json", "-o", "plan.json", "--problem", "problem.json",
        "--certificate", "certificate.json", "--seal", "seal.json", "--key", "key.pem",
        "--seed", "3", "--workers", "1", "--time-limit", "60", cwd=path,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "every objective proven" in out
    return path


PUBLIC = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key().public_bytes_raw()


def test_the_walk_through_of_the_readme(folder: Path) -> None:
    code, out, err = run(
        "verify", "--problem", "problem.json", "--plan", "plan.json",
        "--certificate", "certificate.json", cwd=folder,
    )  # fmt: skip
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "Rules"
    assert lines[-1] == "The plan holds."
    assert sum(line.endswith(": checked") for line in lines) == 9
    assert sum(line.endswith(", checked") for line in lines) == 6
    assert f"  belongs to this Problem and this plan; signed by {PUBLIC.hex()}" in lines


def test_an_auditor_checks_the_problem_too(folder: Path) -> None:
    words = ("verify", "problem.json", "plan.json", "--certificate", "certificate.json",
             "--instance", "instance.json")  # fmt: skip
    code, out, _ = run(*words, "--seal", "seal.json", "--public-key", PUBLIC.hex(), cwd=folder)
    assert code == 0
    assert "  follows from the Instance" in out.splitlines()
    code, out, _ = run(*words, cwd=folder)
    assert code == 1
    assert "  the Instance can only be checked with its seal" in out.splitlines()
    code, out, _ = run(*words[:5], "--public-key", "0" * 64, "--json", cwd=folder)
    assert code == 1
    assert [v["code"] for v in json.loads(out)["violations"]] == ["signer_unexpected"]


def test_violations_exit_with_one(folder: Path) -> None:
    plan = json.loads((folder / "plan.json").read_text())
    plan["items"].pop()
    (folder / "short.json").write_text(json.dumps(plan))
    code, out, _ = run("verify", "problem.json", "short.json", "--json", cwd=folder)
    assert code == 1
    report = json.loads(out)
    assert not report["good"]
    assert {v["code"] for v in report["violations"]} >= {"wrong_value", "proof_fails"}
    code, out, _ = run("verify", "problem.json", "short.json", cwd=folder)
    assert code == 1
    assert out.splitlines()[-1].endswith("violations")


def test_pipes_carry_instance_and_problem(folder: Path) -> None:
    instance = (folder / "instance.json").read_bytes()
    code, out, err = run("solve", "-", "--seed", "3", given=instance)
    assert code == 0
    assert "every objective proven" in err
    plan = json.loads(out)
    again = run("solve", "-", "--seed", "3", given=(folder / "problem.json").read_bytes())
    assert again[1] == out
    first = json.loads((folder / "plan.json").read_text())
    assert plan["items"] == first["items"]
    code, _, _ = run("verify", "problem.json", "-", given=out.encode(), cwd=folder)
    assert code == 0


def test_generate_defaults_to_the_size_of_the_united_nations() -> None:
    code, out, _ = run("generate")
    assert code == 0
    data = json.loads(out)
    assert len(data["parties"]) == 193
    assert len(data["offers"]) == 60


def test_explain_says_why_and_why_not(folder: Path) -> None:
    code, out, _ = run("explain", "problem.json", "plan.json", cwd=folder)
    assert code == 0
    assert " with " in out
    assert " not served: " in out
    code, out, _ = run("explain", "problem.json", "plan.json", "--json", cwd=folder)
    data = json.loads(out)
    assert {"items", "unmet"} == set(data)
    assert all(row["reasons"] for row in data["items"])
    code, _, err = run("explain", "problem.json", "plan.json", "--party", "S1000", cwd=folder)
    assert code == 2
    assert err.startswith('--party: unknown party "S1000"; did you mean "S0')


def test_pair_reads_tables_and_states_values() -> None:
    code, out, err = run(
        "pair", "--scores", DATA / "scores.csv", "--mentors", DATA / "mentors.csv",
        "--mentees", DATA / "mentees.csv",
    )  # fmt: skip
    assert code == 0
    lines = json.loads(out)["objectives"]
    assert {line["code"]: line["value"] for line in lines} == {
        "keep": 0, "observers": 0, "cover": 4, "worst_off": 25, "fit": 250, "spread": 6,
    }  # fmt: skip
    assert "total fit: 2.50, bound 2.50, proven" in err


def test_arrays_and_files_go_in_and_out(folder: Path) -> None:
    code, _, _ = run("solve", "instance.json", "-o", "p2.json", "--problem", "problem.npz",
                     "--seed", "3", cwd=folder)  # fmt: skip
    assert code == 0
    code, out, _ = run("verify", "problem.npz", "p2.json", "-o", "report.txt", cwd=folder)
    assert (code, out) == (0, "")
    assert (folder / "report.txt").read_text().endswith("The plan holds.\n")
    code, _, _ = run("solve", "problem.npz", "-o", "p3.json", "--seed", "3", cwd=folder)
    assert code == 0
    assert (folder / "p2.json").read_bytes() == (folder / "p3.json").read_bytes()
    code, out, _ = run("explain", "problem.npz", "p2.json", "-o", "why.txt", cwd=folder)
    assert (code, out) == (0, "")
    assert " with " in (folder / "why.txt").read_text()


def test_pair_takes_the_minimum_then_the_total_unless_told(tmp_path: Path) -> None:
    """Leximin gives 1 2 2, the minimum alone leaves room for 1 1 9."""
    scores = ["A,x,1", "B,y,2", "C,z,2", "C,y,1", "B,z,9"]
    (tmp_path / "s.csv").write_text("\n".join(["mentor,mentee,score", *scores]))
    (tmp_path / "o.csv").write_text("mentor,capacity\nA,1\nB,1\nC,1\n")
    (tmp_path / "e.csv").write_text("mentee,wanted\nx,1\ny,1\nz,1\n")
    words = ("pair", "--scores", "s.csv", "--mentors", "o.csv", "--mentees", "e.csv")
    totals = []
    for more in ((), ("--worst-off", "leximin")):
        code, out, _ = run(*words, *more, cwd=tmp_path)
        assert code == 0
        totals.append([line["value"] for line in json.loads(out)["objectives"][2:5]])
    assert totals == [[3, 1, 11], [3, 1, 5]]


BROKEN = {"parties": [{"key": "a"}], "themes": ["TRACK"],
          "needs": [{"key": "n", "party": "b", "theme": "TRAK", "rank": 1}]}  # fmt: skip


def test_bad_input_exits_with_two_and_lists_every_fault() -> None:
    code, out, err = run("solve", "-", given=json.dumps({
        "format": "tandem-instance", "version": 1, **BROKEN}).encode())  # fmt: skip
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        'needs[0].party: unknown party "b"',
        'needs[0].theme: unknown theme "TRAK"; did you mean "TRACK"?',
    ]
    code, _, err = run("solve", "-", "--json", given=json.dumps({
        "format": "tandem-instance", "version": 1, **BROKEN}).encode())  # fmt: skip
    assert code == 2
    assert json.loads(err) == {
        "faults": [
            {"path": "needs[0].party", "message": 'unknown party "b"', "suggestion": None},
            {"path": "needs[0].theme", "message": 'unknown theme "TRAK"', "suggestion": "TRACK"},
        ]
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("solve", "/nowhere/at/all.json"), "/nowhere/at/all.json: No such file or directory"),
        (("solve", "-", "--workers", "0"), "command line: argument --workers"),
        (("solve", "-", "--time-limit", "-1"), "command line: argument --time-limit"),
        (("solve", "-", "--seed", "9" * 30), "command line: argument --seed"),
        (("generate", "--scarcity", "none"), "command line: argument --scarcity"),
        (("generate", "--states", "3", "--mentors", "9"), "command line: states from 1"),
        (("frobnicate",), "command line: argument command: invalid choice"),
        (("verify", "one.json"), "command line: give one Problem and one plan"),
        (("bench", "--rows", "smal"), '--rows: unknown group of rows "smal"; did you mean "small"'),
        (("pair", "--scores", "x.csv", "--mentors", "y.csv", "--mentees", "z.csv"), "x.csv: No"),
    ],
)
def test_wrong_commands_exit_with_two(words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words, given=b"{}")
    assert (code, out) == (2, "")
    assert err.startswith(said)
    code, _, err = run(*words, "--json", given=b"{}")
    assert code == 2
    assert json.loads(err)["faults"]


def test_faults_of_several_documents_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text("[]")
    code, _, err = run("verify", "a.json", "b.json", cwd=tmp_path)
    assert code == 2
    assert [line.split(":")[0] for line in err.splitlines()] == ["a.json", "b.json"]


def test_clashing_rules_are_named(folder: Path) -> None:
    data = json.loads((folder / "problem.json").read_text())
    mentee, mentor = data["mentees"][0]["key"], "nobody"
    data["pins"] = [{"instrument": "mentorship", "guest": mentee, "host": mentor}]
    code, out, err = run("solve", "-", given=json.dumps(data).encode())
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"rules that clash: {mentee} and {mentor} are pinned",
        f"rules that clash: {mentee} and {mentor} are not possible: the parties' own conditions",
    ]


def test_bench_measures_a_tiny_row_beside_the_peers() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "matching.bench.rows", "tiny 7 x 4", "1"],
        capture_output=True, cwd=ROOT, timeout=120, check=True,
    )  # fmt: skip
    row = json.loads(done.stdout)
    assert row["disagreements"] == []
    assert {"load", "minimum", "leximin", "check", "scipy", "highs", "brute"} <= set(row)
