"""The check catches every kind of tampering, and no proof talks it into a worse plan."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import (
    BadInput,
    Plan,
    Problem,
    build_problem,
    check_certificate,
    check_plan,
    check_problem,
    io,
    issue,
    solve,
)
from matching.generate import generate
from matching.io.documents import Document
from matching.model import (
    Instrument,
    Pairing,
    PairTable,
    PlanItem,
    ProofStep,
    Relation,
    RelationKind,
    Sense,
    Violation,
    WorstOff,
)
from matching.objectives import describe
from tests.matching.brute import best, plans, vector
from tests.matching.small import small_problem

INSTANCE = generate(30, 10, 6, "scarce")
PROBLEM = build_problem(INSTANCE)
PLAN = solve(PROBLEM).plan
assert PLAN is not None
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()


def codes(problem: Problem, plan: Plan) -> set[str]:
    return {violation.code.value for violation in check_plan(problem, plan).violations}


def item(at: int) -> PlanItem:
    assert PLAN is not None
    return PLAN.items[at]


def with_items(*items: PlanItem) -> Plan:
    assert PLAN is not None
    return PLAN.model_copy(update={"items": items})


def changed(at: int, **fields: object) -> Plan:
    assert PLAN is not None
    items = list(PLAN.items)
    items[at] = items[at].model_copy(update=fields)
    return with_items(*items)


def impossible_pair() -> tuple[str, str]:
    ids = set(zip(PROBLEM.pairs.mentee.tolist(), PROBLEM.pairs.mentor.tolist(), strict=True))
    return next(
        (PROBLEM.mentees[e].key, PROBLEM.mentors[o].key)
        for e in range(len(PROBLEM.mentees))
        for o in range(len(PROBLEM.mentors))
        if (e, o) not in ids
    )


def objective(at: int, **fields: object) -> Plan:
    assert PLAN is not None
    lines = list(PLAN.objectives)
    lines[at] = lines[at].model_copy(update=fields)
    return PLAN.model_copy(update={"objectives": tuple(lines)})


def proof(change: Callable[[list[ProofStep]], None]) -> Plan:
    assert PLAN is not None
    steps = list(PLAN.proof)
    change(steps)
    return PLAN.model_copy(update={"proof": tuple(steps)})


def last_weights(steps: list[ProofStep]) -> None:
    at = max(n for n, step in enumerate(steps) if step.weights)
    level, weight = steps[at].weights[0]
    steps[at] = steps[at].model_copy(
        update={"weights": ((level, weight * 0 + 1), *steps[at].weights[1:], (10**6, 1))}
    )


def cheaper_places(steps: list[ProofStep]) -> None:
    prices = tuple(price + 1 for price in steps[0].prices)
    steps[0] = steps[0].model_copy(update={"prices": prices})


def higher_floor(steps: list[ProofStep]) -> None:
    at = next(n for n, step in enumerate(steps) if step.below is not None)
    steps[at] = steps[at].model_copy(update={"below": (steps[at].below or 0) + 1})


def huge_price(steps: list[ProofStep]) -> None:
    steps[0] = steps[0].model_copy(update={"prices": (2**62, *steps[0].prices[1:])})


GUEST, HOST = impossible_pair()
TAMPERED: dict[str, tuple[Plan, set[str]]] = {
    "an item dropped": (with_items(*PLAN.items[1:]), {"wrong_value", "proof_fails"}),
    "an item repeated": (with_items(*PLAN.items, item(0)), {"pair_repeated"}),
    "a stranger": (changed(0, guest="nobody"), {"unknown_party"}),
    "another stranger": (changed(0, host="nobody"), {"unknown_party"}),
    "an impossible pair": (changed(0, guest=GUEST, host=HOST), {"pair_not_possible"}),
    "another instrument": (changed(0, instrument=Instrument.MISSION), {"unknown_instrument"}),
    "satisfaction": (changed(0, satisfaction=item(0).satisfaction + 1), {"wrong_satisfaction"}),
    "fit": (changed(0, fit=item(0).fit + 1), {"wrong_fit"}),
    "themes": (changed(0, themes=("LEGAL", "ALL")), {"wrong_themes"}),
    "a value": (objective(2, value=99), {"wrong_value"}),
    "a bound below the value": (objective(2, bound=0), {"wrong_bound"}),
    "a bound above the value": (objective(2, bound=99), {"wrong_bound"}),
    "a gap": (objective(4, gap=1), {"wrong_statement"}),
    "a sense": (objective(4, sense=Sense.MIN), {"wrong_statement"}),
    "a note": (objective(1, note=None), {"wrong_statement"}),
    "the Observer rule": (objective(1, on=False), {"wrong_statement"}),
    "levels": (objective(3, levels=((100, 1),)), {"wrong_levels"}),
    "a proven made open": (objective(4, proven=False), {"wrong_statement"}),
    "objectives dropped": (PLAN.model_copy(update={"objectives": ()}), {"wrong_objectives"}),
    "the proof dropped": (PLAN.model_copy(update={"proof": ()}), {"proof_missing"}),
    "a step dropped": (proof(lambda steps: steps.__delitem__(0)), {"proof_missing"}),
    "a step repeated": (proof(lambda steps: steps.append(steps[-1])), {"proof_malformed"}),
    "prices cut": (
        proof(lambda s: s.__setitem__(0, s[0].model_copy(update={"prices": s[0].prices[1:]}))),
        {"proof_malformed"},
    ),
    "prices moved": (proof(cheaper_places), {"proof_fails"}),
    "weights": (proof(last_weights), {"proof_malformed"}),
    "the floor": (proof(higher_floor), {"proof_malformed"}),
    "a price that would overflow": (proof(huge_price), {"proof_malformed"}),
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_a_tampered_plan_is_caught(kind: str) -> None:
    plan, expected = TAMPERED[kind]
    assert codes(PROBLEM, plan) >= expected


def test_an_untouched_plan_is_good_and_checked() -> None:
    assert PLAN is not None
    report = check_plan(PROBLEM, PLAN)
    assert report.violations == ()
    assert [line.checked for line in report.objectives] == [True] * 6


def test_hard_rules_of_the_round_are_checked() -> None:
    assert PLAN is not None
    first = Pairing(guest=item(0).guest, host=item(0).host)
    absent = Pairing(guest=GUEST, host=HOST)
    mentors = tuple(row.model_copy(update={"capacity": 0}) for row in PROBLEM.mentors)
    mentees = tuple(row.model_copy(update={"wanted": 0}) for row in PROBLEM.mentees)
    policy, previous = PROBLEM.policy, PROBLEM.previous
    cases = {
        "mentor_over_capacity": replace(PROBLEM, mentors=mentors),
        "mentee_over_wanted": replace(PROBLEM, mentees=mentees),
        "pin_not_held": replace(PROBLEM, pins=(absent,)),
        "excluded_pair": replace(
            PROBLEM, policy=policy.model_copy(update={"exclusions": (first,)})
        ),
        "accepted_not_kept": replace(
            PROBLEM, previous=previous.model_copy(update={"accepted": (absent,)})
        ),
        "declined_proposed": replace(
            PROBLEM, previous=previous.model_copy(update={"declined": (first,)})
        ),
    }
    for code, problem in cases.items():
        found = codes(problem, PLAN)
        assert code in found
        # No optimality is granted to a plan that breaks a rule.
        assert not any(line.checked for line in check_plan(problem, PLAN).objectives)


def leaves(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of every plain value in a document."""
    if isinstance(data, dict):
        return [p for key, inner in data.items() for p in leaves(inner, (*path, key))]
    if isinstance(data, list):
        return [p for at, inner in enumerate(data) for p in leaves(inner, (*path, at))]
    return [path]


def mutate(data: Any, path: tuple[Any, ...], draw: random.Random) -> Any:
    """A copy of a document in which one value is another of its kind."""
    data = copy.deepcopy(data)
    at = data
    for part in path[:-1]:
        at = at[part]
    old = at[path[-1]]
    if isinstance(old, bool):
        at[path[-1]] = not old
    elif isinstance(old, int):
        at[path[-1]] = old + draw.choice((-3, -1, 1, 2, 1000))
    elif isinstance(old, str):
        at[path[-1]] = old[:-1] + ("0" if old[-1:] != "0" else "1")
    else:
        at[path[-1]] = 1
    return data


CERTIFICATE, SEAL = issue(PROBLEM, PLAN, instance=INSTANCE, key=KEY)
assert SEAL is not None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_any_change_of_any_document_is_caught(seed: int) -> None:
    assert PLAN is not None
    draw = random.Random(seed)
    which = draw.choice(("plan", "problem", "certificate"))
    sources: dict[str, Document] = {"plan": PLAN, "problem": PROBLEM, "certificate": CERTIFICATE}
    data = json.loads(io.dump(sources[which]))
    data = mutate(data, draw.choice(leaves(data)), draw)
    try:
        problem = io.read_problem(data) if which == "problem" else PROBLEM
        plan = io.read_plan(data) if which == "plan" else PLAN
        paper = io.read_certificate(data) if which == "certificate" else CERTIFICATE
    except BadInput:
        return
    found: list[Violation] = check_certificate(paper, problem, plan, public_key=PUBLIC)
    assert found
    if which == "problem":
        # An auditor sees it in the Problem itself, without any certificate, unless only a
        # party's place in the tables' words moved.
        assert check_problem(INSTANCE, problem) or io.dump(problem) != io.dump(PROBLEM)


def rebuild(data: Any, draw: random.Random) -> Any:
    """A copy of a document with entries lost, doubled, turned round or replaced by junk."""
    data = copy.deepcopy(data)
    junk: tuple[Any, ...] = (
        0,
        -1,
        2**62,
        -(2**62),
        2**63,
        None,
        "x",
        "cover",
        "mission",
        True,
        [],
        {},
    )
    for _ in range(draw.randint(1, 3)):
        nodes = [data]
        for node in nodes:
            inner = node.values() if isinstance(node, dict) else node
            nodes += [value for value in inner if isinstance(value, (dict, list)) and value]
        node = draw.choice(nodes)
        if not node:
            continue
        at = draw.choice(list(node)) if isinstance(node, dict) else draw.randrange(len(node))
        way = draw.randrange(4)
        if way == 0:
            del node[at]
        elif way == 1:
            node[at] = draw.choice(junk)
        elif isinstance(node, list):
            node.reverse() if way == 2 else node.insert(at, copy.deepcopy(node[at]))
        else:
            node[f"{at}s"] = 1
    return data


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**9))
def test_a_rebuilt_document_is_refused_caught_or_the_same(seed: int) -> None:
    assert PLAN is not None
    draw = random.Random(seed)
    name = draw.choice(("plan", "certificate", "problem"))
    sources: dict[str, Document] = {"plan": PLAN, "problem": PROBLEM, "certificate": CERTIFICATE}
    data = rebuild(json.loads(io.dump(sources[name])), draw)
    try:
        problem = io.read_problem(data) if name == "problem" else PROBLEM
        plan = io.read_plan(data) if name == "plan" else PLAN
        paper = io.read_certificate(data) if name == "certificate" else CERTIFICATE
    except BadInput:
        return
    check_plan(problem, plan)
    check_problem(INSTANCE, problem)
    caught = bool(check_certificate(paper, problem, plan, public_key=PUBLIC))
    now: dict[str, Document] = {"plan": plan, "problem": problem, "certificate": paper}
    assert caught is (io.dump(now[name]) != io.dump(sources[name]))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_no_proof_makes_a_worse_plan_pass(seed: int) -> None:
    """Any feasible plan with any mixture of real and bent proofs: checked means optimal."""
    draw = random.Random(seed)
    problem = small_problem(draw.randrange(10**6))
    truth, result = best(problem), solve(problem)
    if truth is None or result.plan is None:
        return
    rows = draw.choice(list(plans(problem)))
    forged = forge(problem, rows, result.plan, draw)
    report = check_plan(problem, forged)
    mine = vector(problem, rows)
    for at, line in enumerate(report.objectives):
        if not line.checked:
            break
        assert mine[at] == truth[0][at]


def forge(problem: Problem, rows: list[int], real: Plan, draw: random.Random) -> Plan:
    """A plan that claims to be optimal, its numbers in order, its proof bent."""
    # The forger uses what the builder has.
    table = problem.pairs
    items = tuple(
        PlanItem(
            guest=problem.mentees[int(table.mentee[r])].key,
            host=problem.mentors[int(table.mentor[r])].key,
            satisfaction=int(table.satisfaction[r]),
            fit=int(table.fit[r]),
        )
        for r in rows
        if r >= 0
    )
    chosen = np.array(rows, np.int64)
    lines = tuple(describe(problem, chosen, code, True) for code in problem.policy.order)
    steps = list(real.proof)
    for at, step in enumerate(steps):
        if draw.randrange(3) == 0:
            prices = tuple(p + draw.choice((-1, 0, 0, 1)) for p in step.prices)
            weights = tuple((level, draw.randint(0, 3)) for level, _ in step.weights)
            below = None if step.below is None else step.below + draw.choice((-10, 0, 10))
            steps[at] = step.model_copy(
                update={"prices": prices, "weights": weights, "below": below}
            )
    if steps and draw.randrange(4) == 0:
        steps.pop(draw.randrange(len(steps)))
    return real.model_copy(update={"items": items, "objectives": lines, "proof": tuple(steps)})


def test_a_minimum_without_leximin_is_proven_too() -> None:
    policy = PROBLEM.policy.model_copy(update={"worst_off": WorstOff.MINIMUM})
    problem = replace(PROBLEM, policy=policy)
    plan = solve(problem).plan
    assert plan is not None
    assert check_plan(problem, plan).violations == ()
    bent = [
        step.model_copy(update={"prices": (-1_000,) * len(step.prices)} if step.weights else {})
        for step in plan.proof
    ]
    found = codes(problem, plan.model_copy(update={"proof": tuple(bent)}))
    assert found & {"proof_fails", "proof_missing"}


def bent_pairs(**columns: Callable[[Any], Any]) -> Problem:
    table = {name: column.copy() for name, column in PROBLEM.pairs.columns().items()}
    for name, change in columns.items():
        table[name] = change(table[name])
    return replace(PROBLEM, pairs=PairTable(**table))


def plus_one_at_first(column: Any) -> Any:
    column[0] += 1
    return column


def test_an_auditor_sees_a_problem_that_does_not_follow() -> None:
    assert check_problem(INSTANCE, PROBLEM) == []
    fewer = PairTable(**{name: c[1:].copy() for name, c in PROBLEM.pairs.columns().items()})
    richer = generate(30, 10, 6, "scarce").model_copy(
        update={"relations": (*INSTANCE.relations, *_rule_out_first())}
    )
    mentors = (PROBLEM.mentors[0].model_copy(update={"capacity": 50}), *PROBLEM.mentors[1:])
    mentees = (PROBLEM.mentees[0].model_copy(update={"observer": not PROBLEM.mentees[0].observer}),
               *PROBLEM.mentees[1:])  # fmt: skip
    policy = PROBLEM.policy.model_copy(update={"seed": 5})
    found = Counter(
        violation.code.value
        for instance, problem in (
            (INSTANCE, replace(PROBLEM, pairs=fewer)),
            (richer, PROBLEM),
            (INSTANCE, bent_pairs(satisfaction=plus_one_at_first)),
            (INSTANCE, bent_pairs(fit=plus_one_at_first)),
            (INSTANCE, bent_pairs(marks=lambda c: c ^ 32)),
            (INSTANCE, replace(PROBLEM, mentors=mentors)),
            (INSTANCE, replace(PROBLEM, mentees=mentees)),
            (INSTANCE, replace(PROBLEM, policy=policy)),
        )
        for violation in check_problem(instance, problem)
    )
    assert found == {
        # Both parties ask and offer, so one rule-out takes two pairs.
        "pair_missing": 1, "pair_unfounded": 2, "pair_wrong_satisfaction": 1,
        "pair_wrong_fit": 1, "pair_wrong_reasons": len(PROBLEM.pairs), "wrong_mentor": 1,
        "wrong_mentee": 1, "wrong_policy": 1,
    }  # fmt: skip


def _rule_out_first() -> list[Any]:
    mentee = PROBLEM.mentees[int(PROBLEM.pairs.mentee[0])].key
    mentor = PROBLEM.mentors[int(PROBLEM.pairs.mentor[0])].key
    return [Relation(kind=RelationKind.RULE_OUT, party=mentor, other=mentee)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(("easy", "medium", "scarce")))
def test_both_statements_of_scoring_agree(seed: int, scarcity: str) -> None:
    instance = generate(20, 8, seed, scarcity, ("mentorship", "study_visit"))  # type: ignore[arg-type]
    assert check_problem(instance, build_problem(instance)) == []
