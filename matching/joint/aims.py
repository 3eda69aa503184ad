"""What the complete model maximises or minimises, objective by objective."""

from __future__ import annotations

from ortools.sat.python import cp_model

from matching.joint.complete import Complete
from matching.joint.history import History
from matching.model import ObjectiveCode


class Aims:
    """The expressions that objectives maximise or minimise, made when they are first asked for."""

    def __init__(self, plan: Complete, history: History) -> None:
        self._plan, self._history = plan, history
        self._made: dict[ObjectiveCode, cp_model.LinearExprT] = {}
        self.satisfaction = {guest: plan.satisfaction(guest) for guest in plan.covered}

    def __getitem__(self, code: ObjectiveCode) -> cp_model.LinearExprT:
        if code not in self._made:
            self._made[code] = self._make(code)
        return self._made[code]

    def _make(self, code: ObjectiveCode) -> cp_model.LinearExprT:
        plan, history = self._plan, self._history
        if code is ObjectiveCode.KEEP:
            return sum(history.told()) if history.any else 0
        if code is ObjectiveCode.CHANGES:
            return history.changes() if history.any else 0
        return {
            ObjectiveCode.OBSERVERS: plan.observers,
            ObjectiveCode.COVER: plan.cover,
            ObjectiveCode.FIT: plan.fit,
            ObjectiveCode.COST: plan.cost,
            ObjectiveCode.SPREAD: plan.spread,
            ObjectiveCode.AVOID: plan.avoid,
        }[code]()
