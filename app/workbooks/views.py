"""Pages of workbooks."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.accounts import access
from app.accounts.models import STATE_ROLES

bp = Blueprint("workbooks", __name__)


@bp.get("/workbook")
@access.roles(*STATE_ROLES)
def index() -> str:
    return render_template("stub.html")
