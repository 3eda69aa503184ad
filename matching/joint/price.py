""" "Why not these two?": what it costs to force a pairing, or to forbid it, objective by objective.

A real re-solve: of the whole Problem when it is small, else near the plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from matching.joint.again import Reached, satisfied
from matching.joint.cut import closed_rows
from matching.joint.model import JointPlan, JointProblem
from matching.joint.near import Near, brings
from matching.joint.reasons import Answer
from matching.joint.value import levels_of, value_of
from matching.model import Code, Item, ObjectiveCode, ObstacleCode, Pairing
from matching.watch import Cancel, Watch


@dataclass(frozen=True)
class Difference:
    """One objective: in the plan, and in the best plan with the change."""

    objective: ObjectiveCode
    now: int
    then: int
    levels_now: tuple[tuple[int, int], ...] = ()
    levels_then: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Price:
    """What a pairing costs.

    ``answer`` stands instead of a price: ``OWN_CONDITIONS`` when the two can't be in an item of
    the instrument, whatever the reason; ``NOT_FOUND`` when near the plan nothing was found.
    ``proven`` False: a claim, from the surroundings of the plan.
    """

    pairing: Pairing
    differences: tuple[Difference, ...] = ()
    losers: tuple[str, ...] = ()
    gainers: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    answer: Code | None = None
    proven: bool = False

    @property
    def stands(self) -> bool:
        """Whether the plan already is as asked."""
        return self.answer is None and not self.differences


def price(
    problem: JointProblem, plan: JointPlan, pairing: Pairing, *, exclude: bool = False,
    workers: int = 1, time_limit: float | None = None, cancel: Cancel | None = None,
) -> Price:  # fmt: skip
    """Say what forcing a pairing costs; with ``exclude`` what forbidding it does.

    Parameters
    ----------
    plan
        The plan to compare with; its values are worked out again.
    pairing
        Guest, host and instrument. A coordinator's pin, or exclusion, is tried in the same way.

    Returns
    -------
    Price
        Without differences and answer: the plan already is so.
    """
    there = any(pairing in brings(problem, item) for item in plan.items)
    near = Near(problem, plan.items)
    open_rows = set(near.finder.between(pairing)) - closed_rows(problem, near.finder)
    if not exclude and not open_rows:
        return Price(pairing, answer=Code(ObstacleCode.OWN_CONDITIONS), proven=True)
    if there is not exclude:
        return Price(pairing, items=plan.items, proven=True)
    watch = Watch(time_limit, cancel, None, 1)
    guest = near.finder.party[pairing.guest]
    for wide in (False, True):
        part = near.part(*_around(near, guest, pairing, wide=wide))
        again = part.again(watch, plan.seed, workers)
        if exclude:
            again.part(pairing)
        else:
            again.pin(pairing)
        found = again.best()
        if found is not None or part.whole or watch.stopped():
            break
    if found is None:
        impossible = part.whole and not watch.stopped()
        answer = ObstacleCode.OWN_CONDITIONS if impossible else Answer.NOT_FOUND
        return Price(pairing, answer=Code(answer), proven=impossible)
    return _priced(part.problem, plan, pairing, found, proven=part.whole and found.proven)


def _around(
    near: Near, guest: int, pairing: Pairing, *, wide: bool
) -> tuple[list[int], list[tuple[int, int]]]:
    """Guest and givers of the pairing; then also the givers who would have to join."""
    givers = near.parts_of(pairing)
    if wide:
        kinds = {kind for kind, _ in givers}
        table = near.table
        mine = [int(at) for at in (table.guest == guest).nonzero()[0]]
        mine = [at for at in mine if int(table.instrument[at]) in kinds]
        mine.sort(key=lambda at: (-int(near.best[at]), at))
        givers += [(int(table.instrument[at]), int(table.giver[at])) for at in mine[:10]]
    return [guest], givers


def _priced(
    problem: JointProblem, plan: JointPlan, pairing: Pairing, found: Reached, *, proven: bool
) -> Price:
    before, after = satisfied(problem, plan.items), satisfied(problem, found.items)
    keys = [row.key for row in problem.parties]
    levels = levels_of(problem, plan.items)
    differences = tuple(
        Difference(
            code, value_of(problem, plan.items, code), value,
            *((levels, found.levels) if code is ObjectiveCode.WORST_OFF else ()),
        )
        for code, value in found.values.items()
    )  # fmt: skip
    return Price(
        pairing, differences,
        losers=tuple(keys[g] for g in sorted(after) if after[g] < before[g]),
        gainers=tuple(keys[g] for g in sorted(after) if after[g] > before[g]),
        items=found.items, proven=proven,
    )  # fmt: skip
