"""What waits for a person, by role: the content of the start page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from app.accounts.models import SPEAKING_ROLES, User
from app.audit.models import AuditHead
from app.home import queries
from app.membership.models import RegionalGroup, State
from app.membership.queries import own_state
from app.needs import queries as needs
from app.needs.models import Need, NeedState
from app.offers import queries as offers
from app.offers.models import Offer, OfferState
from app.plans.models import Proposal, ProposalState
from app.plans.queries import own_proposals
from app.rounds.models import Round, RoundState
from app.rounds.queries import RoundFacts, facts_for


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for the reader."""

    title: str
    text: str
    url: str
    due: dt.date | None = None
    late: bool = False
    # A second way to be done with it: label, address.
    other: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class StateStart:
    """The start page of a State's people."""

    state: State
    speaks: bool
    round: RoundFacts | None
    tasks: list[Task]
    steps: list[dict[str, Any]]
    needs: int
    places: int
    proposals: int
    mentorships: int


def state_start(user: User) -> StateStart:
    state = own_state(user)
    round_ = facts_for(user)
    listed = needs.live_of(state.id)
    offer = offers.live_of(state.id)
    put = own_proposals(user)
    waiting = [
        row for row in put if row.state == ProposalState.OPEN and row.answer_of(state.id) is None
    ]
    speaks = user.plays(*SPEAKING_ROLES)
    mentorships = queries.active_mentorships(state.id)
    submitted = [need for need in listed if need.state == NeedState.SUBMITTED]
    offered = offer if offer and offer.state == OfferState.SUBMITTED else None
    tasks = [_proposal_task(row, state, speaks) for row in waiting]
    tasks += _record_tasks(state, round_, listed, offer)
    return StateStart(
        state=state,
        speaks=speaks,
        round=round_,
        tasks=tasks,
        steps=_steps(
            has_languages=bool(state.languages),
            has_answered=bool(submitted or offered) or bool(round_ and round_.answer.is_answer),
            is_planned=bool(put) or bool(round_ and not round_.is_open),
            has_agreed=any(row.state == ProposalState.ACCEPTED for row in put),
            meets=bool(mentorships),
        ),
        needs=len(submitted),
        places=offered.capacity if offered and not offered.paused else 0,
        proposals=len(waiting),
        mentorships=mentorships,
    )


def _proposal_task(row: Proposal, state: State, speaks: bool) -> Task:
    today = queries.today()
    if row.mentor_id == state.id:
        title = _("%(state)s would like to learn from you", state=row.mentee.name)
    else:
        title = _("%(state)s could be your mentor", state=row.mentor.name)
    if speaks:
        text = _("Read the reasons, then accept or decline. Nobody is asked why.")
    else:
        text = _("Your focal point or alternate answers; you can read the reasons.")
    return Task(
        title,
        text,
        url_for("plans.proposal", proposal_id=row.public_id),
        due=row.answer_by,
        late=row.answer_by < today,
    )


def _record_tasks(
    state: State, round_: RoundFacts | None, listed: list[Need], offer: Offer | None
) -> list[Task]:
    """What the State's own records ask for, the most pressing first."""
    tasks = []
    proposed = [n for n in listed if n.state == NeedState.PROPOSED or n.proposed_change]
    if proposed:
        tasks.append(
            Task(
                ngettext(
                    "A need waits for your word",
                    "%(num)s needs wait for your word",
                    len(proposed),
                ),
                _("A coordinator suggested it. It counts only when your State confirms it."),
                url_for("needs.index"),
            )
        )
    if offer and (offer.state == OfferState.PROPOSED or offer.proposed_change):
        tasks.append(
            Task(
                _("An offer waits for your word"),
                _("A coordinator suggested it. It counts only when your State confirms it."),
                url_for("offers.index"),
            )
        )
    if not state.languages:
        tasks.append(
            Task(
                _("Say in which languages you can work"),
                _("Without a shared language no mentorship can be proposed to you."),
                url_for("membership.our_state"),
            )
        )
    if round_ and round_.is_open and not round_.answer.is_answer:
        tasks.append(
            Task(
                _("%(round)s asks what you need and what you can share", round=round_.title),
                _("If it is nothing this time, say so: then nobody needs to ask again."),
                url_for("needs.index"),
                due=round_.answers_due,
                late=round_.answers_due < queries.today(),
                other=(
                    (
                        _("Nothing this time"),
                        url_for("rounds.nothing", round_id=round_.public_id),
                    )
                    if round_.may_answer
                    else None
                ),
            )
        )
    drafts = [n for n in listed if n.state == NeedState.DRAFT and not n.proposed_change]
    if drafts:
        tasks.append(
            Task(
                ngettext("A need is still a draft", "%(num)s needs are still drafts", len(drafts)),
                _("Only your State sees drafts. They do not count until you submit them."),
                url_for("needs.index"),
            )
        )
    if offer and offer.state == OfferState.DRAFT and not offer.proposed_change:
        tasks.append(
            Task(
                _("Your offer is still a draft"),
                _("Only your State sees drafts. They do not count until you submit them."),
                url_for("offers.index"),
            )
        )
    if offer and offer.state == OfferState.SUBMITTED and offer.paused:
        tasks.append(
            Task(
                _("Your offer is paused"),
                _("Nobody new is proposed to you until you resume it. Take the time you need."),
                url_for("offers.index"),
            )
        )
    return tasks


def _steps(
    *, has_languages: bool, has_answered: bool, is_planned: bool, has_agreed: bool, meets: bool
) -> list[dict[str, Any]]:
    """The way through a round; the first step that is not done is the present one."""
    way = [
        (_("Languages and mechanism"), has_languages, url_for("membership.our_state")),
        (_("Needs and offers"), has_answered, url_for("needs.index")),
        (_("The round is planned"), is_planned, ""),
        (_("Proposals"), has_agreed, url_for("plans.proposals")),
        (_("First call"), meets, url_for("engagements.index")),
    ]
    steps = []
    reached = False
    for label, done, url in way:
        state = "done" if done else ("todo" if reached else "current")
        reached = reached or not done
        steps.append({"label": label, "state": state, "url": url, "note": ""})
    return steps


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round as its coordinator follows it."""

    round: Round
    # None: answers are not counted any more, or not yet.
    answered: int | None
    roster: int
    planning: bool
    waiting: queries.Waiting | None

    @property
    def silent(self) -> int:
        return self.roster - self.answered if self.answered is not None else 0


@dataclass(frozen=True, slots=True)
class CoordinatorStart:
    rounds: list[RoundLine]
    to_confirm: int
    # The way of the first of them.
    steps: list[dict[str, Any]]


def coordinator_start() -> CoordinatorStart:
    roster = queries.roster_size()
    planning = queries.rounds_being_planned()
    waiting = queries.open_proposals(queries.today())
    rounds = queries.rounds_to_follow()
    # At most one round is open, so this asks at most once.
    answered = {
        row.id: queries.answers_in(row.id) for row in rounds if row.phase is RoundState.OPEN
    }
    lines = [
        RoundLine(row, answered.get(row.id), roster, row.id in planning, waiting.get(row.id))
        for row in rounds
    ]
    return CoordinatorStart(
        lines, queries.entries_to_confirm(), _way_of(rounds[0]) if rounds else []
    )


def _way_of(round_: Round) -> list[dict[str, Any]]:
    order = (RoundState.DRAFT, RoundState.OPEN, RoundState.FROZEN, RoundState.CLOSED)
    notes = (
        _("Set title, weeks, and the day for answers"),
        _("Watch answers come in, remind, look ahead with trial plans"),
        _("Plan, propose, follow the answers"),
        _("Mentorships go on by themselves"),
    )
    at = order.index(round_.phase)
    return [
        {
            "label": phase.label,
            "state": "done" if place < at else ("current" if place == at else "todo"),
            "note": note,
        }
        for place, (phase, note) in enumerate(zip(order, notes, strict=True))
    ]


@dataclass(frozen=True, slots=True)
class AdministratorStart:
    people: int
    invitations: int
    roster: queries.RosterCounts
    head: AuditHead | None


def administrator_start() -> AdministratorStart:
    people, invitations = queries.people_counts()
    return AdministratorStart(people, invitations, queries.roster_counts(), queries.chain_head())


@dataclass(frozen=True, slots=True)
class RegionStart:
    group: RegionalGroup | None
    roster: queries.RosterCounts


def region_start(user: User) -> RegionStart:
    group = RegionalGroup(user.region) if user.region else None
    return RegionStart(group, queries.roster_counts(user.region))


def days_left(day: dt.date) -> str:
    """A date with how far away it is, as people say it."""
    left = (day - queries.today()).days
    words = {"date": format_date(day, "long")}
    if left < 0:
        said = _("by %(date)s, which is past", **words)
    elif left == 0:
        said = _("by today, %(date)s", **words)
    elif left == 1:
        said = _("by tomorrow, %(date)s", **words)
    else:
        said = ngettext(
            "by %(date)s, in %(num)s day", "by %(date)s, in %(num)s days", left, **words
        )
    return str(said)
