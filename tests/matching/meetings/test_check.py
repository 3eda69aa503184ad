"""The check of schedules: each broken rule is caught and named, and nothing else is."""

from __future__ import annotations

import string

import jsonschema
import pytest

from matching.codes import OutcomeCode
from matching.forum.meetings.check import check
from matching.forum.meetings.codes import (
    PARAMETERS,
    MeetingObjective,
    MeetingRule,
    MeetingViolation,
)
from matching.forum.meetings.meaning import schemas
from matching.forum.meetings.model import (
    Kept,
    MeetingItem,
    MeetingLine,
    MeetingSlot,
    MeetingsPlan,
    MeetingsProblem,
    Participant,
    Wish,
)
from matching.forum.meetings.words import ENGLISH, say
from matching.outcome import Code, Sense

PROBLEM = MeetingsProblem(
    slots=(
        MeetingSlot(key="s1", part="morning", tables=2, interpreters=1),
        MeetingSlot(key="s2", part="morning", tables=2),
        MeetingSlot(key="s3", part="afternoon", tables=2, interpreters=1),
        MeetingSlot(key="s4", part="afternoon", tables=2),
        MeetingSlot(key="s5", day="next", tables=3, interpreters=2),
    ),
    participants=(
        Participant(key="A", languages=("en",)),
        Participant(key="B", languages=("en", "fr")),
        Participant(key="C", languages=("fr",), away=("s2",)),
        Participant(key="D"),
        Participant(key="E", languages=("ar",)),
        Participant(key="F", languages=("zh",)),
    ),
    wishes=(
        Wish(key="ab", a="A", b="B", weight=2),
        Wish(key="ac", a="A", b="C", part="morning"),
        Wish(key="bc", a="B", b="C"),
        Wish(key="de", a="D", b="E"),
        Wish(key="ed", a="E", b="D"),
        Wish(key="ef", a="E", b="F"),
        Wish(key="df", a="D", b="F"),
    ),
    pins=(Kept(wish="de", slot="s5"),),
    fairness=1,
    previous=(Kept(wish="ab", slot="s2"), Kept(wish="bc", slot="s3")),
)


def item(
    wish: str, slot: str, table: int = 1, *, interpreter: bool = False, a: str = "", b: str = ""
) -> MeetingItem:
    return MeetingItem(
        wish=wish, a=a or wish[0].upper(), b=b or wish[1].upper(), slot=slot, table=table,
        interpreter=interpreter,
    )  # fmt: skip


GOOD = (
    item("ac", "s1", interpreter=True),
    item("ab", "s2"),
    item("bc", "s4"),
    item("de", "s5"),
    item("df", "s1", 2),
)


def line(code: MeetingObjective, value: int, bound: int | None = None) -> MeetingLine:
    bound = value if bound is None else bound
    sense = Sense.MAX if code is MeetingObjective.WEIGHT else Sense.MIN
    return MeetingLine(
        code=code, sense=sense, value=value, bound=bound, gap=abs(bound - value),
        proven=bound == value,
    )  # fmt: skip


LINES = (
    line(MeetingObjective.MOVED, 1),
    line(MeetingObjective.WEIGHT, 6),
    line(MeetingObjective.BREAKS, 2),
)


def plan(
    items: tuple[MeetingItem, ...] = GOOD, lines: tuple[MeetingLine, ...] = LINES
) -> MeetingsPlan:
    return MeetingsPlan(outcome=OutcomeCode.PROVEN, items=items, objectives=lines)


def names(made: MeetingsPlan, problem: MeetingsProblem = PROBLEM) -> list[str]:
    return sorted(str(found.code) for found in check(problem, made).violations)


def test_a_good_schedule_has_no_violation() -> None:
    report = check(PROBLEM, plan())
    assert report.violations == ()
    assert report.values == {line.code: line.value for line in LINES}
    assert report.checked == frozenset()


def lines(moved: int, weight: int, gaps: int) -> tuple[MeetingLine, ...]:
    return (
        line(MeetingObjective.MOVED, moved),
        line(MeetingObjective.WEIGHT, weight),
        line(MeetingObjective.BREAKS, gaps),
    )


AC, AB, BC, DE, DF = GOOD
V = MeetingViolation
BROKEN = {
    V.UNKNOWN_WISH: plan((*GOOD, item("xy", "s3"))),
    V.UNKNOWN_MEETING_SLOT: plan((AC, AB, BC, DE, item("df", "s9"))),
    V.WRONG_PARTICIPANTS: plan((AC, AB, BC, DE, item("df", "s1", 2, a="F", b="D"))),
    V.WISH_REPEATED: plan((*GOOD, item("ab", "s3")), lines(2, 6, 1)),
    V.PAIR_TWICE: plan((*GOOD, item("ed", "s4", 2)), lines(1, 7, 3)),
    V.PARTICIPANT_TWICE: plan((AC, item("ab", "s1", 2), BC, DE), lines(2, 5, 2)),
    V.PARTICIPANT_IS_AWAY: plan((AC, item("ab", "s4"), item("bc", "s2"), DE, DF), lines(2, 6, 2)),
    V.WRONG_PART: plan((item("ac", "s3", interpreter=True), AB, BC, DE, DF), lines(1, 6, 1)),
    V.TABLE_TWICE: plan((AC, AB, BC, DE, item("df", "s1", 1))),
    V.UNKNOWN_TABLE: plan((AC, AB, BC, DE, item("df", "s1", 3))),
    V.INTERPRETER_MISSING: plan((item("ac", "s1"), AB, BC, DE, DF)),
    V.INTERPRETER_IDLE: plan((AC, AB, BC, item("de", "s5", interpreter=True), DF)),
    V.TOO_FEW_INTERPRETERS: plan(
        (AC, AB, BC, DE, item("ef", "s2", 2, interpreter=True)), lines(1, 6, 2)
    ),
    V.PIN_BROKEN: plan((AC, AB, BC, item("de", "s3"), DF), lines(1, 6, 3)),
    V.WRONG_OBJECTIVES: plan(lines=LINES[1:]),
    V.WRONG_VALUE: plan(lines=(*LINES[:2], line(MeetingObjective.BREAKS, 1))),
    V.WRONG_BOUND: plan(lines=(*LINES[:2], line(MeetingObjective.BREAKS, 2, 3))),
    V.WRONG_STATEMENT: plan(lines=(LINES[0], line(MeetingObjective.WEIGHT, 6, 8), LINES[2])),
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_plan_broken_in_one_rule_is_caught_and_named(code: MeetingViolation) -> None:
    assert set(names(BROKEN[code])) == {code}


def test_every_violation_is_tested() -> None:
    others = {V.WISH_MISSING, V.TOO_FEW_TABLES, V.UNFAIR}
    assert set(BROKEN) | others == set(V)


def test_a_wish_left_out_is_a_violation_when_all_have_to_be_placed() -> None:
    problem = PROBLEM.model_copy(update={"place_all": True, "pins": (), "previous": ()})
    found = check(problem, plan(GOOD, LINES[1:])).violations
    assert [(v.code, v.parameters["wish"]) for v in found] == [
        (V.WISH_MISSING, "ed"), (V.WISH_MISSING, "ef"),
    ]  # fmt: skip


def test_more_meetings_than_tables() -> None:
    slots = (PROBLEM.slots[0].model_copy(update={"tables": 1}), *PROBLEM.slots[1:])
    assert names(plan(), PROBLEM.model_copy(update={"slots": slots})) == [V.TOO_FEW_TABLES]


def test_idle_gaps_too_far_apart() -> None:
    problem = PROBLEM.model_copy(update={"fairness": 0})
    found = check(problem, plan()).violations
    assert [violation.code for violation in found] == [V.UNFAIR]
    assert found[0].parameters == {"participant": "B", "other": "A", "apart": 1, "most": 0}


def test_a_night_is_no_idle_gap() -> None:
    assert "s5" in {i.slot for i in GOOD if "D" in (i.a, i.b)}
    one_day = PROBLEM.model_copy(
        update={"slots": tuple(s.model_copy(update={"day": None}) for s in PROBLEM.slots)}
    )
    assert names(plan(lines=lines(1, 6, 3)), one_day) == []


@pytest.mark.parametrize("field", ["sense", "gap", "proven", "conditional_on"])
def test_each_field_of_an_objective_is_looked_at(field: str) -> None:
    wrong = {"sense": Sense.MAX, "gap": 1, "proven": False,
             "conditional_on": (MeetingObjective.MOVED,)}  # fmt: skip
    made = plan(lines=(LINES[0].model_copy(update={field: wrong[field]}), *LINES[1:]))
    found = check(PROBLEM, made).violations
    assert Code(V.WRONG_STATEMENT, {"objective": MeetingObjective.MOVED, "field": field}) in [
        Code(violation.code, violation.parameters) for violation in found
    ]


def test_bounds_that_are_plain_to_see_are_checked() -> None:
    problem = PROBLEM.model_copy(update={"wishes": PROBLEM.wishes[:1], "pins": (),
                                         "previous": PROBLEM.previous[:1]})  # fmt: skip
    made = plan((item("ab", "s2"),), lines(0, 2, 0))
    assert check(problem, made).checked == frozenset(MeetingObjective)


def test_every_code_has_words_with_its_parameters() -> None:
    assert set(PARAMETERS) == set(ENGLISH) == {*MeetingRule, *MeetingObjective, *MeetingViolation}
    for code, parameters in PARAMETERS.items():
        used = {part for _, part, _, _ in string.Formatter().parse(ENGLISH[code]) if part}
        assert used == set(parameters), code
        assert say(Code(code, dict.fromkeys(parameters, "x")))


def test_schemas_are_published_and_hold() -> None:
    import json
    from pathlib import Path

    import matching

    folder = Path(matching.__file__).parent / "schemas"
    for name, text in schemas().items():
        assert (folder / name).read_bytes() == text
    for document, name in ((PROBLEM, "tandem-meetings-1"), (plan(), "tandem-meetings-plan-1")):
        schema = json.loads((folder / f"{name}.json").read_bytes())
        jsonschema.Draft202012Validator(schema).validate(document.model_dump(mode="json"))
