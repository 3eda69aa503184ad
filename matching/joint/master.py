"""The joint plan without dates: everything that competes, as one linear model.

Weeks, and which delegations sit in which visit of a host, are left to
:mod:`matching.joint.schedule`. What is left out here only makes more plans possible, so a bound
of this model bounds every plan.

Columns: one for each option, leads, missions, visits of each
offer, themes of its visits, variants of each course (mode, language, window of clocks), served
needs of delegations, and for each need and each level of points "served at least so well". The
last two need not be whole: they take whole values by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from matching.joint.clocks import windows
from matching.joint.linear import LinearModel, Whole
from matching.joint.model import TEAM_SIZES, JointProblem, Mode
from matching.joint.teams import Teams
from matching.model import TOP_NEEDS, Instrument, Pairing

MOST_ENGAGEMENTS = 200
"""More engagements of one host than any plan gives it: the last step of its squared load."""

MENTORSHIP, VISIT, MISSION, COURSE = range(4)


@dataclass(frozen=True)
class Variant:
    """One way to run a course: mode, language, and the clocks that are let in (online)."""

    course: int
    mode: int
    language: int
    clocks: frozenset[int] | None


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
    need_rows, need_step
        Levels of needs: for level column *k*, its need and the points it adds.
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
        self._visits()
        self._missions()
        self._courses()
        self._apart()
        self._guest_load()
        self._host_load()
        self._money()
        self._pins()
        self._levels()
        self._covered()

    def of(self, instrument: int) -> Whole:
        """Options of an instrument."""
        return np.flatnonzero(self.kind == instrument)

    def host(self, option: int) -> int:
        """Party behind an option."""
        return self.problem.party_of(int(self.kind[option]), int(self.table.giver[option]))

    def _named(self, pairing: Pairing) -> list[int]:
        """Options that a pairing of parties is about."""
        found = self._pairs.get((pairing.instrument, pairing.guest, pairing.host), [])
        return list(found)

    def _closed(self) -> Whole:
        """What the coordinator excluded or a party declined is not proposed."""
        kinds = (
            Instrument.MENTORSHIP, Instrument.STUDY_VISIT, Instrument.MISSION, Instrument.TRAINING,
        )  # fmt: skip
        self._pairs: dict[tuple[Instrument, str, str], list[int]] = defaultdict(list)
        for at in range(len(self.table)):
            guest = self.problem.parties[int(self.table.guest[at])].key
            host = self.problem.parties[self.host(at)].key
            self._pairs[kinds[int(self.kind[at])], guest, host].append(at)
        closed = [
            at
            for pairing in (*self.problem.policy.exclusions, *self.problem.previous.declined)
            for at in self._named(pairing)
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

    def _visits(self) -> None:
        """Delegations, persons and themes of a host's visits, taken together."""
        model, problem, rows = self.model, self.problem, self.of(VISIT)
        offers = problem.visits
        self.visit = model.columns(len(offers), upper=[float(v.visits) for v in offers])
        if not offers:
            self.visit_theme: dict[tuple[int, int], int] = {}
            self.served: dict[tuple[int, int], int] = {}
            return
        giver, columns = self.table.giver[rows], self.option[rows]
        persons = self.table.persons[rows]
        for values, least, most in (
            (np.ones(len(rows)), [v.delegations_min for v in offers],
             [v.delegations_max for v in offers]),
            (persons, [v.persons_min for v in offers], [v.persons_max for v in offers]),
        ):  # fmt: skip
            over = model.at_most(giver, columns, np.zeros(len(offers)), values)
            model.put(over, self.visit, -np.array(most, float))
            under = model.at_most(giver, columns, np.zeros(len(offers)), -np.asarray(values))
            model.put(under, self.visit, np.array(least, float))
        # A delegation needs a visit at all: tighter than the sums alone.
        held = model.rows(len(rows), upper=0)
        model.put(held, columns)
        model.put(held, self.visit[giver], -1)
        self._visit_themes(rows)

    def _visit_themes(self, rows: Whole) -> None:
        """A need is served when its theme is among those of a visit; visits have few themes."""
        model, problem = self.model, self.problem
        chosen = np.isin(self.serving_instrument(), [VISIT])
        cells = np.flatnonzero(chosen)
        option, need = problem.serving.option[cells], problem.serving.need[cells]
        theme = np.array([problem.needs[int(n)].theme for n in need], np.int64)
        offer = self.table.giver[option]
        pairs = sorted(set(zip(offer.tolist(), theme.tolist(), strict=True)))
        columns = model.columns(
            len(pairs), upper=[float(problem.visits[o].visits) for o, _ in pairs]
        )
        self.visit_theme = dict(zip(pairs, columns.tolist(), strict=True))
        of_pair = np.array([o for o, _ in pairs], np.int64)
        within = model.at_most(of_pair, columns, np.zeros(len(problem.visits)))
        most = [float(v.themes_max) for v in problem.visits]
        model.put(within, self.visit, -np.array(most))
        each = model.rows(len(pairs), upper=0)
        model.put(each, columns)
        model.put(each, self.visit[of_pair], -1)
        served = model.columns(len(cells), integer=False)
        keys = zip(option.tolist(), need.tolist(), strict=True)
        self.served = dict(zip(keys, served.tolist(), strict=True))
        present = model.rows(len(cells), upper=0)
        model.put(present, served)
        model.put(present, self.option[option], -1)
        shown = model.rows(len(cells), upper=0)
        model.put(shown, served)
        model.put(shown, [self.visit_theme[o, t] for o, t in zip(offer, theme, strict=True)], -1)
        # A delegation has at least one need served.
        place = {at: i for i, at in enumerate(rows.tolist())}
        some = model.at_most(np.arange(len(rows)), self.option[rows], np.zeros(len(rows)))
        model.put(some[[place[at] for at in option.tolist()]], served, -1)

    def serving_instrument(self) -> Whole:
        """Instrument of each serving."""
        return self.kind[self.problem.serving.option]

    def _missions(self) -> None:
        """Leads and missions; of the rest of a team only that it has to come from somewhere."""
        model, teams = self.model, self.teams
        self.lead = np.full(len(self.table), -1, np.int64)
        self.mission = np.full(self.guests, -1, np.int64)
        asking = [guest for guest in sorted(teams.candidates) if teams.possible(guest)]
        place = {guest: at for at, guest in enumerate(asking)}
        self.mission[asking] = model.columns(len(asking))
        leading = [c for guest in asking for c in teams.candidates[guest] if c.leads]
        options = np.array([c.option for c in leading], np.int64)
        self.lead[options] = model.columns(len(options))
        missions = self.mission[asking]
        one = model.rows(len(asking), lower=0, upper=0)
        model.put(one, missions, -1)
        model.put(one[[place[int(g)] for g in self.table.guest[options]]], self.lead[options])
        if not asking:
            return
        model.at_most([c.expert for c in leading], self.lead[options], teams.capacity)
        whole = model.rows(1, upper=float(sum(teams.capacity)))
        model.put(whole, missions, TEAM_SIZES[0])
        self._experts_of_a_theme(asking)

    def _experts_of_a_theme(self, asking: list[int]) -> None:
        """Missions that need a theme need an expert for it each."""
        model, teams = self.model, self.teams
        able: dict[int, set[int]] = defaultdict(set)
        for guest in asking:
            for candidate in teams.candidates[guest]:
                for theme in _bits(candidate.themes):
                    able[theme].add(candidate.expert)
        for theme in range(len(self.problem.themes)):
            wanting = [g for g in asking if teams.request[g] >> theme & 1]
            if wanting:
                row = model.rows(1, upper=float(sum(teams.capacity[e] for e in able[theme])))
                model.put(row, self.mission[wanting])

    def _courses(self) -> None:
        """A run in one mode, language and window of clocks, with its minimum of seats."""
        model, problem, rows = self.model, self.problem, self.of(COURSE)
        self.variants: list[Variant] = []
        by_course: dict[int, list[int]] = defaultdict(list)
        for at in rows.tolist():
            by_course[int(self.table.giver[at])].append(at)
        for course in range(len(problem.courses)):
            self.variants += self._variants_of(course, by_course[course])
        columns = model.columns(len(self.variants))
        self.variant = columns
        courses = np.array([v.course for v in self.variants], np.int64)
        count = len(problem.courses)
        if count:
            model.at_most(courses, columns, np.ones(count))
        by_variant: dict[int, list[int]] = defaultdict(list)
        for at, variant in enumerate(self.variants):
            by_variant[variant.course].append(at)
        admits = model.rows(len(rows), upper=0)
        model.put(admits, self.option[rows])
        for row, option in zip(admits.tolist(), rows.tolist(), strict=True):
            open_ = [
                int(columns[at])
                for at in by_variant[int(self.table.giver[option])]
                if self.admitted(option, self.variants[at])
            ]
            model.put(row, open_, -1)
        giver, persons = self.table.giver[rows], self.table.persons[rows]
        if count:
            over = model.at_most(giver, self.option[rows], np.zeros(count), persons)
            under = model.at_most(giver, self.option[rows], np.zeros(count), -persons)
            most = np.array([c.seats_max for c in problem.courses], float)
            least = np.array([c.seats_min for c in problem.courses], float)
            model.put(over[courses], columns, -most[courses])
            model.put(under[courses], columns, least[courses])

    def admitted(self, option: int, variant: Variant) -> bool:
        """Whether an option's guest can be in a course that runs so."""
        clock = self.problem.parties[int(self.table.guest[option])].offset
        return (
            int(self.table.mode[option]) == variant.mode
            and any(
                t.language == variant.language
                for t in self.problem.tongues[int(self.table.tongue[option])]
            )
            and (variant.clocks is None or clock is None or clock in variant.clocks)
        )

    def _variants_of(self, course: int, options: list[int]) -> list[Variant]:
        row, problem = self.problem.courses[course], self.problem
        found = []
        for mode in row.modes:
            theirs = [at for at in options if int(self.table.mode[at]) == mode]
            if not theirs:
                continue
            clocks: list[frozenset[int] | None] = [None]
            if mode == Mode.ONLINE:
                known = [problem.parties[int(self.table.guest[at])].offset for at in theirs]
                clocks = list(
                    windows(
                        {c for c in known if c is not None},
                        problem.parties[row.party].offset,
                        problem.policy.zone_spread_hours * 60,
                    )
                )
            found += [
                Variant(course, mode, language, window)
                for language in row.languages
                for window in clocks
            ]
        return found

    def _apart(self) -> None:
        """Two that can't share an item don't: where there is only one item to share."""
        table = self.table
        single = {
            Instrument.STUDY_VISIT: lambda at: (
                self.problem.visits[int(table.giver[at])].visits <= 1
                and int(self.kind[at]) == VISIT
            ),
            Instrument.TRAINING: lambda at: (
                int(table.mode[at]) == Mode.IN_PERSON and int(self.kind[at]) == COURSE
            ),
        }
        by_guest: dict[tuple[Instrument, int], dict[int, int]] = defaultdict(dict)
        for instrument, fits in single.items():
            number = VISIT if instrument is Instrument.STUDY_VISIT else COURSE
            for at in self.of(number).tolist():
                if fits(at):
                    by_guest[instrument, int(table.guest[at])][int(table.giver[at])] = at
        pairs = [
            (mine[giver], theirs[giver])
            for instrument, one, other in self.problem.apart
            if instrument in single
            for mine, theirs in [(by_guest[instrument, one], by_guest[instrument, other])]
            for giver in sorted(set(mine) & set(theirs))
        ]
        if pairs:
            rows = self.model.rows(len(pairs), upper=1)
            self.model.put(rows, self.option[[a for a, _ in pairs]])
            self.model.put(rows, self.option[[b for _, b in pairs]])

    def _engagements(self) -> tuple[Whole, Whole]:
        """Columns that count as an engagement of a guest, with the guest."""
        rows = np.flatnonzero(self.kind != MISSION)
        asking = np.flatnonzero(self.mission >= 0)
        return (
            np.concatenate([self.option[rows], self.mission[asking]]),
            np.concatenate([self.table.guest[rows], asking]),
        )

    def _guest_load(self) -> None:
        """A guest stays within what it can take on, in total and at once."""
        columns, guests = self._engagements()
        limits = [
            np.inf if p.guest.total is None else float(p.guest.total) for p in self.problem.parties
        ]
        if self.guests:
            self.model.at_most(guests, columns, limits)
        rows = self.of(MENTORSHIP)
        mentored: dict[int, list[int]] = defaultdict(list)
        for at in rows.tolist():
            mentored[int(self.table.guest[at])].append(at)
        for column, guest in zip(columns.tolist(), guests.tolist(), strict=True):
            limit = self.problem.parties[guest].guest.at_once
            if limit is None or limit > 1 or column in self.option[mentored[guest]]:
                if limit == 0:
                    self.model.put(self.model.rows(1, upper=0), column)
                continue
            row = self.model.rows(1, upper=limit)
            self.model.put(row, self.option[mentored[guest]])
            self.model.put(row, column)

    def _host_load(self) -> None:
        """A host stays within what it can give, in total; mentorships also at once."""
        model, problem = self.model, self.problem
        columns: list[int] = []
        hosts: list[int] = []
        for at in self.of(MENTORSHIP).tolist():
            columns.append(int(self.option[at]))
            hosts.append(self.host(at))
        mentorships = len(columns)
        for offer, column in zip(problem.visits, self.visit.tolist(), strict=True):
            columns.append(column)
            hosts.append(offer.party)
        for variant, column in zip(self.variants, self.variant.tolist(), strict=True):
            columns.append(column)
            hosts.append(problem.courses[variant.course].party)
        for at in self.of(MISSION).tolist():
            if self.lead[at] >= 0:
                columns.append(int(self.lead[at]))
                hosts.append(self.host(at))
        total = [np.inf if p.host.total is None else float(p.host.total) for p in problem.parties]
        once = [
            np.inf if p.host.at_once is None else float(p.host.at_once) for p in problem.parties
        ]
        self.hosting = np.array(columns, np.int64), np.array(hosts, np.int64)
        model.at_most(hosts, columns, total)
        model.at_most(hosts[:mentorships], columns[:mentorships], once)

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

    def _money(self) -> None:
        """Every source pays at most its amount, for what it may pay."""
        model, problem = self.model, self.problem
        if not problem.sources:
            return
        count = len(problem.purses)
        columns, cost, options = self.costly()
        paid = model.at_most(self.table.purse[options], columns, np.zeros(count), cost)
        cells = [(purse, source) for purse, row in enumerate(problem.purses) for source in row]
        columns = model.columns(len(cells), upper=np.inf, integer=False)
        model.put(paid[[purse for purse, _ in cells]], columns, -1)
        amounts = [float(source.amount) for source in problem.sources]
        model.at_most([source for _, source in cells], columns, amounts)

    def _pins(self) -> None:
        """A pin is in the plan."""
        for pairing in self.problem.pins:
            # An expert may be on a team without leading it: then the mission itself is all we know.
            options = self._named(pairing)
            if pairing.instrument is Instrument.MISSION:
                guests = {int(self.table.guest[at]) for at in options}
                columns = [int(self.mission[g]) for g in guests if self.mission[g] >= 0]
            else:
                columns = self.option[options].tolist()
            self.model.put(self.model.rows(1, lower=1), columns)

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
        columns, guests = self._engagements()
        self.cover = self.model.columns(self.guests, integer=False)
        rows = self.model.at_most(guests, columns, np.zeros(self.guests), -1.0)
        self.model.put(rows, self.cover)


def _bits(number: int) -> list[int]:
    return [at for at in range(number.bit_length()) if number >> at & 1]
