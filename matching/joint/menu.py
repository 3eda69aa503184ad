"""The fixed menu of changes to a Problem that could serve a need, and the Problem after each.

What a Problem does not tell is taken from what it does: a State is free in a week, or takes part
in a language, where one of its options says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from matching.joint.cut import Finder, closed_rows, serving_rows
from matching.joint.model import (
    CourseRow,
    Giver,
    JointProblem,
    MentorRow,
    Tongue,
    VisitRow,
)
from matching.joint.reasons import Change
from matching.model import Code

MENTORSHIP, VISIT, MISSION, COURSE = range(4)
NAMES = ("mentors", "visits", "experts", "courses")

MOST_WEEKS = 3
"""So many weeks are tried for an offer, and for a State."""


class Menu:
    """Changes to one Problem."""

    def __init__(self, problem: JointProblem) -> None:
        self.problem, self.table = problem, problem.options
        self._free: dict[int, set[int]] = defaultdict(set)
        self._speaks: dict[tuple[int, bool], set[int]] = defaultdict(set)
        facts = np.unique(
            np.stack([self.table.guest, self.table.calendar, self.table.tongue,
                      self.table.instrument], axis=1), axis=0,
        )  # fmt: skip
        for guest, calendar, tongue, kind in facts.tolist():
            if calendar >= 0:
                self._free[guest] |= set(problem.calendars[calendar])
            if tongue >= 0:
                own = {t.language for t in problem.tongues[tongue] if not t.interpreted}
                self._speaks[guest, kind == COURSE] |= own

    def languages_of(self, guest: int, kind: int) -> set[int]:
        """Languages in which a State is known to take part; courses ask for less than visits."""
        found = set(self._speaks[guest, False])
        return found | self._speaks[guest, True] if kind == COURSE else found

    def entries(self, need: int) -> list[Code]:
        """Changes that could serve a need, cheapest first; within a kind the best fit first."""
        guest = self.problem.needs[need].guest
        points = self._points(need)
        rows = sorted(points, key=lambda at: (-points[at], at))
        kinds: tuple[Iterator[Code], ...] = (
            self._places(rows), self._weeks(rows, guest), self._own_weeks(rows, guest),
            self._languages(rows, guest), self._interpretation(rows, guest), self._money(rows),
        )  # fmt: skip
        found: dict[tuple[object, ...], Code] = {}
        for kind in kinds:
            for code in kind:
                found.setdefault((code.code, *code.parameters.items()), code)
        return list(found.values())

    def _points(self, need: int) -> dict[int, int]:
        """Open options that serve a need, with points; experts who only join have none."""
        serving = self.problem.serving
        mine = serving.need == need
        points = dict(zip(serving.option[mine].tolist(), serving.points[mine].tolist(),
                          strict=True))  # fmt: skip
        closed = closed_rows(self.problem, Finder(self.problem))
        row = self.problem.needs[need]
        if row.mission and any(self.table.instrument[at] == MISSION for at in points):
            joining = (self.table.instrument == MISSION) & (self.table.guest == row.guest)
            points |= {at: 0 for at in np.flatnonzero(joining).tolist() if at not in points}
        return {at: value for at, value in points.items() if at not in closed}

    def _giver(self, row: int) -> tuple[int, Giver]:
        kind = int(self.table.instrument[row])
        return kind, self.problem.givers(kind)[int(self.table.giver[row])]

    def _places(self, rows: Iterable[int]) -> Iterator[Code]:
        for row in rows:
            kind, giver = self._giver(row)
            if kind == MISSION:
                yield Code(Change.MISSION, {"expert": giver.key})
                continue
            yield Code(Change.PLACE, {"offer": giver.key})
            if kind == VISIT:
                yield Code(Change.VISIT, {"offer": giver.key})

    def _open(self) -> list[int]:
        horizon = self.problem.horizon
        return [week for week in range(horizon.weeks) if week not in horizon.closed]

    def _weeks(self, rows: Iterable[int], guest: int) -> Iterator[Code]:
        for row in rows:
            _, giver = self._giver(row)
            if isinstance(giver, MentorRow):
                continue
            weeks = [
                week for week in self._open()
                if week not in giver.weeks and week in self._free[guest]
            ]  # fmt: skip
            for week in weeks[:MOST_WEEKS]:
                yield Code(Change.WEEK, {"offer": giver.key, "week": week})

    def _own_weeks(self, rows: Iterable[int], guest: int) -> Iterator[Code]:
        offered: set[int] = set()
        for row in rows:
            _, giver = self._giver(row)
            offered |= set(getattr(giver, "weeks", ()))
        key = self.problem.parties[guest].key
        for week in sorted(offered - self._free[guest])[:MOST_WEEKS]:
            yield Code(Change.OWN_WEEK, {"guest": key, "week": week})

    def _languages(self, rows: Iterable[int], guest: int) -> Iterator[Code]:
        for row in rows:
            kind, giver = self._giver(row)
            if isinstance(giver, VisitRow | CourseRow):
                for language in sorted(self.languages_of(guest, kind) - set(giver.languages)):
                    name = self.problem.languages[language]
                    yield Code(Change.LANGUAGE, {"offer": giver.key, "language": name})

    def _interpretation(self, rows: Iterable[int], guest: int) -> Iterator[Code]:
        for row in rows:
            _, giver = self._giver(row)
            if not isinstance(giver, VisitRow):
                continue
            spoken = {t.language for t in self.problem.tongues[int(self.table.tongue[row])]}
            for language in sorted(set(giver.languages) - spoken):
                yield Code(
                    Change.INTERPRETATION,
                    {"guest": self.problem.parties[guest].key, "offer": giver.key,
                     "language": self.problem.languages[language]},
                )  # fmt: skip

    def _money(self, rows: Iterable[int]) -> Iterator[Code]:
        """As much as the dearest place for the need could cost, in one source."""
        dearest = 0
        costs: list[int] = []
        sources: set[int] = set()
        for row in rows:
            kind, purse = int(self.table.instrument[row]), int(self.table.purse[row])
            cost = int(self.table.cost[row])
            if kind == MISSION:
                costs.append(cost)
            elif kind != MENTORSHIP:
                fees = [t.cost for t in self.problem.tongues[int(self.table.tongue[row])]]
                dearest = max(dearest, cost + max(fees, default=0))
            if purse >= 0:
                sources |= set(self.problem.purses[purse])
        amount = max(dearest, sum(sorted(costs)[-4:]))
        for source in sorted(sources) if amount else ():
            key = self.problem.sources[source].key
            yield Code(Change.MONEY, {"source": key, "amount": amount})

    # The Problem after a change.

    def after(self, change: Code) -> JointProblem:
        """The Problem in which a change was made."""
        kind, words = change.code, dict(change.parameters)
        if kind in (Change.PLACE, Change.VISIT, Change.MISSION):
            return self._one_more(change.code, str(words.get("offer", words.get("expert"))))
        if kind is Change.WEEK:
            return self._week(str(words["offer"]), int(str(words["week"])))
        if kind is Change.OWN_WEEK:
            return self._own_week(str(words["guest"]), int(str(words["week"])))
        if kind is Change.LANGUAGE:
            return self._language(str(words["offer"]), str(words["language"]))
        if kind is Change.INTERPRETATION:
            return self._interpreted(
                str(words["guest"]), str(words["offer"]), str(words["language"])
            )
        sources = tuple(
            row.model_copy(update={"amount": row.amount + int(str(words["amount"]))})
            if row.key == words["source"] else row
            for row in self.problem.sources
        )  # fmt: skip
        return replace(self.problem, sources=sources)

    def _find(self, key: str) -> tuple[int, int, Any]:
        for kind in range(len(NAMES)):
            for at, row in enumerate(self.problem.givers(kind)):
                if row.key == key:
                    return kind, at, row
        raise KeyError(key)

    def _with_giver(self, kind: int, at: int, **changes: Any) -> dict[str, Any]:
        rows: list[Any] = list(self.problem.givers(kind))
        rows[at] = rows[at].model_copy(update=changes)
        return {NAMES[kind]: tuple(rows)}

    def _one_more(self, code: object, key: str) -> JointProblem:
        kind, at, row = self._find(key)
        mine = (self.table.instrument == kind) & (self.table.giver == at)
        persons = int(self.table.persons[mine].max()) if mine.any() else 1
        if code is Change.VISIT:
            changes = {"visits": row.visits + 1}
        elif kind == MENTORSHIP:
            changes = {"capacity": row.capacity + 1}
        elif kind == VISIT:
            changes = {
                "delegations_max": row.delegations_max + 1,
                "persons_max": row.persons_max + persons,
            }
        elif kind == MISSION:
            days = self.problem.policy.durations.mission
            changes = {"missions": row.missions + 1, "person_days": row.person_days + days}
        else:
            changes = {"seats_max": row.seats_max + persons}
        return replace(self.problem, **self._with_giver(kind, at, **changes))

    def _rows_at(self, kind: int, giver: int) -> list[int]:
        return np.flatnonzero(
            (self.table.instrument == kind) & (self.table.giver == giver)
        ).tolist()

    def _week(self, key: str, week: int) -> JointProblem:
        kind, at, row = self._find(key)
        free = [r for r in self._rows_at(kind, at) if week in self._free[int(self.table.guest[r])]]
        weeks = tuple(sorted({*row.weeks, week}))
        return replace(
            self.problem, **self._with_giver(kind, at, weeks=weeks), **self._open_to(free, week)
        )

    def _own_week(self, key: str, week: int) -> JointProblem:
        guest = next(at for at, row in enumerate(self.problem.parties) if row.key == key)
        rows = [
            row for row in np.flatnonzero(self.table.guest == guest).tolist()
            if week in getattr(self._giver(row)[1], "weeks", ())
        ]  # fmt: skip
        return replace(self.problem, **self._open_to(rows, week))

    def _open_to(self, rows: Iterable[int], week: int) -> dict[str, Any]:
        """The calendars of some options with one week more."""
        calendars = list(self.problem.calendars)
        column = self.table.calendar.copy()
        for row in rows:
            wider = tuple(sorted({*self.problem.calendars[int(column[row])], week}))
            column[row] = _at(calendars, wider)
        return {
            "calendars": tuple(calendars), "options": replace(self.table, calendar=column)
        }  # fmt: skip

    def _language(self, key: str, name: str) -> JointProblem:
        kind, at, row = self._find(key)
        language = self.problem.languages.index(name)
        able = [
            r for r in self._rows_at(kind, at)
            if language in self.languages_of(int(self.table.guest[r]), kind)
        ]  # fmt: skip
        languages = tuple(sorted({*row.languages, language}))
        return replace(
            self.problem, **self._with_giver(kind, at, languages=languages),
            **self._spoken(able, Tongue(language=language)),
        )  # fmt: skip

    def _interpreted(self, guest: str, key: str, name: str) -> JointProblem:
        kind, at, _ = self._find(key)
        language = self.problem.languages.index(name)
        rows = [
            r for r in self._rows_at(kind, at)
            if self.problem.parties[int(self.table.guest[r])].key == guest
        ]  # fmt: skip
        # What interpretation into the language costs elsewhere; where nobody needs it, nothing.
        costs = [
            t.cost for tongues in self.problem.tongues for t in tongues
            if t.interpreted and t.language == language
        ]  # fmt: skip
        tongue = Tongue(language=language, cost=max(costs, default=0), interpreted=True)
        return replace(self.problem, **self._spoken(rows, tongue))

    def _spoken(self, rows: Iterable[int], tongue: Tongue) -> dict[str, Any]:
        """The languages of some options with one more, in place of a dearer way to the same."""
        pool = list(self.problem.tongues)
        column = self.table.tongue.copy()
        for row in rows:
            present = {t.language: t for t in self.problem.tongues[int(column[row])]}
            present[tongue.language] = tongue
            column[row] = _at(pool, tuple(present[code] for code in sorted(present)))
        return {"tongues": tuple(pool), "options": replace(self.table, tongue=column)}


def _at(pool: list[Any], value: Any) -> int:
    if value not in pool:
        pool.append(value)
    return pool.index(value)


def open_rows(problem: JointProblem, need: int) -> tuple[list[int], list[int]]:
    """Options that serve a need: those that are open, and those that were set aside."""
    closed = closed_rows(problem, Finder(problem))
    rows = serving_rows(problem, need)
    return [at for at in rows if at not in closed], [at for at in rows if at in closed]
