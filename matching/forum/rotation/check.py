"""A rotation checked against its Problem: every rule and value from the statement alone.

Nothing here comes from the solver. That no better rotation exists is the solver's claim, unless
the value equals a bound that is plain to see.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from matching.forum.rotation.codes import RotationObjective, RotationViolation
from matching.forum.rotation.model import Forum, HostOffer, RotationPlan, RotationProblem
from matching.model import Violation


@dataclass(frozen=True)
class RotationReport:
    """Violations, the value found of each objective, and those whose bound was checked."""

    violations: tuple[Violation, ...]
    values: dict[RotationObjective, int]
    checked: frozenset[RotationObjective]

    @property
    def good(self) -> bool:
        """No violation was found."""
        return not self.violations


def check(problem: RotationProblem, plan: RotationPlan) -> RotationReport:
    """Check a rotation and its alternatives, rule by rule and objective by objective.

    Parameters
    ----------
    problem, plan
        As read from files; nothing about how they were made is trusted.
    """
    main = _Check(problem, plan.forums)
    main.rules()
    values: dict[RotationObjective, int] = {}
    checked: set[RotationObjective] = set()
    if not main.found:
        values = main.values()
        main.lines(plan, values)
        checked = {code for code, value in values.items() if code in _LEAST and not value}
        for other in plan.alternatives:
            side = _Check(problem, other.forums)
            side.rules()
            if not side.found:
                side.alternative(other.year, other.host, other.other, plan.forums)
                stated = {price.code: (price.value, price.more) for price in other.prices}
                side.prices(stated, values)
            main.found += side.found
    return RotationReport(tuple(main.found), values, frozenset(checked))


_LEAST = (RotationObjective.CHANGED, RotationObjective.COST, RotationObjective.SOFT_WEEKS)
"""Objectives that cannot be less than nothing."""


@dataclass
class _Check:
    problem: RotationProblem
    forums: tuple[Forum, ...]
    found: list[Violation] = field(default_factory=list)

    def _report(self, code: RotationViolation, **parameters: str | int) -> None:
        self.found.append(Violation(code, parameters))

    def rules(self) -> None:
        """Every hard rule, one function each; turns only when every forum is known."""
        self._known()
        if self.found:
            return
        self._offered()
        self._numbers()
        self._week_once()
        self._region_turn()
        self._host_turn()
        self._pins()

    def _known(self) -> None:
        """Year and host are of the Problem; the region is the host's."""
        years = {row.year for row in self.problem.years}
        region = {offer.host: offer.region for offer in self.problem.offers}
        for forum in self.forums:
            if forum.year not in years:
                self._report(RotationViolation.UNKNOWN_YEAR, year=forum.year)
            if forum.host not in region:
                self._report(RotationViolation.UNKNOWN_HOST, host=forum.host)
            elif region[forum.host] != forum.region:
                self._report(RotationViolation.WRONG_REGION, host=forum.host, region=forum.region)

    def _offers(self, host: str, year: int) -> list[HostOffer]:
        return [
            offer
            for offer in self.problem.offers
            if offer.host == host and (not offer.years or year in offer.years)
        ]

    def _seated(self, offer: HostOffer) -> bool:
        return offer.seats is None or offer.seats >= self.problem.seats

    def _session(self, year: int, week: int) -> str:
        """ "hard", "soft" or nothing."""
        kinds = {
            row.hard
            for row in self.problem.sessions
            if row.week == week and row.year in (None, year)
        }
        return "hard" if True in kinds else "soft" if kinds else ""

    def _offered(self) -> None:
        """A forum is in a week that its host offers that year, not a confirmed session's, with
        enough seats, at the offer's cost and that of travel."""
        travel = {row.host: row.cost for row in self.problem.travel}
        for forum in self.forums:
            about: dict[str, str | int] = {
                "year": forum.year, "week": forum.week, "host": forum.host,
            }  # fmt: skip
            there = [o for o in self._offers(forum.host, forum.year) if forum.week in o.weeks]
            if not there or not _is_week(forum.year, forum.week):
                self._report(RotationViolation.NOT_OFFERED, **about)
                continue
            if self._session(forum.year, forum.week) == "hard":
                self._report(RotationViolation.IN_SESSION_WEEK, **about)
            seated = [offer for offer in there if self._seated(offer)]
            if not seated:
                self._report(
                    RotationViolation.NOT_ENOUGH_SEATS,
                    year=forum.year, host=forum.host, needed=self.problem.seats,
                )  # fmt: skip
                continue
            cost = min(offer.cost for offer in seated) + travel.get(forum.host, 0)
            if forum.cost != cost:
                self._report(
                    RotationViolation.WRONG_COST,
                    year=forum.year, host=forum.host, stated=forum.cost, found=cost,
                )  # fmt: skip

    def _numbers(self) -> None:
        """A year has at least and at most its numbers of forums."""
        times = Counter(forum.year for forum in self.forums)
        for row in self.problem.years:
            number = times[row.year]
            if number < row.least:
                self._report(
                    RotationViolation.TOO_FEW_FORUMS, year=row.year, least=row.least, found=number
                )
            if number > row.most:
                self._report(
                    RotationViolation.TOO_MANY_FORUMS, year=row.year, most=row.most, found=number
                )

    def _week_once(self) -> None:
        """No two forums are in one week."""
        for (year, week), number in Counter((f.year, f.week) for f in self.forums).items():
            if number > 1:
                self._report(RotationViolation.WEEK_TWICE, year=year, week=week)

    def _in_time(self) -> list[Forum]:
        return sorted(self.forums, key=lambda forum: (forum.year, forum.week))

    def _region_turn(self) -> None:
        """No region has a further forum before every region that does not pass has had as many."""
        had = Counter(forum.region for forum in self.problem.history)
        waited = [region.key for region in self.problem.regions if not region.passes]
        for forum in self._in_time():
            for other in waited:
                if had[other] < had[forum.region]:
                    self._report(
                        RotationViolation.REGION_OUT_OF_TURN,
                        year=forum.year, region=forum.region, other=other,
                    )  # fmt: skip
                    break
            had[forum.region] += 1

    def _host_turn(self) -> None:
        """No host has a further forum before every host of its region that offers the year has
        had as many."""
        had = Counter(forum.host for forum in self.problem.history)
        hosts = {offer.host: offer.region for offer in self.problem.offers}
        for forum in self._in_time():
            for other in sorted(hosts):
                if (
                    hosts[other] == forum.region
                    and had[other] < had[forum.host]
                    and self._willing(other, forum.year)
                ):
                    self._report(
                        RotationViolation.HOST_OUT_OF_TURN,
                        year=forum.year, host=forum.host, other=other,
                    )  # fmt: skip
                    break
            had[forum.host] += 1

    def _willing(self, host: str, year: int) -> bool:
        """An offer for the year has enough seats and a week that no confirmed session takes."""
        return any(
            self._seated(offer)
            and any(
                _is_week(year, week) and self._session(year, week) != "hard" for week in offer.weeks
            )
            for offer in self._offers(host, year)
        )

    def _pins(self) -> None:
        """What was accepted takes place."""
        for pin in self.problem.pins:
            if not any(
                (forum.year, forum.host) == (pin.year, pin.host) and pin.week in (None, forum.week)
                for forum in self.forums
            ):
                self._report(RotationViolation.PIN_LOST, year=pin.year, host=pin.host)

    def values(self) -> dict[RotationObjective, int]:
        """Every objective, from the forums."""
        found: dict[RotationObjective, int] = {}
        if self.problem.previous:
            now = {(forum.year, forum.host, forum.week) for forum in self.forums}
            found[RotationObjective.CHANGED] = sum(
                (forum.year, forum.host, forum.week) not in now for forum in self.problem.previous
            )
        everything = [
            *((forum.region, forum.host) for forum in self.problem.history),
            *((forum.region, forum.host) for forum in self.forums),
        ]
        found[RotationObjective.FAIRNESS] = sum(
            number**2
            for names in zip(*everything, strict=True)
            for number in Counter(names).values()
        )
        found[RotationObjective.COST] = sum(forum.cost for forum in self.forums)
        found[RotationObjective.SOFT_WEEKS] = sum(
            self._session(forum.year, forum.week) == "soft" for forum in self.forums
        )
        return found

    def lines(self, plan: RotationPlan, found: dict[RotationObjective, int]) -> None:
        """Every objective has the value that the forums give, and a bound that can hold."""
        stated = [line.code for line in plan.objectives]
        if stated != list(found):
            self._report(
                RotationViolation.WRONG_OBJECTIVES,
                stated=", ".join(stated), found=", ".join(found),
            )  # fmt: skip
            return
        open_before: list[RotationObjective] = []
        for line in plan.objectives:
            value = found[line.code]
            if line.value != value:
                self._report(
                    RotationViolation.WRONG_VALUE,
                    objective=line.code, stated=line.value, found=value,
                )  # fmt: skip
            if line.bound > value:
                self._report(
                    RotationViolation.WRONG_BOUND,
                    objective=line.code, stated=line.bound, found=value,
                )  # fmt: skip
            for name, good in (
                ("gap", line.gap == abs(line.value - line.bound)),
                ("proven", line.proven == (line.bound == line.value)),
                ("conditional_on", line.conditional_on == tuple(open_before)),
            ):
                if not good:
                    self._report(RotationViolation.WRONG_STATEMENT, objective=line.code, field=name)
            if not line.proven:
                open_before.append(line.code)

    def alternative(self, year: int, host: str, other: str, plan: tuple[Forum, ...]) -> None:
        """The plan has the host in the year; here it is not, and the other one is."""
        before = {forum.host for forum in plan if forum.year == year}
        now = {forum.host for forum in self.forums if forum.year == year}
        if host not in before or host in now or other in before or other not in now:
            self._report(RotationViolation.NO_ALTERNATIVE, year=year, host=host, other=other)

    def prices(
        self,
        stated: dict[RotationObjective, tuple[int, int]],
        plan: dict[RotationObjective, int],
    ) -> None:
        """Every price is the value of an objective here, and how much more that is."""
        found = {code: (value, value - plan[code]) for code, value in self.values().items()}
        for code in sorted({*stated, *found}):
            one, other = stated.get(code, (-1, -1)), found.get(code, (-1, -1))
            for ours, theirs in zip(one, other, strict=True):
                if ours != theirs:
                    self._report(
                        RotationViolation.WRONG_VALUE, objective=code, stated=ours, found=theirs
                    )


def _is_week(year: int, week: int) -> bool:
    """The ISO year has such a week."""
    return week <= date(year, 12, 28).isocalendar().week
