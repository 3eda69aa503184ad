"""Turns the invented round into rows and audit entries, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select

from app import audit
from app.accounts.models import Role, RoleGrant, User
from app.audit import Tag
from app.database import now
from app.demo import personas
from app.demo.invention import InventedNeed, InventedOffer, Party, invent
from app.demo.names import LANGUAGES, InventedPerson, mechanism_title
from app.demo.personas import Persona, email_of, host_of
from app.demo.script import Part
from app.extensions import db
from app.i18n import COMPLETE_LANGUAGES
from app.membership.models import RegionalGroup, RosterEntry, State, StateLanguage
from app.needs.models import Need, NeedState
from app.offers.models import Offer, OfferState, OfferTheme
from app.rounds.models import Round, RoundReply, RoundState

OPENED_DAYS_AGO = 18
DAYS_LEFT_TO_ANSWER = 21
NOTICE_WEEKS = 5

Say = Callable[[str], None]
People = dict[str, dict[Role, User]]


def seed(*, today: dt.date, say: Say) -> Round:
    """Write the whole demonstration; returns its open round."""
    parties = invent()
    say("Inventing 193 States, their mechanisms and their people ...")
    staff = _staff()
    db.session.add_all(staff.values())
    states = {party.state.code: _state(party) for party in parties}
    db.session.add_all(states.values())
    db.session.flush()
    people = {p.state.code: _people(p, states[p.state.code]) for p in parties if p.status}
    db.session.add_all(person for of_state in people.values() for person in of_state.values())
    db.session.flush()
    _record_membership(parties, states, people, staff)
    say("Opening a round with their needs and offers ...")
    round_ = _round(today)
    db.session.add(round_)
    db.session.flush()
    coordinator = staff[Persona.COORDINATOR]
    audit.record(Tag.ROUND_MADE, by=coordinator, subject=round_.public_id, title=round_.title)
    audit.record(
        Tag.ROUND_OPENED,
        by=coordinator,
        states=[states[code].id for code in people],
        subject=round_.public_id,
        title=round_.title,
    )
    _answers(parties, states, people, coordinator, round_)
    return round_


def _staff() -> dict[str, User]:
    """Those who work for the Network."""
    wanted = (
        (Persona.COORDINATOR, Role.PROGRAMME_COORDINATOR, None),
        (Persona.ADMINISTRATOR, Role.ADMINISTRATOR, None),
        ("region", Role.REGION_COORDINATOR, RegionalGroup.AFRICAN),
    )
    found = {}
    for place, (mailbox, role, region) in enumerate(wanted):
        member = personas.staff(place, mailbox)
        found[str(mailbox)] = _person(member.person, member.email, role, region=region)
    return found


def _person(
    person: InventedPerson,
    email: str,
    role: Role,
    *,
    state: State | None = None,
    language: str = "en",
    region: str | None = None,
) -> User:
    return User(
        email=email,
        name=person.full_name,
        language=language,
        zone=state.zone if state else "UTC",
        state_id=state.id if state else None,
        region=region,
        confirmed_at=now(),
        roles=[RoleGrant(role=role)],
    )


def _state(party: Party) -> State:
    invented = party.state
    state = State(
        code=invented.code,
        names=dict(invented.names),
        mechanism_names={
            language: mechanism_title(invented.index, language, invented.name(language))
            for language in LANGUAGES
        },
        regional_group=invented.regional_group,
        sub_region=invented.subregion,
        sub_networks=list(invented.sub_networks),
        zone=invented.zone,
        latitude=invented.lat,
        longitude=invented.lon,
        context=[code for code in ("sids", "ldc", "lldc") if getattr(invented, code)],
    )
    state.languages = [StateLanguage(code=code, level=level) for code, level in party.languages]
    if party.status:
        state.roster_entry = RosterEntry(
            status=party.status,
            since=_on_roster_since(party),
            letter=f"Invented letter {invented.code}",
            mailbox=f"mechanism@{host_of(invented)}",
        )
    return state


def _on_roster_since(party: Party) -> dt.date:
    return dt.date(2025, 5, 1) + dt.timedelta(weeks=party.state.index % 70)


def _people(party: Party, state: State) -> dict[Role, User]:
    invented = party.state
    languages = [code for code, _ in party.languages]
    language = next((code for code in languages if code in COMPLETE_LANGUAGES), "en")
    found = {Role.FOCAL_POINT: personas.focal_point(invented)}
    if party.has_alternate:
        found[Role.ALTERNATE] = personas.alternate(invented)
    if party.has_colleague:
        found[Role.COLLEAGUE] = personas.colleague(invented)
    return {
        role: _person(person, email_of(person, invented), role, state=state, language=language)
        for role, person in found.items()
    }


def _record_membership(
    parties: tuple[Party, ...], states: dict[str, State], people: People, staff: dict[str, User]
) -> None:
    administrator = staff[Persona.ADMINISTRATOR]
    for party in parties:
        if not party.status:
            continue
        state = states[party.state.code]
        audit.record(
            Tag.ROSTER_ENTERED,
            by=administrator,
            states=[state.id],
            subject=state.public_id,
            status=str(party.status),
            since=_on_roster_since(party).isoformat(),
        )
        for role, person in people[party.state.code].items():
            audit.record(
                Tag.ACCOUNT_ACTIVATED,
                by=person,
                states=[state.id],
                subject=person.public_id,
                roles=[str(role)],
            )


def _round(today: dt.date) -> Round:
    first = today + dt.timedelta(weeks=NOTICE_WEEKS)
    first += dt.timedelta(days=-first.weekday() % 7)
    return Round(
        title=f"Round {first.year}",
        first_week=first,
        weeks=52,
        answers_due=today + dt.timedelta(days=DAYS_LEFT_TO_ANSWER),
        state=RoundState.OPEN,
        opened_at=now() - dt.timedelta(days=OPENED_DAYS_AGO),
    )


def _answers(
    parties: tuple[Party, ...],
    states: dict[str, State],
    people: People,
    coordinator: User,
    round_: Round,
) -> None:
    """What each State asks and offers, or that it has nothing to this time."""
    for party in parties:
        state = states[party.state.code]
        # Answers came in over the days since the round was opened.
        at = now() - dt.timedelta(days=party.state.index % OPENED_DAYS_AGO, minutes=7 * state.id)
        needs = [_need(need, state, at, round_) for need in party.needs]
        offer = _offer(party.offer, state, at, round_) if party.offer else None
        db.session.add_all([*needs, *([offer] if offer else [])])
        if party.part is Part.NOTHING:
            db.session.add(RoundReply(round_id=round_.id, state_id=state.id, at=at))
    db.session.flush()
    speaking = {states[code].id: of[Role.FOCAL_POINT] for code, of in people.items()}
    for need in db.session.scalars(select(Need).order_by(Need.id)):
        tag = NEED_TAGS[NeedState(need.state)]
        by = coordinator if tag is Tag.NEED_PROPOSED else speaking[need.state_id]
        audit.record(tag, by=by, states=[need.state_id], subject=need.public_id)
    for offer in db.session.scalars(select(Offer).order_by(Offer.id)):
        by = speaking[offer.state_id]
        tag = OFFER_TAGS[OfferState(offer.state)]
        audit.record(tag, by=by, states=[offer.state_id], subject=offer.public_id)
        if offer.paused:
            audit.record(Tag.OFFER_PAUSED, by=by, states=[offer.state_id], subject=offer.public_id)
    for reply in db.session.scalars(select(RoundReply).order_by(RoundReply.id)):
        audit.record(
            Tag.ROUND_REPLIED,
            by=speaking[reply.state_id],
            states=[reply.state_id],
            subject=round_.public_id,
            title=round_.title,
        )


NEED_TAGS = {
    NeedState.DRAFT: Tag.NEED_DRAFTED,
    NeedState.PROPOSED: Tag.NEED_PROPOSED,
    NeedState.SUBMITTED: Tag.NEED_SUBMITTED,
}
OFFER_TAGS = {OfferState.DRAFT: Tag.OFFER_DRAFTED, OfferState.SUBMITTED: Tag.OFFER_SUBMITTED}


def _need(need: InventedNeed, state: State, at: dt.datetime, round_: Round) -> Need:
    return Need(
        state_id=state.id,
        theme=need.theme,
        rank=need.rank,
        level_now=need.level_now,
        level_sought=need.level_sought,
        languages=list(need.languages),
        latest_week=None if need.latest_week is None else _week(round_, need.latest_week),
        success=need.success,
        success_language=need.language,
        state=need.state,
        changed_at=at,
        submitted_at=at if need.state == NeedState.SUBMITTED else None,
    )


def _offer(offer: InventedOffer, state: State, at: dt.datetime, round_: Round) -> Offer:
    first, last = offer.weeks or (None, None)
    return Offer(
        state_id=state.id,
        capacity=offer.capacity,
        first_week=None if first is None else _week(round_, first),
        last_week=None if last is None else _week(round_, last),
        regions=list(offer.regions),
        note=offer.note,
        note_language=offer.language,
        paused=offer.paused,
        state=offer.state,
        changed_at=at,
        submitted_at=at if offer.state == OfferState.SUBMITTED else None,
        themes=[OfferTheme(theme=theme, level=level) for theme, level in offer.themes],
    )


def _week(round_: Round, number: int) -> dt.date:
    return round_.first_week + dt.timedelta(weeks=number)
