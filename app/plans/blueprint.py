"""The blueprint that the pages of plans and of proposals share."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("plans", __name__)
