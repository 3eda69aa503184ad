"""The second factor: codes of an authenticator app, and recovery codes for when it is lost."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import qrcode  # type: ignore[import-untyped]
from flask import current_app
from flask_security.totp import Totp
from passlib.totp import TotpMatch  # type: ignore[import-untyped]
from qrcode.image.svg import SvgPathImage  # type: ignore[import-untyped]

from app.accounts.models import User
from app.extensions import security

METHOD = "authenticator"
CODES = "second_factor_codes"
# A telephone's clock may be half a minute off.
WINDOW_SECONDS = 30


class Codes(Totp):
    """Time-based codes, each good once only."""

    def get_last_counter(self, user: Any) -> int | None:
        last: int | None = user.tf_last_counter
        return last

    def set_last_counter(self, user: Any, tmatch: TotpMatch) -> None:
        user.tf_last_counter = tmatch.counter


def codes_factory() -> Codes:
    codes: Codes = current_app.extensions[CODES]
    return codes


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: a picture to scan, or a key to type."""

    picture: str
    key: str
    address: str


def new_secret() -> str:
    """A new secret, encrypted: it may travel in the session until it is confirmed."""
    return str(codes_factory().generate_totp_secret())


def enrolment(user: User, secret: str) -> Enrolment:
    address = str(codes_factory().get_totp_uri(user.email, secret))
    picture = qrcode.make(address, image_factory=SvgPathImage, box_size=12, border=4)
    with io.BytesIO() as drawn:
        picture.save(drawn)
        encoded = base64.b64encode(drawn.getvalue()).decode("ascii")
    return Enrolment(
        picture=f"data:image/svg+xml;base64,{encoded}",
        key=str(codes_factory().get_totp_pretty_key(secret)),
        address=address,
    )


def code_matches(user: User, code: str, *, secret: str | None = None) -> bool:
    """Whether the app shows this code now; each code once."""
    secret = secret or user.tf_totp_secret
    digits = "".join(code.split())
    if not secret or not digits.isdecimal():
        return False
    return bool(codes_factory().verify_totp(digits, secret, user=user, window=WINDOW_SECONDS))


def use_recovery_code(user: User, typed: str) -> bool:
    """Whether this is one of the person's recovery codes; it is spent by asking."""
    bare = "".join(ch for ch in typed.lower() if ch.isalnum())
    code = "-".join(bare[i : i + 4] for i in range(0, len(bare), 4))
    util = security.mf_recovery_codes_util
    if not user.mf_recovery_codes or not util.check_recovery_code(user, code):
        return False
    util.delete_recovery_code(user, code)
    return True


def new_recovery_codes(user: User) -> list[str]:
    """Ten fresh codes, to be shown once; earlier ones stop working."""
    codes: list[str] = security.mf_recovery_codes_util.create_recovery_codes(user)
    return codes


def recovery_codes_left(user: User) -> int:
    return len(user.mf_recovery_codes or ())


def switch_on(user: User, secret: str) -> None:
    user.tf_primary_method, user.tf_totp_secret = METHOD, secret


def switch_off(user: User) -> None:
    user.tf_primary_method = user.tf_totp_secret = user.tf_last_counter = None
    user.mf_recovery_codes = None
