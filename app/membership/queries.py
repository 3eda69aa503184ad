"""Reading States and the roster, and taking turns when a State's records change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from flask import abort
from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import selectinload

from app.accounts.models import SPEAKING_ROLES, RoleGrant, User
from app.extensions import db
from app.i18n import COMPLETE_LANGUAGES, collation_key, reader_locale, sorted_for_reader
from app.membership.catalogue import group_name
from app.membership.models import NOT_ON_ROSTER, RosterEntry, State, StateLanguage, Status


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where mail to a State goes, and in which language it is read."""

    to: str
    language: str


def own_state(user: User) -> State:
    """The State a person acts for; 404 for whoever acts for none."""
    found = db.session.scalar(_OWN_STATE, {"state_id": user.state_id})
    if found is None:
        abort(404)
    return found


# Statements of frequent pages are built once: building one costs as much as asking it.
_OWN_STATE = select(State).where(State.id == bindparam("state_id"))


def get_state(public_id: str) -> State:
    """Any State, by its public id; its name and place on the roster are no secret."""
    found = db.session.scalar(
        select(State).where(State.public_id == public_id).options(selectinload(State.languages))
    )
    if found is None:
        abort(404)
    return found


def take_turn(state_id: int) -> None:
    """Wait until nobody else changes this State's records, to the end of the transaction.

    SQLite lets one writer in at a time anyway; PostgreSQL holds the State's row.
    """
    db.session.execute(select(State.id).where(State.id == state_id).with_for_update())


class StateName(NamedTuple):
    """A State as far as a list of others speaks of it: its name in the reader's language."""

    id: int
    name: str
    regional_group: str | None

    @property
    def group_label(self) -> str:
        return group_name(self.regional_group)


class StateLine(NamedTuple):
    """A State as long lists show it, with its name in the reader's language."""

    id: int
    public_id: str
    name: str
    regional_group: str | None
    status: str | None
    mailbox: str | None

    @property
    def group_label(self) -> str:
        return group_name(self.regional_group)

    @property
    def status_label(self) -> Any:
        return Status(self.status).label if self.status else NOT_ON_ROSTER


def state_names(state_ids: Iterable[int]) -> dict[int, StateName]:
    """The names of some States, by their ids."""
    chosen = _names_in(reader_locale().language)
    rows = db.session.execute(chosen, {"ids": list(state_ids)}).all()
    return {row[0]: StateName._make(row) for row in rows}


@cache
def _names_in(language: str) -> Select[*tuple[Any, ...]]:
    chosen = select(_STATE.id, _name_in(language), _STATE.regional_group)
    return chosen.where(_STATE.id.in_(bindparam("ids", expanding=True)))


@cache
def _lines_in(language: str) -> Select[*tuple[Any, ...]]:
    return select(
        _STATE.id,
        _STATE.public_id,
        _name_in(language),
        _STATE.regional_group,
        _ENTRY.status,
        _ENTRY.mailbox,
    ).select_from(State.__table__.outerjoin(RosterEntry.__table__))


# Lines are values and no objects of the session: columns of tables come in half the time.
_STATE, _ENTRY = State.__table__.c, RosterEntry.__table__.c


def _name_in(language: str) -> ColumnElement[str]:
    own = func.nullif(_STATE.names[language].as_string(), "")
    return func.coalesce(own, _STATE.names["en"].as_string())


def state_lines(*, text: str = "", group: str = "", status: str = "") -> list[StateLine]:
    """States by group, status ("none": not on the roster, "any": on it) and part of the name.

    In the order of the reader's language.
    """
    chosen = _lines_in(reader_locale().language)
    if group:
        chosen = chosen.where(_STATE.regional_group == group)
    if status == "none":
        chosen = chosen.where(_ENTRY.id.is_(None))
    elif status == "any":
        chosen = chosen.where(_ENTRY.id.is_not(None))
    elif status:
        chosen = chosen.where(_ENTRY.status == status)
    lines = [StateLine._make(row) for row in db.session.execute(chosen).all()]
    if text.strip():
        key = collation_key()
        wanted = key(text.strip())[0]
        lines = [line for line in lines if wanted in key(line.name)[0]]
    return sorted_for_reader(lines, lambda line: line.name)


def entries_of(state_ids: Iterable[int]) -> dict[int, RosterEntry]:
    """The entries on the roster of some States, by the State's id."""
    rows = db.session.scalars(select(RosterEntry).where(RosterEntry.state_id.in_(list(state_ids))))
    return {row.state_id: row for row in rows}


def on_roster(state_ids: Iterable[int] | None = None) -> list[State]:
    """Members and Observers, all or some of them, in the order of the reader's language."""
    chosen = select(State).join(State.roster_entry)
    if state_ids is not None:
        chosen = chosen.where(State.id.in_(list(state_ids)))
    return sorted_for_reader(db.session.scalars(chosen).unique(), lambda state: state.name)


def declared_languages(state_ids: Iterable[int]) -> dict[int, list[StateLanguage]]:
    """The languages of several States, in one statement."""
    found: dict[int, list[StateLanguage]] = {state_id: [] for state_id in state_ids}
    rows = select(StateLanguage).where(StateLanguage.state_id.in_(found))
    for row in db.session.scalars(rows.order_by(StateLanguage.code)):
        found[row.state_id].append(row)
    return found


def states_with_speakers() -> set[int]:
    """States with somebody who can sign in and speak for them."""
    return {state_id for state_id in db.session.scalars(_SPOKEN_FOR).all() if state_id is not None}


_USER, _GRANT = User.__table__.c, RoleGrant.__table__.c
_SPOKEN_FOR = (
    select(_USER.state_id)
    .join(RoleGrant.__table__, _GRANT.user_id == _USER.id)
    .where(_USER.active, _GRANT.role.in_(SPEAKING_ROLES), _USER.state_id.is_not(None))
)


def speakers(state_ids: Iterable[int]) -> dict[int, list[User]]:
    """Focal points and alternates who can sign in, for each State."""
    found: dict[int, list[User]] = {state_id: [] for state_id in state_ids}
    rows = (
        select(User)
        .where(
            User.state_id.in_(found),
            User.active,
            User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role.in_(SPEAKING_ROLES))),
        )
        .order_by(User.id)
    )
    for user in db.session.scalars(rows).unique():
        if user.state_id is not None:
            found[user.state_id].append(user)
    return found


def addressees(states: Iterable[State]) -> dict[int, list[Addressee]]:
    """Who gets mail meant for a State: those who speak for it, and its function mailbox."""
    chosen = {state.id: state for state in states}
    people = speakers(chosen)
    languages = declared_languages(chosen)
    found: dict[int, list[Addressee]] = {}
    for state_id, state in chosen.items():
        where = {user.email: user.language for user in people[state_id]}
        mailbox = state.roster_entry.mailbox if state.roster_entry else None
        if mailbox and mailbox.lower() not in where:
            read = [row.code for row in languages[state_id] if row.code in COMPLETE_LANGUAGES]
            where[mailbox] = read[0] if read else "en"
        found[state_id] = [Addressee(to, language) for to, language in where.items()]
    return found
