"""Plan, Result, Certificate and what checks and explanations say. Part of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, Strict, StringConstraints

from matching.codes import Instrument, NoteCode, ObjectiveCode, OutcomeCode
from matching.record import Flag, Key, Milliseconds, Positive, Record, added

Parameters: TypeAlias = Mapping[str, str | int | tuple[str, ...] | tuple[int, ...]]
Whole = Annotated[int, Strict(), Field(ge=-(2**62), le=2**62)]
Text = Annotated[str, Strict(), StringConstraints(max_length=200)]


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
    With several mentors per mentee prices are ``scale`` times as fine as the objective, and
    ``earlier`` weighs each quantity that an earlier step fixed.
    """

    objective: ObjectiveCode
    prices: tuple[Whole, ...] = ()
    below: Whole | None = None
    weights: tuple[tuple[Whole, Whole], ...] = ()
    scale: Annotated[int, Strict(), Field(ge=0, le=2**62)] = added(1)
    earlier: tuple[Annotated[int, Strict(), Field(ge=0, le=2**62)], ...] = added(())


class Plan(Record):
    """The items, the objectives they reach, and the proof that nothing reaches more."""

    format: Literal["tandem-plan"] = "tandem-plan"
    version: Literal[1] = 1
    outcome: OutcomeCode = OutcomeCode.PROVEN
    seed: Annotated[int, Strict(), Field(ge=0, le=2**63 - 1)] = 0
    workers: Positive = 1
    time_limit_ms: Milliseconds | None = None
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
    time_limit_ms: Milliseconds | None = None
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
