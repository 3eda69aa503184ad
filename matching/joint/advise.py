"""Whom to ask for more: which single additional offers would serve the most unmet needs.

From the Problem alone an offer is imagined: somebody new serves a theme in a language, by an
instrument, for so many States that ask for the theme and are known to take part in the language.
Its points are the average of what present offers give for the theme. Each is tried by a re-solve,
so what it serves beyond the theme's own needs (places that become free) counts as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from matching.joint.cut import part_of
from matching.joint.menu import COURSE, MENTORSHIP, NAMES, VISIT, Menu
from matching.joint.model import (
    INSTRUMENTS,
    CourseRow,
    JointPlan,
    JointProblem,
    MentorRow,
    Mode,
    OptionTable,
    PartyRow,
    ServingTable,
    Tongue,
    VisitRow,
)
from matching.joint.near import Near, Part
from matching.joint.value import best_points
from matching.model import Instrument
from matching.watch import Cancel, Watch

MOST_TRIED = 12
"""So many candidates are tried, those that more States wait for first."""

PLACES = 3
"""An imagined offer has so many places."""

NEW = "new"
"""Key of the imagined party and its offer."""


@dataclass(frozen=True)
class Advice:
    """An offer that would help.

    ``served`` counts needs served in the plan with it and not in the present one, less those
    that would be served no more; ``waiting`` are the States that could use it.
    """

    instrument: Instrument
    theme: str
    language: str | None
    served: int
    waiting: tuple[str, ...]
    proven: bool


def advise(
    problem: JointProblem, plan: JointPlan, most: int = 5, *, workers: int = 1,
    time_limit: float | None = None, cancel: Cancel | None = None,
) -> tuple[Advice, ...]:  # fmt: skip
    """Say which single additional offers would serve the most unmet needs.

    Mentorships, study visits and courses are imagined; a mission needs a team, and what one more
    expert does :func:`~matching.joint.unmet.unmet` says.

    Parameters
    ----------
    most
        So many at most, best first. No offer is listed that serves nothing more, or by which a
        State would lose its last place.
    """
    watch = Watch(time_limit, cancel, None, 1)
    served = set(best_points(problem, plan.items))
    covered = {place.guest for item in plan.items for place in item.places}
    found = []
    for candidate in _candidates(problem, served)[:MOST_TRIED]:
        if watch.stopped():
            break
        advice = _tried(problem, plan, candidate, served, covered, watch, workers)
        if advice is not None and advice.served > 0:
            found.append(advice)
    return tuple(sorted(found, key=lambda row: -row.served)[:most])


@dataclass(frozen=True)
class _Candidate:
    kind: int
    theme: int
    language: int
    needs: tuple[int, ...]


def _candidates(problem: JointProblem, served: set[int]) -> list[_Candidate]:
    """Unmet needs by instrument, theme and language, most of them first."""
    menu = Menu(problem)
    table = problem.options
    asks = {
        (int(guest), int(kind))
        for guest, kind in np.unique(np.stack([table.guest, table.instrument], axis=1), axis=0)
    }
    groups: dict[tuple[int, int, int], list[int]] = {}
    for at, row in enumerate(problem.needs):
        if at in served:
            continue
        for kind in (MENTORSHIP, VISIT, COURSE):
            if (row.guest, kind) not in asks:
                continue
            for language in menu.languages_of(row.guest, kind) or {-1}:
                groups.setdefault((kind, row.theme, language), []).append(at)
    found = [_Candidate(*key, tuple(needs)) for key, needs in groups.items()]
    found.sort(key=lambda row: (-len(row.needs), row.kind, row.theme, row.language))
    once: dict[tuple[int, int], _Candidate] = {}
    for entry in found:
        once.setdefault((entry.kind, entry.theme), entry)
    return list(once.values())


def _tried(
    problem: JointProblem, plan: JointPlan, candidate: _Candidate, served: set[int],
    covered: set[str], watch: Watch, workers: int,
) -> Advice | None:  # fmt: skip
    richer = with_offer(problem, candidate.kind, candidate.theme, candidate.language)
    near = Near(richer, plan.items)
    giver = (candidate.kind, len(richer.givers(candidate.kind)) - 1)
    guests = sorted({problem.needs[at].guest for at in candidate.needs})
    part = near.part([], [giver])
    if not near.whole:
        part = _around(near, guests, giver)
    again = part.again(watch, plan.seed, workers)
    reached = again.best()
    if reached is None:
        return None
    now = set(best_points(part.problem, reached.items))
    after = {place.guest for item in reached.items for place in item.places}
    if covered - after:
        return None
    keys = [row.key for row in problem.parties]
    language = problem.languages[candidate.language] if candidate.language >= 0 else None
    return Advice(
        INSTRUMENTS[candidate.kind], problem.themes[candidate.theme], language,
        served=len(now) - len(served), waiting=tuple(keys[guest] for guest in guests),
        proven=part.whole and again.proven,
    )  # fmt: skip


def _around(near: Near, guests: list[int], giver: tuple[int, int]) -> Part:
    """Only those who wait may move, and only to the imagined offer."""
    rows = set(near.rows)
    for guest in guests:
        rows |= set(near.options(guest, {giver}, 0))
    keys = {near.problem.parties[guest].key for guest in guests}
    held = frozenset(row.key for row in near.problem.parties if row.key not in keys)
    return Part(part_of(near.problem, rows), near.items, held, whole=False)


def with_offer(problem: JointProblem, kind: int, theme: int, language: int) -> JointProblem:
    """The Problem with one more party that serves a theme in a language.

    Open to every State that asks for the theme, has an option of the instrument, and is known to
    take part in the language; in all weeks; for nothing; the points are an average.
    """
    menu, party = Menu(problem), len(problem.parties)
    horizon = problem.horizon
    weeks = tuple(week for week in range(horizon.weeks) if week not in horizon.closed)
    giver = _giver(kind, party, theme, language, weeks)
    table, serving = problem.options, problem.serving
    themes = np.array([row.theme for row in problem.needs], np.int64)
    of_theme = (themes[serving.need] == theme) & (table.instrument[serving.option] == kind)
    points = int(serving.points[of_theme].mean()) if of_theme.any() else 50
    able = {int(guest) for guest in np.unique(table.guest[table.instrument == kind])}
    needs = {
        row.guest: at for at, row in enumerate(problem.needs)
        if row.theme == theme and row.guest in able
        and (language < 0 or language in menu.languages_of(row.guest, kind))
    }  # fmt: skip
    number = len(problem.givers(kind))
    mode = int(Mode.ONLINE) if kind == COURSE else int(Mode.ANY)
    timed = kind != MENTORSHIP
    new: list[tuple[int, ...]] = [
        (kind, number, guest, mode, 1, 0, len(problem.calendars) if timed else -1,
         len(problem.tongues) if timed else -1, -1, 1 << theme, language, -1, 0, 0)
        for guest in sorted(needs)
    ]  # fmt: skip
    parts: dict[str, Any] = {NAMES[kind]: (*problem.givers(kind), giver)}
    spoken = (Tongue(language=language),) if language >= 0 else ()
    return replace(
        problem, parties=(*problem.parties, PartyRow(key=NEW)),
        calendars=(*problem.calendars, weeks), tongues=(*problem.tongues, spoken),
        **_with_rows(problem, new, [needs[row[2]] for row in new], points), **parts,
    )  # fmt: skip


def _giver(kind: int, party: int, theme: int, language: int, weeks: tuple[int, ...]) -> Any:
    spoken = (language,) if language >= 0 else ()
    if kind == MENTORSHIP:
        return MentorRow(key=NEW, party=party, capacity=PLACES)
    if kind == VISIT:
        return VisitRow(
            key=NEW, party=party, visits=1, delegations_min=1, delegations_max=PLACES,
            persons_min=1, persons_max=PLACES, themes_max=1, themes=(theme,), languages=spoken,
            weeks=weeks,
        )  # fmt: skip
    return CourseRow(
        key=NEW, party=party, track="thematic", modes=(int(Mode.ONLINE),), seats_min=1,
        seats_max=PLACES, languages=spoken, weeks=weeks, themes=(theme,),
    )  # fmt: skip


def _with_rows(
    problem: JointProblem, new: list[tuple[int, ...]], needs: list[int], points: int
) -> dict[str, Any]:
    """Options put in at their place in the order, with one serving each."""
    table = problem.options
    old = np.stack(list(table.columns().values()), axis=1)
    added = np.array(new, np.int64).reshape(-1, old.shape[1])
    both = np.concatenate([old, added])
    order = np.lexsort((both[:, 3], both[:, 2], both[:, 1], both[:, 0]))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    serving = problem.serving
    cells = np.concatenate(
        [
            np.stack([place[serving.option], serving.need, serving.points], axis=1),
            np.array(
                [(place[len(old) + at], need, points) for at, need in enumerate(needs)], np.int64
            ).reshape(-1, 3),
        ]
    )
    cells = cells[np.lexsort((cells[:, 1], cells[:, 0]))]
    return {
        "options": OptionTable(*(np.ascontiguousarray(column) for column in both[order].T)),
        "serving": ServingTable(*(np.ascontiguousarray(column) for column in cells.T)),
    }
