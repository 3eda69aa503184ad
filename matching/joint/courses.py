"""Training courses in a joint plan: one run of each, if it fills."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from ortools.sat.python import cp_model

from matching.joint.clocks import DAY
from matching.joint.model import CourseRow, Mode
from matching.joint.pieces import BoolVar, Engagement, Part, Run, week_variable
from matching.model import Instrument

if TYPE_CHECKING:
    from matching.joint.complete import Complete

NUMBER = 3


def add(plan: Complete) -> list[Run]:
    """Add the literals and rules of courses."""
    found = []
    for giver, course in enumerate(plan.problem.courses):
        rows = plan.by_giver.get((NUMBER, giver), [])
        if rows and course.weeks and course.languages:
            found.append(_run(plan, giver, course, rows))
    return found


def _run(plan: Complete, giver: int, course: CourseRow, rows: list[int]) -> Run:
    model, problem = plan.model, plan.problem
    run = Run(
        course=giver,
        literal=plan.literal(),
        week=week_variable(model, course.weeks),
        variants={
            (mode, language): plan.literal()
            for mode in course.modes
            for language in course.languages
        },
        parts={at: plan.literal() for at in rows},
    )
    model.add_exactly_one([*run.variants.values(), run.literal.negated()])
    _seats(plan, run, course)
    for at, literal in run.parts.items():
        _participant(plan, run, at, literal)
    _once_a_guest(plan, run)
    _zone_spread(plan, run, course)
    _apart(plan, run)
    plan.hosted[course.party].append(run.literal)
    table = problem.options
    plan.engagements.append(
        Engagement(
            run.literal, run.week, course.weeks,
            tuple((int(table.guest[at]), literal) for at, literal in run.parts.items()),
            ((course.party, run.literal),),
        )
    )  # fmt: skip
    return run


def _seats(plan: Complete, run: Run, course: CourseRow) -> None:
    """A course opens only with its minimum, and never goes beyond its seats."""
    persons = plan.problem.options.persons
    taken = sum(int(persons[at]) * literal for at, literal in run.parts.items())
    plan.model.add(taken >= course.seats_min * run.literal)
    plan.model.add(taken <= course.seats_max * run.literal)


def _participant(plan: Complete, run: Run, at: int, literal: BoolVar) -> None:
    """A participant is free that week and follows the language, in the mode of the run."""
    model, problem = plan.model, plan.problem
    weeks = problem.calendars[int(problem.options.calendar[at])]
    model.add_linear_expression_in_domain(
        run.week, cp_model.Domain.from_values(list(weeks))
    ).only_enforce_if(literal)
    mode = int(problem.options.mode[at])
    tongues = problem.tongues[int(problem.options.tongue[at])]
    fitting = [
        run.variants[mode, t.language] for t in tongues if (mode, t.language) in run.variants
    ]
    model.add_bool_or([*fitting, literal.negated()])
    for need, points in plan.points[at]:
        plan.serves[need][points].append(literal)
    plan.parts.append(Part(at, literal))
    if mode != Mode.ONLINE:
        _costs(plan, run, at, literal)


def _costs(plan: Complete, run: Run, at: int, literal: BoolVar) -> None:
    """In person a place costs its journey, and interpretation where the language needs it."""
    problem = plan.problem
    purse = int(problem.options.purse[at])
    plan.spend(purse, int(problem.options.cost[at]), literal)
    for tongue in problem.tongues[int(problem.options.tongue[at])]:
        variant = run.variants.get((int(problem.options.mode[at]), tongue.language))
        if tongue.cost and variant is not None:
            spoken = plan.literal()
            plan.model.add_bool_or([spoken, literal.negated(), variant.negated()])
            plan.spend(purse, tongue.cost, spoken)


def _once_a_guest(plan: Complete, run: Run) -> None:
    """A guest is in a run once, online or in person."""
    by_guest: dict[int, list[BoolVar]] = {}
    for at, literal in run.parts.items():
        by_guest.setdefault(int(plan.problem.options.guest[at]), []).append(literal)
    for literals in by_guest.values():
        if len(literals) > 1:
            plan.model.add_at_most_one(literals)


def _zone_spread(plan: Complete, run: Run, course: CourseRow) -> None:
    """Online, the clocks of all lie within the spread, the course's own among them.

    Some window of so many hours holds them all: a window is named by the clock it begins with.
    """
    problem, model = plan.problem, plan.model
    spread = problem.policy.zone_spread_hours * 60
    clocks: dict[int, list[BoolVar]] = {}
    for at, literal in run.parts.items():
        offset = problem.parties[int(problem.options.guest[at])].offset
        if int(problem.options.mode[at]) == Mode.ONLINE and offset is not None:
            clocks.setdefault(offset, []).append(literal)
    own = problem.parties[course.party].offset
    starts = sorted(set(clocks) | ({own} if own is not None else set()))
    starts = [s for s in starts if own is None or (own - s) % DAY <= spread]
    if not clocks or not starts:
        return
    window = {start: plan.literal() for start in starts}
    model.add_exactly_one(window.values())
    for offset, literals in clocks.items():
        inside = [window[start] for start in starts if (offset - start) % DAY <= spread]
        for literal in literals:
            model.add_bool_or([*inside, literal.negated()])


def _apart(plan: Complete, run: Run) -> None:
    """Two that can't share a room don't."""
    table, apart = plan.problem.options, plan.apart[Instrument.TRAINING]
    rows = [at for at in sorted(run.parts) if int(table.mode[at]) == Mode.IN_PERSON]
    for one, other in combinations(rows, 2):
        if (int(table.guest[one]), int(table.guest[other])) in apart:
            plan.model.add_at_most_one([run.parts[one], run.parts[other]])
