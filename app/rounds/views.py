"""Pages of rounds."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.accounts import access
from app.accounts.models import Role

bp = Blueprint("rounds", __name__)


@bp.get("/rounds")
@access.roles(Role.PROGRAMME_COORDINATOR)
def index() -> str:
    return render_template("stub.html")
