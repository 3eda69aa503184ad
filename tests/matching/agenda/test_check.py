"""The check: for each rule, an agenda that breaks it alone is caught and the rule named."""

from __future__ import annotations

from typing import Any

import pytest

from matching.codes import OutcomeCode
from matching.forum.agenda.check import check
from matching.forum.agenda.codes import AgendaObjective, AgendaViolation, Term
from matching.forum.agenda.meaning import sound
from matching.forum.agenda.model import (
    AgendaItem,
    AgendaLine,
    AgendaPlan,
    AgendaProblem,
    AgendaWeights,
    Interest,
    Pair,
    PairRule,
    Person,
    Placed,
    PlacePenalty,
    Room,
    Session,
    SimilarTracks,
    Slot,
    Teams,
    TermLine,
    Track,
)

PROBLEM = sound(
    AgendaProblem(
        slots=(
            Slot(key="mon", day="2027-05-10", start=540, end=660, length=120),
            Slot(key="late", day="2027-05-10", start=600, end=720, length=120),
            Slot(key="tue", day="2027-05-11", start=540, end=660, length=120),
            Slot(key="wed", day="2027-05-12", start=540, end=660, length=60),
            Slot(key="end", day="2027-05-12", start=700, end=760, length=60),
        ),
        rooms=(
            Room(key="hall", seats=100, booths=1, kinds=("talk", "party"), closed=("wed",)),
            Room(key="den", seats=20, booths=0, kinds=("talk",)),
            Room(key="box"),
        ),
        tracks=(Track(key="t", chairs=("cleo",)), Track(key="u")),
        people=(Person(key="ann", away=("end",)),),
        sessions=(
            Session(key="a", length=60, kind="talk", speakers=("ann",), track="t", place=1),
            Session(key="b", length=60, chairs=("dan",), track="t", rooms=("hall", "box")),
            Session(key="c", length=90, seats=50, speakers=("ann",), slots=("mon", "late", "tue")),
            Session(key="d", length=60, languages=("fr",), speakers=("bob",)),
            Session(key="e", length=60, kind="party", alone=True),
            Session(key="f", length=60, track="u"),
        ),
        interest=(
            Interest(person="x", session="a", points=3),
            Interest(person="x", session="c", points=2),
            Interest(person="y", session="f"),
            Interest(person="y", session="d", points=2),
        ),
        pairs=(
            Pair(first="a", second="e", rule=PairRule.BEFORE),
            Pair(first="a", second="d", rule=PairRule.SAME_DAY),
            Pair(first="c", second="d", rule=PairRule.OTHER_DAY, penalty=4),
            Pair(first="a", second="f", rule=PairRule.APART, penalty=7),
        ),
        similar=(SimilarTracks(first="t", second="u", penalty=11),),
        penalties=(
            PlacePenalty(session="c", slot="mon", penalty=13),
            PlacePenalty(track="t", room="den", penalty=17),
            PlacePenalty(slot="late", penalty=19),
        ),
        teams=(Teams(language="fr", teams=1),),
        weights=AgendaWeights(clash=2, track_rooms=3, track_parallel=5, track_gaps=6, order=8),
        previous=(Placed(session="f", slot="wed", room="den"),),
    )
)
PLACES = {
    "a": ("mon", "box", 0),
    "b": ("mon", "box", 60),
    "c": ("tue", "hall", 0),
    "d": ("late", "hall", 0),
    "e": ("end", "hall", 0),
    "f": ("wed", "den", 0),
}


def made(changes: dict[str, tuple[str, str, int]], problem: AgendaProblem = PROBLEM) -> AgendaPlan:
    """An agenda whose objectives and terms are as found."""
    items = tuple(
        AgendaItem(session=key, slot=slot, room=room, start=start)
        for key, (slot, room, start) in {**PLACES, **changes}.items()
    )
    plan = AgendaPlan(items=items, objectives=(), outcome=OutcomeCode.TIME_LIMIT)
    report = check(problem, plan)
    terms = tuple(
        TermLine(term=Term(str(v.parameters["term"])), points=int(str(v.parameters["found"])))
        for v in report.violations
        if v.code is AgendaViolation.WRONG_TERM
    )
    lines: list[AgendaLine] = []
    for code, value in report.values.items():
        lines.append(
            AgendaLine(code=code, value=value, bound=0, gap=value, proven=value == 0,
                       conditional_on=tuple(line.code for line in lines if not line.proven))
        )  # fmt: skip
    return plan.model_copy(update={"objectives": tuple(lines), "terms": terms})


def codes(plan: AgendaPlan, problem: AgendaProblem = PROBLEM) -> set[AgendaViolation]:
    return {AgendaViolation(violation.code) for violation in check(problem, plan).violations}


def with_session(key: str, **changes: Any) -> AgendaProblem:
    sessions = tuple(
        row.model_copy(update=changes) if row.key == key else row for row in PROBLEM.sessions
    )
    return PROBLEM.model_copy(update={"sessions": sessions})


def test_a_good_agenda_passes_and_its_points_are_those_of_the_statement() -> None:
    plan = made({})
    report = check(PROBLEM, plan)
    assert report.violations == ()
    assert report.values == {AgendaObjective.MOVES: 0, AgendaObjective.PENALTY: 19}
    assert report.checked == {AgendaObjective.MOVES}
    terms = {line.term: line.points for line in plan.terms if line.points}
    assert terms == {Term.PLACES: 19}


@pytest.mark.parametrize(
    ("changes", "violation"),
    [
        ({"b": ("mon", "box", 30)}, AgendaViolation.ROOM_OVERLAP),
        ({"d": ("late", "box", 0)}, AgendaViolation.ROOM_OVERLAP),
        ({"b": ("mon", "box", 90)}, AgendaViolation.SESSION_TOO_LONG),
        ({"f": ("mon", "den", 0), "b": ("tue", "den", 0)}, AgendaViolation.ROOM_NOT_ALLOWED),
        ({"c": ("wed", "box", 0)}, AgendaViolation.SLOT_NOT_ALLOWED),
        ({"c": ("tue", "den", 0)}, AgendaViolation.TOO_FEW_SEATS),
        ({"d": ("mon", "den", 0)}, AgendaViolation.TOO_FEW_BOOTHS),
        ({"e": ("end", "den", 0)}, AgendaViolation.WRONG_KIND),
        ({"f": ("end", "den", 0)}, AgendaViolation.NOT_ALONE),
        ({"f": ("wed", "hall", 0)}, AgendaViolation.ROOM_IS_CLOSED),
        ({"c": ("late", "hall", 0), "d": ("mon", "hall", 0)}, AgendaViolation.PERSON_TWICE),
        ({"f": ("mon", "box", 60), "b": ("tue", "box", 0)}, AgendaViolation.TRACKS_MIXED),
        ({"e": ("mon", "den", 0)}, AgendaViolation.PAIR_BROKEN),
        ({"d": ("tue", "box", 0)}, AgendaViolation.PAIR_BROKEN),
        ({"f": ("never", "den", 0)}, AgendaViolation.UNKNOWN_SLOT),
        ({"f": ("wed", "attic", 0)}, AgendaViolation.UNKNOWN_ROOM),
        ({"g": ("wed", "den", 0)}, AgendaViolation.UNKNOWN_SESSION),
    ],
)  # fmt: skip
def test_each_rule_is_caught_and_named(
    changes: dict[str, tuple[str, str, int]], violation: AgendaViolation
) -> None:
    assert violation in codes(made(changes))


def test_rules_broken_alone_are_named_alone() -> None:
    for changes, violation in (
        ({"b": ("mon", "box", 30)}, AgendaViolation.ROOM_OVERLAP),
        ({"c": ("tue", "den", 0)}, AgendaViolation.TOO_FEW_SEATS),
        ({"e": ("end", "den", 0)}, AgendaViolation.WRONG_KIND),
        ({"f": ("end", "den", 0)}, AgendaViolation.NOT_ALONE),
        ({"f": ("wed", "hall", 0)}, AgendaViolation.ROOM_IS_CLOSED),
        ({"f": ("mon", "den", 0), "b": ("tue", "den", 0)}, AgendaViolation.ROOM_NOT_ALLOWED),
        ({"b": ("mon", "box", 90)}, AgendaViolation.SESSION_TOO_LONG),
    ):  # fmt: skip
        assert codes(made(changes)) == {violation}


def test_a_person_who_is_away_is_named() -> None:
    away = (Person(key="ann", away=("end",)), Person(key="bob", away=("mon",)))
    problem = PROBLEM.model_copy(update={"people": away})
    found = check(problem, made({}, problem)).violations
    # Whoever is away in one slot is away in those that meet it too.
    assert [(v.code, v.parameters["session"]) for v in found] == [
        (AgendaViolation.PERSON_IS_AWAY, "d")
    ]


def test_a_track_s_chair_is_needed_wherever_the_track_is() -> None:
    assert AgendaViolation.PERSON_TWICE not in codes(made({}))
    found = check(PROBLEM, made({"b": ("late", "box", 0), "d": ("mon", "hall", 0)})).violations
    assert {v.parameters.get("person") for v in found} >= {"cleo"}


def test_too_few_teams_are_named() -> None:
    problem = with_session("f", languages=("fr",))
    rooms = tuple(room.model_copy(update={"booths": 1}) for room in problem.rooms)
    problem = problem.model_copy(update={"rooms": rooms})
    assert codes(made({}, problem), problem) == set()
    assert codes(made({"f": ("mon", "den", 0)}, problem), problem) == {
        AgendaViolation.TOO_FEW_TEAMS
    }


def test_hard_apart_and_same_room_are_named() -> None:
    for pair in (
        Pair(first="b", second="d", rule=PairRule.APART),
        Pair(first="c", second="f", rule=PairRule.SAME_ROOM),
        Pair(first="a", second="d", rule=PairRule.OTHER_DAY),
    ):
        problem = PROBLEM.model_copy(update={"pairs": (*PROBLEM.pairs, pair)})
        assert AgendaViolation.PAIR_BROKEN in codes(made({}, problem), problem), pair


def test_a_session_that_is_missing_or_twice_is_named() -> None:
    plan = made({})
    less = plan.model_copy(update={"items": plan.items[1:]})
    assert codes(less) == {AgendaViolation.SESSION_MISSING}
    more = plan.model_copy(update={"items": (*plan.items, plan.items[0])})
    assert AgendaViolation.SESSION_REPEATED in codes(more)


@pytest.mark.parametrize(
    ("changes", "terms"),
    [
        ({"f": ("tue", "den", 0)}, {Term.PLACES: 19}),
        ({"c": ("mon", "hall", 0), "d": ("late", "box", 0)},
         {Term.PLACES: 32, Term.CLASHES: 4, Term.PAIRS: 4}),
        ({"f": ("mon", "den", 0)}, {Term.PLACES: 19, Term.PAIRS: 7, Term.SIMILAR_TRACKS: 11,
                                    Term.CLASHES: 2}),
        ({"a": ("mon", "den", 0)}, {Term.PLACES: 36, Term.TRACK_ROOMS: 3, Term.TRACK_PARALLEL: 5}),
        ({"b": ("tue", "box", 0)}, {Term.PLACES: 19, Term.TRACK_GAPS: 6}),
        ({"a": ("mon", "box", 60), "b": ("mon", "box", 0)}, {Term.PLACES: 19, Term.ORDER: 8}),
        ({"c": ("mon", "hall", 0)}, {Term.PLACES: 32, Term.CLASHES: 4, Term.PAIRS: 4}),
        ({"c": ("late", "hall", 0), "d": ("mon", "hall", 0)},
         {Term.PLACES: 19, Term.CLASHES: 4, Term.PAIRS: 4}),
    ],
)  # fmt: skip
def test_points_are_counted_as_stated(
    changes: dict[str, tuple[str, str, int]], terms: dict[Term, int]
) -> None:
    plan = made(changes)
    assert {line.term: line.points for line in plan.terms if line.points} == terms
    report = check(PROBLEM, plan)
    assert report.values[AgendaObjective.PENALTY] == sum(terms.values())


def test_what_an_agenda_says_of_its_objectives_is_checked() -> None:
    plan = made({})
    moves, penalty = plan.objectives

    def said(**changes: Any) -> AgendaPlan:
        return plan.model_copy(update={"objectives": (moves, penalty.model_copy(update=changes))})

    assert codes(plan) == set()
    assert codes(said(value=18, gap=18)) == {AgendaViolation.WRONG_VALUE}
    assert codes(said(bound=20, gap=-1)) == {AgendaViolation.WRONG_BOUND}
    assert codes(said(proven=True)) == {AgendaViolation.WRONG_BOUND}
    assert codes(said(gap=1)) == {AgendaViolation.WRONG_STATEMENT}
    assert codes(said(conditional_on=(AgendaObjective.MOVES,))) == {AgendaViolation.WRONG_STATEMENT}
    assert codes(plan.model_copy(update={"outcome": OutcomeCode.PROVEN})) == {
        AgendaViolation.WRONG_STATEMENT
    }
    assert codes(plan.model_copy(update={"objectives": (penalty,)})) == {
        AgendaViolation.WRONG_OBJECTIVES
    }
    assert codes(plan.model_copy(update={"terms": ()})) == {AgendaViolation.WRONG_TERM}


def test_a_value_that_cannot_be_lower_is_checked_without_the_solver() -> None:
    problem = PROBLEM.model_copy(
        update={"penalties": (PlacePenalty(session="f", slot="wed", penalty=2),
                              PlacePenalty(session="f", penalty=5))}
    )  # fmt: skip
    plan = made({"f": ("tue", "den", 0)}, problem)
    report = check(problem, plan)
    assert report.values[AgendaObjective.PENALTY] == 5
    assert AgendaObjective.PENALTY in report.checked
    assert AgendaObjective.MOVES not in report.checked
