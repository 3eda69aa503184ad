"""The engine's codes as sentences in the reader's language.

The engine never leaves a sentence, only codes with parameters; the sentences are here, one for
each code. A test holds this list and the engine's together. Parties come as ids of States.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Protocol

from babel.lists import format_list
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from app.i18n import language_name, reader_locale
from app.membership.catalogue import context_name, sub_network_name, theme_title

# Reasons that speak about the round and the coordinator's work, not about the two States.
FOR_COORDINATORS = frozenset({"only_possible_mentor", "pinned", "proposed_before", "score"})

Parameters = Mapping[str, Any]


class Named(Protocol):
    """A State as far as sentences know it."""

    @property
    def name(self) -> str: ...


class Words:
    """Sentences about the States of one page; their names are known from the start."""

    def __init__(self, states: Mapping[int, Named]) -> None:
        self._states = states
        # One reader, one language: each name is looked up once.
        self.theme, self.language = cache(theme_title), cache(language_name)
        # Many pairs of a plan share a sentence.
        self._said: dict[tuple[str, str], str] = {}

    def state(self, state_id: int) -> str:
        """A State's name; one that has left the records keeps its place in the sentence."""
        found = self._states.get(state_id)
        return found.name if found else str(gettext("a State"))

    def states(self, state_ids: Iterable[int]) -> str:
        return listed(self.state(state_id) for state_id in state_ids)

    def reason(self, code: str, parameters: Parameters) -> str:
        """Why a pair fits, or why the plan holds it."""
        key = code, repr(parameters)
        if key not in self._said:
            self._said[key] = _say(REASONS, code, self._named(parameters))
        return self._said[key]

    def reasons(
        self, coded: Iterable[Mapping[str, Any]], *, for_parties: bool = False
    ) -> list[str]:
        """All reasons of an item; the parties read those about themselves."""
        return [
            self.reason(row["code"], row["parameters"])
            for row in coded
            if not (for_parties and row["code"] in FOR_COORDINATORS)
        ]

    def obstacle(self, code: str, parameters: Parameters) -> str:
        """What stood between a State that asked and a mentor."""
        return _say(OBSTACLES, code, self._named(parameters))

    def change(self, change: Mapping[str, Any] | None) -> str:
        """The smallest change after which a State would be served, and who would get less."""
        if change is None:
            return str(
                gettext("No single change that we can try would be enough; a new offer would.")
            )
        said = _say(CHANGES, change["code"], self._named(change["parameters"]))
        losers = change.get("losers") or []
        if not losers:
            return said
        return str(
            gettext(
                "%(change)s Less would then be served for %(states)s.",
                change=said,
                states=self.states(losers),
            )
        )

    def _named(self, parameters: Parameters) -> dict[str, Any]:
        """Parameters as people read them."""
        return {name: self._name(name, value) for name, value in parameters.items()}

    def _name(self, name: str, value: Any) -> Any:
        if name in ("mentor", "mentee"):
            return self.state(value)
        if name == "mentors":
            return Counted(self.states(value), len(value))
        if name == "theme":
            return self.theme(value)
        if name == "themes":
            return Counted(titles_listed(map(self.theme, value)), len(value))
        if name == "contexts":
            return Counted(listed(context_name(code) for code in value), len(value))
        if name == "language":
            return self.language(value)
        if name == "sub_network":
            return sub_network_name(value)
        if name == "objective":
            return str(OBJECTIVES[value])
        return value


class Counted(str):
    """Names in one string, and how many they are."""

    size: int

    def __new__(cls, text: str, size: int) -> Counted:
        made = super().__new__(cls, text)
        made.size = size
        return made


def listed(names: Iterable[str]) -> str:
    """Names as a list in the reader's language: "a, b and c"."""
    return str(format_list(list(names), locale=reader_locale()))


# Titles hold commas and "and" themselves, so a list of them needs a stronger mark between.
BETWEEN_TITLES = {"ar": "؛ ", "zh": "；", "fr": "\N{NO-BREAK SPACE}; "}


def titles_listed(titles: Iterable[str]) -> str:
    """Titles of themes as a list: "Legal basis and mandate; Tracking implementation"."""
    return BETWEEN_TITLES.get(reader_locale().language, "; ").join(titles)


def themes_listed(codes: Iterable[str]) -> str:
    return titles_listed(theme_title(code) for code in codes)


Sentence = Callable[[dict[str, Any]], Any]


def _say(sentences: Mapping[str, Sentence], code: str, named: dict[str, Any]) -> str:
    # A plan made by a newer engine may hold a code that has no words yet: its name is better
    # than a broken page.
    sentence = sentences.get(code)
    return str(sentence(named)) if sentence else code


REASONS: dict[str, Sentence] = {
    "shared_themes": lambda p: ngettext(
        "The mentor offers the theme the mentee asks for: %(themes)s.",
        "The mentor offers themes the mentee asks for: %(themes)s.",
        p["themes"].size,
        themes=p["themes"],
    ),
    "first_need": lambda p: gettext(
        "It serves the need the mentee put first: %(theme)s.", theme=p["theme"]
    ),
    "common_language": lambda p: gettext(
        "Both can work in this language: %(language)s.", language=p["language"]
    ),
    "leading_language": lambda p: gettext(
        "Both can lead meetings in this language: %(language)s.", language=p["language"]
    ),
    "interpretation": lambda p: gettext("Interpretation is foreseen for their meetings."),
    "same_region": lambda p: gettext("Both belong to the same regional group."),
    "same_sub_region": lambda p: gettext("Both are in the same part of their region."),
    "shared_sub_network": lambda p: gettext(
        "Both already work together in this organisation: %(sub_network)s.",
        sub_network=p["sub_network"],
    ),
    "similar_context": lambda p: ngettext(
        "Both share this context: %(contexts)s.",
        "Both share these contexts: %(contexts)s.",
        p["contexts"].size,
        contexts=p["contexts"],
    ),
    "preferred_format": lambda p: gettext(
        "Mentorship is the form of peer learning the mentee asked for first."
    ),
    "preference": lambda p: gettext("A preference that was stated speaks for this pair."),
    "wish_to_continue": lambda p: gettext("Both wish to continue working together."),
    "score": lambda p: gettext(
        "The score given for this pair is %(score)s, in parts of 1/%(precision)s.",
        score=p["score"],
        precision=p["precision"],
    ),
    "only_possible_mentor": lambda p: gettext(
        "In this round %(mentor)s is the only possible mentor for the mentee.", mentor=p["mentor"]
    ),
    "pinned": lambda p: gettext("The coordinator decided that this pair must be proposed."),
    "accepted_before": lambda p: gettext("Both States have already accepted this mentorship."),
    "proposed_before": lambda p: gettext(
        "It is already proposed to both States and waits for an answer."
    ),
}

OBSTACLES: dict[str, Sentence] = {
    "no_offer_of_theme": lambda p: ngettext(
        "No mentor offers this theme in the round: %(themes)s.",
        "No mentor offers any of these themes in the round: %(themes)s.",
        p["themes"].size,
        themes=p["themes"],
    ),
    # One wording for everything that is not possible, whatever made it so.
    "own_conditions": lambda p: gettext(
        "No mentorship was possible under the parties' own conditions."
    ),
    "set_aside": lambda p: ngettext(
        "The only possible mentor is set aside by an earlier answer or by the coordinator: "
        "%(mentors)s.",
        "All possible mentors are set aside by earlier answers or by the coordinator: %(mentors)s.",
        p["mentors"].size,
        mentors=p["mentors"],
    ),
    "no_place_offered": lambda p: ngettext(
        "The possible mentor offers no place now: %(mentors)s.",
        "None of the possible mentors offers a place now: %(mentors)s.",
        p["mentors"].size,
        mentors=p["mentors"],
    ),
    "competition": lambda p: ngettext(
        "There was %(num)s place with possible mentors (%(mentors)s), and another State needed it "
        "for the plan as a whole.",
        "There were %(num)s places with possible mentors (%(mentors)s), and other States needed "
        "them for the plan as a whole.",
        p["places"],
        mentors=p["mentors"],
    ),
    "priority": lambda p: ngettext(
        "A place was free with %(mentors)s, but an aim that comes first decided: %(objective)s.",
        "Places were free with %(mentors)s, but an aim that comes first decided: %(objective)s.",
        p["mentors"].size,
        mentors=p["mentors"],
        objective=p["objective"],
    ),
    "not_wanted": lambda p: gettext("The State wants no mentor now."),
    # The site's own: no solver ever saw these needs.
    "lapsed": lambda p: gettext(
        "Help was of use only before the first week of the round, as the State itself said."
    ),
}

CHANGES: dict[str, Sentence] = {
    "one_more_place": lambda p: gettext(
        "One more place with %(mentor)s would serve this State.", mentor=p["mentor"]
    ),
    "more_places": lambda p: ngettext(
        "%(num)s more place with %(mentor)s would serve this State.",
        "%(num)s more places with %(mentor)s would serve this State.",
        p["places"],
        mentor=p["mentor"],
    ),
}

OBJECTIVES: dict[str, Any] = {
    "keep": _l("Keep what is already proposed"),
    "changes": _l("Change as little as possible"),
    "observers": _l("Observers first"),
    "cover": _l("Serve as many States as possible"),
    "worst_off": _l("Leave nobody far behind"),
    "fit": _l("The best fit in all"),
    "cost": _l("Keep the cost low"),
    "spread": _l("Spread the work over mentors"),
    "avoid": _l("Avoid the less suitable weeks"),
}

OBJECTIVE_MEANINGS: dict[str, Any] = {
    "keep": _l("Open proposals that this plan would give up; fewer is better."),
    "changes": _l("Places that only the earlier plan has, or only this one; fewer is better."),
    "observers": _l("Observers whose request for a mission is served."),
    "cover": _l("States that get a mentorship."),
    "worst_off": _l(
        "Points of the mentorship that serves least of its first three needs, as high as it can "
        "be; then the next, and so on."
    ),
    "fit": _l("Points of all pairs together: themes, language, region, context."),
    "cost": _l("Cost of all travel and interpretation together; lower is better."),
    "spread": _l("Sum of the squares of each mentor's mentees; fewer is more even."),
    "avoid": _l("Activities in weeks that are better left free; fewer is better."),
}

NOTES: dict[str, Any] = {
    "no_missions": _l("On; there are no missions in this plan."),
    "switched_off": _l("Switched off for this plan."),
    "levels_open": _l("The lowest satisfaction is proven, not every one above it."),
}

OUTCOMES: dict[str, Any] = {
    "proven": _l("Every aim is proven."),
    "time_limit": _l("The time limit ended the search; the gaps are stated below."),
    "cancelled": _l("The search was stopped on request; the gaps are stated below."),
    "no_plan": _l("No plan is possible: what has to hold contradicts itself."),
}

# Why a job ended without a plan, by the name it leaves behind.
FAILURES: dict[str, Any] = {
    "PlanNotVerified": _l(
        "The independent check did not confirm the plan, so it was thrown away. Nothing of it "
        "was stored. Please tell those who run this site."
    ),
    "NoPlanPossible": _l(
        "No plan is possible: mentorships that were accepted can't be kept together with the "
        "places now offered."
    ),
    "worker lost": _l(
        "The work was interrupted several times and was given up. Please try again later."
    ),
}
OTHER_FAILURE = _l(
    "Something went wrong while the plan was made, and nothing was stored. Please try again; if "
    "it happens again, tell those who run this site."
)


def failure(error: str) -> str:
    return str(FAILURES.get(error, OTHER_FAILURE))
