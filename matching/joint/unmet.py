"""What stood between a State and a service for its need, and the first change that helps.

The barrier is found by trying: with all other States' places as they are, which single limit,
lifted, lets the need be served? A change helps when the changed Problem has no best plan without
a service for the need: the Problem is solved, then a best plan without one is looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from matching.joint.again import SMALLER, Reached, satisfied
from matching.joint.lift import LIFTS, everything_lifted
from matching.joint.menu import Menu, open_rows
from matching.joint.model import JointPlan, JointProblem
from matching.joint.near import FREE, Near, Part
from matching.joint.reasons import Barrier
from matching.joint.value import best_points, levels_of, value_of
from matching.model import Code, Item, ObjectiveCode, ObstacleCode, WorstOff
from matching.watch import Cancel, Watch

TRIED = 40
"""So many entries of the menu are tried for one need of a small Problem."""

TRIED_NEAR = 6
"""And so many for one need of a large Problem, each near the plan."""


@dataclass(frozen=True)
class UnmetNeed:
    """A need without a service, what stood in the way and what would change it.

    ``change`` is the first entry of the menu after which the need is served in every best plan;
    None when no entry tried does it. ``losers`` are the States that would be less satisfied, in
    a best plan in which they are fewest. ``proven`` False: claimed, from near the plan.
    """

    guest: str
    theme: str
    obstacle: Code
    change: Code | None = None
    losers: tuple[str, ...] = ()
    tried: int = 0
    proven: bool = False


def unmet(
    problem: JointProblem, plan: JointPlan, *, needs: Collection[int] | None = None,
    changes: bool = True, workers: int = 1, time_limit: float | None = None,
    cancel: Cancel | None = None,
) -> tuple[UnmetNeed, ...]:  # fmt: skip
    """Say for each need that the plan does not serve what stood in the way and what would help.

    Parameters
    ----------
    needs
        Positions in ``problem.needs`` to look at; all that are unmet without.
    changes
        Also look for the first change of the menu. Every entry tried is a re-solve: at most
        ``TRIED`` for a need, ``TRIED_NEAR`` on a large Problem.
    time_limit
        Seconds for all; needs not reached by then are left out, as after ``cancel``.
    """
    watch = Watch(time_limit, cancel, None, 1)
    return tuple(_each(problem, plan, needs, changes, workers, watch))


def _each(
    problem: JointProblem, plan: JointPlan, needs: Collection[int] | None, changes: bool,
    workers: int, watch: Watch,
) -> Iterator[UnmetNeed]:  # fmt: skip
    served = best_points(problem, plan.items)
    near = Near(problem, plan.items)
    menu = Menu(problem) if changes else None
    for at in range(len(problem.needs)) if needs is None else sorted(needs):
        if at in served:
            continue
        if watch.stopped():
            return
        row = problem.needs[at]
        asking = _Asking(near, plan, at, watch, workers)
        obstacle, proven = asking.obstacle()
        found = UnmetNeed(
            problem.parties[row.guest].key, problem.themes[row.theme], obstacle, proven=proven
        )
        if menu is not None and obstacle.code is not ObstacleCode.OWN_CONDITIONS:
            found = asking.first_change(menu, found)
        if watch.stopped():
            return
        yield found


@dataclass
class _Asking:
    """One need under question."""

    near: Near
    plan: JointPlan
    need: int
    watch: Watch
    workers: int

    @property
    def guest(self) -> int:
        return self.near.problem.needs[self.need].guest

    def obstacle(self) -> tuple[Code, bool]:
        """What stood in the way, and whether that is proven."""
        problem = self.near.problem
        open_options, aside = open_rows(problem, self.need)
        if not open_options and not aside:
            return Code(ObstacleCode.OWN_CONDITIONS), True
        part = self._alone(open_options + aside)
        if self._possible(part):
            return self._aim(part), part.whole
        for code, lift, parameters in LIFTS:
            lifted = lift(part.problem, self.guest, self.need)
            if self._possible(replace(part, problem=lifted)):
                return Code(code, parameters(problem, self.need)), part.whole
        lifted = everything_lifted(part.problem, self.guest, self.need)
        if self._possible(replace(part, problem=lifted)):
            return Code(Barrier.SEVERAL_LIMITS), part.whole
        # Rules that nobody is told of, and those that no limit softens, have the same answer.
        return Code(ObstacleCode.OWN_CONDITIONS), part.whole

    def _alone(self, rows: list[int]) -> Part:
        """The State free to move, everybody else held."""
        near, problem = self.near, self.near.problem
        key = problem.parties[self.guest].key
        held = frozenset(row.key for row in problem.parties if row.key != key)
        if near.whole:
            return Part(problem, near.items, held, whole=True)
        return near.context(self.guest, rows)

    def _possible(self, part: Part) -> bool:
        again = part.again(self.watch, self.plan.seed, self.workers)
        again.serve(self.need)
        return bool(again.first())

    def _aim(self, part: Part) -> Code:
        """Nothing but what is best stood in the way: which objective."""
        again = part.again(self.watch, self.plan.seed, self.workers)
        again.serve(self.need)
        found = again.best()
        differs = None if found is None else first_difference(part.problem, part.items, found)
        if differs is None:
            return Code(Barrier.EQUAL_PLAN)
        objective, better = differs
        if better:
            return Code(Barrier.SEARCH_ENDED, {"objective": objective.value})
        return Code(Barrier.EARLIER_AIM, {"objective": objective.value})

    def first_change(self, menu: Menu, found: UnmetNeed) -> UnmetNeed:
        """The first entry of the menu that serves the need in every best plan."""
        tried, proven = 0, found.proven
        for change in menu.entries(self.need)[: TRIED if self.near.whole else TRIED_NEAR]:
            if self.watch.stopped():
                break
            tried += 1
            part = self._changed(menu, change)
            again = part.again(self.watch, self.plan.seed, self.workers)
            reached = again.best()
            proven &= part.whole and again.proven
            if reached is None or not again.always(self.need):
                continue
            losers = again.fewest_losers(satisfied(part.problem, self.near.items))
            return replace(found, change=change, losers=losers, tried=tried, proven=proven)
        return replace(found, tried=tried, proven=proven)

    def _changed(self, menu: Menu, change: Code) -> Part:
        """The changed Problem, or the part of it around the State and the giver."""
        changed = menu.after(change)
        if self.near.whole:
            return Part(changed, self.near.items, frozenset(), whole=True)
        near = Near(changed, self.near.items)
        offer = change.parameters.get("offer", change.parameters.get("expert"))
        givers = [
            (kind, at) for kind in range(4) for at, row in enumerate(changed.givers(kind))
            if row.key == offer
        ]  # fmt: skip
        return near.part([self.guest], givers, askers=FREE)


def first_difference(
    problem: JointProblem, items: tuple[Item, ...], found: Reached
) -> tuple[ObjectiveCode, bool] | None:
    """The first objective in which what was found differs, and whether it is better there."""
    policy = problem.policy
    for code in policy.order:
        if code is ObjectiveCode.OBSERVERS and not policy.observers_first:
            continue
        now, then = [value_of(problem, items, code)], [found.values[code]]
        if code is ObjectiveCode.WORST_OFF and policy.worst_off is WorstOff.OFF:
            continue
        if code is ObjectiveCode.WORST_OFF and policy.worst_off is WorstOff.LEXIMIN:
            now = _ascending(levels_of(problem, items))
            then = _ascending(found.levels)
        if now != then:
            return code, (then < now) is (code in SMALLER)
    return None


def _ascending(levels: tuple[tuple[int, int], ...]) -> list[int]:
    return [level for level, count in levels for _ in range(count)]
