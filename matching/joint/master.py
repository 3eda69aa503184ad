"""The joint plan without dates: everything that competes, as one linear model.

Weeks, and which delegations sit in which visit of a host, are left to
:mod:`matching.joint.schedule`. What is left out here only makes more plans possible, so a bound
of this model bounds every plan.

Columns: one for each option (an expert's: "is on the team"), leads, missions, visits of each
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
from matching.model import TOP_NEEDS, Instrument, Pairing

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
        self.option = self.model.columns(len(self.table), upper=upper)
        self.guests = len(problem.parties)
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
        """A team of two to four, with a lead, covers the request; experts have their limits."""
        model, problem, rows = self.model, self.problem, self.of(MISSION)
        self.lead = np.full(len(self.table), -1, np.int64)
        self.mission = np.full(self.guests, -1, np.int64)
        asking = np.unique(self.table.guest[rows])
        self.mission[asking] = model.columns(len(asking))
        leading = rows[self.table.tongue[rows] >= 0]
        self.lead[leading] = model.columns(len(leading))
        place = {int(g): i for i, g in enumerate(asking)}
        group = np.array([place[int(g)] for g in self.table.guest[rows]], np.int64)
        missions = self.mission[asking]
        few = model.at_most(group, self.option[rows], np.zeros(len(asking)), -1.0)
        model.put(few, missions, TEAM_SIZES[0])
        many = model.at_most(group, self.option[rows], np.zeros(len(asking)))
        model.put(many, missions, -TEAM_SIZES[1])
        on_team = model.rows(len(rows), upper=0)
        model.put(on_team, self.option[rows])
        model.put(on_team, self.mission[self.table.guest[rows]], -1)
        leads = model.rows(len(leading), upper=0)
        model.put(leads, self.lead[leading])
        model.put(leads, self.option[leading], -1)
        one = model.rows(len(asking), lower=0, upper=0)
        model.put(one, missions, -1)
        model.put(one[[place[int(g)] for g in self.table.guest[leading]]], self.lead[leading])
        requests = [
            (place[need.guest], need.guest, need.theme)
            for need in problem.needs
            if need.mission and need.guest in place
        ]
        covers = model.rows(len(requests), upper=0)
        at = {(g, t): i for i, (_, g, t) in enumerate(requests)}
        model.put(covers, [missions[i] for i, _, _ in requests])
        for option in rows.tolist():
            guest, bits = int(self.table.guest[option]), int(self.table.themes[option])
            theirs = [at[guest, t] for t in _bits(bits) if (guest, t) in at]
            model.put(covers[theirs], self.option[option], -1)
        days = problem.policy.durations.mission
        limits = [min(e.missions, e.person_days // days) for e in problem.experts]
        if limits:
            model.at_most(self.table.giver[rows], self.option[rows], limits)

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
        for column, host in self._mission_parts():
            columns.append(column)
            hosts.append(host)
        total = [np.inf if p.host.total is None else float(p.host.total) for p in problem.parties]
        once = [
            np.inf if p.host.at_once is None else float(p.host.at_once) for p in problem.parties
        ]
        model.at_most(hosts, columns, total)
        model.at_most(hosts[:mentorships], columns[:mentorships], once)

    def _mission_parts(self) -> list[tuple[int, int]]:
        """A column and a party for each party's part in a mission, where its total is limited."""
        model, by_part = self.model, defaultdict(list)
        for at in self.of(MISSION).tolist():
            by_part[self.host(at), int(self.table.guest[at])].append(at)
        parts = []
        for (host, _), options in by_part.items():
            if self.problem.parties[host].host.total is None:
                continue
            if len(options) == 1:
                parts.append((int(self.option[options[0]]), host))
                continue
            column = model.columns(1, integer=False)
            rows = model.rows(len(options), upper=0)
            model.put(rows, self.option[options])
            model.put(rows, column, -1)
            parts.append((int(column[0]), host))
        return parts

    def least_cost(self) -> Whole:
        """Cost of each option with its cheapest language."""
        table = self.table
        cheapest = np.array([min(t.cost for t in ts) for ts in self.problem.tongues] + [0])
        speech = np.where(self.kind == VISIT, cheapest[table.tongue], 0)
        return np.where(table.mode == Mode.ONLINE, 0, table.cost) + speech

    def _money(self) -> None:
        """Every source pays at most its amount, for what it may pay."""
        model, problem = self.model, self.problem
        if not problem.sources:
            return
        cost = self.least_cost()
        count = len(problem.purses)
        paid = model.at_most(self.table.purse, self.option, np.zeros(count), cost)
        cells = [(purse, source) for purse, row in enumerate(problem.purses) for source in row]
        columns = model.columns(len(cells), upper=np.inf, integer=False)
        model.put(paid[[purse for purse, _ in cells]], columns, -1)
        amounts = [float(source.amount) for source in problem.sources]
        model.at_most([source for _, source in cells], columns, amounts)

    def _pins(self) -> None:
        """A pin is in the plan."""
        for pairing in self.problem.pins:
            row = self.model.rows(1, lower=1)
            self.model.put(row, self.option[self._named(pairing)])

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
