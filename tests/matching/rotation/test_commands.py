"""The rotation from tables, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matching.__main__ import main
from matching.forum.rotation.meaning import read_rotation
from matching.forum.rotation.tables import read_tables
from matching.io.documents import canonical
from matching.io.faults import BadInput, render

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "rotation"


def test_the_example_of_the_documentation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan, table = (str(tmp_path / name) for name in ("p.json", "r.json", "r.csv"))
    words = ["rotation", str(EXAMPLE), "--seats", "150", "--alternatives", "2"]
    assert main([*words, "--problem", problem, "-o", plan, "--csv", table]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:4] == [
        "forums: 5; every objective proven",
        "  sum of squared numbers of forums of regions and hosts: 24, bound 24, proven",
        "  cost of hosting and travel: 124000000, bound 124000000, proven",
        "  forums in weeks to avoid: 0, bound 0, proven",
    ]
    assert sum(line.startswith("    or ") for line in out) >= 6
    assert main(["verify", problem, plan]) == 0
    assert capsys.readouterr().out.endswith("The plan holds.\n")
    rows = Path(table).read_text("utf-8").splitlines()
    assert rows[0] == "year,week,host,region,cost"
    assert [row.split(",")[0] for row in rows[1:]] == ["2027", "2028", "2029", "2030", "2031"]
    # What was planned before stays when nothing speaks against it.
    assert main(["rotation", problem, "--previous", plan, "-o", plan]) == 0
    assert "earlier forums changed: 0, bound 0, proven" in capsys.readouterr().out


def test_a_rotation_with_a_fault_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan = str(tmp_path / "p.json"), tmp_path / "r.json"
    assert main(["rotation", str(EXAMPLE), "--problem", problem, "-o", str(plan)]) == 0
    data = json.loads(plan.read_bytes())
    data["forums"][0]["cost"] += 1
    plan.write_bytes(canonical(data))
    capsys.readouterr()
    assert main(["verify", "--json", problem, str(plan)]) == 1
    assert [v["code"] for v in json.loads(capsys.readouterr().out)["violations"]] == ["wrong_cost"]


def test_no_rotation_is_bad_input_with_the_rules_that_clash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "years.csv").write_text("year\n2027\n2028\n", "utf-8")
    (tmp_path / "regions.csv").write_text("region\nA\nB\n", "utf-8")
    (tmp_path / "offers.csv").write_text("host,region,weeks\na,A,20\n", "utf-8")
    assert main(["rotation", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "rules that clash: 2027 has at least 1 forum(s)",
        "rules that clash: 2028 has at least 1 forum(s)",
        "rules that clash: A waits for its turn among the regions",
    ]
    # The remedy that the documentation names: a region that passes.
    (tmp_path / "regions.csv").write_text("region,passes\nA,no\nB,yes\n", "utf-8")
    assert main(["rotation", str(tmp_path), "-o", str(tmp_path / "r.json")]) == 0


GOOD = {
    "years": "year\n2027\n",
    "regions": "region\nA\n",
    "offers": "host,region,weeks\nh,A,20-22;40\n",
}


def faults(**texts: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_tables({**GOOD, **texts})
    return [render(fault) for fault in caught.value.faults]


def test_tables_are_read_in_full() -> None:
    problem = read_tables({**GOOD, "sessions": "week,kind\n9,soft\n"}, seats=5)
    assert problem.offers[0].weeks == (20, 21, 22, 40)
    assert [(row.week, row.year, row.hard) for row in problem.sessions] == [(9, None, False)]
    assert (problem.seats, problem.years[0].least, problem.years[0].most) == (5, 1, 1)
    assert read_rotation(canonical(problem.model_dump(mode="json"))) == problem


def test_every_fault_of_the_tables_comes_at_once() -> None:
    assert faults(
        years="year,leest\n27,1\n",
        offers="host,region,weeks,cost\nh,A,22-20,-1\n,A,x,\n",
        sessions="week,kind\n54,maybe\n",
        travels="host,cost\nh,1\n",
    ) == [
        'travels.csv: unknown table "travels"; did you mean "travel"?',
        'years.csv.leest: unknown column "leest"; did you mean "least"?',
        'years.csv[line 2].year: "27" is not a whole number from 1900 to 2200',
        'offers.csv[line 2].weeks: "22-20" is not a stretch like 18-20',
        'offers.csv[line 2].cost: "-1" is not a whole number from 0 to 1000000000000',
        "offers.csv[line 3].host: empty",
        'offers.csv[line 3].weeks: "x" is not a whole number from 1 to 53',
        'sessions.csv[line 2].week: "54" is not a whole number from 1 to 53',
        'sessions.csv[line 2].kind: "maybe" is not hard or soft',
    ]
    with pytest.raises(BadInput) as caught:
        read_tables({"years": "year\n2027\n"})
    assert [render(fault) for fault in caught.value.faults] == [
        "regions.csv: table missing", "offers.csv: table missing",
    ]  # fmt: skip


def test_meaning_is_looked_at_with_lines() -> None:
    assert faults(
        years="year,least,most\n2028,2,1\n2027,1,1\n",
        regions="region\nA\nB\nA\n",
        offers="host,region,weeks,years\nhost,A,20,2026\nhost,B,20,\nother,Aa,20,\n",
        travel="host,cost\nhots,1\nhost,1\nhost,2\n",
        history="year,region,host\n2027,C,x\n",
        sessions="week,kind,year\n9,hard,2029\n10,soft,\n10,soft,\n",
        pins="year,host\n2029,othr\n",
    ) == [
        "years.csv[line 2]: least 2 is more than most 1",
        "years.csv[line 3]: year 2027 does not come after 2028",
        'regions.csv[line 4]: region "A" stands twice',
        'offers.csv[line 2].years: unknown year "2026"; did you mean "2028"?',
        'offers.csv[line 3].region: "host" is in "A" elsewhere',
        'offers.csv[line 4].region: unknown region "Aa"; did you mean "A"?',
        'travel.csv[line 2].host: unknown host "hots"; did you mean "host"?',
        'travel.csv[line 4]: host "host" stands twice',
        'travel: nothing is said of travel to "other"',
        'history.csv[line 2].region: unknown region "C"',
        "history.csv[line 2].year: 2027 is not before 2027",
        'sessions.csv[line 2].year: unknown year "2029"; did you mean "2028"?',
        "sessions.csv[line 4]: stands twice",
        'pins.csv[line 2].year: unknown year "2029"; did you mean "2028"?',
        'pins.csv[line 2].host: unknown host "othr"; did you mean "other"?',
    ]
    assert faults(years="year\n", regions="region\n", offers="host,region,weeks\n") == [
        "years: none given", "regions: none given", "offers: none given",
    ]  # fmt: skip


def test_seats_of_a_problem_are_not_said_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = tmp_path / "p.json"
    problem.write_bytes(canonical(read_tables(GOOD).model_dump(mode="json")))
    assert main(["rotation", str(problem), "--seats", "3"]) == 2
    assert "does not go with a Problem" in capsys.readouterr().err
    data = json.loads(problem.read_bytes())
    data["offers"][0]["weeks"] = []
    problem.write_bytes(canonical(data))
    assert main(["rotation", str(problem)]) == 2
    assert capsys.readouterr().err == "offers[0].weeks: none given\n"
