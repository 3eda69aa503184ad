"""Pages of mentorships, for the people of their two States."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

# Importing the actions registers what follows an agreement.
from app.accounts import access
from app.accounts.models import SPEAKING_ROLES, STATE_ROLES
from app.engagements import actions, queries, rules
from app.engagements.calendar import calendar_of, call_words
from app.engagements.forms import CallForm
from app.engagements.models import Engagement
from app.errors import DomainError
from app.extensions import db
from app.headers import as_download
from app.plans.words import themes_listed

bp = Blueprint("engagements", __name__)
__all__ = ["actions", "bp"]
Page = str | Response | tuple[str, int]


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
        can_move=rules.can_move_call(current_user, engagement),
    )


@bp.get("/proposals/<proposal_id>/mentorship")
@access.roles(*STATE_ROLES)
def of_proposal(proposal_id: str) -> Response:
    """From a proposal that both accepted to what came of it."""
    found = queries.own_engagement_of(current_user, proposal_id)
    return redirect(url_for(".show", engagement_id=found.public_id), 303)


@bp.route("/mentorships/<engagement_id>/first-call", methods=["GET", "POST"])
@access.roles(*SPEAKING_ROLES)
def move_call(engagement_id: str) -> Page:
    """Another hour for the first call; both sides are told."""
    engagement = queries.own_engagement(current_user, engagement_id)
    as_mentor = current_user.state_id == engagement.mentor_id
    own = engagement.mentor if as_mentor else engagement.mentee
    begins = engagement.call_at(own)
    form = CallForm(
        zone=ZoneInfo(own.zone),
        data={"day": begins.date(), "hour": begins.time(), "seen": engagement.sequence},
    )
    if request.method == "POST" and form.validate():
        try:
            actions.move_call(
                engagement=engagement,
                local=form.local,
                seen=_number(form.seen.data),
                by=current_user,
            )
        except (actions.CallMoved, actions.NoSuchHour) as refusal:
            db.session.rollback()
            return _call_page(queries.own_engagement(current_user, engagement_id), form, refusal)
        db.session.commit()
        flash(gettext("The call is moved, and both States are told."), "success")
        return redirect(url_for(".show", engagement_id=engagement_id), 303)
    return _call_page(engagement, form)


def _call_page(engagement: Engagement, form: CallForm, refusal: DomainError | None = None) -> Page:
    own, other = _sides(queries.contacts(engagement))
    if refusal is not None:
        # What was typed stays; sent again, it takes the place of what stands now.
        form.seen.data = str(engagement.sequence)
        form.seen.raw_data = [form.seen.data]
        form.form_errors.append(refusal.words())
    page = render_template(
        "engagements/move_call.html",
        engagement=engagement,
        form=form,
        own=own,
        other=other,
        call_words=call_words,
    )
    status = 409 if refusal else 422
    return (page, status) if form.errors or form.form_errors else page


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else -1


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
