"""What is said about a joint plan: why, why not, what would help, who hears what, what clashes.

Where the words of :mod:`matching.codes` fit, those are used. Parameters are keys or integers.
"""

from __future__ import annotations

from enum import StrEnum


class PlaceReason(StrEnum):
    """Why a State has a place in an item, besides ``ReasonCode``."""

    IN_A_GROUP = "in_a_group"
    LEAD_LANGUAGE = "lead_language"
    TEAM_COVERS = "team_covers"
    SEVERAL_STATES = "several_states_in_team"
    ONLY_POSSIBLE_GIVER = "only_possible_giver"


class Barrier(StrEnum):
    """What stood between a State and a service for its need, all other States' places as they are.

    ``ObstacleCode.OWN_CONDITIONS`` is said when nothing is possible, whatever the reason.
    """

    EQUAL_PLAN = "equal_plan"
    EARLIER_AIM = "earlier_aim"
    SEARCH_ENDED = "search_ended"
    PLACES = "places_taken"
    WEEKS = "weeks_taken"
    MONEY = "money_spent"
    GROUP = "group_too_small"
    OWN_LOAD = "own_load_reached"
    SET_ASIDE = "all_set_aside"
    SEVERAL_LIMITS = "several_limits"


class Change(StrEnum):
    """The menu of changes to a joint Problem, cheapest first."""

    PLACE = "one_more_place_of_offer"
    VISIT = "one_more_visit"
    MISSION = "one_more_mission"
    WEEK = "one_more_week"
    OWN_WEEK = "one_more_own_week"
    LANGUAGE = "one_more_language"
    INTERPRETATION = "budgeted_interpretation"
    MONEY = "more_money"


class Answer(StrEnum):
    """An answer to "why not these two?" that is no price."""

    NOT_FOUND = "no_plan_found_near"


class News(StrEnum):
    """What a party hears after a repair."""

    LOST = "place_lost"
    GAINED = "place_gained"
    MOVED = "place_moved"
    GUEST_LOST = "guest_lost"
    GUEST_GAINED = "guest_gained"
    GUEST_MOVED = "guest_moved"


class Rule(StrEnum):
    """Rules of a joint Problem that can contradict each other.

    ``IMPOSSIBLE`` stands for a pairing or an item that the Problem has no option for.
    """

    PIN = "clash_pin"
    ACCEPTED = "clash_accepted"
    EXCLUSION = "clash_exclusion"
    DECLINED = "clash_declined"
    IMPOSSIBLE = "clash_impossible"
    CAPACITY = "clash_capacity"
    MINIMUM = "clash_minimum"
    GUEST_LOAD = "clash_guest_load"
    HOST_LOAD = "clash_host_load"
    MONEY = "clash_money"


PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    PlaceReason.IN_A_GROUP: ("others",),
    PlaceReason.LEAD_LANGUAGE: ("expert", "language"),
    PlaceReason.TEAM_COVERS: ("themes", "experts"),
    PlaceReason.SEVERAL_STATES: ("states",),
    PlaceReason.ONLY_POSSIBLE_GIVER: ("host",),
    Barrier.EQUAL_PLAN: (),
    Barrier.EARLIER_AIM: ("objective",),
    Barrier.SEARCH_ENDED: ("objective",),
    Barrier.PLACES: ("offers",),
    Barrier.WEEKS: ("offers",),
    Barrier.MONEY: ("sources",),
    Barrier.GROUP: ("offers",),
    Barrier.OWN_LOAD: (),
    Barrier.SET_ASIDE: ("hosts",),
    Barrier.SEVERAL_LIMITS: (),
    Change.PLACE: ("offer",),
    Change.VISIT: ("offer",),
    Change.MISSION: ("expert",),
    Change.WEEK: ("offer", "week"),
    Change.OWN_WEEK: ("guest", "week"),
    Change.LANGUAGE: ("offer", "language"),
    Change.INTERPRETATION: ("guest", "offer", "language"),
    Change.MONEY: ("source", "amount"),
    Answer.NOT_FOUND: (),
    News.LOST: ("instrument", "host"),
    News.GAINED: ("instrument", "host"),
    News.MOVED: ("instrument", "host"),
    News.GUEST_LOST: ("instrument", "guest"),
    News.GUEST_GAINED: ("instrument", "guest"),
    News.GUEST_MOVED: ("instrument", "guest"),
    Rule.PIN: ("guest", "host", "instrument"),
    Rule.ACCEPTED: ("guest", "host", "instrument"),
    Rule.EXCLUSION: ("guest", "host", "instrument"),
    Rule.DECLINED: ("guest", "host", "instrument"),
    Rule.IMPOSSIBLE: (),
    Rule.CAPACITY: ("offer",),
    Rule.MINIMUM: ("offer",),
    Rule.GUEST_LOAD: ("party",),
    Rule.HOST_LOAD: ("party",),
    Rule.MONEY: ("source",),
}
"""Names of the parameters of every code."""

ENGLISH: dict[StrEnum, str] = {
    PlaceReason.IN_A_GROUP: "in a group with {others} others",
    PlaceReason.LEAD_LANGUAGE: "{expert} leads in {language}",
    PlaceReason.TEAM_COVERS: "together {experts} cover the request: {themes}",
    PlaceReason.SEVERAL_STATES: "experts from {states} States",
    PlaceReason.ONLY_POSSIBLE_GIVER: "{host} is the only possible giver",
    Barrier.EQUAL_PLAN: "nothing but the choice between equally good plans",
    Barrier.EARLIER_AIM: "an earlier aim ({objective}) came before",
    Barrier.SEARCH_ENDED: "the search ended before a plan with it, better in {objective}",
    Barrier.PLACES: "others took the places of {offers}",
    Barrier.WEEKS: "no week was left with {offers}",
    Barrier.MONEY: "too little money was left in {sources}",
    Barrier.GROUP: "too few came together for {offers}",
    Barrier.OWN_LOAD: "the State's own limit of engagements was reached",
    Barrier.SET_ASIDE: "every possible giver was excluded or has declined: {hosts}",
    Barrier.SEVERAL_LIMITS: "several limits at once: no single one of them is enough",
    Change.PLACE: "one more place with {offer}",
    Change.VISIT: "one more visit of {offer}",
    Change.MISSION: "one more mission of {expert}",
    Change.WEEK: "week {week} with {offer}",
    Change.OWN_WEEK: "{guest} free in week {week}",
    Change.LANGUAGE: "{offer} in {language}",
    Change.INTERPRETATION: "interpretation for {guest} with {offer}, held in {language}",
    Change.MONEY: "{amount} more in {source}",
    Answer.NOT_FOUND: "no plan with it was found near this one",
    News.LOST: "no {instrument} with {host} any more",
    News.GAINED: "new: {instrument} with {host}",
    News.MOVED: "{instrument} with {host} in another way",
    News.GUEST_LOST: "no {instrument} for {guest} any more",
    News.GUEST_GAINED: "new: {instrument} for {guest}",
    News.GUEST_MOVED: "{instrument} for {guest} in another way",
    Rule.PIN: "{guest} and {host} are pinned ({instrument})",
    Rule.ACCEPTED: "{guest} and {host} have accepted ({instrument})",
    Rule.EXCLUSION: "{guest} and {host} are excluded ({instrument})",
    Rule.DECLINED: "{guest} and {host} were declined ({instrument})",
    Rule.IMPOSSIBLE: "the parties' own conditions and the rules that can't be relaxed",
    Rule.CAPACITY: "places of {offer}",
    Rule.MINIMUM: "the minimum of {offer}",
    Rule.GUEST_LOAD: "the limit of engagements of {party} as guest",
    Rule.HOST_LOAD: "the limit of engagements of {party} as host",
    Rule.MONEY: "the amount of {source}",
}
"""English for the command line."""
