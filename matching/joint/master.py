"""The joint plan without dates: everything that competes, as one linear model.

Weeks, and which delegations sit in which visit of a host, are left to
:mod:`matching.joint.complete`. What is left out here only makes more plans possible, so a bound
of this model bounds every plan.

Columns: one for each option, leads, missions, visits of each
offer, themes of its visits, variants of each course (mode, language, window of clocks), served
needs of delegations, and for each need and each level of points "served at least so well". The
last two need not be whole: they take whole values by themselves.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from matching.joint.linear import LinearModel, Whole
from matching.joint.model import INSTRUMENTS, MENTORSHIP, MISSION, VISIT, JointProblem, Mode
from matching.joint.relaxed import courses, missions, shared, visits
from matching.joint.teams import Teams
from matching.model import TOP_NEEDS, Instrument, Pairing

MOST_ENGAGEMENTS = 200
"""More engagements of one host than any plan gives it: the last step of its squared load."""


class Master:
    """The model and the meaning of its columns.

    Attributes
    ----------
    option
        Column of each option.
    lead
        Column of "leads" for each option of an expert who can, -1 for all others.
    mission
        Column of each party's mission, -1 where none is possible.
    visit, served
        Visits of each offer; served needs of delegations by (option, need).
    variants, variant
        Ways in which courses can run, and their columns.
    level, level_guest, level_fit, level_satisfaction
        Levels of needs: columns, guests, what each adds to fit and to weighted satisfaction.
    """

    def __init__(self, problem: JointProblem) -> None:
        self.problem = problem
        self.model = LinearModel()
        self.table = problem.options
        self.kind = self.table.instrument
        upper = np.ones(len(self.table))
        upper[self._closed()] = 0
        # Who else is on a team is left open here: only leads are chosen.
        upper[self.kind == MISSION] = 0
        self.teams = Teams(problem)
        self.option = self.model.columns(len(self.table), upper=upper)
        self.guests = len(problem.parties)
        self._squares: tuple[Whole, Whole] | None = None
        self._mentor_capacity()
        self._one_mentor_each()
        self.visit, self.served = visits.add(self)
        self.lead, self.mission = missions.add(self)
        self.variants, self.variant = courses.add(self)
        self.hosting = shared.add(self)
        self._levels()
        self._covered()

    def of(self, instrument: int) -> Whole:
        """Options of an instrument."""
        return np.flatnonzero(self.kind == instrument)

    def host(self, option: int) -> int:
        """Party behind an option."""
        return self.problem.party_of(int(self.kind[option]), int(self.table.giver[option]))

    def named(self, pairing: Pairing) -> list[int]:
        """Options that a pairing of parties is about."""
        found = self._pairs.get((pairing.instrument, pairing.guest, pairing.host), [])
        return list(found)

    def _closed(self) -> Whole:
        """What the coordinator excluded or a party declined is not proposed."""
        self._pairs: dict[tuple[Instrument, str, str], list[int]] = defaultdict(list)
        for at in range(len(self.table)):
            guest = self.problem.parties[int(self.table.guest[at])].key
            host = self.problem.parties[self.host(at)].key
            self._pairs[INSTRUMENTS[int(self.kind[at])], guest, host].append(at)
        closed = [
            at
            for pairing in (*self.problem.policy.exclusions, *self.problem.previous.declined)
            for at in self.named(pairing)
        ]
        return np.array(sorted(set(closed)), np.int64)

    def _mentor_capacity(self) -> None:
        """A mentor never gets more mentees than it offered."""
        rows = self.of(MENTORSHIP)
        limits = [row.capacity for row in self.problem.mentors]
        if limits:
            self.model.at_most(self.table.giver[rows], self.option[rows], limits)

    def _one_mentor_each(self) -> None:
        """A guest has one mentor at most."""
        rows = self.of(MENTORSHIP)
        self.model.at_most(self.table.guest[rows], self.option[rows], np.ones(self.guests))

    def serving_instrument(self) -> Whole:
        """Instrument of each serving."""
        return self.kind[self.problem.serving.option]

    def engagements(self) -> tuple[Whole, Whole]:
        """Columns that count as an engagement of a guest, with the guest."""
        rows = np.flatnonzero(self.kind != MISSION)
        asking = np.flatnonzero(self.mission >= 0)
        return (
            np.concatenate([self.option[rows], self.mission[asking]]),
            np.concatenate([self.table.guest[rows], asking]),
        )

    def squares(self) -> tuple[Whole, Whole]:
        """Columns and coefficients of the sum of squared engagements as host.

        The j-th engagement costs 2j - 1; where a team's other experts come from is left open.
        """
        if self._squares is None:
            columns, hosts = self.hosting
            most = np.bincount(hosts, minlength=self.guests)
            most = np.minimum(
                most + sum(v.visits for v in self.problem.visits) * (most > 0), MOST_ENGAGEMENTS
            )
            party = np.repeat(np.arange(self.guests), most)
            order = np.concatenate([np.arange(n) for n in most]) if len(most) else most
            steps = self.model.columns(len(party), integer=False)
            rows = self.model.rows(self.guests, lower=0, upper=0)
            self.model.put(rows[party], steps)
            self.model.put(rows[hosts], columns, -1)
            self._squares = steps, 2 * order + 1
        return self._squares

    def least_cost(self) -> Whole:
        """Cost of each option with its cheapest language."""
        table = self.table
        cheapest = np.array([min(t.cost for t in ts) for ts in self.problem.tongues] + [0])
        speech = np.where(self.kind == VISIT, cheapest[table.tongue], 0)
        return np.where(table.mode == Mode.ONLINE, 0, table.cost) + speech

    def costly(self) -> tuple[Whole, Whole, Whole]:
        """Columns that cost, what they cost at least, and their options.

        A mission costs its lead's journey and at least the cheapest other one.
        """
        cost = self.least_cost()
        plain = np.flatnonzero(self.kind != MISSION)
        leads = np.flatnonzero(self.lead >= 0)
        second: dict[int, int] = {}
        for guest, candidates in self.teams.candidates.items():
            costs = sorted(int(cost[c.option]) for c in candidates)
            second[guest] = costs[1] if len(costs) > 1 else 0
        both = np.array(
            [
                int(cost[at]) + min(second[int(self.table.guest[at])], self._cheapest(at, cost))
                for at in leads.tolist()
            ],
            np.int64,
        )
        return (
            np.concatenate([self.option[plain], self.lead[leads]]),
            np.concatenate([cost[plain], both]),
            np.concatenate([plain, leads]),
        )

    def _cheapest(self, lead: int, cost: Whole) -> int:
        """Cost of the cheapest other expert for a lead's guest."""
        guest, expert = int(self.table.guest[lead]), int(self.table.giver[lead])
        return min(
            (int(cost[c.option]) for c in self.teams.candidates[guest] if c.expert != expert),
            default=0,
        )

    def _levels(self) -> None:
        """A need is served once, by the best of what serves it."""
        model, problem = self.model, self.problem
        by_need: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        kinds = self.serving_instrument()
        serving = problem.serving
        for cell in range(len(serving)):
            option, need = int(serving.option[cell]), int(serving.need[cell])
            kind = int(kinds[cell])
            column = int(self.option[option])
            if kind == VISIT:
                column = self.served[option, need]
            elif kind == MISSION:
                column = int(self.lead[option])
                if column < 0:
                    continue
            by_need[need][int(serving.points[cell])].append(column)
        count = sum(len(levels) for levels in by_need.values())
        columns = model.columns(count, integer=False)
        rows = model.rows(count, upper=0)
        model.put(rows, columns)
        self.level = columns
        self.level_need, self.level_points, self.level_below = [], [], []
        at = 0
        for need in sorted(by_need):
            better: list[int] = []
            points = sorted(by_need[need])
            for place in range(len(points) - 1, -1, -1):
                better += by_need[need][points[place]]
                model.put(rows[at], better, -1)
                self.level_need.append(need)
                self.level_points.append(points[place])
                self.level_below.append(points[place - 1] if place else 0)
                at += 1
        weight = np.zeros(self.guests, np.int64)
        top = np.zeros(self.guests, np.int64)
        seen = np.zeros(self.guests, np.int64)
        self.top_need = np.zeros(len(problem.needs), bool)
        for place, row in enumerate(problem.needs):
            weight[row.guest] += row.weight
            if seen[row.guest] < TOP_NEEDS:
                top[row.guest] += row.weight
                self.top_need[place] = True
            seen[row.guest] += 1
        self.top_weight = top
        need_of = np.array(self.level_need, np.int64)
        guest = np.array([problem.needs[n].guest for n in self.level_need], np.int64)
        own = np.array([problem.needs[n].weight for n in self.level_need], np.int64)
        high = np.array(self.level_points, np.int64)
        low = np.array(self.level_below, np.int64)
        self.level_guest = guest
        self.level_fit = own * high // weight[guest] - own * low // weight[guest]
        self.level_satisfaction = np.where(self.top_need[need_of], own * (high - low), 0)

    def _covered(self) -> None:
        """A State is covered when it gets at least one service."""
        columns, guests = self.engagements()
        self.cover = self.model.columns(self.guests, integer=False)
        rows = self.model.at_most(guests, columns, np.zeros(self.guests), -1.0)
        self.model.put(rows, self.cover)
