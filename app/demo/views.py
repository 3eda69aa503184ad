"""Stepping into roles, and the outbox: in a demonstration only."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("demo", __name__, url_prefix="/demo")
