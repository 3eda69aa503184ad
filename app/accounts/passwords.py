"""Passwords: what is asked of them, storing them, and comparing without telling who exists."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

from flask import current_app
from flask_babel import lazy_gettext as _l
from flask_security.utils import hash_password, verify_and_update_password, verify_password

from app.accounts.models import User
from app.errors import DomainError
from app.extensions import security

SHORTEST = 12
LONGEST = 256
# What such passwords are most often built from; digits and signs around them don't help.
COMMON = frozenset(
    (
        "password",
        "passwort",
        "motdepasse",
        "contrasena",
        "contraseña",
        "senha",
        "parola",
        "пароль",
        "qwerty",
        "azerty",
        "qwertz",
        "letmein",
        "welcome",
        "bienvenue",
        "bienvenido",
        "changeme",
        "administrator",
        "admin",
        "tandem",
        "mentorship",
        "humanrights",
        "iloveyou",
        "football",
        "monkey",
        "dragon",
        "master",
        "sunshine",
        "princess",
        "starwars",
        "superman",
        "qwertyuiop",
        "qwertyuiopasdf",
        "asdfghjkl",
        "zxcvbnm",
        "qazwsx",
        "qazwsxedc",
        "abcdefgh",
        "abcdefghijkl",
        "passwordpassword",
        "welcomewelcome",
        "adminadmin",
        "trustno",
        "secret",
        "mypassword",
        "nmirf",
        "unitednations",
        "geneva",
        "summer",
        "winter",
        "spring",
        "autumn",
    )
)


class WeakPassword(DomainError):
    status = 422


class ShortPassword(WeakPassword):
    message = _l("Use at least %(shortest)s characters. Four or five words you make up are good.")


class LongPassword(WeakPassword):
    message = _l("Use at most %(longest)s characters.")


class GuessablePassword(WeakPassword):
    message = _l(
        "This password would be among the first that somebody tries. Avoid names, repeated or "
        "consecutive signs, and common words with digits after them."
    )


def normalized(password: str) -> str:
    return str(security._password_util.normalize(password))


def check(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is short or easy to guess. There are no rules of composition."""
    password = normalized(password)
    if len(password) < SHORTEST:
        raise ShortPassword(shortest=SHORTEST)
    if len(password) > LONGEST:
        raise LongPassword(longest=LONGEST)
    if _is_guessable(password.casefold(), email, name):
        raise GuessablePassword


def _is_guessable(password: str, email: str, name: str) -> bool:
    letters = "".join(ch for ch in password if ch.isalpha())
    own = {*email.casefold().split("@"), *name.casefold().split()}
    rest = password
    for part in sorted((part for part in own if len(part) > 3), key=len, reverse=True):
        rest = rest.replace(part, "")
    return (
        len(set(password)) < 5
        or letters in COMMON
        or len(rest) < SHORTEST // 2
        or _is_run(password)
    )


def _is_run(password: str) -> bool:
    """Mostly consecutive signs: 123456789012, abcdefabcdef."""
    steps = [ord(b) - ord(a) for a, b in pairwise(password)]
    return sum(step in (0, 1, -1) for step in steps) > len(steps) * 0.7


def store(user: User, password: str) -> None:
    user.password = hash_password(normalized(password))


def matches(user: User | None, password: str) -> bool:
    """Whether this is the person's password.

    Takes the same work for a person who does not exist, has no password or has left: neither
    words nor time tell one from another.
    """
    password = normalized(password[:LONGEST])
    if user is None or not user.password:
        verify_password(password, _nobodys())
        return False
    right = bool(verify_and_update_password(password, user))
    return right and user.active


@lru_cache(maxsize=4)
def _hash_of_nobody(salt: str) -> str:
    return str(hash_password("the password of nobody"))


def _nobodys() -> str:
    return _hash_of_nobody(str(current_app.config["SECURITY_PASSWORD_SALT"]))
