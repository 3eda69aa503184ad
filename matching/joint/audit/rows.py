"""Parties, needs, givers, money and settings of a Problem against what the Instance says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from matching.joint.audit.codes import AuditCode
from matching.joint.audit.said import Giver, Said
from matching.joint.model import JointProblem
from matching.model import (
    JOINT_ORDER,
    PAIRING_ORDER,
    Delivery,
    Instrument,
    MentorshipOffer,
    Previous,
    RelationKind,
    Status,
    StudyVisitOffer,
    TrainingOffer,
    Violation,
)

Key = tuple[Instrument, str]
Named = TypeVar("Named", str, Key)
Facts = tuple[object, ...]


def check_rows(said: Said, problem: JointProblem) -> Iterator[Violation]:
    """Everything of a Problem but options and who is apart."""
    yield from _differ(_parties_due(said), _parties(problem), AuditCode.PARTY, "party")
    yield from _differ(_needs_due(said), _needs(problem), AuditCode.NEEDS, "party")
    yield from _differ(_givers_due(said), _givers(problem), AuditCode.GIVER, "giver")
    sources = {source.key: source.amount for source in said.instance.money.sources}
    stated = {source.key: source.amount for source in problem.sources}
    yield from _differ(sources, stated, AuditCode.SOURCE, "source")
    yield from _pins(said, problem)
    yield from _settings(said, problem)


def _differ(
    due: Mapping[Named, object], stated: Mapping[Named, object], code: AuditCode, name: str
) -> Iterator[Violation]:
    for key in sorted(due.keys() | stated.keys()):
        if key not in due or key not in stated or due[key] != stated[key]:
            yield Violation(code, {name: key if isinstance(key, str) else key[1]})


def _parties_due(said: Said) -> dict[str, Facts]:
    """Whoever takes part: whether an Observer, the clock, the limits."""
    # Noon of the first day in Greenwich or at home is the same day everywhere that has a clock.
    day = datetime.fromisoformat(said.instance.horizon.first_monday) + timedelta(hours=12)
    found: dict[str, Facts] = {}
    for key in said.taking_part:
        party = said.party[key]
        clock = None
        if party.zone is not None:
            away = ZoneInfo(party.zone).utcoffset(day)
            clock = None if away is None else away // timedelta(minutes=1)
        found[key] = (party.status is Status.OBSERVER, clock, party.as_guest, party.as_host)
    return found


def _parties(problem: JointProblem) -> dict[str, Facts]:
    return {row.key: (row.observer, row.offset, row.guest, row.host) for row in problem.parties}


def _needs_due(said: Said) -> dict[str, list[Facts]]:
    """Each need with the weight of its rank, and whether a mission is asked for."""
    ranks = said.instance.policy.weights.rank
    return {
        party: [
            (need.theme, ranks[at] if at < len(ranks) else ranks[-1],
             Instrument.MISSION in said.only and Instrument.MISSION in need.instruments)
            for at, need in enumerate(needs)
        ]
        for party, needs in said.needs.items()
    }  # fmt: skip


def _needs(problem: JointProblem) -> dict[str, list[Facts]]:
    found: dict[str, list[Facts]] = {}
    for row in problem.needs:
        facts = problem.themes[row.theme], row.weight, row.mission
        found.setdefault(problem.parties[row.guest].key, []).append(facts)
    return found


def _givers_due(said: Said) -> dict[Key, Facts]:
    return {(giver.instrument, giver.key): _giver_due(giver) for giver in said.givers}


def _giver_due(giver: Giver) -> Facts:
    offer, themes, speaks = giver.offer, frozenset(giver.themes), frozenset(giver.speaks)
    common = giver.instrument, giver.party
    if isinstance(offer, MentorshipOffer):
        return (*common, offer.capacity)
    if isinstance(offer, StudyVisitOffer):
        return (
            *common, offer.visits, offer.delegations_min, offer.delegations_max,
            offer.persons_min, offer.persons_max, offer.themes_max, themes, speaks, giver.weeks,
        )  # fmt: skip
    if isinstance(offer, TrainingOffer):
        ways = {1} if offer.delivery is Delivery.ONLINE else {2}
        ways |= {1, 2} if offer.delivery is Delivery.HYBRID else set()
        return (
            *common, offer.track.value, frozenset(ways), offer.seats_min, offer.seats_max,
            themes, speaks, giver.weeks,
        )  # fmt: skip
    expert = giver.expert
    if expert is None:
        return common
    return (*common, expert.person_days, expert.missions_max, giver.weeks)


def _givers(problem: JointProblem) -> dict[Key, Facts]:
    found: dict[Key, Facts] = {}

    def words(places: tuple[int, ...], names: tuple[str, ...]) -> frozenset[str]:
        return frozenset(names[at] for at in places)

    party = [row.key for row in problem.parties]
    for mentor in problem.mentors:
        found[Instrument.MENTORSHIP, mentor.key] = (
            Instrument.MENTORSHIP,
            party[mentor.party],
            mentor.capacity,
        )
    for row in problem.visits:
        found[Instrument.STUDY_VISIT, row.key] = (
            Instrument.STUDY_VISIT, party[row.party], row.visits, row.delegations_min,
            row.delegations_max, row.persons_min, row.persons_max, row.themes_max,
            words(row.themes, problem.themes), words(row.languages, problem.languages),
            frozenset(row.weeks),
        )  # fmt: skip
    for expert in problem.experts:
        found[Instrument.MISSION, expert.key] = (
            Instrument.MISSION, party[expert.party], expert.person_days, expert.missions,
            frozenset(expert.weeks),
        )  # fmt: skip
    for course in problem.courses:
        found[Instrument.TRAINING, course.key] = (
            Instrument.TRAINING, party[course.party], course.track, frozenset(course.modes),
            course.seats_min, course.seats_max, words(course.themes, problem.themes),
            words(course.languages, problem.languages), frozenset(course.weeks),
        )  # fmt: skip
    return found


def _pins(said: Said, problem: JointProblem) -> Iterator[Violation]:
    """A pin is about its instrument, without one about mentorship."""
    due = set()
    for relation in said.instance.relations:
        instrument = relation.instrument or Instrument.MENTORSHIP
        if relation.kind is RelationKind.PIN and instrument in said.only:
            due.add((relation.party, relation.other, instrument))
    stated = {(pin.guest, pin.host, pin.instrument) for pin in problem.pins}
    for guest, host, instrument in sorted(due ^ stated):
        yield Violation(
            AuditCode.PIN, {"guest": guest, "host": host, "instrument": instrument.value}
        )


def _settings(said: Said, problem: JointProblem) -> Iterator[Violation]:
    """Horizon, money's name, policy and earlier answers are those of the Instance."""
    instance = said.instance
    policy, order = instance.policy, instance.policy.order
    if order == PAIRING_ORDER:
        policy = policy.model_copy(update={"order": JOINT_ORDER})
    before = {
        name: tuple(row for row in getattr(instance.previous, name) if row.instrument in said.only)
        for name in Previous.model_fields
    }
    asked = {need.theme for needs in said.needs.values() for need in needs}
    offered = {
        theme.theme for offer in instance.offers if offer.instrument in said.only
        for theme in offer.themes
    }  # fmt: skip
    for giver in said.givers:
        offered |= giver.themes.keys()
    there = [said.party[key] for key in said.taking_part]
    spoken = {skill.language for party in there for skill in party.languages}
    for giver in said.givers:
        spoken |= {s.language for s in giver.expert.languages} if giver.expert else set()
    same = {
        "horizon": problem.horizon == instance.horizon,
        "currency": problem.currency == instance.money.currency,
        "policy": problem.policy == policy,
        "previous": all(getattr(problem.previous, name) == rows for name, rows in before.items()),
        "themes": list(problem.themes) == sorted(asked | offered),
        "languages": list(problem.languages) == sorted(spoken),
        "networks": list(problem.networks) == sorted({n for p in there for n in p.sub_networks}),
        "contexts": list(problem.contexts) == sorted({c for p in there for c in p.contexts}),
    }
    for field, fine in same.items():
        if not fine:
            yield Violation(AuditCode.SETTING, {"field": field})
