"""What stood in the way of a need, and the first change that serves it in every best plan."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from matching.joint import near
from matching.joint.documents import dump_problem, read_problem
from matching.joint.menu import Menu
from matching.joint.model import JointPlan, JointProblem
from matching.joint.plan import solve
from matching.joint.reasons import PARAMETERS, Barrier, Change
from matching.joint.unmet import UnmetNeed, unmet
from matching.model import (
    Code,
    Horizon,
    Instrument,
    Load,
    ObjectiveCode,
    ObstacleCode,
    Pairing,
    Policy,
    Previous,
)
from tests.matching.joint.alone import Facts, Items
from tests.matching.joint.answers import served, solved
from tests.matching.joint.brute import TooMany, best, levels
from tests.matching.joint.draw import drawn
from tests.matching.joint.small import Sketch

FIRST = (ObjectiveCode.COVER, ObjectiveCode.FIT)


def only(problem: JointProblem) -> UnmetNeed:
    """What is said of the one need that is not served."""
    plan = solve(problem).plan
    assert plan is not None
    (found,) = unmet(problem, plan)
    return found


def two_for_one_mentor() -> Sketch:
    sketch = Sketch("abhk")
    sketch.needs_of("a", "X")
    sketch.needs_of("b", "X")
    sketch.mentor("M", "h")
    sketch.option("M", "a", points={"X": 60})
    sketch.option("M", "b", points={"X": 40})
    return sketch


def checked(problem: JointProblem, plan: JointPlan, said: Counter[object]) -> None:
    """Every entry of the menu up to the change that is named, against all plans."""
    missing = sorted(set(range(len(problem.needs))) - served(problem, plan.items))
    found = unmet(problem, plan)
    menu = Menu(problem)
    keys, themes = [row.key for row in problem.parties], problem.themes
    needs = [problem.needs[at] for at in missing]
    assert [(r.guest, r.theme) for r in found] == [(keys[n.guest], themes[n.theme]) for n in needs]
    for need, row in zip(missing, found, strict=True):
        assert row.proven
        said[row.obstacle.code] += 1
        assert set(row.obstacle.parameters) == set(PARAMETERS.get(row.obstacle.code, ()))
        entries = menu.entries(need)[: row.tried]
        assert (row.change is None) or entries[-1] == row.change
        for change in entries if row.change else entries[:1]:
            changed = menu.after(change)
            assert dump_problem(read_problem(dump_problem(changed))) == dump_problem(changed)
            try:
                answer = best(changed)
            except TooMany:
                continue
            assert answer is not None
            everywhere = all(need in served(changed, chosen) for chosen in answer[1])
            assert everywhere is (change == row.change), (need, change)
            said[everywhere] += 1
            if everywhere:
                said[change.code] += 1
                again = solve(changed).plan
                assert again is not None
                assert need in served(changed, again.items)
                losing = [_worse(changed, plan.items, chosen) for chosen in answer[1]]
                assert len(row.losers) == min(map(len, losing))
                assert set(row.losers) in losing
                said["losers"] += bool(row.losers)


def test_the_first_change_serves_the_need_in_every_best_plan_and_none_before_it_does() -> None:
    said: Counter[object] = Counter()
    for seed in range(1, 32):
        plan = solved(seed)
        if plan is not None:
            checked(drawn(seed), plan, said)
    assert said[True] >= 5
    assert said[False] >= 10
    assert len([code for code in Barrier if said[code]]) >= 5


def rivals(**more: Any) -> Sketch:
    """Two guests; what is offered has one place, week and language, and a has the better fit."""
    sketch = Sketch("abhk", **more)
    sketch.needs_of("a", "X")
    sketch.needs_of("b", "X")
    return sketch


def by_visit(weeks: dict[str, tuple[int, ...]], speaks: dict[str, str]) -> Sketch:
    sketch = rivals()
    sketch.visit("V", "h", languages="".join(sorted(set("".join(speaks.values())))))
    for guest, points in (("a", 60), ("b", 40)):
        sketch.option("V", guest, points={"X": points}, weeks=weeks[guest], speaks=speaks[guest])
    return sketch


@pytest.mark.parametrize(
    ("sketch", "change"),
    [
        # Each has its own week with the only visit: a second visit, not a larger one.
        (by_visit({"a": (0,), "b": (1,)}, {"a": "e", "b": "e"}), Change.VISIT),
        # Each has its own language with the only visit.
        (by_visit({"a": (0, 1), "b": (0, 1)}, {"a": "e", "b": "f"}), Change.VISIT),
    ],
)
def test_one_more_visit(sketch: Sketch, change: Change) -> None:
    problem = sketch.problem(policy=Policy(order=FIRST))
    found = only(problem)
    assert found.change == Code(change, {"offer": "V"})


def week_taken(host_weeks: tuple[int, ...], own_weeks: tuple[int, ...]) -> JointProblem:
    """A guest whose two needs fall into one week with two offers, as far as is known."""
    sketch = Sketch("ahkm")
    sketch.needs_of("a", "XYZ")
    sketch.visit("V", "h", themes="X", weeks=(0,))
    sketch.visit("W", "k", themes="Y", weeks=host_weeks)
    sketch.course("C", "m", themes="Z", weeks=(0, 1), modes=(1,))
    sketch.option("V", "a", points={"X": 60}, weeks=(0,))
    sketch.option("W", "a", points={"Y": 40}, weeks=(0,))
    sketch.option("C", "a", points={"Z": 10}, weeks=own_weeks, mode=1)
    return sketch.problem(policy=Policy(order=FIRST), horizon=Horizon(weeks=3))


def test_one_more_week_of_the_giver_or_of_the_state() -> None:
    said: Counter[object] = Counter()
    for problem in (week_taken((0,), (1,)), week_taken((0, 1, 2), (0,))):
        plan = solve(problem).plan
        assert plan is not None
        checked(problem, plan, said)
    assert said[Change.WEEK] >= 1
    assert said[Change.OWN_WEEK] >= 1


def test_interpretation_where_a_visit_is_held_in_a_language_of_others() -> None:
    sketch = rivals()
    sketch.visit("V", "h", languages="ef", weeks=(0,))
    sketch.option("V", "a", points={"X": 60}, speaks="f")
    sketch.option("V", "b", points={"X": 40}, speaks="e")
    problem = sketch.problem(policy=Policy(order=FIRST))
    menu = Menu(problem)
    change = Code(Change.INTERPRETATION, {"guest": "b", "offer": "V", "language": "f"})
    assert change in menu.entries(1)
    for one, always in ((change, True), (Code(Change.PLACE, {"offer": "V"}), False)):
        answer = best(menu.after(one))
        assert answer is not None
        assert all(1 in served(problem, chosen) for chosen in answer[1]) is always


def test_another_language_of_the_offer() -> None:
    sketch = rivals()
    sketch.visit("V", "h", languages="e", weeks=(0,), delegations_min=2)
    sketch.visit("W", "k", themes="Y", languages="f", weeks=(1,))
    sketch.needs_of("k", "X")
    sketch.option("V", "a", points={"X": 60}, interpreted="", speaks="e")
    problem = sketch.problem(policy=Policy(order=FIRST))
    # Nothing says that a takes part in French: no such entry; with a visit in French there is.
    assert Change.LANGUAGE not in {entry.code for entry in Menu(problem).entries(0)}
    sketch.needs.insert(1, sketch.needs[0].model_copy(update={"theme": 1}))
    sketch.option("W", "a", points={"Y": 5}, speaks="f")
    menu = Menu(sketch.problem(policy=Policy(order=FIRST)))
    change = Code(Change.LANGUAGE, {"offer": "V", "language": "f"})
    assert change in menu.entries(0)
    changed = menu.after(change)
    assert changed.visits[0].languages == (0, 1)
    row = changed.tongues[int(changed.options.tongue[0])]
    assert [tongue.language for tongue in row] == [0, 1]


def test_who_loses_is_named() -> None:
    """The Observer's mission comes first and takes the money of another State's visit."""
    sketch = Sketch("abhk", b={"observer": True})
    sketch.needs_of("a", "X")
    sketch.needs_of("b", "Y", mission="Y")
    sketch.source("S", 5)
    sketch.visit("V", "h")
    sketch.expert("E", "h")
    sketch.expert("F", "k", missions=0)
    sketch.option("V", "a", cost=5)
    sketch.option("E", "b", cost=5)
    sketch.option("F", "b", speaks="", covers="Y")
    found = only(sketch.problem(policy=Policy(order=(ObjectiveCode.OBSERVERS, *FIRST))))
    assert (found.guest, found.obstacle.code) == ("b", Barrier.SEVERAL_LIMITS)
    assert found.change == Code(Change.MISSION, {"expert": "F"})
    assert found.losers == ("a",)


def test_the_menu_is_in_the_order_of_cost() -> None:
    order = list(Change)
    places = {Change.PLACE: 0, Change.VISIT: 0, Change.MISSION: 0}
    for seed in range(1, 20):
        problem = drawn(seed)
        for need in range(len(problem.needs)):
            entries = Menu(problem).entries(need)
            ranks = [places.get(Change(e.code), order.index(Change(e.code))) for e in entries]
            assert ranks == sorted(ranks)
            for entry in entries:
                assert set(entry.parameters) == set(PARAMETERS[entry.code])


def _worse(problem: JointProblem, before: Items, after: Items) -> set[str]:
    facts = Facts(problem)
    return {
        row.key for row in problem.parties
        if _level(facts, row.key, after) < _level(facts, row.key, before)
    }  # fmt: skip


def _level(facts: Facts, guest: str, chosen: Items) -> int:
    items = [i for i in chosen if guest in {p.guest for p in i.places}]
    if not items:
        return 0
    mine = [
        i.model_copy(update={"places": tuple(p for p in i.places if p.guest == guest)})
        for i in items
    ]
    return levels(facts, tuple(mine))[0]


def test_others_took_the_places() -> None:
    found = only(two_for_one_mentor().problem(policy=Policy(order=FIRST)))
    assert (found.guest, found.theme) == ("b", "X")
    assert found.obstacle == Code(Barrier.PLACES, {"offers": ("M",)})
    assert found.change == Code(Change.PLACE, {"offer": "M"})
    assert found.losers == ()


def test_nothing_possible_has_one_answer_whatever_the_reason() -> None:
    sketch = two_for_one_mentor()
    sketch.needs_of("k", "Z")
    problem = sketch.problem(policy=Policy(order=FIRST))
    plan = solve(problem).plan
    assert plan is not None
    answers = {row.guest: row for row in unmet(problem, plan)}
    assert answers["k"].obstacle == Code(ObstacleCode.OWN_CONDITIONS)
    assert answers["k"].change is None
    assert answers["k"].tried == 0


def test_parties_that_are_apart_are_told_what_all_are_told() -> None:
    sketch = Sketch("abh")
    sketch.needs_of("a", "X")
    sketch.needs_of("b", "X")
    sketch.visit("V", "h", weeks=(0,))
    sketch.option("V", "a", points={"X": 60})
    sketch.option("V", "b", points={"X": 40})
    together = sketch.problem(policy=Policy(order=FIRST))
    plan = solve(together).plan
    assert plan is not None
    assert unmet(together, plan) == ()
    found = only(
        sketch.problem(policy=Policy(order=FIRST), apart=((Instrument.STUDY_VISIT, 0, 1),))
    )
    assert found.obstacle in (
        Code(ObstacleCode.OWN_CONDITIONS), Code(Barrier.SEVERAL_LIMITS),
    )  # fmt: skip


def test_money_weeks_groups_and_own_limits_are_told_apart() -> None:
    sketch = Sketch("abh")
    sketch.needs_of("a", "X")
    sketch.source("S", 5)
    sketch.visit("V", "h")
    sketch.option("V", "a", cost=7)
    found = only(sketch.problem(policy=Policy(order=FIRST)))
    assert found.obstacle == Code(Barrier.MONEY, {"sources": ("S",)})
    assert found.change == Code(Change.MONEY, {"source": "S", "amount": 7})

    sketch = Sketch("abh")
    sketch.needs_of("a", "X")
    sketch.visit("V", "h", delegations_min=2)
    sketch.option("V", "a")
    found = only(sketch.problem(policy=Policy(order=FIRST)))
    assert found.obstacle == Code(Barrier.GROUP, {"offers": ("V",)})
    assert found.change is None

    sketch = Sketch("abh", a={"guest": Load(total=0)})
    sketch.needs_of("a", "X")
    sketch.mentor("M", "h")
    sketch.option("M", "a")
    found = only(sketch.problem(policy=Policy(order=FIRST)))
    assert found.obstacle == Code(Barrier.OWN_LOAD)

    sketch = Sketch("abh")
    sketch.needs_of("a", "XY")
    sketch.visit("V", "h", themes="X", weeks=(0,))
    sketch.course("C", "h", themes="Y", weeks=(0,), modes=(1,))
    sketch.option("V", "a", points={"X": 60})
    sketch.option("C", "a", points={"Y": 10}, mode=1)
    found = only(sketch.problem(policy=Policy(order=FIRST)))
    assert (found.theme, found.obstacle) == ("Y", Code(Barrier.EARLIER_AIM, {"objective": "fit"}))


def test_what_was_set_aside_is_said() -> None:
    sketch = Sketch("ah")
    sketch.needs_of("a", "X")
    sketch.mentor("M", "h")
    sketch.option("M", "a")
    pair = Pairing(guest="a", host="h")
    for problem in (
        sketch.problem(policy=Policy(order=FIRST, exclusions=(pair,))),
        sketch.problem(policy=Policy(order=FIRST), previous=Previous(declined=(pair,))),
    ):
        found = only(problem)
        assert found.obstacle == Code(Barrier.SET_ASIDE, {"hosts": ("h",)})
        assert found.change is None


def test_a_large_problem_is_asked_near_the_plan_and_the_answer_is_a_claim(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "WHOLE", 0)
    problem = two_for_one_mentor().problem(policy=Policy(order=FIRST))
    found = only(problem)
    assert found.obstacle == Code(Barrier.PLACES, {"offers": ("M",)})
    assert found.change == Code(Change.PLACE, {"offer": "M"})
    assert not found.proven


def test_cancelling_ends_the_questions() -> None:
    problem = two_for_one_mentor().problem(policy=Policy(order=FIRST))
    plan = solve(problem).plan
    assert plan is not None
    assert unmet(problem, plan, cancel=lambda: True) == ()
