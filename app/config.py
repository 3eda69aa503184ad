"""Typed settings, read once from the environment. Production has no default secret."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class Mode(StrEnum):
    """How an installation is used; it decides which conveniences exist at all."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


class ConfigurationError(RuntimeError):
    """The environment lacks something without which the site would be unsafe."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation decides. Secrets never appear in ``repr``."""

    mode: Mode
    database_url: str
    base_url: str
    data_folder: Path
    secret_key: str = field(repr=False)
    password_salt: str = field(repr=False)
    sealing_key: str = field(repr=False)
    signing_key: str = field(repr=False)
    mail_host: str = ""
    mail_port: int = 25
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    mail_tls: bool = True
    mail_sender: str = "tandem@localhost"
    limiter_storage: str = "memory://"
    # Proxies in front of the site, each of which names whom it speaks for; 0: none is believed.
    proxies: int = 0

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def cookies_need_tls(self) -> bool:
        return self.base_url.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read settings; raise :class:`ConfigurationError` naming everything that is missing."""
        mode = _mode(environ.get("TANDEM_MODE", Mode.PRODUCTION))
        data_folder = Path(environ.get("TANDEM_DATA", ROOT / "instance")).resolve()
        host = environ.get("HOST", "127.0.0.1")
        port = environ.get("PORT", "8000")
        required = {
            "SECRET_KEY": environ.get("SECRET_KEY", ""),
            "PASSWORD_SALT": environ.get("PASSWORD_SALT", ""),
            "SEALING_KEY": environ.get("SEALING_KEY", ""),
            "SIGNING_KEY": environ.get("SIGNING_KEY", ""),
        }
        if mode is Mode.DEMO:
            keep_demo_at_home(host, environ)
            required = _demo_secrets(data_folder, required)
        missing = sorted(name for name, value in required.items() if not value)
        base_url = environ.get("BASE_URL", "")
        if not base_url:
            if mode is Mode.PRODUCTION:
                missing.append("BASE_URL")
            base_url = f"http://{in_address(host)}:{port}"
        if mode is Mode.PRODUCTION and not environ.get("MAIL_HOST"):
            # Without it invitations would count as sent and reach nobody.
            missing.append("MAIL_HOST")
        if missing:
            raise ConfigurationError(f"Set these environment variables: {', '.join(missing)}")
        _require_keys(required)
        return cls(
            mode=mode,
            database_url=_portable_url(
                environ.get("DATABASE_URL") or f"sqlite:///{data_folder / 'tandem.sqlite'}"
            ),
            base_url=base_url.rstrip("/"),
            data_folder=data_folder,
            secret_key=required["SECRET_KEY"],
            password_salt=required["PASSWORD_SALT"],
            sealing_key=required["SEALING_KEY"],
            signing_key=required["SIGNING_KEY"],
            # A demonstration writes to people who do not exist: its mail stays in the outbox.
            mail_host="" if mode is Mode.DEMO else environ.get("MAIL_HOST", ""),
            mail_port=_number("MAIL_PORT", environ.get("MAIL_PORT") or "25"),
            mail_user=environ.get("MAIL_USER", ""),
            mail_password=environ.get("MAIL_PASSWORD", ""),
            mail_tls=environ.get("MAIL_TLS", "yes") == "yes",
            mail_sender=environ.get("MAIL_SENDER", "tandem@localhost"),
            limiter_storage=environ.get("LIMITER_STORAGE", "memory://"),
            proxies=_number("PROXIES", environ.get("PROXIES") or "0"),
        )


def _mode(given: str) -> Mode:
    try:
        return Mode(given)
    except ValueError:
        raise ConfigurationError(
            f"TANDEM_MODE is {' or '.join(Mode)}, not {given!r}; without it, production."
        ) from None


def _require_keys(secrets: Mapping[str, str]) -> None:
    """A key cut short on its way here would be noticed at the first plan, or the first level."""
    try:
        Fernet(secrets["SEALING_KEY"])
    except ValueError:
        raise _not_a_key("SEALING_KEY") from None
    try:
        key = serialization.load_pem_private_key(secrets["SIGNING_KEY"].encode(), password=None)
    except ValueError:
        raise _not_a_key("SIGNING_KEY") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key("SIGNING_KEY")


def _not_a_key(name: str) -> ConfigurationError:
    return ConfigurationError(f"{name} is not a whole key. './run secrets' prints a new one.")


def _number(name: str, given: str) -> int:
    if not given.isdecimal():
        raise ConfigurationError(f"{name} is a whole number, such as 1; not {given!r}.")
    return int(given)


def keep_demo_at_home(host: str, environ: Mapping[str, str] = os.environ) -> None:
    """Refuse to open a demonstration to other machines unless somebody said so explicitly."""
    if host not in LOOPBACK and environ.get("TANDEM_DEMO_ANYWHERE") != "yes":
        raise ConfigurationError(
            f"The demonstration lets anyone step into any role, so it does not start on "
            f"{host or 'every address'}. Use HOST=127.0.0.1, or set TANDEM_DEMO_ANYWHERE=yes "
            "if you mean it."
        )


def in_address(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def new_signing_key() -> str:
    """A fresh Ed25519 private key, PEM, to sign certificates with."""
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def fresh_secrets() -> dict[str, str]:
    """New random secrets for one installation, by environment variable name."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PASSWORD_SALT": secrets.token_urlsafe(24),
        "SEALING_KEY": Fernet.generate_key().decode(),
        "SIGNING_KEY": new_signing_key(),
    }


def _demo_secrets(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Secrets of a demonstration, made at its first start and kept beside its database."""
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, str] = {}
    for name, value in fresh_secrets().items():
        path = folder / f"{name.lower()}.secret"
        if given[name]:
            found[name] = given[name]
            continue
        try:
            with open(path, "x", opener=_private_opener, encoding="utf-8") as new_file:
                new_file.write(value)
        except FileExistsError:
            value = path.read_text(encoding="utf-8")
        found[name] = value
    return found


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _portable_url(url: str) -> str:
    """Name the driver that is installed, whatever form of PostgreSQL address was given."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def print_fresh_secrets() -> None:
    """Lines for a shell or an environment file; each secret is made anew at every call."""
    for name, value in fresh_secrets().items():
        print(f"export {name}={shlex.quote(value)}")
