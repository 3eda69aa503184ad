"""The worst-off with several mentors: the lowest total as high as possible, then the next.

The ceiling comes from the relaxation in which every mentee reaches a common total. Level after
level: fewest mentees at the lowest total, then the next total as high as possible, and so on. Where
those at a level can't get above it whatever is done, everyone else simply has a higher floor and
the relaxation stays sharp. Where who stays below is itself a choice, an exact search decides, with
a limit of work; what it leaves open is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matching.model import Column, ObjectiveCode, ProofStep, WorstOff
from matching.several import exact
from matching.several.bound import Weighed, lower_bound
from matching.several.critical import competing, highest_among, with_chosen
from matching.several.ground import Ground, Mask, Quantity
from matching.several.near import MARGIN, near
from matching.several.relax import Limits, Relaxed, lift, relax, whole_prices
from matching.steps import Step

if TYPE_CHECKING:
    from matching.several.steps import Run

CODE = ObjectiveCode.WORST_OFF
QUICK_ROUNDS = 3
WORK = 5.0
"""Deterministic time for one question of who stays at a level; what it leaves open is said."""

SEARCHES = 80
"""Searches for all levels above the lowest together; what they leave open is said."""


def worst_off(run: Run) -> Iterator[Step]:
    """The lowest total is as high as possible, then the next, and so on."""
    rule = run.problem.policy.worst_off
    if rule is WorstOff.OFF or not len(run.chosen):
        yield run.step(CODE, None)
        return
    low, high, raised = _ceiling(run)
    if raised is not None and low < high:
        high = _priced_ceiling(run, low, high, raised)
        yield run.step(CODE, None, finished=False, bound=high)
        low, high = _decided_by_few(run, low, high, raised)
    trial = high
    while low < high:
        found = _reach(run, _floors(run, trial), raised, trial)
        if found is not None:
            run.chosen, low = found, lowest(run.ground, found)
        else:
            high = trial - 1
        yield run.step(CODE, None, finished=False, bound=high)
        trial = (low + high + 1) // 2
    proof = _floor_proof(run, low, raised)
    run.limits = _floors(run, low)
    run.floor = low
    yield run.step(CODE, proof, finished=rule is WorstOff.MINIMUM, bound=low)
    if rule is WorstOff.LEXIMIN:
        run.searches = 0
        yield from _levels(run, low)


def lowest(ground: Ground, chosen: Column, above: int = -1) -> int:
    """The lowest total above one, of covered mentees."""
    totals = ground.totals(chosen)
    return int(totals[totals > above].min())


def _floors(run: Run, floor: int, exempt: Mask | None = None) -> Limits:
    """The limits with a floor for everyone but those exempt, who keep theirs."""
    floors = np.maximum(run.limits.floors, floor)
    if exempt is not None:
        floors = np.where(exempt, run.limits.floors, floors)
    return replace(run.limits, floors=floors)


def _ceiling(run: Run) -> tuple[int, int, Relaxed | None]:
    """Lowest total now, the highest that fractions of pairs allow, and their relaxation."""
    low = lowest(run.ground, run.chosen)
    best = run.ground.best_totals()
    if run.limits.must.any():
        return low, *_lifted(run, low, int(best[run.limits.must].min()), run.limits.must)
    high = int(best.max())
    while low < high and not run.stopped():
        middle = (low + high + 1) // 2
        run.solves += 1
        cover = run.ground.quantity(ObjectiveCode.COVER)
        if relax(run.ground, _floors(run, middle), cover) is None:
            high = middle - 1
        else:
            low = middle
    return lowest(run.ground, run.chosen), high, None


def _lifted(run: Run, low: int, high: int, raising: Mask) -> tuple[int, Relaxed | None]:
    """How high fractions of pairs can raise the lowest total of some, at most ``high``."""
    if low >= high:
        return max(low, high), None
    raised = lift(run.ground, run.limits, raising)
    run.solves += 1
    if raised is None:
        raise ArithmeticError("the relaxation excludes the plan at hand")
    high = min(high, int(np.floor(raised.value * (1 + MARGIN) + 1e-6)))
    return max(low, high), raised


def _reach(
    run: Run, limits: Limits, raised: Relaxed | None, floor: int, rounds: int = QUICK_ROUNDS
) -> Column | None:
    """A plan with these floors; None when there is none."""
    fit = run.ground.quantity(ObjectiveCode.FIT)
    relaxed = relax(run.ground, limits, fit)
    run.solves += 1
    if relaxed is None:
        return None
    plan = relaxed.whole()
    if plan is not None and run.keeps(plan, limits):
        return plan
    away = max(1.0, abs(relaxed.value) * 1e-5)
    for _ in range(rounds):
        keep, sure = near(limits, relaxed, away)
        found = run.search(limits, fit, None, keep, sure, relaxed)
        if found is not None:
            return found
        away *= 8
    keep, sure = limits.keep, limits.sure
    if raised is not None:
        keep, sure = near(limits, raised, raised.value - floor)
    return run.search(limits, fit, None, keep, sure, relaxed)


def _priced_ceiling(run: Run, low: int, high: int, raised: Relaxed) -> int:
    """The highest floor that the relaxation's prices leave possible: whole sets cost more."""
    while low < high:
        middle = (low + high) // 2
        if _floor_proof(run, middle, raised) is None:
            low = middle + 1
        else:
            high = middle
    return high


def _decided_by_few(run: Run, low: int, high: int, raised: Relaxed) -> tuple[int, int]:
    """Raise the lowest total of those who compete, then see whether the others can follow."""
    prices = whole_prices(raised.prices, [], run.ground.quantity(CODE), [], counts=False).prices
    few = competing(run.ground, prices, high)
    if not few.any():
        return low, high
    run.solves += 1
    chosen, high = highest_among(
        run.ground, run.limits, few, low, high, watch=run.watch, seed=run.seed
    )
    if run.stopped():
        raise exact.Stopped
    if chosen is not None:
        reached = int(run.ground.totals(chosen)[few].min())
        limits = with_chosen(_floors(run, reached), run.ground, few, chosen)
        found = _reach(run, limits, None, reached, rounds=1) if reached > low else None
        if found is not None:
            run.chosen, low = found, lowest(run.ground, found)
    return low, max(low, high)


def _floor_proof(run: Run, floor: int, raised: Relaxed | None) -> ProofStep | None:
    """Prices under which no plan as good as this one has everyone above the floor."""
    nothing = run.ground.quantity(CODE)
    earlier = run.earlier()
    none = np.zeros(len(run.ground.capacity), np.int64)
    weighed = Weighed(nothing, 0, tuple((q, 0) for q in earlier), none)
    if raised is not None:
        weighed = whole_prices(
            raised.prices, raised.weights.tolist(), nothing, earlier, counts=False
        )
    weighed = run.covering(weighed)
    values = [value for _, value in run.limits.frozen]
    found = lower_bound(run.ground, weighed, values, floor + 1)
    if found is not None and found <= 0:
        return None
    return run.proof(weighed, below=floor)


def _levels(run: Run, level: int) -> Iterator[Step]:
    """Fewest mentees at each level, then the next level as high as possible."""
    raised: Relaxed | None = None
    settled = True
    while True:
        quantity = run.ground.quantity(CODE, upto=level)
        proof, known = _fewest(run, quantity, raised)
        settled &= known
        now = run.ground.value(quantity, run.chosen)
        more = bool((run.ground.totals(run.chosen) > level).any())
        yield run.step(CODE, proof, finished=settled and not more, bound=run.floor)
        if not more or not settled:
            return
        stuck = run.limits.must & (run.ground.best_totals() <= level)
        tight = int(stuck.sum()) == now
        known, raised = _next(run, level, now, stuck if tight else None)
        settled &= known
        level = lowest(run.ground, run.chosen, level)
        if not settled:
            yield run.step(CODE, None, finished=False, bound=run.floor)
        below = run.ground.quantity(CODE, upto=level - 1)
        run.limits = replace(run.limits, frozen=(*run.limits.frozen, (below, now)))
        if tight:
            run.sharp.add(level - 1)
            run.limits = _floors(run, level, stuck | ~run.limits.must)
        if not settled:
            return


def _fewest(run: Run, quantity: Quantity, raised: Relaxed | None) -> tuple[ProofStep | None, bool]:
    """Fewest mentees at a level: proof, and whether it is known to be the fewest."""
    now = run.ground.value(quantity, run.chosen)
    none = np.zeros(len(run.ground.capacity), np.int64)
    trials = [Weighed(quantity, 1, tuple((q, 0) for q in run.earlier()), none)]
    if raised is not None:
        weights = [*raised.weights.tolist(), 0.0]
        prices = whole_prices(raised.prices, weights, quantity, run.earlier(), counts=False)
        trials.append(replace(prices, scale=2**60))
    for weighed in trials:
        weighed = run.covering(weighed)
        if run.bound(weighed) == now:
            return run.proof(weighed), True
    relaxed = run.relaxed(quantity)
    weighed, bound = run.priced(quantity, relaxed)
    while (now := run.ground.value(quantity, run.chosen)) > bound:
        limits = run.limits
        try:
            found = run.search(
                limits, quantity, now - 1, limits.keep, limits.sure, relaxed, work=WORK
            )
        except exact.Unknown:
            return None, False
        if found is None:
            return None, True
        run.chosen = found
    return run.proof(weighed), True


def _next(run: Run, level: int, count: int, stuck: Mask | None) -> tuple[bool, Relaxed | None]:
    """Raise the lowest total above a level, while as few as now stay at it.

    Returns
    -------
    bool
        Whether no higher one is possible.
    Relaxed or None
        The relaxation that says so.
    """
    low = lowest(run.ground, run.chosen, level)
    # Whoever is covered, at best they are those who can reach most.
    covered = int(run.ground.covered(run.chosen).sum())
    best = np.sort(run.ground.best_totals()[run.ground.able])[-covered:]
    high, raised = int(best[count]), None
    if stuck is not None:
        rising = run.limits.must & ~stuck
        high, raised = _lifted(run, low, high, rising)
    trial = high
    while low < high:
        if run.searches > SEARCHES:
            return False, None
        try:
            if stuck is not None:
                limits = _floors(run, trial, stuck | ~run.limits.must)
                found = _reach(run, limits, raised, trial)
            else:
                found = _reach_counted(run, trial, count)
        except exact.Unknown:
            return False, None
        if found is not None:
            run.chosen, low = found, lowest(run.ground, found, level)
        else:
            high = trial - 1
        trial = (low + high + 1) // 2
    return True, raised


def _reach_counted(run: Run, floor: int, count: int) -> Column | None:
    """A plan with at most so many mentees below a floor; None when there is none."""
    below = run.ground.quantity(CODE, upto=floor - 1)
    limits = replace(run.limits, frozen=(*run.limits.frozen, (below, count)))
    relaxed = relax(run.ground, limits, below)
    run.solves += 1
    if relaxed is None:
        return None
    return run.search(limits, below, None, limits.keep, limits.sure, relaxed, work=WORK)
