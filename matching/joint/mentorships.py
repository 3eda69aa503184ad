"""Mentorships in a joint plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.joint.pieces import BoolVar, Part

if TYPE_CHECKING:
    from matching.joint.complete import Complete

NUMBER = 0


def add(plan: Complete) -> dict[int, BoolVar]:
    """Add the literals and rules of mentorships; gives the literal of each option."""
    chosen: dict[int, BoolVar] = {}
    for (kind, _), rows in sorted(plan.by_giver.items()):
        if kind == NUMBER:
            chosen |= {at: plan.literal() for at in rows}
    for at, literal in chosen.items():
        plan.parts.append(Part(at, literal))
        plan.hosted[plan.host(at)].append(literal)
        for need, points in plan.points[at]:
            plan.serves[need][points].append(literal)
    _mentor_capacity(plan, chosen)
    _one_mentor_each(plan, chosen)
    return chosen


def _mentor_capacity(plan: Complete, chosen: dict[int, BoolVar]) -> None:
    """A mentor never gets more mentees than it offered."""
    for giver, mentor in enumerate(plan.problem.mentors):
        mine = [chosen[at] for at in plan.by_giver.get((NUMBER, giver), [])]
        if len(mine) > mentor.capacity:
            plan.model.add(sum(mine) <= mentor.capacity)


def _one_mentor_each(plan: Complete, chosen: dict[int, BoolVar]) -> None:
    """A guest has one mentor at most."""
    for (kind, _), rows in sorted(plan.by_guest.items()):
        if kind == NUMBER:
            plan.model.add_at_most_one([chosen[at] for at in rows])
