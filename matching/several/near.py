"""Where to look for a plan near the relaxation: few places first, everywhere at last."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matching.several.ground import Ground, Mask
from matching.several.relax import Limits, Relaxed

MARGIN = 1e-7
"""Relative error that the relaxation's numbers are trusted to stay below."""

SMALL = 3_000
"""Up to so many pairs everything is looked at at once."""

LOOSE = (20, 45)
"""Percent of the mentees who may move at first, besides those between whom the relaxation divides
and those who share a mentor with them."""


def near(limits: Limits, relaxed: Relaxed, away: float) -> tuple[Mask, Mask]:
    """Pairs that plans so far from the relaxation may have, and those they must have."""
    away += MARGIN * max(1.0, abs(relaxed.value))
    # How dear a pair is says nothing where the relaxation had no choice about it.
    keep = limits.sure | (limits.keep & (relaxed.dear <= away))
    return keep, limits.sure | (limits.keep & (relaxed.dear < -away))


def rounds(
    ground: Ground, relaxed: Relaxed, keep: Mask, sure: Mask, seed: int
) -> Iterator[tuple[Mask, Mask]]:
    """What may and what must be in the plan; the last round is all of ``keep``."""
    if int((keep & ~sure).sum()) > SMALL:
        draw = np.random.default_rng(seed).permutation(len(ground.wanted))
        whole = relaxed.share > 1 - 1e-6
        used = relaxed.share > 1e-9
        loose = np.zeros(len(draw), bool)
        loose[ground.tail[used & ~whole]] = True
        # Those who share a mentor with them can make room.
        shared = np.zeros(len(ground.capacity), bool)
        shared[ground.head[used & loose[ground.tail]]] = True
        loose[ground.tail[used & shared[ground.head]]] = True
        for percent in LOOSE:
            loose[draw[: len(draw) * percent // 100]] = True
            fixed = whole & ~loose[ground.tail]
            yield (keep & loose[ground.tail]) | fixed, sure | fixed
    yield keep, sure
