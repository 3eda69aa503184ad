"""How often somebody may try. Counted by the reader's address and by the account that is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import request
from flask_limiter.util import get_remote_address
from flask_login import current_user

from app.accounts import sessions
from app.accounts.identifiers import canonical_email
from app.extensions import limiter

View = TypeVar("View", bound=Callable[..., Any])


def _typed_account() -> str:
    return "account:" + canonical_email(request.form.get("email", ""))[:254]


def _account_from_here() -> str:
    return f"{get_remote_address()} {_typed_account()}"


def _awaiting() -> str:
    return "code:" + (sessions.awaiting_id() or get_remote_address())


def _signed_in() -> str:
    return f"person:{current_user.get_id() or get_remote_address()}"


def _only_reading() -> bool:
    return request.method != "POST"


def _no_password_sent() -> bool:
    return "password_again" not in request.form


def _limit(
    allowed: str,
    key: Callable[[], str] = get_remote_address,
    unless: Callable[[], bool] = _only_reading,
) -> Callable[[View], View]:
    return cast(Callable[[View], View], limiter.limit(allowed, key_func=key, exempt_when=unless))


def limit_sign_in(view: View) -> View:
    """Whole offices share one address: wide for the address, narrow for the account tried."""
    view = _limit("60 per minute; 600 per hour")(view)
    view = _limit("10 per 10 minutes", _account_from_here)(view)
    return _limit("60 per hour", _typed_account)(view)


def limit_codes(view: View) -> View:
    """So few tries that guessing a code of six digits would take years."""
    return _limit("10 per 10 minutes; 40 per day", _awaiting)(view)


def limit_resets(view: View) -> View:
    view = _limit("30 per hour")(view)
    return _limit("5 per hour", _typed_account)(view)


limit_links = _limit("30 per 10 minutes")
limit_changes = _limit("10 per 10 minutes", _signed_in)
limit_invitations = _limit("60 per hour", _signed_in)
limit_confirming = _limit("10 per 10 minutes", _signed_in, _no_password_sent)
