"""Plans that break one rule alone are caught and named; without that check they pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from matching.groups import check as module
from matching.groups.check import check
from matching.groups.codes import PARAMETERS, GroupOutcome, GroupViolation
from matching.groups.generate import courses
from matching.groups.model import (
    Alike,
    Group,
    GroupLine,
    GroupPlan,
    GroupProblem,
    Members,
    PairValues,
    Participant,
    Spread,
)
from matching.groups.solve import solve
from matching.groups.words import ENGLISH, RULES, say
from matching.model import Sense

PROBLEM = GroupProblem(
    participants=tuple(
        Participant(
            key=key,
            words={"track": (track,), "tongue": tuple(tongue), "from": (home,)},
            numbers={"zone": zone},
        )
        for key, track, tongue, home, zone in (
            ("ana", "new", ("en", "fr"), "east", 11),
            ("ben", "new", ("fr",), "west", -12),
            ("chi", "new", ("en", "fr"), "west", 10),
            ("dao", "old", ("ar", "en"), "east", 0),
            ("eva", "old", ("ar",), "west", 2),
            ("fay", "old", ("ar", "fr"), "west", 1),
        )
    ),
    groups=(
        Group(key="one", least=2, most=4, fixed={"track": "new"}),
        Group(key="two", least=2, most=3),
    ),
    same=("tongue",),
    spread=(Spread(attribute="zone", most=2, around=24),),
    together=(("ana", "ben"),),
    apart=(("ana", "dao"),),
    balance=("from",),
    alike=(Alike(attribute="from", weight=2),),
    values=PairValues(first=(0, 3), second=(2, 5), value=(5, -1)),
    sense=Sense.MAX,
)
"""One grouping keeps its rules: ana, ben, chi and dao, eva, fay."""


def plan() -> GroupPlan:
    made = solve(PROBLEM).plan
    assert made is not None
    assert made.outcome is GroupOutcome.PROVEN
    return made


def without(**changes: object) -> GroupProblem:
    return PROBLEM.model_copy(update=changes)


def grouped(one: str, two: str, problem: GroupProblem = PROBLEM) -> GroupPlan:
    """A plan with other members that states everything else as it is."""
    people = {person.key: person for person in problem.participants}
    entries = []
    for key, names in (("one", one.split()), ("two", two.split())):
        sets = [set(people[name].words["tongue"]) for name in names if name in people]
        common = tuple(sorted(set.intersection(*sets))) if sets else ()
        shared = {"tongue": common} if problem.same else {}
        entries.append(Members(group=key, members=tuple(names), shared=shared))
    return stating(problem, plan().model_copy(update={"groups": tuple(entries)}))


def stating(problem: GroupProblem, made: GroupPlan) -> GroupPlan:
    """The plan with the values that it has, unproven, and bounds that hold for sure."""
    found = check(problem, made).objectives
    lines: list[GroupLine] = []
    for line, stated in zip(found, made.objectives, strict=True):
        bound = 0 if stated.sense is Sense.MIN else 1000
        lines.append(
            stated.model_copy(
                update={
                    "value": line.value,
                    "bound": bound,
                    "gap": abs(bound - line.value),
                    "proven": bound == line.value,
                    "conditional_on": tuple(before.code for before in lines if not before.proven),
                }
            )
        )
    changes = {"objectives": tuple(lines), "outcome": GroupOutcome.WORK_DONE}
    return made.model_copy(update=changes)


def test_the_example_has_one_grouping_and_it_is_found() -> None:
    made = plan()
    assert [entry.members for entry in made.groups] == [
        ("ana", "ben", "chi"), ("dao", "eva", "fay"),
    ]  # fmt: skip
    assert [entry.shared for entry in made.groups] == [{"tongue": ("fr",)}, {"tongue": ("ar",)}]
    assert [line.value for line in made.objectives] == [0, 5 - 1 + 2 + 2]
    assert check(PROBLEM, made).good


LOOSE = without(
    same=(), spread=(), together=(), apart=(),
    groups=tuple(group.model_copy(update={"fixed": {}}) for group in PROBLEM.groups),
)  # fmt: skip
"""Sizes alone: each case below adds the rule that its plan breaks."""

BROKEN: dict[str, tuple[GroupViolation, GroupProblem, GroupPlan]] = {
    "placed": (
        GroupViolation.NOT_PLACED, LOOSE, grouped("ana ben", "dao eva fay", LOOSE)),
    "placed twice": (
        GroupViolation.PLACED_TWICE, LOOSE, grouped("ana ben chi", "chi dao eva", LOOSE)),
    "sizes": (
        GroupViolation.TOO_MANY, LOOSE, grouped("ana ben", "chi dao eva fay", LOOSE)),
    "sizes below": (
        GroupViolation.TOO_FEW,
        LOOSE.model_copy(update={"groups": (
            LOOSE.groups[0], Group(key="two", least=3, most=6))}),
        grouped("ana ben chi dao", "eva fay", LOOSE)),
    "fixed": (
        GroupViolation.NOT_AS_FIXED,
        LOOSE.model_copy(update={"groups": PROBLEM.groups}),
        grouped("ana ben chi fay", "dao eva", LOOSE)),
    "same": (
        GroupViolation.NOTHING_SHARED,
        LOOSE.model_copy(update={"same": ("tongue",)}),
        grouped("ana ben eva", "chi dao fay", LOOSE.model_copy(update={"same": ("tongue",)}))),
    "spread": (
        GroupViolation.TOO_FAR_APART,
        LOOSE.model_copy(update={"spread": PROBLEM.spread}),
        grouped("ana ben dao", "chi eva fay", LOOSE)),
    "together": (
        GroupViolation.NOT_TOGETHER,
        LOOSE.model_copy(update={"together": PROBLEM.together}),
        grouped("ana chi eva", "ben dao fay", LOOSE)),
    "apart": (
        GroupViolation.NOT_APART,
        LOOSE.model_copy(update={"apart": PROBLEM.apart}),
        grouped("ana dao eva", "ben chi fay", LOOSE)),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_plan_that_breaks_one_rule_is_caught_and_named(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, problem, made = BROKEN[name]
    made = stating(problem, made)
    found = {violation.code for violation in check(problem, made).violations}
    assert code in found
    assert found <= {code, GroupViolation.NOT_PLACED}
    rest = tuple(rule for rule in module.RULES if rule.__name__ != name.split()[0])
    assert len(rest) == len(module.RULES) - 1
    monkeypatch.setattr(module, "RULES", rest)
    assert check(problem, made).violations == ()


def other_names(made: GroupPlan) -> GroupPlan:
    extra = Members(group="three", members=())
    return made.model_copy(update={"groups": (*made.groups, extra)})


def twice(made: GroupPlan) -> GroupPlan:
    empty = Members(group="two", members=(), shared={"tongue": ("ar",)})
    return made.model_copy(update={"groups": (*made.groups, empty)})


def missing(made: GroupPlan) -> GroupPlan:
    return made.model_copy(update={"groups": made.groups[:1]})


def stranger(made: GroupPlan) -> GroupPlan:
    first = made.groups[0]
    longer = first.model_copy(update={"members": (*first.members, "zoe")})
    return made.model_copy(update={"groups": (longer, *made.groups[1:])})


def boast(made: GroupPlan) -> GroupPlan:
    first = made.groups[0].model_copy(update={"shared": {"tongue": ("en", "fr")}})
    return made.model_copy(update={"groups": (first, *made.groups[1:])})


def line(at: int, **changes: object) -> Callable[[GroupPlan], GroupPlan]:
    def change(made: GroupPlan) -> GroupPlan:
        lines = list(made.objectives)
        lines[at] = lines[at].model_copy(update=changes)
        return made.model_copy(update={"objectives": tuple(lines)})

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (other_names, GroupViolation.UNKNOWN_GROUP),
        (twice, GroupViolation.GROUP_REPEATED),
        (missing, GroupViolation.GROUP_MISSING),
        (stranger, GroupViolation.UNKNOWN_PARTICIPANT),
        (boast, GroupViolation.WRONG_SHARED),
        (line(1, value=9), GroupViolation.WRONG_VALUE),
        (line(1, bound=7, gap=1, proven=False), GroupViolation.WRONG_BOUND),
        (line(1, gap=3), GroupViolation.WRONG_STATEMENT),
        (line(1, proven=False), GroupViolation.WRONG_STATEMENT),
        (line(0, sense=Sense.MAX), GroupViolation.WRONG_STATEMENT),
        (
            lambda made: made.model_copy(update={"outcome": GroupOutcome.WORK_DONE}),
            GroupViolation.WRONG_STATEMENT,
        ),
        (
            lambda made: made.model_copy(update={"objectives": made.objectives[:1]}),
            GroupViolation.WRONG_OBJECTIVES,
        ),
    ],
)
def test_a_statement_that_is_not_so_is_caught(
    change: Callable[[GroupPlan], GroupPlan], code: GroupViolation
) -> None:
    assert code in {violation.code for violation in check(PROBLEM, change(plan())).violations}


def test_what_counting_shows_is_checked_and_the_rest_is_claimed() -> None:
    problem = PROBLEM.model_copy(
        update={
            "values": PairValues(),
            "alike": (Alike(attribute="from"),),
            "sense": Sense.MIN,
        }
    )
    made = solve(problem).plan
    assert made is not None
    assert [line.checked for line in check(problem, made).objectives] == [True, True]
    report = check(courses(30, 3, seed=1), solve(courses(30, 3, seed=1)).plan or made)
    assert report.good
    assert [entry.checked for entry in report.objectives] == [False, False]


def test_every_code_has_words_and_every_rule_a_sentence() -> None:
    assert set(ENGLISH) == set(PARAMETERS)
    for code, names in PARAMETERS.items():
        assert ENGLISH[code].format(**dict.fromkeys(names, "x"))
    assert [rule.__name__ for rule in module.RULES] == list(RULES)
    for code, problem, made in BROKEN.values():
        found = [say(v) for v in check(problem, stating(problem, made)).violations]
        assert found, code
