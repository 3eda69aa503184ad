"""Pages of workbooks: download, send in, see what would change, take it over."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response

from app import audit
from app.accounts import access
from app.accounts.models import STATE_ROLES, Role
from app.accounts.rules import speaks_for_state
from app.extensions import db
from app.headers import as_download
from app.incoming import read_to_its_end
from app.jobs.models import JobState
from app.membership.actions import require_other_state
from app.membership.models import State
from app.membership.queries import get_state, own_state, take_turn
from app.membership.rules import may_submit
from app.workbooks import actions, queries, rules
from app.workbooks.comparison import Effect
from app.workbooks.faults import in_words
from app.workbooks.forms import WorkbookForm
from app.workbooks.layout import MOST_MEGABYTES
from app.workbooks.models import Upload, UploadState
from app.workbooks.records import records_for_coordinator, records_of_own
from app.workbooks.template import write_template

bp = Blueprint("workbooks", __name__)

SENDERS = (*STATE_ROLES, Role.PROGRAMME_COORDINATOR)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOOK = "workbook"
Page = str | Response | tuple[str, int]


@bp.route("/workbook", methods=["GET", "POST"])
@access.roles(*STATE_ROLES)
def index() -> Page:
    state = own_state(current_user)
    form = WorkbookForm()
    if request.method == "POST" and form.validate():
        return _sent(form, state, on_behalf=False)
    return _own_page(form, state)


def _own_page(form: WorkbookForm, state: State, status: int = 422) -> Page:
    page = render_template(
        "workbooks/index.html",
        state=state,
        form=form,
        uploads=queries.recent_of_own(current_user),
        may_submit=may_submit(state),
        can_speak=speaks_for_state(current_user, state.id),
    )
    return (page, status) if form.errors else page


@bp.get("/workbook/template")
@access.roles(*STATE_ROLES)
def template() -> Response:
    state = own_state(current_user)
    return _download(state, write_template(state, records_of_own(state), with_levels=True))


@bp.route("/states/<state_id>/workbook", methods=["GET", "POST"])
@access.roles(Role.PROGRAMME_COORDINATOR)
def for_state(state_id: str) -> Page:
    """A coordinator sends a workbook for a State; nothing of it counts before the State's word."""
    state = get_state(state_id)
    require_other_state(current_user, state)
    form = WorkbookForm()
    if request.method == "POST" and form.validate():
        return _sent(form, state, on_behalf=True)
    return _page_for(form, state)


def _page_for(form: WorkbookForm, state: State, status: int = 422) -> Page:
    page = render_template(
        "workbooks/for_state.html",
        state=state,
        form=form,
        uploads=queries.recent_on_behalf(current_user, state),
    )
    return (page, status) if form.errors else page


@bp.errorhandler(413)
def _too_large(error: RequestEntityTooLarge) -> Page:
    """A file so large that nothing of it was read: the page again, and what to do.

    It is refused before the rule of access was asked, so that is asked here.
    """
    read_to_its_end(request)
    try:
        let_in = access.answer() is None
    except NotFound:
        let_in = False
    if not let_in:
        return render_template("errors/413.html"), 413
    form = WorkbookForm.with_fault(_too_large_words())
    if request.endpoint == "workbooks.for_state":
        return _page_for(form, get_state(str((request.view_args or {})["state_id"])), 413)
    return _own_page(form, own_state(current_user), 413)


def _too_large_words() -> str:
    return str(
        _(
            "This file is too large: it may have %(num)s MB at most. Nothing of it was kept. "
            "Remove pictures and other sheets from it, save it and send it again.",
            num=MOST_MEGABYTES,
        )
    )


@bp.get("/states/<state_id>/workbook/template")
@access.roles(Role.PROGRAMME_COORDINATOR)
def template_for_state(state_id: str) -> Response:
    state = get_state(state_id)
    require_other_state(current_user, state)
    audit.record_look(by=current_user, states=[state.id], what=LOOK)
    state = get_state(state_id)
    return _download(
        state, write_template(state, records_for_coordinator(state), with_levels=False)
    )


@bp.get("/workbook/uploads/<upload_id>")
@access.roles(*SENDERS)
def show(upload_id: str) -> str:
    upload = queries.upload_for(current_user, upload_id)
    if upload.on_behalf and upload.status == UploadState.READ:
        audit.record_look(by=current_user, states=[upload.state_id], what=LOOK)
        upload = queries.upload_for(current_user, upload_id)
    return _upload_page(upload)


@bp.get("/workbook/uploads/<upload_id>/progress")
@access.roles(*SENDERS)
def progress(upload_id: str) -> Response | str:
    """The box that asks again and again while the worker reads; then the page itself."""
    upload = queries.upload_for(current_user, upload_id)
    page = url_for("workbooks.show", upload_id=upload.public_id)
    if "HX-Request" not in request.headers:
        return redirect(page, 303)
    if _is_being_read(upload):
        return render_template("workbooks/progress.html", upload=upload)
    return Response(headers={"HX-Redirect": page})


@bp.post("/workbook/uploads/<upload_id>/apply")
@access.roles(*SENDERS)
def apply(upload_id: str) -> Page:
    take_turn(queries.upload_for(current_user, upload_id).state_id)
    upload = queries.upload_for(current_user, upload_id, lock=True)
    submit = request.form.get("then") == "submit"
    try:
        done = actions.apply_upload(
            upload=upload, by=current_user, seen=request.form.get("seen", ""), submit=submit
        )
    except actions.RecordsMoved as refusal:
        db.session.rollback()
        return _upload_page(queries.upload_for(current_user, upload_id), refusal), 409
    db.session.commit()
    if done.refusals:
        flash(_("The workbook is taken over, but not everything could be submitted."), "warning")
    else:
        flash(_("The workbook is taken over."), "success")
    return redirect(url_for("workbooks.show", upload_id=upload_id), 303)


@bp.post("/workbook/uploads/<upload_id>/drop")
@access.roles(*SENDERS)
def drop(upload_id: str) -> Response:
    upload = queries.upload_for(current_user, upload_id, lock=True)
    state, on_behalf = upload.state.public_id, upload.on_behalf
    actions.drop_upload(upload=upload, by=current_user)
    db.session.commit()
    flash(_("The workbook is dropped. Nothing was changed."), "success")
    if on_behalf:
        return redirect(url_for("workbooks.for_state", state_id=state), 303)
    return redirect(url_for("workbooks.index"), 303)


def _sent(form: WorkbookForm, state: State, *, on_behalf: bool) -> Response:
    upload = actions.send_workbook(
        state=state,
        by=current_user,
        data=form.content,
        file_name=form.file.data.filename or "",
        on_behalf=on_behalf,
    )
    db.session.commit()
    return redirect(url_for("workbooks.show", upload_id=upload.public_id), 303)


def _upload_page(upload: Upload, refusal: actions.RecordsMoved | None = None) -> str:
    ready = upload.status == UploadState.READ
    found = [in_words(one) for one in upload.faults] if ready else []
    return render_template(
        "workbooks/upload.html",
        upload=upload,
        refusal=refusal,
        being_read=_is_being_read(upload),
        preview=queries.preview_of(upload, current_user) if ready else None,
        faults=[one for one in found if not one.is_note],
        notes=[one for one in found if one.is_note],
        effects=Effect,
        can_submit=rules.can_submit(current_user, upload),
    )


def _is_being_read(upload: Upload) -> bool:
    working = upload.job is not None and not JobState(upload.job.state).is_over
    return upload.status == UploadState.READING and working


def _download(state: State, content: bytes) -> Response:
    name = _("Needs and offer of %(state)s", state=state.name)
    answer = send_file(io.BytesIO(content), mimetype=XLSX)
    return as_download(answer, file_name=f"{name}.xlsx")
