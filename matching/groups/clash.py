"""Why no groups are possible: a smallest set of rules that contradict each other, in names."""

from __future__ import annotations

from matching.cpsat import run
from matching.groups.codes import GroupRule
from matching.groups.rules import Rules
from matching.groups.space import Space
from matching.outcome import Clash
from matching.watch import Watch

TRY_WORK = 10.0
"""Most deterministic time for one question whether some rules alone leave groups."""
NAMED = 12
"""Participants who must be placed are named when they are no more than this."""


def smallest_clash(space: Space, watch: Watch, seed: int) -> tuple[tuple[Clash, ...], bool]:
    """Rules that together leave no groups, none of which can be left out.

    Returns
    -------
    clash, smallest
        That a participant must have a place is a rule too: few of them are named, many are one
        line. ``smallest`` is False when time ran out, or a question took too much work.

    Notes
    -----
    By deletion in ever smaller blocks, first of the rules, then of who must be placed.
    """
    rules = Rules(space, explain=True)
    people = [at for at, rule in enumerate(rules.rules) if rule.code is GroupRule.PLACED]
    others = [at for at, rule in enumerate(rules.rules) if rule.code is not GroupRule.PLACED]
    asking = _Asking(rules, watch, seed)
    kept = asking.shrink(others, people)
    placed = asking.shrink(people, kept)
    clash = [rules.rules[at] for at in kept]
    if len(placed) <= NAMED:
        clash = [rules.rules[at] for at in placed] + clash
    else:
        parameters = {"participants": len(placed), "groups": len(space.least)}
        clash.insert(0, Clash(GroupRule.PLACES, parameters))
    return tuple(clash), asking.sure


class _Asking:
    def __init__(self, rules: Rules, watch: Watch, seed: int) -> None:
        self.rules, self.watch, self.seed = rules, watch, seed
        self.sure = True

    def shrink(self, chosen: list[int], beside: list[int]) -> list[int]:
        """Leave out what is not needed of some rules, all of the others being kept."""
        kept = list(chosen)
        size = max(len(kept) // 2, 1)
        while kept:
            at = 0
            while at < len(kept):
                rest = kept[:at] + kept[at + size :]
                core = self._core(rest + beside)
                if core is None:
                    at += size
                else:
                    kept = [rule for rule in rest if rule in core]
            if size == 1:
                break
            size = max(size // 2, 1)
        return kept

    def _core(self, chosen: list[int]) -> set[int] | None:
        """Rules among these that leave no groups; None when they leave some or nobody knows."""
        if self.watch.stopped():
            self.sure = False
            return None
        model, literals = self.rules.model, self.rules.literals
        model.clear_assumptions()
        model.add_assumptions([literals[at] for at in chosen])
        answer = run(model, watch=self.watch, seed=self.seed, workers=1, work_limit=TRY_WORK)
        if not answer.impossible:
            self.sure = self.sure and answer.found
            return None
        index = {literals[at].index: at for at in chosen}
        core = answer.solver.sufficient_assumptions_for_infeasibility()
        return {index[literal] for literal in core if literal in index}
