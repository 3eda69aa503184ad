"""Schedules of meetings: the best there is, the same each time, stopped when asked."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.codes import OutcomeCode
from matching.forum.meetings.check import check
from matching.forum.meetings.codes import MeetingObjective, MeetingRule
from matching.forum.meetings.frame import frame_of
from matching.forum.meetings.generate import generate
from matching.forum.meetings.kempe import Chains
from matching.forum.meetings.meaning import in_document, sound
from matching.forum.meetings.model import (
    Kept,
    MeetingSlot,
    MeetingsPlan,
    MeetingsProblem,
    Participant,
    Wish,
)
from matching.forum.meetings.profiles import fewest_gaps
from matching.forum.meetings.rows import SIZES
from matching.forum.meetings.solve import solve
from matching.watch import Watch
from tests.matching.meetings import brute

HARD = generate(80, 300, 10, 31, 0)


def vector(plan: MeetingsPlan) -> dict[MeetingObjective, int]:
    return {line.code: line.value for line in plan.objectives}


def test_every_schedule_of_tiny_problems_agrees() -> None:
    seen: Counter[str] = Counter()
    for seed in range(120):
        problem = sound(brute.draw(seed), in_document)
        expected = brute.best(problem)
        result = solve(problem, seed=seed)
        if expected is None:
            assert result.outcome is OutcomeCode.NO_PLAN
            seen["impossible"] += 1
            continue
        assert result.plan is not None
        assert result.outcome is OutcomeCode.PROVEN
        assert check(problem, result.plan).violations == ()
        found = vector(result.plan)
        moved, weight, gaps = expected
        assert found.get(MeetingObjective.MOVED, 0) == moved
        assert found[MeetingObjective.WEIGHT] == -weight
        assert found[MeetingObjective.BREAKS] == gaps
        assert all(line.proven for line in result.plan.objectives)
        seen["gaps"] += gaps > 0
        seen["moved"] += moved > 0
        seen["not everything"] += -weight < sum(wish.weight for wish in problem.wishes)
        seen["interpreter"] += any(item.interpreter for item in result.plan.items)
    assert seen["impossible"] >= 20
    assert seen["gaps"] >= 10
    assert seen["moved"] >= 10
    assert seen["not everything"] >= 10
    assert seen["interpreter"] >= 10


def test_a_clash_leaves_no_schedule_and_none_of_its_rules_can_be_left_out() -> None:
    codes: Counter[MeetingRule] = Counter()
    for seed in range(150, 290):
        problem = brute.draw(seed)
        if brute.best(problem) is not None:
            continue
        result = solve(problem)
        assert result.smallest
        kept = list(result.clash)
        assert next(brute.schedules(problem, kept), None) is None
        for rule in kept:
            rest = [other for other in kept if other is not rule]
            assert next(brute.schedules(problem, rest), None) is not None, (seed, rule)
        codes.update(MeetingRule(rule.code) for rule in kept)
    assert set(codes) == set(MeetingRule)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_profiles_never_promise_too_much(seed: int) -> None:
    problem = brute.draw(seed)
    expected = brute.best(problem)
    if expected is not None:
        bound = fewest_gaps(frame_of(problem), -expected[1], Watch(None, None, None, 1), 0)
        assert 0 <= bound <= expected[2]


def test_profiles_are_exact_where_everything_is_forced() -> None:
    slots = tuple(MeetingSlot(key=key, tables=1) for key in "123")
    people = tuple(Participant(key=key, away=("2",)) for key in "AB")
    wishes = (Wish(key="w", a="A", b="B"), Wish(key="v", a="A", b="B"))
    problem = MeetingsProblem(slots=slots, participants=people, wishes=wishes, place_all=True)
    assert fewest_gaps(frame_of(problem), 2, Watch(None, None, None, 1), 0) == 2


@pytest.mark.parametrize("languages", [False, True])
def test_chains_keep_every_rule_and_remove_gaps(languages: bool) -> None:
    problem = generate(30, 90, 8, 13, 3)
    if languages:
        people = tuple(
            person.model_copy(update={"languages": ("en",) if at % 5 else ("fr",)})
            for at, person in enumerate(problem.participants)
        )
        slots = tuple(slot.model_copy(update={"interpreters": 6}) for slot in problem.slots)
        problem = problem.model_copy(update={"participants": people, "slots": slots})
    start = solve(problem.model_copy(update={"fairness": None}), time_limit=20)
    assert start.plan is not None
    frame = frame_of(problem)
    wish = {row.key: at for at, row in enumerate(problem.wishes)}
    slot = {row.key: at for at, row in enumerate(problem.slots)}
    schedule = [-1] * len(wish)
    for item in start.plan.items:
        schedule[wish[item.wish]] = slot[item.slot]
    # A schedule that nobody would want: the slots in another order.
    order = [0, 4, 1, 5, 2, 6, 3, 7]
    mixed = [order[at] for at in schedule]
    possible = {at for at, here in enumerate(mixed) if here in frame.possible[at]}
    mixed = [here if at in possible else -1 for at, here in enumerate(mixed)]
    fixed = set(sorted(possible)[:3])
    found = Chains(frame, mixed, fixed).anneal(0, 100_000, 0, Watch(None, None, None, 1))
    assert found is not None
    before, after = (sum(frame.breaks_by_participant(s)) for s in (mixed, found))
    assert after < before / 2
    assert [found[at] for at in fixed] == [mixed[at] for at in fixed]
    assert [at for at, here in enumerate(found) if here < 0] == sorted(
        set(wish.values()) - possible
    )
    for at, here in enumerate(found):
        assert here < 0 or here in frame.possible[at]
    for here in range(8):
        placed = [at for at, where in enumerate(found) if where == here]
        people_here = [person for at in placed for person in frame.pairs[at]]
        assert len(people_here) == len(set(people_here))
        assert len(placed) <= 13
        assert sum(frame.interpreted[at] for at in placed) <= frame.interpreters[here]
    assert max(frame.breaks_by_participant(found)) <= 2


@pytest.mark.parametrize("workers", [1, 2])
def test_same_seed_and_workers_same_schedule(workers: int) -> None:
    problem = generate(30, 100, 8, 14, 5)
    first, second = (solve(problem, seed=7, workers=workers) for _ in range(2))
    assert first.plan is not None
    assert first.plan.outcome is OutcomeCode.PROVEN
    assert first.plan == second.plan


def test_the_size_of_a_forum_is_proven() -> None:
    name, participants, wishes, slots, tables, _ = SIZES[0]
    problem = generate(participants, wishes, slots, tables, 0)
    result = solve(problem, workers=2, time_limit=60)
    assert result.outcome is OutcomeCode.PROVEN, name
    assert result.plan is not None
    assert check(problem, result.plan).violations == ()


def test_a_time_limit_gives_the_best_schedule_with_its_gap() -> None:
    begin = time.perf_counter()
    result = solve(HARD, time_limit=4)
    assert time.perf_counter() - begin < 5.5
    assert result.outcome is OutcomeCode.TIME_LIMIT
    if result.plan is not None:
        line = result.plan.objectives[-1]
        assert line.gap == line.value - line.bound > 0
        assert not line.proven
        assert check(HARD, result.plan).violations == ()


def test_a_solve_stops_within_a_second_when_asked() -> None:
    asked: list[float] = []

    def cancel() -> bool:
        if time.perf_counter() - begin > 1:
            asked.append(time.perf_counter())
        return bool(asked)

    begin = time.perf_counter()
    result = solve(HARD, workers=2, cancel=cancel)
    assert time.perf_counter() - asked[0] < 1.5
    assert result.outcome is OutcomeCode.CANCELLED


def test_a_withdrawn_wish_moves_nobody_else() -> None:
    problem = generate(20, 50, 8, 9, 1)
    first = solve(problem)
    assert first.plan is not None
    gone = first.plan.items[0].wish
    after = problem.model_copy(
        update={
            "wishes": tuple(wish for wish in problem.wishes if wish.key != gone),
            "previous": tuple(
                Kept(wish=item.wish, slot=item.slot) for item in first.plan.items[1:]
            ),
        }
    )
    second = solve(after)
    assert second.plan is not None
    assert vector(second.plan)[MeetingObjective.MOVED] == 0


def test_progress_tells_each_objective() -> None:
    told: list[object] = []
    problem = generate(20, 50, 8, 9, 1).model_copy(update={"place_all": False})
    solve(problem, progress=lambda *words: told.append(words[2]))
    assert told[:1] == [MeetingObjective.WEIGHT]
    assert told[-1] is MeetingObjective.BREAKS
