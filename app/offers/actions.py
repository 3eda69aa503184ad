"""What States do with their offer, and what a coordinator may enter for them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from app import audit
from app.accounts.models import User
from app.audit import Tag
from app.database import new_public_id, now
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.i18n import link
from app.membership.actions import require_other_state, require_roster
from app.membership.models import State
from app.membership.queries import addressees, take_turn
from app.membership.weeks import has_passed
from app.notices import Notice, write
from app.offers import queries, rules
from app.offers.conditions import Conditions, write_conditions, write_levels
from app.offers.models import Offer, OfferState


class OfferTaken(DomainError):
    message = _l("Your State has an offer already. Open that one to change it.")


class WrongMoment(DomainError):
    message = _l("This offer has moved on since you opened the page.")


class SayLanguages(DomainError):
    message = _l(
        "Say first, on the page of your State, in which languages your mechanism can meet others."
    )


class NoTheme(DomainError):
    message = _l("Choose at least one theme on which you can share.")


class WeekPassed(DomainError):
    message = _l("The last week of this offer has passed. Choose a later one, or leave it empty.")


def save_offer(
    *,
    state: State,
    by: User,
    conditions: Conditions,
    levels: Mapping[str, int | None] | None = None,
) -> Offer:
    """Write a State's offer of mentorship: a new draft, or a change of the one it has.

    A submitted offer stays submitted; one that a coordinator proposed becomes the State's own
    draft. Without ``levels`` those stored stay. Saying the same twice changes nothing.
    """
    take_turn(state.id)
    offer = queries.live_of(state.id, fresh=True)
    if offer is None:
        return draft_offer(state=state, by=by, conditions=conditions, levels=levels)
    change_offer(offer=offer, by=by, conditions=conditions, levels=levels)
    return offer


def draft_offer(
    *,
    state: State,
    by: User,
    conditions: Conditions,
    levels: Mapping[str, int | None] | None = None,
) -> Offer:
    """A new draft; refused if the State has a live offer."""
    if not rules.can_draft(by, state.id):
        raise NotAllowed
    take_turn(state.id)
    if queries.live_of(state.id, fresh=True) is not None:
        raise OfferTaken
    offer = _new_offer(state, OfferState.DRAFT, conditions)
    if levels is not None:
        write_levels(offer, levels)
    db.session.flush()
    _record(Tag.OFFER_DRAFTED, offer, by)
    return offer


def change_offer(
    *,
    offer: Offer,
    by: User,
    conditions: Conditions,
    levels: Mapping[str, int | None] | None = None,
) -> bool:
    """Change the offer of one's own State; returns whether anything differed."""
    if not rules.can_change(by, offer):
        raise NotAllowed
    changed = write_conditions(offer, conditions)
    if levels is not None:
        changed += write_levels(offer, levels)
    if offer.state == OfferState.PROPOSED:
        # The State has made it its own.
        offer.state = OfferState.DRAFT
        changed.append("state")
    if changed:
        _flush(offer)
        _record(Tag.OFFER_CHANGED, offer, by, fields=sorted(changed))
    return bool(changed)


def submit_offer(*, offer: Offer, by: User) -> None:
    """From now on the offer counts in rounds."""
    _require_speaker(offer, by)
    require_roster(offer.owner)
    if not offer.owner.languages:
        raise SayLanguages
    if not offer.themes:
        raise NoTheme
    if has_passed(offer.last_week):
        raise WeekPassed
    if offer.state == OfferState.SUBMITTED:
        return
    if offer.state == OfferState.WITHDRAWN:
        raise WrongMoment
    offer.state, offer.submitted_at, offer.paused = OfferState.SUBMITTED, now(), False
    db.session.flush()
    _record(Tag.OFFER_SUBMITTED, offer, by)


def withdraw_offer(*, offer: Offer, by: User) -> None:
    """Take the offer back; it can be restored. What a coordinator entered is dropped so."""
    if offer.state == OfferState.WITHDRAWN:
        return
    if not rules.can_withdraw(by, offer):
        raise NotAllowed
    was_proposed = offer.state == OfferState.PROPOSED
    _end(offer)
    _record(Tag.OFFER_PROPOSAL_ENDED if was_proposed else Tag.OFFER_WITHDRAWN, offer, by)


def restore_offer(*, offer: Offer, by: User) -> None:
    """Bring a withdrawn offer back as a draft."""
    if not rules.can_draft(by, offer.state_id):
        raise NotAllowed
    if offer.state != OfferState.WITHDRAWN:
        return
    take_turn(offer.state_id)
    if queries.live_of(offer.state_id) is not None:
        raise OfferTaken
    offer.state, offer.paused = OfferState.DRAFT, False
    db.session.flush()
    _record(Tag.OFFER_CHANGED, offer, by, fields=["state"])


def pause_offer(*, offer: Offer, by: User) -> None:
    """No new mentorship is proposed while the pause lasts; what was agreed goes on."""
    _set_pause(offer, by, paused=True)


def resume_offer(*, offer: Offer, by: User) -> None:
    _set_pause(offer, by, paused=False)


def confirm_offer(*, offer: Offer, by: User) -> None:
    """Say yes to what a coordinator entered: a whole offer, or a change of it; it then counts."""
    change = Conditions.proposed_for(offer)
    if offer.state != OfferState.PROPOSED and change is None:
        raise WrongMoment
    _require_speaker(offer, by)
    require_roster(offer.owner)
    if change is not None:
        changed = write_conditions(offer, change)
        offer.proposed_change = None
        _flush(offer)
        _record(Tag.OFFER_CHANGED, offer, by, fields=sorted(changed), confirmed=True)
    submit_offer(offer=offer, by=by)


def decline_change(*, offer: Offer, by: User) -> None:
    """Say no to a coordinator's change; the offer stays as it was."""
    _require_speaker(offer, by)
    if offer.proposed_change is None:
        return
    offer.proposed_change = None
    db.session.flush()
    _record(Tag.OFFER_PROPOSAL_ENDED, offer, by)


def propose_offer(*, state: State, by: User, conditions: Conditions, tell: bool = True) -> Offer:
    """Enter an offer for a State, or a change of the one it has; without levels.

    Nothing of it counts before the State confirms. A draft of the State is left alone, and the
    coordinator does not learn that there is one. Proposing the same twice changes nothing.
    """
    require_other_state(by, state)
    take_turn(state.id)
    offer = queries.live_of(state.id, fresh=True)
    if offer is None:
        offer = _new_offer(state, OfferState.PROPOSED, conditions)
    elif offer.state == OfferState.PROPOSED:
        if not write_conditions(offer, conditions):
            return offer
        offer.changed_at = now()
    elif _says_already(offer, conditions):
        return offer
    else:
        offer.proposed_change = conditions.as_change()
    db.session.flush()
    _record(Tag.OFFER_PROPOSED, offer, by)
    if tell:
        tell_state(state=state)
    return offer


def take_back(*, offer: Offer, by: User) -> None:
    """End what the coordinators entered, before the State has answered."""
    require_other_state(by, offer.owner)
    take_turn(offer.state_id)
    if offer.state == OfferState.PROPOSED:
        _end(offer)
    elif offer.proposed_change is not None:
        offer.proposed_change = None
        db.session.flush()
    else:
        return
    _record(Tag.OFFER_PROPOSAL_ENDED, offer, by)


def tell_state(*, state: State) -> None:
    """A mail to those who speak for a State: something waits for their word."""
    for addressee in addressees([state])[state.id]:
        words = {"state": state.name_in(addressee.language), "url": link("offers.index")}
        write(Notice(addressee.to, addressee.language, "offers_proposed", words))


def _new_offer(state: State, offer_state: OfferState, conditions: Conditions) -> Offer:
    offer = Offer(public_id=new_public_id(), state_id=state.id, state=offer_state, capacity=1)
    write_conditions(offer, conditions)
    db.session.add(offer)
    return offer


def _says_already(offer: Offer, conditions: Conditions) -> bool:
    """Whether a proposal would say what waits already, or what stands and counts."""
    if offer.proposed_change is not None:
        return offer.proposed_change == conditions.as_change()
    return offer.state == OfferState.SUBMITTED and Conditions.of(offer) == conditions


def _set_pause(offer: Offer, by: User, *, paused: bool) -> None:
    _require_speaker(offer, by)
    if offer.state != OfferState.SUBMITTED:
        raise WrongMoment
    if offer.paused == paused:
        return
    offer.paused = paused
    db.session.flush()
    _record(Tag.OFFER_PAUSED if paused else Tag.OFFER_RESUMED, offer, by)


def _end(offer: Offer) -> None:
    offer.state, offer.proposed_change = OfferState.WITHDRAWN, None
    db.session.flush()


def _flush(offer: Offer) -> None:
    """The version counts changes of the themes too, which another table holds."""
    offer.changed_at = now()
    db.session.flush()


def _require_speaker(offer: Offer, by: User) -> None:
    if not rules.can_speak(by, offer.state_id):
        raise NotAllowed


def _record(tag: Tag, offer: Offer, by: User, **facts: object) -> None:
    audit.record(tag, by=by, states=[offer.state_id], subject=offer.public_id, **facts)
