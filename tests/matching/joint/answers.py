"""What brute force says about plans: which needs they serve, whom they bring together."""

from __future__ import annotations

from functools import cache

from matching.joint.model import JointPlan, JointProblem
from matching.joint.plan import solve
from tests.matching.joint.alone import Facts, Items
from tests.matching.joint.draw import drawn


@cache
def solved(seed: int) -> JointPlan | None:
    """The plan of a drawn Problem."""
    return solve(drawn(seed)).plan


def served(problem: JointProblem, chosen: Items) -> set[int]:
    """Needs that a plan serves."""
    facts = Facts(problem)
    return {need for item in chosen for place in item.places for need in facts.served(item, place)}
