"""Joint Problems and plans by hand: a line for a party, a need, an offer, an option."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from matching.joint.check import check_plan
from matching.joint.model import (
    CourseRow,
    ExpertRow,
    Giver,
    JointPlan,
    JointProblem,
    MentorRow,
    NeedRow,
    OptionTable,
    PartyRow,
    ServingTable,
    SourceRow,
    Tongue,
    VisitRow,
)
from matching.model import (
    Item,
    NoteCode,
    Objective,
    ObjectiveCode,
    OutcomeCode,
    Payment,
    Place,
    Sense,
    WorstOff,
)

MENTORSHIP, VISIT, MISSION, COURSE = range(4)
HIGHER = (
    ObjectiveCode.OBSERVERS, ObjectiveCode.COVER, ObjectiveCode.WORST_OFF, ObjectiveCode.FIT,
)  # fmt: skip
SETTINGS = ("horizon", "policy", "previous", "pins", "apart")


class Sketch:
    """A Problem under way. Keys, themes (X, Y, Z) and languages (e, f) are single letters."""

    def __init__(self, parties: str, **rows: Mapping[str, Any]) -> None:
        self.parties = tuple(PartyRow(key=key, **rows.get(key, {})) for key in parties)
        self.needs: list[NeedRow] = []
        self.givers: dict[str, tuple[int, Giver]] = {}
        self.options: dict[tuple[int, int, int, int], tuple[list[int], dict[int, int]]] = {}
        self.calendars: list[tuple[int, ...]] = []
        self.tongues: list[tuple[Tongue, ...]] = []
        self.purses: list[tuple[int, ...]] = []
        self.sources: list[SourceRow] = []
        self._keys = parties
        self._counts = [0, 0, 0, 0]

    def needs_of(self, guest: str, themes: str, *, mission: str = "", weights: str = "532") -> None:
        """Needs of a guest in its order; those in ``mission`` are its mission request."""
        for theme, weight in zip(themes, weights, strict=False):
            self.needs.append(
                NeedRow(
                    guest=self._keys.index(guest), theme="XYZ".index(theme), weight=int(weight),
                    mission=theme in mission,
                )
            )  # fmt: skip

    def source(self, key: str, amount: int) -> None:
        self.sources.append(SourceRow(key=key, amount=amount))

    def _giver(self, number: int, row: Giver) -> None:
        self.givers[row.key] = number, row
        self._counts[number] += 1

    def mentor(self, key: str, party: str, capacity: int = 1) -> None:
        self._giver(
            MENTORSHIP, MentorRow(key=key, party=self._keys.index(party), capacity=capacity)
        )

    def visit(self, key: str, party: str, themes: str = "XY", languages: str = "e",
              weeks: Iterable[int] = (0, 1), **limits: int) -> None:  # fmt: skip
        most = {
            "visits": 1, "delegations_min": 1, "delegations_max": 2, "persons_min": 1,
            "persons_max": 9, "themes_max": 1, **limits,
        }  # fmt: skip
        self._giver(VISIT, VisitRow(
            key=key, party=self._keys.index(party), themes=_places("XYZ", themes),
            languages=_places("ef", languages), weeks=tuple(weeks), **most,
        ))  # fmt: skip

    def expert(self, key: str, party: str, weeks: Iterable[int] = (0, 1), days: int = 10,
               missions: int = 2) -> None:  # fmt: skip
        self._giver(MISSION, ExpertRow(
            key=key, party=self._keys.index(party), person_days=days, missions=missions,
            weeks=tuple(weeks),
        ))  # fmt: skip

    def course(self, key: str, party: str, themes: str = "XY", languages: str = "e",
               weeks: Iterable[int] = (0, 1), modes: tuple[int, ...] = (1, 2),
               seats: tuple[int, int] = (1, 9)) -> None:  # fmt: skip
        self._giver(COURSE, CourseRow(
            key=key, party=self._keys.index(party), track="thematic", modes=modes,
            seats_min=seats[0], seats_max=seats[1], languages=_places("ef", languages),
            weeks=tuple(weeks), themes=_places("XYZ", themes),
        ))  # fmt: skip

    def option(
        self, offer: str, guest: str, *, points: Mapping[str, int] | None = None, mode: int = 0,
        persons: int = 1, cost: int = 0, weeks: Iterable[int] | None = None, speaks: str = "e",
        interpreted: str = "", fee: int = 0, purse: tuple[int, ...] | None = None,
        covers: str | None = None,
    ) -> None:  # fmt: skip
        """A guest's possible part in an offer.

        Parameters
        ----------
        points
            Points by theme of the need; 50 for all that may be served without.
        speaks, interpreted
            Languages possible directly, and with interpretation for ``fee``.
        covers
            Themes that an expert covers on the mission; by default those with points.
        """
        number, row = self.givers[offer]
        place = self._keys.index(guest)
        mine = {n.theme: at for at, n in enumerate(self.needs) if n.guest == place}
        if number == MISSION:
            mine = {t: at for t, at in mine.items() if self.needs[at].mission}
        given = {"XYZ"[theme]: 50 for theme in mine} if points is None else points
        tongues = sorted(
            [(code, 0, False) for code in _places("ef", speaks)]
            + [(code, fee, True) for code in _places("ef", interpreted)]
        )
        timed = not isinstance(row, MentorRow)
        open_weeks = () if isinstance(row, MentorRow) else row.weeks if weeks is None else weeks
        spoken = tuple(Tongue(language=c, cost=f, interpreted=i) for c, f, i in tongues)
        usable = tuple(range(len(self.sources))) if purse is None else purse
        bits = sum(1 << "XYZ".index(theme) for theme in (given if covers is None else covers))
        giver = [r.key for n, r in self.givers.values() if n == number].index(offer)
        cells = [
            persons, cost, _pooled(self.calendars, tuple(open_weeks)) if timed else -1,
            _pooled(self.tongues, spoken) if timed and spoken else -1,
            _pooled(self.purses, usable), bits, -1, -1, 0, 0,
        ]  # fmt: skip
        served = {mine["XYZ".index(theme)]: p for theme, p in given.items()}
        if number == MISSION and not spoken:
            served = {}
        self.options[number, giver, place, mode] = cells, served

    def problem(self, **settings: Any) -> JointProblem:
        """The Problem, with ``horizon``, ``policy``, ``previous``, ``pins`` or ``apart``."""
        order = sorted(self.options)
        table = np.array([[*key, *self.options[key][0]] for key in order], np.int64)
        serving = np.array(
            [(at, need, points) for at, key in enumerate(order)
             for need, points in sorted(self.options[key][1].items())],
            np.int64,
        )  # fmt: skip
        names = OptionTable.__dataclass_fields__
        rows: list[list[Any]] = [[], [], [], []]
        for number, row in self.givers.values():
            rows[number].append(row)
        return JointProblem(
            parties=self.parties, needs=tuple(self.needs), mentors=tuple(rows[0]),
            visits=tuple(rows[1]), experts=tuple(rows[2]), courses=tuple(rows[3]),
            options=OptionTable(*_columns(table, len(names))),
            serving=ServingTable(*_columns(serving, 3)),
            calendars=tuple(self.calendars), tongues=tuple(self.tongues),
            purses=tuple(self.purses), sources=tuple(self.sources),
            themes=tuple("XYZ"), languages=tuple("ef"), **settings,
        )  # fmt: skip


def _places(alphabet: str, letters: str) -> tuple[int, ...]:
    return tuple(sorted(alphabet.index(letter) for letter in letters))


def _pooled(pool: list[Any], value: tuple[Any, ...]) -> int:
    if value not in pool:
        pool.append(value)
    return pool.index(value)


def _columns(table: np.typing.NDArray[np.int64], width: int) -> list[np.typing.NDArray[np.int64]]:
    return [np.ascontiguousarray(column) for column in table.reshape(-1, width).T]


def stated(problem: JointProblem, items: Iterable[Item], **changes: Any) -> JointPlan:
    """A plan that states the values which the check finds, each with itself as its bound."""
    empty = JointPlan(items=tuple(items), objectives=())
    found = check_plan(problem, empty).objectives
    return empty.model_copy(
        update={
            "objectives": tuple(
                line(problem, report.code, report.value, report.levels) for report in found
            ),
            **changes,
        }
    )


def line(
    problem: JointProblem,
    code: ObjectiveCode,
    value: int,
    levels: tuple[tuple[int, int], ...] = (),
) -> Objective:
    """One objective of a plan, proven."""
    policy, note = problem.policy, None
    if code is ObjectiveCode.OBSERVERS and not (problem.options.instrument == MISSION).any():
        note = NoteCode.NO_MISSIONS
    off = (code is ObjectiveCode.OBSERVERS and not policy.observers_first) or (
        code is ObjectiveCode.WORST_OFF and policy.worst_off is WorstOff.OFF
    )
    return Objective(
        code=code, sense=Sense.MAX if code in HIGHER else Sense.MIN, value=value, bound=value,
        gap=0, proven=True, on=not off, note=NoteCode.SWITCHED_OFF if off else note, levels=levels,
    )  # fmt: skip


def unproven(plan: JointPlan, at: int, bound: int) -> JointPlan:
    """The plan with one objective not proven, and all that follows from it."""
    lines = list(plan.objectives)
    open_line = lines[at]
    lines[at] = open_line.model_copy(
        update={"bound": bound, "gap": abs(bound - open_line.value), "proven": False}
    )
    for later in range(at + 1, len(lines)):
        lines[later] = lines[later].model_copy(update={"conditional_on": (open_line.code,)})
    return plan.model_copy(update={"objectives": tuple(lines), "outcome": OutcomeCode.TIME_LIMIT})


def paid(problem: JointProblem, items: Iterable[Item]) -> tuple[Item, ...] | None:
    """The items with their places paid for, None when the sources do not suffice.

    Places take from their sources in turn, and a place that finds none left asks others to pay
    from elsewhere: augmenting paths, a unit of money at a time.
    """
    listed = list(items)
    if not problem.sources:
        return tuple(listed)
    places = [(at, n) for at, item in enumerate(listed) for n in range(len(item.places))]
    purses = [_purse(problem, listed[at], listed[at].places[n]) for at, n in places]
    given = [dict.fromkeys(purse, 0) for purse in purses]
    left = [row.amount for row in problem.sources]

    def find(place: int, asked: set[int]) -> bool:
        for source in purses[place]:
            if source in asked:
                continue
            asked.add(source)
            if left[source]:
                left[source] -= 1
                given[place][source] += 1
                return True
            for other, amounts in enumerate(given):
                if amounts.get(source) and find(other, asked):
                    amounts[source] -= 1
                    given[place][source] += 1
                    return True
        return False

    for place, (at, n) in enumerate(places):
        for _ in range(listed[at].places[n].cost):
            if not find(place, set()):
                return None
    for place, (at, n) in enumerate(places):
        payments = tuple(
            Payment(source=problem.sources[source].key, amount=amount)
            for source, amount in sorted(given[place].items())
            if amount
        )
        listed[at] = with_place(listed[at], n, paid=payments)
    return tuple(listed)


def with_place(item: Item, at: int, **changes: Any) -> Item:
    """The item with one place changed."""
    places = list(item.places)
    places[at] = places[at].model_copy(update=changes)
    return item.model_copy(update={"places": tuple(places)})


def _purse(problem: JointProblem, item: Item, place: Place) -> tuple[int, ...]:
    """Sources of a place's option; of a mission those of the lead's."""
    number = ("mentorship", "study_visit", "mission", "training").index(item.instrument)
    offer = item.team[0] if item.team else item.offer
    table = problem.options
    for row in range(len(table)):
        giver = problem.givers(int(table.instrument[row]))[int(table.giver[row])]
        guest = problem.parties[int(table.guest[row])].key
        if (int(table.instrument[row]), giver.key, guest) == (number, offer, place.guest) and int(
            table.mode[row]
        ) in (0, {"online": 1, "in_person": 2}.get(str(item.delivery), 0)):
            return problem.purses[int(table.purse[row])]
    raise LookupError(offer, place.guest)
