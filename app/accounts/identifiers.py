"""E-mail addresses and names in one canonical form, so that no two that look alike differ."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from app.errors import DomainError

LONGEST_EMAIL = 254
LONGEST_NAME = 200


class FaultyEmail(DomainError):
    status = 422
    message = _l("This is not a complete e-mail address, such as name@ministry.example.")


class LookAlikeEmail(DomainError):
    """An address with a letter that passes for another one, or that can't be seen at all."""

    status = 422
    message = _l(
        "“%(letter)s” in this address is not one of the letters A to Z, though it may look like "
        "one. Type the address with plain letters; a domain in another script is typed in its "
        "form that begins with xn--."
    )


def canonical_email(typed: str) -> str:
    """One spelling for one address: compatible letters folded, small letters, no spaces."""
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(folded.split()).lower()


def checked_email(typed: str) -> str:
    """The canonical address to store; refuses faulty ones and look-alikes."""
    email = canonical_email(typed)
    for letter in email:
        if not letter.isascii():
            raise LookAlikeEmail(letter=letter if letter.isprintable() else "?")
    try:
        validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise FaultyEmail from error
    if len(email) > LONGEST_EMAIL:
        raise FaultyEmail
    return email


def clean_name(typed: str) -> str:
    """A person's name: composed letters, single spaces, no invisible signs that reorder text."""
    composed = unicodedata.normalize("NFC", typed)
    seen = "".join(
        ch for ch in composed if unicodedata.category(ch) not in ("Cc", "Cf") or ch in " \t"
    )
    return " ".join(seen.split())[:LONGEST_NAME]
