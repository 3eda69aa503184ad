"""Every optimal plan of a Problem at once, and who is served in all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching import lexicographic as lex
from matching.model import Column, Problem
from matching.steps import Run, first_face


@dataclass(frozen=True, eq=False)
class Optima:
    """Every optimal plan at once: the last face, and one plan on it."""

    face: lex.Face
    pairs: Column
    choice: lex.Choice

    def always_served(self) -> NDArray[np.bool_]:
        """Mentees with a mentor in every optimal plan; shape (n,).

        A mentee can lose its mentor inside the face when it may stay free and a chain of moves
        that costs nothing leads from "nobody" back to its mentor.
        """
        origin, target = lex.moves(self.face, self.choice)
        nobody = len(self.face.high)
        reached = np.zeros(nobody + 1, bool)
        reached[nobody] = True
        while True:
            before = int(reached.sum())
            reached[target[reached[origin]]] = True
            if int(reached.sum()) == before:
                break
        placed = self.choice >= 0
        served = placed.copy()
        at = self.face.head[self.choice[placed]]
        served[placed] = ~(self.face.free[placed] & reached[at])
        return served


def optima(problem: Problem, *, seed: int = 0, staying: Column | None = None) -> Optima:
    """Solve every objective of the policy; among the optima keep most of the pairs ``staying``.

    Parameters
    ----------
    staying : (k,) int64, optional
        Rows of the pair table. Plans that change little show who really loses by a change.
    """
    run = Run(problem, seed, lambda: False, first_face(problem))
    for code in problem.policy.order:
        for _ in run.objective(code):
            pass
    face, choice = run.face, run.choice
    if staying is not None:
        cost = lex.Cost(-np.isin(face.origin, staying).astype(np.int64), run.none())
        choice = lex.cheapest(face, cost, seed)
    placed = choice >= 0
    pairs = np.full(len(choice), -1, np.int64)
    pairs[placed] = face.origin[choice[placed]]
    return Optima(face, pairs, choice)
