"""Documents: the same bytes for the same content, every fault at once, schemas that hold."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matching
from matching import BadInput, build_problem, io, issue, solve
from matching.generate import generate, random_problem
from matching.io.documents import Document
from matching.io.faults import render
from matching.io.upgrades import VERSIONS
from matching.model import Fault

SCHEMAS = Path(matching.__file__).parent / "schemas"
ALL = ("mentorship", "study_visit", "mission", "training")
INSTANCE = generate(25, 8, 3, "medium", ALL)
PROBLEM = build_problem(INSTANCE)
PLAN = solve(PROBLEM).plan
assert PLAN is not None
CERTIFICATE, SEAL = issue(PROBLEM, PLAN, instance=INSTANCE)
assert SEAL is not None
DOCUMENTS: dict[str, Document] = {
    "tandem-instance": INSTANCE, "tandem-problem": PROBLEM, "tandem-plan": PLAN,
    "tandem-certificate": CERTIFICATE, "tandem-seal": SEAL,
}  # fmt: skip


def faults(data: Any) -> list[str]:
    with pytest.raises(BadInput) as refusal:
        io.read_instance(data)
    return [render(fault) for fault in refusal.value.faults]


def test_an_instance_holds_every_instrument() -> None:
    assert {str(offer.instrument) for offer in INSTANCE.offers} == set(ALL)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_comes_back_byte_for_byte(name: str) -> None:
    document = DOCUMENTS[name]
    text = io.dump(document)
    again = io.read_any(text)
    assert type(again) is type(document)
    assert io.dump(again) == text
    assert text.endswith(b"}\n")
    assert json.loads(text)["format"] == name
    assert io.canonical(json.loads(text)) == text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_obeys_its_published_schema(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}-{VERSIONS[name]}.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema)
    data = json.loads(io.dump(DOCUMENTS[name]))
    check.validate(data)
    with pytest.raises(jsonschema.ValidationError):
        check.validate({**data, "surprise": 1})


def test_published_schemas_are_those_of_the_model() -> None:
    published = {path.name: path.read_bytes() for path in SCHEMAS.glob("*.json")}
    assert published.items() >= io.schemas().items()


def test_fractions_have_no_place() -> None:
    with pytest.raises(TypeError):
        io.canonical({"deep": [{"half": 0.5}]})
    data = INSTANCE.model_dump(mode="json")
    data["policy"]["seed"] = 1.0
    assert faults(data) == ["policy.seed: Input should be a valid integer"]


def base() -> dict[str, Any]:
    return json.loads(io.dump(INSTANCE))  # type: ignore[no-any-return]


def test_one_error_lists_every_fault_with_path_and_suggestion() -> None:
    data = base()
    data["needs"][3]["theme"] = "TRAK"
    data["needs"][4]["party"] = "S01"
    data["needs"][5]["rank"] = 0
    data["needs"][6]["ranks"] = 1
    data["needs"][7]["instruments"] = ["mentorshp"]
    data["offers"][0]["capasity"] = 3
    data["offers"][1]["instrument"] = "study_visits"
    data["parties"][0]["status"] = "membr"
    data["parties"][1]["key"] = data["parties"][2]["key"]
    data["relations"].append({"kind": "pin", "party": "S003", "other": "S003"})
    data["horizon"]["first_monday"] = "2027-01-05"
    data["policy"]["order"] = ["worst_off", "cover", "cover"]
    data["policy"]["weights"]["theme"] = 90
    data["offers"][2]["themes"].append(data["offers"][2]["themes"][0])
    data["needs"][8]["latest_week"] = 99
    found = faults(data)
    for line in (
        'needs[3].theme: unknown theme "TRAK"; did you mean "TRACK"?',
        'needs[4].party: unknown party "S01"; did you mean "S021"?',
        "needs[5].rank: Input should be greater than or equal to 1",
        'needs[6].ranks: unknown field "ranks"; did you mean "rank"?',
        "needs[7].instruments[0]: must be one of mentorship, study_visit, mission, training; "
        "got 'mentorshp'; did you mean \"mentorship\"?",
        'offers[0].capasity: unknown field "capasity"; did you mean "capacity"?',
        'offers[1].instrument: unknown instrument "study_visits"; did you mean "study_visit"?',
        "parties[0].status: must be one of member, observer, partner; "
        "got 'membr'; did you mean \"member\"?",
        f'parties[2].key: key "{data["parties"][2]["key"]}" stands twice',
        f'relations[{len(data["relations"]) - 1}].other: "S003" relates to itself',
        "horizon.first_monday: 2027-01-05 is not a Monday",
        'policy.order[2]: objective "cover" stands twice',
        "policy.order[0]: worst_off looks at covered States: cover comes first",
        "policy.weights: points add up to 150, more than 100",
        f"offers[2].themes[{len(data['offers'][2]['themes']) - 1}].theme: "
        f'theme "{data["offers"][2]["themes"][0]["theme"]}" stands twice',
        "needs[8].latest_week: week 99 lies beyond the horizon of 52 weeks, 0 to 51",
    ):
        assert line in found, (line, found)


def test_contradictions_are_faults() -> None:
    data = base()
    mentor = next(o for o in data["offers"] if o["instrument"] == "mentorship")
    visit = next(o for o in data["offers"] if o["instrument"] == "study_visit")
    data["offers"].append({**mentor, "key": "again"})
    visit["delegations_min"] = 9
    need = data["needs"][0]
    data["needs"].append({**need, "key": "again"})
    data["parties"][0]["holidays"] = ["2027-02-30"]
    data["scores"] = {
        "scores": [
            {"mentor": mentor["party"], "mentee": "S001", "score": 1},
            {"mentor": mentor["party"], "mentee": "S001", "score": 2},
        ]
    }
    number = len(data["needs"]) - 1
    assert faults(data) == [
        f'needs[{number}].theme: "{need["party"]}" asks for "{need["theme"]}" twice',
        f'needs[{number}].rank: "{need["party"]}" gives rank {need["rank"]} twice',
        f"offers[{data['offers'].index(visit)}].delegations_min: "
        f"9 is more than delegations_max {visit['delegations_max']}",
        f'offers[{len(data["offers"]) - 1}].party: "{mentor["party"]}" offers mentorship twice',
        'parties[0].holidays[0]: "2027-02-30" is not a day of the calendar',
        f'scores.scores[1]: a second score for "{mentor["party"]}" and "S001"',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "document: not JSON: Expecting property name enclosed in double quotes "
              "(line 1 column 2)"),
        ("[1]", "document: must be a JSON object"),
        ('{"parties":[],"parties":[]}', "parties: the same key stands twice in one object"),
        ('{"parties":NaN}', "document: not JSON: NaN is not a number that JSON knows"),
        (b"\xff", "document: not UTF-8 at byte 0"),
        ("[" * 100_000, "document: nested too deeply"),
        ('{"format":"tandem-plan","parties":[]}',
         'format: unknown format for this use "tandem-plan"; did you mean "tandem-instance"?'),
        ('{"format":"tandem-instance","version":7,"parties":[]}',
         "version: version 7 is newer than this engine reads (1)"),
        ("{}", "parties: Field required"),
    ],
)  # fmt: skip
def test_what_is_no_instance_is_refused(text: str | bytes, fault: str) -> None:
    assert faults(text) == [fault]


def problem_faults(data: Any) -> list[str]:
    with pytest.raises(BadInput) as refusal:
        io.read_problem(data)
    return [render(fault) for fault in refusal.value.faults]


def test_a_problem_is_checked_in_every_column() -> None:
    data = json.loads(io.dump(PROBLEM))
    pairs = data["pairs"]
    pairs["mentee"][0], pairs["mentor"][1], pairs["fit"][2] = 999, 888, 101
    pairs["marks"][3], pairs["language"][4] = 4096, 500
    data["mentees"][1]["key"] = data["mentees"][0]["key"]
    found = problem_faults(data)
    for line in (
        f"pairs.mentee[0]: 999 is not between 0 and {len(data['mentees']) - 1}",
        f"pairs.mentor[1]: 888 is not between 0 and {len(data['mentors']) - 1}",
        "pairs.fit[2]: 101 is not between 0 and 100",
        "pairs.marks[3]: 4096 is not between 0 and 127",
        f"pairs.language[4]: 500 is not between -1 and {len(data['languages']) - 1}",
        f'mentees[1].key: key "{data["mentees"][0]["key"]}" stands twice',
        "pairs.mentee[1]: pairs must be in order and differ",
    ):
        assert line in found
    data = json.loads(io.dump(PROBLEM))
    data["pairs"]["fit"].pop()
    assert problem_faults(data) == ["pairs: columns differ in length"]


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from((*INSTANCE.model_dump(), "key", "party", "theme", "order", "scores",
                             "guest", "host", "weights", "weeks", "language", "instrument")),
            inner, max_size=4),
        max_leaves=12,
    )
)  # fmt: skip
def test_no_document_makes_the_reader_stumble(data: Any) -> None:
    """Whatever comes in, the answer is a document or a list of faults."""
    if not isinstance(data, dict):
        data = {"parties": data}
    with suppress(BadInput):
        build_problem(io.read_instance(data))


def test_arrays_come_back(tmp_path: Path) -> None:
    path = tmp_path / "problem.npz"
    for problem in (PROBLEM, random_problem(300, 80, 9_000, 2)):
        io.write_arrays(problem, path)
        assert io.dump(io.read_arrays(path)) == io.dump(problem)
    path.write_bytes(b"PK nonsense")
    with pytest.raises(BadInput):
        io.read_arrays(path)


def test_old_versions_are_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(io.UPGRADES, ("tandem-seal", 1), lambda d: {**d, "second": 2})
    monkeypatch.setitem(io.UPGRADES, ("tandem-seal", 2), lambda d: {**d, "third": d["second"] + 1})
    monkeypatch.setitem(VERSIONS, "tandem-seal", 3)
    assert io.upgrade({"format": "tandem-seal", "version": 1}) == {
        "format": "tandem-seal", "version": 3, "second": 2, "third": 3,
    }  # fmt: skip


DATA = Path(__file__).parent / "data"
MENTORS, MENTEES, SCORES = (
    (DATA / f"{name}.csv").read_text("utf-8") for name in ("mentors", "mentees", "scores")
)


def test_score_tables_become_a_problem_at_their_own_precision() -> None:
    problem = io.read_scores(SCORES, MENTORS, MENTEES)
    assert problem.precision == 100
    assert problem.pairs.satisfaction.tolist() == [75, 50, 100, 25, 50, 50, 25]
    plan = solve(problem).plan
    assert plan is not None
    assert [(item.guest, item.host) for item in plan.items] == [
        ("Robin", "Ash"), ("Swift", "Ash"), ("Tern", "Beech"), ("Wren", "Cedar"),
    ]  # fmt: skip


def test_scores_round_only_when_asked() -> None:
    fine = SCORES.replace("0.75", "7.512345678e-1")
    with pytest.raises(BadInput) as refusal:
        io.read_scores(fine, MENTORS, MENTEES)
    assert list(refusal.value.faults) == [
        Fault("scores[line 2].score",
              '"7.512345678e-1" has more than 6 decimals; --decimals rounds')
    ]  # fmt: skip
    problem = io.read_scores(fine, MENTORS, MENTEES, decimals=4)
    assert (problem.precision, int(problem.pairs.fit[0])) == (10_000, 7_512)
    assert io.read_scores(fine, MENTORS, MENTEES, decimals=0).pairs.fit.tolist() == [
        1, 0, 1, 0, 0, 0, 0,
    ]  # fmt: skip


def test_score_tables_list_every_fault() -> None:
    with pytest.raises(BadInput) as refusal:
        io.read_scores(
            SCORES + "Ash,Robin,1\nElm,Robbin,-1\nAsh\n",
            MENTORS + "Ash,x\n",
            MENTEES.replace("Wren,1", "Wren,2"),
        )
    assert list(refusal.value.faults) == [
        Fault("scores[line 11]", "1 cells under 3 columns"),
        Fault("mentors[line 5].mentor", '"Ash" stands twice'),
        Fault("mentors[line 5].capacity", '"x" is not a whole number'),
    ]
    with pytest.raises(BadInput) as refusal:
        io.read_scores(SCORES + "Ash,Robin,1\nElm,Robbin,-1\n", MENTORS, MENTEES)
    assert list(refusal.value.faults) == [
        Fault("scores[line 9]", 'a second score for "Ash" and "Robin"'),
        Fault("scores[line 10].mentor", 'unknown mentor "Elm"'),
        Fault("scores[line 10].mentee", 'unknown mentee "Robbin"', "Robin"),
        Fault("scores[line 10].score", '"-1" is not a number from 0'),
    ]
    with pytest.raises(BadInput) as refusal:
        io.read_scores(SCORES.replace("mentee,", "mente,"), MENTORS, MENTEES)
    assert refusal.value.faults == (Fault("scores.mentee", "column missing", "mente"),)
