"""Start pages for each person, the language of the interface, and whether the site is ready."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, session
from flask_login import current_user
from sqlalchemy import text
from werkzeug.wrappers import Response

from app.accounts import access
from app.addresses import safe_next
from app.extensions import db, limiter
from app.i18n import COMPLETE_LANGUAGES

bp = Blueprint("home", __name__)


@bp.get("/")
@access.public
def index() -> str:
    return render_template("home/welcome.html")


@bp.get("/healthz")
@access.public
@limiter.exempt
def health() -> Response:
    """Ready to serve: the database answers."""
    db.session.execute(text("SELECT 1"))
    return Response("ok\n", mimetype="text/plain")


@bp.post("/language")
@access.public
def set_language() -> Response:
    """Remember the language a reader chose; for good, if they are signed in."""
    code = request.form.get("language", "")
    if code not in COMPLETE_LANGUAGES:
        abort(404)
    session["lang"] = code
    if current_user.is_authenticated:
        current_user.language = code
        db.session.commit()
    return redirect(safe_next(request.form.get("next")))
