"""Solving again, a little changed: from a plan that is there, with a rule more or less.

All objectives in order, each frozen, as in :mod:`matching.joint.plan`; then questions about the
set of best plans that is left: is a need served in each of them, who need not lose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from matching import cpsat
from matching.joint.complete import Complete
from matching.joint.extract import items_of
from matching.joint.history import History
from matching.joint.model import JointProblem
from matching.joint.pieces import BoolVar
from matching.joint.placed import Entry, Placed, Values, placed
from matching.joint.value import best_points, levels_of, satisfaction_of, value_of
from matching.model import Item, ObjectiveCode, Pairing, WorstOff
from matching.watch import Watch

SMALLER = frozenset(
    {
        ObjectiveCode.KEEP, ObjectiveCode.CHANGES, ObjectiveCode.COST, ObjectiveCode.SPREAD,
        ObjectiveCode.AVOID,
    }
)  # fmt: skip
"""Objectives of which less is better."""


@dataclass(frozen=True)
class Reached:
    """The values of a plan, objective by objective; ``levels`` of the worst-off."""

    items: tuple[Item, ...]
    values: dict[ObjectiveCode, int]
    levels: tuple[tuple[int, int], ...]
    proven: bool


class Again:
    """A Problem under solution, with what is asked of it.

    Parameters
    ----------
    start
        Items to begin the search from.
    held
        Guests whose places, as in ``start``, stay; the items they are in stay with them.
    work
        Deterministic work for one run; None leaves it open, and everything is proven.
    """

    def __init__(
        self, problem: JointProblem, *, watch: Watch, seed: int, workers: int = 1,
        start: Sequence[Item] = (), held: Collection[str] = (), work: float | None = None,
    ) -> None:  # fmt: skip
        self.problem, self.watch = problem, watch
        self.seed, self.workers, self.work = seed, workers, work
        self.plan = Complete(problem, range(len(problem.options)))
        self.history = History(self.plan)
        self.model = self.plan.model
        self._start = placed(self.plan, start)
        self._start.hint(self.plan)
        self._hold(self._start, start, frozenset(held))
        self.items: tuple[Item, ...] = ()
        self.proven = True
        self._made: dict[ObjectiveCode, cp_model.LinearExprT] = {}
        self._satisfaction: dict[int, cp_model.IntVar] = {}

    def _hold(self, found: Placed, items: Sequence[Item], held: frozenset[str]) -> None:
        fixed: set[str] = set(held)
        for at, item in enumerate(items):
            guests = {place.guest for place in item.places}
            if not guests & held:
                continue
            all_held = guests <= held
            if not all_held:
                fixed -= guests
            entry = found.entries[at]
            literals = []
            for way in entry.ways:
                literals.append(self.plan.literal())
                for variable, value in self._values(way, held, all_held):
                    self.model.add(variable == value).only_enforce_if(literals[-1])
            if literals:
                self.model.add_bool_or(literals)
                continue
            for variable, value in self._values(entry, held, all_held):
                self.model.add(variable == value)
        keys = [row.key for row in self.problem.parties]
        self._free = [guest for guest in self.plan.covered if keys[guest] not in fixed]

    def _values(self, entry: Entry, held: frozenset[str], all_held: bool) -> Values:
        """What stays of an item: with all of its guests its themes, too."""
        return [*entry.of(held), *entry.frame, *(entry.themes if all_held else [])]

    # What is asked.

    def served(self, need: int) -> list[BoolVar]:
        """Literals each of which says that the need is served."""
        plan = self.plan
        literals: list[BoolVar] = []
        having = {at for at, points in plan.points.items() if need in {n for n, _ in points}}
        theme = self.problem.needs[need].theme
        literals += [literal for at, literal in plan.mentorship.items() if at in having]
        literals += [
            literal for mission in plan.missions for at, literal in mission.leads.items()
            if at in having
        ]  # fmt: skip
        literals += [
            literal for run in plan.courses for at, literal in run.parts.items() if at in having
        ]
        for visit in plan.visits:
            for at, literal in visit.parts.items():
                if at in having and theme in visit.themes:
                    both = plan.literal()
                    self.model.add_min_equality(both, [literal, visit.themes[theme]])
                    literals.append(both)
        return literals

    def serve(self, need: int) -> None:
        """From now on the need is served."""
        self.model.add_bool_or(self.served(need))

    def pin(self, pairing: Pairing) -> None:
        """From now on the two are in an item together."""
        self.model.add_bool_or(self.plan.literals_of(pairing))

    def part(self, pairing: Pairing) -> None:
        """From now on the two are in no item of the instrument together."""
        for literal in self.plan.literals_of(pairing):
            self.model.add(literal == 0)

    def at_least(self, code: ObjectiveCode, bound: int) -> None:
        """What is known of an objective in any plan: a search that meets it is over."""
        self.model.add(self._expression(code) >= bound)

    # Solving.

    def first(self) -> bool | None:
        """Whether any plan is possible; None when the work did not suffice to tell."""
        answer = self._run(None)
        if answer is not None and answer.found:
            return True
        return False if answer is not None and answer.impossible else None

    def best(self) -> Reached | None:
        """The best plan, every objective frozen; None when none was found."""
        if not self.first():
            return None
        policy = self.problem.policy
        for code in policy.order:
            if code is ObjectiveCode.WORST_OFF:
                self._worst_off()
            elif code is not ObjectiveCode.OBSERVERS or policy.observers_first:
                self._aim(code)
        return self.reached()

    def reached(self) -> Reached:
        """What the plan so far reaches."""
        codes = self.problem.policy.order
        return Reached(
            self.items, {code: value_of(self.problem, self.items, code) for code in codes},
            levels_of(self.problem, self.items), self.proven,
        )  # fmt: skip

    def always(self, need: int) -> bool:
        """Whether every plan as good as the best serves the need; after :meth:`best`."""
        without = self.plan.literal()
        for literal in self.served(need):
            self.model.add_implication(without, literal.negated())
        answer = self._run(without, keep=False)
        return answer is not None and answer.proven and answer.value == 0

    def fewest_losers(self, before: dict[int, int]) -> tuple[str, ...]:
        """States that are less satisfied than before, in a best plan in which they are fewest."""
        worse = []
        for guest in self._free:
            if before.get(guest, 0):
                lost = self.plan.literal()
                self.model.add(self.satisfaction(guest) >= before[guest]).only_enforce_if(
                    lost.negated()
                )
                worse.append(lost)
        self._run(sum(worse), least=True)
        now = satisfaction_of(self.problem, best_points(self.problem, self.items))
        keys = [row.key for row in self.problem.parties]
        return tuple(keys[g] for g in sorted(before) if now.get(g, 0) < before[g])

    def satisfaction(self, guest: int) -> cp_model.IntVar:
        """One variable for each State, made when it is first asked for."""
        if guest not in self._satisfaction:
            self._satisfaction[guest] = self.plan.satisfaction(guest)
        return self._satisfaction[guest]

    def _aim(self, code: ObjectiveCode) -> None:
        expression, least = self._expression(code), code in SMALLER
        self._run(expression, least=least)
        value = value_of(self.problem, self.items, code)
        if least:
            self.model.add(expression <= value)
        else:
            self.model.add(expression >= value)

    def _expression(self, code: ObjectiveCode) -> cp_model.LinearExprT:
        if code not in self._made:
            self._made[code] = self._make(code)
        return self._made[code]

    def _make(self, code: ObjectiveCode) -> cp_model.LinearExprT:
        plan, history = self.plan, self.history
        if code in (ObjectiveCode.KEEP, ObjectiveCode.CHANGES) and not history.any:
            return 0
        return {
            ObjectiveCode.KEEP: lambda: sum(history.told()),
            ObjectiveCode.CHANGES: history.changes,
            ObjectiveCode.OBSERVERS: plan.observers, ObjectiveCode.COVER: plan.cover,
            ObjectiveCode.FIT: plan.fit, ObjectiveCode.COST: plan.cost,
            ObjectiveCode.SPREAD: plan.spread, ObjectiveCode.AVOID: plan.avoid,
        }[code]()  # fmt: skip

    def _worst_off(self) -> None:
        """The lowest as high as possible, then fewest at each level that is reached."""
        rule = self.problem.policy.worst_off
        if rule is WorstOff.OFF or not self._free:
            return
        floor = self.model.new_int_var(0, 100, "")
        for guest in self._free:
            self.model.add(self.satisfaction(guest) >= floor).only_enforce_if(
                self.plan.covered[guest]
            )
        self._run(floor)
        levels = self._levels()
        if not levels:
            return
        self.model.add(floor >= levels[0])
        if rule is WorstOff.MINIMUM:
            return
        at = levels[0]
        while not self.watch.stopped():
            low = [self._at_most(guest, at) for guest in self._free]
            self._run(sum(low), least=True)
            levels = self._levels()
            higher = [level for level in levels if level > at]
            if not higher:
                return
            # Nobody falls between the two levels either: frozen up to just below the next.
            under = [self._at_most(guest, higher[0] - 1) for guest in self._free]
            self.model.add(sum(under) <= sum(1 for level in levels if level <= at))
            at = higher[0]

    def _at_most(self, guest: int, level: int) -> BoolVar:
        literal = self.plan.literal()
        self.model.add(self.satisfaction(guest) >= level + 1).only_enforce_if(
            self.plan.covered[guest], literal.negated()
        )
        return literal

    def _levels(self) -> list[int]:
        """Satisfaction of the covered States that are not held, lowest first."""
        found = satisfaction_of(self.problem, best_points(self.problem, self.items))
        place = {row.key: at for at, row in enumerate(self.problem.parties)}
        covered = {place[p.guest] for item in self.items for p in item.places}
        return sorted(found[guest] for guest in self._free if guest in covered)

    def _run(
        self, expression: cp_model.LinearExprT | None, *, least: bool = False, keep: bool = True
    ) -> cpsat.Answer | None:
        """Run CP-SAT; keep the plan it finds."""
        if self.watch.stopped():
            self.proven = False
            return None
        self.model.clear_objective()  # type: ignore[no-untyped-call]
        if expression is not None and not isinstance(expression, int):
            if least:
                self.model.minimize(expression)
            else:
                self.model.maximize(expression)
        answer = cpsat.run(
            self.model, watch=self.watch, seed=self.seed, workers=self.workers,
            work_limit=self.work,
        )  # fmt: skip
        self.proven &= answer.proven or answer.impossible
        if answer.found and keep:
            self.items = items_of(self.plan, answer.solver.value)
            self._hint(answer.solver)
        return answer

    def _hint(self, solver: cp_model.CpSolver) -> None:
        """Start the next search from a solution."""
        values = solver.response_proto.solution
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        hint = self.model.proto.solution_hint
        hint.vars.extend(range(len(values)))
        hint.values.extend(values)


def satisfied(problem: JointProblem, items: Iterable[Item]) -> dict[int, int]:
    """Satisfaction of every party with needs, under a plan."""
    return satisfaction_of(problem, best_points(problem, tuple(items)))
