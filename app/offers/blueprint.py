"""Pages on offers: those of the State itself, and those of programme coordinators."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("offers", __name__)

Page = str | Response | tuple[str, int]
