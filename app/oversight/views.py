"""What a State is told about itself, and the audit trail for administrators."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app.accounts import access
from app.accounts.models import STATE_ROLES, Role
from app.audit.tags import Tag
from app.extensions import db
from app.i18n import sorted_for_reader
from app.oversight import checks, people, queries, words

bp = Blueprint("oversight", __name__)

__all__ = ["bp", "people"]


@bp.get("/record")
@access.roles(*STATE_ROLES)
def record() -> str:
    """Who may see what of the State, who has, and everything that happened."""
    state_id = current_user.state_id
    if state_id is None:
        abort(404)
    looks_only = request.args.get("show") == "looks"
    pager = queries.page(queries.entries_of_state(state_id, looks_only=looks_only))
    seen = queries.seen_of_state(state_id)
    known = queries.actors({row.entry.actor for row in pager.items} | {look.actor for look in seen})
    return render_template(
        "oversight/record.html",
        own_people=queries.people_of_state(state_id),
        coordinators=queries.people_of_network(Role.PROGRAMME_COORDINATOR),
        seen=[
            (
                words.actor_for_state(look.actor, known, state_id),
                words.looked_at(look.what),
                look.at,
            )
            for look in seen
        ],
        pager=pager,
        entries=[
            (row.number, words.entry_for_state(row.entry, known, state_id)) for row in pager.items
        ],
        looks_only=looks_only,
    )


@bp.get("/trail")
@access.roles(Role.ADMINISTRATOR)
def trail() -> str:
    """The whole trail, and whether it holds."""
    tag = request.args.get("tag", "")
    pager = queries.page(queries.entries(tag=tag))
    known = queries.actors({entry.actor for entry in pager.items})
    concerned = {link.state_id for entry in pager.items for link in entry.states[:5]}
    states = queries.states_by_id(concerned)
    check = checks.last_check()
    return render_template(
        "oversight/trail.html",
        pager=pager,
        entries=[
            {
                "entry": entry,
                "what": words.tag_label(entry.tag),
                "actor": words.actor_for_administrator(entry.actor, known),
                "states": [states[link.state_id].name for link in entry.states[:5]],
                "more": max(len(entry.states) - 5, 0),
            }
            for entry in pager.items
        ],
        tags=sorted_for_reader(Tag, lambda found: str(found.label)),
        chosen=tag,
        check=check,
    )


@bp.post("/trail/check")
@access.roles(Role.ADMINISTRATOR)
def check_trail() -> Response:
    checks.ask_for_check()
    db.session.commit()
    flash(_("The check has begun; its result appears here."), "info")
    return redirect(url_for("oversight.trail"), 303)
