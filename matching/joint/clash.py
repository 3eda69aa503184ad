"""A smallest set of rules that contradict each other, and the least relaxation, in names.

Sets of rules that contradict each other and sets whose lifting gives a plan hit each other
(Reiter 1987): a smallest set of the one kind is a smallest hitting set of enough of the other
(Ignatiev, Previti, Liffiton, Marques-Silva, *Smallest MUS extraction with minimal hitting set
dualization*, CP 2015). Each question is a feasibility run on the few options that matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from matching import cpsat
from matching.joint.complete import Complete
from matching.joint.history import History
from matching.joint.model import JointProblem
from matching.joint.reasons import Rule
from matching.joint.rules import around, rules
from matching.model import Clash
from matching.watch import Watch

MOST_RUNS = 400
"""After so many questions the smallest set found so far is the answer."""

WANTS = (Rule.PIN, Rule.ACCEPTED)

Rules = frozenset[int]


def smallest_clash(problem: JointProblem, watch: Watch | None = None) -> tuple[Clash, ...]:
    """Find a smallest set of clashing rules, empty when a plan is possible.

    The rules of the set contradict each other and what can't be relaxed; without any one of them
    they don't. ``Rule.IMPOSSIBLE`` is added where nothing but what was wanted is in the set.
    """
    conflict = _Conflict(problem, watch)
    if conflict.possible(conflict.all):
        return ()
    found = [conflict.rules[at].clash for at in sorted(conflict.smallest())]
    if all(clash.code in WANTS for clash in found):
        found.append(Clash(Rule.IMPOSSIBLE))
    return tuple(found)


def least_relaxation(problem: JointProblem, watch: Watch | None = None) -> tuple[Clash, ...]:
    """Find as few rules as possible without which a plan is possible; empty when one is."""
    conflict = _Conflict(problem, watch)
    return tuple(conflict.rules[at].clash for at in sorted(conflict.least()))


class _Conflict:
    """Questions about sets of rules; those not in a set are lifted."""

    def __init__(self, problem: JointProblem, watch: Watch | None) -> None:
        self.problem = around(problem)
        self.rules = rules(self.problem)
        self.all: Rules = frozenset(range(len(self.rules)))
        self.watch = watch or Watch(None, None, None, 1)
        self._known: dict[Rules, bool] = {}

    @property
    def spent(self) -> bool:
        return len(self._known) >= MOST_RUNS or self.watch.stopped()

    def possible(self, kept: Rules) -> bool:
        """Whether a plan is possible under these rules alone."""
        if kept not in self._known:
            problem = self.problem
            for at in sorted(self.all - kept):
                problem = self.rules[at].lifted(problem)
            plan = Complete(problem, range(len(problem.options)))
            History(plan)
            answer = cpsat.run(plan.model, watch=self.watch, seed=0, workers=1)
            self._known[kept] = answer.found
        return self._known[kept]

    def irreducible(self, kept: Rules) -> Rules:
        """Some rules of these that clash, none of which can be spared (QuickXplain, Junker 2004).

        The coordinator's own rules are kept as long as possible: they tell more than capacities.
        """
        return self._explain(frozenset(), False, sorted(kept, reverse=True))

    def _explain(self, given: Rules, asked: bool, rest: list[int]) -> Rules:
        if asked and not self.possible(given):
            return frozenset()
        if len(rest) <= 1:
            return frozenset(rest)
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        late = self._explain(given | frozenset(first), bool(first), second)
        early = self._explain(given | late, bool(late), first)
        return early | late

    def smallest(self) -> Rules:
        """A smallest set that clashes: hit every set whose lifting helps."""
        best = self.irreducible(self.all)
        corrections: list[Rules] = []
        while not self.spent:
            tried = _hitting(corrections, below=len(best))
            if tried is None:
                return best
            if not self.possible(tried):
                return tried
            corrections.append(self.all - self._grown(tried))
        return best

    def _grown(self, kept: Rules) -> Rules:
        """As many rules as can be added without a clash."""
        for at in sorted(self.all - kept):
            if self.possible(kept | {at}):
                kept |= {at}
        return kept

    def least(self) -> Rules:
        """A smallest set whose lifting gives a plan: hit every set that clashes."""
        clashes: list[Rules] = []
        while True:
            lifted = _hitting(clashes, below=len(self.rules) + 1)
            if lifted is None or self.possible(self.all - lifted):
                return lifted or frozenset()
            clashes.append(self.irreducible(self.all - lifted))


def _hitting(sets: Iterable[Rules], below: int) -> Rules | None:
    """The first of the smallest sets that has a rule of each; None with so many or more."""
    listed = list(sets)
    every = sorted(frozenset[int]().union(*listed))
    for size in range(min(below, len(every) + 1)):
        for chosen in combinations(every, size):
            if all(known & frozenset(chosen) for known in listed):
                return frozenset(chosen)
    return None
