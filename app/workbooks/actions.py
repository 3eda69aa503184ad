"""Sending a workbook, taking it over into the records, dropping it."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, field

from flask_babel import lazy_gettext as _l

from app import audit, jobs
from app.accounts.models import User
from app.accounts.rules import acts_for_state
from app.audit import Tag
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.membership.actions import require_other_state
from app.membership.models import State
from app.membership.queries import take_turn
from app.needs import actions as needs
from app.needs.models import NeedState
from app.needs.queries import live_on
from app.offers import actions as offers
from app.offers.models import OfferState
from app.offers.queries import live_of
from app.workbooks import queries, rules
from app.workbooks.comparison import Effect, NeedChange, OfferChange, Preview
from app.workbooks.models import Upload, UploadState

JOB_KIND = "workbook.read"
LONGEST_NAME = 200


class AlreadyDecided(DomainError):
    message = _l("This workbook has been taken over or dropped already.")


class RecordsMoved(DomainError):
    """Somebody changed the records after the preview was shown."""

    message = _l("The records have changed since you saw this page. Please look again.")


def send_workbook(
    *, state: State, by: User, data: bytes, file_name: str, on_behalf: bool = False
) -> Upload:
    """Store a file and ask the worker to read it."""
    if on_behalf:
        require_other_state(by, state)
    elif not acts_for_state(by, state.id):
        raise NotAllowed
    upload = Upload(
        state_id=state.id,
        user_id=by.id,
        on_behalf=on_behalf,
        file_name=_plain_name(file_name),
        file=base64.b64encode(data).decode(),
        status=UploadState.READING,
    )
    db.session.add(upload)
    db.session.flush()
    upload.job = jobs.actions.ask(kind=JOB_KIND, payload={"upload_id": upload.id})
    audit.record(
        Tag.WORKBOOK_SENT, by=by, states=[state.id], subject=upload.public_id, on_behalf=on_behalf
    )
    return upload


@dataclass(slots=True)
class Applied:
    """What was done, in numbers, and what could not be submitted and why."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    blocked: int = 0
    submitted: int = 0
    refusals: list[str] = field(default_factory=list)


def apply_upload(*, upload: Upload, by: User, seen: str, submit: bool = False) -> Applied:
    """Take over what the preview showed, whole and at once.

    ``seen`` is the preview's fingerprint of the records. Faulty rows are not in the preview and
    so not taken over. ``submit`` also submits what the workbook holds and does not count yet.
    """
    take_turn(upload.state_id)
    if not rules.can_see(by, upload):
        raise NotAllowed
    if upload.status != UploadState.READ:
        raise AlreadyDecided
    if submit and not rules.can_submit(by, upload):
        raise NotAllowed
    preview = queries.preview_of(upload, by)
    if preview.fingerprint != seen:
        raise RecordsMoved
    done = _in_numbers(preview)
    if upload.on_behalf:
        _propose(upload.state, preview, by)
    else:
        _save(upload.state, preview, by)
        if submit:
            _submit(upload.state, preview, by, done)
    _settle(upload, done, by)
    return done


def settle_if_nothing_is_left(upload: Upload) -> None:
    """A workbook that says what is on record already waits for nobody's decision."""
    preview = queries.preview_of(upload, upload.user)
    leaves_something = (
        upload.faults
        or preview.changes_something
        or preview.reorders
        or preview.count(Effect.BLOCKED)
        or (preview.could_submit and not upload.on_behalf)
    )
    if preview.effects and not leaves_something:
        _settle(upload, _in_numbers(preview), upload.user)


def _in_numbers(preview: Preview) -> Applied:
    return Applied(
        new=preview.count(Effect.NEW),
        changed=preview.count(Effect.CHANGED),
        unchanged=preview.count(Effect.UNCHANGED),
        blocked=preview.count(Effect.BLOCKED),
    )


def _settle(upload: Upload, done: Applied, by: User) -> None:
    upload.status, upload.wanted, upload.faults = UploadState.APPLIED, None, []
    upload.result = asdict(done)
    numbers = {name: value for name, value in asdict(done).items() if name != "refusals"}
    audit.record(
        Tag.WORKBOOK_APPLIED,
        by=by,
        states=[upload.state_id],
        subject=upload.public_id,
        on_behalf=upload.on_behalf,
        **numbers,
    )
    db.session.flush()


def drop_upload(*, upload: Upload, by: User) -> None:
    """Forget what was read; the records stay as they are."""
    if not rules.can_see(by, upload):
        raise NotAllowed
    if upload.status == UploadState.DROPPED:
        return
    if upload.status == UploadState.APPLIED:
        raise AlreadyDecided
    if upload.job:
        jobs.actions.ask_to_cancel(job=upload.job)
    forget(upload)


def forget(upload: Upload) -> None:
    upload.status = UploadState.DROPPED
    upload.file, upload.wanted, upload.faults = None, None, []


def _save(state: State, preview: Preview, by: User) -> None:
    """In the order of the workbook, so that each need lands in its place."""
    for change in preview.needs:
        moves = preview.reorders and change.numbered
        if change.effect in (Effect.NEW, Effect.CHANGED) or (
            moves and change.effect is Effect.UNCHANGED
        ):
            needs.save_need(
                state=state,
                by=by,
                theme=change.theme,
                conditions=change.conditions,
                levels=change.levels,
                rank=change.place if change.numbered else None,
            )
    offer = preview.offer
    if offer and offer.effect in (Effect.NEW, Effect.CHANGED):
        offers.save_offer(state=state, by=by, conditions=offer.conditions, levels=offer.levels)


def _submit(state: State, preview: Preview, by: User, done: Applied) -> None:
    for change in preview.needs:
        need = live_on(state.id, change.theme) if _counts_from_now(change) else None
        if need is None or need.state == NeedState.SUBMITTED:
            continue
        try:
            needs.submit_need(need=need, by=by)
            done.submitted += 1
        except DomainError as refusal:
            done.refusals.append(f"{change.title}: {refusal.words()}")
    offer = live_of(state.id, fresh=True) if _counts_from_now(preview.offer) else None
    if offer is not None and offer.state != OfferState.SUBMITTED:
        try:
            offers.submit_offer(offer=offer, by=by)
            done.submitted += 1
        except DomainError as refusal:
            done.refusals.append(refusal.words())


def _counts_from_now(change: NeedChange | OfferChange | None) -> bool:
    return change is not None and change.effect not in (Effect.STAYS, Effect.BLOCKED)


def _propose(state: State, preview: Preview, by: User) -> None:
    """Without order and levels; the State is told once of all of it, and says yes or no."""
    themes = []
    for change in preview.needs:
        if change.effect in (Effect.NEW, Effect.CHANGED):
            needs.propose_need(
                state=state, by=by, theme=change.theme, conditions=change.conditions, tell=False
            )
            themes.append(change.theme)
    if themes:
        needs.tell_state(state=state, themes=themes)
    offer = preview.offer
    if offer and offer.effect in (Effect.NEW, Effect.CHANGED):
        offers.propose_offer(state=state, by=by, conditions=offer.conditions)


def _plain_name(name: str) -> str:
    """The last part of a file's name, on one line, to be shown and nothing else."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if letter.isprintable())
    return " ".join(kept.split())[:LONGEST_NAME] or "workbook.xlsx"
