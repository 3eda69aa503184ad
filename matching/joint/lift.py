"""Limits of a Problem lifted, one kind at a time: to find which of them stood in the way.

What parties may not share (``apart``) is no limit of this kind: it is never lifted, and nothing
here tells that it is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from matching.joint.cut import serving_rows
from matching.joint.model import JointProblem
from matching.joint.reasons import Barrier
from matching.model import Load, Parameters

PLENTY = 10**6

Lift = Callable[[JointProblem, int, int], JointProblem]
Named = Callable[[JointProblem, int], Parameters]


def _each(rows: tuple[Any, ...], **changes: Any) -> tuple[Any, ...]:
    return tuple(row.model_copy(update=changes) for row in rows)


def places(problem: JointProblem, guest: int, need: int) -> JointProblem:
    """Every offer has places for more, and every host time."""
    del guest, need
    return replace(
        problem,
        mentors=_each(problem.mentors, capacity=PLENTY),
        visits=tuple(
            row.model_copy(
                update={"visits": row.visits + 1, "delegations_max": PLENTY, "persons_max": PLENTY}
            )
            for row in problem.visits
        ),
        experts=_each(problem.experts, missions=PLENTY, person_days=100 * PLENTY),
        courses=_each(problem.courses, seats_max=PLENTY),
        parties=_each(problem.parties, host=Load()),
    )


def weeks(problem: JointProblem, guest: int, need: int) -> JointProblem:
    """Every giver and the State are free in all weeks that are not closed."""
    del need
    horizon = problem.horizon
    free = tuple(week for week in range(horizon.weeks) if week not in horizon.closed)
    table = problem.options
    calendar = table.calendar.copy()
    calendar[(table.guest == guest) & (calendar >= 0)] = len(problem.calendars)
    return replace(
        problem,
        visits=_each(problem.visits, weeks=free), experts=_each(problem.experts, weeks=free),
        courses=_each(problem.courses, weeks=free),
        calendars=(*problem.calendars, free), options=replace(table, calendar=calendar),
    )  # fmt: skip


def money(problem: JointProblem, guest: int, need: int) -> JointProblem:
    """There is a source that pays all for the State."""
    del need
    if not problem.sources:
        return problem
    table = problem.options
    row = problem.sources[0].model_copy(update={"key": "plenty", "amount": 10**12})
    purse = table.purse.copy()
    mine = (table.guest == guest) & (purse >= 0)
    purse[mine] += len(problem.purses)
    wider = tuple((*listed, len(problem.sources)) for listed in problem.purses)
    return replace(
        problem, sources=(*problem.sources, row), purses=(*problem.purses, *wider),
        options=replace(table, purse=purse),
    )  # fmt: skip


def group(problem: JointProblem, guest: int, need: int) -> JointProblem:
    """No offer has a minimum."""
    del guest, need
    return replace(
        problem,
        visits=_each(problem.visits, delegations_min=1, persons_min=1),
        courses=_each(problem.courses, seats_min=1),
    )


def own_load(problem: JointProblem, guest: int, need: int) -> JointProblem:
    """The State has no limit of engagements."""
    del need
    parties = list(problem.parties)
    parties[guest] = parties[guest].model_copy(update={"guest": Load()})
    return replace(problem, parties=tuple(parties))


def set_aside(problem: JointProblem, guest: int, need: int) -> JointProblem:
    """Nothing was excluded or declined for the State."""
    del need
    key = problem.parties[guest].key
    policy, previous = problem.policy, problem.previous
    exclusions = tuple(p for p in policy.exclusions if p.guest != key)
    declined = tuple(p for p in previous.declined if p.guest != key)
    return replace(
        problem, policy=policy.model_copy(update={"exclusions": exclusions}),
        previous=previous.model_copy(update={"declined": declined}),
    )  # fmt: skip


def everything_lifted(problem: JointProblem, guest: int, need: int) -> JointProblem:
    """All limits at once."""
    for lift in (places, weeks, money, group, own_load, set_aside):
        problem = lift(problem, guest, need)
    return problem


def _offers(problem: JointProblem, need: int) -> Parameters:
    table = problem.options
    keys = {
        problem.givers(int(table.instrument[at]))[int(table.giver[at])].key
        for at in serving_rows(problem, need)
    }
    return {"offers": tuple(sorted(keys))}


def _sources(problem: JointProblem, need: int) -> Parameters:
    purses = {int(problem.options.purse[at]) for at in serving_rows(problem, need)} - {-1}
    sources = {source for purse in purses for source in problem.purses[purse]}
    return {"sources": tuple(sorted(problem.sources[at].key for at in sources))}


def _nothing(problem: JointProblem, need: int) -> Parameters:
    del problem, need
    return {}


def _hosts(problem: JointProblem, need: int) -> Parameters:
    table = problem.options
    hosts = {
        problem.party_of(int(table.instrument[at]), int(table.giver[at]))
        for at in serving_rows(problem, need)
    }
    return {"hosts": tuple(problem.parties[at].key for at in sorted(hosts))}


LIFTS: tuple[tuple[StrEnum, Lift, Named], ...] = (
    (Barrier.PLACES, places, _offers),
    (Barrier.WEEKS, weeks, _offers),
    (Barrier.MONEY, money, _sources),
    (Barrier.GROUP, group, _offers),
    (Barrier.OWN_LOAD, own_load, _nothing),
    (Barrier.SET_ASIDE, set_aside, _hosts),
)
"""The limits in the order in which they are tried, and what a barrier names."""
