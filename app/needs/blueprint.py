"""Pages on needs: those of the State itself, and those of programme coordinators."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

bp = Blueprint("needs", __name__)

Page = str | Response | tuple[str, int]
