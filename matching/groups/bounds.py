"""What no total can pass: a bound by splitting the values between two relaxations.

A grouping is a matrix *Z* of people and people, 1 within groups and 0 between them, and its total
is half the sum of ``value * Z``. Write ``value = A + N + c J``, *J* all ones. Then the total is at
most the sum of three bounds, each of one part:

* spectral: *Z* is a sum of *G* orthogonal projections scaled by the groups' sizes, so ``A * Z``
  adds up to at most the sum of size times eigenvalue, largest with largest (when all sizes are
  equal, *Z* has the ones as an eigenvector, and only *G - 1* others count);
* degrees: everyone has between least - 1 and most - 1 partners, and there are so many pairs in
  all: from each row of *N* the best of them, whether or not *i* takes *j* when *j* takes *i*;
* *J* adds up to the sum of squared sizes, and the diagonal of *Z* is 1.

Any split gives a bound. Subgradient steps move weight between *A* and *N* until it is low. Hard
rules and balance play no part: the bound holds with or without them.

Sources: A. J. Hoffman, W. E. Donath, Lower bounds for the partitioning of graphs, IBM Journal of
Research and Development 17, 1973; F. Rendl, H. Wolkowicz, A projection technique for partitioning
the nodes of a graph, Annals of Operations Research 58, 1995; M. Guignard, S. Kim, Lagrangean
decomposition, Mathematical Programming 39, 1987 (splitting); B. T. Polyak, Minimization of
unsmooth functionals, 1969 (step length).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

import numpy as np

from matching.groups.space import Numbers, Space, Whole
from matching.watch import Watch

LARGEST = 700
"""People beyond which a round can take half a second, when a stop has to take effect in one: the
bound by degrees alone is left."""
ROUNDS = 150
PATIENCE = 8
"""Rounds without a better bound after which steps become half as long."""


@dataclass(frozen=True)
class Sizes:
    """``unequal``: the most unequal sizes possible, or more so. Pairs: twice their number."""

    unequal: Numbers
    least: int
    most: int
    fewest_pairs: int
    most_pairs: int
    fewest_squares: int
    equal: bool


def sizes_of(space: Space) -> Sizes:
    """Limits on group sizes that hold in every grouping.

    The sum of the *k* largest groups is at most that of the *k* largest limits, and at most what
    the *G - k* smallest of the least sizes leave. Differences of the smaller of the two are sizes
    that majorise all possible ones, so that convex sums of sizes are largest there.
    """
    people, groups = len(space.unit), len(space.least)
    most = np.minimum(space.most, people - (space.least.sum() - space.least))
    least = np.maximum(space.least, people - (space.most.sum() - space.most))
    upper = np.cumsum(np.sort(most)[::-1])
    left = people - np.concatenate((np.cumsum(np.sort(least))[::-1][1:], [0]))
    prefix = np.minimum(np.minimum(upper, left), people)
    unequal = np.diff(prefix, prepend=0)
    share, over = divmod(people, groups)
    even = over * (share + 1) ** 2 + (groups - over) * share**2
    squares = int((unequal**2).sum())
    return Sizes(
        unequal=unequal.astype(np.float64),
        least=int(least.min()),
        most=int(most.max()),
        fewest_pairs=even - people,
        most_pairs=squares - people,
        fewest_squares=even,
        equal=bool((unequal == unequal[0]).all()),
    )


def at_once(space: Space) -> int:
    """The bound by degrees alone: weak, and there without delay."""
    free = np.zeros_like(space.value)
    return floor(_degrees(space.value, sizes_of(space))[0] + _slack(space, free))


def bound(space: Space, reached: int, watch: Watch, *, rounds: int) -> int:
    """A total that no grouping passes, in the orientation of ``space.value``.

    Parameters
    ----------
    reached
        The best total known: steps aim at it, and the bound need not fall below it.
    rounds
        Most subgradient steps; the watch can end them sooner.
    """
    sizes = sizes_of(space)
    people = len(space.unit)
    split = np.zeros((people, people))
    best = _degrees(space.value, sizes)[0] + _slack(space, split)
    if people > LARGEST or people < 3:
        return max(floor(best), reached)
    constant = 0.0 if sizes.equal else float(space.value.sum()) / max(people * (people - 1), 1)
    squares = float((sizes.unequal**2).sum()) if constant > 0 else sizes.fewest_squares
    stride, last, took = 1.0, 0, 0.0
    for at in range(rounds):
        if watch.stopped() or watch.left() < took:
            break
        begin = watch.elapsed()
        spectral, curved = _spectral(space.value - split - constant, sizes)
        diagonal = np.diagonal(split).copy()
        off = split.copy()
        np.fill_diagonal(off, 0)
        degrees, taken = _degrees(off, sizes)
        value = spectral + degrees + float(diagonal.sum()) / 2 + constant * squares / 2
        value += _slack(space, split)
        if value < best - 1e-6:
            best, last = value, at
        elif at - last > PATIENCE:
            stride, last = stride / 2, at
        if floor(best) <= reached:
            break
        np.fill_diagonal(taken, 1)
        slope = (taken - curved) / 2
        length = float((slope**2).sum())
        if length == 0:
            break
        split -= stride * max(value - reached, 1.0) / length * slope
        took = watch.elapsed() - begin
    return max(floor(best), reached)


def _slack(space: Space, split: Numbers) -> float:
    """More than what rounding of eigenvalues and sums can amount to."""
    people = len(space.unit)
    scale = sum(float(np.abs(part).sum(axis=1).max(initial=0.0)) for part in (space.value, split))
    return 1e-6 + 64 * people * float(np.finfo(float).eps) * scale * float(space.most.max())


def _spectral(matrix: Numbers, sizes: Sizes) -> tuple[float, Numbers]:
    """Half of what the matrix adds up to within groups, at most; and the *Z* that reaches it."""
    people, groups = len(matrix), len(sizes.unequal)
    constant = 0.0
    inner = np.zeros_like(matrix)
    weights = sizes.unequal
    if sizes.equal:
        size = float(weights[0])
        mean = matrix.mean(axis=1)
        constant = size * float(matrix.sum()) / people
        inner += size / people
        matrix = matrix - mean[:, None] - mean[None, :] + matrix.mean()
        weights = weights[1:]
    values, vectors = np.linalg.eigh(matrix)
    chosen = vectors[:, ::-1][:, : len(weights)] if groups else vectors[:, :0]
    top = values[::-1][: len(weights)]
    weights = weights[: len(top)]
    inner += (chosen * weights) @ chosen.T
    return (constant + float(weights @ top)) / 2, inner


def _degrees(matrix: Numbers, sizes: Sizes) -> tuple[float, Numbers]:
    """Half of what the best partners of everyone add up to; and which these are."""
    people = len(matrix)
    most, least = min(sizes.most, people) - 1, max(sizes.least - 1, 0)
    taken = np.zeros((people, people))
    if most <= 0:
        return 0.0, taken
    open_rows = matrix.copy()
    np.fill_diagonal(open_rows, -np.inf)
    order: Whole = np.argsort(-open_rows, axis=1, kind="stable")[:, :most]
    ranked = np.take_along_axis(open_rows, order, axis=1)
    chosen = np.zeros(ranked.shape, bool)
    chosen[:, :least] = True
    rest = np.argsort(-ranked[:, least:], axis=None, kind="stable")
    sure = people * least
    must = max(sizes.fewest_pairs - sure, 0)
    may = max(sizes.most_pairs - sure, must)
    gains = ranked[:, least:].reshape(-1)[rest]
    count = max(must, min(may, int((gains > 0).sum())))
    extra = np.zeros(len(rest), bool)
    extra[rest[:count]] = True
    chosen[:, least:] = extra.reshape(people, -1)
    np.put_along_axis(taken, order, chosen.astype(np.float64), axis=1)
    total = float(ranked[chosen].sum())
    return total / 2, (taken + taken.T) / 2
