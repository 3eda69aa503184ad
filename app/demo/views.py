"""Stepping into roles, and the outbox: in a demonstration only."""

from __future__ import annotations

from babel import Locale
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app import audit
from app.accounts import access
from app.accounts.models import User
from app.accounts.sessions import start_session
from app.audit import Tag
from app.demo import queries
from app.demo.personas import Persona, demo_personas, persona_email, state_name
from app.extensions import db
from app.headers import as_download
from app.i18n import base_url, reader_locale
from app.notices import MailState

bp = Blueprint("demo", __name__, url_prefix="/demo")


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
    app.config["KEPT_PEOPLE"] = frozenset(map(persona_email, Persona))
    app.jinja_env.globals.update(
        demo_mode=True, demo_personas=demo_personas, demo_mentee=lambda: state_name(Persona.MENTEE)
    )


@bp.post("/step-in/<persona>")
@access.public
def step_in(persona: str) -> BaseResponse:
    """Become one of four invented people, without a password."""
    if persona not in list(Persona):
        abort(404)
    wanted = select(User).where(User.email == persona_email(Persona(persona)), User.active)
    user = db.session.scalars(wanted).unique().one_or_none()
    if user is None:
        flash(_("This role is not there any more. Start the demonstration over."), "error")
        return redirect(url_for("home.index"), 303)
    # The newcomer goes on reading in her own language, whatever the invented person reads.
    session["lang"] = reader_locale().language
    start_session(user)
    audit.record(
        Tag.ACCOUNT_SIGNED_IN,
        by=user,
        states=[user.state_id] if user.state_id else [],
        subject=user.public_id,
        demonstration=True,
    )
    db.session.commit()
    flash(_("You are now %(name)s, an invented person.", name=user.name), "info")
    return redirect(url_for("home.index"), 303)


@bp.get("/outbox")
@access.public
def outbox() -> str:
    """Every mail the site has written; in a demonstration none leaves it."""
    to = request.args.get("to", "").strip().lower()
    addresses = [(label, persona_email(Persona(key))) for key, label, _now in demo_personas()]
    return render_template(
        "demo/outbox.html", mails=queries.outbox(to=to), to=to, addresses=addresses
    )


@bp.get("/outbox/<public_id>")
@access.public
def mail(public_id: str) -> str:
    found = queries.one_mail(public_id)
    return render_template(
        "demo/mail.html",
        mail=found,
        waiting=found.state == MailState.WAITING,
        pieces=queries.pieces(found.text, base_url=base_url()),
        mail_direction=Locale.parse(found.language, sep="-").text_direction,
    )


@bp.get("/outbox/<public_id>/invitation.ics")
@access.public
def calendar(public_id: str) -> Response:
    found = queries.one_mail(public_id)
    if found.calendar is None:
        abort(404)
    return as_download(
        Response(found.calendar, mimetype="text/calendar"), file_name="invitation.ics"
    )
