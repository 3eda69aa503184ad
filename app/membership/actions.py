"""Changing the roster and what a State says of itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app import audit
from app.accounts.models import User
from app.audit import Tag
from app.database import now
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.membership import rules
from app.membership.models import LanguageLevel, RosterEntry, State, StateLanguage, Status


class NotOnRoster(DomainError):
    message = _l(
        "Only States on the Network's roster submit. What you wrote can be kept as a draft until "
        "your State's letter has been entered."
    )


class OwnState(NotAllowed):
    message = _l(
        "Nobody acts on the records of the State he or she belongs to. Please ask another "
        "coordinator."
    )


def require_roster(state: State) -> None:
    """Refuse to let a State that is not on the roster submit."""
    if not rules.may_submit(state):
        raise NotOnRoster


def require_other_state(user: User, state: State) -> None:
    """Refuse a coordinator who belongs to the State."""
    if not rules.can_act_on(user, state.id):
        raise OwnState if user.state_id == state.id else NotAllowed


def enter_on_roster(
    *, state: State, by: User, status: Status, since: dt.date, letter: str, mailbox: str = ""
) -> RosterEntry:
    """Enter a State by its letter, or change its entry."""
    if not rules.can_keep_roster(by, state.id):
        raise OwnState if by.state_id == state.id else NotAllowed
    values: dict[str, Any] = {
        "status": status,
        "since": since,
        "letter": letter.strip(),
        "mailbox": mailbox.strip() or None,
    }
    entry = state.roster_entry
    if entry is None:
        entry = state.roster_entry = RosterEntry(**values)
        db.session.flush()
        audit.record(
            Tag.ROSTER_ENTERED,
            by=by,
            states=[state.id],
            subject=state.public_id,
            status=str(status),
            since=since.isoformat(),
        )
        return entry
    changed = _assign(entry, values)
    if changed:
        db.session.flush()
        audit.record(
            Tag.ROSTER_CHANGED,
            by=by,
            states=[state.id],
            subject=state.public_id,
            fields=changed,
            status=str(status),
            since=since.isoformat(),
        )
    return entry


def take_off_roster(*, state: State, by: User) -> None:
    """A State left, or was entered by mistake; its records stay, and no longer count in rounds."""
    if not rules.can_keep_roster(by, state.id):
        raise OwnState if by.state_id == state.id else NotAllowed
    if state.roster_entry is None:
        return
    db.session.delete(state.roster_entry)
    state.roster_entry = None
    db.session.flush()
    audit.record(
        Tag.ROSTER_CHANGED, by=by, states=[state.id], subject=state.public_id, status="none"
    )


def describe_state(
    *,
    state: State,
    by: User,
    mechanism_names: Mapping[str, str],
    zone: str,
    languages: Mapping[str, LanguageLevel],
    context: Iterable[str],
    sub_networks: Iterable[str],
    mailbox: str | None = None,
) -> list[str]:
    """Keep what a State says of itself; returns the names of what changed."""
    if not rules.can_change_state(by, state):
        raise NotAllowed
    changed = _assign(
        state,
        {
            "mechanism_names": {
                code: name.strip() for code, name in mechanism_names.items() if name.strip()
            },
            "zone": zone,
            "context": sorted(context),
            "sub_networks": sorted(sub_networks),
        },
    )
    if state.roster_entry is not None and mailbox is not None:
        changed += _assign(state.roster_entry, {"mailbox": mailbox.strip() or None})
    if _declare(state, languages):
        changed.append("languages")
    if not changed:
        return changed
    # The version counts every change, also where another table holds it.
    state.changed_at = now()
    db.session.flush()
    audit.record(
        Tag.LANGUAGES_CHANGED if changed == ["languages"] else Tag.STATE_DESCRIBED,
        by=by,
        states=[state.id],
        subject=state.public_id,
        fields=sorted(changed),
    )
    return changed


def _declare(state: State, languages: Mapping[str, LanguageLevel]) -> bool:
    before = {row.code: row.level for row in state.languages}
    if before == dict(languages):
        return False
    for row in list(state.languages):
        if row.code not in languages:
            state.languages.remove(row)
        else:
            row.level = languages[row.code]
    for code, level in languages.items():
        if code not in before:
            state.languages.append(StateLanguage(code=code, level=level))
    return True


def _assign(row: State | RosterEntry, values: Mapping[str, Any]) -> list[str]:
    """Set what differs, lists compared without order; returns the names of what changed."""
    changed = []
    for name, value in values.items():
        before = getattr(row, name)
        same = sorted(before) == value if isinstance(value, list) else before == value
        if not same:
            setattr(row, name, value)
            changed.append(name)
    return changed
