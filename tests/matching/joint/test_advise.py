"""Advice: an imagined offer is a Problem like others, and what it would serve is really served."""

from __future__ import annotations

from collections import Counter

from matching.joint.advise import advise, with_offer
from matching.joint.documents import dump_problem, read_problem
from matching.joint.plan import solve
from matching.model import Instrument, ObjectiveCode, Policy
from tests.matching.joint.answers import served, solved
from tests.matching.joint.brute import TooMany, best
from tests.matching.joint.draw import drawn
from tests.matching.joint.small import Sketch

KINDS = list(Instrument)


def test_an_imagined_offer_makes_a_sound_problem_and_serves_what_is_said() -> None:
    said: Counter[object] = Counter()
    for seed in range(1, 20):
        problem, plan = drawn(seed), solved(seed)
        if plan is None:
            continue
        now = len(served(problem, plan.items))
        for row in advise(problem, plan):
            language = problem.languages.index(row.language) if row.language else -1
            kind = KINDS.index(row.instrument)
            richer = with_offer(problem, kind, problem.themes.index(row.theme), language)
            assert dump_problem(read_problem(dump_problem(richer))) == dump_problem(richer)
            assert row.proven
            assert row.served > 0
            said[row.instrument] += 1
            try:
                answer = best(richer)
            except TooMany:
                continue
            assert answer is not None
            assert row.served in {len(served(richer, chosen)) - now for chosen in answer[1]}
            said["sure"] += 1
    assert said["sure"] >= 4
    assert said.total() - said["sure"] >= 8


def test_the_offer_that_serves_most_comes_first() -> None:
    sketch = Sketch("abch")
    for guest, themes in (("a", "XZ"), ("b", "XZ"), ("c", "YZ")):
        sketch.needs_of(guest, themes)
    sketch.mentor("M", "h")
    for guest in "abc":
        sketch.option("M", guest, points={"Z": 50})
    problem = sketch.problem(policy=Policy(order=(ObjectiveCode.COVER, ObjectiveCode.FIT)))
    plan = solve(problem).plan
    assert plan is not None
    found = advise(problem, plan)
    # M has one of the three; an offer of Z serves the two who wait, one of Y only c.
    by_theme = {row.theme: row.served for row in found if row.instrument is Instrument.MENTORSHIP}
    assert by_theme["Z"] == 2
    assert by_theme["Y"] == 1
    assert [row.served for row in found] == sorted((row.served for row in found), reverse=True)
    assert advise(problem, plan, most=1) == found[:1]
    assert advise(problem, plan, cancel=lambda: True) == ()
