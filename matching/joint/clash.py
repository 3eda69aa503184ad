"""A smallest set of rules that contradict each other, in names."""

from __future__ import annotations

from matching.joint.model import JointProblem
from matching.model import Clash


def smallest_clash(problem: JointProblem) -> tuple[Clash, ...]:
    """Find a smallest set of clashing rules."""
    return ()
