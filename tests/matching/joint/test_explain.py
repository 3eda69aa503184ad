"""Reasons cite facts of the Problem: another fact, another reason."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matching.codes import PARAMETERS
from matching.joint import codes, reasons
from matching.joint.explain import why
from matching.joint.model import JointPlan, JointProblem
from matching.joint.reasons import PlaceReason
from matching.model import Instrument, Item, Mark, Pairing, Previous, Reason, ReasonCode
from tests.matching.joint.rich import MENTORING, MISSION, TRAINING, VISITING, good, put

ALL = {**PARAMETERS, **reasons.PARAMETERS}


def said(problem: JointProblem, plan: JointPlan, at: int, guest: str) -> dict[object, Any]:
    """Parameters of each reason of a place, by code."""
    found = {row.guest: row.reasons for row in why(problem, plan, plan.items[at])}[guest]
    for reason in found:
        assert isinstance(reason, Reason)
        assert set(reason.parameters) == set(ALL[reason.code])
    return {reason.code: dict(reason.parameters) for reason in found}


def option(problem: JointProblem, kind: int, giver: int, guest: str, mode: int = 0) -> int:
    table = problem.options
    place = [row.key for row in problem.parties].index(guest)
    return int(
        np.flatnonzero(
            (table.instrument == kind) & (table.giver == giver) & (table.guest == place)
            & (table.mode == mode)
        )[0]
    )  # fmt: skip


def with_cell(problem: JointProblem, column: str, row: int, value: int) -> JointProblem:
    cells = getattr(problem.options, column).copy()
    cells[row] = value
    return replace(problem, options=replace(problem.options, **{column: cells}))


def test_themes_and_the_first_need() -> None:
    problem, plan = good()
    mentoring = said(problem, plan, MENTORING, "a")
    assert mentoring[ReasonCode.SHARED_THEMES] == {"themes": ("X",)}
    assert mentoring[ReasonCode.FIRST_NEED] == {"theme": "X"}
    visit = plan.items[VISITING].model_copy(update={"themes": ("Y",)})
    other = plan.model_copy(update={"items": put(plan.items, VISITING, visit)})
    visiting = said(problem, other, VISITING, "a")
    assert visiting[ReasonCode.SHARED_THEMES] == {"themes": ("Y",)}
    assert ReasonCode.FIRST_NEED not in visiting


def test_pins_and_earlier_answers() -> None:
    problem, plan = good()
    assert ReasonCode.PINNED in said(problem, plan, MENTORING, "a")
    assert ReasonCode.PINNED not in said(replace(problem, pins=()), plan, MENTORING, "a")
    assert ReasonCode.ACCEPTED_BEFORE in said(problem, plan, MISSION, "d")
    fresh = replace(problem, previous=Previous())
    assert ReasonCode.ACCEPTED_BEFORE not in said(fresh, plan, MISSION, "d")
    assert ReasonCode.PROPOSED_BEFORE not in said(problem, plan, VISITING, "a")
    proposed = replace(problem, previous=Previous(proposed_items=(plan.items[VISITING],)))
    assert ReasonCode.PROPOSED_BEFORE in said(proposed, plan, VISITING, "a")
    pairing = Pairing(guest="a", host="m")
    told = replace(problem, previous=Previous(proposed=(pairing,)))
    assert ReasonCode.PROPOSED_BEFORE in said(told, plan, MENTORING, "a")


def test_groups_and_teams() -> None:
    problem, plan = good()
    assert said(problem, plan, VISITING, "a")[PlaceReason.IN_A_GROUP] == {"others": 1}
    assert PlaceReason.IN_A_GROUP not in said(problem, plan, MENTORING, "a")
    mission = said(problem, plan, MISSION, "d")
    assert mission[PlaceReason.TEAM_COVERS] == {"themes": ("X", "Y"), "experts": ("E1", "E2")}
    assert mission[PlaceReason.SEVERAL_STATES] == {"states": 2}
    assert mission[PlaceReason.LEAD_LANGUAGE] == {"expert": "E1", "language": "e"}
    experts = list(problem.experts)
    experts[1] = experts[1].model_copy(update={"party": experts[0].party})
    one_state = replace(problem, experts=tuple(experts))
    assert PlaceReason.SEVERAL_STATES not in said(one_state, plan, MISSION, "d")


def test_language_of_the_item_or_interpretation() -> None:
    problem, plan = good()
    assert said(problem, plan, TRAINING, "a")[ReasonCode.COMMON_LANGUAGE] == {"language": "e"}
    row = option(problem, 3, 0, "a", mode=1)
    leading = with_cell(problem, "marks", row, int(Mark.LEADING_LANGUAGE))
    leading = with_cell(leading, "language", row, 0)
    assert ReasonCode.LEADING_LANGUAGE in said(leading, plan, TRAINING, "a")
    french = with_cell(leading, "language", row, 1)
    assert ReasonCode.LEADING_LANGUAGE not in said(french, plan, TRAINING, "a")
    visit = plan.items[VISITING]
    places = (visit.places[0].model_copy(update={"interpreted": True}), *visit.places[1:])
    spoken = visit.model_copy(update={"places": places})
    other = plan.model_copy(update={"items": put(plan.items, VISITING, spoken)})
    assert ReasonCode.INTERPRETATION in said(problem, other, VISITING, "a")
    assert ReasonCode.COMMON_LANGUAGE not in said(problem, other, VISITING, "a")


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        (Mark.SAME_REGION, ReasonCode.SAME_REGION),
        (Mark.SAME_SUB_REGION, ReasonCode.SAME_SUB_REGION),
        (Mark.PREFERRED_FORMAT, ReasonCode.PREFERRED_FORMAT),
        (Mark.PREFERENCE, ReasonCode.PREFERENCE),
        (Mark.WISH_TO_CONTINUE, ReasonCode.WISH_TO_CONTINUE),
    ],
)
def test_what_speaks_for_the_two(mark: Mark, code: ReasonCode) -> None:
    problem, plan = good()
    assert code not in said(problem, plan, MENTORING, "a")
    row = option(problem, 0, 0, "a")
    assert code in said(with_cell(problem, "marks", row, int(mark)), plan, MENTORING, "a")


def test_networks_and_contexts() -> None:
    problem, plan = good()
    named = replace(problem, networks=("N",), contexts=("island", "federal"))
    row = option(problem, 0, 0, "a")
    assert ReasonCode.SHARED_SUB_NETWORK not in said(named, plan, MENTORING, "a")
    shared = with_cell(with_cell(named, "network", row, 0), "contexts", row, 2)
    reasons_now = said(shared, plan, MENTORING, "a")
    assert reasons_now[ReasonCode.SHARED_SUB_NETWORK] == {"sub_network": "N"}
    assert reasons_now[ReasonCode.SIMILAR_CONTEXT] == {"contexts": ("federal",)}


def test_the_only_possible_giver() -> None:
    problem, plan = good()
    assert PlaceReason.ONLY_POSSIBLE_GIVER not in said(problem, plan, MENTORING, "a")
    others = tuple(
        Pairing(instrument=kind, guest="a", host=host)
        for kind in (Instrument.MENTORSHIP, Instrument.STUDY_VISIT, Instrument.TRAINING)
        for host in "nhk"
    )
    policy = problem.policy.model_copy(update={"exclusions": others})
    alone = replace(problem, policy=policy)
    found = said(alone, plan, MENTORING, "a")
    assert found[PlaceReason.ONLY_POSSIBLE_GIVER] == {"host": "m"}


def test_what_is_not_in_the_plan_or_the_problem_has_no_reasons() -> None:
    problem, plan = good()
    stranger = plan.items[MENTORING].model_copy(update={"host": "k"})
    with pytest.raises(KeyError, match="plan"):
        why(problem, plan, stranger)
    unknown: Item = plan.items[VISITING].model_copy(update={"offer": "U"})
    other = plan.model_copy(update={"items": (unknown,)})
    with pytest.raises(KeyError, match="option"):
        why(problem, other, unknown)


def test_codes_have_words_with_their_parameters_and_no_word_twice() -> None:
    assert set(reasons.PARAMETERS) == set(reasons.ENGLISH)
    for code, names in reasons.PARAMETERS.items():
        used = {part for _, part, _, _ in string.Formatter().parse(reasons.ENGLISH[code]) if part}
        assert used == set(names), code
    for enum in {type(code) for code in reasons.PARAMETERS}:
        assert [code for code in reasons.PARAMETERS if type(code) is enum] == list(enum)
    words = [str(code) for code in (*PARAMETERS, *codes.PARAMETERS, *reasons.PARAMETERS)]
    assert len(words) == len(set(words))
