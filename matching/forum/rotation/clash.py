"""Why no rotation is possible: rules that contradict each other, none of which can be left out."""

from __future__ import annotations

from matching.cpsat import run
from matching.forum.rotation.build import Model
from matching.forum.rotation.model import RotationProblem
from matching.outcome import Clash
from matching.watch import Watch

TRY_WORK = 10.0
"""Most deterministic time for one question whether some rules alone leave a rotation."""


def smallest_clash(
    problem: RotationProblem, watch: Watch, seed: int
) -> tuple[tuple[Clash, ...], bool]:
    """Rules that together leave no rotation, none of which can be left out.

    Returns
    -------
    clash, smallest
        The rules in the order of their statement. ``smallest`` is False when time ran out, or a
        question took too much work, before every rule was tried.
    """
    model = Model(problem, explain=True)
    smallest = True

    def leaves_none(chosen: list[int]) -> bool:
        nonlocal smallest
        model.cp.clear_assumptions()
        model.cp.add_assumptions([model.literals[at] for at in chosen])
        answer = run(model.cp, watch=watch, seed=seed, workers=1, work_limit=TRY_WORK)
        smallest = smallest and (answer.impossible or answer.found)
        return answer.impossible

    kept = list(range(len(model.clashes)))
    for rule in list(kept):
        if watch.stopped():
            smallest = False
            break
        rest = [other for other in kept if other != rule]
        if leaves_none(rest):
            kept = rest
    return tuple(model.clashes[at] for at in kept), smallest
