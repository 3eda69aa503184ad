"""One-time links: made, looked at with GET, used up by POST, void when credentials change."""

from __future__ import annotations

import hashlib
import secrets

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select, update

from app.accounts.models import LINK_LIFETIME, Invitation, LinkPurpose, OneTimeLink, User
from app.database import now
from app.errors import DomainError
from app.extensions import db


class LinkIsOver(DomainError):
    """Used, expired, void or never made: one answer for all."""

    status = 410
    message = _l(
        "This link can't be used any more: it works once and for a limited time. Ask for a new one."
    )


def new_link(
    *,
    purpose: LinkPurpose,
    user: User | None = None,
    invitation: Invitation | None = None,
    new_email: str | None = None,
) -> str:
    """Make a link and return its token, which is stored nowhere; earlier ones become void."""
    void_links(user=user, invitation=invitation, purpose=purpose)
    token = secrets.token_hex(16)
    db.session.add(
        OneTimeLink(
            user_id=user.id if user else None,
            invitation_id=invitation.id if invitation else None,
            purpose=purpose,
            token_hash=hash_of(token),
            new_email=new_email,
            expires_at=now() + LINK_LIFETIME[purpose],
        )
    )
    db.session.flush()
    return token


def find_link(token: str, purpose: LinkPurpose) -> OneTimeLink:
    """The link of a token, if it still opens anything; changes nothing."""
    link = db.session.scalars(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == hash_of(token), OneTimeLink.purpose == purpose, *_open()
        )
    ).one_or_none()
    if link is None:
        raise LinkIsOver
    return link


def use_link(token: str, purpose: LinkPurpose) -> OneTimeLink:
    """Use the link up: of several at the same moment, one succeeds."""
    used = db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.token_hash == hash_of(token), OneTimeLink.purpose == purpose, *_open())
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise LinkIsOver
    return db.session.scalars(
        select(OneTimeLink)
        .where(OneTimeLink.token_hash == hash_of(token))
        .execution_options(populate_existing=True)
    ).one()


def void_links(
    *,
    user: User | None = None,
    invitation: Invitation | None = None,
    purpose: LinkPurpose | None = None,
) -> None:
    """Make open links useless: credentials have changed, or a newer link replaces them."""
    owners = []
    if user is not None:
        owners.append(OneTimeLink.user_id == user.id)
    if invitation is not None:
        owners.append(OneTimeLink.invitation_id == invitation.id)
    voided = update(OneTimeLink).where(
        or_(*owners), OneTimeLink.used_at.is_(None), OneTimeLink.void_at.is_(None)
    )
    if purpose is not None:
        voided = voided.where(OneTimeLink.purpose == purpose)
    db.session.execute(voided.values(void_at=now()).execution_options(synchronize_session=False))


def person_of(link: OneTimeLink) -> User:
    """Whoever the link belongs to."""
    if link.user is None:
        raise LinkIsOver
    return link.user


def invitation_of(link: OneTimeLink) -> Invitation:
    if link.invitation is None:
        raise LinkIsOver
    return link.invitation


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _open() -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.used_at.is_(None),
        OneTimeLink.void_at.is_(None),
        OneTimeLink.expires_at > now(),
    )
