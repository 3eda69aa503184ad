"""Pages of oversight."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.accounts import access
from app.accounts.models import STATE_ROLES

bp = Blueprint("oversight", __name__)


@bp.get("/record")
@access.roles(*STATE_ROLES)
def record() -> str:
    return render_template("stub.html")


@bp.get("/trail")
@access.roles(*STATE_ROLES)
def trail() -> str:
    return render_template("stub.html")
