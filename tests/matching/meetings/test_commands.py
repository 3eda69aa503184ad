"""Meetings from tables, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from matching.__main__ import main
from matching.forum.meetings.meaning import in_document, read_meetings, sound
from matching.forum.meetings.model import Kept, MeetingsProblem
from matching.forum.meetings.tables import Hall, read_tables
from matching.io.documents import canonical
from matching.io.faults import BadInput, render

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "meetings"
TABLES = [
    word
    for name in ("wishes", "unavailable", "participants", "slots", "pins")
    for word in (f"--{name}", str(EXAMPLE / f"{name}.csv"))
]


def test_the_example_of_the_documentation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan, table = (str(tmp_path / name) for name in ("p.json", "s.json", "s.csv"))
    words = [*TABLES, "--fairness", "2", "--problem", problem, "-o", plan, "--csv", table]
    assert main(["meetings", *words]) == 0
    assert capsys.readouterr().out == (
        "meetings placed: 9; every objective proven\n"
        "  weight of the meetings placed: 13, bound 13, proven\n"
        "  idle gaps: 2, bound 2, proven\n"
    )
    assert main(["verify", problem, plan]) == 0
    assert capsys.readouterr().out.endswith("The plan holds.\n")
    rows = Path(table).read_text("utf-8").splitlines()
    assert rows[0] == "slot,table,meeting,a,b,interpreter"
    assert len(rows) == 10
    # The plan is kept when it is solved again, and a withdrawn table moves as few as possible.
    assert main(["meetings", *TABLES, "--previous", plan, "-o", plan]) == 0
    assert "earlier meetings moved or given up: 0, bound 0" in capsys.readouterr().out


def test_a_schedule_with_a_fault_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan = str(tmp_path / "p.json"), tmp_path / "s.json"
    assert main(["meetings", *TABLES, "--problem", problem, "-o", str(plan)]) == 0
    data = json.loads(plan.read_bytes())
    data["items"][0]["slot"] = "Mon 15:30"
    plan.write_bytes(canonical(data))
    capsys.readouterr()
    assert main(["verify", "--json", problem, str(plan)]) == 1
    assert json.loads(capsys.readouterr().out)["violations"]


def test_generated_wishes_are_solved_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan = str(tmp_path / "p.json"), str(tmp_path / "s.json")
    size = ["--participants", "20", "--wishes", "50", "--tables", "9", "--seed", "4"]
    assert main(["meetings-generate", *size, "-o", problem]) == 0
    assert main(["meetings", problem, "-o", plan, "--workers", "2"]) == 0
    assert main(["verify", problem, plan]) == 0
    assert "The plan holds." in capsys.readouterr().out


def test_no_schedule_is_bad_input_with_the_rules_that_clash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wishes = tmp_path / "wishes.csv"
    wishes.write_text("meeting,a,b\n1,A,B\n2,A,C\n3,A,D\n4,C,D\n", "utf-8")
    words = ["meetings", "--wishes", str(wishes), "--slots", "2", "--tables", "2", "--all"]
    assert main(words) == 2
    assert capsys.readouterr().err.splitlines() == [
        "rules that clash: 1 (A with B) has to be placed",
        "rules that clash: 2 (A with C) has to be placed",
        "rules that clash: 3 (A with D) has to be placed",
        "rules that clash: A has one meeting at a time, in 2 slots",
    ]


def faults(hall: Hall, **texts: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_tables(texts, hall=hall)
    return [render(fault) for fault in caught.value.faults]


def test_every_fault_of_the_tables_comes_at_once() -> None:
    assert faults(
        Hall(slots=2, tables=3),
        wishes="meeting,a,b,wieght,weight\n1,A,B,1,0\n2,A,,1,1\n3,A,C,1,x\n",
        unavailable="participant,slot\nA,3\nZ,1\n",
        participants="participant\nA\nB\nC\n",
    ) == [
        'wishes.csv.wieght: unknown column "wieght"; did you mean "weight"?',
        "wishes.csv[line 3].b: empty",
        'unavailable.csv[line 2]: unknown slot "3"',
        'unavailable.csv[line 3]: unknown participant "Z"',
        'wishes.csv[line 2].weight: "0" is not a whole number from 1 to 1000000',
        'wishes.csv[line 3].weight: "x" is not a whole number from 1 to 1000000',
    ]


def test_meaning_is_looked_at_with_lines() -> None:
    assert faults(
        Hall(slots=2, tables=3, morning=1),
        wishes="meeting,a,b,part\n1,A,B,mornin\n1,A,A,any\n3,B,C,afternoon\n4,C,B,any\n",
        pins="meeting,slot\n3,2\n4,1\n9,5\n3,1\n",
    ) == [
        'wishes.csv[line 3]: key "1" stands twice',
        'wishes.csv[line 2].part: unknown part of the day "mornin"; did you mean "morning"?',
        'wishes.csv[line 3]: "A" is on both sides',
        'pins.csv[line 4].wish: unknown wish "9"',
        'pins.csv[line 4].slot: unknown slot "5"',
        'pins.csv[line 5]: wish "3" stands twice',
        'pins.csv[line 3]: "4" and "3" are of the same two, who meet once',
    ]


def test_what_is_missing_is_said() -> None:
    assert faults(Hall(slots=2)) == [
        "wishes.csv: table missing",
        "tables: say how many tables there are",
    ]
    assert faults(Hall(), wishes="meeting,a,b\n1,A,B\n") == [
        "slots: give either a table of slots or their number"
    ]
    assert faults(Hall(slots=0, tables=1), wishes="meeting,a,b\n") == [
        "slots: none given",
        "wishes: none given",
    ]


def test_documents_are_looked_at_like_tables() -> None:
    good = read_tables({"wishes": "meeting,a,b\n1,A,B\n"}, hall=Hall(slots=3, tables=1, morning=2))
    assert read_meetings(canonical(good.model_dump(mode="json"))) == good
    assert [slot.part for slot in good.slots] == ["morning", "morning", "afternoon"]
    bad = good.model_copy(
        update={
            "slots": tuple(
                slot.model_copy(update={"day": day})
                for slot, day in zip(good.slots, ("one", "two", "one"), strict=True)
            ),
            "participants": (good.participants[0].model_copy(update={"away": ("7",)}),),
            "previous": (Kept(wish="2", slot="1"),),
        }
    )
    with pytest.raises(BadInput) as caught:
        sound(MeetingsProblem.model_validate(bad.model_dump()), in_document)
    assert [render(fault) for fault in caught.value.faults] == [
        'slots[2]: day "one" is interrupted by another day',
        'participants[0].away: unknown slot "7"',
        'wishes[0].b: unknown participant "B"',
        'previous[0].wish: unknown wish "2"',
    ]


def test_what_a_problem_says_is_not_said_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = tmp_path / "p.json"
    assert main(["meetings-generate", "--participants", "4", "--wishes", "2", "--slots", "3",
                 "-o", str(problem)]) == 0  # fmt: skip
    assert main(["meetings", str(problem), "--tables", "3", "--all"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "--tables: does not go with a Problem, which says it itself",
        "--all: does not go with a Problem, which says it itself",
    ]
    assert main(["meetings-generate", "--wishes", "500"]) == 2


def test_second_wishes_of_the_same_two_are_remarked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wishes, away, plan = (tmp_path / name for name in ("wishes.csv", "away.csv", "plan.json"))
    wishes.write_text("meeting,a,b\n1,A,B\n2,B,A\n", "utf-8")
    away.write_text("participant,slot\nQ,1\n", "utf-8")
    words = ["meetings", "--wishes", str(wishes), "--unavailable", str(away), "--slots", "3",
             "--tables", "1", "-o", str(plan)]  # fmt: skip
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "meetings placed: 1" in out
    assert "  A and B: 2 wishes, meet once at most\n  without a wish: Q\n" in out
    assert main([*words, "--all"]) == 0
    assert "meetings placed: 2" in (out := capsys.readouterr().out)
    assert "  A and B: 2 wishes, meet 2 times\n" in out
