"""Every code the engine speaks in, with its parameters: the one list a site translates from.

A message leaves the engine as a code and parameters, never as a sentence. Parameters are keys of
parties, themes, languages and so on, or integers. :data:`PARAMETERS` names them for each code.
No two codes have the same word, whatever they are about.
"""

from __future__ import annotations

from enum import StrEnum


class Instrument(StrEnum):
    """How peers help each other (Plan of Action 3.2, 4.1, 4.4, 4.5)."""

    MENTORSHIP = "mentorship"
    STUDY_VISIT = "study_visit"
    MISSION = "mission"
    TRAINING = "training"


class ObjectiveCode(StrEnum):
    """What a plan is judged by, in the order of ENGINE section 3."""

    KEEP = "keep"
    CHANGES = "changes"
    OBSERVERS = "observers"
    COVER = "cover"
    WORST_OFF = "worst_off"
    FIT = "fit"
    COST = "cost"
    SPREAD = "spread"
    AVOID = "avoid"


class ReasonCode(StrEnum):
    """Why a pair fits, or why the plan holds it. No code tells a level or a rule-out."""

    SHARED_THEMES = "shared_themes"
    FIRST_NEED = "first_need"
    COMMON_LANGUAGE = "common_language"
    LEADING_LANGUAGE = "leading_language"
    INTERPRETATION = "interpretation"
    SAME_REGION = "same_region"
    SAME_SUB_REGION = "same_sub_region"
    SHARED_SUB_NETWORK = "shared_sub_network"
    SIMILAR_CONTEXT = "similar_context"
    PREFERRED_FORMAT = "preferred_format"
    PREFERENCE = "preference"
    WISH_TO_CONTINUE = "wish_to_continue"
    SCORE = "score"
    ONLY_POSSIBLE_MENTOR = "only_possible_mentor"
    PINNED = "pinned"
    ACCEPTED_BEFORE = "accepted_before"
    PROPOSED_BEFORE = "proposed_before"


class ObstacleCode(StrEnum):
    """What stood between a State that asked and a mentor."""

    NO_OFFER_OF_THEME = "no_offer_of_theme"
    OWN_CONDITIONS = "own_conditions"
    SET_ASIDE = "set_aside"
    NO_PLACE_OFFERED = "no_place_offered"
    COMPETITION = "competition"
    PRIORITY = "priority"
    NOT_WANTED = "not_wanted"


class ChangeCode(StrEnum):
    """Entries of the fixed menu of changes, cheapest first."""

    ONE_MORE_PLACE = "one_more_place"
    MORE_PLACES = "more_places"


class ClashCode(StrEnum):
    """Rules of the Problem that can contradict each other."""

    PIN = "pin"
    ACCEPTED = "accepted"
    EXCLUSION = "exclusion"
    DECLINED = "declined"
    PAIR_NOT_POSSIBLE = "impossible_pair"
    ONE_MENTOR_EACH = "one_mentor_each"
    MENTOR_CAPACITY = "mentor_capacity"


class ViolationCode(StrEnum):
    """What a check found wrong."""

    # Plan against Problem.
    UNKNOWN_PARTY = "unknown_party"
    UNKNOWN_INSTRUMENT = "unknown_instrument"
    PAIR_NOT_POSSIBLE = "pair_not_possible"
    PAIR_REPEATED = "pair_repeated"
    MENTEE_OVER_WANTED = "mentee_over_wanted"
    MENTOR_OVER_CAPACITY = "mentor_over_capacity"
    PIN_NOT_HELD = "pin_not_held"
    EXCLUDED_PAIR = "excluded_pair"
    ACCEPTED_NOT_KEPT = "accepted_not_kept"
    DECLINED_PROPOSED = "declined_proposed"
    WRONG_THEMES = "wrong_themes"
    WRONG_SATISFACTION = "wrong_satisfaction"
    WRONG_FIT = "wrong_fit"
    WRONG_OBJECTIVES = "wrong_objectives"
    WRONG_VALUE = "wrong_value"
    WRONG_LEVELS = "wrong_levels"
    WRONG_BOUND = "wrong_bound"
    WRONG_STATEMENT = "wrong_statement"
    PROOF_MALFORMED = "proof_malformed"
    PROOF_FAILS = "proof_fails"
    PROOF_MISSING = "proof_missing"
    # Problem against Instance.
    PAIR_MISSING = "pair_missing"
    PAIR_UNFOUNDED = "pair_unfounded"
    PAIR_WRONG_SATISFACTION = "pair_wrong_satisfaction"
    PAIR_WRONG_FIT = "pair_wrong_fit"
    PAIR_WRONG_REASONS = "pair_wrong_reasons"
    WRONG_MENTEE = "wrong_mentee"
    WRONG_MENTOR = "wrong_mentor"
    WRONG_POLICY = "wrong_policy"
    # Certificate.
    PLAN_DIGEST = "plan_digest"
    PROBLEM_DIGEST = "problem_digest"
    INSTANCE_DIGEST = "instance_digest"
    INSTANCE_SALT_MISSING = "instance_salt_missing"
    CERTIFICATE_OBJECTIVES = "certificate_objectives"
    CERTIFICATE_SETTINGS = "certificate_settings"
    SIGNATURE_INVALID = "signature_invalid"
    SIGNATURE_MISSING = "signature_missing"
    SIGNER_UNEXPECTED = "signer_unexpected"


class OutcomeCode(StrEnum):
    """How a solve ended."""

    PROVEN = "proven"
    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"
    NO_PLAN = "no_plan"


class NoteCode(StrEnum):
    """A remark on an objective that its number alone does not tell."""

    NO_MISSIONS = "no_missions"
    SWITCHED_OFF = "switched_off"
    LEVELS_OPEN = "levels_open"


PARAMETERS: dict[StrEnum, tuple[str, ...]] = {
    ReasonCode.SHARED_THEMES: ("themes",),
    ReasonCode.FIRST_NEED: ("theme",),
    ReasonCode.COMMON_LANGUAGE: ("language",),
    ReasonCode.LEADING_LANGUAGE: ("language",),
    ReasonCode.INTERPRETATION: (),
    ReasonCode.SAME_REGION: (),
    ReasonCode.SAME_SUB_REGION: (),
    ReasonCode.SHARED_SUB_NETWORK: ("sub_network",),
    ReasonCode.SIMILAR_CONTEXT: ("contexts",),
    ReasonCode.PREFERRED_FORMAT: (),
    ReasonCode.PREFERENCE: (),
    ReasonCode.WISH_TO_CONTINUE: (),
    ReasonCode.SCORE: ("score", "precision"),
    ReasonCode.ONLY_POSSIBLE_MENTOR: ("mentor",),
    ReasonCode.PINNED: (),
    ReasonCode.ACCEPTED_BEFORE: (),
    ReasonCode.PROPOSED_BEFORE: (),
    ObstacleCode.NO_OFFER_OF_THEME: ("themes",),
    ObstacleCode.OWN_CONDITIONS: (),
    ObstacleCode.SET_ASIDE: ("mentors",),
    ObstacleCode.NO_PLACE_OFFERED: ("mentors",),
    ObstacleCode.COMPETITION: ("mentors", "places"),
    ObstacleCode.PRIORITY: ("mentors", "objective"),
    ObstacleCode.NOT_WANTED: (),
    ChangeCode.ONE_MORE_PLACE: ("mentor",),
    ChangeCode.MORE_PLACES: ("mentor", "places"),
    ClashCode.PIN: ("mentee", "mentor"),
    ClashCode.ACCEPTED: ("mentee", "mentor"),
    ClashCode.EXCLUSION: ("mentee", "mentor"),
    ClashCode.DECLINED: ("mentee", "mentor"),
    ClashCode.PAIR_NOT_POSSIBLE: ("mentee", "mentor"),
    ClashCode.ONE_MENTOR_EACH: ("mentee", "wanted"),
    ClashCode.MENTOR_CAPACITY: ("mentor", "capacity"),
    ViolationCode.UNKNOWN_PARTY: ("party",),
    ViolationCode.UNKNOWN_INSTRUMENT: ("instrument",),
    ViolationCode.PAIR_NOT_POSSIBLE: ("mentee", "mentor"),
    ViolationCode.PAIR_REPEATED: ("mentee", "mentor"),
    ViolationCode.MENTEE_OVER_WANTED: ("mentee", "wanted", "given"),
    ViolationCode.MENTOR_OVER_CAPACITY: ("mentor", "capacity", "given"),
    ViolationCode.PIN_NOT_HELD: ("mentee", "mentor"),
    ViolationCode.EXCLUDED_PAIR: ("mentee", "mentor"),
    ViolationCode.ACCEPTED_NOT_KEPT: ("mentee", "mentor"),
    ViolationCode.DECLINED_PROPOSED: ("mentee", "mentor"),
    ViolationCode.WRONG_THEMES: ("mentee", "mentor"),
    ViolationCode.WRONG_SATISFACTION: ("mentee", "mentor", "stated", "found"),
    ViolationCode.WRONG_FIT: ("mentee", "mentor", "stated", "found"),
    ViolationCode.WRONG_OBJECTIVES: ("stated", "found"),
    ViolationCode.WRONG_VALUE: ("objective", "stated", "found"),
    ViolationCode.WRONG_LEVELS: ("objective",),
    ViolationCode.WRONG_BOUND: ("objective", "stated", "found"),
    ViolationCode.WRONG_STATEMENT: ("objective", "field"),
    ViolationCode.PROOF_MALFORMED: ("objective", "step"),
    ViolationCode.PROOF_FAILS: ("objective", "step", "value", "bound"),
    ViolationCode.PROOF_MISSING: ("objective",),
    ViolationCode.PAIR_MISSING: ("mentee", "mentor"),
    ViolationCode.PAIR_UNFOUNDED: ("mentee", "mentor"),
    ViolationCode.PAIR_WRONG_SATISFACTION: ("mentee", "mentor", "stated", "found"),
    ViolationCode.PAIR_WRONG_FIT: ("mentee", "mentor", "stated", "found"),
    ViolationCode.PAIR_WRONG_REASONS: ("mentee", "mentor"),
    ViolationCode.WRONG_MENTEE: ("party",),
    ViolationCode.WRONG_MENTOR: ("party",),
    ViolationCode.WRONG_POLICY: ("field",),
    ViolationCode.PLAN_DIGEST: (),
    ViolationCode.PROBLEM_DIGEST: (),
    ViolationCode.INSTANCE_DIGEST: (),
    ViolationCode.INSTANCE_SALT_MISSING: (),
    ViolationCode.CERTIFICATE_OBJECTIVES: (),
    ViolationCode.CERTIFICATE_SETTINGS: ("field",),
    ViolationCode.SIGNATURE_INVALID: (),
    ViolationCode.SIGNATURE_MISSING: (),
    ViolationCode.SIGNER_UNEXPECTED: ("public_key",),
    OutcomeCode.PROVEN: (),
    OutcomeCode.TIME_LIMIT: (),
    OutcomeCode.CANCELLED: (),
    OutcomeCode.NO_PLAN: (),
    NoteCode.NO_MISSIONS: (),
    NoteCode.SWITCHED_OFF: (),
    NoteCode.LEVELS_OPEN: (),
    ObjectiveCode.KEEP: (),
    ObjectiveCode.CHANGES: (),
    ObjectiveCode.OBSERVERS: (),
    ObjectiveCode.COVER: (),
    ObjectiveCode.WORST_OFF: (),
    ObjectiveCode.FIT: (),
    ObjectiveCode.COST: (),
    ObjectiveCode.SPREAD: (),
    ObjectiveCode.AVOID: (),
}
"""Names of the parameters of every code that reaches a reader."""
