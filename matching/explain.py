"""Why an item is in the plan, and what stood in the way of a State that got nothing.

Sees a Problem and a plan, never an Instance: what is not possible has one answer, whatever made
it so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from matching.model import (
    ChangeCode,
    Code,
    Column,
    Explanation,
    Mark,
    ObjectiveCode,
    ObstacleCode,
    Pairing,
    Plan,
    PlanItem,
    Problem,
    Reason,
    ReasonCode,
    Unmet,
)
from matching.objectives import pair_positions
from matching.optima import optima
from matching.pairing import solve

MOST_PLACES = 5
"""The menu of changes ends at so many more places with one mentor."""

CLOSE_MENTORS = 3
"""For more than one place, only so many of the best fitting mentors are tried."""

_MARKS = (
    (Mark.SAME_REGION, ReasonCode.SAME_REGION),
    (Mark.SAME_SUB_REGION, ReasonCode.SAME_SUB_REGION),
    (Mark.PREFERRED_FORMAT, ReasonCode.PREFERRED_FORMAT),
    (Mark.PREFERENCE, ReasonCode.PREFERENCE),
    (Mark.WISH_TO_CONTINUE, ReasonCode.WISH_TO_CONTINUE),
)


def why(problem: Problem, plan: Plan, item: PlanItem) -> Explanation:
    """Give the reasons of one item, strongest first.

    Raises
    ------
    KeyError
        The item is not in the plan, or its pair is not in the Problem.
    """
    if item not in plan.items:
        raise KeyError("no such item in the plan")
    rows = pair_positions(problem, [Pairing(guest=item.guest, host=item.host)])
    if not len(rows):
        raise KeyError("no such pair in the Problem")
    reasons = [
        *_standing(problem, item),
        *(_fit_reasons(problem, int(rows[0])) if not problem.precision else ()),
        *(_score_reason(problem, int(rows[0])) if problem.precision else ()),
    ]
    return Explanation(item, tuple(reasons))


def _standing(problem: Problem, item: PlanItem) -> list[Reason]:
    """Reasons that lie in the round: a pin, an earlier answer, no other mentor."""
    pair = (item.guest, item.host)
    found = [
        Reason(code)
        for code, pairings in (
            (ReasonCode.ACCEPTED_BEFORE, problem.accepted),
            (ReasonCode.PINNED, problem.pins),
            (ReasonCode.PROPOSED_BEFORE, problem.proposed),
        )
        if pair in {(p.guest, p.host) for p in pairings}
    ]
    if len(_open_rows(problem, problem.mentee_index()[item.guest])) == 1:
        found.append(Reason(ReasonCode.ONLY_POSSIBLE_MENTOR, {"mentor": item.host}))
    return found


def _score_reason(problem: Problem, row: int) -> list[Reason]:
    score = int(problem.pairs.fit[row])
    return [Reason(ReasonCode.SCORE, {"score": score, "precision": problem.precision})]


def _fit_reasons(problem: Problem, row: int) -> list[Reason]:
    table = problem.pairs
    bits = int(table.themes[row])
    themes = tuple(t for at, t in enumerate(problem.themes) if bits >> at & 1)
    found = [Reason(ReasonCode.SHARED_THEMES, {"themes": themes})]
    asked = problem.mentees[int(table.mentee[row])].asked
    if asked and asked[0].theme in themes:
        found.append(Reason(ReasonCode.FIRST_NEED, {"theme": asked[0].theme}))
    marks, language = Mark(int(table.marks[row])), int(table.language[row])
    if language >= 0:
        leading = Mark.LEADING_LANGUAGE in marks
        code = ReasonCode.LEADING_LANGUAGE if leading else ReasonCode.COMMON_LANGUAGE
        found.append(Reason(code, {"language": problem.languages[language]}))
    elif Mark.INTERPRETATION in marks:
        found.append(Reason(ReasonCode.INTERPRETATION))
    found += [Reason(code) for mark, code in _MARKS if mark in marks]
    network = int(table.network[row])
    if network >= 0:
        name = problem.networks[network]
        found.append(Reason(ReasonCode.SHARED_SUB_NETWORK, {"sub_network": name}))
    shared = int(table.contexts[row])
    contexts = tuple(c for at, c in enumerate(problem.contexts) if shared >> at & 1)
    if contexts:
        found.append(Reason(ReasonCode.SIMILAR_CONTEXT, {"contexts": contexts}))
    return found


def _rows(problem: Problem, mentee: int) -> Column:
    low, high = np.searchsorted(problem.pairs.mentee, [mentee, mentee + 1])
    return np.arange(low, high, dtype=np.int64)


def _open_rows(problem: Problem, mentee: int) -> Column:
    """Possible pairs of a mentee that were neither excluded nor declined."""
    closed = pair_positions(problem, (*problem.excluded, *problem.declined))
    return np.setdiff1d(_rows(problem, mentee), closed)


def unmet(problem: Problem, plan: Plan, *, changes: bool = True) -> tuple[Unmet, ...]:
    """Say for each State that asked and got nothing what stood in the way, and what would help.

    Parameters
    ----------
    changes
        Also look for the first change after which the State is served in every optimum. Each
        change tried is a re-solve (milliseconds at 200 States, seconds at thousands).

    Returns
    -------
    tuple of Unmet
        In the order of the Problem's mentees.
    """
    served = {item.guest for item in plan.items}
    menu = _Menu(problem, plan)
    found = []
    for place, row in enumerate(problem.mentees):
        if row.key in served:
            continue
        obstacle = _obstacle(problem, plan, place)
        change: Code | None = None
        losers: tuple[str, ...] = ()
        if changes and obstacle.code in _HELPED_BY_PLACES:
            change, losers = menu.first_change(place)
        found.append(Unmet(row.key, obstacle, change, losers))
    return tuple(found)


_HELPED_BY_PLACES = (
    ObstacleCode.COMPETITION,
    ObstacleCode.NO_PLACE_OFFERED,
    ObstacleCode.PRIORITY,
)


def _obstacle(problem: Problem, plan: Plan, mentee: int) -> Code:
    row, table = problem.mentees[mentee], problem.pairs
    if row.wanted == 0:
        return Code(ObstacleCode.NOT_WANTED)
    if not len(_rows(problem, mentee)):
        asked = tuple(a.theme for a in row.asked)
        offered = {theme for mentor in problem.mentors for theme in mentor.themes}
        if asked and not offered & set(asked):
            return Code(ObstacleCode.NO_OFFER_OF_THEME, {"themes": asked})
        return Code(ObstacleCode.OWN_CONDITIONS)
    rows = _open_rows(problem, mentee)
    if not len(rows):
        aside = tuple(problem.mentors[int(table.mentor[r])].key for r in _rows(problem, mentee))
        return Code(ObstacleCode.SET_ASIDE, {"mentors": aside})
    mentors = [problem.mentors[int(table.mentor[r])] for r in rows]
    keys = tuple(mentor.key for mentor in mentors)
    places = sum(mentor.capacity for mentor in mentors)
    if places == 0:
        return Code(ObstacleCode.NO_PLACE_OFFERED, {"mentors": keys})
    load = {mentor.key: 0 for mentor in problem.mentors}
    for item in plan.items:
        load[item.host] += 1
    room = tuple(mentor.key for mentor in mentors if load[mentor.key] < mentor.capacity)
    if room:
        first = problem.policy.order[0] if problem.policy.order else ObjectiveCode.COVER
        return Code(ObstacleCode.PRIORITY, {"mentors": room, "objective": first.value})
    return Code(ObstacleCode.COMPETITION, {"mentors": keys, "places": places})


@dataclass
class _Menu:
    """Changes in order of cost, tried by re-solving; each is tried once for all States."""

    problem: Problem
    plan: Plan
    tried: dict[tuple[int, int], tuple[frozenset[int], tuple[str, ...]]] = field(
        default_factory=dict
    )
    solved: dict[tuple[int, int], tuple[Column, Values | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        pairings = [Pairing(guest=item.guest, host=item.host) for item in self.plan.items]
        self.now = pair_positions(self.problem, pairings)
        self.several = any(row.wanted > 1 for row in self.problem.mentees)
        load = np.bincount(self.problem.pairs.mentor[self.now], minlength=len(self.problem.mentors))
        self.full = [at for at, row in enumerate(self.problem.mentors) if load[at] >= row.capacity]

    def first_change(self, mentee: int) -> tuple[Code | None, tuple[str, ...]]:
        """The cheapest change after which the mentee is served in every optimum."""
        table = self.problem.pairs
        own = sorted(
            _open_rows(self.problem, mentee).tolist(), key=lambda r: (-int(table.fit[r]), r)
        )
        near = [int(table.mentor[row]) for row in own]
        others = [at for at in self.full if at not in set(near)]
        menu = [(at, 1) for at in (*near, *others)]
        menu += [(at, p) for p in range(2, MOST_PLACES + 1) for at in near[:CLOSE_MENTORS]]
        for mentor, places in menu:
            if self.several:
                served, losers = self._try_several(mentee, mentor, places)
            else:
                always, losers = self._try(mentor, places)
                served = mentee in always
            if served:
                key = self.problem.mentors[mentor].key
                if places == 1:
                    return Code(ChangeCode.ONE_MORE_PLACE, {"mentor": key}), losers
                return Code(ChangeCode.MORE_PLACES, {"mentor": key, "places": places}), losers
        return None, ()

    def _try(self, mentor: int, places: int) -> tuple[frozenset[int], tuple[str, ...]]:
        """Who is served in every optimum with more places, and who loses satisfaction."""
        known = self.tried.get((mentor, places))
        if known is None:
            best = optima(
                more_places(self.problem, mentor, places), seed=self.plan.seed, staying=self.now
            )
            always = frozenset(np.flatnonzero(best.always_served()).tolist())
            known = self.tried[mentor, places] = (always, self._losers(best.pairs))
        return known

    def _try_several(self, mentee: int, mentor: int, places: int) -> tuple[bool, tuple[str, ...]]:
        """Whether a plan without the mentee is worse than the best with more places.

        With several mentors there is no face of optima to read it off: both are solved.
        """
        wider = more_places(self.problem, mentor, places)
        if (mentor, places) not in self.solved:
            self.solved[mentor, places] = _rows_and_values(wider, self.plan.seed)
        rows, values = self.solved[mentor, places]
        if values is None or not (self.problem.pairs.mentee[rows] == mentee).any():
            return False, ()
        mentees = list(wider.mentees)
        mentees[mentee] = mentees[mentee].model_copy(update={"wanted": 0})
        _, without = _rows_and_values(replace(wider, mentees=tuple(mentees)), self.plan.seed)
        return without is not None and without != values, self._losers(rows)

    def _losers(self, pairs: Column) -> tuple[str, ...]:
        before, after = (self._totals(rows) for rows in (self.now, pairs[pairs >= 0]))
        return tuple(self.problem.mentees[at].key for at in np.flatnonzero(after < before))

    def _totals(self, rows: Column) -> Column:
        """Satisfaction of each mentee, -1 without a mentor; shape (n,)."""
        table, size = self.problem.pairs, len(self.problem.mentees)
        totals = np.zeros(size, np.int64)
        np.add.at(totals, table.mentee[rows], table.satisfaction[rows])
        return np.where(np.bincount(table.mentee[rows], minlength=size) > 0, totals, -1)


Values = tuple[tuple[int, tuple[tuple[int, int], ...]], ...]


def _rows_and_values(problem: Problem, seed: int) -> tuple[Column, Values | None]:
    """A best plan as rows of the pair table, and its objectives; None where they are not proven."""
    plan = solve(problem, seed=seed).plan
    if plan is None:
        return np.zeros(0, np.int64), None
    pairings = [Pairing(guest=item.guest, host=item.host) for item in plan.items]
    proven = all(line.proven for line in plan.objectives)
    values = tuple((line.value, line.levels) for line in plan.objectives)
    return pair_positions(problem, pairings), values if proven else None


def more_places(problem: Problem, mentor: int, places: int) -> Problem:
    """The same Problem in which one mentor offers more places."""
    mentors = list(problem.mentors)
    row = mentors[mentor]
    mentors[mentor] = row.model_copy(update={"capacity": row.capacity + places})
    return replace(problem, mentors=tuple(mentors))
