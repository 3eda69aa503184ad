"""What is possible, how well it fits, and that nothing sealed leaves the Instance."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matching import build_problem, check_problem, io, solve, why
from matching.generate import generate
from matching.model import Mark, PairTable, Problem


def simple() -> dict[str, Any]:
    """One mentee, one mentor, one theme: possible, with 40 + 10 points and the format's 4."""
    return {
        "parties": [
            {"key": "guest", "languages": [{"language": "en", "level": "work"}]},
            {"key": "host", "languages": [{"language": "en", "level": "work"}]},
        ],
        "needs": [{"key": "n", "party": "guest", "theme": "TRACK", "rank": 1}],
        "offers": [
            {"key": "o", "party": "host", "instrument": "mentorship", "capacity": 1,
             "themes": [{"theme": "TRACK"}]},
        ],
        "relations": [],
    }  # fmt: skip


def problem_of(data: dict[str, Any]) -> Problem:
    instance = io.read_instance(data)
    problem = build_problem(instance)
    assert check_problem(instance, problem) == []
    return problem


def points(data: dict[str, Any]) -> tuple[int, int]:
    table = problem_of(data).pairs
    assert len(table) == 1
    return int(table.satisfaction[0]), int(table.fit[0])


def edit(**changes: Any) -> dict[str, Any]:
    """The simple Instance with some fields changed: ``guest__region='africa'``."""
    data = simple()
    place = {
        "guest": data["parties"][0], "host": data["parties"][1], "need": data["needs"][0],
        "offer": data["offers"][0], "data": data,
    }  # fmt: skip
    for name, value in changes.items():
        record, field = name.split("__")
        place[record][field] = value
    return data


def test_a_plain_pair_has_theme_language_and_format_points() -> None:
    assert points(simple()) == (54, 54)


LEADING = [{"language": "en", "level": "lead"}]
FOLLOWING = [{"language": "en", "level": "follow"}]
FRENCH = [{"language": "fr", "level": "lead"}]


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({"need__level_now": 1, "offer__themes": [{"theme": "TRACK", "level": 2}]}, 10),
        ({"need__level_now": 2, "offer__themes": [{"theme": "TRACK", "level": 2}]}, 0),
        ({"offer__themes": [{"theme": "TRACK", "level": 4}]}, 0),
        ({"guest__languages": LEADING, "host__languages": LEADING}, 5),
        ({"guest__languages": LEADING}, 0),
        ({"guest__region": "africa", "host__region": "africa"}, 6),
        ({"guest__sub_region": "east", "host__sub_region": "east"}, 4),
        ({"guest__sub_networks": ["oif", "au"], "host__sub_networks": ["au"]}, 5),
        ({"guest__contexts": ["federal"], "host__contexts": ["federal"]}, 3),
        ({"guest__contexts": ["federal", "x"], "host__contexts": ["x", "federal"]}, 6),
        ({"need__instruments": ["study_visit", "mentorship"]}, -4),
        ({"data__relations": [{"kind": "preference", "party": "guest", "other": "host"}]}, 5),
        ({"data__relations": [{"kind": "preference", "party": "host", "other": "guest"}]}, 5),
        ({"data__relations": [{"kind": "continue", "party": "guest", "other": "host"}]}, 5),
    ],
)
def test_each_circumstance_has_its_points(changes: dict[str, Any], more: int) -> None:
    assert points(edit(**changes)) == (54 + more, 54 + more)


def test_interpretation_makes_a_pair_possible_without_language_points() -> None:
    money = {"interpretation": [{"languages": ["fr", "en"]}]}
    assert points(edit(guest__languages=FRENCH, data__money=money)) == (44, 44)


@pytest.mark.parametrize(
    "changes",
    [
        {"offer__themes": [{"theme": "REPT"}]},
        {"need__level_now": 3, "offer__themes": [{"theme": "TRACK", "level": 2}]},
        {"guest__languages": FRENCH},
        {"guest__languages": FOLLOWING},
        {"host__languages": FOLLOWING},
        {"need__languages": ["fr"]},
        {"offer__languages": ["fr"]},
        {"need__instruments": ["mission"]},
        {"need__latest_week": 3, "offer__weeks": [4, 8]},
        {"offer__regions": ["africa"]},
        {"offer__sub_networks": ["au"], "guest__sub_networks": ["oif"]},
        {"offer__party": "guest"},
        {"data__relations": [{"kind": "rule_out", "party": "guest", "other": "host"}]},
        {"data__relations": [{"kind": "rule_out", "party": "host", "other": "guest"}]},
        {"data__relations": [{"kind": "rule_out", "party": "host", "other": "guest",
                              "instrument": "mentorship"}]},
    ],
)  # fmt: skip
def test_each_hard_rule_excludes(changes: dict[str, Any]) -> None:
    assert len(problem_of(edit(**changes)).pairs) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"need__latest_week": 4, "offer__weeks": [4, 8]},
        {"offer__regions": ["africa"], "guest__region": "africa"},
        {"offer__regions": ["asia"], "offer__sub_networks": ["au"], "guest__sub_networks": ["au"]},
        {"data__relations": [{"kind": "rule_out", "party": "host", "other": "guest",
                              "instrument": "study_visit"}]},
    ],
)  # fmt: skip
def test_rules_do_not_exclude_more_than_they_say(changes: dict[str, Any]) -> None:
    assert len(problem_of(edit(**changes)).pairs) == 1


def test_capacity_and_wishes_follow_the_tightest_limit() -> None:
    problem = problem_of(edit(offer__capacity=5, host__as_host={"at_once": 3, "total": 4}))
    assert problem.mentors[0].capacity == 3
    problem = problem_of(edit(guest__as_guest={"total": 0}))
    assert problem.mentees[0].wanted == 0
    assert problem_of(edit(guest__status="observer")).mentees[0].observer


def test_satisfaction_looks_at_three_needs_and_fit_at_all() -> None:
    data = simple()
    data["needs"] = [
        {"key": f"n{rank}", "party": "guest", "theme": theme, "rank": rank}
        for rank, theme in enumerate(("LEGAL", "TOR", "LEAD", "TRACK"), start=1)
    ]
    # Only the fourth need is served: weight 1 of 11 in fit, nothing in satisfaction.
    assert points(data) == (0, 40 // 11 + 14)


# Nothing sealed gets out.


def bytes_of(data: dict[str, Any]) -> bytes:
    return io.dump(build_problem(io.read_instance(data)))


def test_a_rule_out_leaves_the_same_trace_as_any_other_condition() -> None:
    """The owner's secret is in the Instance; the Problem is the same, byte for byte."""
    ruled = edit(data__relations=[{"kind": "rule_out", "party": "guest", "other": "host"}])
    level = edit(need__level_now=3, offer__themes=[{"theme": "TRACK", "level": 2}])
    week = edit(need__latest_week=3, offer__weeks=[8])
    assert b"rule_out" in io.dump(io.read_instance(ruled))
    assert b'"level_now":3' in io.dump(io.read_instance(level))
    assert bytes_of(ruled) == bytes_of(level) == bytes_of(week)
    assert bytes_of(ruled) != bytes_of(simple())


def test_one_rule_out_more_removes_one_pair_and_nothing_else() -> None:
    instance = generate(40, 12, 4, "easy")
    problem = build_problem(instance)
    mentee = problem.mentees[int(problem.pairs.mentee[7])].key
    mentor = problem.mentors[int(problem.pairs.mentor[7])].key
    data = instance.model_dump(mode="json")
    data["relations"].append({"kind": "rule_out", "party": mentee, "other": mentor})
    other = build_problem(io.read_instance(data))
    gone = {(mentee, mentor), (mentor, mentee)}
    keep = [row for row, pair in enumerate(pairs_of(problem)) if pair not in gone]
    rest = PairTable(**{name: column[keep] for name, column in problem.pairs.columns().items()})
    expected = {**json.loads(io.dump(problem)), "pairs": None}
    found = {**json.loads(io.dump(other)), "pairs": None}
    assert found == expected
    for name, column in rest.columns().items():
        assert other.pairs.columns()[name].tolist() == column.tolist()


def pairs_of(problem: Problem) -> list[tuple[str, str]]:
    return [
        (problem.mentees[e].key, problem.mentors[o].key)
        for e, o in zip(problem.pairs.mentee.tolist(), problem.pairs.mentor.tolist(), strict=True)
    ]


def test_a_problem_says_no_level_and_no_rule_out() -> None:
    instance = generate(40, 12, 4, "medium")
    assert b'"level_now":' in io.dump(instance)
    assert b'"rule_out"' in io.dump(instance)
    text = io.dump(build_problem(instance))
    for word in (b"level_now", b"level_sought", b'"level"', b"rule_out", b"relations"):
        assert word not in text


def test_reasons_do_not_move_with_levels() -> None:
    """Shared themes are those asked and offered, whatever the levels say about each."""
    data = edit(offer__themes=[{"theme": "TRACK", "level": 1}, {"theme": "REPT", "level": 1}])
    data["needs"] = [
        {"key": "a", "party": "guest", "theme": "TRACK", "rank": 1, "level_now": 1},
        {"key": "b", "party": "guest", "theme": "REPT", "rank": 2, "level_now": 1},
    ]
    behind = json.loads(json.dumps(data))
    behind["needs"][1]["level_now"] = 4
    told = []
    for version in (data, behind):
        problem = problem_of(version)
        plan = solve(problem).plan
        assert plan is not None
        told.append(why(problem, plan, plan.items[0]).reasons)
        assert plan.items[0].themes == ("REPT", "TRACK")
    assert told[0] == told[1]


def test_equal_levels_and_levels_not_stated_are_the_same_problem() -> None:
    equal = edit(need__level_now=2, offer__themes=[{"theme": "TRACK", "level": 2}])
    assert bytes_of(equal) == bytes_of(simple())


# An explicit score matrix.


def scored() -> dict[str, Any]:
    data = simple()
    data["parties"].append({"key": "third"})
    data["scores"] = {
        "precision": 100,
        "scores": [
            {"mentor": "host", "mentee": "guest", "score": 25},
            {"mentor": "host", "mentee": "third", "score": 75},
        ],
    }
    return data


def test_scores_replace_the_computed_fit_and_rule_outs_still_hold() -> None:
    problem = problem_of(scored())
    assert problem.precision == 100
    assert problem.pairs.satisfaction.tolist() == problem.pairs.fit.tolist() == [25, 75]
    data = scored()
    data["relations"] = [{"kind": "rule_out", "party": "third", "other": "host"}]
    assert pairs_of(problem_of(data)) == [("guest", "host")]


def test_marks_are_few_and_known() -> None:
    problem = build_problem(generate(60, 20, 2, "easy"))
    seen = {mark for mark in Mark for row in problem.pairs.marks.tolist() if row & mark}
    assert seen >= {Mark.SAME_REGION, Mark.SAME_SUB_REGION, Mark.LEADING_LANGUAGE,
                    Mark.PREFERRED_FORMAT, Mark.PREFERENCE, Mark.WISH_TO_CONTINUE}  # fmt: skip


def test_objectives_that_say_nothing_of_mentorships_are_left_out_of_their_problem() -> None:
    order = ["cover", "cost", "worst_off", "changes", "fit", "avoid"]
    problem = problem_of(edit(data__policy={"order": order}))
    assert [code.value for code in problem.policy.order] == ["cover", "worst_off", "fit"]
    stated = json.loads(io.dump(problem))
    stated["policy"]["order"] = order
    with pytest.raises(io.BadInput) as refusal:
        io.read_problem(stated)
    assert [(fault.path, fault.message) for fault in refusal.value.faults] == [
        ("policy.order[1]", "cost says nothing of mentorships"),
        ("policy.order[3]", "changes says nothing of mentorships"),
        ("policy.order[5]", "avoid says nothing of mentorships"),
    ]
