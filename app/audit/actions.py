"""Adding to the trail, and proving that nothing in it was touched."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

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
    Whoever records waits for others who do; call it when the rest of the change is made.
    """
    head = _locked_head()
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
    if concerned:
        # In one statement, however many States a page concerns.
        db.session.execute(
            insert(AuditState),
            [
                {"entry_id": entry.id, "state_id": one, "number": numbers.get(one, 0) + 1}
                for one in concerned
            ],
        )
    return entry


def _locked_head() -> AuditHead:
    """The end of the chain, held until the end of the transaction: entries have one order."""
    wanted: dict[str, Any] = {"with_for_update": True, "populate_existing": True}
    head = db.session.get(AuditHead, 1, **wanted)
    if head is None:
        # The very first entry: of several that begin the chain at once, one makes its end.
        insert = postgresql_insert if db.engine.dialect.name == "postgresql" else sqlite_insert
        begun = insert(AuditHead).values(id=1, entry_id=0, hash=ORIGIN)
        db.session.execute(begun.on_conflict_do_nothing())
        head = db.session.get_one(AuditHead, 1, **wanted)
    return head


def record_look(*, by: Actor, states: Iterable[int], what: str) -> None:
    """Note that a person saw the records of States: once a day for each person, ``what`` and State.

    Pages are read with GET, which changes nothing in the domain; that somebody looked is noted
    all the same, since the State has a right to know. Call it first thing in a view: it commits
    for itself, before the page begins to read.
    """
    today = dt.datetime.combine(now().date(), dt.time(), dt.UTC)
    asked = {"actor": by.pseudonym, "what": what, "since": today}
    fresh = set(states) - set(db.session.scalars(_SEEN, asked))
    if not fresh:
        return
    # A page begins as a reader; end that and take the write lock from the start.
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})
    record(Tag.RECORD_LOOKED_AT, by=by, states=fresh, subject=what)
    db.session.commit()


# Built once, since every page that shows records asks.
_SEEN = (
    select(AuditState.state_id)
    .join(AuditState.entry)
    .where(
        AuditEntry.tag == Tag.RECORD_LOOKED_AT,
        AuditEntry.actor == bindparam("actor"),
        AuditEntry.subject == bindparam("what"),
        AuditEntry.at >= bindparam("since"),
    )
)


def _numbers(states: list[int]) -> dict[int, int]:
    """The highest running number of each State so far; one statement for any number of States."""
    if not states:
        return {}
    highest = (
        select(AuditState.state_id, func.max(AuditState.number))
        .where(AuditState.state_id.in_(states))
        .group_by(AuditState.state_id)
    )
    return dict(db.session.execute(highest).all())


def _digest(entry: Any, states: list[int]) -> str:
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
    with _unmoving_view() as view:
        return _check(view, anchor)


@contextmanager
def _unmoving_view() -> Iterator[Connection]:
    """A connection that sees one moment of the database, and keeps nobody from writing."""
    options: dict[str, Any] = {"writes": False}
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with db.engine.connect().execution_options(**options) as connection:
        yield connection


def _check(view: Connection, anchor: tuple[int, str] | None) -> Verdict:
    breaks: list[Break] = []
    states_of: dict[int, list[int]] = {}
    links = select(AuditState.entry_id, AuditState.state_id)
    for entry_id, state_id in view.execute(links.order_by(AuditState.state_id)):
        states_of.setdefault(entry_id, []).append(state_id)
    previous, last_id, seen_anchor = ORIGIN, 0, anchor is None
    entries = select(*AuditEntry.__table__.columns).order_by(AuditEntry.id)
    for entry in view.execute(entries, execution_options={"yield_per": 500}):
        if entry.id != last_id + 1:
            breaks.append(Break(last_id + 1, "missing"))
        if entry.previous_hash != previous:
            breaks.append(Break(entry.id, "does not follow the entry before"))
        if entry.hash != _digest(entry, states_of.pop(entry.id, [])):
            breaks.append(Break(entry.id, "changed"))
        seen_anchor = seen_anchor or anchor == (entry.id, entry.hash)
        previous, last_id = entry.hash, entry.id
    breaks.extend(Break(entry_id, "missing, though a State has it") for entry_id in states_of)
    breaks.extend(_disorder(view))
    head = view.execute(select(AuditHead.entry_id, AuditHead.hash)).first()
    if tuple(head or (0, ORIGIN)) != (last_id, previous):
        breaks.append(Break(last_id, "the end of the chain is not where it should be"))
    if not seen_anchor and anchor:
        breaks.append(Break(anchor[0], "the entry kept outside is not in the chain"))
    return Verdict(entries=last_id, head=previous, breaks=tuple(breaks))


def _disorder(view: Connection) -> Iterator[Break]:
    """The numbers of a State run from one without a gap, in the order of the entries."""
    numbered = select(AuditState.state_id, AuditState.number, AuditState.entry_id)
    last_state = last_number = last_entry = 0
    for state_id, number, entry_id in view.execute(
        numbered.order_by(AuditState.state_id, AuditState.number)
    ):
        if state_id != last_state:
            last_number = last_entry = 0
        if number != last_number + 1 or entry_id <= last_entry:
            yield Break(entry_id, "out of order among the entries of a State")
        last_state, last_number, last_entry = state_id, number, entry_id


def anchor_of(verdict: Verdict) -> str:
    """What to keep outside: with it, a later check finds out if the end was cut off."""
    return f"{verdict.entries}:{verdict.head}"


def parse_anchor(text: str) -> tuple[int, str]:
    """The anchor from its NUMBER:HASH; raises ValueError for anything else."""
    number, _, digest = text.strip().partition(":")
    if not number.isdecimal() or len(digest) != len(ORIGIN):
        raise ValueError(f"not an anchor: {text}")
    return int(number), digest.lower()
