"""Pages of plans."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.accounts import access
from app.accounts.models import STATE_ROLES

bp = Blueprint("plans", __name__)


@bp.get("/proposals")
@access.roles(*STATE_ROLES)
def proposals() -> str:
    return render_template("stub.html")
