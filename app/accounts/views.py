"""Signing in and out, and one's own account."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from app.accounts import access
from app.accounts.models import Role
from app.accounts.setup import init_security

bp = Blueprint("accounts", __name__)


def init_app(app: Flask) -> None:
    init_security(app)
    app.register_blueprint(bp)


@bp.get("/sign-in")
@access.public
def sign_in() -> str:
    return render_template("stub.html")


@bp.post("/sign-out")
@access.signed_in
def sign_out() -> str:
    return render_template("stub.html")


@bp.get("/account")
@access.signed_in
def settings() -> str:
    return render_template("stub.html")


@bp.get("/account/second-factor")
@access.signed_in
def second_factor() -> str:
    return render_template("stub.html")


@bp.get("/people")
@access.roles(Role.ADMINISTRATOR)
def people() -> str:
    return render_template("stub.html")
