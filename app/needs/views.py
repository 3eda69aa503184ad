"""Pages of needs."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.accounts import access
from app.accounts.models import STATE_ROLES

bp = Blueprint("needs", __name__)


@bp.get("/needs")
@access.roles(*STATE_ROLES)
def index() -> str:
    return render_template("stub.html")
