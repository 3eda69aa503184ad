"""Clock, cancellation and progress of one solve, whatever the solver."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matching.model import OutcomeCode

Progress = Callable[[int, int, Any, int, int, float], None]
"""Called with step, steps, objective's code, incumbent, bound, elapsed seconds."""

Cancel = Callable[[], bool]


@dataclass
class Watch:
    """Clock, cancellation and progress of one solve."""

    limit: float | None
    cancel: Cancel | None
    progress: Progress | None
    steps: int
    outcome: OutcomeCode = OutcomeCode.PROVEN

    def __post_init__(self) -> None:
        self.begin = time.perf_counter()

    def elapsed(self) -> float:
        return time.perf_counter() - self.begin

    def stopped(self) -> bool:
        """Whether to stop now; remembers why."""
        if self.cancel is not None and self.cancel():
            self.outcome = OutcomeCode.CANCELLED
        elif self.limit is not None and self.elapsed() > self.limit:
            self.outcome = OutcomeCode.TIME_LIMIT
        return self.outcome is not OutcomeCode.PROVEN

    def say(self, step: int, objective: StrEnum, incumbent: int, bound: int) -> None:
        """Tell whoever listens how far the solve is."""
        if self.progress is not None:
            self.progress(step, self.steps, objective, incumbent, bound, self.elapsed())

    def left(self) -> float:
        """Seconds until the limit, infinite without one."""
        return float("inf") if self.limit is None else max(self.limit - self.elapsed(), 0.0)
