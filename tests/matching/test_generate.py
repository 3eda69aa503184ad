"""Generated rounds are the same for the same seed, of the size asked for, and of this world."""

from __future__ import annotations

from collections import Counter

import pytest

from matching import build_problem, io, solve
from matching.generate import generate


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert io.dump(generate(30, 9, 5)) == io.dump(generate(30, 9, 5))
    assert io.dump(generate(30, 9, 5)) != io.dump(generate(30, 9, 6))


def test_scarcity_is_in_the_numbers() -> None:
    served = []
    for scarcity in ("easy", "medium", "scarce"):
        problem = build_problem(generate(193, 60, 2, scarcity))
        plan = solve(problem).plan
        assert plan is not None
        served.append(len(plan.items))
        places = sum(row.capacity for row in problem.mentors)
        assert (places > 193) is (scarcity == "easy")
    assert served == sorted(served, reverse=True)
    assert len(set(served)) == 3


def test_a_round_has_all_regions_and_network_languages_and_no_names() -> None:
    instance = generate()
    regions = Counter(party.region for party in instance.parties)
    assert regions == {
        "africa": 54, "asia_pacific": 54, "latin_america_caribbean": 33,
        "western_europe_others": 29, "eastern_europe": 23,
    }  # fmt: skip
    spoken = {skill.language for party in instance.parties for skill in party.languages}
    assert spoken >= {"en", "fr", "es", "pt", "ar", "ru", "zh"}
    assert all(party.key == f"S{at:03d}" for at, party in enumerate(instance.parties, start=1))
    kinds = Counter(relation.kind.value for relation in instance.relations)
    assert kinds["rule_out"] > 100
    assert kinds["preference"] > 20
    assert sum(need.level_now is None for need in instance.needs) > 50


def test_more_states_than_there_are_is_fine() -> None:
    instance = generate(1_200, 100, 1, "medium", ("mentorship", "mission"))
    assert len({party.key for party in instance.parties}) == 1_200


@pytest.mark.parametrize(
    "arguments",
    [(0, 0, 1), (5, 6, 1), (5, 2, 1, "dire"), (5, 2, 1, "easy", ("tea",)), (5, 2, 1, "easy", ())],
)
def test_nonsense_is_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="states|unknown"):
        generate(*arguments)  # type: ignore[arg-type]
