"""For every rule plans that break that rule alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from matching.joint.codes import RuleCode
from matching.joint.model import JointPlan, JointProblem
from matching.model import (
    Delivery,
    Horizon,
    Instrument,
    Item,
    Load,
    ObjectiveCode,
    OutcomeCode,
    Pairing,
    Payment,
    Place,
    Policy,
    Previous,
    Sense,
)
from tests.matching.joint.rich import MENTORING, MISSION, TRAINING, VISITING, Items, item, put
from tests.matching.joint.small import unproven, with_place

Mutation = Callable[[JointProblem, Items], tuple[JointProblem, Items]]
Misstatement = Callable[[JointPlan], JointPlan]

# Kinds of mutation.


def change(at: int, **fields: Any) -> Mutation:
    """One item has other fields."""
    return lambda p, items: (p, put(items, at, items[at].model_copy(update=fields)))


def place(at: int, n: int, **fields: Any) -> Mutation:
    """One place has other fields."""
    return lambda p, items: (p, put(items, at, with_place(items[at], n, **fields)))


def add(*new: Item) -> Mutation:
    """The plan has more items."""
    return lambda p, items: (p, (*items, *new))


def drop(at: int) -> Mutation:
    """The plan lacks an item."""
    return lambda p, items: (p, put(items, at))


def guests(at: int, *new: Place) -> Mutation:
    """An item has these places; those that it had keep what they cost."""

    def mutate(problem: JointProblem, items: Items) -> tuple[JointProblem, Items]:
        old = {one.guest: one for one in items[at].places}
        places = tuple(old.get(one.guest, one) for one in new)
        return problem, put(items, at, items[at].model_copy(update={"places": places}))

    return mutate


def row(part: str, at: int, **fields: Any) -> Mutation:
    """A row of the Problem is another."""

    def mutate(problem: JointProblem, items: Items) -> tuple[JointProblem, Items]:
        rows = list(getattr(problem, part))
        rows[at] = rows[at].model_copy(update=fields)
        parts: dict[str, Any] = {part: tuple(rows)}
        return replace(problem, **parts), items

    return mutate


def both(*mutations: Mutation) -> Mutation:
    """One mutation after the other."""

    def mutate(problem: JointProblem, items: Items) -> tuple[JointProblem, Items]:
        for mutation in mutations:
            problem, items = mutation(problem, items)
        return problem, items

    return mutate


def settled(**parts: Any) -> Mutation:
    """Other parts of the Problem."""
    return lambda p, items: (replace(p, **parts), items)


UNHELD = settled(previous=Previous())
"""Nothing was accepted before."""


def mission(guest: str, *team: str, host: str, week: int, cost: int = 0, **more: Any) -> Item:
    themes = {"c": ("X",), "d": ("X", "Y")}[guest]
    spent = Place(guest=guest, cost=cost, paid=(Payment(source="S", amount=cost),) if cost else ())
    return Item(
        instrument=Instrument.MISSION, host=host, week=week, language="e", themes=themes,
        team=team, places=(spent,), **more,
    )  # fmt: skip


def mentorship(offer: str, host: str, guest: str) -> Item:
    return item("mentorship", offer, host, guest)


def visit(offer: str, host: str, guests: str, week: int) -> Item:
    return item("study_visit", offer, host, guests, week=week, language="e", themes=("X",))


C, B, D = Place(guest="c"), Place(guest="b"), Place(guest="d")
A = Place(guest="a")

PLANS: dict[RuleCode, tuple[Mutation, ...]] = {
    RuleCode.UNKNOWN_KEY: (
        change(MENTORING, host="nobody"), change(TRAINING, offer="nothing"),
        guests(TRAINING, A, C, Place(guest="nobody")), change(VISITING, themes=("X", "Q")),
        change(VISITING, language="q"), both(UNHELD, change(MISSION, team=("E1", "E9"))),
        place(VISITING, 0, paid=(Payment(source="U", amount=5),)),
    ),
    RuleCode.NOT_AN_OPTION: (
        add(mentorship("N", "n", "d")),
        guests(TRAINING, A, C, D),
        both(UNHELD, change(
            MISSION, places=(Place(guest="b", cost=7, paid=(Payment(source="S", amount=7),)),),
            themes=(), week=2)),
    ),
    RuleCode.MALFORMED_ITEM: (
        change(MENTORING, week=2), change(MENTORING, language="e"),
        change(MENTORING, themes=("X",)), change(MENTORING, host="n"),
        place(MENTORING, 0, persons=2), place(MENTORING, 0, interpreted=True),
        both(drop(MENTORING), settled(pins=()), row("parties", 2, guest=Load()), add(
            Item(instrument=Instrument.MENTORSHIP, offer="N", host="n", places=(A, C)))),
        change(VISITING, delivery=Delivery.IN_PERSON), change(VISITING, team=("E1",)),
        change(VISITING, themes=("Y", "X")), change(VISITING, language=None),
        lambda p, items: (p, put(items, VISITING, items[VISITING].model_copy(
            update={"places": items[VISITING].places[::-1]}))),
        change(MISSION, offer="E1"), change(MISSION, themes=("X",)),
        both(UNHELD, change(MISSION, host="h")),
        change(TRAINING, themes=("X",)), change(TRAINING, delivery=Delivery.HYBRID),
        place(TRAINING, 1, persons=2), change(TRAINING, week=None),
    ),
    RuleCode.GUEST_TWICE: (
        both(add(mentorship("M", "m", "a")), row("parties", 0, guest=Load())),
        guests(TRAINING, A, C, C),
        both(row("visits", 1, visits=2), add(visit("W", "h", "c", 2), visit("W", "h", "c", 1)),
             drop(TRAINING)),
    ),
    RuleCode.MENTOR_CAPACITY: (
        both(row("mentors", 1, capacity=0), add(mentorship("N", "n", "b"))),
        both(drop(TRAINING), row("mentors", 1, capacity=1),
             add(mentorship("N", "n", "b"), mentorship("N", "n", "c"))),
    ),
    RuleCode.ONE_MENTOR_EACH: (
        both(row("parties", 0, guest=Load()), add(mentorship("N", "n", "a"))),
    ),
    RuleCode.VISITS_OF_OFFER: (
        add(Item(instrument=Instrument.STUDY_VISIT, offer="V", host="h", week=2, language="e",
                 themes=("X",), places=(Place(guest="c", persons=3),))),
        row("visits", 0, visits=0),
    ),
    RuleCode.ONE_VISIT_A_WEEK: (add(visit("W", "h", "c", 0)),),
    RuleCode.DELEGATIONS: (
        both(settled(apart=()), row("visits", 0, persons_max=9),
             guests(VISITING, A, B, Place(guest="c", persons=3))),
        row("visits", 0, delegations_min=3),
    ),
    RuleCode.PERSONS: (
        both(settled(apart=()), guests(VISITING, B, Place(guest="c", persons=3))),
        guests(VISITING, A),
    ),
    RuleCode.VISIT_THEMES: (
        change(VISITING, themes=("X", "Z")),
        both(row("visits", 0, themes_max=1), change(VISITING, themes=("X", "Y"))),
    ),
    RuleCode.DELEGATION_SERVED: (change(VISITING, themes=("Y",)), change(VISITING, themes=())),
    RuleCode.ONE_MISSION_EACH: (add(mission("d", "E3", "E4", host="n", week=1)),),
    RuleCode.TEAM_SIZE: (
        add(mission("c", "E3", host="n", week=2)),
        both(UNHELD, settled(apart=()), change(MISSION, team=("E1", "E2", "E3", "E4", "E5"))),
    ),
    RuleCode.TEAM_COVERS: (
        both(UNHELD, drop(MISSION),
             add(mission("d", "E1", "E4", host="k", week=0, cost=3))),
    ),
    RuleCode.TEAM_LEAD: (
        both(row("experts", 1, person_days=10), add(
            mission("c", "E2", "E4", host="h", week=2, cost=4))),
    ),
    RuleCode.EXPERT_WEEK: (
        both(UNHELD, change(MISSION, week=1)),
        both(row("experts", 1, person_days=10), add(
            mission("c", "E4", "E2", host="m", week=0, cost=4))),
    ),
    RuleCode.EXPERT_MISSIONS: (
        add(mission("c", "E1", "E4", host="k", week=2, cost=3)),
        row("experts", 1, missions=0),
    ),
    RuleCode.EXPERT_DAYS: (
        add(mission("c", "E4", "E2", host="m", week=2, cost=4)),
        row("experts", 1, person_days=4),
    ),
    RuleCode.ONE_RUN: (
        both(row("courses", 0, seats_min=1), add(
            Item(instrument=Instrument.TRAINING, offer="C", host="n", week=2, language="e",
                 delivery=Delivery.IN_PERSON, places=(B,)))),
    ),
    RuleCode.SEATS: (guests(TRAINING, A), row("courses", 0, seats_max=1)),
    RuleCode.ZONE_SPREAD: (
        guests(TRAINING, A, B, C), row("parties", 7, offset=-480), row("parties", 7, offset=480),
    ),
    RuleCode.APART: (
        both(drop(TRAINING), guests(VISITING, A, Place(guest="c", persons=3))),
        change(TRAINING, delivery=Delivery.IN_PERSON),
        both(row("experts", 2, missions=1), add(
            mission("c", "E3", "E2", host="n", week=2, cost=4)),
            row("experts", 1, person_days=10)),
    ),
    RuleCode.GUEST_WEEK: (both(row("parties", 0, guest=Load()), change(TRAINING, week=0)),),
    RuleCode.GUEST_LOAD: (
        add(visit("W", "h", "a", 2)),
        add(mentorship("N", "n", "c")),
        row("parties", 1, guest=Load(at_once=0)),
    ),
    RuleCode.HOST_LOAD: (
        both(settled(policy=Policy(order=tuple(ObjectiveCode))), UNHELD,
             row("parties", 2, guest=Load()), row("mentors", 0, capacity=3),
             add(mentorship("M", "m", "b"), mentorship("M", "m", "c"))),
        row("parties", 5, host=Load(at_once=0)),
        row("parties", 4, host=Load(at_once=1)),
    ),
    RuleCode.LANGUAGE: (
        both(change(VISITING, language="f"), place(
            VISITING, 0, interpreted=True, cost=7, paid=(Payment(source="S", amount=7),))),
        place(TRAINING, 0, interpreted=True), place(MISSION, 0, interpreted=True),
        both(change(MISSION, language="f"), UNHELD),
    ),
    RuleCode.WEEK: (
        change(VISITING, week=2),
        settled(horizon=Horizon(weeks=4, closed=(1, 3))),
        settled(horizon=Horizon(weeks=1)),
        lambda p, items: (replace(p, calendars=tuple(
            tuple(w for w in weeks if w != 1) for weeks in p.calendars)), items),
    ),
    RuleCode.COST: (
        place(VISITING, 0, cost=6, paid=(Payment(source="S", amount=6),)),
        place(TRAINING, 0, cost=1, paid=(Payment(source="S", amount=1),)),
        place(MISSION, 0, cost=3, paid=(Payment(source="S", amount=3),)),
        place(MENTORING, 0, cost=1, paid=(Payment(source="S", amount=1),)),
    ),
    RuleCode.PAYMENT: (
        place(VISITING, 0, paid=()),
        place(VISITING, 0, paid=(Payment(source="S", amount=6),)),
        place(VISITING, 1, paid=(Payment(source="S", amount=4), Payment(source="T", amount=3))),
        settled(sources=()),
    ),
    RuleCode.SOURCE_AMOUNT: (
        place(VISITING, 0, paid=(Payment(source="T", amount=5),)),
        row("sources", 0, amount=18),
    ),
    RuleCode.PIN: (
        drop(MENTORING),
        settled(pins=(Pairing(instrument=Instrument.MISSION, guest="d", host="n"),)),
    ),
    RuleCode.EXCLUSION: (
        add(mentorship("M", "m", "b")),
        settled(policy=Policy(order=tuple(ObjectiveCode), exclusions=(
            Pairing(instrument=Instrument.MISSION, guest="d", host="h"),))),
    ),
    RuleCode.DECLINED: (
        both(row("parties", 2, guest=Load()), add(mentorship("M", "m", "c"))),
        settled(previous=Previous(declined=(
            Pairing(instrument=Instrument.STUDY_VISIT, guest="b", host="h"),))),
    ),
    RuleCode.ACCEPTED: (
        change(MISSION, week=2),
        settled(previous=Previous(accepted=(Pairing(guest="a", host="n"),))),
        lambda p, items: (replace(p, previous=Previous(accepted_items=(
            items[VISITING].model_copy(update={"language": "f"}),))), items),
        lambda p, items: (replace(p, previous=Previous(accepted_items=(
            items[VISITING].model_copy(update={"themes": ("X", "Y")}),))), items),
        lambda p, items: (replace(p, previous=Previous(accepted_items=(
            items[TRAINING].model_copy(update={"delivery": Delivery.IN_PERSON}),))), items),
    ),
}  # fmt: skip
"""Plans that break the rule alone, made of the base plan."""


def restated(code: ObjectiveCode, **fields: Any) -> Misstatement:
    """One objective says something else."""

    def mutate(plan: JointPlan) -> JointPlan:
        lines = [
            line.model_copy(update=fields) if line.code is code else line
            for line in plan.objectives
        ]
        return plan.model_copy(update={"objectives": tuple(lines)})

    return mutate


def after(*mutations: Misstatement) -> Misstatement:
    def mutate(plan: JointPlan) -> JointPlan:
        for mutation in mutations:
            plan = mutation(plan)
        return plan

    return mutate


COST_AT = tuple(ObjectiveCode).index(ObjectiveCode.COST)
FIT_AT = tuple(ObjectiveCode).index(ObjectiveCode.FIT)
ONE = ObjectiveCode.COST

STATEMENTS: dict[RuleCode, tuple[Misstatement, ...]] = {
    RuleCode.OBJECTIVES: (
        lambda plan: plan.model_copy(update={"objectives": plan.objectives[:-1]}),
        lambda plan: plan.model_copy(update={"objectives": plan.objectives[::-1]}),
    ),
    RuleCode.VALUE: (
        after(lambda plan: unproven(plan, COST_AT, 19), restated(ONE, value=20, gap=1)),
    ),
    RuleCode.BOUND: (
        lambda plan: unproven(plan, COST_AT, 20), lambda plan: unproven(plan, COST_AT, -1),
        lambda plan: unproven(plan, FIT_AT, 0), lambda plan: unproven(plan, FIT_AT, 10_000),
    ),
    RuleCode.STATEMENT: (
        restated(ONE, sense=Sense.MAX), restated(ONE, gap=1), restated(ONE, on=False),
        restated(ONE, note="no_missions"), restated(ONE, conditional_on=(ObjectiveCode.FIT,)),
        restated(ONE, levels=((1, 1),)), restated(ObjectiveCode.WORST_OFF, levels=()),
        after(lambda plan: unproven(plan, COST_AT, 18), restated(ONE, proven=True),
              *(restated(code, conditional_on=()) for code in tuple(ObjectiveCode)[COST_AT:])),
        after(lambda plan: unproven(plan, COST_AT, 18),
              lambda plan: plan.model_copy(update={"outcome": OutcomeCode.PROVEN})),
        after(lambda plan: unproven(plan, COST_AT, 18),
              restated(ObjectiveCode.SPREAD, conditional_on=())),
        lambda plan: plan.model_copy(update={"outcome": OutcomeCode.NO_PLAN}),
    ),
}  # fmt: skip
"""Statements that are false in one way alone, made of the base plan's."""
