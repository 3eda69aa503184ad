"""No plan possible: the rules that are named clash, none can be spared, and none fewer do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

from matching.joint.clash import least_relaxation, smallest_clash
from matching.joint.model import JointProblem
from matching.joint.plan import solve
from matching.joint.reasons import PARAMETERS, Rule
from matching.joint.rules import Relaxable, rules
from matching.model import Clash, Load, OutcomeCode, Pairing, Policy, Previous
from tests.matching.joint.brute import TooMany, plans
from tests.matching.joint.draw import drawn
from tests.matching.joint.rich import item
from tests.matching.joint.small import Sketch

SEEDS = (0, 12, 24, 36, 48, 84, 96)


def possible(problem: JointProblem) -> bool | None:
    """Whether there is a plan; None when there are too many sets of items to look at."""
    try:
        return next(plans(problem), None) is not None
    except TooMany:
        return None


def without(problem: JointProblem, lifted: list[Relaxable]) -> JointProblem:
    for rule in lifted:
        problem = rule.lifted(problem)
    return problem


def test_a_smallest_set_is_named() -> None:
    said: Counter[object] = Counter()
    for seed in SEEDS:
        problem = drawn(seed)
        found, every = smallest_clash(problem), rules(problem)
        named = [rule for rule in every if rule.clash in found]
        others = [rule for rule in every if rule.clash not in found]
        assert len(named) == len([clash for clash in found if clash.code is not Rule.IMPOSSIBLE])
        alone = possible(without(problem, others))
        assert alone is not True
        for rule in named:
            assert possible(without(problem, [*others, rule])) is not False
        for size in range(len(named)):
            for fewer in combinations(every, size):
                rest = [rule for rule in every if rule not in fewer]
                assert possible(without(problem, rest)) is not False
        said[len(named)] += 1
        said["sure"] += alone is False
        for clash in found:
            said[clash.code] += 1
            assert set(clash.parameters) == set(PARAMETERS[clash.code])
    assert said["sure"] >= 6
    assert said[1] >= 3
    assert said[2] + said[3] + said[4] >= 3
    assert {Rule.PIN, Rule.IMPOSSIBLE, Rule.MINIMUM, Rule.MONEY} <= set(said)


def test_as_few_rules_as_possible_are_relaxed() -> None:
    sure = 0
    for seed in SEEDS:
        problem = drawn(seed)
        found = least_relaxation(problem)
        every = rules(problem)
        lifted = [rule for rule in every if rule.clash in found]
        answer = possible(without(problem, lifted))
        assert answer is not False
        sure += answer is True
        for size in range(len(lifted)):
            for fewer in combinations(every, size):
                assert possible(without(problem, list(fewer))) is not True
    assert sure >= 6


def full_mentor() -> JointProblem:
    sketch = Sketch("abh", h={"host": Load(total=1)})
    for guest in "ab":
        sketch.needs_of(guest, "X")
    sketch.mentor("M", "h", capacity=2)
    sketch.option("M", "a")
    sketch.option("M", "b")
    pins = (Pairing(guest="a", host="h"), Pairing(guest="b", host="h"))
    return sketch.problem(pins=pins)


def test_the_clash_is_part_of_the_result_of_a_solve() -> None:
    result = solve(full_mentor())
    assert result.outcome is OutcomeCode.NO_PLAN
    words = {"host": "h", "instrument": "mentorship"}
    assert result.clash == (
        Clash(Rule.HOST_LOAD, {"party": "h"}),
        Clash(Rule.PIN, {"guest": "a", **words}), Clash(Rule.PIN, {"guest": "b", **words}),
    )  # fmt: skip
    assert least_relaxation(full_mentor()) == (Clash(Rule.HOST_LOAD, {"party": "h"}),)


def test_a_pin_that_is_no_option_clashes_with_what_nobody_is_told() -> None:
    sketch = Sketch("abh")
    sketch.needs_of("a", "X")
    sketch.mentor("M", "h")
    sketch.option("M", "a")
    problem = sketch.problem(pins=(Pairing(guest="b", host="h"),))
    assert [clash.code for clash in smallest_clash(problem)] == [Rule.PIN, Rule.IMPOSSIBLE]


def test_a_pin_clashes_with_an_exclusion_a_refusal_or_a_limit() -> None:
    sketch = Sketch("abh", a={"guest": Load(total=0)})
    for guest in "ab":
        sketch.needs_of(guest, "X")
    sketch.mentor("M", "h")
    sketch.option("M", "a")
    sketch.option("M", "b")
    mine, other = Pairing(guest="a", host="h"), Pairing(guest="b", host="h")
    for problem, rule in (
        (sketch.problem(pins=(other,), policy=Policy(exclusions=(other,))), Rule.EXCLUSION),
        (sketch.problem(pins=(other,), previous=Previous(declined=(other,))), Rule.DECLINED),
        (sketch.problem(pins=(mine,)), Rule.GUEST_LOAD),
        (sketch.problem(pins=(other,), previous=Previous(accepted=(mine,))), Rule.GUEST_LOAD),
    ):
        assert [clash.code for clash in smallest_clash(problem)][:1] == [rule]
        assert len(smallest_clash(problem)) == 2
    both = sketch.problem(
        pins=(mine,), previous=Previous(accepted_items=(item("mentorship", "M", "h", "b"),))
    )
    loose = replace(both, parties=Sketch("abh").parties)
    assert [clash.code for clash in smallest_clash(loose)] == [
        Rule.CAPACITY, Rule.ACCEPTED, Rule.PIN,
    ]  # fmt: skip


def test_nothing_clashes_where_a_plan_is_possible() -> None:
    for seed in range(1, 12):
        assert smallest_clash(drawn(seed)) == ()
        assert least_relaxation(drawn(seed)) == ()
