"""What a check of a joint plan can find, with its parameters."""

from __future__ import annotations

from enum import StrEnum


class RuleCode(StrEnum):
    """Rules of a joint plan, each named in a violation when it does not hold."""

    UNKNOWN_KEY = "joint_unknown_key"
    NOT_AN_OPTION = "joint_not_an_option"
    MALFORMED_ITEM = "joint_malformed_item"
    GUEST_TWICE = "joint_guest_twice"
    MENTOR_CAPACITY = "joint_mentor_capacity"
    ONE_MENTOR_EACH = "joint_one_mentor_each"
    VISITS_OF_OFFER = "joint_visits_of_offer"
    ONE_VISIT_A_WEEK = "joint_one_visit_a_week"
    DELEGATIONS = "joint_delegations"
    PERSONS = "joint_persons"
    VISIT_THEMES = "joint_visit_themes"
    DELEGATION_SERVED = "joint_delegation_served"
    ONE_MISSION_EACH = "joint_one_mission_each"
    TEAM_SIZE = "joint_team_size"
    TEAM_COVERS = "joint_team_covers"
    TEAM_LEAD = "joint_team_lead"
    EXPERT_WEEK = "joint_expert_week"
    EXPERT_MISSIONS = "joint_expert_missions"
    EXPERT_DAYS = "joint_expert_days"
    ONE_RUN = "joint_one_run"
    SEATS = "joint_seats"
    ZONE_SPREAD = "joint_zone_spread"
    APART = "joint_apart"
    GUEST_WEEK = "joint_guest_week"
    GUEST_LOAD = "joint_guest_load"
    HOST_LOAD = "joint_host_load"
    LANGUAGE = "joint_language"
    WEEK = "joint_week"
    COST = "joint_cost"
    PAYMENT = "joint_payment"
    SOURCE_AMOUNT = "joint_source_amount"
    PIN = "joint_pin"
    EXCLUSION = "joint_exclusion"
    DECLINED = "joint_declined"
    ACCEPTED = "joint_accepted"
    OBJECTIVES = "joint_objectives"
    VALUE = "joint_value"
    BOUND = "joint_bound"
    STATEMENT = "joint_statement"


PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    RuleCode.UNKNOWN_KEY: ("key",),
    RuleCode.NOT_AN_OPTION: ("guest", "offer"),
    RuleCode.MALFORMED_ITEM: ("item", "field"),
    RuleCode.GUEST_TWICE: ("guest", "offer"),
    RuleCode.MENTOR_CAPACITY: ("offer", "capacity", "given"),
    RuleCode.ONE_MENTOR_EACH: ("guest", "given"),
    RuleCode.VISITS_OF_OFFER: ("offer", "visits", "given"),
    RuleCode.ONE_VISIT_A_WEEK: ("host", "week"),
    RuleCode.DELEGATIONS: ("offer", "week", "given"),
    RuleCode.PERSONS: ("offer", "week", "given"),
    RuleCode.VISIT_THEMES: ("offer", "week"),
    RuleCode.DELEGATION_SERVED: ("guest", "offer", "week"),
    RuleCode.ONE_MISSION_EACH: ("guest", "given"),
    RuleCode.TEAM_SIZE: ("guest", "given"),
    RuleCode.TEAM_COVERS: ("guest", "themes"),
    RuleCode.TEAM_LEAD: ("guest", "expert"),
    RuleCode.EXPERT_WEEK: ("expert", "week"),
    RuleCode.EXPERT_MISSIONS: ("expert", "missions", "given"),
    RuleCode.EXPERT_DAYS: ("expert", "days", "given"),
    RuleCode.ONE_RUN: ("offer", "given"),
    RuleCode.SEATS: ("offer", "given"),
    RuleCode.ZONE_SPREAD: ("offer",),
    RuleCode.APART: ("one", "other", "instrument"),
    RuleCode.GUEST_WEEK: ("guest", "week"),
    RuleCode.GUEST_LOAD: ("party", "given"),
    RuleCode.HOST_LOAD: ("party", "given"),
    RuleCode.LANGUAGE: ("guest", "offer", "language"),
    RuleCode.WEEK: ("guest", "offer", "week"),
    RuleCode.COST: ("guest", "offer", "stated", "found"),
    RuleCode.PAYMENT: ("guest", "offer"),
    RuleCode.SOURCE_AMOUNT: ("source", "amount", "given"),
    RuleCode.PIN: ("guest", "host", "instrument"),
    RuleCode.EXCLUSION: ("guest", "host", "instrument"),
    RuleCode.DECLINED: ("guest", "host", "instrument"),
    RuleCode.ACCEPTED: ("guest", "host", "instrument"),
    RuleCode.OBJECTIVES: ("stated", "found"),
    RuleCode.VALUE: ("objective", "stated", "found"),
    RuleCode.BOUND: ("objective", "stated", "found"),
    RuleCode.STATEMENT: ("objective", "field"),
}
"""Names of the parameters of every code."""

ENGLISH: dict[StrEnum, str] = {
    RuleCode.UNKNOWN_KEY: "{key} is not in the Problem",
    RuleCode.NOT_AN_OPTION: "{guest} with {offer} is not possible: the parties' own conditions",
    RuleCode.MALFORMED_ITEM: "item {item}: {field} is not as it has to be",
    RuleCode.GUEST_TWICE: "{guest} stands with {offer} more than once",
    RuleCode.MENTOR_CAPACITY: "{offer} has {capacity} places and gets {given}",
    RuleCode.ONE_MENTOR_EACH: "{guest} gets {given} mentors",
    RuleCode.VISITS_OF_OFFER: "{offer} receives {visits} visits and gets {given}",
    RuleCode.ONE_VISIT_A_WEEK: "{host} has more than one visit in week {week}",
    RuleCode.DELEGATIONS: "{offer}, week {week}: {given} delegations",
    RuleCode.PERSONS: "{offer}, week {week}: {given} persons",
    RuleCode.VISIT_THEMES: "{offer}, week {week}: the themes are too many or not offered",
    RuleCode.DELEGATION_SERVED: "{guest} has no need among the themes of {offer} in week {week}",
    RuleCode.ONE_MISSION_EACH: "{guest} gets {given} missions",
    RuleCode.TEAM_SIZE: "the team for {guest} has {given} experts",
    RuleCode.TEAM_COVERS: "the team for {guest} does not cover {themes}",
    RuleCode.TEAM_LEAD: "{expert} can't lead for {guest}",
    RuleCode.EXPERT_WEEK: "{expert} is not free in week {week}",
    RuleCode.EXPERT_MISSIONS: "{expert} offers {missions} missions and gets {given}",
    RuleCode.EXPERT_DAYS: "{expert} offers {days} person-days and gets {given}",
    RuleCode.ONE_RUN: "{offer} runs {given} times",
    RuleCode.SEATS: "{offer} has {given} seats taken",
    RuleCode.ZONE_SPREAD: "the clocks of {offer} lie too far apart",
    RuleCode.APART: "{one} and {other} can't share an item ({instrument})",
    RuleCode.GUEST_WEEK: "{guest} is in more than one item in week {week}",
    RuleCode.GUEST_LOAD: "{party} takes part in {given} engagements",
    RuleCode.HOST_LOAD: "{party} hosts {given} engagements",
    RuleCode.LANGUAGE: "{guest} can't take part in {offer} in {language} as stated",
    RuleCode.WEEK: "{guest} with {offer} is not possible in week {week}",
    RuleCode.COST: "{guest} with {offer}: cost {stated} stated, {found} found",
    RuleCode.PAYMENT: "{guest} with {offer} is not paid for as it has to be",
    RuleCode.SOURCE_AMOUNT: "{source} has {amount} and pays {given}",
    RuleCode.PIN: "{guest} and {host} are pinned ({instrument}) and not in the plan",
    RuleCode.EXCLUSION: "{guest} and {host} are excluded ({instrument}) and in the plan",
    RuleCode.DECLINED: "{guest} and {host} were declined ({instrument}) and are in the plan",
    RuleCode.ACCEPTED: "{guest} and {host} had accepted ({instrument}) and are not in the plan so",
    RuleCode.OBJECTIVES: "objectives stated: {stated}; asked for: {found}",
    RuleCode.VALUE: "{objective}: value {stated} stated, {found} found",
    RuleCode.BOUND: "{objective}: bound {stated} stated, {found} found",
    RuleCode.STATEMENT: "{objective}: {field} is not as stated",
}
"""English for the command line."""
