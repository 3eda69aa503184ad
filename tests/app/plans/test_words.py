"""Every code that the engine speaks in has words, and no parameter is lost in them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from flask import Flask

from app.membership.models import State
from app.plans import words
from app.plans.models import Outcome
from matching import codes

VALUES: dict[str, Any] = {
    "mentor": 1,
    "mentee": 2,
    "mentors": [1, 2],
    "themes": ["TRACK", "REPT"],
    "theme": "NHRI",
    "contexts": ["sids", "ldc"],
    "language": "fr",
    "sub_network": "oif",
    "objective": "cover",
    "places": 17,
    "score": 61,
    "precision": 100,
}
SHOWN = {
    "mentor": "Aland",
    "mentee": "Bland",
    "mentors": "Aland and Bland",
    "theme": "National human rights institution",
    "themes": "Tracking implementation; Periodic reporting",
    "contexts": "Small island developing State and Least developed country",
    "language": "French",
    "sub_network": "International Organization of la Francophonie",
    "objective": "Serve as many States as possible",
    "places": "17",
    "score": "61",
    "precision": "100",
}
STATES = {1: State(id=1, names={"en": "Aland"}), 2: State(id=2, names={"en": "Bland"})}


@pytest.mark.parametrize(
    ("engine", "site", "own"),
    [
        (codes.ReasonCode, words.REASONS, set()),
        (codes.ObstacleCode, words.OBSTACLES, {"lapsed"}),
        (codes.ChangeCode, words.CHANGES, set()),
        (codes.ObjectiveCode, words.OBJECTIVES, set()),
        (codes.ObjectiveCode, words.OBJECTIVE_MEANINGS, set()),
        (codes.NoteCode, words.NOTES, set()),
        (codes.OutcomeCode, words.OUTCOMES, set()),
    ],
)
def test_every_code_of_the_engine_has_words(
    engine: type[StrEnum], site: dict[str, Any], own: set[str]
) -> None:
    assert set(site) == {code.value for code in engine} | own


def test_every_outcome_that_leaves_a_plan_can_be_stored() -> None:
    assert set(Outcome) == {code.value for code in codes.OutcomeCode} - {"no_plan"}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (kind, code)
        for kind, engine in (
            ("reason", codes.ReasonCode),
            ("obstacle", codes.ObstacleCode),
            ("change", codes.ChangeCode),
        )
        for code in engine
    ],
)
def test_every_parameter_is_said(sqlite_installation: Any, kind: str, code: Any) -> None:
    app: Flask = sqlite_installation.app
    parameters = {name: VALUES[name] for name in codes.PARAMETERS[code]}
    with app.test_request_context(headers={"Accept-Language": "en"}):
        about = words.Words(STATES)
        said = (
            about.change({"code": code.value, "parameters": parameters, "losers": [2]})
            if kind == "change"
            else getattr(about, kind)(code.value, parameters)
        )
    expected = {SHOWN[name] for name in parameters}
    assert {shown for shown in expected if shown in said} == expected
    assert "%(" not in said


def test_what_is_not_possible_has_one_wording(sqlite_installation: Any) -> None:
    with sqlite_installation.app.test_request_context(headers={"Accept-Language": "en"}):
        said = words.Words({}).obstacle("own_conditions", {})
    assert said == "No mentorship was possible under the parties' own conditions."


def test_the_parties_do_not_read_about_the_coordinators_work(sqlite_installation: Any) -> None:
    coded = [
        {"code": "only_possible_mentor", "parameters": {"mentor": 1}},
        {"code": "same_region", "parameters": {}},
    ]
    with sqlite_installation.app.test_request_context(headers={"Accept-Language": "en"}):
        about = words.Words(STATES)
        assert len(about.reasons(coded)) == 2
        assert about.reasons(coded, for_parties=True) == ["Both belong to the same regional group."]
