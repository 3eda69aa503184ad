"""Adding to the trail, and proving that nothing in it was touched."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import func, select

from app.audit.models import AuditEntry, AuditHead, AuditState
from app.audit.tags import Tag
from app.database import now
from app.extensions import db

SYSTEM = "system"
ORIGIN = "0" * 64


class Actor(Protocol):
    """Whoever acts, known to the trail by pseudonym only."""

    @property
    def pseudonym(self) -> str: ...


def record(
    tag: Tag,
    *,
    by: Actor | None,
    states: Iterable[int] = (),
    subject: str = "",
    **facts: Any,
) -> AuditEntry:
    """Append an entry in the present transaction; ``by=None`` means the system itself.

    ``facts`` must be JSON and hold no token, no rule-out, no level and no assessment answer.
    """
    head = db.session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, entry_id=0, hash=ORIGIN)
        db.session.add(head)
    entry = AuditEntry(
        id=head.entry_id + 1,
        at=now(),
        tag=str(tag),
        actor=by.pseudonym if by else SYSTEM,
        subject=subject,
        facts=facts,
        previous_hash=head.hash,
    )
    concerned = sorted(set(states))
    entry.hash = _digest(entry, concerned)
    head.entry_id, head.hash = entry.id, entry.hash
    db.session.add(entry)
    db.session.flush()
    numbers = _numbers(concerned)
    for state_id in concerned:
        db.session.add(
            AuditState(entry_id=entry.id, state_id=state_id, number=numbers.get(state_id, 0) + 1)
        )
    db.session.flush()
    return entry


def record_look(*, by: Actor, states: Iterable[int], what: str) -> None:
    """Note that a person saw the records of States: once a day for each person, ``what`` and State.

    Pages are read with GET, which changes nothing in the domain; that somebody looked is noted
    all the same, since the State has a right to know. Call it first thing in a view: it commits
    for itself, before the page begins to read.
    """
    today = now().date().isoformat()
    seen = (
        select(AuditState.state_id)
        .join(AuditEntry)
        .where(
            AuditEntry.tag == Tag.RECORD_LOOKED_AT,
            AuditEntry.actor == by.pseudonym,
            AuditEntry.subject == what,
            AuditEntry.at >= dt.datetime.combine(now().date(), dt.time(), dt.UTC),
        )
    )
    fresh = set(states) - set(db.session.scalars(seen))
    if not fresh:
        return
    # A page begins as a reader; end that and take the write lock from the start.
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})
    record(Tag.RECORD_LOOKED_AT, by=by, states=fresh, subject=what, day=today)
    db.session.commit()


def _numbers(states: list[int]) -> dict[int, int]:
    """The highest running number of each State so far; one statement for any number of States."""
    if not states:
        return {}
    highest = (
        select(AuditState.state_id, func.max(AuditState.number))
        .where(AuditState.state_id.in_(states))
        .group_by(AuditState.state_id)
    )
    return {state_id: number for state_id, number in db.session.execute(highest)}


def _digest(entry: AuditEntry, states: list[int]) -> str:
    content = [
        entry.id,
        entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.tag,
        entry.actor,
        entry.subject,
        entry.facts,
        states,
        entry.previous_hash,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold, and why."""

    entry_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole chain found."""

    entries: int
    head: str
    breaks: tuple[Break, ...]

    @property
    def holds(self) -> bool:
        return not self.breaks


def verify_chain(*, anchor: tuple[int, str] | None = None) -> Verdict:
    """Recompute every hash; with an ``anchor`` (entry number, hash kept outside) detect truncation.

    Finds an edited, deleted, inserted or reordered entry, a changed link to a State, and a head
    that is not the last entry.
    """
    breaks: list[Break] = []
    states_of: dict[int, list[int]] = {}
    for entry_id, state_id in db.session.execute(
        select(AuditState.entry_id, AuditState.state_id).order_by(
            AuditState.entry_id, AuditState.state_id
        )
    ):
        states_of.setdefault(entry_id, []).append(state_id)
    expected_id, previous, seen_anchor = 1, ORIGIN, anchor is None
    last_id = 0
    for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).yield_per(500):
        if entry.id != expected_id:
            breaks.append(Break(expected_id, "missing"))
            expected_id = entry.id
        if entry.previous_hash != previous:
            breaks.append(Break(entry.id, "does not follow the entry before"))
        if entry.hash != _digest(entry, states_of.get(entry.id, [])):
            breaks.append(Break(entry.id, "changed"))
        if anchor and anchor == (entry.id, entry.hash):
            seen_anchor = True
        previous, expected_id, last_id = entry.hash, expected_id + 1, entry.id
    head = db.session.get(AuditHead, 1)
    if (head.entry_id, head.hash) != (last_id, previous) if head else last_id != 0:
        breaks.append(Break(last_id, "the end of the chain is not where it should be"))
    if not seen_anchor and anchor:
        breaks.append(Break(anchor[0], "the entry kept outside is not in the chain"))
    return Verdict(entries=last_id, head=previous, breaks=tuple(breaks))
