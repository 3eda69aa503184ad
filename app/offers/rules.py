"""What a person may do with an offer."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.rules import acts_for_state, speaks_for_state
from app.offers.models import Offer, OfferState


def can_draft(user: User, state_id: int) -> bool:
    return acts_for_state(user, state_id)


def can_speak(user: User, state_id: int) -> bool:
    """Submit, confirm, decline, pause and resume."""
    return speaks_for_state(user, state_id)


def can_change(user: User, offer: Offer) -> bool:
    """A colleague helps with drafts; what counts is changed by those who speak for the State."""
    if offer.state in (OfferState.DRAFT, OfferState.PROPOSED):
        return acts_for_state(user, offer.state_id)
    return offer.state == OfferState.SUBMITTED and speaks_for_state(user, offer.state_id)


def can_withdraw(user: User, offer: Offer) -> bool:
    if offer.state == OfferState.DRAFT and offer.proposed_change is None:
        return acts_for_state(user, offer.state_id)
    return offer.state != OfferState.WITHDRAWN and speaks_for_state(user, offer.state_id)
