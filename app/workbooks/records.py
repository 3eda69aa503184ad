"""A State's present records, as a workbook shows them and as an import is compared with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.membership.models import State
from app.needs import queries as needs
from app.needs.conditions import Conditions as NeedConditions
from app.needs.models import NeedState
from app.offers import queries as offers
from app.offers.conditions import Conditions as OfferConditions
from app.offers.models import OfferState


@dataclass(frozen=True, slots=True)
class NeedRecord:
    """One live need; levels only where the State itself reads."""

    theme: str
    rank: int
    conditions: NeedConditions
    state: NeedState
    level_now: int | None = None
    level_sought: int | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        return self.conditions.languages


@dataclass(frozen=True, slots=True)
class OfferRecord:
    """The live offer; levels only where the State itself reads."""

    conditions: OfferConditions
    state: OfferState
    levels: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Records:
    """What stands now, in the State's own order."""

    needs: list[NeedRecord]
    offer: OfferRecord | None
    # Shows that somebody changed something between a preview and its confirmation.
    fingerprint: str

    @property
    def text_languages(self) -> list[str]:
        """Languages of the texts that people wrote."""
        codes = [need.conditions.success_language for need in self.needs]
        return [*codes, self.offer.conditions.note_language] if self.offer else codes


def records_of_own(state: State) -> Records:
    """Everything of one's own State, drafts and levels included."""
    found = needs.live_of(state.id)
    offer = offers.live_of(state.id)
    versions = [(need.public_id, need.version, need.rank) for need in found]
    if offer:
        versions.append((offer.public_id, offer.version, 0))
    return Records(
        needs=[
            NeedRecord(
                theme=need.theme,
                rank=place,
                conditions=NeedConditions.of(need),
                state=NeedState(need.state),
                level_now=need.level_now,
                level_sought=need.level_sought,
            )
            for place, need in enumerate(found, start=1)
        ],
        offer=OfferRecord(
            conditions=OfferConditions.of(offer),
            state=OfferState(offer.state),
            levels={row.theme: row.level for row in offer.themes},
        )
        if offer
        else None,
        fingerprint=_fingerprint(versions),
    )


def records_for_coordinator(state: State) -> Records:
    """What a coordinator may know: submitted or waiting, without levels, drafts unseen."""
    found = needs.for_coordinator(state)
    offer = offers.for_coordinator(state)
    shown = [(need, NeedConditions.shown_to_coordinator(need)) for need in found]
    marks = [(need.theme, conditions.fingerprint(), 0) for need, conditions in shown]
    offered = OfferConditions.shown_to_coordinator(offer) if offer else None
    if offered:
        marks.append(("offer", offered.fingerprint(), 0))
    return Records(
        needs=[
            NeedRecord(
                theme=need.theme,
                rank=place,
                conditions=conditions,
                state=NeedState(need.state),
            )
            for place, (need, conditions) in enumerate(shown, start=1)
        ],
        offer=OfferRecord(conditions=offered, state=OfferState(offer.state))
        if offer and offered
        else None,
        fingerprint=_fingerprint(marks),
    )


def _fingerprint(marks: Sequence[tuple[object, ...]]) -> str:
    return hashlib.sha256(json.dumps(marks).encode()).hexdigest()[:16]
