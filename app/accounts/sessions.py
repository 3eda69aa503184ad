"""The session of a person who is signed in: begun anew, twelve hours at most, ended for good."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import time

from flask import current_app, g, session
from flask_security.utils import login_user, logout_user
from sqlalchemy import bindparam, delete, exists, select

from app.accounts.models import EndedSession, User
from app.database import now
from app.extensions import db

LONGEST = dt.timedelta(hours=12)
FRESH = dt.timedelta(minutes=15)
# Between the password and the code of the second factor.
TIME_FOR_CODE = dt.timedelta(minutes=10)

KEY = "key"
STARTED = "fs_paa"
CONFIRMED = "confirmed"
AWAITING = "awaiting"


def start_session(user: User) -> None:
    """Sign the person in: a new session that keeps nothing of the one before but the language."""
    _clear()
    session.permanent = True
    session[KEY] = secrets.token_hex(16)
    login_user(user, remember=False)


def end_session() -> None:
    """Sign out here; a copy of the cookie opens nothing from now on."""
    key = session.get(KEY)
    if key:
        # Older ones have run out by themselves.
        db.session.execute(delete(EndedSession).where(EndedSession.ended_at < now() - LONGEST))
        db.session.merge(EndedSession(key_hash=_hash(key)))
    logout_user()
    _clear()


def continue_session(user: User) -> None:
    """Go on here after a change of credentials has ended every session; no longer than before."""
    kept = {name: session[name] for name in (STARTED, CONFIRMED) if name in session}
    start_session(user)
    session.update(kept)


def _clear() -> None:
    """Forget everything but the language, the token of the forms included."""
    language = session.get("lang")
    session.clear()
    g.pop("csrf_token", None)
    if language:
        session["lang"] = language


# Built once, since every page asks.
_HOLDER = select(User).where(
    User.fs_uniquifier == bindparam("uniquifier"),
    User.active,
    ~exists().where(EndedSession.key_hash == bindparam("key_hash")),
)


def load_user(uniquifier: str) -> User | None:
    """Whoever the session belongs to, if it still holds; asked anew at every request."""
    if not 0 <= time.time() - float(session.get(STARTED, 0)) < LONGEST.total_seconds():
        return None
    key = session.get(KEY)
    given = {"uniquifier": str(uniquifier), "key_hash": _hash(key) if key else ""}
    return db.session.scalars(_HOLDER, given).unique().one_or_none()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def is_fresh() -> bool:
    """Whether the person has proved lately who they are. In a demonstration nobody has to."""
    proved = float(session.get(CONFIRMED) or session.get(STARTED, 0))
    return current_app.config["DEMO_MODE"] or time.time() - proved < FRESH.total_seconds()


def mark_fresh() -> None:
    session[CONFIRMED] = time.time()


def await_code(user: User) -> None:
    """The password was right; what is missing is the code of the second factor."""
    _clear()
    session[AWAITING] = [user.public_id, _stamp(user), time.time()]


def awaiting_code() -> User | None:
    """Whoever gave the right password a moment ago and owes a code."""
    public_id, stamp, since = session.get(AWAITING) or ("", "", 0.0)
    if not 0 <= time.time() - since < TIME_FOR_CODE.total_seconds():
        return None
    user = (
        db.session.scalars(select(User).where(User.public_id == public_id)).unique().one_or_none()
    )
    if user is None or not user.active or _stamp(user) != stamp:
        return None
    return user


def awaiting_id() -> str:
    return str((session.get(AWAITING) or [""])[0])


def _stamp(user: User) -> str:
    """Changes with the person's credentials, and tells nothing about them."""
    return _hash(f"awaiting {user.fs_uniquifier}")[:32]
