"""What follows when both sides have accepted: a mentorship with its first steps."""

from __future__ import annotations

import datetime as dt

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app import audit, notices
from app.accounts.models import User
from app.audit.tags import Tag
from app.database import now
from app.engagements import queries, rules
from app.engagements.calendar import calendar_of, call_words
from app.engagements.first_call import at, suggest
from app.engagements.models import Engagement
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.i18n import link
from app.membership import queries as membership
from app.plans.agreement import when_agreed
from app.plans.models import Proposal
from app.plans.words import themes_listed


@when_agreed
def begin(proposal: Proposal, by: User) -> None:
    """Begin the mentorship of a proposal that both sides accepted, and introduce them."""
    agreed_at = now()
    call = suggest(
        agreed=agreed_at, mentor_zone=proposal.mentor.zone, mentee_zone=proposal.mentee.zone
    )
    engagement = Engagement(
        proposal=proposal,
        mentor=proposal.mentor,
        mentee=proposal.mentee,
        themes=list(proposal.themes),
        language=proposal.language,
        agreed_at=agreed_at,
        first_call_local=call.local.isoformat(timespec="minutes"),
        first_call_zone=call.zone,
        sequence=0,
    )
    db.session.add(engagement)
    db.session.flush()
    audit.record(
        Tag.ENGAGEMENT_AGREED,
        by=by,
        states=(engagement.mentor_id, engagement.mentee_id),
        subject=engagement.public_id,
    )
    _introduce(engagement)


class CallMoved(DomainError):
    """Somebody moved the call after the page was shown."""

    message = _l("Somebody has moved the call since you opened this page. Please look again.")


class NoSuchHour(DomainError):
    message = _l("The clocks are changed at this hour. Please choose another one.")


def move_call(*, engagement: Engagement, local: dt.datetime, seen: int, by: User) -> None:
    """Suggest another hour, on the clocks of the person's own State; the same hour changes nothing.

    ``seen`` is the sequence of the suggestion that the person saw.
    """
    engagement = queries.lock_engagement(engagement)
    if not rules.can_move_call(by, engagement):
        raise NotAllowed
    if engagement.sequence != seen:
        raise CallMoved
    own = engagement.mentor if by.state_id == engagement.mentor_id else engagement.mentee
    call = at(local, zone=own.zone, kept_in=engagement.first_call_zone)
    if call is None:
        raise NoSuchHour
    if call == engagement.first_call:
        return
    engagement.first_call_local = call.local.isoformat(timespec="minutes")
    engagement.sequence += 1
    audit.record(
        Tag.FIRST_CALL_MOVED,
        by=by,
        states=(engagement.mentor_id, engagement.mentee_id),
        subject=engagement.public_id,
    )
    _tell(engagement, "engagements_call_moved", mover=own)


def _introduce(engagement: Engagement) -> None:
    """One mail to each person of both sides: whom to write to, and when to speak first."""
    _tell(engagement, "engagements_agreed")


def _tell(engagement: Engagement, template: str, **words: object) -> None:
    """Write to each person of both sides, with the call as a file for their calendar."""
    contacts = {contact.state.id: contact for contact in queries.contacts(engagement)}
    sides = (engagement.mentor, engagement.mentee)
    where = membership.addressees(sides)
    for own, other in (sides, sides[::-1]):
        for addressee in where[own.id]:
            with force_locale(addressee.language):
                calendar = calendar_of(engagement)
            notices.write(
                notices.Notice(
                    addressee.to,
                    addressee.language,
                    template,
                    {
                        **words,
                        "engagement": engagement,
                        "own": own,
                        "other": other,
                        "as_mentor": own.id == engagement.mentor_id,
                        "contact": contacts[other.id],
                        "themes_listed": themes_listed,
                        "call_words": call_words,
                        "url": link("engagements.show", engagement_id=engagement.public_id),
                    },
                    calendar=calendar,
                )
            )
