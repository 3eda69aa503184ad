"""What of an earlier plan is not possible any more, and what that means for every next plan."""

from __future__ import annotations

from collections.abc import Iterable

from matching.joint.cut import Finder, closed_rows
from matching.joint.model import JointProblem
from matching.joint.value import facts_of, told_of
from matching.model import Item


def impossible(problem: JointProblem) -> set[tuple[Item, str]]:
    """Earlier places that no plan can hold: no option, no week, or declined."""
    finder = Finder(problem)
    closed = closed_rows(problem, finder)
    found = set()
    previous = problem.previous
    for item in (*previous.accepted_items, *previous.proposed_items):
        for place in item.places:
            options = finder.options(item, place.guest)
            fine = bool(options) and not set(options) & closed
            if fine and item.week is not None:
                fine = all(_free(problem, at, item.week) for at in options)
            if not fine:
                found.add((item, place.guest))
    return found


def _free(problem: JointProblem, option: int, week: int) -> bool:
    """Whether an option and its giver have a week."""
    table = problem.options
    giver = problem.givers(int(table.instrument[option]))[int(table.giver[option])]
    return week in problem.calendars[int(table.calendar[option])] and week in getattr(
        giver, "weeks", ()
    )


def least_news(problem: JointProblem) -> tuple[int, int]:
    """At least so many parties hear something new, and so many places change, in any plan.

    A place of the plan before that is not possible any more is told to its guest and to those
    who give, unless they keep another that is told in the same words.
    """
    lost = impossible(problem)
    gone: list[Item] = []
    stay: list[Item] = []
    previous = problem.previous
    for item in (*previous.accepted_items, *previous.proposed_items):
        for place in item.places:
            alone = item.model_copy(update={"places": (place,)})
            (gone if (item, place.guest) in lost else stay).append(alone)
    before, left = facts_of(problem, gone), facts_of(problem, stay)
    told = sum(bool(facts - left.get(party, set())) for party, facts in before.items())
    return told, len(_parts(gone) - _parts(stay))


def _parts(items: Iterable[Item]) -> set[tuple[object, str]]:
    return {(told_of(item), place.guest) for item in items for place in item.places}
