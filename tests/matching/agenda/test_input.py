"""Tables, documents and the command line: the example works, every fault is named at once."""

from __future__ import annotations

import io
import json
import string
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xlsxwriter

import matching
from matching.__main__ import main
from matching.forum.agenda import check, codes, meaning, words
from matching.forum.agenda.cosplib import read_cosplib
from matching.forum.agenda.meaning import read_agenda, read_agenda_plan, schemas
from matching.forum.agenda.model import PairRule
from matching.forum.agenda.solve import solve
from matching.forum.agenda.tables import TABLES, read_tables
from matching.io import BadInput
from matching.io.documents import canonical
from matching.io.faults import render
from matching.outcome import Code

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "agenda"
SCHEMAS = Path(matching.__file__).parent / "schemas"
TEXTS = {path.stem: path.read_text("utf-8") for path in EXAMPLE.glob("*.csv")}


def faults(texts: dict[str, str]) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_tables(texts)
    return [render(fault) for fault in caught.value.faults]


def test_the_example_is_solved_written_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan, table = (str(tmp_path / name) for name in ("p.json", "plan.json", "plan.csv"))
    made = ["agenda", str(EXAMPLE), "--problem", problem, "-o", plan, "--csv", table]
    assert main(made) == 0
    assert "every objective proven" in capsys.readouterr().out
    assert main(["verify", problem, plan]) == 0
    assert "The plan holds." in capsys.readouterr().out
    assert len(Path(table).read_text("utf-8").splitlines()) == 10
    # From the Problem it wrote, and keeping all of the agenda, the same one comes again.
    again = str(tmp_path / "again.json")
    assert main(["agenda", problem, "--previous", plan, "-o", again]) == 0
    first, second = (read_agenda_plan(Path(path).read_bytes()) for path in (plan, again))
    assert second.objectives[0].value == 0
    assert {(i.session, i.slot, i.room) for i in first.items} == {
        (i.session, i.slot, i.room) for i in second.items
    }
    # A session moved by hand into a closed room is caught, with exit code 1.
    data = json.loads(Path(plan).read_bytes())
    data["items"][-1] |= {"slot": "Tue-2", "room": "Room B"}
    Path(plan).write_bytes(canonical(data))
    assert main(["verify", problem, plan]) == 1
    assert "Room B is closed in Tue-2" in capsys.readouterr().out


def test_a_generated_problem_passes_through_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan = str(tmp_path / "p.json"), str(tmp_path / "plan.json")
    sizes = ["--sessions", "12", "--rooms", "3", "--days", "2", "--seed", "4"]
    assert main(["agenda-generate", *sizes, "-o", problem]) == 0
    assert main(["agenda", problem, "--seed", "1", "--time-limit", "20", "-o", plan]) == 0
    assert main(["verify", problem, plan, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"good": True, "violations": []}
    assert main(["agenda-generate", "--sessions", "900", "--rooms", "2"]) == 2
    assert "do not fit" in capsys.readouterr().err


def test_a_column_left_out_is_optional_and_lengths_are_minutes() -> None:
    problem = read_tables(
        {
            "slots": "slot,day,start,end\nlate,2027-05-11,09:00,10:00\nm,2027-05-10,09:00,10:30\n",
            "rooms": "room\nA\n",
            "sessions": "session,length\nx,60\ny,90\n",
        }
    )
    assert [(slot.key, slot.start, slot.length) for slot in problem.slots] == [
        ("m", 540, 90), ("late", 540, 60),
    ]  # fmt: skip
    result = solve(problem)
    assert result.plan is not None
    assert [(item.session, item.slot) for item in result.plan.items] == [("y", "m"), ("x", "late")]


def test_every_fault_of_the_tables_is_named_at_once() -> None:
    broken = TEXTS | {
        "slots": "slot,day,start,end\nMon-1,2027-02-30,9.00,10:30\n",
        "rooms": "room,seats,booth\nHall,many,3\n",
        "sessions": "session,length,alone\nOpening,0,perhaps\n",
        "pairs": "first,second,rule\nOpening,Closing,beside\n",
        "policy": "name,value\nclsh,1\norder,x\n",
        "people": "person,zone\nAna Ruiz,Mars/Base\n",
        "persons": "person\n",
    }
    assert sorted(faults(broken)) == sorted(
        [
            'persons.csv: unknown table "persons"',
            'people.csv[line 2].zone: "Mars/Base" is not an IANA time zone',
            'policy.csv[line 2].name: unknown name "clsh"; did you mean "clash"?',
            'policy.csv[line 3].value: "x" is not a whole number from 0 to 1000000000',
            'pairs.csv[line 2].rule: unknown rule "beside"',
            'rooms.csv[line 2].seats: "many" is not a whole number from 0 to 1000000',
            'rooms.csv.booth: unknown column "booth"; did you mean "booths"?',
            'sessions.csv[line 2].length: "0" is not a whole number from 1 to 1000000',
            'sessions.csv[line 2].alone: "perhaps" is neither yes nor no',
            'slots.csv[line 2].day: "2027-02-30" is not a day like 2027-05-10',
            'slots.csv[line 2].start: "9.00" is not a time like 09:30',
        ]
    )


def test_every_unknown_name_is_named_with_what_was_perhaps_meant() -> None:
    broken = TEXTS | {
        "penalties": "penalty,session,track,slot,room\n1,Openning,,Mon-9,\n1,Opening,Data,,\n",
        "pairs": "first,second\nOpening,Opening\n",
        "people": "person,away\nKofi Mensa,Tue-1\n",
        "interest": "person,session\nAmina,Opening\nAmina,Opening\n",
    }
    assert sorted(faults(broken)) == [
        'interest.csv[line 3]: "Amina Opening" stands twice',
        "pairs.csv[line 2]: first and second are the same",
        'penalties.csv[line 2].session: unknown session "Openning"; did you mean "Opening"?',
        'penalties.csv[line 2].slot: unknown slot "Mon-9"; did you mean "Mon-3"?',
        "penalties.csv[line 3]: about a session or a track, not both",
        'people.csv[line 2].person: "Kofi Mensa" has no part in any session; '
        'did you mean "Kofi Mensah"?',
    ]
    assert faults({"sessions": "session,length\nx,1\n"}) == [
        "slots.csv: table missing", "rooms.csv: table missing",
    ]  # fmt: skip


def test_online_sessions_cost_points_at_night_where_their_people_are() -> None:
    problem = read_tables(TEXTS)
    night = {
        row.slot: row.penalty
        for row in problem.penalties
        if row.session == "Peer clinic" and row.penalty == 5
    }
    # Fiji is ten hours ahead of Zurich in May: from 10:00 the day is over there.
    assert night == {"Mon-2": 5, "Mon-3": 5, "Tue-2": 5}
    without = TEXTS | {"policy": "name,value\nclash,1\n"}
    assert faults(without) == [
        "policy.csv: online sessions and zones of people need the forum's own: a row with the "
        'name "zone"'
    ]


def test_no_agenda_possible_is_exit_code_2_with_the_rules_that_clash(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, text in {
        "slots": "slot,day,start,end\nm,2027-05-10,09:00,10:00\n",
        "rooms": "room\nA\nB\n",
        "sessions": "session,length,speakers\nx,60,Ida\ny,60,Ida\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
    assert main(["agenda", str(tmp_path)]) == 2
    assert sorted(capsys.readouterr().err.splitlines()) == [
        "rules that clash: 2 sessions, 2 rooms, 1 slots: one session or track to each",
        "rules that clash: Ida cannot be in two rooms at once",
    ]


def test_documents_have_published_schemas_and_refuse_what_they_do_not_know() -> None:
    problem = read_tables(TEXTS)
    content = canonical(problem.model_dump(mode="json"))
    assert read_agenda(content) == problem
    for name, published in schemas().items():
        assert (SCHEMAS / name).read_bytes() == published
    jsonschema.validate(json.loads(content), json.loads(schemas()["tandem-agenda-1.json"]))
    data = json.loads(content)
    data["sessions"][0] |= {"lenght": 3, "slots": ["Mon-7"]}
    with pytest.raises(BadInput) as caught:
        read_agenda(canonical(data))
    assert [f.path for f in caught.value.faults] == ["sessions[0].lenght"]


def test_every_code_has_words_with_its_parameters() -> None:
    assert set(codes.PARAMETERS) == set(words.ENGLISH)
    for code, names in codes.PARAMETERS.items():
        used = {part for _, part, _, _ in string.Formatter().parse(words.ENGLISH[code]) if part}
        assert used == set(names), code
        assert words.say(Code(code, dict.fromkeys(names, "x")))


def test_the_check_shares_nothing_with_the_solver() -> None:
    folder = Path(check.__file__).parent
    for name in ("check.py", "check_points.py"):
        lines = (folder / name).read_text("utf-8").splitlines()
        asked = {line.split()[1] for line in lines if line.startswith("from matching")}
        assert asked <= {
            "matching.codes", "matching.outcome", "matching.forum.agenda.codes",
            "matching.forum.agenda.model", "matching.forum.agenda.check_points",
        }  # fmt: skip


def conference(timeslot_weight: int = 0) -> bytes:
    """A small conference in the layout of CoSPLib."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    weights = [2, 1, 3, 1, 1, 1, 10, 1, 1, 1, 1, 100, 1, 50, timeslot_weight, 0]
    parameters: list[list[Any]] = [
        ["Sessions", "", "", "Weights", ""], ["zone", "GMT+0"], [], ["", "09:30"],
        ["", "21:30"], [], ["", "07:00"], ["", "23:00"], ["", 1], [], ["", 10],
    ]  # fmt: skip
    rows: dict[str, list[list[Any]]] = {
        "parameters": parameters + [[]] * 6,
        "submissions": [
            ["Reference", "Track", "Required Timeslots", "Order", "Time Zone", "Presenters",
             "Attendees", "S1", "S2", "A", "B"],
            ["p1", "T", 1, 1, "GMT+0", "ann", "", "", 4, "", ""],
            ["p2", "T", 2, 2, "GMT+9", "bob", "ann", "", "", "", 7],
            ["p3", "U", 1, 0, "GMT+0", "ann, cy", "", "", "", "", ""],
            ["p4", "U", 1, 0, "GMT+0", "dee", "", "", "", "", ""],
        ],
        "tracks": [["Tracks", "Chairs"], ["T", "dee"], ["U", "dee"]],
        "sessions": [
            ["Sessions", "Max Number of Timeslots", "Date", "Start Time", "End Time"],
            ["S1", 3, "2021-07-28", "09:30", "11:00"], ["S2", 3, "2021-07-28", "12:00", "13:30"],
        ],
        "rooms": [["Rooms"], ["A"], ["B"]],
        "tracks_sessions|penalty": [["", "S1", "S2"], ["T", 5, ""], ["U", "", ""]],
        "tracks_rooms|penalty": [["", "A", "B"], ["T", "", 6], ["U", "", ""]],
        "similar tracks": [["", "T", "U"], ["T", "", 20], ["U", 99, ""]],
        "sessions_rooms|penalty": [["", "A", "B"], ["S1", "", 8], ["S2", "", ""]],
    }  # fmt: skip
    for at, weight in enumerate(weights, start=1):
        line = rows["parameters"][at]
        rows["parameters"][at] = [*line, *[""] * (4 - len(line)), weight]
    for name, lines in rows.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(lines):
            sheet.write_row(at, 0, row)
    book.close()
    return stream.getvalue()


def test_a_conference_of_cosplib_keeps_the_meaning_of_its_weights() -> None:
    problem = read_cosplib(conference())
    assert [(p.first, p.second, p.rule, p.penalty) for p in problem.pairs] == [
        # ann attends p2 and presents p1; dee chairs T and presents p4 of another track.
        ("p1", "p2", PairRule.APART, 1),
        ("p1", "p3", PairRule.APART, 100),
        ("p1", "p4", PairRule.APART, 100),
        ("p2", "p3", PairRule.APART, 1),
        ("p2", "p4", PairRule.APART, 100),
    ]
    assert [(s.first, s.second, s.penalty) for s in problem.similar] == [("T", "U", 70)]
    found = {(row.session, row.track, row.slot, row.room): row.penalty for row in problem.penalties}
    assert found == {
        (None, "T", "S1", None): 10,
        (None, "T", None, "B"): 6,
        (None, None, "S1", "B"): 24,
        ("p1", None, "S2", None): 4,
        # Two timeslots, each counted; in GMT+9 both sessions end after 19:30, S2 after 21:30.
        ("p2", None, None, "B"): 14,
        ("p2", None, "S2", None): 2,
    }
    weights = problem.weights
    assert (weights.track_rooms, weights.track_parallel, weights.track_gaps) == (1, 1, 10)
    assert (weights.order, weights.clash) == (1, 0)
    result = solve(meaning.sound(problem))
    assert result.plan is not None
    assert check.check(problem, result.plan).good


def test_what_has_no_place_in_an_agenda_is_refused() -> None:
    for content, message in (
        (conference(timeslot_weight=1), "has no place in an agenda"),
        (b"no workbook", "not an xlsx file"),
    ):
        with pytest.raises(BadInput) as caught:
            read_cosplib(content)
        assert message in str(caught.value)


def test_tables_and_example_cover_each_other() -> None:
    assert set(TEXTS) == set(TABLES) - {"previous"}
