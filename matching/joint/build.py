"""From the sealed Instance to the joint Problem: rows, options, and who can't sit together.

:mod:`matching.joint.frame` puts the Instance in order, :mod:`matching.joint.possible` finds the
options, :mod:`matching.joint.apart` the pairs that can't share an item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np

from matching.joint.apart import apart_pairs
from matching.joint.frame import Frame, week_list
from matching.joint.model import (
    INSTRUMENTS,
    CourseRow,
    ExpertRow,
    JointProblem,
    MentorRow,
    NeedRow,
    OptionTable,
    PartyRow,
    ServingTable,
    SourceRow,
    Tongue,
    VisitRow,
)
from matching.joint.possible import MODES, Option, Possible
from matching.model import (
    JOINT_ORDER,
    PAIRING_ORDER,
    Instance,
    Instrument,
    Pairing,
    Party,
    Policy,
    Previous,
    RelationKind,
    Status,
    StudyVisitOffer,
    TrainingOffer,
)


def build(instance: Instance, only: Iterable[Instrument] = INSTRUMENTS) -> JointProblem:
    """Turn what people said into what is possible, for the instruments named.

    Parameters
    ----------
    instance
        A checked Instance (``io.read_instance``).
    only
        Instruments of the plan. Needs that accept none of them, other offers, and what is pinned
        or was planned before of other instruments are left out.

    Returns
    -------
    JointProblem
        The same for every order in which the Instance lists things. A policy that leaves the
        order of objectives as it is gets ``JOINT_ORDER``.

    Raises
    ------
    ValueError
        More than 62 themes or contexts are in use (they are kept as bits of one integer).
    """
    frame = Frame(instance, frozenset(only))
    possible = Possible(frame)
    found = sorted(possible.options(), key=lambda option: option[0][:4])
    problem = JointProblem(
        parties=tuple(_party(p, instance) for p in frame.parties),
        needs=tuple(_needs(frame)),
        mentors=tuple(
            MentorRow(key=o.key, party=frame.place[o.party], capacity=o.capacity)
            for o in frame.mentorships
        ),
        visits=tuple(_visit(frame, o) for o in frame.study_visits),
        experts=tuple(
            ExpertRow(
                key=e.key, party=frame.place[o.party], person_days=e.person_days,
                missions=e.missions_max, weeks=week_list(frame.weeks(o.party, e.weeks or o.weeks)),
            )
            for e, o in frame.experts
        ),
        courses=tuple(_course(frame, o) for o in frame.trainings),
        options=_options(found), serving=_servings(found),
        calendars=tuple(week_list(weeks) for weeks in possible.calendars.places),
        tongues=tuple(
            tuple(Tongue(language=at, cost=cost, interpreted=by) for at, cost, by in speech)
            for speech in possible.tongues.places
        ),
        purses=tuple(possible.purses.places),
        sources=tuple(SourceRow(key=s.key, amount=s.amount) for s in frame.sources),
        themes=tuple(frame.themes), languages=tuple(frame.languages),
        networks=frame.networks, contexts=frame.contexts,
        pins=tuple(sorted(_pins(frame), key=lambda p: (p.instrument, p.guest, p.host))),
        currency=instance.money.currency, policy=_policy(instance.policy),
        previous=_previous(instance.previous, frame.only), horizon=instance.horizon,
    )  # fmt: skip
    return apart_pairs(problem, frame.ruled_out)


def _policy(policy: Policy) -> Policy:
    """The policy, with the order of joint plans in the place of that of mentorships alone."""
    if policy.order != PAIRING_ORDER:
        return policy
    return policy.model_copy(update={"order": JOINT_ORDER})


def _previous(previous: Previous, only: frozenset[Instrument]) -> Previous:
    """What an earlier plan left, as far as the instruments of this one go."""
    return Previous(
        **{
            name: tuple(e for e in getattr(previous, name) if e.instrument in only)
            for name in Previous.model_fields
        }
    )


def _party(party: Party, instance: Instance) -> PartyRow:
    return PartyRow(
        key=party.key, observer=party.status is Status.OBSERVER,
        offset=_offset(party.zone, instance.horizon.first_monday),
        guest=party.as_guest, host=party.as_host,
    )  # fmt: skip


def _offset(zone: str | None, day: str) -> int | None:
    """Minutes east of Greenwich at noon of the horizon's first day."""
    if zone is None:
        return None
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time()).replace(hour=12)
    shift = noon.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    return None if shift is None else int(shift.total_seconds() // 60)


def _needs(frame: Frame) -> Iterator[NeedRow]:
    rank = frame.instance.policy.weights.rank
    for party in frame.parties:
        for place, need in enumerate(frame.needs.get(party.key, ())):
            yield NeedRow(
                guest=frame.place[party.key], theme=frame.theme[need.theme],
                weight=rank[min(place, len(rank) - 1)],
                mission=Instrument.MISSION in need.instruments
                and Instrument.MISSION in frame.only,
            )  # fmt: skip


def _visit(frame: Frame, offer: StudyVisitOffer) -> VisitRow:
    return VisitRow(
        key=offer.key, party=frame.place[offer.party], visits=offer.visits,
        delegations_min=offer.delegations_min, delegations_max=offer.delegations_max,
        persons_min=offer.persons_min, persons_max=offer.persons_max,
        themes_max=offer.themes_max, themes=frame.theme_places(offer.themes),
        languages=tuple(sorted(frame.language[c] for c in frame.host_languages(offer))),
        weeks=week_list(frame.weeks(offer.party, offer.weeks)),
    )  # fmt: skip


def _course(frame: Frame, offer: TrainingOffer) -> CourseRow:
    return CourseRow(
        key=offer.key, party=frame.place[offer.party], track=offer.track.value,
        modes=tuple(int(mode) for mode in MODES[offer.delivery]),
        seats_min=offer.seats_min, seats_max=offer.seats_max,
        languages=tuple(sorted(frame.language[c] for c in frame.host_languages(offer))),
        weeks=week_list(frame.weeks(offer.party, offer.weeks)),
        themes=frame.theme_places(offer.themes),
    )  # fmt: skip


def _pins(frame: Frame) -> Iterator[Pairing]:
    for relation in frame.instance.relations:
        # A pin that names no instrument is about mentorship.
        instrument = relation.instrument or Instrument.MENTORSHIP
        if relation.kind is RelationKind.PIN and instrument in frame.only:
            yield Pairing(instrument=instrument, guest=relation.party, host=relation.other)


def _options(found: list[Option]) -> OptionTable:
    width = len(OptionTable.__dataclass_fields__)
    cells = np.fromiter(chain.from_iterable(row for row, _ in found), np.int64)
    table = cells.reshape(-1, width)
    return OptionTable(*(np.ascontiguousarray(column) for column in table.T))


def _servings(found: list[Option]) -> ServingTable:
    cells = np.array(
        [
            (at, need, points)
            for at, (_, servings) in enumerate(found)
            for need, points in sorted(servings)
        ],
        np.int64,
    ).reshape(-1, 3)
    return ServingTable(*(np.ascontiguousarray(column) for column in cells.T))
