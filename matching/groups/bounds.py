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

from collections.abc import Iterator
from math import floor

import numpy as np

from matching.groups.process import BoundsChild, Sizes
from matching.groups.space import Numbers, Space, Whole
from matching.watch import Watch

LEAST_PEOPLE, AT_HAND, LARGEST = 3, 120, 1500
"""People from which on there is something to split, up to which it is done in this process, and
beyond which eigenvalues take too long: the bound by degrees alone is left."""
ROUNDS = 150
PATIENCE = 8
"""Rounds without a better bound after which steps become half as long."""


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
    value, sizes = space.value, sizes_of(space)
    return floor(_degrees(value, sizes)[0] + _slack(value, np.zeros_like(value), sizes))


def bound(space: Space, reached: int, watch: Watch, *, rounds: int) -> int:
    """A total that no grouping passes, in the orientation of ``space.value``.

    Parameters
    ----------
    reached
        The best total known: steps aim at it, and the bound need not fall below it.
    rounds
        Most subgradient steps; the watch can end them sooner.
    """
    best, people, sizes = at_once(space), len(space.unit), sizes_of(space)
    if people < LEAST_PEOPLE or people > LARGEST:
        return max(best, reached)
    if people <= AT_HAND:
        for found in steps(space.value, sizes, reached, rounds):
            best = min(best, found)
            if watch.stopped():
                break
        return max(best, reached)
    with BoundsChild(space.value, sizes, reached, rounds) as child:
        for found in child.bounds(watch):
            best = min(best, found)
    return max(best, reached)


def steps(value: Numbers, sizes: Sizes, reached: int, rounds: int) -> Iterator[int]:
    """The best bound so far, after each round."""
    people = len(value)
    split = np.zeros((people, people))
    constant = 0.0 if sizes.equal else float(value.sum()) / (people * (people - 1))
    squares = float((sizes.unequal**2).sum()) if constant > 0 else sizes.fewest_squares
    best, stride, last = float("inf"), 1.0, 0
    for at in range(rounds):
        spectral, curved = _spectral(value - split - constant, sizes)
        off = split.copy()
        np.fill_diagonal(off, 0)
        degrees, taken = _degrees(off, sizes)
        here = spectral + degrees + float(np.trace(split)) / 2 + constant * squares / 2
        here += _slack(value, split, sizes)
        if here < best - 1e-6:
            best, last = here, at
        elif at - last > PATIENCE:
            stride, last = stride / 2, at
        yield floor(best)
        np.fill_diagonal(taken, 1)
        slope = (taken - curved) / 2
        length = float((slope**2).sum())
        if length == 0 or floor(best) <= reached:
            break
        split -= stride * max(here - reached, 1.0) / length * slope


def _slack(value: Numbers, split: Numbers, sizes: Sizes) -> float:
    """More than what rounding of eigenvalues and sums can amount to."""
    scale = sum(float(np.abs(part).sum(axis=1).max(initial=0.0)) for part in (value, split))
    return 1e-6 + 64 * len(value) * float(np.finfo(float).eps) * scale * sizes.most


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
