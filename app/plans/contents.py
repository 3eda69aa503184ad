"""What of a plan never changes: read once, and kept for the pages that follow.

Neither a plan nor the snapshot it was made from is ever changed, so there is nothing here that
could turn stale. States and proposals do change; they are read anew for every page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import func, select

from app.extensions import db
from app.plans.models import Plan, PlanItem, Run, Scenario, UnmetNeed
from app.rounds.models import Snapshot, SnapshotKind, SnapshotParty

# Plans that a coordinator has open at a time; each takes some hundred kilobytes.
KEPT = 4


class Facts(NamedTuple):
    """What a plan says of itself, and of the snapshot it was made from."""

    id: int
    public_id: str
    made_at: dt.datetime
    seconds: float
    outcome: str
    objectives: list[dict[str, Any]]
    snapshot_id: int
    kind: SnapshotKind
    taken_at: dt.datetime
    round_id: int

    @property
    def is_trial(self) -> bool:
        return self.kind == SnapshotKind.TRIAL


class ItemLine(NamedTuple):
    """A mentorship of a plan, with its reasons in codes."""

    id: int
    public_id: str
    mentor_id: int
    mentee_id: int
    themes: list[str]
    language: str
    satisfaction: int
    kept: bool
    reasons: list[dict[str, Any]]

    @property
    def parties(self) -> tuple[int, int]:
        return self.mentor_id, self.mentee_id


class GapLine(NamedTuple):
    """A State that asked and gets nothing: what stood in the way and would help, in codes."""

    state_id: int
    themes: list[str]
    obstacles: list[dict[str, Any]]
    change: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Contents:
    """Who asked and offered, who is brought together, and who is left; States by their ids."""

    facts: Facts
    # The State that each key of the documents stands for.
    parties: Mapping[str, int]
    items: tuple[ItemLine, ...]
    gaps: tuple[GapLine, ...]
    # Themes that each State asked for, in its own order.
    asked: Mapping[int, tuple[str, ...]]
    # Places of each mentor that the plan could use.
    places: Mapping[int, int]
    # The pairs of the plan that was made before in the same round, if there was one.
    pairs_before: frozenset[tuple[int, int]] | None

    @property
    def states(self) -> list[int]:
        return list(self.parties.values())


@lru_cache(maxsize=KEPT)
def contents_of(public_id: str) -> Contents | None:
    """The contents of a plan by its public id; None where there is no such plan."""
    found = db.session.execute(_MADE_FROM.where(Plan.public_id == public_id)).first()
    if found is None:
        return None
    *stated, policy, offers, needs = found
    facts = Facts._make(stated)
    parties = _parties(facts.snapshot_id)
    return Contents(
        facts=facts,
        parties=parties,
        items=_items(facts.id),
        gaps=_gaps(facts.id),
        asked=_asked(needs, parties),
        places=_places(offers, policy, parties),
        pairs_before=_pairs_before(facts.id, facts.round_id),
    )


_MADE_FROM = (
    select(
        Plan.id,
        Plan.public_id,
        Plan.made_at,
        Plan.seconds,
        Plan.outcome,
        Plan.objectives,
        Snapshot.id,
        Snapshot.kind,
        Snapshot.taken_at,
        Snapshot.round_id,
        Scenario.policy,
        Snapshot.content["offers"],
        Snapshot.content["needs"],
    )
    .join(Plan.run)
    .join(Run.scenario)
    .join(Scenario.snapshot)
)


def _parties(snapshot_id: int) -> dict[str, int]:
    rows = select(SnapshotParty.key, SnapshotParty.state_id).where(
        SnapshotParty.snapshot_id == snapshot_id
    )
    return {row.key: row.state_id for row in db.session.execute(rows.order_by(SnapshotParty.key))}


def _items(plan_id: int) -> tuple[ItemLine, ...]:
    columns = (getattr(PlanItem, name) for name in ItemLine._fields)
    rows = select(*columns).where(PlanItem.plan_id == plan_id).order_by(PlanItem.id)
    return tuple(ItemLine._make(row) for row in db.session.execute(rows))


def _gaps(plan_id: int) -> tuple[GapLine, ...]:
    columns = (getattr(UnmetNeed, name) for name in GapLine._fields)
    rows = select(*columns).where(UnmetNeed.plan_id == plan_id).order_by(UnmetNeed.id)
    return tuple(GapLine._make(row) for row in db.session.execute(rows))


def _asked(needs: list[dict[str, Any]], parties: Mapping[str, int]) -> dict[int, tuple[str, ...]]:
    asked: dict[int, tuple[str, ...]] = {}
    for row in sorted(needs, key=lambda need: int(need["rank"])):
        state_id = parties[row["party"]]
        asked[state_id] = (*asked.get(state_id, ()), row["theme"])
    return asked


def _places(
    offers: list[dict[str, Any]], policy: Mapping[str, Any], parties: Mapping[str, int]
) -> dict[int, int]:
    left_out = set(policy.get("left_out", {}).get("offers", ()))
    places = policy.get("places", {})
    return {
        parties[row["party"]]: places.get(row["party"], row["capacity"])
        for row in offers
        if row["key"] not in left_out
    }


def _pairs_before(plan_id: int, round_id: int) -> frozenset[tuple[int, int]] | None:
    before = (
        select(func.max(Plan.id))
        .join(Plan.run)
        .join(Run.scenario)
        .join(Scenario.snapshot)
        .where(Snapshot.round_id == round_id, Plan.id < plan_id)
    )
    # A plan without a pair comes as one row that holds none.
    rows = (
        select(PlanItem.mentor_id, PlanItem.mentee_id)
        .select_from(Plan)
        .outerjoin(Plan.items)
        .where(Plan.id == before.scalar_subquery())
    )
    found = db.session.execute(rows).all()
    return frozenset((row[0], row[1]) for row in found if row[0]) if found else None
