"""Why no agenda is possible: a smallest set of rules that contradict each other."""

from __future__ import annotations

import numpy as np

from matching.cpsat import run
from matching.forum.agenda.build import Rules
from matching.forum.agenda.places import Grid
from matching.outcome import Clash
from matching.watch import Watch

TRY_WORK = 20.0
"""Most deterministic time for one question whether some rules alone leave an agenda."""


def smallest_clash(grid: Grid, watch: Watch, seed: int) -> tuple[tuple[Clash, ...], bool]:
    """Rules that together leave no agenda, none of which can be left out.

    Returns
    -------
    clash, smallest
        The rules in the order of their statement. ``smallest`` is False when time ran out, or a
        question took too much work, before every rule was tried.

    Notes
    -----
    By deletion: what CP-SAT needed is a first, rough set; then each rule is left out in turn,
    in ever smaller blocks, and stays out when the others still leave no agenda.
    """
    for at, possible in enumerate(grid.possible):
        if not possible.any():
            return _of_one_session(grid, at), True
    rules = Rules(grid, explain=True)
    chosen = _needed(rules, list(range(len(rules.rules))), watch, seed)
    smallest = chosen is not None
    kept = list(range(len(rules.rules))) if chosen is None else chosen
    size = max(len(kept) // 2, 1)
    while True:
        at = 0
        while at < len(kept):
            if watch.stopped():
                return _named(rules, kept), False
            rest = kept[:at] + kept[at + size :]
            core = _needed(rules, rest, watch, seed)
            if core is None:
                at += size
            else:
                kept = [rule for rule in rest if rule in set(core)] if core else rest
        if size == 1:
            return _named(rules, kept), smallest
        size = max(size // 2, 1)


def _of_one_session(grid: Grid, at: int) -> tuple[Clash, ...]:
    """A smallest set of the rules that close every place to one session."""
    kept = list(grid.bans(at))
    for ban in list(kept):
        rest = [other for other in kept if other is not ban]
        if rest and np.logical_or.reduce([other.closed for other in rest]).all():
            kept = rest
    return tuple(ban.rule for ban in kept)


def _named(rules: Rules, kept: list[int]) -> tuple[Clash, ...]:
    return tuple(rules.rules[at] for at in kept)


def _needed(rules: Rules, chosen: list[int], watch: Watch, seed: int) -> list[int] | None:
    """Rules among these that leave no agenda, None when they leave one or nobody knows."""
    model = rules.model
    literals = [rules.literal(rules.rules[at]) for at in chosen]
    at_index = {literal.index: at for literal, at in zip(literals, chosen, strict=True)}
    model.clear_assumptions()
    model.add_assumptions(literals)
    answer = run(model, watch=watch, seed=seed, workers=1, work_limit=TRY_WORK)
    if not answer.impossible:
        return None
    core = answer.solver.sufficient_assumptions_for_infeasibility()
    return sorted(at_index[index] for index in core if index in at_index)
