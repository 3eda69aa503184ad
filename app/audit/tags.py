"""What can happen, one tag each. The words for people stand beside the tag."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class Tag(StrEnum):
    ACCOUNT_INVITED = "account.invited"
    ACCOUNT_ACTIVATED = "account.activated"
    ACCOUNT_SIGNED_IN = "account.signed_in"
    ACCOUNT_PASSWORD_CHANGED = "account.password_changed"
    ACCOUNT_SECOND_FACTOR_CHANGED = "account.second_factor_changed"
    ACCOUNT_ROLE_CHANGED = "account.role_changed"
    ACCOUNT_CLOSED = "account.closed"
    ACCOUNT_REOPENED = "account.reopened"
    ACCOUNT_EMAIL_CHANGED = "account.email_changed"
    ACCOUNT_SESSIONS_ENDED = "account.sessions_ended"
    INVITATION_RENEWED = "invitation.renewed"
    INVITATION_WITHDRAWN = "invitation.withdrawn"
    ROSTER_ENTERED = "roster.entered"
    ROSTER_CHANGED = "roster.changed"
    LANGUAGES_CHANGED = "languages.changed"
    STATE_DESCRIBED = "state.described"
    NEED_DRAFTED = "need.drafted"
    NEED_CHANGED = "need.changed"
    NEED_SUBMITTED = "need.submitted"
    NEED_WITHDRAWN = "need.withdrawn"
    NEED_PROPOSED = "need.proposed"
    NEED_PROPOSAL_ENDED = "need.proposal_ended"
    OFFER_DRAFTED = "offer.drafted"
    OFFER_CHANGED = "offer.changed"
    OFFER_SUBMITTED = "offer.submitted"
    OFFER_WITHDRAWN = "offer.withdrawn"
    OFFER_PROPOSED = "offer.proposed"
    OFFER_PROPOSAL_ENDED = "offer.proposal_ended"
    OFFER_PAUSED = "offer.paused"
    OFFER_RESUMED = "offer.resumed"
    ROUND_MADE = "round.made"
    ROUND_CHANGED = "round.changed"
    ROUND_OPENED = "round.opened"
    ROUND_FROZEN = "round.frozen"
    ROUND_CLOSED = "round.closed"
    ROUND_REPLIED = "round.replied"
    ROUND_REMINDED = "round.reminded"
    WORKBOOK_SENT = "workbook.sent"
    WORKBOOK_APPLIED = "workbook.applied"
    PLAN_ASKED = "plan.asked"
    PLAN_CANCELLED = "plan.cancelled"
    PLAN_MADE = "plan.made"
    PLAN_DOWNLOADED = "plan.downloaded"
    PROPOSAL_SENT = "proposal.sent"
    PROPOSAL_ACCEPTED = "proposal.accepted"
    PROPOSAL_DECLINED = "proposal.declined"
    PROPOSAL_REOPENED = "proposal.reopened"
    PROPOSAL_CALLED_OFF = "proposal.called_off"
    PROPOSAL_REMINDED = "proposal.reminded"
    ENGAGEMENT_AGREED = "engagement.agreed"
    FIRST_CALL_MOVED = "engagement.first_call_moved"
    RECORD_LOOKED_AT = "record.looked_at"
    DEMONSTRATION_PREPARED = "demonstration.prepared"

    @property
    def label(self) -> Any:
        return TAG_LABELS[self]


TAG_LABELS = {
    Tag.ACCOUNT_INVITED: _l("A person was invited"),
    Tag.ACCOUNT_ACTIVATED: _l("A person accepted the invitation"),
    Tag.ACCOUNT_SIGNED_IN: _l("A person signed in"),
    Tag.ACCOUNT_PASSWORD_CHANGED: _l("A password was changed"),
    Tag.ACCOUNT_SECOND_FACTOR_CHANGED: _l("A second factor was set up or changed"),
    Tag.ACCOUNT_ROLE_CHANGED: _l("A person's role was changed"),
    Tag.ACCOUNT_CLOSED: _l("A person's access was ended"),
    Tag.ACCOUNT_REOPENED: _l("A person's access was given back"),
    Tag.ACCOUNT_EMAIL_CHANGED: _l("A person's e-mail address was changed"),
    Tag.ACCOUNT_SESSIONS_ENDED: _l("A person signed out everywhere"),
    Tag.INVITATION_RENEWED: _l("An invitation was sent again"),
    Tag.INVITATION_WITHDRAWN: _l("An invitation was withdrawn"),
    Tag.ROSTER_ENTERED: _l("The State was entered on the roster"),
    Tag.ROSTER_CHANGED: _l("The roster entry was changed"),
    Tag.LANGUAGES_CHANGED: _l("The languages were changed"),
    Tag.STATE_DESCRIBED: _l("What the State says of its mechanism was changed"),
    Tag.NEED_DRAFTED: _l("A need was drafted"),
    Tag.NEED_CHANGED: _l("A need was changed"),
    Tag.NEED_SUBMITTED: _l("A need was submitted"),
    Tag.NEED_WITHDRAWN: _l("A need was withdrawn"),
    Tag.NEED_PROPOSED: _l("A coordinator entered a need for the State to confirm"),
    Tag.NEED_PROPOSAL_ENDED: _l("What a coordinator entered for a need was declined or taken back"),
    Tag.OFFER_DRAFTED: _l("An offer was drafted"),
    Tag.OFFER_CHANGED: _l("An offer was changed"),
    Tag.OFFER_SUBMITTED: _l("An offer was submitted"),
    Tag.OFFER_WITHDRAWN: _l("An offer was withdrawn"),
    Tag.OFFER_PROPOSED: _l("A coordinator entered an offer for the State to confirm"),
    Tag.OFFER_PROPOSAL_ENDED: _l(
        "What a coordinator entered for an offer was declined or taken back"
    ),
    Tag.OFFER_PAUSED: _l("An offer was paused"),
    Tag.OFFER_RESUMED: _l("An offer was resumed"),
    Tag.ROUND_MADE: _l("A round was prepared"),
    Tag.ROUND_CHANGED: _l("A round was changed"),
    Tag.ROUND_OPENED: _l("A round was opened"),
    Tag.ROUND_FROZEN: _l("A round was frozen"),
    Tag.ROUND_CLOSED: _l("A round was closed"),
    Tag.ROUND_REPLIED: _l("The State answered that it has nothing to ask or offer this time"),
    Tag.ROUND_REMINDED: _l("A reminder of the round was sent"),
    Tag.WORKBOOK_SENT: _l("A workbook was sent in"),
    Tag.WORKBOOK_APPLIED: _l("A workbook was taken over into the records"),
    Tag.PLAN_ASKED: _l("A plan was asked for"),
    Tag.PLAN_CANCELLED: _l("The making of a plan was cancelled"),
    Tag.PLAN_MADE: _l("A plan was made"),
    Tag.PLAN_DOWNLOADED: _l("A plan was downloaded"),
    Tag.PROPOSAL_SENT: _l("A mentorship was proposed"),
    Tag.PROPOSAL_ACCEPTED: _l("The State accepted a proposal"),
    Tag.PROPOSAL_DECLINED: _l("The State declined a proposal"),
    Tag.PROPOSAL_REOPENED: _l("The State took back its acceptance of a proposal"),
    Tag.PROPOSAL_CALLED_OFF: _l("A proposal was called off"),
    Tag.PROPOSAL_REMINDED: _l("A reminder of a proposal was sent"),
    Tag.ENGAGEMENT_AGREED: _l("A mentorship was agreed by both sides"),
    Tag.FIRST_CALL_MOVED: _l("The first call of a mentorship was moved"),
    Tag.RECORD_LOOKED_AT: _l("The State's records were looked at"),
    Tag.DEMONSTRATION_PREPARED: _l("A demonstration with invented data was prepared"),
}
