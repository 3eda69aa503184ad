"""From a snapshot to proposals: scenarios, runs, plans, and the answers of the parties."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.database import Base, IntPk, PublicId, Sealed, now
from app.jobs.models import Job
from app.membership.models import State
from app.rounds.models import Round, Snapshot


class Scenario(Base):
    """A snapshot with a policy: what is best, and in which order."""

    __tablename__ = "scenario"

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("snapshot.id"), index=True)
    policy: Mapped[dict[str, Any]]
    made_at: Mapped[dt.datetime] = mapped_column(default=now)

    snapshot: Mapped[Snapshot] = relationship()


class Run(Base):
    """One solve of a scenario. How far it is, the job says."""

    __tablename__ = "run"

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    scenario_id: Mapped[int] = mapped_column(ForeignKey("scenario.id"), index=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), unique=True)
    asked_at: Mapped[dt.datetime] = mapped_column(default=now)
    # What to do with the best plan so far when somebody asks to stop.
    keep_when_stopped: Mapped[bool] = mapped_column(default=True)

    scenario: Mapped[Scenario] = relationship()
    job: Mapped[Job] = relationship()
    plan: Mapped[Plan | None] = relationship(back_populates="run", uselist=False)


class Outcome(StrEnum):
    """How the solving of a plan ended; whatever it was, the plan keeps every rule."""

    PROVEN = "proven"
    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Any:
        return {
            Outcome.PROVEN: _l("Every aim is proven"),
            Outcome.TIME_LIMIT: _l("Stopped at the time limit"),
            Outcome.CANCELLED: _l("Stopped on request"),
        }[self]


class Plan(Base):
    """The result of a run: who with whom, why, what was not possible, and the proof.

    The three documents are kept byte for byte as signed; the rows beside them are for pages.
    """

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("outcome IN ('proven', 'time_limit', 'cancelled')", name="outcome"),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), unique=True)
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
    # Objectives in order: code, value, bound, checked or claimed, conditional on, seconds.
    objectives: Mapped[list[dict[str, Any]]]
    seconds: Mapped[float]
    outcome: Mapped[Outcome] = mapped_column(String(16))
    # The worker's own check of rules and optimality found nothing; otherwise there is no row.
    verified: Mapped[bool]
    problem: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    document: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    certificate: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    # Salt of the Instance's digest in the certificate; for auditors, never shown.
    seal: Mapped[dict[str, Any]] = deferred(mapped_column(Sealed))

    run: Mapped[Run] = relationship(back_populates="plan")
    items: Mapped[list[PlanItem]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", order_by="PlanItem.id"
    )
    unmet: Mapped[list[UnmetNeed]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", order_by="UnmetNeed.id"
    )


class PlanItem(Base):
    """One mentorship of a plan. ``reasons`` are codes with parameters, never sentences."""

    __tablename__ = "plan_item"

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    mentee_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    # Themes of the mentee that the mentorship serves.
    themes: Mapped[list[str]]
    language: Mapped[str] = mapped_column(String(16))
    # Whole points, 0 to 100: how much of the mentee's first three needs is served.
    satisfaction: Mapped[int]
    # Accepted by both in an earlier plan of the round, and so kept.
    kept: Mapped[bool] = mapped_column(default=False)
    reasons: Mapped[list[dict[str, Any]]]

    plan: Mapped[Plan] = relationship(back_populates="items")
    mentor: Mapped[State] = relationship(foreign_keys=[mentor_id])
    mentee: Mapped[State] = relationship(foreign_keys=[mentee_id])


class UnmetNeed(Base):
    """A State that asked and gets nothing in this plan: what stood in the way, what would help."""

    __tablename__ = "unmet_need"

    id: Mapped[IntPk]
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"))
    themes: Mapped[list[str]]
    obstacles: Mapped[list[dict[str, Any]]]
    change: Mapped[dict[str, Any] | None]

    plan: Mapped[Plan] = relationship(back_populates="unmet")
    state: Mapped[State] = relationship()


class ProposalState(StrEnum):
    """OPEN waits for at least one party; silence past the date never counts as refusal."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CALLED_OFF = "called_off"

    @property
    def label(self) -> Any:
        return PROPOSAL_STATE_LABELS[self]

    @property
    def next_states(self) -> frozenset[ProposalState]:
        if self is ProposalState.OPEN:
            return frozenset(ProposalState) - {ProposalState.OPEN}
        return frozenset()


PROPOSAL_STATE_LABELS = {
    ProposalState.OPEN: _l("Waiting for answers"),
    ProposalState.ACCEPTED: _l("Accepted by both"),
    ProposalState.DECLINED: _l("Not taken up"),
    ProposalState.CALLED_OFF: _l("Called off"),
}


class Proposal(Base):
    """One item of a plan, put to its two parties."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'called_off')", name="state"),
        # A pair is put to its parties once at a time.
        Index(
            "uq_proposal_live_pair",
            "round_id",
            "mentor_id",
            "mentee_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'accepted')"),
            postgresql_where=text("state IN ('open', 'accepted')"),
        ),
    )

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    plan_item_id: Mapped[int] = mapped_column(ForeignKey("plan_item.id"), index=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    mentee_id: Mapped[int] = mapped_column(ForeignKey("state.id"), index=True)
    themes: Mapped[list[str]]
    language: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[dict[str, Any]]]
    state: Mapped[ProposalState] = mapped_column(String(16), default=ProposalState.OPEN)
    proposed_at: Mapped[dt.datetime] = mapped_column(default=now)
    answer_by: Mapped[dt.date]
    reminded_at: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column()

    mentor: Mapped[State] = relationship(foreign_keys=[mentor_id])
    mentee: Mapped[State] = relationship(foreign_keys=[mentee_id])
    plan_item: Mapped[PlanItem] = relationship()
    round: Mapped[Round] = relationship()
    responses: Mapped[list[Response]] = relationship(
        back_populates="proposal", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def parties(self) -> tuple[int, int]:
        return self.mentor_id, self.mentee_id

    @property
    def state_label(self) -> Any:
        return ProposalState(self.state).label

    def answer_of(self, state_id: int) -> Answer | None:
        """What one side answered; None is silence, which is never taken for a refusal."""
        for response in self.responses:
            if response.state_id == state_id:
                return Answer(response.answer)
        return None


class Answer(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"

    @property
    def label(self) -> Any:
        return {Answer.ACCEPT: _l("Accepted"), Answer.DECLINE: _l("Declined")}[self]


class Response(Base):
    """A State's answer to a proposal; no reason is asked for or stored."""

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("answer IN ('accept', 'decline')", name="answer"),
        Index("uq_response_proposal_state", "proposal_id", "state_id", unique=True),
    )

    id: Mapped[IntPk]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"))
    state_id: Mapped[int] = mapped_column(ForeignKey("state.id"))
    answer: Mapped[Answer] = mapped_column(String(8))
    at: Mapped[dt.datetime] = mapped_column(default=now)

    proposal: Mapped[Proposal] = relationship(back_populates="responses")
