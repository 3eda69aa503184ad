"""The auditor's check of a joint Problem against its Instance."""

from __future__ import annotations

import string
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import matching.joint.audit
from matching.generate import Scarcity, generate
from matching.joint.audit import check_problem, instruments_of
from matching.joint.audit.codes import ENGLISH, PARAMETERS, AuditCode
from matching.joint.build import build
from matching.joint.cut import part_of
from matching.joint.model import JointProblem, OptionTable, ServingTable
from matching.model import (
    Instance,
    Instrument,
    ObjectiveCode,
    Pairing,
    Previous,
    Relation,
    RelationKind,
)
from tests.matching.joint.instances import ALL, said
from tests.matching.test_shape import imports_of

INSTANCE = said(1)
PROBLEM = build(INSTANCE)
SCARCITIES: tuple[Scarcity, ...] = ("easy", "medium", "scarce")
Edit = Callable[[JointProblem], JointProblem]


def row(name: str, **changes: Any) -> Edit:
    """The first of the rows so called, with other values."""

    def edit(problem: JointProblem) -> JointProblem:
        first, *rest = getattr(problem, name)
        changed: dict[str, Any] = {name: (first.model_copy(update=changes), *rest)}
        return replace(problem, **changed)

    return edit


def without(name: str) -> Edit:
    return lambda problem: whole(name, getattr(problem, name)[:-1])(problem)


def whole(name: str, value: object) -> Edit:
    changed: dict[str, Any] = {name: value}
    return lambda problem: replace(problem, **changed)


def column(name: str, change: Callable[[int], int], number: int = 1) -> Edit:
    """An option of an instrument (visits), with another value in a column."""

    def edit(problem: JointProblem) -> JointProblem:
        table = {key: part.copy() for key, part in problem.options.columns().items()}
        at = int(np.flatnonzero(problem.options.instrument == number)[0])
        table[name][at] = change(int(table[name][at]))
        return replace(problem, options=OptionTable(**table))

    return edit


def next_in(name: str) -> Callable[[int], int]:
    """Another position in a pool of the Problem."""
    return lambda at: (at + 1) % len(getattr(PROBLEM, name))


def no_last_option(problem: JointProblem) -> JointProblem:
    return part_of(problem, range(len(problem.options) - 1))


def more_points(problem: JointProblem) -> JointProblem:
    table = {key: part.copy() for key, part in problem.serving.columns().items()}
    table["points"][0] += 1
    return replace(problem, serving=ServingTable(**table))


def no_first_serving(problem: JointProblem) -> JointProblem:
    return replace(
        problem,
        serving=ServingTable(**{k: c[1:].copy() for k, c in problem.serving.columns().items()}),
    )


def more_apart(problem: JointProblem) -> JointProblem:
    """Two who may sit together, said to be apart."""
    return replace(problem, apart=(*problem.apart, (Instrument.MENTORSHIP, 0, 1)))


FIRST = PROBLEM.parties[0]
HELD = Pairing(instrument=Instrument.MISSION, guest="S001", host="S002")

TAMPERED: list[tuple[AuditCode, Edit]] = [
    (AuditCode.PARTY, row("parties", observer=not FIRST.observer)),
    (AuditCode.PARTY, row("parties", offset=61)),
    (AuditCode.PARTY, row("parties", guest=FIRST.guest.model_copy(update={"total": 9}))),
    (AuditCode.PARTY, row("parties", host=FIRST.host.model_copy(update={"at_once": 9}))),
    (AuditCode.NEEDS, row("needs", weight=77)),
    (AuditCode.NEEDS, row("needs", mission=not PROBLEM.needs[0].mission)),
    (AuditCode.GIVER, row("mentors", capacity=99)),
    *((AuditCode.GIVER, row("visits", **{name: 99})) for name in (
        "visits", "delegations_min", "delegations_max", "persons_min", "persons_max",
        "themes_max")),
    *((AuditCode.GIVER, row(kind, **{name: ()}))
      for kind in ("visits", "courses") for name in ("themes", "languages", "weeks")),
    *((AuditCode.GIVER, row("experts", **{name: 99})) for name in ("person_days", "missions")),
    (AuditCode.GIVER, row("experts", weeks=())),
    *((AuditCode.GIVER, row("courses", **{name: 99})) for name in ("seats_min", "seats_max")),
    (AuditCode.GIVER, row("courses", track="none")),
    (AuditCode.GIVER, row("courses", modes=(1, 2) if PROBLEM.courses[0].modes != (1, 2) else (1,))),
    (AuditCode.SOURCE, row("sources", amount=5)),
    (AuditCode.PIN, without("pins")),
    (AuditCode.PIN, whole("pins", (*PROBLEM.pins, HELD))),
    (AuditCode.SETTING, whole("currency", "EUR")),
    (AuditCode.SETTING, whole("horizon", INSTANCE.horizon.model_copy(update={"avoid": ()}))),
    (AuditCode.SETTING, whole("policy", INSTANCE.policy)),
    (AuditCode.SETTING, whole("policy", PROBLEM.policy.model_copy(update={"seed": 3}))),
    (AuditCode.SETTING, whole("previous", Previous(declined=(HELD,)))),
    *((AuditCode.SETTING, whole(name, (*getattr(PROBLEM, name), "more")))
      for name in ("themes", "languages", "networks", "contexts")),
    (AuditCode.OPTION_MISSING, no_last_option),
    (AuditCode.POINTS, more_points),
    (AuditCode.POINTS, no_first_serving),
    (AuditCode.PERSONS, column("persons", lambda n: n + 1)),
    (AuditCode.COST, column("cost", lambda n: n + 1)),
    (AuditCode.COST, column("cost", lambda n: n + 1, 2)),
    (AuditCode.WEEKS, column("calendar", next_in("calendars"))),
    (AuditCode.LANGUAGES, column("tongue", next_in("tongues"))),
    (AuditCode.PURSE, column("purse", next_in("purses"))),
    (AuditCode.THEMES, column("themes", lambda bits: bits ^ 1)),
    (AuditCode.REASONS, column("language", next_in("languages"))),
    (AuditCode.REASONS, column("network", next_in("networks"))),
    (AuditCode.REASONS, column("contexts", lambda bits: bits ^ 1)),
    (AuditCode.REASONS, column("marks", lambda bits: bits ^ 1)),
    (AuditCode.APART_MISSING, without("apart")),
    (AuditCode.APART_UNFOUNDED, more_apart),
]  # fmt: skip


@pytest.mark.parametrize("at", range(len(TAMPERED)))
def test_a_changed_fact_is_caught_and_named(at: int) -> None:
    code, edit = TAMPERED[at]
    found = check_problem(INSTANCE, edit(PROBLEM))
    assert {violation.code for violation in found} == {code}
    for violation in found:
        assert set(violation.parameters) == set(PARAMETERS[code])
        assert "{" not in ENGLISH[code].format(**violation.parameters)


def test_every_kind_of_fact_was_changed() -> None:
    caught = {code for code, _ in TAMPERED} | {AuditCode.OPTION_UNFOUNDED}
    assert caught == set(AuditCode)
    assert set(PARAMETERS) == set(ENGLISH) == set(AuditCode)
    for code, names in PARAMETERS.items():
        used = {part for _, part, _, _ in string.Formatter().parse(ENGLISH[code]) if part}
        assert used == set(names)


@pytest.mark.parametrize("number", range(4))
def test_an_option_that_was_ruled_out_is_caught(number: int) -> None:
    """The Problem was built before the rule-out; nothing but this option is wrong."""
    table = PROBLEM.options
    at = int(np.flatnonzero(table.instrument == number)[0])
    guest = PROBLEM.parties[int(table.guest[at])].key
    host = PROBLEM.parties[PROBLEM.party_of(number, int(table.giver[at]))].key
    kind = tuple(Instrument)[number]
    rule_out = Relation(kind=RelationKind.RULE_OUT, party=host, other=guest, instrument=kind)
    ruled = INSTANCE.model_copy(update={"relations": (*INSTANCE.relations, rule_out)})
    found = check_problem(ruled, PROBLEM)
    between = [v for v in found if v.code is AuditCode.OPTION_UNFOUNDED]
    assert {guest, host} >= {str(v.parameters["guest"]) for v in between} >= {guest}
    assert {v.code for v in found} <= {AuditCode.OPTION_UNFOUNDED, AuditCode.APART_MISSING}


def test_what_is_built_follows_from_what_was_said() -> None:
    interpreted = in_person = online = apart = 0
    for seed in range(12):
        for scarcity in SCARCITIES:
            instance = said(seed, 9 + seed % 4, scarcity)
            for only in (tuple(Instrument), (tuple(Instrument)[seed % 4],)):
                problem = build(instance, only)
                assert check_problem(instance, problem, only) == []
                assert check_problem(instance, problem) == []
                interpreted += sum(t.interpreted for choice in problem.tongues for t in choice)
                in_person += int((problem.options.mode == 2).sum())
                online += int((problem.options.mode == 1).sum())
                apart += len(problem.apart)
    assert min(interpreted, in_person, online, apart) > 100


def test_the_instruments_of_a_problem_show_in_it() -> None:
    instance = generate(8, 4, 1, "easy", ("mentorship", "mission"))
    needs = tuple(
        need.model_copy(update={"instruments": (Instrument.MISSION, Instrument.STUDY_VISIT)})
        for need in instance.needs
    )
    instance = instance.model_copy(update={"needs": needs})
    assert instruments_of(instance, build(instance, [Instrument.MISSION])) >= {Instrument.MISSION}
    visits = build(instance, [Instrument.STUDY_VISIT])
    assert Instrument.STUDY_VISIT in instruments_of(instance, visits)
    for only in (tuple(Instrument), (Instrument.MISSION,), (Instrument.MENTORSHIP,)):
        assert check_problem(instance, build(instance, only)) == []


def test_an_order_of_ones_own_is_expected_as_it_stands() -> None:
    policy = INSTANCE.policy.model_copy(update={"order": (ObjectiveCode.COST,)})
    own = INSTANCE.model_copy(update={"policy": policy})
    assert check_problem(own, build(own)) == []
    assert [v.parameters for v in check_problem(own, PROBLEM)] == [{"field": "policy"}]


def test_the_audit_shares_no_code_with_what_it_checks() -> None:
    for path in Path(matching.joint.audit.__file__).parent.glob("*.py"):
        for name in imports_of(path):
            allowed = ("matching.model", "matching.joint.model")
            assert name in allowed or name.startswith("matching.joint.audit."), path


def test_a_hundred_states_take_seconds() -> None:
    instance: Instance = generate(100, 30, 4, "medium", ALL)
    problem = build(instance)
    began = time.process_time()
    assert check_problem(instance, problem) == []
    assert time.process_time() - began < 5
