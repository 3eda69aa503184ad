"""The pages of accounts, put together."""

from __future__ import annotations

from flask import Flask

from app.accounts import account_views, sign_in_views
from app.accounts.blueprint import bp
from app.accounts.commands import people_commands
from app.accounts.setup import init_security

__all__ = ["account_views", "bp", "init_app", "sign_in_views"]


def init_app(app: Flask) -> None:
    init_security(app)
    app.register_blueprint(bp)
    app.cli.add_command(people_commands)
