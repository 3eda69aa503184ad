"""Pages of membership."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.accounts import access
from app.accounts.models import Role

bp = Blueprint("membership", __name__)


@bp.get("/roster")
@access.roles(Role.PROGRAMME_COORDINATOR, Role.ADMINISTRATOR)
def roster() -> str:
    return render_template("stub.html")
