"""Tables become a Problem; every fault is told at once; clashes are named; the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import matching
from matching.__main__ import main
from matching.groups import meaning
from matching.groups.generate import courses, pairwise
from matching.groups.meaning import dump, read_plan, read_problem, sound
from matching.groups.model import Group, GroupProblem, PairValues, Participant
from matching.groups.solve import solve
from matching.groups.tables import Wanted, read_tables
from matching.groups.words import say
from matching.io.faults import BadInput, render
from matching.model import Sense

EXAMPLES = Path(matching.__file__).parent.parent / "docs" / "examples" / "group"
SCHEMAS = Path(matching.__file__).parent / "schemas"
PEOPLE = """participant,track,languages,zone
ana,new,en;fr,+5:30
ben,new,fr,UTC+1
chi,old,en,-3
"""


def faults_of(texts: dict[str, str], wanted: Wanted) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_tables(texts, wanted)
    return [render(fault) for fault in caught.value.faults]


def test_tables_and_options_become_a_problem() -> None:
    problem = read_tables(
        {
            "participants": PEOPLE,
            "pairs": "a,b,value\nana,ben,2.5\nchi,ana,-1\n",
            "relations": "a,b,relation\nana,ben,together\nben,chi,apart\n",
            "groups": "group,least,most,track\nred,1,2,\nblue,,,old\n",
        },
        Wanted(
            same=("languages",), spread=(("zone", "6.5"),), around=(("zone", "24"),),
            balance=("track",), alike=("languages=3",), sense=Sense.MIN,
        ),
    )  # fmt: skip
    first = problem.participants[0]
    assert first.words == {"track": ("new",), "languages": ("en", "fr")}
    assert [person.numbers["zone"] for person in problem.participants] == [11, 2, -6]
    (spread,) = problem.spread
    assert (spread.most, spread.around, spread.precision) == (13, 48, 2)
    assert problem.groups == (
        Group(key="red", least=1, most=2),
        Group(key="blue", least=1, most=2, fixed={"track": "old"}),
    )
    assert problem.values == PairValues(first=(0, 2), second=(1, 0), value=(5, -2), precision=2)
    assert (problem.together, problem.apart) == ((("ana", "ben"),), (("ben", "chi"),))


def test_groups_are_as_equal_as_can_be_unless_said_otherwise() -> None:
    problem = read_tables({"participants": PEOPLE}, Wanted(groups=2))
    assert [(group.least, group.most) for group in problem.groups] == [(1, 2), (1, 2)]


def test_every_fault_of_all_tables_comes_at_once() -> None:
    assert faults_of(
        {
            "participants": PEOPLE.replace("-3", "late"),
            "pairs": "a,b,value\nana,bem,1\nana,ana,2\nana,chi,x\nchi,ana,1\n",
            "relations": "a,b,relation\nana,ben,togehter\nzoe,ben,apart\n",
            "groups": "group,least,most,trak\nred,3,2,\nblue,many,,\n",
        },
        Wanted(
            groups=3, same=("language",), spread=(("zone", "5"),), around=(("track", "24"),),
            alike=("track=much",),
        ),
    ) == [
        '--same: unknown attribute "language"; did you mean "languages"?',
        '--around: "track" has no --spread',
        'groups: unknown attribute "trak"; did you mean "track"?',
        'participants[line 4].zone: "late" is not a number',
        'relations[line 2].relation: must be together or apart; got \'togehter\'; '
        'did you mean "together"?',
        'relations[line 3].a: unknown participant "zoe"',
        "--groups: 3 asked for, 2 in the table",
        "groups[line 2]: least 3, most 2",
        'groups[line 3].least: "many" is not a whole number',
        '--alike: "much" is not a whole number',
        'pairs[line 2].b: unknown participant "bem"; did you mean "ben"?',
        'pairs[line 3]: "ana" stands on both sides',
        'pairs[line 4].value: "x" is not a number',
        "pairs[line 5]: the pair of line 4 again",
    ]  # fmt: skip


def test_a_cell_that_may_be_two_words_is_asked_about_not_guessed() -> None:
    text = PEOPLE.replace("en;fr", "en fr")
    wanted = Wanted(groups=1, same=("languages",))
    assert faults_of({"participants": text}, wanted) == [
        'participants.languages: "en fr": separate words by ";", '
        "or give --list languages for spaces"
    ]
    problem = read_tables(
        {"participants": text}, Wanted(groups=1, same=("languages",), lists=("languages",))
    )
    assert problem.participants[0].words["languages"] == ("en", "fr")


def test_who_lacks_what_a_hard_rule_asks_for_is_a_fault() -> None:
    text = "participant,track,zone\nana,,\nben,new,1\n"
    wanted = Wanted(groups=1, same=("track",), spread=(("zone", "2"),))
    assert faults_of({"participants": text}, wanted) == [
        "participants[0].words.track: ana has none, and all must share one",
        "participants[0].numbers.zone: ana has no number",
    ]


def test_faults_of_meaning_in_a_document_come_at_once() -> None:
    problem = GroupProblem(
        participants=(Participant(key="ana"), Participant(key="ana")),
        groups=(Group(key="red", least=3, most=2, fixed={"track": "new"}),),
        balance=("track",),
        together=(("ana", "ana"),),
        apart=(("ana", "zoe"),),
        values=PairValues(first=(0, 0, 1, 0), second=(1, 0, 0, 7), value=(2**39, 1, 1, 1)),
    )
    with pytest.raises(BadInput) as caught:
        sound(problem)
    assert [render(fault) for fault in caught.value.faults] == [
        'participants[1].key: key "ana" stands twice',
        'balance[0]: unknown attribute "track"',
        "groups[0].least: 3 is more than 2",
        'groups[0].fixed.track: unknown attribute "track"',
        'together[0]: "ana" stands on both sides',
        'apart[0][1]: unknown participant "zoe"; did you mean "ana"?'
        if caught.value.faults[5].suggestion
        else 'apart[0][1]: unknown participant "zoe"',
        "values[1]: the same participant on both sides",
        "values[2]: ana and ana stand twice",
        "values[3]: no participant at place 7",
    ]


def test_totals_that_could_not_be_counted_exactly_are_refused() -> None:
    people = tuple(Participant(key=str(at)) for at in range(60))
    pairs = [(a, b) for a in range(60) for b in range(a)]
    values = PairValues(
        first=tuple(a for a, _ in pairs),
        second=tuple(b for _, b in pairs),
        value=(10**12,) * len(pairs),
    )
    problem = GroupProblem(
        participants=people, groups=(Group(key="all", least=0, most=60),), values=values
    )
    with pytest.raises(BadInput, match="totals could reach"):
        sound(problem)


def clash_of(problem: GroupProblem) -> list[str]:
    result = solve(problem)
    assert result.plan is None
    assert result.smallest
    return [say(rule) for rule in result.clash]


def crowd(tracks: str, groups: int, least: int, most: int) -> GroupProblem:
    return GroupProblem(
        participants=tuple(
            Participant(key=f"P{at}", words={"track": (track,)}) for at, track in enumerate(tracks)
        ),
        groups=tuple(Group(key=f"G{at}", least=least, most=most) for at in range(groups)),
        same=("track",),
    )


def test_a_clash_is_a_smallest_set_of_rules_and_people_in_names() -> None:
    assert clash_of(crowd("xxyyz", 2, 0, 5)) == [
        "P0 needs a place",
        "P2 needs a place",
        "P4 needs a place",
        "all of a group share a word of track",
    ]
    free = crowd("xxxx", 2, 0, 2).model_copy(update={"same": ()})
    trio = free.model_copy(update={"apart": (("P0", "P1"), ("P1", "P2"), ("P0", "P2"))})
    assert clash_of(trio) == [
        "P0 needs a place",
        "P1 needs a place",
        "P2 needs a place",
        "P0 and P1 are apart",
        "P1 and P2 are apart",
        "P0 and P2 are apart",
    ]
    both = free.model_copy(update={"together": (("P0", "P1"),), "apart": (("P1", "P0"),)})
    assert clash_of(both) == ["P1 needs a place", "P0 and P1 are together", "P1 and P0 are apart"]


def test_too_few_places_for_many_are_one_line() -> None:
    problem = crowd("x" * 30, 2, 0, 14).model_copy(update={"same": ()})
    assert clash_of(problem) == [
        "29 participants need a place in one of 2 groups",
        "G0 has at most 14 members",
        "G1 has at most 14 members",
    ]
    assert clash_of(crowd("x" * 5, 2, 3, 5)) == [
        "G0 has at least 3 members",
        "G1 has at least 3 members",
    ]


def test_published_schemas_are_those_of_the_model_and_hold() -> None:
    problem = courses(12, 3, seed=1)
    plan = solve(problem).plan
    assert plan is not None
    documents = {"tandem-group": dump(problem), "tandem-group-plan": dump(plan)}
    for name, content in meaning.schemas().items():
        assert (SCHEMAS / name).read_bytes() == content
        jsonschema.Draft202012Validator(json.loads(content)).validate(
            json.loads(documents[name.rsplit("-", 1)[0]])
        )
    assert dump(read_problem(dump(problem))) == dump(problem)
    assert read_plan(dump(plan)) == plan


def test_generated_problems_repeat_and_are_sound() -> None:
    for one, again, other in (
        [courses(40, 4, seed) for seed in (1, 1, 2)],
        [pairwise(12, 3, seed, family="geo") for seed in (1, 1, 2)],
        [pairwise(12, 3, seed, family="real") for seed in (1, 1, 2)],
    ):
        assert sound(one) == again
        assert one != other
    with pytest.raises(ValueError, match="unknown family"):
        pairwise(12, 3, family="flat")


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "matching", *words], input=given, capture_output=True, text=True
    )


def test_the_example_of_courses_goes_from_tables_to_a_verified_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem, plan, table = (str(tmp_path / name) for name in ("p.json", "plan.json", "t.csv"))
    words = [
        "group", "--participants", str(EXAMPLES / "participants.csv"),
        "--relations", str(EXAMPLES / "relations.csv"),
        "--groups", "4", "--size-min", "7", "--size-max", "11",
        "--same", "track", "--same", "languages", "--spread", "zone", "5", "--around", "zone", "24",
        "--balance", "stage", "--alike", "region", "--minimise",
        "--problem", problem, "--csv", table, "-o", plan,
    ]  # fmt: skip
    assert main(words) == 0
    assert "every objective proven" in capsys.readouterr().out
    assert main(["verify", problem, plan]) == 0
    assert "The plan holds." in capsys.readouterr().out
    rows = Path(table).read_text().splitlines()
    assert rows[0] == "participant,group"
    assert len(rows) == 37


def test_the_example_of_pairs_is_piped_into_the_check(tmp_path: Path) -> None:
    problem = str(tmp_path / "p.json")
    made = run(
        "group", "--pairs", str(EXAMPLES / "pairs.csv"), "--groups", "3", "--problem", problem
    )
    assert made.returncode == 0, made.stderr
    assert "total within groups" in made.stderr
    checked = run("verify", problem, "-", given=made.stdout)
    assert checked.returncode == 0, checked.stdout
    content = json.loads(made.stdout)
    content["groups"][0]["members"][0] = content["groups"][1]["members"][0]
    broken = run("verify", "--json", problem, "-", given=json.dumps(content))
    assert broken.returncode == 1
    codes = {found["code"] for found in json.loads(broken.stdout)["violations"]}
    assert {"group_not_placed", "group_placed_twice"} <= codes


def test_faults_and_clashes_are_bad_input_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    table = ["--participants", str(people)]
    assert main(["group", *table, "--groups", "1", "--same", "track"]) == 2
    assert "rules that clash: all of a group share a word of track" in capsys.readouterr().err
    assert main(["group"]) == 2
    assert main(["group", *table]) == 2
    assert "give --groups N or --groups-table" in capsys.readouterr().err
    assert main(["group-generate", "--participants", "3", "--groups", "5"]) == 2
    assert main(["group-generate", "--participants", "9", "--groups", "3", "-o", "-"]) == 0
