"""What instruments share in a joint plan: weeks, loads, money, and who is covered."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from matching.joint.pieces import BoolVar, Engagement

if TYPE_CHECKING:
    from matching.joint.complete import Complete

MISSION = 2
Weekly = list[tuple[BoolVar, Engagement]]


def add(plan: Complete) -> dict[int, BoolVar]:
    """Add the rules that bind instruments together; gives "is covered" for each State."""
    guests: dict[int, Weekly] = defaultdict(list)
    hosts: dict[int, Weekly] = defaultdict(list)
    for engagement in plan.engagements:
        for guest, literal in engagement.guests:
            guests[guest].append((literal, engagement))
        for host, literal in engagement.hosts:
            hosts[host].append((literal, engagement))
    mentored: dict[int, list[BoolVar]] = defaultdict(list)
    mentoring: dict[int, list[BoolVar]] = defaultdict(list)
    for at, literal in plan.mentorship.items():
        mentored[int(plan.problem.options.guest[at])].append(literal)
        mentoring[plan.host(at)].append(literal)
    for party, row in enumerate(plan.problem.parties):
        _one_item_a_week(plan, guests[party])
        _guest_load(plan, guests[party], mentored[party], row.guest.at_once, row.guest.total)
        _host_load(plan, hosts[party], mentoring[party], row.host.at_once, row.host.total)
    _money(plan)
    return _covered(plan, guests, mentored)


def _one_item_a_week(plan: Complete, weekly: Weekly) -> None:
    """A guest is in one item a week."""
    for (one, first), (other, second) in combinations(weekly, 2):
        if first is not second and set(first.weeks) & set(second.weeks):
            plan.model.add(first.week != second.week).only_enforce_if(one, other)


def _guest_load(
    plan: Complete, weekly: Weekly, mentored: list[BoolVar], at_once: int | None, total: int | None
) -> None:
    """A guest's engagements stay within its limits, in total and at once."""
    mine = [literal for literal, _ in weekly] + mentored
    if total is not None and len(mine) > total:
        plan.model.add(sum(mine) <= total)
    if at_once == 0:
        plan.model.add(sum(mine) == 0)
    elif at_once == 1:
        # One mentorship at most, and one item a week: only the two together can be too much.
        for literal, _ in weekly:
            plan.model.add(sum(mentored) + literal <= 1)


def _host_load(
    plan: Complete, weekly: Weekly, mentoring: list[BoolVar], at_once: int | None, total: int | None
) -> None:
    """A host's engagements stay within its limits, in total and at once."""
    mine = [literal for literal, _ in weekly] + mentoring
    if total is not None and len(mine) > total:
        plan.model.add(sum(mine) <= total)
    if at_once is None or len(mine) <= at_once:
        return
    plan.model.add(sum(mentoring) <= at_once)
    if weekly:
        intervals = [
            plan.model.new_optional_fixed_size_interval_var(engagement.week, 1, literal, "")
            for literal, engagement in weekly
        ]
        room = plan.model.new_int_var(0, at_once, "")
        plan.model.add(room + sum(mentoring) <= at_once)
        plan.model.add_cumulative(intervals, [1] * len(intervals), room)


def _money(plan: Complete) -> None:
    """Every place is paid in full, and no source pays more than it has."""
    problem, model = plan.problem, plan.model
    plan_sources = problem.sources
    if not plan_sources:
        return
    paying: dict[int, list[cp_model.IntVar]] = defaultdict(list)
    for purse, terms in sorted(plan.spending.items()):
        shares = []
        for source in problem.purses[purse]:
            share = model.new_int_var(0, plan_sources[source].amount, "")
            plan.paid[purse, source] = share
            paying[source].append(share)
            shares.append(share)
        model.add(sum(shares) == sum(cost * literal for cost, literal in terms))
    for source, shares in paying.items():
        model.add(sum(shares) <= plan_sources[source].amount)


def _covered(
    plan: Complete, guests: dict[int, Weekly], mentored: dict[int, list[BoolVar]]
) -> dict[int, BoolVar]:
    """A State is covered when it gets at least one service."""
    covered = {}
    for party in range(len(plan.problem.parties)):
        mine = [literal for literal, _ in guests[party]] + mentored[party]
        if not mine:
            continue
        covered[party] = plan.literal()
        plan.model.add_max_equality(covered[party], mine)
    return covered
