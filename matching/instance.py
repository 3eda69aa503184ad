"""The Instance: what people said, sealed. Part of the model; import it from ``matching.model``.

Everything is an integer, a key or a closed word. Keys are opaque strings chosen by the caller.
Weeks are counted from 0 at the first Monday of the horizon. Money is in minor units of one
currency. Positions are in thousandths of a degree.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from matching.codes import Instrument, ObjectiveCode
from matching.items import Delivery, Item
from matching.record import (
    Amount,
    Count,
    Day,
    Flag,
    Key,
    Level,
    Milliseconds,
    Points,
    Positive,
    Record,
    Week,
    added,
)


class LanguageLevel(StrEnum):
    """How far a party gets in a language: follow a meeting, work in it, lead in it."""

    FOLLOW = "follow"
    WORK = "work"
    LEAD = "lead"


class PartyKind(StrEnum):
    STATE = "state"
    PARTNER = "partner"


class Status(StrEnum):
    MEMBER = "member"
    OBSERVER = "observer"
    PARTNER = "partner"


class Stage(StrEnum):
    PREPARING = "preparing"
    FOUNDATIONAL = "foundational"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class RelationKind(StrEnum):
    RULE_OUT = "rule_out"
    PIN = "pin"
    PREFERENCE = "preference"
    CONTINUE = "continue"


class WorstOff(StrEnum):
    """How far the worst-off objective goes."""

    LEXIMIN = "leximin"
    MINIMUM = "minimum"
    OFF = "off"


class Horizon(Record):
    """Weeks the plan is about. ``closed`` and ``avoid`` are week numbers from 0."""

    first_monday: Day = "2027-01-04"
    weeks: Positive = 52
    closed: tuple[Week, ...] = ()
    avoid: tuple[Week, ...] = ()


class LanguageSkill(Record):
    language: Key
    level: LanguageLevel = LanguageLevel.WORK


class Position(Record):
    """Thousandths of a degree."""

    latitude: Annotated[int, Strict(), Field(ge=-90_000, le=90_000)]
    longitude: Annotated[int, Strict(), Field(ge=-180_000, le=180_000)]


class Load(Record):
    """Most engagements at once and in total; none stated means no limit of its own."""

    at_once: Count | None = None
    total: Count | None = None


class Party(Record):
    """A State or a Partner, as far as pairing and scheduling need to know it."""

    key: Key
    kind: PartyKind = PartyKind.STATE
    status: Status = Status.MEMBER
    stage: Stage | None = None
    region: Key | None = None
    sub_region: Key | None = None
    sub_networks: tuple[Key, ...] = ()
    contexts: tuple[Key, ...] = ()
    languages: tuple[LanguageSkill, ...] = ()
    zone: Key | None = None
    position: Position | None = None
    closed_weeks: tuple[Week, ...] = ()
    holidays: tuple[Day, ...] = ()
    as_guest: Load = Load()
    as_host: Load = Load()


class Track(StrEnum):
    ORIENTATION = "orientation"
    FOUNDATIONAL = "foundational"
    THEMATIC = "thematic"
    ADVANCED = "advanced"


class Arrangement(Record):
    """A special arrangement of a delegation (access, interpretation into sign language...)."""

    code: Key
    cost: Amount = 0


class Need(Record):
    """One theme that a party asks for. ``rank`` 1 is the most wanted. Levels are sealed.

    ``track`` is the track of training wanted; none stated means any.
    """

    key: Key
    party: Key
    theme: Key
    rank: Positive
    level_now: Level | None = None
    level_sought: Level | None = None
    instruments: tuple[Instrument, ...] = (Instrument.MENTORSHIP,)
    languages: tuple[Key, ...] = ()
    latest_week: Week | None = None
    online: Flag = True
    persons: Positive = 1
    track: Track | None = added(None)
    arrangements: tuple[Arrangement, ...] = ()


class OfferedTheme(Record):
    """A theme that an offer covers, with its sealed level if the party stated one."""

    theme: Key
    level: Level | None = None


class OfferBase(Record):
    key: Key
    party: Key
    themes: tuple[OfferedTheme, ...]
    languages: tuple[Key, ...] = ()
    weeks: tuple[Week, ...] = ()
    regions: tuple[Key, ...] = ()
    sub_networks: tuple[Key, ...] = ()


class MentorshipOffer(OfferBase):
    """``capacity`` is the number of mentees at once; an empty restriction restricts nothing."""

    instrument: Literal[Instrument.MENTORSHIP] = Instrument.MENTORSHIP
    capacity: Count


class StudyVisitOffer(OfferBase):
    instrument: Literal[Instrument.STUDY_VISIT] = Instrument.STUDY_VISIT
    visits: Count
    delegations_min: Positive = 1
    delegations_max: Positive
    persons_min: Positive = 1
    persons_max: Positive
    themes_max: Positive = 3


class Expert(Record):
    key: Key
    themes: tuple[OfferedTheme, ...]
    languages: tuple[LanguageSkill, ...]
    person_days: Count
    weeks: tuple[Week, ...] = ()
    missions_max: Count = 1


class MissionOffer(OfferBase):
    instrument: Literal[Instrument.MISSION] = Instrument.MISSION
    experts: tuple[Expert, ...]


class TrainingOffer(OfferBase):
    instrument: Literal[Instrument.TRAINING] = Instrument.TRAINING
    track: Track
    delivery: Delivery = Delivery.ONLINE
    seats_min: Positive = 1
    seats_max: Positive
    trainers: tuple[Key, ...] = ()


Offer = Annotated[
    MentorshipOffer | StudyVisitOffer | MissionOffer | TrainingOffer,
    Field(discriminator="instrument"),
]


class Relation(Record):
    """What one party says about another. A pin reads ``party`` asks, ``other`` hosts.

    A rule-out by either side binds both. Without an instrument it holds for all of them.
    """

    kind: RelationKind
    party: Key
    other: Key
    instrument: Instrument | None = None


class Source(Record):
    """A sum of money and what it may be spent on; an empty condition is no condition."""

    key: Key
    amount: Amount
    instruments: tuple[Instrument, ...] = ()
    regions: tuple[Key, ...] = ()
    themes: tuple[Key, ...] = ()
    parties: tuple[Key, ...] = ()


class TravelBand(Record):
    """Cost of a journey of at most so many kilometres, one person."""

    up_to_km: Positive
    cost: Amount


class Interpretation(Record):
    """Interpretation that is budgeted between two languages, with its rate for one day."""

    languages: tuple[Key, Key]
    day_rate: Amount = 0


class Money(Record):
    currency: Annotated[str, Strict(), StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    sources: tuple[Source, ...] = ()
    travel: tuple[TravelBand, ...] = ()
    day_rate: Amount = 0
    interpretation: tuple[Interpretation, ...] = ()


class Weights(Record):
    """Points of fit, out of 100 together. ``rank`` weighs needs by rank, the last one repeats."""

    rank: tuple[Positive, ...] = Field(default=(5, 3, 2, 1), min_length=1)
    theme: Points = 40
    level_step: Points = 10
    language_lead: Points = 15
    language_work: Points = 10
    region: Points = 6
    sub_region: Points = 4
    sub_network: Points = 5
    context: Points = 6
    format_first: Points = 4
    preference: Points = 5
    wish_to_continue: Points = 5
    several_states: Points = added(3)


class Durations(Record):
    """Working days of an engagement that has a week: for costs and experts' person-days."""

    study_visit: Positive = 3
    mission: Positive = 5
    training: Positive = 5


class Pairing(Record):
    """Two parties in one item: ``guest`` asks, ``host`` gives."""

    instrument: Instrument = Instrument.MENTORSHIP
    guest: Key
    host: Key


PAIRING_ORDER = (
    ObjectiveCode.KEEP, ObjectiveCode.OBSERVERS, ObjectiveCode.COVER, ObjectiveCode.WORST_OFF,
    ObjectiveCode.FIT, ObjectiveCode.SPREAD,
)  # fmt: skip
"""What a plan of mentorships alone is judged by, and the default order of every policy.

Changes, cost and weeks to avoid say nothing of pairs: where a policy names them, a plan of
mentorships alone goes without.
"""

JOINT_ORDER = (
    ObjectiveCode.KEEP, ObjectiveCode.CHANGES, ObjectiveCode.OBSERVERS, ObjectiveCode.COVER,
    ObjectiveCode.WORST_OFF, ObjectiveCode.FIT, ObjectiveCode.COST, ObjectiveCode.SPREAD,
    ObjectiveCode.AVOID,
)  # fmt: skip
"""What a plan of several instruments is judged by when the policy leaves the order as it is.

A policy that states another order than ``PAIRING_ORDER`` is taken as it stands.
"""


class Policy(Record):
    """What the coordinator decides for a scenario. An exclusion is the coordinator's own.

    ``zone_spread_hours`` is the most that the clocks of an online course's participants and
    trainers may differ.
    """

    order: tuple[ObjectiveCode, ...] = PAIRING_ORDER
    weights: Weights = Weights()
    observers_first: Flag = True
    worst_off: WorstOff = WorstOff.LEXIMIN
    exclusions: tuple[Pairing, ...] = ()
    durations: Durations = added(Durations())
    zone_spread_hours: Annotated[int, Strict(), Field(ge=0, le=12)] = added(7)
    time_limit_ms: Milliseconds | None = None
    workers: Annotated[int, Strict(), Field(ge=1, le=64)] = 1
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0


class Previous(Record):
    """What an earlier plan left: accepted is fixed, declined never comes again.

    Mentorships may be given as pairings; what has a week, a group or a team is given as
    ``accepted_items`` and ``proposed_items``, each with the places it is about.
    """

    accepted: tuple[Pairing, ...] = ()
    proposed: tuple[Pairing, ...] = ()
    declined: tuple[Pairing, ...] = ()
    accepted_items: tuple[Item, ...] = added(())
    proposed_items: tuple[Item, ...] = added(())


class Wanted(Record):
    mentee: Key
    wanted: Count


class Score(Record):
    mentor: Key
    mentee: Key
    score: Annotated[int, Strict(), Field(ge=0, le=10**9)]


class ScoreMatrix(Record):
    """Scores that replace the computed fit, in ``1 / precision`` of a point.

    A pair without a row is not possible. ``wanted`` defaults to one mentor each.
    """

    precision: Annotated[int, Strict(), Field(ge=1, le=10**6)] = 1
    scores: tuple[Score, ...]
    wanted: tuple[Wanted, ...] = ()


class Instance(Record):
    """Everything that people said for a round, with the policy of one scenario."""

    format: Literal["tandem-instance"] = "tandem-instance"
    version: Literal[1] = 1
    horizon: Horizon = Horizon()
    themes: tuple[Key, ...] = ()
    parties: tuple[Party, ...]
    needs: tuple[Need, ...] = ()
    offers: tuple[Offer, ...] = ()
    relations: tuple[Relation, ...] = ()
    money: Money = Money()
    policy: Policy = Policy()
    previous: Previous = Previous()
    scores: ScoreMatrix | None = None
