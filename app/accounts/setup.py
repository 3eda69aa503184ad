"""Binding the sign-in library to our people, with its open doors shut.

The library hashes passwords, encrypts second-factor secrets and keeps the signed-in session;
the pages, the links and the decisions are ours.
"""

from __future__ import annotations

from flask import Flask
from flask_security.datastore import SQLAlchemyUserDatastore

from app.accounts import sessions
from app.accounts.models import RoleGrant, User
from app.accounts.second_factor import CODES, Codes
from app.config import Settings
from app.extensions import db, security


def init_security(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    app.config.update(
        SECURITY_PASSWORD_SALT=settings.password_salt,
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_DEPRECATED_PASSWORD_SCHEMES=[],
        # OWASP's second recommendation: as strong as the default, in a third of its memory.
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            "argon2__memory_cost": 19_456,
            "argon2__rounds": 2,
            "argon2__parallelism": 1,
        },
        SECURITY_PASSWORD_NORMALIZE_FORM="NFKC",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES=True,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=10,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[settings.sealing_key],
        SECURITY_TOTP_SECRETS={"1": settings.secret_key},
        SECURITY_TOTP_ISSUER="Tandem",
        SECURITY_REGISTERABLE=False,
        SECURITY_RECOVERABLE=False,
        SECURITY_CLI_USERS_NAME=False,
        SECURITY_CLI_ROLES_NAME=False,
    )
    datastore = SQLAlchemyUserDatastore(db, User, RoleGrant)
    security.init_app(app, datastore, register_blueprint=False)
    app.extensions[CODES] = Codes(
        app.config["SECURITY_TOTP_SECRETS"], app.config["SECURITY_TOTP_ISSUER"]
    )
    # Only our own cookie signs anyone in: no token in a header or an address does.
    app.login_manager.request_loader(None)  # type: ignore[attr-defined]
    app.login_manager.user_loader(sessions.load_user)  # type: ignore[attr-defined]
