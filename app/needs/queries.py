"""Reading needs: a State sees its own, a coordinator what was submitted, without levels."""

from __future__ import annotations

from flask import abort
from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from app.accounts.models import User
from app.extensions import db
from app.membership.models import State
from app.needs.models import LIVE_NEEDS, Need, NeedState

# Whoever reads a need through these meets an error where a level would be.
WITHOUT_LEVELS = (
    defer(Need.level_now, raiseload=True),
    defer(Need.level_sought, raiseload=True),
)


def submitted(state_ids: list[int] | None = None) -> Select[Need]:
    """Submitted needs of States on the roster in each State's own order, levels out of reach.

    The place in a State's list counts, not ``rank``: drafts stand in between.
    """
    chosen = (
        select(Need)
        .join(Need.owner)
        .join(State.roster_entry)
        .where(Need.state == NeedState.SUBMITTED)
        .options(*WITHOUT_LEVELS)
        .order_by(Need.state_id, Need.rank, Need.id)
    )
    return chosen if state_ids is None else chosen.where(Need.state_id.in_(state_ids))


def submitted_by_state() -> dict[int, list[Need]]:
    """Submitted needs under their State's id, States with their languages loaded; no levels."""
    found: dict[int, list[Need]] = {}
    chosen = submitted().options(joinedload(Need.owner).selectinload(State.languages))
    for need in db.session.scalars(chosen).unique():
        found.setdefault(need.state_id, []).append(need)
    return found


def submitted_to_seal() -> dict[int, list[Need]]:
    """The same with levels, for the sealed part of a snapshot and nothing else."""
    found: dict[int, list[Need]] = {}
    chosen = (
        select(Need)
        .join(Need.owner)
        .join(State.roster_entry)
        .where(Need.state == NeedState.SUBMITTED)
        .options(joinedload(Need.owner).selectinload(State.languages))
        .order_by(Need.state_id, Need.rank, Need.id)
    )
    for need in db.session.scalars(chosen.execution_options(populate_existing=True)).unique():
        found.setdefault(need.state_id, []).append(need)
    return found


def live_of(state_id: int) -> list[Need]:
    """A State's own list, drafts included, in its order."""
    return list(db.session.scalars(_LIVE, {"state_id": state_id}))


def all_of(state_id: int) -> list[Need]:
    """Everything a State ever entered: its list in its order, withdrawn ones last."""
    return list(db.session.scalars(_ALL, {"state_id": state_id}))


# Statements of frequent pages are built once: building one costs as much as asking it.
_LIVE = (
    select(Need)
    .where(Need.state_id == bindparam("state_id"), Need.state.in_(LIVE_NEEDS))
    .order_by(Need.rank, Need.id)
)
_ALL = (
    select(Need)
    .where(Need.state_id == bindparam("state_id"))
    .order_by(Need.state == NeedState.WITHDRAWN, Need.rank, Need.changed_at.desc(), Need.id)
)


def own_need(user: User, public_id: str) -> Need:
    """A need of the person's own State; any other is as good as absent."""
    found = db.session.scalar(
        select(Need)
        .where(Need.public_id == public_id, Need.state_id == user.state_id)
        .options(joinedload(Need.owner).selectinload(State.languages))
    )
    if found is None:
        abort(404)
    return found


def live_on(state_id: int, theme: str) -> Need | None:
    """The one live need of a State on a theme, fresh from the database."""
    return db.session.scalar(
        select(Need)
        .where(Need.state_id == state_id, Need.theme == theme, Need.state.in_(LIVE_NEEDS))
        .execution_options(populate_existing=True)
    )


def for_coordinator(state: State) -> list[Need]:
    """What a coordinator may know of a State: submitted needs, and what waits for its word.

    A draft comes only as carrier of the coordinator's own proposal; its content must not be read.
    """
    return list(
        db.session.scalars(
            select(Need)
            .where(
                Need.state_id == state.id,
                or_(
                    Need.state.in_((NeedState.SUBMITTED, NeedState.PROPOSED)),
                    (Need.state == NeedState.DRAFT) & Need.proposed_change.is_not(None),
                ),
            )
            .options(*WITHOUT_LEVELS, selectinload(Need.owner))
            .order_by(Need.rank, Need.id)
        )
    )


def shown_to_coordinator(state: State, public_id: str) -> Need:
    """One need of :func:`for_coordinator`; drafts and withdrawn needs are as good as absent."""
    shown = {need.public_id: need for need in for_coordinator(state)}
    if public_id not in shown:
        abort(404)
    return shown[public_id]


def count_waiting(state_id: int) -> int:
    """How many needs and changes wait for the State's confirmation."""
    waiting = or_(Need.state == NeedState.PROPOSED, Need.proposed_change.is_not(None))
    counted = select(func.count()).where(
        Need.state_id == state_id, Need.state.in_(LIVE_NEEDS), waiting
    )
    return db.session.scalar(counted) or 0
