"""Study visits in a joint plan: each offer has as many possible visits as it gives."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from matching.joint.model import VisitRow
from matching.joint.pieces import BoolVar, Engagement, Part, Visit, week_variable
from matching.model import Instrument

if TYPE_CHECKING:
    from matching.joint.complete import Complete

NUMBER = 1


def add(plan: Complete) -> list[Visit]:
    """Add the literals and rules of study visits."""
    found: list[Visit] = []
    for giver, offer in enumerate(plan.problem.visits):
        rows = plan.by_giver.get((NUMBER, giver), [])
        if not rows or not offer.weeks or not offer.languages:
            continue
        mine = [_visit(plan, giver, offer, rows) for _ in range(min(offer.visits, len(rows)))]
        _once_a_guest(plan, mine, rows)
        _one_after_the_other(plan, mine)
        found += mine
    _one_visit_a_week(plan, found)
    return found


def _visit(plan: Complete, giver: int, offer: VisitRow, rows: list[int]) -> Visit:
    model, problem = plan.model, plan.problem
    wanted = {problem.needs[need].theme for at in rows for need, _ in plan.points[at]}
    # What a visit was accepted for stays, whether or not somebody still asks for it.
    wanted |= {
        problem.themes.index(theme)
        for item in problem.previous.accepted_items
        if item.offer == offer.key
        for theme in item.themes
        if theme in problem.themes
    }
    visit = Visit(
        offer=giver,
        literal=plan.literal(),
        week=week_variable(model, offer.weeks),
        languages={code: plan.literal() for code in offer.languages},
        themes={theme: plan.literal() for theme in sorted(wanted & set(offer.themes))},
        parts={at: plan.literal() for at in rows},
    )
    model.add_exactly_one([*visit.languages.values(), visit.literal.negated()])
    _group_size(plan, visit, offer)
    _few_themes(plan, visit, offer)
    for at, literal in visit.parts.items():
        _delegation(plan, visit, at, literal)
    _apart(plan, visit)
    plan.hosted[offer.party].append(visit.literal)
    table = problem.options
    plan.engagements.append(
        Engagement(
            visit.literal, visit.week, offer.weeks,
            tuple((int(table.guest[at]), literal) for at, literal in visit.parts.items()),
            ((offer.party, visit.literal),),
        )
    )  # fmt: skip
    return visit


def _group_size(plan: Complete, visit: Visit, offer: VisitRow) -> None:
    """Delegations and persons stay between the host's minimum and maximum."""
    persons = plan.problem.options.persons
    for total, least, most in (
        (sum(visit.parts.values()), offer.delegations_min, offer.delegations_max),
        (
            sum(int(persons[at]) * literal for at, literal in visit.parts.items()),
            offer.persons_min,
            offer.persons_max,
        ),
    ):
        plan.model.add(total >= least * visit.literal)
        plan.model.add(total <= most * visit.literal)


def _few_themes(plan: Complete, visit: Visit, offer: VisitRow) -> None:
    """A visit has at most so many themes, all of the host's offer."""
    if len(visit.themes) > offer.themes_max:
        plan.model.add(sum(visit.themes.values()) <= offer.themes_max)
    for literal in visit.themes.values():
        plan.model.add_implication(literal, visit.literal)


def _delegation(plan: Complete, visit: Visit, at: int, literal: BoolVar) -> None:
    """A delegation can come that week, take part in the language, and has a need served."""
    model, problem = plan.model, plan.problem
    model.add_implication(literal, visit.literal)
    weeks = problem.calendars[int(problem.options.calendar[at])]
    model.add_linear_expression_in_domain(
        visit.week, cp_model.Domain.from_values(list(weeks))
    ).only_enforce_if(literal)
    tongues = problem.tongues[int(problem.options.tongue[at])]
    model.add_bool_or(
        [*(visit.languages[t.language] for t in tongues if t.language in visit.languages),
         literal.negated()]
    )  # fmt: skip
    shown = []
    for need, points in plan.points[at]:
        theme = visit.themes.get(problem.needs[need].theme)
        if theme is None:
            continue
        served = plan.literal()
        model.add_implication(served, literal)
        model.add_implication(served, theme)
        plan.serves[need][points].append(served)
        shown.append(theme)
    model.add_bool_or([*shown, literal.negated()])
    purse = int(problem.options.purse[at])
    plan.parts.append(Part(at, literal))
    plan.spend(purse, int(problem.options.cost[at]), literal)
    for tongue in tongues:
        if tongue.cost and tongue.language in visit.languages:
            spoken = plan.literal()
            language = visit.languages[tongue.language]
            model.add_bool_or([spoken, literal.negated(), language.negated()])
            plan.spend(purse, tongue.cost, spoken)


def _apart(plan: Complete, visit: Visit) -> None:
    """Two delegations that can't sit together don't."""
    table, apart = plan.problem.options, plan.apart[Instrument.STUDY_VISIT]
    rows = sorted(visit.parts)
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            if (int(table.guest[one]), int(table.guest[other])) in apart:
                plan.model.add_at_most_one([visit.parts[one], visit.parts[other]])


def _once_a_guest(plan: Complete, visits: list[Visit], rows: list[int]) -> None:
    """A guest visits an offer once."""
    for at in rows:
        plan.model.add_at_most_one([visit.parts[at] for visit in visits])


def _one_after_the_other(plan: Complete, visits: list[Visit]) -> None:
    """Visits of one offer are alike: they are taken in the order of their weeks."""
    for one, other in pairwise(visits):
        plan.model.add_implication(other.literal, one.literal)
        plan.model.add(one.week < other.week).only_enforce_if(other.literal)


def _one_visit_a_week(plan: Complete, visits: list[Visit]) -> None:
    """A host runs one visit a week, whatever the offer."""
    by_host: dict[int, list[Visit]] = {}
    for visit in visits:
        by_host.setdefault(plan.problem.visits[visit.offer].party, []).append(visit)
    for mine in by_host.values():
        for place, one in enumerate(mine):
            for other in mine[place + 1 :]:
                if one.offer != other.offer:
                    plan.model.add(one.week != other.week).only_enforce_if(
                        one.literal, other.literal
                    )
