"""Start pages for each person, the language of the interface, and whether the site is ready."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    send_file,
    session,
    url_for,
)
from flask_login import current_user
from sqlalchemy import text
from werkzeug.wrappers import Response

from app.accounts import access
from app.accounts.models import STATE_ROLES, Role
from app.addresses import safe_next
from app.config import ROOT
from app.extensions import db, limiter
from app.home import start
from app.i18n import COMPLETE_LANGUAGES, INTERFACE_LANGUAGES

bp = Blueprint("home", __name__)
LANGUAGES_TO_COME = [
    (code, name) for code, name in INTERFACE_LANGUAGES.items() if code not in COMPLETE_LANGUAGES
]


@bp.get("/")
@access.public
def index() -> Response | str:
    """The welcome page for visitors, what waits for them for everyone else."""
    if not current_user.is_authenticated:
        return _welcome()
    if access.lacks_second_factor(current_user):
        return redirect(url_for("accounts.second_factor"))
    user = current_user
    return render_template(
        "home/start.html",
        days_left=start.days_left,
        for_state=start.state_start(user) if _acts_for_state() else None,
        for_coordinator=(
            start.coordinator_start() if user.plays(Role.PROGRAMME_COORDINATOR) else None
        ),
        for_region=start.region_start(user) if user.plays(Role.REGION_COORDINATOR) else None,
        for_administrator=(start.administrator_start() if user.plays(Role.ADMINISTRATOR) else None),
    )


def _acts_for_state() -> bool:
    return current_user.state_id is not None and bool(current_user.plays(*STATE_ROLES))


@bp.get("/about")
@access.public
def about() -> str:
    """The welcome page, also for people who are signed in."""
    return _welcome()


def _welcome() -> str:
    return render_template("home/welcome.html", languages_to_come=LANGUAGES_TO_COME)


@bp.get("/privacy")
@access.public
def privacy() -> str:
    return render_template("home/privacy.html")


@bp.get("/favicon.ico")
@access.public
@limiter.exempt
def favicon() -> Response:
    """For those who ask without having read the page."""
    return send_file(
        ROOT / "static" / "img" / "favicon.svg", mimetype="image/svg+xml", max_age=86400
    )


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
    return redirect(safe_next(request.form.get("next")), 303)
