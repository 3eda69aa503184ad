"""One Problem with everything in it, and a plan in which nothing is wrong."""

from __future__ import annotations

from typing import Any

from matching.joint.model import JointPlan, JointProblem
from matching.model import (
    Delivery,
    Horizon,
    Instrument,
    Item,
    Load,
    ObjectiveCode,
    Pairing,
    Place,
    Policy,
    Previous,
)
from tests.matching.joint.small import Sketch, paid, stated, with_place

Items = tuple[Item, ...]

MENTORING, VISITING, MISSION, TRAINING = range(4)
"""Positions of the base plan's items."""


def base() -> tuple[JointProblem, Items]:
    """Four States that ask, four that give, and a plan with an item of each instrument."""
    sketch = Sketch(
        "abcdhkmn", a={"guest": Load(total=3, at_once=2), "offset": 0},
        b={"offset": 600}, c={"guest": Load(at_once=1), "offset": 60},
        d={"observer": True}, m={"host": Load(total=2)}, k={"host": Load(at_once=1)},
        n={"offset": 120},
    )  # fmt: skip
    sketch.needs_of("a", "XY")
    sketch.needs_of("b", "X")
    sketch.needs_of("c", "XY", mission="X")
    sketch.needs_of("d", "XY", mission="XY")
    sketch.source("S", 100)
    sketch.source("T", 3)
    sketch.mentor("M", "m", capacity=2)
    sketch.mentor("N", "n", capacity=2)
    sketch.visit(
        "V", "h", languages="ef", weeks=range(3), persons_min=2, persons_max=4, themes_max=2
    )
    sketch.visit("W", "h", weeks=range(3))
    sketch.expert("E1", "k", weeks=(0, 2), missions=1)
    sketch.expert("E2", "h", weeks=range(3), days=5)
    sketch.expert("E3", "n", weeks=range(3), days=20)
    sketch.expert("E4", "m", weeks=range(3))
    sketch.expert("E5", "m", weeks=range(3))
    sketch.course("C", "n", weeks=range(3), seats=(2, 3))
    for guest in "abc":
        sketch.option("M", guest, points={"X": 60})
        sketch.option("N", guest, points={"X": 40})
        sketch.option("C", guest, mode=1, points={"X": 20})
        sketch.option("C", guest, mode=2, points={"X": 25})
    sketch.option("V", "a", points={"X": 70, "Y": 50}, cost=5, weeks=(0, 1), speaks="e",
                  interpreted="f", fee=2)  # fmt: skip
    sketch.option("V", "b", persons=2, cost=7, purse=(0,))
    sketch.option("V", "c", persons=3, points={"X": 10})
    sketch.option("W", "c", points={"X": 10})
    sketch.option("W", "a", points={"X": 10})
    for guest, wanted in (("c", "X"), ("d", "XY")):
        points = dict.fromkeys(wanted, 80)
        sketch.option("E1", guest, points=points, covers="X", cost=3)
        sketch.option("E2", guest, covers="Y", speaks="", cost=4)
        sketch.option("E3", guest, points=points, covers="XY")
        sketch.option("E4", guest, points=points, covers="X")
        sketch.option("E5", guest, points=points, covers="X")
    visit, training = Instrument.STUDY_VISIT, Instrument.TRAINING
    items: Items = (
        item("mentorship", "M", "m", "a"),
        item("study_visit", "V", "h", "ab", week=0, language="e", themes=("X",)),
        item("mission", None, "k", "d", week=0, language="e", themes=("X", "Y"),
              team=("E1", "E2")),
        item("training", "C", "n", "ac", week=1, language="e", delivery=Delivery.ONLINE),
    )  # fmt: skip
    costs = {(VISITING, 0): 5, (VISITING, 1): 7, (MISSION, 0): 7}
    for (at, place), cost in costs.items():
        persons = 2 if (at, place) == (VISITING, 1) else 1
        items = put(items, at, with_place(items[at], place, cost=cost, persons=persons))
    problem = sketch.problem(
        apart=((visit, 0, 2), (training, 0, 2), (Instrument.MISSION, 4, 7)),
        horizon=Horizon(weeks=4, closed=(3,), avoid=(1,)),
        pins=(Pairing(guest="a", host="m"),),
        policy=Policy(
            order=tuple(ObjectiveCode),
            exclusions=(Pairing(guest="b", host="m"),),
        ),
        previous=Previous(
            declined=(Pairing(guest="c", host="m"),),
            accepted_items=(items[MISSION],),
            proposed_items=(items[VISITING].model_copy(update={"week": 1}),),
        ),
    )
    bought = paid(problem, items)
    assert bought is not None
    return problem, bought


def item(instrument: str, offer: str | None, host: str, guests: str, **more: Any) -> Item:
    return Item(
        instrument=Instrument(instrument), offer=offer, host=host,
        places=tuple(Place(guest=guest) for guest in guests), **more,
    )  # fmt: skip


def put(items: Items, at: int, *new: Item) -> Items:
    return (*items[:at], *new, *items[at + 1 :])


def good() -> tuple[JointProblem, JointPlan]:
    """The base Problem with its plan, in which nothing is wrong."""
    problem, items = base()
    return problem, stated(problem, items)
