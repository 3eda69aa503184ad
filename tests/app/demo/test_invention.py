"""The invented round is the same everywhere, and interesting enough to plan."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

from app.demo.invention import Party, invent
from app.demo.script import MENTEE_CODE, MENTOR_CODE, PARTS, Part
from app.membership.models import LanguageLevel, RegionalGroup, Status
from app.needs.models import NeedState
from app.offers.models import OfferState
from tests.processes import ROOT

WORKING_LANGUAGES = {"en", "fr", "es", "pt", "ar", "ru", "zh"}


def works_in(party: Party) -> set[str]:
    return {code for code, level in party.languages if level is not LanguageLevel.FOLLOW}


def asking() -> list[Party]:
    return [p for p in invent() if asked_themes(p)]


def offering() -> list[Party]:
    return [p for p in invent() if p.offer and p.offer.state is OfferState.SUBMITTED]


def asked_themes(party: Party) -> set[str]:
    return {need.theme for need in party.needs if need.state is NeedState.SUBMITTED}


def could_learn_from(mentee: Party, mentor: Party) -> bool:
    """Themes and languages allow it; levels, weeks and regions left aside."""
    assert mentor.offer
    return (
        mentee != mentor
        and not mentor.offer.paused
        and bool(works_in(mentee) & works_in(mentor))
        and bool(asked_themes(mentee) & {theme for theme, _ in mentor.offer.themes})
    )


def test_another_process_invents_the_same() -> None:
    program = "from app.demo.invention import invent; print(repr(invent()))"
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert elsewhere.stdout.strip() == repr(invent())


def test_the_roster_and_the_answers_have_their_sizes() -> None:
    parties = invent()
    assert Counter(party.status for party in parties) == {
        Status.MEMBER: 120,
        Status.OBSERVER: 40,
        None: 33,
    }
    assert Counter(party.part for party in parties) == {
        Part.ASKS: 77,
        Part.BOTH: 33,
        Part.OFFERS: 27,
        Part.SILENT: 15,
        Part.NOTHING: 8,
        Part.OUTSIDE: 33,
    }
    assert (len(asking()), len(offering())) == (110, 60)
    assert sum(party.offer.paused for party in offering() if party.offer) == 4
    states = Counter(need.state for party in parties for need in party.needs)
    assert (states[NeedState.DRAFT], states[NeedState.PROPOSED]) == (15, 6)


def test_only_who_is_on_the_roster_takes_part() -> None:
    outside = [party for party in invent() if party.status is None]
    assert [p for p in outside if p.needs or p.offer or p.part is not Part.OUTSIDE] == []


def test_every_region_and_working_language_stands_on_both_sides() -> None:
    for side in (asking(), offering()):
        assert {party.state.regional_group for party in side} == set(RegionalGroup)
        assert set.union(*(works_in(party) for party in side)) >= WORKING_LANGUAGES


def test_levels_are_stated_by_some_and_left_open_by_others() -> None:
    stated = Counter(
        need.level_now is not None
        for party in asking()
        for need in party.needs
        if need.state is NeedState.SUBMITTED
    )
    offered = Counter(
        level is not None for party in offering() if party.offer for _, level in party.offer.themes
    )
    for counts in (stated, offered):
        assert 0.2 < counts[False] / counts.total() < 0.5


def test_a_coordinator_never_states_a_level_for_a_state() -> None:
    proposed = [n for p in invent() for n in p.needs if n.state is NeedState.PROPOSED]
    assert {(need.level_now, need.level_sought) for need in proposed} == {(None, None)}


def test_some_ask_in_vain_and_many_compete() -> None:
    mentors = offering()
    choices = {
        mentee.state.code: sum(could_learn_from(mentee, mentor) for mentor in mentors)
        for mentee in asking()
    }
    without = [code for code, number in choices.items() if number == 0]
    assert 5 <= len(without) <= 20
    places = sum(p.offer.capacity for p in mentors if p.offer and not p.offer.paused)
    assert places < len(choices)


def test_the_two_who_meet_have_no_other_way_and_nobody_in_it() -> None:
    by_code = {party.state.code: party for party in invent()}
    mentee, mentor = by_code[MENTEE_CODE], by_code[MENTOR_CODE]
    assert [m for m in offering() if could_learn_from(mentee, m)] == [mentor]
    rivals = [other for other in asking() if could_learn_from(other, mentor)]
    assert mentor.offer
    assert len(rivals) <= mentor.offer.capacity
    # The first need is offered by nobody in the mentee's language, until it is changed.
    first = next(need for need in mentee.needs if need.rank == 1)
    offered = {t for m in offering() if m.offer and works_in(m) & {"pt"} for t, _ in m.offer.themes}
    assert first.theme not in offered
    assert "PLAN" in {theme for theme, _ in mentor.offer.themes} - asked_themes(mentee)


def test_who_has_a_part_in_the_script_plays_it() -> None:
    by_code = {party.state.code: party.part for party in invent()}
    assert {code: by_code[code] for code in PARTS} == PARTS
