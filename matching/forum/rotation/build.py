"""The rules of the rotation as a CP-SAT model, one function for each rule.

Forums are numbered in the order of time: forum *k* takes one option (year, week, host). The
number, not the year, carries the turns, so that a year may have several forums.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, TypeVar

from ortools.sat.python import cp_model

from matching.forum.rotation.codes import RotationRule
from matching.forum.rotation.model import Forum, RotationProblem
from matching.outcome import Clash

Bool = cp_model.IntVar
Key = TypeVar("Key", str, tuple[str, int])


@dataclass(frozen=True)
class Option:
    """A forum that an offer makes possible. ``closed``: rules that forbid it."""

    year: int
    week: int
    host: str
    region: str
    cost: int
    soft: bool
    closed: tuple[tuple[RotationRule, tuple[str | int, ...]], ...]


def options_of(problem: RotationProblem) -> list[Option]:
    """Every week of every offer, also those that a session or too few seats close.

    Of a host's offers for the same week the cheapest with enough seats counts.
    """
    travel = {row.host: row.cost for row in problem.travel}
    sessions = {(row.year, row.week): row for row in sorted(problem.sessions, key=lambda s: s.hard)}
    best: dict[tuple[int, int, str], tuple[bool, int, Option]] = {}
    for offer in problem.offers:
        for year in (row.year for row in problem.years):
            if offer.years and year not in offer.years:
                continue
            for week in offer.weeks:
                if week > date(year, 12, 28).isocalendar().week:
                    continue
                found = [sessions[at] for at in ((year, week), (None, week)) if at in sessions]
                hard = any(row.hard for row in found)
                small = offer.seats is not None and offer.seats < problem.seats
                closed: list[tuple[RotationRule, tuple[str | int, ...]]] = []
                if hard:
                    closed.append((RotationRule.SESSION_WEEK, (week, year)))
                if small:
                    closed.append((RotationRule.SEATS, (offer.host, problem.seats)))
                cost = offer.cost + travel.get(offer.host, 0)
                option = Option(
                    year, week, offer.host, offer.region, cost,
                    any(not row.hard for row in found) and not hard, tuple(closed),
                )  # fmt: skip
                place = (year, week, offer.host)
                if place not in best or (small, cost) < best[place][:2]:
                    best[place] = (small, cost, option)
    return [option for _, _, option in best.values()]


def _undominated(problem: RotationProblem, options: list[Option]) -> list[Option]:
    """Options without weeks that no best plan needs.

    In a year with one forum the week matters for cost and soft weeks alone: of each host the best
    week is enough, beside those of the earlier plan and of pins.
    """
    single = {row.year for row in problem.years if row.most == 1}
    named = {
        *((row.year, row.host, row.week) for row in problem.previous),
        *((row.year, row.host, row.week) for row in problem.pins),
    }
    best: dict[tuple[int, str], Option] = {}
    for option in options:
        place = (option.year, option.host)
        if place not in best or (option.cost, option.soft) < (best[place].cost, best[place].soft):
            best[place] = option
    return [
        option
        for option in options
        if option.year not in single
        or option is best[option.year, option.host]
        or (option.year, option.host, option.week) in named
    ]


class Model:
    """The CP-SAT model. With ``explain`` every rule holds only if its literal does."""

    def __init__(self, problem: RotationProblem, *, explain: bool = False) -> None:
        self.problem, self.explain = problem, explain
        self.cp = cp_model.CpModel()
        everything = options_of(problem)
        self.open = [option for option in everything if not option.closed]
        self.options = everything if explain else _undominated(problem, self.open)
        self.number = sum(row.most for row in problem.years)
        self.clashes: list[Clash] = []
        self.literals: list[Bool] = []
        self.at: list[dict[int, Bool]] = [{} for _ in range(self.number)]
        self._numbers()
        self._in_order()
        self._year_served()
        self._region_turn()
        self._host_turn()
        self._closed()
        self._pins()

    def _rule(self, code: RotationRule, **parameters: str | int) -> list[Bool]:
        """The literal of a rule, none when rules simply hold."""
        if not self.explain:
            return []
        clash = Clash(code, parameters)
        if clash not in self.clashes:
            self.clashes.append(clash)
            self.literals.append(self.cp.new_bool_var(""))
        return [self.literals[self.clashes.index(clash)]]

    def _hold(self, constraint: Any, rule: list[Bool]) -> None:
        self.cp.add(constraint).only_enforce_if(rule)

    def _numbers(self) -> None:
        """Forum *k* takes one option or none; a year has at most so many forums."""
        first, last, least, most = {}, {}, 0, 0
        for row in self.problem.years:
            first[row.year] = 0 if self.explain else least
            least, most = least + row.least, most + row.most
            last[row.year] = most
        for place, option in enumerate(self.options):
            # Before it are the fewest forums of earlier years, and no more than the most.
            for number in range(first[option.year], last[option.year]):
                self.at[number][place] = self.cp.new_bool_var(f"{number}_{place}")
        for here in self.at:
            self.cp.add_at_most_one(here.values())
        for row in self.problem.years:
            self.cp.add(self._count(self._of_year(row.year)) <= row.most)

    def _of_year(self, year: int) -> set[int]:
        return {at for at, option in enumerate(self.options) if option.year == year}

    def _count(self, places: Iterable[int]) -> cp_model.LinearExprT:
        """How many forums take one of these options."""
        chosen = set(places)
        return sum(
            literal for here in self.at for place, literal in here.items() if place in chosen
        )

    def _in_order(self) -> None:
        """Forums follow one another in time, no two in one week."""
        for first, second in pairwise(self.at):
            self.cp.add(sum(second.values()) <= sum(first.values()))
            early, late = (
                sum(
                    literal * (self.options[at].year * 54 + self.options[at].week)
                    for at, literal in here.items()
                )
                for here in (first, second)
            )
            follows = self.cp.new_bool_var("")
            self.cp.add(sum(second.values()) == follows)
            self.cp.add(late >= early + 1).only_enforce_if(follows)

    def _year_served(self) -> None:
        """A year has at least its number of forums."""
        for row in self.problem.years:
            if row.least:
                rule = self._rule(RotationRule.YEAR_SERVED, year=row.year, least=row.least)
                self._hold(self._count(self._of_year(row.year)) >= row.least, rule)

    def _region_turn(self) -> None:
        """No region has a further forum before every region that does not pass has had as many."""
        past = Counter(forum.region for forum in self.problem.history)
        takes = self._takes(lambda option: option.region)
        waited = [region.key for region in self.problem.regions if not region.passes]
        for region, numbers in takes.items():
            rule = self._rule(RotationRule.REGION_TURN, region=region)
            for other in waited:
                if other != region:
                    ahead = past[region] - past[other]
                    self._behind(numbers, ahead, numbers, takes.get(other, {}), rule)

    def _host_turn(self) -> None:
        """No host has a further forum before every host of its region that offers the year has
        had as many."""
        past = Counter(forum.host for forum in self.problem.history)
        takes = self._takes(lambda option: option.host)
        yearly = self._takes(lambda option: (option.host, option.year))
        region = {option.host: option.region for option in self.options}
        willing: dict[int, set[str]] = defaultdict(set)
        for option in self.open:
            willing[option.year].add(option.host)
        for (host, year), numbers in yearly.items():
            rule = self._rule(RotationRule.HOST_TURN, host=host)
            for other in sorted(willing[year]):
                if other != host and region[other] == region[host]:
                    ahead = past[host] - past[other]
                    self._behind(numbers, ahead, takes[host], takes[other], rule)

    def _takes(self, name: Callable[[Option], Key]) -> dict[Key, dict[int, Bool]]:
        """By name and number, a literal that holds when the forum has an option of the name."""
        found: dict[Key, dict[int, Bool]] = defaultdict(dict)
        for number, here in enumerate(self.at):
            groups: dict[Key, list[Bool]] = defaultdict(list)
            for at, literal in here.items():
                groups[name(self.options[at])].append(literal)
            for key, literals in groups.items():
                takes = self.cp.new_bool_var("")
                self.cp.add(sum(literals) == takes)
                found[key][number] = takes
        return dict(sorted(found.items()))

    def _behind(
        self,
        numbers: dict[int, Bool],
        ahead: int,
        ours: dict[int, Bool],
        theirs: dict[int, Bool],
        rule: list[Bool],
    ) -> None:
        """When a forum of these numbers is here, no more were here before than there."""
        for number, takes in numbers.items():
            lead = sum(literal for at, literal in ours.items() if at < number) - sum(
                literal for at, literal in theirs.items() if at < number
            )
            self._hold(lead <= -ahead, [takes, *rule])

    def _closed(self) -> None:
        """No forum in a week of a confirmed session, none with too few seats."""
        if not self.explain:
            return
        for at, option in enumerate(self.options):
            for code, values in option.closed:
                names = (
                    ("week", "year") if code is RotationRule.SESSION_WEEK else ("host", "needed")
                )
                rule = self._rule(code, **dict(zip(names, values, strict=True)))
                self._hold(self._count([at]) == 0, rule)

    def _pins(self) -> None:
        """What was accepted takes place."""
        for pin in self.problem.pins:
            rule = self._rule(RotationRule.PINNED_FORUM, year=pin.year, host=pin.host)
            places = [
                at
                for at, option in enumerate(self.options)
                if (option.year, option.host) == (pin.year, pin.host)
                and pin.week in (None, option.week)
            ]
            self._hold(self._count(places) >= 1, rule)

    # What the objectives count.

    def changed(self) -> cp_model.LinearExprT:
        """Forums of the earlier plan that are not as they were."""
        earlier = {(forum.year, forum.host, forum.week) for forum in self.problem.previous}
        kept = [at for at, o in enumerate(self.options) if (o.year, o.host, o.week) in earlier]
        return len(earlier) - self._count(kept)

    def fairness(self) -> cp_model.LinearExprT:
        """Sum of squares of the numbers of forums that regions and hosts have had in the end."""
        terms: list[cp_model.LinearExprT] = []
        for name in ("region", "host"):
            past = Counter(getattr(forum, name) for forum in self.problem.history)
            terms += [number**2 for number in past.values()]
            places: dict[str, list[int]] = defaultdict(list)
            for at, option in enumerate(self.options):
                places[getattr(option, name)].append(at)
            for key, here in sorted(places.items()):
                steps = [self.cp.new_bool_var("") for _ in range(self.number)]
                self.cp.add(sum(steps) == self._count(here))
                for first, second in pairwise(steps):
                    self.cp.add_implication(second, first)
                # (n + 1)² - n² for each further forum.
                terms += [(2 * (past[key] + at) + 1) * step for at, step in enumerate(steps)]
        return sum(terms)

    def cost(self) -> cp_model.LinearExprT:
        """Cost of hosting and of travel."""
        return sum(
            literal * self.options[at].cost for here in self.at for at, literal in here.items()
        )

    def soft_weeks(self) -> cp_model.LinearExprT:
        """Forums in weeks to avoid."""
        return self._count(at for at, option in enumerate(self.options) if option.soft)

    def without(self, year: int, host: str) -> None:
        """Forbid a host in a year."""
        mine = [at for at, o in enumerate(self.options) if (o.year, o.host) == (year, host)]
        self.cp.add(self._count(mine) == 0)

    def another(self, year: int, hosts: set[str], number: int) -> None:
        """At least so many forums in a year, one of them by somebody else than these hosts."""
        mine = self._of_year(year)
        self.cp.add(self._count(mine) >= number)
        others = [at for at in mine if self.options[at].host not in hosts]
        self.cp.add(self._count(others) >= 1)

    def hint(self, forums: set[tuple[int, int, str]]) -> None:
        """Start from forums, each a year, week and host."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]
        order = sorted(forums)
        for number, here in enumerate(self.at):
            for at, literal in here.items():
                option = self.options[at]
                place = (option.year, option.week, option.host)
                self.cp.add_hint(literal, order[number : number + 1] == [place])

    def forums(self, solver: cp_model.CpSolver) -> tuple[Forum, ...]:
        """The forums in the answer of a solver."""
        found = [
            self.options[at]
            for here in self.at
            for at, literal in here.items()
            if solver.boolean_value(literal)
        ]
        return tuple(
            Forum(year=o.year, week=o.week, host=o.host, region=o.region, cost=o.cost)
            for o in found
        )
