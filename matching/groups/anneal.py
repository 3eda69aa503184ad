"""Local search for the total: annealing over rows of moves, and a descent at the end.

A step takes a random unit, looks at all its moves at once, and draws one of them, or none, with
chances in proportion to ``exp(gain / temperature)``: the largest of the gains over temperature,
each with a Gumbel number added, and of one such number for staying. This is annealing by *heat
bath*: as many moves are weighed in a step as there are units, which is what arrays are good at.

The temperatures come from the Problem: a first quick cooling finds where about one step in three
moves (hot) and where about one in fifty does (cold). Then it cools slowly from hot to cold, twice,
and a third time from half-way, each time from the best so far, and goes down to the best near by.

Sources: S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Optimization by simulated annealing, Science
220, 1983; for moves and for what to equal: X. Lai, J.-K. Hao, Iterated maxima search for the
maximally diverse grouping problem, European Journal of Operational Research 254, 2016.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matching.groups.moves import NEVER, Moves
from matching.groups.space import Space, Whole
from matching.watch import Watch

BLOCK = 256
"""Steps between two looks at clock and temperature."""
AT_ONCE, MOVES_AT_ONCE = 32, 1.5
"""Most steps weighed at once, and how many of these may be expected to move."""
POOL = 1 << 18
"""Random numbers drawn once and used from random places on."""
STEPS_PER_UNIT = 6000
CYCLES = ((0.5, 0.0), (0.85, 0.0), (0.98, 0.4))
"""Coolings: until which share of the work, and how far from hot towards cold each begins."""
MEASURED = 0.35
"""Most of the work that may go into finding temperatures."""
HOT, COLD = 0.3, 0.02
"""Share of steps that move at the hot and at the cold end."""
BALANCE_WEIGHT = 4.0
"""What a person out of balance costs, in hot temperatures."""


@dataclass
class Effort:
    """How much of the search's work is done, from 0 to 1: steps, or seconds with a limit."""

    watch: Watch
    steps: int
    until: float | None = None
    done: int = 0

    def __post_init__(self) -> None:
        self.begin = self.watch.elapsed()

    def share(self) -> float:
        """Part of the work, or of the time until ``until``, that is behind."""
        if self.until is None:
            return self.done / max(self.steps, 1)
        return (self.watch.elapsed() - self.begin) / max(self.until - self.begin, 1e-9)


@dataclass(frozen=True)
class Found:
    """The best grouping found: group of each participant, what is out of balance, the total."""

    home: Whole
    beyond: int
    total: int


class Search:
    """One search from a grouping that keeps the hard rules.

    Parameters
    ----------
    steps, until
        The work to be done: so many steps or, with a time limit, until so many seconds have passed
        on the watch.
    goal
        Out of balance, and the total that nothing passes: reaching it ends the search.
    """

    def __init__(
        self,
        space: Space,
        home: Whole,
        *,
        watch: Watch,
        seed: int,
        steps: int,
        until: float | None = None,
        goal: tuple[int, int] | None = None,
    ) -> None:
        self.moves = Moves(space, home)
        self.goal = None if goal is None else (-goal[0], goal[1])
        self.random = np.random.default_rng(seed)
        self.watch = watch
        self.effort = Effort(watch, steps, until)
        self.pool = self.random.gumbel(size=POOL + AT_ONCE * (len(self.moves.home) + 1))
        self.room = np.zeros((AT_ONCE, len(self.moves.home)))
        self.penalty = 0.0
        self.rate = 1.0
        self.best = (-self.moves.beyond, self.moves.total)
        self.best_home = self.moves.home.copy()
        self.heard: Callable[[int], None] | None = None

    def run(self) -> Found:
        """Search until the work is done or the watch says stop."""
        if self.moves.units > 1 and self.moves.groups > 1:
            hot, cold = self._temperatures()
            for end, warm in CYCLES:
                self._cool(hot * (cold / hot) ** warm, cold, end)
                self._return()
            self._descend()
        home = self.best_home[: self.moves.units][self.moves.space.unit]
        return Found(home, -self.best[0], self.best[1])

    def _over(self) -> bool:
        """Whether to stop: on request, or because nothing better is possible."""
        return self.watch.stopped() or (self.goal is not None and self.best >= self.goal)

    def _temperatures(self) -> tuple[float, float]:
        """Hot and cold, from a quick cooling that begins where everything moves."""
        moves = self.moves
        gains = moves.rows(self.random.integers(0, moves.units, AT_ONCE), 0.0)
        spread = [np.abs(row[row != NEVER]).mean() for row in gains if (row != NEVER).any()]
        top = max(4 * float(max(spread, default=0.0)), 1.0)
        self.penalty = top
        hot, temperature = top, top
        while self.effort.share() < MEASURED and not self._over():
            self._steps(temperature)
            if self.rate > HOT:
                hot = temperature
                self.penalty = min(self.penalty, BALANCE_WEIGHT * hot)
            if self.rate < COLD or temperature < 0.02:
                break
            temperature *= 0.9
        return hot, min(temperature, hot)

    def _cool(self, hot: float, cold: float, end: float) -> None:
        """Cool down from now until a share of the work is done."""
        begin = self.effort.share()
        self.penalty = BALANCE_WEIGHT * hot
        while (share := self.effort.share()) < end and not self._over():
            part = (share - begin) / max(end - begin, 1e-9)
            self._steps(hot * (cold / hot) ** part)

    def _steps(self, temperature: float) -> None:
        """A block of steps at one temperature.

        Steps are taken some at a time, fewer where many move: a step that would touch a group
        that another one has just changed is left out, as its gains are of before.
        """
        moves, wide = self.moves, len(self.moves.home)
        moved = done = 0
        together = int(np.clip(MOVES_AT_ONCE / max(self.rate, 1e-9), 1, AT_ONCE))
        while done < BLOCK:
            units = self.random.integers(0, moves.units, together)
            offset = int(self.random.integers(0, POOL))
            gain = moves.rows(units, self.penalty)
            noise = self.pool[offset : offset + together * wide].reshape(together, wide)
            noisy = np.multiply(noise, temperature, out=self.room[:together])
            noisy += gain
            others = noisy.argmax(axis=1)
            steps = np.arange(together)
            stay = self.pool[offset + together * wide :][:together] * temperature
            touched: set[int] = set()
            for at in np.flatnonzero(noisy[steps, others] > stay).tolist():
                unit, other = int(units[at]), int(others[at])
                groups = {int(moves.home[unit]), int(moves.home[other])}
                if touched & groups:
                    continue
                touched |= groups
                self._move(unit, other, float(gain[at, other]))
                moved += 1
            done += together
        self.effort.done += done
        self.rate = moved / done

    def _move(self, unit: int, other: int, gain: float) -> None:
        moves = self.moves
        if moves.balanced:
            gain += self.penalty * float(moves.excess_change(np.array([unit]))[0, other])
        moves.move(unit, other, gain)
        reached = (-moves.beyond, moves.total)
        if reached > self.best:
            self.best = reached
            self.best_home = moves.home.copy()
            if self.heard is not None:
                self.heard(moves.total)

    def _return(self) -> None:
        """Go back to the best grouping found."""
        self.moves.home = self.best_home.copy()
        self.moves.recount()

    def _descend(self) -> None:
        """Take the best move of each unit in turn until no move is a gain."""
        moves = self.moves
        self.penalty = float(2 * np.abs(moves.value).sum() + 1) if moves.balanced else 0.0
        quiet = 0
        while quiet < moves.units and not self._over():
            for unit in range(moves.units):
                gain = moves.rows(np.array([unit]), self.penalty)[0]
                other = int(gain.argmax())
                quiet += 1
                if gain[other] > 0:
                    self._move(unit, other, float(gain[other]))
                    quiet = 0
