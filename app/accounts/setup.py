"""Binding the sign-in library to our people, with its open doors shut."""

from __future__ import annotations

from flask import Flask
from flask_security.datastore import SQLAlchemyUserDatastore

from app.accounts.models import RoleGrant, User
from app.config import Settings
from app.extensions import db, security


def init_security(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    app.config.update(
        SECURITY_PASSWORD_SALT=settings.password_salt,
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_TOTP_SECRETS={"1": settings.secret_key},
        SECURITY_TOTP_ISSUER="Tandem",
        SECURITY_REGISTERABLE=False,
        SECURITY_RECOVERABLE=False,
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False},
        SECURITY_PASSWORD_LENGTH_MIN=12,
    )
    datastore = SQLAlchemyUserDatastore(db, User, RoleGrant)
    security.init_app(app, datastore, register_blueprint=False)
