"""A bound from prices of places, in whole numbers, and the prices out of a relaxation's.

For prices *p* of places and weights *mu* >= 0 on the quantities *q* of earlier objectives (whose
values *v* no plan under comparison exceeds), and a scale *D*, no plan has *D* times the objective
*c* below

    L = sum_i min over allowed sets S of ( D c_i(S) + sum_q mu_q q_i(S) + p(S) )
      + sum_j min over loads y of ( D c_j(y) + sum_q mu_q q_j(y) - p_j y )  -  sum_q mu_q v_q.

The set of a mentee is chosen exactly (at most so many mentors, the total not below the floor), so
this bound is at least that of the linear relaxation (Dantzig-Wolfe; A. M. Geoffrion, *Lagrangean
relaxation for integer programming*, 1974).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.model import Column
from matching.several.ground import Ground, Quantity

Set = tuple[int, int]
"""A set of mentors of one mentee: cost and total."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """An objective with its scale, earlier quantities with their weights, and prices."""

    objective: Quantity
    scale: int
    earlier: tuple[tuple[Quantity, int], ...]
    prices: Column

    def parts(self) -> list[tuple[Quantity, int]]:
        return [(self.objective, self.scale), *self.earlier]


def lower_bound(
    ground: Ground, weighed: Weighed, values: Sequence[int], floor: int | None
) -> int | None:
    """The bound L, or None when some mentee has no allowed set: then there is no such plan.

    Parameters
    ----------
    values
        What the earlier quantities come to.
    floor
        Lowest total allowed to a covered mentee.
    """
    cost = weighed.prices[ground.head].copy()
    empty, squares = 0, 0
    levels: list[tuple[int, int]] = []
    for quantity, weight in weighed.parts():
        cost += weight * quantity.pair
        empty += weight * quantity.empty
        squares += weight * quantity.squares
        if quantity.upto is not None and weight:
            levels.append((quantity.upto, weight))
    result = -sum(w * v for (_, w), v in zip(weighed.earlier, values, strict=True))
    for mentee in range(len(ground.wanted)):
        row = ground.row(mentee)
        least = cheapest_set(
            cost[row], ground.score[row], ground.held[row], int(ground.wanted[mentee]),
            empty=empty, floor=floor, levels=levels,
        )  # fmt: skip
        if least is None:
            return None
        result += least
    for price, most in zip(weighed.prices.tolist(), ground.capacity.tolist(), strict=True):
        result += cheapest_load(price, most, squares)
    return result


def cheapest_load(price: int, most: int, squares: int) -> int:
    """Least of ``squares * y * y - price * y`` over loads from 0 to ``most``."""
    if squares:
        load = min(max((price + squares) // (2 * squares), 0), most)
        return squares * load * load - price * load
    return min(0, -price * most)


def cheapest_set(
    cost: Column,
    score: Column,
    held: np.ndarray,
    wanted: int,
    *,
    empty: int,
    floor: int | None,
    levels: Sequence[tuple[int, int]] = (),
) -> int | None:
    """Least cost over the allowed sets of one mentee, None when there is none.

    A covered mentee with a total of at most ``level`` pays the weight of each such level.
    """
    fixed = np.flatnonzero(held)
    base, total = int(cost[fixed].sum()), int(score[fixed].sum())
    places = wanted - len(fixed)
    if places < 0:
        return None
    options: list[int] = [] if len(fixed) else [empty]
    need = -1 if floor is None else floor
    open_ = np.flatnonzero(~held)
    if len(fixed) or places:
        order = open_[np.argsort(cost[open_], kind="stable")][:places]
        used = order[cost[order] < 0]
        if not len(used) and not len(fixed):
            used = order[:1]
        if len(used) or len(fixed):
            sum_cost, sum_total = base + int(cost[used].sum()), total + int(score[used].sum())
            if sum_total >= need and all(sum_total > level for level, _ in levels):
                # The cheapest of all sets, and nothing to pay on top.
                return min([sum_cost, *options])
            for found_cost, found_total in _frontier(cost, score, open_, places):
                if len(fixed) == 0 and found_total < 0:
                    continue
                reached = total + max(found_total, 0)
                if reached >= need:
                    fine = sum(weight for level, weight in levels if reached <= level)
                    options.append(base + found_cost + fine)
    return min(options, default=None)


def _frontier(cost: Column, score: Column, open_: Column, places: int) -> list[Set]:
    """Sets of at most ``places`` mentors that no other beats in both cost and total.

    The empty set is listed with a total of -1.
    """
    layers: list[list[Set]] = [[(0, -1)]] + [[] for _ in range(places)]
    for at in _worth_trying(cost, score, open_, places) if places else ():
        price, points = int(cost[at]), int(score[at])
        for count in range(places, 0, -1):
            more = [(c + price, max(t, 0) + points) for c, t in layers[count - 1]]
            if more:
                layers[count] = _best(layers[count] + more)
    return _best([entry for layer in layers[1:] for entry in layer]) + layers[0]


def _worth_trying(cost: Column, score: Column, open_: Column, places: int) -> list[int]:
    """Mentors not beaten in both cost and score by ``places`` others."""
    order = open_[np.lexsort((cost[open_], -score[open_]))]
    kept: list[int] = []
    cheapest: list[int] = []
    for at, price in zip(order.tolist(), cost[order].tolist(), strict=True):
        if len(cheapest) < places or price < cheapest[places - 1]:
            kept.append(at)
            cheapest.insert(bisect_right(cheapest, price), price)
    return kept


def _best(entries: list[Set]) -> list[Set]:
    kept: list[Set] = []
    most = -2
    for cost, total in sorted(entries, key=lambda entry: (entry[0], -entry[1])):
        if total > most:
            kept.append((cost, total))
            most = total
    return kept
