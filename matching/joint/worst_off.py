"""The worst-off objective of a joint plan: level by level, or in steps where there are too many."""

from __future__ import annotations

from matching.joint import search as searching
from matching.joint.search import STEP_WEIGHT, STEPS, Search
from matching.joint.value import levels_of
from matching.model import ObjectiveCode, WorstOff


def raise_worst_off(search: Search) -> bool:
    """The lowest satisfaction as high as possible, then fewest at it, then the next."""
    plan, aims = search.plan, search.aims
    if not search.whole:
        _weighed(search)
    floor = plan.model.new_int_var(0, 100, "")
    for guest, literal in plan.covered.items():
        plan.model.add(aims.satisfaction[guest] >= floor).only_enforce_if(literal)
    work = None if search.whole else searching.WORK[ObjectiveCode.WORST_OFF] / 2
    answer = search.run(floor, work=work)
    proven = search.whole and answer is not None and answer.proven
    levels = levels_of(search.problem, search.items)
    if not levels:
        return proven
    plan.model.add(floor >= levels[0][0])
    if search.problem.policy.worst_off is WorstOff.MINIMUM:
        return proven or levels[0][0] == search.bounds.simple(ObjectiveCode.WORST_OFF)
    return _leximin(search, levels[0][0], proven)


def _leximin(search: Search, level: int, proven: bool) -> bool:
    """Fewest States at a level or below, then at the next that the plan has."""
    plan = search.plan
    while not search.watch.stopped():
        low = []
        for guest, literal in plan.covered.items():
            at_most = plan.literal()
            plan.model.add(search.aims.satisfaction[guest] >= level + 1).only_enforce_if(
                literal, at_most.negated()
            )
            low.append(at_most)
        settled = search.bounds.settled(search.items, level)
        if search.whole:
            answer = search.run(sum(low), least=True, work=None)
            proven &= answer is not None and answer.proven
        else:
            proven = settled
        counts = levels_of(search.problem, search.items)
        plan.model.add(sum(low) <= sum(count for at, count in counts if at <= level))
        higher = [at for at, _ in counts if at > level]
        if not higher or not (search.whole or settled):
            return proven and not higher
        # Nobody falls between the two levels: the next minimum is not to be had that way.
        between = []
        for guest, literal in plan.covered.items():
            under = plan.literal()
            plan.model.add(search.aims.satisfaction[guest] >= higher[0]).only_enforce_if(
                literal, under.negated()
            )
            between.append(under)
        plan.model.add(sum(between) <= sum(count for at, count in counts if at <= level))
        level = higher[0]
    return False


def _weighed(search: Search) -> None:
    """Fewest States below each of some steps, the lowest step weighing most.

    On a large Problem the levels can't be settled one by one in time: this makes the worst
    off better off, and what it reaches is not called proven.
    """
    below = search.below or search.steps()
    weights = [STEP_WEIGHT ** (len(STEPS) - at) for at in range(len(STEPS))]
    aim = sum(w * sum(low) for w, low in zip(weights, below, strict=True))
    answer = search.run(aim, least=True, work=searching.WORK[ObjectiveCode.WORST_OFF])
    if answer is not None:
        for step, low in zip(STEPS, below, strict=True):
            count = sum(answer.solver.value(under) for under in low)
            search.plan.model.add(sum(low) <= count)
            search.bounds.hold_below(step, search.able(step), count)
