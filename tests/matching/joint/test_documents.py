"""Joint documents: the same bytes for the same content, every fault at once, schemas that hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import matching
from matching import BadInput, io
from matching.io.faults import render
from matching.joint import documents
from tests.matching.joint.rich import good

SCHEMAS = Path(matching.__file__).parent / "schemas"
PROBLEM, PLAN = good()
TEXTS = {
    "tandem-joint-problem": documents.dump_problem(PROBLEM),
    "tandem-joint-plan": documents.dump_plan(PLAN),
}
Edit = Callable[[dict[str, Any]], object]


def faults(*edits: Edit) -> list[str]:
    """What is said about the good Problem after these edits."""
    data = json.loads(TEXTS["tandem-joint-problem"])
    for edit in edits:
        edit(data)
    with pytest.raises(BadInput) as refusal:
        documents.read_problem(data)
    return [render(fault) for fault in refusal.value.faults]


def put(path: str, value: object) -> Edit:
    """Another value at ``options.giver.3`` and the like."""

    def edit(data: Any) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        for part in way:
            data = data[part]
        data[last] = value

    return edit


def test_documents_come_back_byte_for_byte() -> None:
    problem = documents.read_problem(TEXTS["tandem-joint-problem"])
    plan = documents.read_plan(TEXTS["tandem-joint-plan"])
    assert documents.dump_problem(problem) == TEXTS["tandem-joint-problem"]
    assert documents.dump_plan(plan) == TEXTS["tandem-joint-plan"]
    for text in TEXTS.values():
        assert io.canonical(json.loads(text)) == text


def test_published_schemas_are_those_of_the_model_and_hold() -> None:
    for name, content in documents.schemas().items():
        assert (SCHEMAS / name).read_bytes() == content
    for name, text in TEXTS.items():
        check = jsonschema.Draft202012Validator(
            json.loads((SCHEMAS / f"{name}-1.json").read_bytes())
        )
        check.validate(json.loads(text))
        with pytest.raises(jsonschema.ValidationError):
            check.validate({**json.loads(text), "surprise": 1})


def test_another_document_is_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        documents.read_problem(TEXTS["tandem-joint-plan"])
    assert [render(fault) for fault in refusal.value.faults] == [
        'format: unknown format for this use "tandem-joint-plan"; '
        'did you mean "tandem-joint-problem"?'
    ]
    with pytest.raises(BadInput):
        documents.read_plan(b"{}")
    with pytest.raises(BadInput) as newer:
        documents.read_problem({**json.loads(TEXTS["tandem-joint-problem"]), "version": 2})
    assert newer.value.faults[0].path == "version"


MEANING: dict[str, tuple[Edit, list[str]]] = {
    "key": (put("parties.1.key", "a"), ['parties[1].key: key "a" stands twice']),
    "word": (put("themes.1", "X"), ['themes[1]: word "X" stands twice']),
    "guest": (put("needs.0.guest", 9), ["needs[0].guest: 9 is not below 8"]),
    "theme": (put("needs.0.theme", 3), ["needs[0].theme: 3 is not below 3"]),
    "party": (put("mentors.0.party", 8), ["mentors[0].party: 8 is not below 8"]),
    "themes": (
        put("visits.0.themes", [1, 0, 3]),
        ["visits[0].themes[2]: 3 is not below 3",
         "visits[0].themes[1]: must be in order and differ"],
    ),
    "languages": (put("courses.0.languages", [2]), ["courses[0].languages[0]: 2 is not below 2"]),
    "weeks": (
        put("experts.0.weeks", [0, 2, 3, 4]),
        ["experts[0].weeks[3]: 4 is not below 4", "experts[0].weeks[2]: week 3 is closed"],
    ),
    "calendar": (put("calendars.0", [1, 1]), ["calendars[0][1]: must be in order and differ"]),
    "tongue": (
        put("tongues.0", [{"language": 2, "cost": 3}]),
        ["tongues[0][0]: 2 is not below 2", "tongues[0][0].cost: costs without interpretation"],
    ),
    "purse": (put("purses.0", [0, 2]), ["purses[0][1]: 2 is not below 2"]),
    "apart": (
        put("apart.0", ["study_visit", 8, 8]),
        ["apart[0]: 8 is not below 8", "apart[0]: 8 is not below 8",
         "apart[0]: a party is not apart from itself"],
    ),
    "horizon": (put("horizon.avoid", [4]), [
        "horizon.avoid[0]: week 4 lies beyond the horizon of 4 weeks, 0 to 3"]),
    "monday": (put("horizon.first_monday", "2027-01-05"), [
        "horizon.first_monday: 2027-01-05 is not a Monday"]),
    "order": (put("policy.order", ["worst_off", "cover"]), [
        "policy.order[0]: worst_off looks at covered States: cover comes first"]),
    "together": (put("needs.1.guest", 3), [
        "needs[5].guest: the needs of a guest must stand together",
        "needs[6].theme: guest 3 asks for it twice",
        "serving.need[7]: is a need of another guest"]),
    "again": (put("needs.1.theme", 0), ["needs[1].theme: guest 0 asks for it twice"]),
    "mentorships": (put("mentors.1.party", 6), [
        "mentors[1].party: party 6 offers mentorship twice"]),
    "least": (put("visits.0.persons_min", 5), [
        "visits[0].persons_min: 5 is more than persons_max 4"]),
    "modes": (put("courses.0.modes", [2, 1]), [
        "courses[0].modes: must be one or both of 1 and 2, in order"]),
    "instrument": (put("options.instrument.0", 4), [
        "options.instrument[0]: 4 is not between 0 and 3",
        "options.instrument[1]: options must be in order and differ"]),
    "giver": (put("options.giver.5", 3), ["options.giver[5]: 3 is not between 0 and 1"]),
    "mode": (put("options.mode.0", 1), ["options.mode[0]: 1 is not between 0 and 0"]),
    "persons": (put("options.persons.0", 0), [
        "options.persons[0]: 0 is not between 1 and 1000000"]),
    "cost": (put("options.cost.0", 1), ["options.cost[0]: 1 is not between 0 and 0"]),
    "bits": (put("options.themes.0", 8), ["options.themes[0]: 8 is not between 0 and 7"]),
    "marks": (put("options.marks.0", 128), ["options.marks[0]: 128 is not between 0 and 127"]),
    "week of a mentorship": (put("options.calendar.0", 0), [
        "options.calendar[0]: 0 is not between -1 and -1"]),
    "visit without language": (put("options.tongue.6", -1), [
        "options.tongue[6]: -1 is not between 0 and 1"]),
    "own guest": (put("visits.0.party", 0), ["options.guest[6]: gives and asks at once"]),
    "no mission": (put("needs.3.mission", False), [
        *(f"options.guest[{at}]: party 2 has no such need" for at in range(11, 21, 2)),
        *(f"serving.need[{at}]: is not part of the mission request" for at in (12, 15, 18, 21))]),
    "mode of the course": (put("courses.0.modes", [1]), [
        f"options.mode[{at}]: 2 is not a mode of the course" for at in (22, 24, 26)]),
    "weeks of the giver": (put("experts.0.weeks", [0]), [
        f"options.calendar[{at}]: has weeks that the giver has not" for at in (11, 12)]),
    "languages of the giver": (put("visits.0.languages", [0]), [
        "options.tongue[6]: has languages that the giver has not"]),
    "points": (put("serving.points.0", 101), ["serving.points[0]: 101 is not between 0 and 100"]),
    "order of servings": (put("serving.option.20", 0), [
        "serving.option[20]: servings must be in order and differ"]),
    "lengths": (put("serving.points", [1]), ["serving: columns differ in length"]),
}  # fmt: skip


@pytest.mark.parametrize("name", MEANING)
def test_a_fault_of_meaning_is_told(name: str) -> None:
    edit, expected = MEANING[name]
    assert faults(edit) == expected


def test_an_option_serves_a_need() -> None:
    def lose_first(data: dict[str, Any]) -> None:
        for column in data["serving"].values():
            del column[0]

    assert faults(lose_first) == ["options.guest[0]: the option serves no need"]


def test_faults_of_shape_and_of_meaning_come_together() -> None:
    assert faults(
        put("parties.0.key", 5), put("mentors.0.party", 8), put("options.mode.1", "none"),
        put("visits.0.persons_min", 5), put("surprise", 1), put("horizon.weeks", 0),
    ) == [
        "horizon.weeks: Input should be greater than or equal to 1",
        "parties[0].key: Input should be a valid string",
        "options.mode[1]: Input should be a valid integer",
        'surprise: unknown field "surprise"',
        "mentors[0].party: 8 is not below 8",
        "visits[0].persons_min: 5 is more than persons_max 4",
    ]  # fmt: skip


def test_a_missing_part_hides_no_other_fault() -> None:
    assert faults(
        lambda data: data.pop("options"), put("serving.need.0", 99), put("themes", 3)
    ) == [
        "themes: Input should be a valid tuple",
        "options: Field required",
        "serving.need[0]: 99 is not between 0 and 6",
    ]  # fmt: skip
