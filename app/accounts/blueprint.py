"""The pages of accounts; those about the people of States are added by ``oversight``."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)
