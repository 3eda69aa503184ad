"""Reading offers: a State sees its own, a coordinator what was submitted, without levels."""

from __future__ import annotations

from flask import abort
from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import contains_eager, defer, joinedload, selectinload

from app.accounts.models import User
from app.extensions import db
from app.membership.models import State
from app.offers.models import Instrument, Offer, OfferState, OfferTheme

# Whoever reads an offer through this meets an error where a level would be.
THEMES_WITHOUT_LEVELS = selectinload(Offer.themes).options(defer(OfferTheme.level, raiseload=True))


def submitted(state_ids: list[int] | None = None) -> Select[Offer]:
    """Submitted offers of States on the roster, levels out of reach; paused ones included.

    Leave out those with ``paused`` where only what can be used now counts.
    """
    chosen = (
        select(Offer)
        .join(Offer.owner)
        .join(State.roster_entry)
        .where(Offer.state == OfferState.SUBMITTED)
        .options(THEMES_WITHOUT_LEVELS)
        .order_by(Offer.state_id)
    )
    return chosen if state_ids is None else chosen.where(Offer.state_id.in_(state_ids))


def submitted_by_state() -> dict[int, Offer]:
    """Submitted offers by their State's id, States with their languages loaded; no levels."""
    chosen = submitted().options(joinedload(Offer.owner).selectinload(State.languages))
    return {offer.state_id: offer for offer in db.session.scalars(chosen).unique()}


def submitted_to_seal() -> dict[int, Offer]:
    """The same with levels, for the sealed part of a snapshot and nothing else."""
    chosen = (
        select(Offer)
        .join(Offer.owner)
        .join(State.roster_entry)
        .where(Offer.state == OfferState.SUBMITTED)
        .options(selectinload(Offer.themes), joinedload(Offer.owner).selectinload(State.languages))
        .order_by(Offer.state_id)
    )
    rows = db.session.scalars(chosen.execution_options(populate_existing=True)).unique()
    return {offer.state_id: offer for offer in rows}


def live_of(state_id: int, *, fresh: bool = False) -> Offer | None:
    """The State's one live offer of mentorship, draft or not."""
    anew = {"populate_existing": fresh}
    return db.session.scalar(_LIVE, {"state_id": state_id}, execution_options=anew)


def all_of(state_id: int) -> list[Offer]:
    """Every offer a State ever made, the latest change first."""
    return list(db.session.scalars(_ALL, {"state_id": state_id}))


# Statements of frequent pages are built once: building one costs as much as asking it.
_LIVE = (
    select(Offer)
    .where(
        Offer.state_id == bindparam("state_id"),
        Offer.instrument == Instrument.MENTORSHIP,
        Offer.state != OfferState.WITHDRAWN,
    )
    .options(selectinload(Offer.themes))
)
_ALL = (
    select(Offer)
    .where(Offer.state_id == bindparam("state_id"))
    .options(selectinload(Offer.themes))
    .order_by(Offer.changed_at.desc(), Offer.id.desc())
)


def own_offer(user: User, public_id: str) -> Offer:
    """An offer of the person's own State; any other is as good as absent."""
    found = db.session.scalar(
        select(Offer)
        .where(Offer.public_id == public_id, Offer.state_id == user.state_id)
        .options(selectinload(Offer.themes), joinedload(Offer.owner).selectinload(State.languages))
    )
    if found is None:
        abort(404)
    return found


def for_coordinator(state: State) -> Offer | None:
    """What a coordinator may know: a submitted offer, or a proposal that waits.

    A draft comes only as carrier of the coordinator's own proposal; its content must not be read.
    """
    return db.session.scalar(
        select(Offer)
        .join(Offer.owner)
        .where(
            Offer.state_id == state.id,
            or_(
                Offer.state.in_((OfferState.SUBMITTED, OfferState.PROPOSED)),
                (Offer.state == OfferState.DRAFT) & Offer.proposed_change.is_not(None),
            ),
        )
        .options(contains_eager(Offer.owner), THEMES_WITHOUT_LEVELS)
    )
