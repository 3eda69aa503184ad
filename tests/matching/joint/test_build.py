"""From the Instance to the joint Problem: what is possible, with which points, weeks and costs."""

from __future__ import annotations

import random

import pytest

from matching.generate import Scarcity, generate
from matching.instance import JOINT_ORDER
from matching.joint.build import build
from matching.joint.documents import dump_problem, read_problem
from matching.model import (
    Instance,
    Instrument,
    Item,
    ObjectiveCode,
    Pairing,
    Place,
    Previous,
    Relation,
    RelationKind,
)

ALL = ("mentorship", "study_visit", "mission", "training")
INSTANCE = generate(16, 8, 3, "medium", ALL)


def test_the_same_whatever_the_order_of_the_instance() -> None:
    draw = random.Random(5)
    one, other = INSTANCE.parties[0].key, INSTANCE.parties[1].key
    pins = tuple(
        Relation(kind=RelationKind.PIN, party=one, other=other, instrument=instrument)
        for instrument in Instrument
    )
    instance = INSTANCE.model_copy(update={"relations": (*INSTANCE.relations, *pins)})
    shuffled = instance.model_copy(
        update={
            name: tuple(draw.sample(getattr(instance, name), len(getattr(instance, name))))
            for name in ("parties", "needs", "offers", "relations")
        }
    )
    assert shuffled != instance
    assert dump_problem(build(shuffled)) == dump_problem(build(instance))


@pytest.mark.parametrize("scarcity", ["easy", "medium", "scarce"])
def test_what_is_built_is_sound(scarcity: Scarcity) -> None:
    """The reader of Problems finds no fault in what is built, and takes over every bit."""
    for seed in range(4):
        instance = generate(14, 7, seed, scarcity, ALL)
        for only in (tuple(Instrument), *((one,) for one in Instrument)):
            text = dump_problem(build(instance, only))
            assert dump_problem(read_problem(text)) == text


def test_a_policy_that_leaves_the_order_as_it_is_gets_that_of_joint_plans() -> None:
    assert build(INSTANCE).policy.order == JOINT_ORDER
    assert build(INSTANCE, [Instrument.MISSION]).policy.order == JOINT_ORDER
    assert set(JOINT_ORDER) == set(ObjectiveCode)
    assert [code.value for code in JOINT_ORDER] == [
        "keep", "changes", "observers", "cover", "worst_off", "fit", "cost", "spread", "avoid",
    ]  # fmt: skip


def test_another_order_is_taken_as_it_stands() -> None:
    order = (ObjectiveCode.COVER, ObjectiveCode.COST)
    policy = INSTANCE.policy.model_copy(update={"order": order})
    assert build(INSTANCE.model_copy(update={"policy": policy})).policy == policy


def test_only_says_of_which_instruments_needs_offers_pins_and_earlier_items_count() -> None:
    one, other = INSTANCE.parties[0].key, INSTANCE.parties[1].key
    pairings = tuple(Pairing(instrument=i, guest=one, host=other) for i in Instrument)
    items = tuple(Item(instrument=i, host=other, places=(Place(guest=one),)) for i in Instrument)
    instance = INSTANCE.model_copy(
        update={
            "previous": Previous(accepted=pairings, proposed=pairings, declined=pairings,
                                 accepted_items=items, proposed_items=items),
            "relations": tuple(
                Relation(kind=RelationKind.PIN, party=one, other=other, instrument=i)
                for i in (*Instrument, None)
            ),
        }
    )  # fmt: skip
    for number, only in enumerate(Instrument):
        problem = build(instance, [only])
        assert {int(n) for n in problem.options.instrument} == {number}
        assert _asking(instance, only) == {problem.parties[n.guest].key for n in problem.needs}
        assert [p.instrument for p in problem.pins] == [only] * (1 + (number == 0))
        for name in Previous.model_fields:
            assert [e.instrument for e in getattr(problem.previous, name)] == [only]


def _asking(instance: Instance, only: Instrument) -> set[str]:
    return {need.party for need in instance.needs if only in need.instruments}
