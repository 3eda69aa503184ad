"""One way to run CP-SAT: same seed and workers, same answer; stopped within a second when asked.

Source: OR-Tools documentation, ``sat_parameters.proto``: ``interleave_search`` makes a search
with several subsolvers repeatable, ``max_deterministic_time`` counts work instead of seconds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from matching.watch import Watch

POLL_SECONDS = 0.1
BATCH = 8
"""Tasks dealt out at once when a search is interleaved: part of what makes it repeatable."""


@dataclass(frozen=True)
class Answer:
    """What a run found. ``solver`` gives values when ``found``; ``bound`` holds in any case."""

    solver: cp_model.CpSolver
    found: bool
    proven: bool
    impossible: bool
    value: int
    bound: int


def run(
    model: cp_model.CpModel,
    *,
    watch: Watch,
    seed: int,
    workers: int,
    subsolvers: Sequence[str] = (),
    work_limit: float | None = None,
    interleaved: bool = False,
    linearization: int | None = None,
    better: Callable[[int, int], None] | None = None,
) -> Answer:
    """Solve a model with whole-number objective.

    Parameters
    ----------
    watch
        Asked ten times a second; a limit or a cancellation ends the search with its best answer.
    seed, workers
        Same seed, workers and ``work_limit``: same answer, unless the wall clock ended it.
    subsolvers
        Names of CP-SAT's subsolvers for the problem at hand; none leaves the choice to it.
    work_limit
        Most deterministic time.
    interleaved
        One worker takes turns between subsolvers too, instead of running one of them.
    linearization
        2 puts every constraint into CP-SAT's linear relaxation, not only those it picks.
    better
        Called with (incumbent, bound) after each better answer.

    Raises
    ------
    ValueError
        The model is not valid: the message is CP-SAT's.
    """
    solver = cp_model.CpSolver()
    parameters = solver.parameters
    parameters.random_seed = seed % 2**31
    parameters.num_workers = max(workers, 1)
    parameters.interleave_search = workers > 1 or interleaved
    if parameters.interleave_search:
        parameters.interleave_batch_size = BATCH
    if subsolvers:
        parameters.subsolvers.extend(subsolvers)
    if linearization is not None:
        parameters.linearization_level = linearization
    if work_limit is not None:
        parameters.max_deterministic_time = work_limit
    ended = threading.Event()
    guard = threading.Thread(target=_guard, args=(solver, watch, ended), daemon=True)
    guard.start()
    try:
        status = solver.solve(model, _Listener(better) if better else None)
    finally:
        ended.set()
        guard.join()
    if status == cp_model.MODEL_INVALID:
        raise ValueError(model.validate())
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Answer(
        solver=solver,
        found=found,
        proven=status == cp_model.OPTIMAL,
        impossible=status == cp_model.INFEASIBLE,
        value=round(solver.objective_value) if found else 0,
        bound=round(solver.best_objective_bound),
    )


def _guard(solver: cp_model.CpSolver, watch: Watch, ended: threading.Event) -> None:
    """Stop the search when the watch says so; a stop asked too early is asked again."""
    while not ended.wait(POLL_SECONDS):
        if watch.stopped():
            solver.stop_search()


class _Listener(cp_model.CpSolverSolutionCallback):
    def __init__(self, better: Callable[[int, int], None]) -> None:
        super().__init__()
        self._better = better

    def on_solution_callback(self) -> None:
        self._better(round(self.objective_value), round(self.best_objective_bound))
