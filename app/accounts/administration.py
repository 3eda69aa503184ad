"""What administrators, and focal points for their own State, do with the accounts of others."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app import audit, notices
from app.accounts import links, second_factor
from app.accounts.actions import PersonIsKept, credentials_changed, locked, person_with
from app.accounts.identifiers import checked_email, clean_name
from app.accounts.models import (
    LINK_LIFETIME,
    STATE_ROLES,
    Invitation,
    LinkPurpose,
    Role,
    RoleGrant,
    User,
)
from app.accounts.rules import can_end_access, can_invite, is_kept
from app.audit import Tag
from app.database import now
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.i18n import link
from app.notices import Notice


class RolesDoNotFit(DomainError):
    status = 422
    message = _l(
        "Choose one role of a State at most, with the State; and a region for a region coordinator."
    )


class AlreadyInvited(DomainError):
    status = 422
    message = _l("This address has been invited already. Send that invitation again instead.")


class AlreadyHere(DomainError):
    status = 422
    message = _l("Somebody already signs in with this address.")


class LastAdministrator(DomainError):
    message = _l("There must be an administrator. Give this role to somebody else first.")


class NotYourself(DomainError):
    message = _l("This can't be done to your own account. Ask another administrator.")


class InvitationIsOver(DomainError):
    message = _l("This invitation was accepted or withdrawn in the meantime.")


def invite(
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    language: str,
    by: User | None,
    state_id: int | None = None,
    region: str | None = None,
    zone: str = "UTC",
    state_name: str = "",
) -> str:
    """Invite a person by mail; returns the token of the link. ``by=None`` is the command line.

    For an address that somebody already signs in with, a focal point gets the same answer as for
    any other: only the owner of the address is told.
    """
    held = frozenset(roles)
    _check_roles(held, state_id, region)
    if by is not None and not can_invite(by, held, state_id):
        raise NotAllowed
    email = checked_email(email)
    known = person_with(email)
    if known is not None and (by is None or by.plays(Role.ADMINISTRATOR)):
        raise AlreadyHere
    if known is not None and known.state_id == state_id and state_id is not None:
        raise AlreadyHere
    _refuse_second_invitation(email, state_id)
    invitation = Invitation(
        email=email,
        name=clean_name(name),
        roles=sorted(held),
        state_id=state_id if held & STATE_ROLES else None,
        region=region if Role.REGION_COORDINATOR in held else None,
        language=language,
        zone=zone,
        invited_by_id=by.id if by else None,
        expires_at=now() + LINK_LIFETIME[LinkPurpose.INVITATION],
    )
    db.session.add(invitation)
    db.session.flush()
    token = _send(invitation, by=by, state_name=state_name)
    _record(Tag.ACCOUNT_INVITED, invitation, by=by)
    return token


def renew_invitation(*, invitation: Invitation, by: User, state_name: str = "") -> str:
    """Send a new link, good for another fourteen days; the old one stops working."""
    _refuse_if_over(invitation, by)
    invitation.expires_at = now() + LINK_LIFETIME[LinkPurpose.INVITATION]
    token = _send(invitation, by=by, state_name=state_name)
    _record(Tag.INVITATION_RENEWED, invitation, by=by)
    return token


def withdraw_invitation(*, invitation: Invitation, by: User) -> None:
    _refuse_if_over(invitation, by)
    invitation.withdrawn_at = now()
    links.void_links(invitation=invitation)
    _record(Tag.INVITATION_WITHDRAWN, invitation, by=by)


def change_roles(
    *,
    person: User,
    roles: Iterable[Role],
    state_id: int | None,
    region: str | None,
    by: User,
) -> None:
    """Give a person other roles; counts from their next request."""
    held = frozenset(roles)
    _check_roles(held, state_id, region)
    if not by.plays(Role.ADMINISTRATOR):
        raise NotAllowed
    if is_kept(person):
        raise PersonIsKept
    person = locked(person)
    if Role.ADMINISTRATOR not in held:
        _keep_an_administrator(person)
    states = {person.state_id, state_id} - {None}
    before = sorted(person.role_set)
    kept = [grant for grant in person.roles if grant.role in held]
    new = sorted(held - person.role_set)
    person.roles = [*kept, *(RoleGrant(role=role) for role in new)]
    person.state_id = state_id if held & STATE_ROLES else None
    person.region = region if Role.REGION_COORDINATOR in held else None
    audit.record(
        Tag.ACCOUNT_ROLE_CHANGED,
        by=by,
        states=[state for state in states if state is not None],
        subject=person.public_id,
        before=before,
        after=sorted(held),
    )


def end_access(*, person: User, by: User) -> None:
    """Let a person no longer sign in; what they did for their State stays with it."""
    if person.id == by.id:
        raise NotYourself
    if is_kept(person):
        raise PersonIsKept
    if not can_end_access(by, person):
        raise NotAllowed
    person = locked(person)
    _keep_an_administrator(person)
    person.active = False
    credentials_changed(person)
    _record_person(Tag.ACCOUNT_CLOSED, person, by=by)
    _tell(person, "accounts_access_ended")


def give_access_back(*, person: User, by: User) -> None:
    """Let a person sign in again, with the password they had."""
    if not by.plays(Role.ADMINISTRATOR):
        raise NotAllowed
    person = locked(person)
    person.active = True
    credentials_changed(person)
    _record_person(Tag.ACCOUNT_REOPENED, person, by=by)
    _tell(person, "accounts_access_back", url=link("accounts.sign_in"))


def remove_second_factor(*, person: User, by: User) -> None:
    """For somebody who lost both the app and the recovery codes; they set it up anew."""
    if not by.plays(Role.ADMINISTRATOR):
        raise NotAllowed
    if person.id == by.id:
        raise NotYourself
    person = locked(person)
    second_factor.switch_off(person)
    credentials_changed(person)
    _record_person(Tag.ACCOUNT_SECOND_FACTOR_CHANGED, person, by=by, what="removed")
    _tell(person, "accounts_second_factor_changed", what="removed")


def _check_roles(held: frozenset[Role], state_id: int | None, region: str | None) -> None:
    of_a_state = held & STATE_ROLES
    if not held or len(of_a_state) > 1:
        raise RolesDoNotFit
    if of_a_state and state_id is None:
        raise RolesDoNotFit
    if Role.REGION_COORDINATOR in held and not region:
        raise RolesDoNotFit


def _refuse_second_invitation(email: str, state_id: int | None) -> None:
    """One open invitation for an address and a State; what other States do is not told."""
    waiting = select(Invitation.id).where(
        Invitation.email == email,
        Invitation.state_id.is_(None) if state_id is None else Invitation.state_id == state_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
    )
    if db.session.scalars(waiting).first() is not None:
        raise AlreadyInvited


def _refuse_if_over(invitation: Invitation, by: User) -> None:
    if not can_invite(by, invitation.role_set, invitation.state_id):
        raise NotAllowed
    if invitation.accepted_at is not None or invitation.withdrawn_at is not None:
        raise InvitationIsOver


def _send(invitation: Invitation, *, by: User | None, state_name: str) -> str:
    token = links.new_link(purpose=LinkPurpose.INVITATION, invitation=invitation)
    known = person_with(invitation.email) is not None
    notices.write(
        Notice(
            invitation.email,
            invitation.language,
            "accounts_invitation_in_use" if known else "accounts_invitation",
            {
                "name": invitation.name,
                "inviter": by.name if by else "",
                "roles": [role.label for role in sorted(invitation.role_set)],
                "state": state_name,
                "until": invitation.expires_at,
                "url": link("accounts.invitation", token=token),
            },
        )
    )
    return token


def _keep_an_administrator(person: User) -> None:
    if not person.active or not person.plays(Role.ADMINISTRATOR):
        return
    others = (
        select(func.count())
        .select_from(RoleGrant)
        .join(User, RoleGrant.user_id == User.id)
        .where(RoleGrant.role == Role.ADMINISTRATOR, User.active, User.id != person.id)
    )
    if not db.session.scalar(others):
        raise LastAdministrator


def _record(tag: Tag, invitation: Invitation, *, by: User | None) -> None:
    audit.record(
        tag,
        by=by,
        states=[invitation.state_id] if invitation.state_id else [],
        subject=invitation.public_id,
        roles=sorted(invitation.roles),
    )


def _record_person(tag: Tag, person: User, *, by: User, **facts: str) -> None:
    audit.record(
        tag,
        by=by,
        states=[person.state_id] if person.state_id else [],
        subject=person.public_id,
        **facts,
    )


def _tell(person: User, template: str, **words: object) -> None:
    notices.write(Notice(person.email, person.language, template, {"name": person.name, **words}))
