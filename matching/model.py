"""Frozen types of the engine: Instance, Problem, Plan, Result and what they are made of.

The Instance is sealed. The Problem is what solvers, explanations and checks see: what is possible
and how well it fits, in whole numbers. It has no levels, no rule-outs and nothing about a pair
that is not possible.

Scales
------
Satisfaction and fit are whole points from 0 to 100; with an explicit score matrix both are the
score in ``1 / precision`` of a point, at most 10**9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, Strict, StringConstraints

from matching.codes import (
    ChangeCode,
    ClashCode,
    Instrument,
    NoteCode,
    ObjectiveCode,
    ObstacleCode,
    OutcomeCode,
    ReasonCode,
    ViolationCode,
)
from matching.instance import (
    Count,
    Flag,
    Horizon,
    Instance,
    Interpretation,
    Key,
    LanguageLevel,
    LanguageSkill,
    Load,
    MentorshipOffer,
    MissionOffer,
    Money,
    Need,
    Offer,
    OfferedTheme,
    Pairing,
    Party,
    PartyKind,
    Policy,
    Positive,
    Previous,
    Record,
    Relation,
    RelationKind,
    ScoreMatrix,
    Stage,
    Status,
    StudyVisitOffer,
    TrainingOffer,
    Weights,
    WorstOff,
)

__all__ = [
    "TOP_NEEDS",
    "Asked",
    "Certificate",
    "ChangeCode",
    "Clash",
    "ClashCode",
    "Code",
    "Column",
    "Explanation",
    "Fault",
    "Flag",
    "Horizon",
    "Instance",
    "Instrument",
    "Interpretation",
    "LanguageLevel",
    "LanguageSkill",
    "Load",
    "Mark",
    "Mentee",
    "Mentor",
    "MentorshipOffer",
    "MissionOffer",
    "Money",
    "Need",
    "NoteCode",
    "Objective",
    "ObjectiveCode",
    "ObjectiveReport",
    "ObstacleCode",
    "Offer",
    "OfferedTheme",
    "OutcomeCode",
    "PairTable",
    "Pairing",
    "Parameters",
    "Party",
    "PartyKind",
    "Plan",
    "PlanItem",
    "Policy",
    "Previous",
    "Problem",
    "ProblemDocument",
    "ProofStep",
    "Reason",
    "ReasonCode",
    "Relation",
    "RelationKind",
    "Report",
    "Result",
    "ScoreMatrix",
    "Seal",
    "Sense",
    "Stage",
    "Status",
    "StudyVisitOffer",
    "Timing",
    "TrainingOffer",
    "Unmet",
    "Violation",
    "ViolationCode",
    "Weights",
    "WorstOff",
]  # fmt: skip

TOP_NEEDS = 3
"""Satisfaction looks at the first three needs of a State."""

Column: TypeAlias = NDArray[np.int64]
Parameters: TypeAlias = Mapping[str, str | int | tuple[str, ...] | tuple[int, ...]]
Whole = Annotated[int, Strict(), Field(ge=-(2**62), le=2**62)]
Cell = Annotated[int, Strict(), Field(ge=-1, le=2**62)]
Text = Annotated[str, Strict(), StringConstraints(max_length=200)]


class Mark(IntFlag):
    """What speaks for a possible pair, apart from themes, sub-network and context."""

    SAME_REGION = 1
    SAME_SUB_REGION = 2
    LEADING_LANGUAGE = 4
    INTERPRETATION = 8
    PREFERRED_FORMAT = 16
    PREFERENCE = 32
    WISH_TO_CONTINUE = 64


class Asked(Record):
    """A theme a mentee asks for and the weight of its rank."""

    theme: Key
    weight: Positive


class Mentee(Record):
    """A party that asks for mentorship, its needs in its own order."""

    key: Key
    observer: Flag = False
    wanted: Count = 1
    asked: tuple[Asked, ...] = ()


class Mentor(Record):
    """A party that offers mentorship: places and themes."""

    key: Key
    capacity: Count
    themes: tuple[Key, ...] = ()


@dataclass(frozen=True, eq=False)
class PairTable:
    """Possible pairs as columns of equal length, sorted by mentee, then mentor.

    Parameters
    ----------
    mentee, mentor
        Positions in ``Problem.mentees`` and ``Problem.mentors``.
    satisfaction, fit
        Whole points 0 to 100, or the score.
    themes
        Bit ``t`` set: theme ``t`` of ``Problem.themes`` is asked and offered.
    language
        Position in ``Problem.languages`` of the best common language, or -1.
    network
        Position in ``Problem.networks`` of a common sub-network, or -1.
    contexts
        Bit ``c`` set: both have context ``c`` of ``Problem.contexts``.
    marks
        Bits of :class:`Mark`.
    """

    mentee: Column
    mentor: Column
    satisfaction: Column
    fit: Column
    themes: Column
    language: Column
    network: Column
    contexts: Column
    marks: Column

    def __post_init__(self) -> None:
        size = len(self.mentee)
        for name, column in self.columns().items():
            if column.dtype != np.int64 or column.shape != (size,):
                raise ValueError(f"column {name} must be int64 of length {size}")
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(self.mentee)

    def columns(self) -> dict[str, Column]:
        """Every column by name, in the order of the class."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def plain(cls, mentee: Column, mentor: Column, satisfaction: Column, fit: Column) -> PairTable:
        """Pairs that carry numbers but no reasons (an explicit score matrix)."""
        nothing = np.zeros(len(mentee), np.int64)
        return cls(
            mentee, mentor, satisfaction, fit, nothing, nothing - 1, nothing - 1,
            nothing.copy(), nothing.copy(),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Problem:
    """What is possible and how well it fits. Tables for scale, canonical JSON through ``io``.

    ``precision`` is 0 when fit was computed and the number of units in a point when the caller
    gave scores. The sections for visits, missions and cohorts will stand beside ``pairs``.
    """

    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    pairs: PairTable
    themes: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    pins: tuple[Pairing, ...] = ()
    policy: Policy = field(default_factory=Policy)
    previous: Previous = field(default_factory=Previous)
    horizon: Horizon = field(default_factory=Horizon)
    precision: int = 0

    @property
    def excluded(self) -> tuple[Pairing, ...]:
        """Mentorships that the coordinator excluded."""
        return _mentorships(self.policy.exclusions)

    @property
    def accepted(self) -> tuple[Pairing, ...]:
        """Mentorships that both sides accepted before."""
        return _mentorships(self.previous.accepted)

    @property
    def proposed(self) -> tuple[Pairing, ...]:
        """Mentorships that an earlier plan proposed and no one has answered."""
        return _mentorships(self.previous.proposed)

    @property
    def declined(self) -> tuple[Pairing, ...]:
        """Mentorships that a side declined before."""
        return _mentorships(self.previous.declined)

    def mentee_index(self) -> dict[str, int]:
        return {row.key: place for place, row in enumerate(self.mentees)}

    def mentor_index(self) -> dict[str, int]:
        return {row.key: place for place, row in enumerate(self.mentors)}


def _mentorships(pairings: tuple[Pairing, ...]) -> tuple[Pairing, ...]:
    return tuple(p for p in pairings if p.instrument is Instrument.MENTORSHIP)


class PairColumns(Record):
    """The pair table in JSON: columns of equal length; see :class:`PairTable`."""

    mentee: tuple[Cell, ...]
    mentor: tuple[Cell, ...]
    satisfaction: tuple[Cell, ...]
    fit: tuple[Cell, ...]
    themes: tuple[Cell, ...]
    language: tuple[Cell, ...]
    network: tuple[Cell, ...]
    contexts: tuple[Cell, ...]
    marks: tuple[Cell, ...]


class ProblemDocument(Record):
    """The JSON form of a Problem."""

    format: Literal["tandem-problem"] = "tandem-problem"
    version: Literal[1] = 1
    horizon: Horizon = Horizon()
    themes: tuple[Key, ...] = Field(default=(), max_length=62)
    languages: tuple[Key, ...] = ()
    networks: tuple[Key, ...] = ()
    contexts: tuple[Key, ...] = Field(default=(), max_length=62)
    precision: Count = 0
    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    pairs: PairColumns
    pins: tuple[Pairing, ...] = ()
    policy: Policy = Policy()
    previous: Previous = Previous()


class PlanItem(Record):
    """One proposal: ``guest`` is the mentee, ``host`` the mentor."""

    instrument: Instrument = Instrument.MENTORSHIP
    guest: Key
    host: Key
    themes: tuple[Key, ...] = ()
    satisfaction: Whole
    fit: Whole


class Sense(StrEnum):
    MAX = "max"
    MIN = "min"


class Objective(Record):
    """One objective of a plan, in its own unit.

    ``bound`` is what no plan can pass, given the objectives named by ``conditional_on``.
    ``proven`` is the solver's claim; only a check makes it more. ``levels`` (worst-off only)
    lists every satisfaction level with the number of States at it, lowest first.
    """

    code: ObjectiveCode
    sense: Sense
    value: Whole
    bound: Whole
    gap: Whole
    proven: Flag
    conditional_on: tuple[ObjectiveCode, ...] = ()
    on: Flag = True
    note: NoteCode | None = None
    levels: tuple[tuple[Whole, Whole], ...] = ()


class ProofStep(Record):
    """A price for a place with each mentor, in the order of ``Problem.mentors``.

    ``below`` closes every pair under that satisfaction; ``weights`` lists satisfaction levels
    with their weight in the cost of this step. Both belong to the worst-off objective.
    """

    objective: ObjectiveCode
    prices: tuple[Whole, ...] = ()
    below: Whole | None = None
    weights: tuple[tuple[Whole, Whole], ...] = ()


class Plan(Record):
    """The items, the objectives they reach, and the proof that nothing reaches more."""

    format: Literal["tandem-plan"] = "tandem-plan"
    version: Literal[1] = 1
    outcome: OutcomeCode = OutcomeCode.PROVEN
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0
    workers: Positive = 1
    time_limit_ms: Count | None = None
    versions: dict[str, Text] = Field(default_factory=dict)
    items: tuple[PlanItem, ...]
    objectives: tuple[Objective, ...]
    proof: tuple[ProofStep, ...] = ()


Hex = Annotated[str, Strict(), StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Certificate(Record):
    """What binds a plan to its Problem and, sealed, to its Instance.

    Digests are HMAC-SHA-256 over canonical JSON. The salts of Problem and Plan are here: whoever
    holds these can read them anyway; the salt of the Instance is in the :class:`Seal` alone.
    """

    format: Literal["tandem-certificate"] = "tandem-certificate"
    version: Literal[1] = 1
    problem_digest: Hex
    problem_salt: Hex
    plan_digest: Hex
    plan_salt: Hex
    instance_digest: Hex | None = None
    outcome: OutcomeCode
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)]
    workers: Positive
    time_limit_ms: Count | None = None
    versions: dict[str, Text]
    objectives: tuple[Objective, ...]
    public_key: Hex | None = None
    signature: Annotated[str, Strict(), StringConstraints(pattern=r"^[0-9a-f]{128}$")] | None = None


class Seal(Record):
    """The salt of the Instance's digest: kept with the sealed Instance, for auditors."""

    format: Literal["tandem-seal"] = "tandem-seal"
    version: Literal[1] = 1
    instance_salt: Hex


@dataclass(frozen=True)
class Code:
    """A code and its parameters."""

    code: StrEnum
    parameters: Parameters = field(default_factory=dict)


class Reason(Code):
    """Why a pair fits (``ReasonCode``)."""


class Violation(Code):
    """What a check found wrong (``ViolationCode``)."""


class Clash(Code):
    """One rule of a smallest contradictory set (``ClashCode``)."""


@dataclass(frozen=True)
class Explanation:
    """The reasons of one item."""

    item: PlanItem
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Unmet:
    """A State that asked and got nothing, what stood in the way and what would change it.

    ``change`` is the first entry of the menu after which the State is served in every optimum,
    None when no entry does it. ``losers`` are States that would then be less satisfied.
    """

    guest: str
    obstacle: Code
    change: Code | None = None
    losers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Timing:
    """Microseconds spent on an objective and the number of flows it took."""

    objective: ObjectiveCode
    microseconds: int
    flows: int


@dataclass(frozen=True)
class Result:
    """What a solve gives back. Without a plan, ``clash`` is a smallest set of rules in conflict."""

    outcome: OutcomeCode
    plan: Plan | None
    clash: tuple[Clash, ...] = ()
    timings: tuple[Timing, ...] = ()


@dataclass(frozen=True)
class Fault:
    """One fault of an input, with the path to it and, where one is near, a suggestion."""

    path: str
    message: str
    suggestion: str | None = None


@dataclass(frozen=True)
class ObjectiveReport:
    """What the check found for one objective; ``checked`` False means the bound is a claim."""

    code: ObjectiveCode
    value: int
    bound: int
    checked: bool
    conditional_on: tuple[ObjectiveCode, ...] = ()
    levels: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Report:
    """Outcome of a check: rules looked at, violations found, objectives recomputed."""

    rules: tuple[str, ...]
    violations: tuple[Violation, ...]
    objectives: tuple[ObjectiveReport, ...]

    @property
    def good(self) -> bool:
        """No violation was found."""
        return not self.violations
