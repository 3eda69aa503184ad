"""One objective after the other on a network: solve, price, narrow to the optimal face, go on.

A *face* is the set of plans that are still allowed: the pairs left open to each mentee, whether
the mentee may stay without a mentor, and between how many and how many places of each mentor are
used. An objective is a cost on choices. A flow finds the cheapest plan of the face; prices for
places prove it cheapest; the choices that are cheapest under these prices are exactly the
optimal plans, and they are a face again. Nothing is ever frozen by an equation on the objective.

Sources
-------
Lagrangian bound and optimal face: linear programming duality for the assignment polytope, e.g.
R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), chapters 9 and 16. Flows:
OR-Tools ``SimpleMinCostFlow`` and ``SimpleMaxFlow``. Leximin by weights over several levels:
C.-C. Huang, T. Kavitha, K. Mehlhorn, D. Michail, *Fair matchings and related problems*,
Algorithmica 74 (2016).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import max_flow, min_cost_flow

from matching.model import Column

FAR = np.int64(2**62)
"""Longer than any path; a cost is refused before paths can come near it."""

DENSE = 2_500
"""Up to so many mentors a table of all ordered pairs of mentors is kept for pricing."""


class CostTooLarge(ArithmeticError):
    """The costs of an objective do not fit into the 64 bits that the solver works with."""


class Infeasible(ValueError):
    """The face holds no plan."""


@dataclass(frozen=True, eq=False)
class Face:
    """Plans still allowed.

    Parameters
    ----------
    tail, head : (E,) int64
        Mentee and mentor of each open pair, sorted by mentee.
    origin : (E,) int64
        Position of the pair in the Problem's table.
    free : (n,) bool
        The mentee may stay without a mentor.
    low, high : (m,) int64
        Places of each mentor that are used, at least and at most.
    """

    tail: Column
    head: Column
    origin: Column
    free: NDArray[np.bool_]
    low: Column
    high: Column

    @cached_property
    def start(self) -> Column:
        """First open pair of each mentee, with one more entry at the end; shape (n + 1,)."""
        edges = np.zeros(len(self.free) + 1, np.int64)
        np.cumsum(np.bincount(self.tail, minlength=len(self.free)), out=edges[1:])
        return edges

    @cached_property
    def degree(self) -> Column:
        """Open pairs of each mentee; shape (n,)."""
        return np.diff(self.start)

    def row_min(self, values: Column) -> Column:
        """Smallest value over each mentee's open pairs, ``FAR`` where there is none."""
        result = np.full(len(self.free), FAR)
        rows = np.flatnonzero(self.degree)
        if len(rows):
            result[rows] = np.minimum.reduceat(values, self.start[rows])
        return result

    def keep(self, mask: NDArray[np.bool_], free: NDArray[np.bool_] | None = None) -> Face:
        """The same face with only the pairs of ``mask`` open."""
        return Face(
            self.tail[mask], self.head[mask], self.origin[mask],
            self.free if free is None else free, self.low, self.high,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cost:
    """Cost of each open pair (E,), of staying free (n,), and whether loads count squared."""

    pair: Column
    free: Column
    squares: bool = False


Choice = Column
"""Open pair (position in the face) of each mentee, -1 for none; shape (n,)."""


def _active(face: Face) -> tuple[NDArray[np.bool_], Column]:
    """Mentees with something to choose, and places that the others take."""
    decided = (face.degree == 1) & ~face.free
    taken = np.bincount(face.head[face.start[:-1][decided]], minlength=len(face.high))
    return (face.degree > 0) & ~decided, taken.astype(np.int64)


def _relabel(face: Face, active: NDArray[np.bool_], seed: int) -> tuple[Column, Column, int]:
    """Node numbers of mentees and mentors, shuffled so that no alphabet favours anyone."""
    shuffle = np.random.default_rng(seed)
    count = int(active.sum())
    mentees = np.full(len(active), -1, np.int64)
    mentees[active] = shuffle.permutation(count)
    mentors = count + shuffle.permutation(len(face.high)).astype(np.int64)
    return mentees, mentors, count + len(face.high)


def _read(face: Face, active: NDArray[np.bool_], edges: Column, used: Column) -> Choice:
    choice = np.full(len(face.free), -1, np.int64)
    sure = (face.degree > 0) & ~active
    choice[sure] = face.start[:-1][sure]
    chosen = edges[used > 0]
    choice[face.tail[chosen]] = chosen
    return choice


def cheapest(face: Face, cost: Cost, seed: int = 0) -> Choice:
    """Find a cheapest plan of the face by one minimum-cost flow.

    Returns
    -------
    Choice
        Open pair of each mentee, -1 for none.

    Raises
    ------
    CostTooLarge
        The solver's scaled costs would leave 64 bits.
    Infeasible
        The face holds no plan.
    """
    active, taken = _active(face)
    mentee_node, mentor_node, sink = _relabel(face, active, seed)
    edges = np.flatnonzero(active[face.tail])
    free = np.flatnonzero(active & face.free)
    low = np.maximum(face.low - taken, 0)
    wanting = np.bincount(face.head[edges], minlength=len(face.high))
    high = np.minimum(face.high - taken, wanting)
    if (high < low).any():
        raise Infeasible
    flow = min_cost_flow.SimpleMinCostFlow()
    pair_arcs = flow.add_arcs_with_capacity_and_unit_cost(
        mentee_node[face.tail[edges]],
        mentor_node[face.head[edges]],
        np.ones(len(edges), np.int64),
        cost.pair[edges],
    )
    if len(free):
        flow.add_arcs_with_capacity_and_unit_cost(
            mentee_node[free], np.full(len(free), sink), np.ones(len(free), np.int64),
            cost.free[free],
        )  # fmt: skip
    room = high - low
    if cost.squares:
        owner = np.repeat(np.arange(len(room)), room)
        first = np.repeat(np.cumsum(room) - room, room)
        place = (low + taken)[owner] + np.arange(len(owner)) - first + 1
        capacity, price = np.ones(len(owner), np.int64), 2 * place - 1
    else:
        owner = np.flatnonzero(room)
        capacity, price = room[owner], np.zeros(len(owner), np.int64)
    if len(owner):
        flow.add_arcs_with_capacity_and_unit_cost(
            mentor_node[owner], np.full(len(owner), sink), capacity, price
        )
    count = int(active.sum())
    largest = max(
        int(np.abs(cost.pair).max(initial=0)), int(np.abs(cost.free).max(initial=0)),
        int(price.max(initial=0)),
    )  # fmt: skip
    if largest * (sink + 2) * 4 > 2**62:
        raise CostTooLarge(largest)
    flow.set_nodes_supplies(np.arange(count), np.ones(count, np.int64))
    flow.set_nodes_supplies(mentor_node, -low)
    flow.set_nodes_supplies(np.array([sink]), np.array([int(low.sum()) - count]))
    status = flow.solve()
    if status == flow.BAD_COST_RANGE:
        raise CostTooLarge(largest)
    if status in (flow.INFEASIBLE, flow.UNBALANCED):
        raise Infeasible
    if status != flow.OPTIMAL:
        raise RuntimeError(f"flow solver answered {status}")
    return _read(face, active, edges, np.asarray(flow.flows(pair_arcs)))


def possible(face: Face, mask: NDArray[np.bool_], seed: int = 0) -> Choice | None:
    """Find any plan of the face that uses only the pairs of ``mask``, by one maximum flow."""
    active, taken = _active(face)
    decided = (face.degree == 1) & ~face.free
    if not mask[face.start[:-1][decided]].all():
        return None
    mentee_node, mentor_node, sink = _relabel(face, active, seed)
    target, source = sink + 1, sink + 2
    edges = np.flatnonzero(active[face.tail] & mask)
    free = np.flatnonzero(active & face.free)
    low = np.maximum(face.low - taken, 0)
    room = face.high - taken - low
    if (room < 0).any():
        return None
    count = int(active.sum())
    flow = max_flow.SimpleMaxFlow()

    def add(tails: Column, heads: Column, capacity: Column) -> None:
        flow.add_arcs_with_capacity(tails, heads, capacity)

    one = np.ones(max(len(edges), count, 1), np.int64)
    pair_arcs = flow.add_arcs_with_capacity(
        mentee_node[face.tail[edges]], mentor_node[face.head[edges]], one[: len(edges)]
    )
    add(np.full(count, source), mentee_node[active], one[:count])
    add(mentee_node[free], np.full(len(free), sink), one[: len(free)])
    add(mentor_node, np.full(len(room), sink), room)
    add(mentor_node, np.full(len(low), target), low)
    add(np.array([sink]), np.array([target]), np.array([count - int(low.sum())]))
    if count < low.sum() or flow.solve(source, target) != flow.OPTIMAL:
        return None
    if flow.optimal_flow() != count:
        return None
    return _read(face, active, edges, np.asarray(flow.flows(pair_arcs)))


def load(face: Face, choice: Choice) -> Column:
    """Places used with each mentor; shape (m,)."""
    return np.bincount(face.head[choice[choice >= 0]], minlength=len(face.high)).astype(np.int64)


def value(face: Face, cost: Cost, choice: Choice) -> int:
    """Cost of a plan, in exact arithmetic."""
    placed = choice >= 0
    total = int(cost.pair[choice[placed]].sum()) + int(cost.free[~placed].sum())
    return total + (int((load(face, choice) ** 2).sum()) if cost.squares else 0)


def prices(face: Face, cost: Cost, choice: Choice) -> Column:
    """Price a place with each mentor so that the plan is seen to be cheapest; shape (m,).

    A mentee who moves from one mentor to another is a step in a small graph whose nodes are the
    mentors and "nobody". Shortest distances there are the prices, with "nobody" at price 0.

    Raises
    ------
    ArithmeticError
        The plan is not cheapest (some round of moves saves cost).
    """
    nobody = len(face.high)
    placed = choice >= 0
    now = cost.free.copy()
    now[placed] = cost.pair[choice[placed]]
    leaving = np.flatnonzero(face.free & placed)
    used = load(face, choice)
    more, less = used[used < face.high], used[used > face.low]
    up = 2 * more + 1 if cost.squares else 0 * more
    down = 1 - 2 * less if cost.squares else 0 * less
    origin, target = moves(face, choice)
    weight = np.concatenate(
        [cost.pair - now[face.tail], cost.free[leaving] - now[leaving], up, down]
    )
    distance = _distances(nobody + 1, origin, target, weight)
    return np.asarray(distance[nobody] - distance[:nobody], np.int64)


def moves(face: Face, choice: Choice) -> tuple[Column, Column]:
    """Moves inside a face, as arcs between mentors and "nobody" (the last node).

    Returns
    -------
    origin, target
        A mentee at ``origin`` may go to ``target``; a mentor may take one more (an arc to
        nobody) or do with one less (an arc from nobody).
    """
    nobody = len(face.high)
    placed = choice >= 0
    at = np.full(len(choice), nobody, np.int64)
    at[placed] = face.head[choice[placed]]
    leaving = np.flatnonzero(face.free & placed)
    used = load(face, choice)
    more, less = np.flatnonzero(used < face.high), np.flatnonzero(used > face.low)
    origin = np.concatenate([at[face.tail], at[leaving], more, np.full(len(less), nobody)])
    target = np.concatenate([face.head, np.full(len(leaving) + len(more), nobody), less])
    return origin, target


def _distances(nodes: int, origin: Column, target: Column, weight: Column) -> Column:
    """Shortest distance to each node from a source joined to all of them at no cost."""
    distance = np.zeros(nodes, np.int64)
    if nodes <= DENSE:
        table = np.full((nodes, nodes), FAR)
        np.minimum.at(table, (target, origin), weight)
        for _ in range(nodes + 1):
            nearer = np.minimum(distance, (table + distance).min(axis=1))
            if np.array_equal(nearer, distance):
                return distance
            distance = nearer
        raise ArithmeticError("a round of moves saves cost")
    order = np.argsort(target, kind="stable")
    origin, weight, sorted_target = origin[order], weight[order], target[order]
    heads, first = np.unique(sorted_target, return_index=True)
    for _ in range(nodes + 1):
        best = np.minimum.reduceat(distance[origin] + weight, first)
        if (best >= distance[heads]).all():
            return distance
        distance[heads] = np.minimum(distance[heads], best)
    raise ArithmeticError("a round of moves saves cost")


def narrow(face: Face, cost: Cost, price: Column) -> Face:
    """The optimal face: each mentee's cheapest choices, each mentor's cheapest loads."""
    dear = cost.pair + price[face.head]
    cheap = np.minimum(face.row_min(dear), np.where(face.free, cost.free, FAR))
    free = face.free & (cost.free == cheap)
    if cost.squares:
        low, high = (
            np.clip(price // 2, face.low, face.high),
            np.clip((price + 1) // 2, face.low, face.high),
        )
    else:
        low = np.where(price > 0, face.high, face.low)
        high = np.where(price < 0, face.low, face.high)
    mask = dear == cheap[face.tail]
    return Face(face.tail[mask], face.head[mask], face.origin[mask], free, low, high)
