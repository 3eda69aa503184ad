"""Two worlds that differ by one rule-out: nobody but its author can tell them apart.

What is possible is in the Problem, and everything else is made of the Problem alone.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest

import matching.joint
from matching import io
from matching.generate import generate
from matching.joint.build import build
from matching.joint.documents import dump_plan, dump_problem
from matching.joint.model import JointProblem, Mode
from matching.joint.plan import solve
from matching.model import Instance, Instrument, Relation, RelationKind
from tests.matching.joint.instances import ALL, said
from tests.matching.test_cli import run
from tests.matching.test_shape import imports_of

KINDS = tuple(Instrument)


def with_rule_out(instance: Instance, one: str, other: str, kind: Instrument | None) -> Instance:
    row = Relation(kind=RelationKind.RULE_OUT, party=one, other=other, instrument=kind)
    return instance.model_copy(update={"relations": (*instance.relations, row)})


def possible_pairs(problem: JointProblem, number: int) -> set[frozenset[str]]:
    """Who can be in an item of an instrument with whom: asking and giving, or side by side."""
    table = problem.options
    keys = [row.key for row in problem.parties]
    found: set[frozenset[str]] = set()
    beside: set[str] = set()
    for at in range(len(table)):
        if table.instrument[at] == number:
            guest = keys[int(table.guest[at])]
            host = keys[problem.party_of(number, int(table.giver[at]))]
            found.add(frozenset((guest, host)))
            if number != 2 and table.mode[at] != Mode.ONLINE:
                beside.add(guest)
    if number == 2:
        beside = {keys[expert.party] for expert in problem.experts}
    if number:
        apart = {
            frozenset((keys[one], keys[other]))
            for kind, one, other in problem.apart
            if kind is KINDS[number]
        }
        found |= {frozenset(pair) for pair in combinations(sorted(beside), 2)} - apart
    return found


def impossible(instance: Instance, problem: JointProblem, number: int) -> Iterator[tuple[str, str]]:
    possible = possible_pairs(problem, number)
    for one, other in permutations([party.key for party in instance.parties], 2):
        if frozenset((one, other)) not in possible:
            yield one, other


@pytest.mark.parametrize("number", range(4))
def test_a_rule_out_of_two_who_could_never_meet_leaves_no_trace(number: int) -> None:
    cases = 0
    for seed in range(6):
        instance = said(seed, 8, "scarce")
        problem = build(instance)
        text = dump_problem(problem)
        pairs = list(impossible(instance, problem, number))
        for one, other in random.Random(seed).sample(pairs, min(len(pairs), 8)):
            assert dump_problem(build(with_rule_out(instance, one, other, KINDS[number]))) == text
            cases += 1
    assert cases >= 40


def test_a_rule_out_for_everything_leaves_no_trace_either() -> None:
    cases = 0
    for seed in range(6):
        instance = said(seed, 8, "scarce")
        problem = build(instance)
        text = dump_problem(problem)
        for one, other in set.intersection(
            *(set(impossible(instance, problem, number)) for number in range(4))
        ):
            assert dump_problem(build(with_rule_out(instance, one, other, None))) == text
            cases += 1
    assert cases >= 20


def fenced(instance: Instance) -> Instance:
    """The same, with a sub-network of its own for each party: it says nothing of any two."""
    data = instance.model_dump(mode="json")
    for party in data["parties"]:
        party["sub_networks"] = [f"own-{party['key']}"]
    for offer in data["offers"]:
        offer["regions"] = []
        offer["sub_networks"] = [f"own-{party['key']}" for party in data["parties"]]
    return io.read_instance(data)


def for_others(instance: Instance, host: str, guest: str, kind: Instrument) -> Instance:
    """The host's offers of an instrument are for everybody but this guest."""
    offers = tuple(
        offer.model_copy(
            update={"sub_networks": tuple(n for n in offer.sub_networks if n != f"own-{guest}")}
        )
        if offer.party == host and offer.instrument is kind
        else offer
        for offer in instance.offers
    )
    return instance.model_copy(update={"offers": offers})


@pytest.mark.parametrize("number", range(4))
def test_a_rule_out_is_the_same_as_an_offer_to_others(number: int) -> None:
    """Nothing tells why an option is missing, and nothing tells who said so."""
    cases, kind = 0, KINDS[number]
    for seed in range(8):
        instance = fenced(said(seed, 8, "easy"))
        problem = build(instance)
        hosts = {row.party for row in problem.givers(number)}
        asking = {
            int(guest) for guest in problem.options.guest[problem.options.instrument == number]
        }
        # Two who could also sit side by side would be apart as well, whatever the offers.
        pairs = [(host, guest) for host in sorted(hosts) for guest in sorted(asking - hosts)]
        if number in (1, 3):
            pairs = [pair for pair in pairs if pair[0] not in asking]
        for pair in random.Random(seed).sample(pairs, min(len(pairs), 5)):
            host, guest = (problem.parties[at].key for at in pair)
            if frozenset((host, guest)) not in possible_pairs(problem, number):
                continue
            text = dump_problem(build(for_others(instance, host, guest, kind)))
            assert text != dump_problem(problem)
            for one, other in ((host, guest), (guest, host)):
                assert dump_problem(build(with_rule_out(instance, one, other, kind))) == text
            cases += 1
    assert cases >= 4


SMALL: dict[str, Any] = {
    "parties": [
        {"key": key, "region": "africa", "languages": [{"language": "en", "level": "lead"}]}
        for key in ("guest", "host", "other")
    ] + [{"key": "far", "region": "asia", "languages": [{"language": "fr", "level": "work"}]}],
    "money": {"sources": [{"key": "fund", "amount": 1000}]},
}  # fmt: skip
OFFERS: dict[Instrument, dict[str, Any]] = {
    Instrument.MENTORSHIP: {"capacity": 3},
    Instrument.STUDY_VISIT: {"visits": 2, "delegations_max": 3, "persons_max": 4},
    Instrument.MISSION: {
        "experts": [{"key": "expert", "themes": [{"theme": "A", "level": 2}], "person_days": 9,
                     "languages": [{"language": "en", "level": "lead"}]}]},
    Instrument.TRAINING: {"track": "thematic", "seats_max": 4},
}  # fmt: skip
COMMON: dict[str, dict[str, Any]] = {
    "ruled out by the guest": {"relations": [("guest", "host")]},
    "ruled out by the host": {"relations": [("host", "guest")]},
    "for another region": {"offer": {"regions": ["asia"]}},
    "for another network": {"offer": {"sub_networks": ["elsewhere"]}},
}
OWN: dict[Instrument, dict[str, dict[str, Any]]] = {
    Instrument.MENTORSHIP: {
        "the mentor is below": {"need": {"level_now": 3}},
        "no language that the need allows": {"need": {"languages": ["fr"]}},
        "too late": {"need": {"latest_week": 1}, "offer": {"weeks": [2]}},
    },
    Instrument.STUDY_VISIT: {
        "too many persons": {"need": {"persons": 5}},
        "no language that the need allows": {"need": {"languages": ["fr"]}},
    },
    Instrument.MISSION: {"too late": {"need": {"latest_week": 0}}},
    Instrument.TRAINING: {
        "another track": {"need": {"track": "advanced"}},
        "not online": {"need": {"online": False}},
    },
}


def small(kind: Instrument, changes: dict[str, Any]) -> Instance:
    """A guest and a host with one theme, and somebody else far away who is there for neither."""
    need = {"key": "n", "party": "guest", "theme": "A", "rank": 1, "level_now": 1,
            "instruments": [kind.value]}  # fmt: skip
    offer = {"key": "o", "party": "host", "instrument": kind.value,
             "themes": [{"theme": "A", "level": 2}], **OFFERS[kind]}  # fmt: skip
    relations = [
        {"kind": "rule_out", "party": one, "other": other}
        for one, other in changes.get("relations", ())
    ]
    horizon = {"closed": [0]}
    return io.read_instance(
        {**SMALL, "horizon": horizon, "needs": [{**need, **changes.get("need", {})}],
         "offers": [{**offer, **changes.get("offer", {})}], "relations": relations}
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_reason_against_an_option_gives_the_same_bytes(kind: Instrument) -> None:
    assert len(build(small(kind, {})).options) == 1
    texts = {
        name: dump_problem(build(small(kind, changes)))
        for name, changes in {**COMMON, **OWN[kind]}.items()
    }
    assert set(texts.values()) == {texts["ruled out by the host"]}
    assert len(build(small(kind, COMMON["for another region"])).options) == 0


def test_one_plan_for_both_worlds() -> None:
    """From the bytes of the Problem to those of the plan nothing else is looked at."""
    instance = generate(8, 4, 3, "scarce", ALL)
    problem = build(instance)
    one, other = next(
        pair
        for pair in impossible(instance, problem, 0)
        if all(frozenset(pair) not in possible_pairs(problem, number) for number in range(1, 4))
    )
    ruled = build(with_rule_out(instance, one, other, None))
    plans = [solve(world, time_limit=None).plan for world in (problem, ruled)]
    assert plans[0] is not None
    assert plans[1] is not None
    assert plans[0].items
    assert dump_plan(plans[0]) == dump_plan(plans[1])


def test_one_answer_of_the_command_line_for_both_worlds(tmp_path: Path) -> None:
    kind = Instrument.MENTORSHIP
    said_so = []
    for name in ("ruled out by the guest", "for another region", "the mentor is below"):
        instance = small(kind, {**COMMON, **OWN[kind]}[name])
        (tmp_path / "instance.json").write_bytes(io.dump(instance))
        said_so.append(run("solve", "instance.json", "--only", "mentorship,visits", cwd=tmp_path))
    assert said_so[0][0] == 0
    assert said_so[0] == said_so[1] == said_so[2]


SEALED = {"Instance", "Need", "Party", "Relation", "RelationKind", "OfferedTheme", "Expert",
          "MentorshipOffer", "MissionOffer", "StudyVisitOffer", "TrainingOffer", "Offer",
          "LanguageSkill", "ScoreMatrix"}  # fmt: skip
BUILDERS = {"build", "possible", "frame", "affinity", "travel"}
"""Modules that read an Instance. ``apart`` is told who ruled whom out, no more."""

OUTSIDE = {"commands", "rows"}
"""The command line and the measurements: they make Problems and hand them on."""


def test_nothing_but_what_builds_and_audits_sees_an_instance() -> None:
    folder = Path(matching.joint.__file__).parent
    unsealed = {f"matching.joint.{name}" for name in BUILDERS} | {"matching.instance"}
    seen = 0
    for path in folder.rglob("*.py"):
        if path.parent.name == "audit" or path.stem in BUILDERS | OUTSIDE:
            continue
        tree = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        names = {node.id for node in tree if isinstance(node, ast.Name)}
        names |= {
            alias.name for node in tree if isinstance(node, ast.ImportFrom) for alias in node.names
        }
        assert not names & SEALED, path
        assert not imports_of(path) & unsealed, path
        seen += 1
    assert seen > 20
