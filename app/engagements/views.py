"""Pages of mentorships, for the people of their two States."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

# Importing the actions registers what follows an agreement.
from app.accounts import access
from app.accounts.models import STATE_ROLES
from app.engagements import actions, queries
from app.engagements.calendar import calendar_of, call_words
from app.headers import as_download
from app.plans.words import themes_listed

bp = Blueprint("engagements", __name__)
__all__ = ["actions", "bp"]


@bp.get("/mentorships")
@access.roles(*STATE_ROLES)
def index() -> str:
    return render_template(
        "engagements/index.html",
        engagements=queries.own_engagements(current_user),
        own_id=current_user.state_id,
        themes_listed=themes_listed,
    )


@bp.get("/mentorships/<engagement_id>")
@access.roles(*STATE_ROLES)
def show(engagement_id: str) -> str:
    engagement = queries.own_engagement(current_user, engagement_id)
    own, other = _sides(queries.contacts(engagement))
    return render_template(
        "engagements/show.html",
        engagement=engagement,
        own=own,
        other=other,
        as_mentor=own.state.id == engagement.mentor_id,
        first_steps=_first_steps(),
        call_words=call_words,
        themes_listed=themes_listed,
    )


def _first_steps() -> list[dict[str, str]]:
    labels = (
        gettext("Both States accepted"),
        gettext("Write to each other and confirm the first call"),
        gettext("In the first call, agree on what you want to reach"),
        gettext("Agree on how often you speak, and for how long"),
    )
    standing = ("done", "current", "todo", "todo")
    return [{"label": label, "state": state} for label, state in zip(labels, standing, strict=True)]


def _sides(contacts: list[queries.Contact]) -> tuple[queries.Contact, queries.Contact]:
    own = next(found for found in contacts if found.state.id == current_user.state_id)
    other = next(found for found in contacts if found is not own)
    return own, other


@bp.get("/mentorships/<engagement_id>/first-call.ics")
@access.roles(*STATE_ROLES)
def ics(engagement_id: str) -> Response:
    engagement = queries.own_engagement(current_user, engagement_id)
    answer = make_response(calendar_of(engagement))
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8; method=PUBLISH"
    return as_download(answer, file_name="first-call.ics")
