"""The joint plan with everything in it, as one CP-SAT model over a choice of options.

With all options it is the whole Problem; with some it makes plans that are good, and
:mod:`matching.joint.master` says how much better any plan could be. The rules stand in
``mentorships``, ``visits``, ``missions``, ``courses`` and ``loads``, each a function named like
the rule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

from matching.joint import courses, loads, mentorships, missions, visits
from matching.joint.model import INSTRUMENTS, JointProblem
from matching.joint.pieces import Engagement, Part
from matching.model import TOP_NEEDS, Instrument, Pairing

BoolVar = cp_model.IntVar
Expression = cp_model.LinearExprT


@dataclass
class Complete:
    """The model, and what its variables mean.

    Attributes
    ----------
    rows
        Options that may be used.
    parts
        For each option in use, the literals "takes part so".
    engagements
        Everything that takes a week, with who is in it.
    serves
        For each need: points and the literal of a service that gives them.
    """

    problem: JointProblem
    rows: Sequence[int]
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    parts: list[Part] = field(default_factory=list)
    engagements: list[Engagement] = field(default_factory=list)
    serves: dict[int, dict[int, list[BoolVar]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    bonus: list[BoolVar] = field(default_factory=list)
    hosted: dict[int, list[BoolVar]] = field(default_factory=lambda: defaultdict(list))
    """Literals that count as one engagement of a party as host."""

    spending: dict[int, list[tuple[int, BoolVar]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Costs by the purse that has to pay them, each with the literal that causes it."""

    paid: dict[tuple[int, int], cp_model.IntVar] = field(default_factory=dict)
    """What a source pays for a purse, by (purse, source)."""

    def __post_init__(self) -> None:
        problem = self.problem
        self.points: dict[int, list[tuple[int, int]]] = defaultdict(list)
        wanted = set(self.rows)
        serving = problem.serving
        for option, need, points in zip(
            serving.option.tolist(), serving.need.tolist(), serving.points.tolist(), strict=True
        ):
            if option in wanted:
                self.points[option].append((need, points))
        self.by_giver: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.by_guest: dict[tuple[int, int], list[int]] = defaultdict(list)
        closed = self._closed()
        for at in self.rows:
            if at in closed:
                continue
            kind = int(problem.options.instrument[at])
            self.by_giver[kind, int(problem.options.giver[at])].append(at)
            self.by_guest[kind, int(problem.options.guest[at])].append(at)
        self.apart: dict[Instrument, set[tuple[int, int]]] = defaultdict(set)
        for instrument, one, other in problem.apart:
            self.apart[instrument] |= {(one, other), (other, one)}
        self.mentorship = mentorships.add(self)
        self.visits = visits.add(self)
        self.missions = missions.add(self)
        self.courses = courses.add(self)
        self.covered = loads.add(self)
        self._pins()
        self._levels()

    def literal(self, name: str = "") -> BoolVar:
        """A new yes or no."""
        return self.model.new_bool_var(name)

    def host(self, option: int) -> int:
        """Party behind an option."""
        table = self.problem.options
        return self.problem.party_of(int(table.instrument[option]), int(table.giver[option]))

    def _closed(self) -> set[int]:
        """What the coordinator excluded or a party declined is not proposed."""
        pairings = (*self.problem.policy.exclusions, *self.problem.previous.declined)
        named = {(p.instrument, p.guest, p.host) for p in pairings}
        return {at for at in self.rows if self._pairing_of(at) in named} if named else set()

    def _pairing_of(self, option: int) -> tuple[Instrument, str, str]:
        table, parties = self.problem.options, self.problem.parties
        return (
            INSTRUMENTS[int(table.instrument[option])],
            parties[int(table.guest[option])].key,
            parties[self.host(option)].key,
        )

    def _pins(self) -> None:
        """A pin is in the plan."""
        for pairing in self.problem.pins:
            self.model.add_bool_or(self.literals_of(pairing))

    def literals_of(self, pairing: Pairing) -> list[BoolVar]:
        """The parts in which a guest and a host share an item of an instrument."""
        return [
            part.literal
            for part in self.parts
            if self._pairing_of(part.option) == (pairing.instrument, pairing.guest, pairing.host)
        ]

    def _levels(self) -> None:
        """A need is served once, by the best of what serves it: points are reached in levels."""
        problem = self.problem
        self.fit_terms: list[tuple[int, BoolVar]] = []
        self.satisfaction_terms: dict[int, list[tuple[int, BoolVar]]] = defaultdict(list)
        weight: dict[int, int] = defaultdict(int)
        self.top_weight: dict[int, int] = defaultdict(int)
        top: set[int] = set()
        seen: dict[int, int] = defaultdict(int)
        for at, need in enumerate(problem.needs):
            weight[need.guest] += need.weight
            if seen[need.guest] < TOP_NEEDS:
                self.top_weight[need.guest] += need.weight
                top.add(at)
            seen[need.guest] += 1
        for at in sorted(self.serves):
            need = problem.needs[at]
            better: list[BoolVar] = []
            points = sorted(self.serves[at])
            for place in range(len(points) - 1, -1, -1):
                better = better + self.serves[at][points[place]]
                low = points[place - 1] if place else 0
                level = self.literal()
                self.model.add_bool_or([*better, level.negated()])
                total = weight[need.guest]
                step = need.weight * points[place] // total - need.weight * low // total
                self.fit_terms.append((step, level))
                if at in top:
                    self.satisfaction_terms[need.guest].append(
                        (need.weight * (points[place] - low), level)
                    )

    # What a plan is judged by.

    def fit(self) -> Expression:
        """Total fit, with the points for missions of several States."""
        several = self.problem.policy.weights.several_states
        return sum(step * level for step, level in self.fit_terms) + several * sum(self.bonus)

    def observers(self) -> Expression:
        """Observers' missions."""
        return sum(
            mission.literal
            for mission in self.missions
            if self.problem.parties[mission.guest].observer
        )

    def cover(self) -> Expression:
        """States with at least one service."""
        return sum(self.covered.values())

    def spend(self, purse: int, cost: int, literal: BoolVar) -> None:
        """What a literal costs when it is true, and who pays."""
        if cost:
            self.spending[purse].append((cost, literal))

    def cost(self) -> Expression:
        """Travel, days and interpretation, in minor units."""
        return sum(cost * literal for terms in self.spending.values() for cost, literal in terms)

    def spread(self) -> Expression:
        """Sum of squared engagements as host: the j-th engagement costs 2j - 1."""
        total: list[Expression] = []
        for party in sorted(self.hosted):
            literals = self.hosted[party]
            steps = [self.literal() for _ in literals]
            self.model.add(sum(steps) == sum(literals))
            total += [(2 * place + 1) * step for place, step in enumerate(steps)]
        return sum(total)

    def avoid(self) -> Expression:
        """Items in weeks to avoid."""
        weeks = set(self.problem.horizon.avoid)
        found = []
        for engagement in self.engagements:
            if not weeks & set(engagement.weeks):
                continue
            bad = self.literal()
            fine = [week for week in engagement.weeks if week not in weeks]
            inside = cp_model.Domain.from_values(fine)
            self.model.add_linear_expression_in_domain(engagement.week, inside).only_enforce_if(
                engagement.literal, bad.negated()
            )
            found.append(bad)
        return sum(found)

    def satisfaction(self, guest: int) -> cp_model.IntVar:
        """A State's satisfaction, at most what its needs give it, in whole points."""
        value = self.model.new_int_var(0, 100, "")
        terms = self.satisfaction_terms.get(guest, [])
        self.model.add(
            self.top_weight[guest] * value <= sum(points * level for points, level in terms)
        )
        return value

    def hint(self, solver: cp_model.CpSolver) -> None:
        """Start the next search from a solution."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        values = solver.response_proto.solution
        for at, value in enumerate(values):
            self.model.add_hint(self.model.get_int_var_from_proto_index(at), value)


def all_rows(problem: JointProblem) -> Sequence[int]:
    """Every option."""
    return range(len(problem.options))
