"""People who sign in, what they may do, and the one-time links that let them in."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, IntPk, PublicId, new_public_id, now


class Role(StrEnum):
    """What a person does on the site. Partner, Committee member and auditor come later."""

    FOCAL_POINT = "focal_point"
    ALTERNATE = "alternate"
    COLLEAGUE = "colleague"
    PROGRAMME_COORDINATOR = "programme_coordinator"
    REGION_COORDINATOR = "region_coordinator"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> Any:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.FOCAL_POINT: _l("Focal point"),
    Role.ALTERNATE: _l("Alternate focal point"),
    Role.COLLEAGUE: _l("Colleague"),
    Role.PROGRAMME_COORDINATOR: _l("Programme coordinator"),
    Role.REGION_COORDINATOR: _l("Region coordinator"),
    Role.ADMINISTRATOR: _l("Administrator"),
}
# Act for a State: hold its records.
STATE_ROLES = frozenset({Role.FOCAL_POINT, Role.ALTERNATE, Role.COLLEAGUE})
# Speak for a State: submit, answer, confirm.
SPEAKING_ROLES = frozenset({Role.FOCAL_POINT, Role.ALTERNATE})
# See confidential data of others, and so need a second factor.
SECOND_FACTOR_ROLES = frozenset(
    {Role.PROGRAMME_COORDINATOR, Role.REGION_COORDINATOR, Role.ADMINISTRATOR}
)


class User(UserMixin, Base):
    """A person with a sign-in. Acts for one State at most."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_canonical"),)

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    # Stands for the person in the audit trail, so that erasing the person keeps the chain.
    pseudonym: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(12), default="en")
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    state_id: Mapped[int | None] = mapped_column(ForeignKey("state.id"), index=True)
    # A regional group, for region coordinators.
    region: Mapped[str | None] = mapped_column(String(32))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_public_id)
    confirmed_at: Mapped[dt.datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    # The last time step whose code was used: no code works twice.
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(JSON))
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    roles: Mapped[list[RoleGrant]] = relationship(  # type: ignore[assignment]
        back_populates="user", cascade="all, delete-orphan", lazy="joined"
    )

    @property
    def role_set(self) -> frozenset[Role]:
        return frozenset(Role(grant.role) for grant in self.roles)

    def plays(self, *roles: Role) -> bool:
        """Whether the person holds one of the roles."""
        return not self.role_set.isdisjoint(roles)


class RoleGrant(RoleMixin, Base):
    """One role of one person."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("user_id", "role"),)

    id: Mapped[IntPk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(String(32))
    granted_at: Mapped[dt.datetime] = mapped_column(default=now)

    user: Mapped[User] = relationship(back_populates="roles")

    @property
    def name(self) -> str:  # type: ignore[override]
        return str(self.role)


class Invitation(Base):
    """That somebody may join, until they do. The person's row is made when they accept.

    An invitation stands by itself, so that inviting an address says nothing about whether
    somebody else's people already sign in with it.
    """

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_canonical"),)

    id: Mapped[IntPk]
    public_id: Mapped[PublicId]
    email: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[list[str]]
    state_id: Mapped[int | None] = mapped_column(ForeignKey("state.id"), index=True)
    region: Mapped[str | None] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(12))
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime]
    accepted_at: Mapped[dt.datetime | None]
    withdrawn_at: Mapped[dt.datetime | None]

    invited_by: Mapped[User | None] = relationship()

    @property
    def role_set(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.roles)

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= now()


class LinkPurpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"
    NEW_EMAIL = "new_email"


LINK_LIFETIME = {
    LinkPurpose.INVITATION: dt.timedelta(days=14),
    LinkPurpose.RESET: dt.timedelta(hours=1),
    LinkPurpose.NEW_EMAIL: dt.timedelta(hours=1),
}


class OneTimeLink(Base):
    """A link that lets one person in once. Only the hash of its token is stored."""

    __tablename__ = "one_time_link"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (invitation_id IS NULL)", name="one_owner"),
    )

    id: Mapped[IntPk]
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[LinkPurpose] = mapped_column(String(16))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # The address that a change of address would put in place.
    new_email: Mapped[str | None] = mapped_column(String(254))
    made_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    void_at: Mapped[dt.datetime | None]

    user: Mapped[User | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()


class EndedSession(Base):
    """A session that was signed out: its cookie, should somebody have kept it, opens nothing."""

    __tablename__ = "ended_session"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    ended_at: Mapped[dt.datetime] = mapped_column(default=now, index=True)
