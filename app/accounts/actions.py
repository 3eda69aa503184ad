"""What people do with their own account: join, sign in, recover, change what proves them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import audit, notices
from app.accounts import links, passwords, second_factor
from app.accounts.identifiers import LONGEST_EMAIL, canonical_email, checked_email, clean_name
from app.accounts.models import (
    SECOND_FACTOR_ROLES,
    LinkPurpose,
    RoleGrant,
    User,
)
from app.accounts.rules import is_kept
from app.accounts.sessions import start_session as start_session
from app.audit import Tag
from app.database import new_public_id, now
from app.errors import DomainError
from app.extensions import db
from app.i18n import link
from app.jobs import actions as jobs
from app.notices import Notice

RESET_JOB = "accounts.reset"


class WrongPassword(DomainError):
    status = 422
    message = _l("This is not your present password.")


class WrongCode(DomainError):
    status = 422
    message = _l(
        "This code does not fit. Codes of the app change every 30 seconds and work once; check "
        "that the clock of your device is right. A recovery code works once, too."
    )


class NoSecret(DomainError):
    message = _l("The set-up had been open for too long. Begin it again.")


class SecondFactorNeeded(DomainError):
    message = _l("Your role sees confidential data of others, so the second factor stays on.")


class PersonIsKept(DomainError):
    message = _l(
        "Everybody who tries this demonstration steps into this person, so role, address and "
        "access stay as they are. Invite somebody else, or choose another person, to try it."
    )


class AddressInUse(DomainError):
    message = _l("This address can't be put in place. Ask the administrators.")


def person_with(email: str) -> User | None:
    """The person who signs in with a canonical address."""
    return db.session.scalars(select(User).where(User.email == email)).unique().one_or_none()


def locked(user: User) -> User:
    """The person's row, locked until the end of the transaction and read anew."""
    found = db.session.scalars(
        select(User)
        .where(User.id == user.id)
        .with_for_update(of=User)
        .execution_options(populate_existing=True)
    )
    return found.unique().one()


def note_sign_in(*, by: User, second_factor: bool) -> None:
    audit.record(
        Tag.ACCOUNT_SIGNED_IN,
        by=by,
        states=_states(by),
        subject=by.public_id,
        second_factor=second_factor,
    )


def check_code(*, by: User, typed: str) -> None:
    """Accept a code of the person's app or one of their recovery codes; each works once."""
    person = locked(by)
    if second_factor.code_matches(person, typed):
        return
    if not second_factor.use_recovery_code(person, typed):
        raise WrongCode
    audit.record(
        Tag.ACCOUNT_SECOND_FACTOR_CHANGED,
        by=person,
        states=_states(person),
        subject=person.public_id,
        what="recovery_code",
    )
    left = second_factor.recovery_codes_left(person)
    _tell(person, "accounts_recovery_code_used", left=left)


def accept_invitation(*, token: str, name: str, password: str, language: str, zone: str) -> User:
    """Make the person the invitation is for. Of several at once, one succeeds."""
    invitation = links.invitation_of(links.find_link(token, LinkPurpose.INVITATION))
    name = clean_name(name) or invitation.name
    passwords.check(password, email=invitation.email, name=name)
    links.use_link(token, LinkPurpose.INVITATION)
    if person_with(invitation.email) is not None:
        raise links.LinkIsOver
    person = User(
        email=invitation.email,
        name=name,
        language=language,
        zone=zone,
        state_id=invitation.state_id,
        region=invitation.region,
        confirmed_at=now(),
        roles=[RoleGrant(role=role) for role in sorted(invitation.role_set)],
    )
    passwords.store(person, password)
    db.session.add(person)
    invitation.accepted_at = now()
    try:
        db.session.flush()
    except IntegrityError as error:
        # Two invitations for one address, followed in the same moment.
        raise links.LinkIsOver from error
    audit.record(
        Tag.ACCOUNT_ACTIVATED,
        by=person,
        states=_states(person),
        subject=person.public_id,
        roles=sorted(invitation.roles),
    )
    return person


def ask_reset(*, email: str) -> None:
    """Note that a new password is wanted for an address, whoever's it is."""
    jobs.ask(kind=RESET_JOB, payload={"email": canonical_email(email)[:LONGEST_EMAIL]})


def send_reset(*, email: str) -> None:
    """Mail a link for a new password, if the address is somebody's; done by the worker."""
    person = person_with(email)
    if person is None or not person.active:
        return
    token = links.new_link(purpose=LinkPurpose.RESET, user=person)
    _tell(person, "accounts_reset", url=link("accounts.reset", token=token))


def reset_password(*, token: str, password: str) -> User:
    """Set a new password by a link from the mail; every session and link of before is over."""
    found = links.person_of(links.find_link(token, LinkPurpose.RESET))
    passwords.check(password, email=found.email, name=found.name)
    links.use_link(token, LinkPurpose.RESET)
    person = locked(found)
    if not person.active:
        raise links.LinkIsOver
    _put_password(person, password)
    return person


def change_password(*, by: User, present: str, password: str) -> None:
    """Replace the password, knowing the present one; other sessions end."""
    if not passwords.matches(by, present):
        raise WrongPassword
    passwords.check(password, email=by.email, name=by.name)
    _put_password(locked(by), password)


def _put_password(person: User, password: str) -> None:
    passwords.store(person, password)
    credentials_changed(person)
    audit.record(
        Tag.ACCOUNT_PASSWORD_CHANGED,
        by=person,
        states=_states(person),
        subject=person.public_id,
    )
    _tell(person, "accounts_password_changed")


def credentials_changed(person: User) -> None:
    """After any change of what proves a person: links void, sessions over."""
    links.void_links(user=person)
    person.fs_uniquifier = new_public_id()


def switch_on_second_factor(*, by: User, secret: str | None, code: str) -> list[str]:
    """Confirm the app with one of its codes; returns the recovery codes, to be shown once."""
    if not secret:
        raise NoSecret
    person = locked(by)
    if not second_factor.code_matches(person, code, secret=secret):
        raise WrongCode
    second_factor.switch_on(person, secret)
    codes = second_factor.new_recovery_codes(person)
    _second_factor_changed(person, what="on")
    return codes


def renew_recovery_codes(*, by: User) -> list[str]:
    """Ten new recovery codes in place of the old ones."""
    person = locked(by)
    codes = second_factor.new_recovery_codes(person)
    _second_factor_changed(person, what="codes")
    return codes


def switch_off_second_factor(*, by: User) -> None:
    """Go back to the password alone, where the person's roles allow it."""
    if by.plays(*SECOND_FACTOR_ROLES):
        raise SecondFactorNeeded
    person = locked(by)
    second_factor.switch_off(person)
    _second_factor_changed(person, what="off")


def _second_factor_changed(person: User, *, what: str) -> None:
    credentials_changed(person)
    audit.record(
        Tag.ACCOUNT_SECOND_FACTOR_CHANGED,
        by=person,
        states=_states(person),
        subject=person.public_id,
        what=what,
    )
    _tell(person, "accounts_second_factor_changed", what=what)


def change_settings(*, by: User, name: str, language: str, zone: str) -> None:
    by.name = clean_name(name) or by.name
    by.language, by.zone = language, zone


def ask_new_email(*, by: User, email: str) -> None:
    """Send a link to the new address. Whether somebody already uses it is told to that one only."""
    email = checked_email(email)
    if email == by.email:
        return
    if is_kept(by):
        raise PersonIsKept
    if person_with(email) is not None:
        notices.write(Notice(email, by.language, "accounts_new_email_in_use"))
        return
    token = links.new_link(purpose=LinkPurpose.NEW_EMAIL, user=by, new_email=email)
    url = link("accounts.new_email", token=token)
    notices.write(Notice(email, by.language, "accounts_new_email", {"name": by.name, "url": url}))


def confirm_new_email(*, token: str) -> User:
    """Put the new address in place, now that its owner has followed the link."""
    used = links.use_link(token, LinkPurpose.NEW_EMAIL)
    person = locked(links.person_of(used))
    if not person.active or not used.new_email:
        raise links.LinkIsOver
    if person_with(used.new_email) is not None:
        raise AddressInUse
    old, person.email = person.email, used.new_email
    credentials_changed(person)
    audit.record(
        Tag.ACCOUNT_EMAIL_CHANGED,
        by=person,
        states=_states(person),
        subject=person.public_id,
    )
    notices.write(Notice(old, person.language, "accounts_email_changed", {"name": person.name}))
    return person


def sign_out_everywhere(*, by: User) -> None:
    """End every session of the person, on every device."""
    by.fs_uniquifier = new_public_id()
    audit.record(Tag.ACCOUNT_SESSIONS_ENDED, by=by, states=_states(by), subject=by.public_id)


def _states(person: User) -> list[int]:
    return [person.state_id] if person.state_id else []


def _tell(person: User, template: str, **words: object) -> None:
    notices.write(Notice(person.email, person.language, template, {"name": person.name, **words}))
