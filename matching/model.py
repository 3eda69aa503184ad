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

from dataclasses import dataclass, field
from enum import IntFlag
from typing import Annotated, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, Strict

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
    JOINT_ORDER,
    PAIRING_ORDER,
    Expert,
    Horizon,
    Instance,
    Interpretation,
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
    Previous,
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
from matching.items import Delivery, Item, Payment, Place
from matching.outcome import (
    Certificate,
    Clash,
    Code,
    Explanation,
    Fault,
    Objective,
    ObjectiveReport,
    Parameters,
    Plan,
    PlanItem,
    ProofStep,
    Reason,
    Report,
    Result,
    Seal,
    Sense,
    Timing,
    Unmet,
    Violation,
)
from matching.record import Count, Flag, Key, Positive, Record

__all__ = [
    "JOINT_ORDER",
    "PAIRING_ORDER",
    "TOP_NEEDS",
    "Asked",
    "Certificate",
    "ChangeCode",
    "Clash",
    "ClashCode",
    "Code",
    "Column",
    "Delivery",
    "Expert",
    "Explanation",
    "Fault",
    "Flag",
    "Horizon",
    "Instance",
    "Instrument",
    "Interpretation",
    "Item",
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
    "Payment",
    "Place",
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
Cell = Annotated[int, Strict(), Field(ge=-1, le=2**62)]


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
