"""Reading people, invitations and the trail, for those who may."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import abort
from flask_sqlalchemy.pagination import Pagination
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from app.accounts.models import STATE_ROLES, Invitation, Role, RoleGrant, User
from app.audit.actions import SYSTEM
from app.audit.models import AuditEntry, AuditState
from app.audit.tags import Tag
from app.extensions import db
from app.membership.models import State
from app.paging import page_of_query

PER_PAGE = 30


def people(*, text: str = "", role: str = "") -> Select[User]:
    """Everybody with an account, for administrators."""
    chosen = select(User).order_by(func.lower(User.name), User.id)
    if text.strip():
        wanted = f"%{_literal(text.strip().lower())}%"
        chosen = chosen.where(
            or_(
                func.lower(User.name).like(wanted, escape="\\"),
                User.email.like(wanted, escape="\\"),
            )
        )
    if role:
        chosen = chosen.where(User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role == role)))
    return chosen


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def invitations(*, state_id: int | None = None) -> list[Invitation]:
    """Invitations that wait; of one State, or all of them."""
    chosen = (
        select(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .options(selectinload(Invitation.invited_by))
        .order_by(Invitation.made_at.desc(), Invitation.id.desc())
    )
    if state_id is not None:
        chosen = chosen.where(Invitation.state_id == state_id)
    return list(db.session.scalars(chosen))


def person(public_id: str) -> User:
    found = db.session.scalars(select(User).where(User.public_id == public_id)).unique().first()
    if found is None:
        abort(404)
    return found


def person_of_state(public_id: str, state_id: int | None) -> User:
    """A person who acts for this State; anybody else is as good as absent."""
    found = person(public_id)
    if state_id is None or found.state_id != state_id or not found.plays(*STATE_ROLES):
        abort(404)
    return found


def invitation(public_id: str, *, state_id: int | None = None) -> Invitation:
    chosen = select(Invitation).where(Invitation.public_id == public_id)
    if state_id is not None:
        chosen = chosen.where(Invitation.state_id == state_id)
    found = db.session.scalars(chosen).first()
    if found is None:
        abort(404)
    return found


def people_of_state(state_id: int) -> list[User]:
    """Those who act for a State now."""
    chosen = select(User).where(
        User.state_id == state_id,
        User.active,
        User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role.in_(STATE_ROLES))),
    )
    order = list(Role)
    found = db.session.scalars(chosen).unique()
    return sorted(found, key=lambda user: (min(map(order.index, user.role_set)), user.name))


def people_of_network(*roles: Role) -> list[User]:
    """Those who work for the Network in these roles."""
    chosen = select(User).where(
        User.active, User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role.in_(roles)))
    )
    return list(db.session.scalars(chosen.order_by(func.lower(User.name), User.id)).unique())


def states_by_id(ids: set[int]) -> dict[int, State]:
    if not ids:
        return {}
    return {row.id: row for row in db.session.scalars(select(State).where(State.id.in_(ids)))}


def all_states() -> list[State]:
    return list(db.session.scalars(select(State)).unique())


def entries_of_state(state_id: int, *, looks_only: bool) -> Select[AuditState]:
    """The entries of the trail about a State, newest first."""
    chosen = (
        select(AuditState)
        .join(AuditState.entry)
        .where(AuditState.state_id == state_id)
        .options(contains_eager(AuditState.entry))
        .order_by(AuditState.number.desc())
    )
    return chosen.where(AuditEntry.tag == Tag.RECORD_LOOKED_AT) if looks_only else chosen


@dataclass(frozen=True, slots=True)
class Seen:
    """That somebody looked at something of a State, the last time they did."""

    actor: str
    what: str
    at: dt.datetime


def seen_of_state(state_id: int) -> list[Seen]:
    """Who has looked at what of a State, and when last."""
    rows = db.session.execute(
        select(AuditEntry.actor, AuditEntry.subject, func.max(AuditEntry.id))
        .join(AuditState)
        .where(AuditState.state_id == state_id, AuditEntry.tag == Tag.RECORD_LOOKED_AT)
        .group_by(AuditEntry.actor, AuditEntry.subject)
        .order_by(func.max(AuditEntry.id).desc())
        .limit(50)
    ).all()
    when = dict(
        db.session.execute(
            select(AuditEntry.id, AuditEntry.at).where(AuditEntry.id.in_([row[2] for row in rows]))
        ).all()
    )
    return [Seen(actor, what, when[entry_id]) for actor, what, entry_id in rows]


def entries(*, tag: str = "") -> Select[AuditEntry]:
    """The whole trail, newest first, for administrators."""
    chosen = (
        select(AuditEntry).options(selectinload(AuditEntry.states)).order_by(AuditEntry.id.desc())
    )
    return chosen.where(AuditEntry.tag == tag) if tag else chosen


def actors(pseudonyms: set[str]) -> dict[str, User]:
    """The people behind pseudonyms, as far as they are still known."""
    chosen = select(User).where(User.pseudonym.in_(pseudonyms - {SYSTEM}))
    return {user.pseudonym: user for user in db.session.scalars(chosen).unique()}


def page(chosen: Select[Any]) -> Pagination:
    """The page of a list that the address asks for."""
    return page_of_query(chosen, per_page=PER_PAGE)
