"""What follows when both sides have accepted: a mentorship with its first steps."""

from __future__ import annotations

from flask_babel import force_locale

from app import audit, notices
from app.accounts.models import User
from app.audit.tags import Tag
from app.database import now
from app.engagements import queries
from app.engagements.calendar import calendar_of, call_words
from app.engagements.first_call import suggest
from app.engagements.models import Engagement
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


def _introduce(engagement: Engagement) -> None:
    """One mail to each person of both sides: whom to write to, and when to speak first."""
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
                    "engagements_agreed",
                    {
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
