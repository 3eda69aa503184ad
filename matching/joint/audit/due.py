"""What is possible between a guest and a giver, and how well it fits: a second statement.

Stated from the rules, option by option, in plain words of the Instance; nothing here comes from
the code that builds Problems.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from matching.joint.audit.said import Giver, Said
from matching.joint.model import Mode
from matching.model import (
    Delivery,
    Instrument,
    LanguageLevel,
    Mark,
    Need,
    Party,
    RelationKind,
    StudyVisitOffer,
    TrainingOffer,
)

Speech = dict[str, tuple[int, bool]]
"""Languages in which a guest can take part: what a day costs, and whether it is interpreted."""

EARTH_KM = 6371


@dataclass(frozen=True)
class Fact:
    """One option in words: keys instead of positions. ``weeks`` None: time is no question."""

    persons: int
    cost: int
    weeks: frozenset[int] | None
    languages: dict[str, tuple[int, bool]] | None
    purse: frozenset[str]
    themes: frozenset[str]
    reasons: tuple[str | None, str | None, frozenset[str], int]
    points: dict[str, int]


@dataclass(frozen=True)
class _Served:
    """The needs that an option serves together, and the weeks and languages left for it."""

    needs: list[Need]
    weeks: frozenset[int]
    speech: Speech


class Due:
    """What the Instance implies for every guest and giver."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.policy = said.instance.policy
        self.money = said.instance.money
        self._fares: dict[frozenset[str], int] = {}
        self._free = {key: said.free(key) for key in said.taking_part}

    def facts(self, guest: Party, giver: Giver) -> Iterator[tuple[Mode, Fact]]:
        """The options of a guest with a giver."""
        if guest.key == giver.party or not giver.serves(guest):
            return
        if self.said.said(RelationKind.RULE_OUT, guest.key, giver.party, giver.instrument):
            return
        asked = [n for n in self.said.needs[guest.key] if giver.instrument in n.instruments]
        if giver.instrument is Instrument.MISSION:
            yield from self._mission(guest, giver, asked)
            return
        asked = [need for need in asked if need.theme in giver.themes]
        if not asked:
            return
        if giver.instrument is Instrument.MENTORSHIP:
            yield from self._mentorship(guest, giver, asked)
        elif isinstance(giver.offer, StudyVisitOffer):
            yield from self._visit(guest, giver, giver.offer, asked)
        elif isinstance(giver.offer, TrainingOffer):
            yield from self._course(guest, giver, giver.offer, asked)

    def _mentorship(
        self, guest: Party, giver: Giver, asked: list[Need]
    ) -> Iterator[tuple[Mode, Fact]]:
        """A mentor serves needs in which it is not below the mentee and early enough."""
        begins = min(giver.offer.weeks) if giver.offer.weeks else 0
        fitting = []
        for need in asked:
            level = giver.themes[need.theme]
            below = level is not None and need.level_now is not None and level < need.level_now
            late = need.latest_week is not None and begins > need.latest_week
            if not below and not late:
                fitting.append(need)
        found = self._together(guest, giver, fitting, timeless=True)
        if found is not None:
            yield Mode.ANY, self._fact(guest, giver, found, persons=1, cost=0)

    def _visit(
        self, guest: Party, giver: Giver, offer: StudyVisitOffer, asked: list[Need]
    ) -> Iterator[tuple[Mode, Fact]]:
        """A delegation visits when it is not larger than what the host receives."""
        found = self._together(guest, giver, asked)
        if found is not None:
            persons = max(need.persons for need in found.needs)
            if persons <= offer.persons_max:
                cost = self._journey(guest, giver, persons, self.policy.durations.study_visit)
                cost += _arranged(found.needs)
                yield Mode.ANY, self._fact(guest, giver, found, persons, cost)

    def _course(
        self, guest: Party, giver: Giver, offer: TrainingOffer, asked: list[Need]
    ) -> Iterator[tuple[Mode, Fact]]:
        """A course serves needs of its track; online those that accept it, without a journey."""
        fitting = [need for need in asked if need.track is None or need.track == offer.track]
        if offer.delivery is not Delivery.IN_PERSON:
            online = [need for need in fitting if need.online]
            found = self._together(guest, giver, online)
            if found is not None:
                persons = max(need.persons for need in found.needs)
                if persons <= offer.seats_max:
                    yield Mode.ONLINE, self._fact(guest, giver, found, persons, 0)
        host = self.said.party[giver.party]
        near = guest.region is not None and guest.region == host.region
        if offer.delivery is not Delivery.ONLINE and (near or self.money.sources):
            found = self._together(guest, giver, fitting)
            if found is not None:
                persons = max(need.persons for need in found.needs)
                if persons <= offer.seats_max:
                    cost = self._journey(guest, giver, persons, self.policy.durations.training)
                    cost += _arranged(found.needs)
                    yield Mode.IN_PERSON, self._fact(guest, giver, found, persons, cost)

    def _mission(
        self, guest: Party, giver: Giver, request: list[Need]
    ) -> Iterator[tuple[Mode, Fact]]:
        """An expert covers part of a request, and may lead in a language that all of it allows."""
        covered = frozenset(need.theme for need in request if need.theme in giver.themes)
        weeks = giver.weeks & self._free[guest.key]
        for need in request:
            if need.latest_week is not None:
                weeks = frozenset(week for week in weeks if week <= need.latest_week)
        if not covered or not weeks:
            return
        speech: Speech = {}
        for language in giver.speaks:
            if language in _spoken(guest, LanguageLevel.FOLLOW) and all(
                not need.languages or language in need.languages for need in request
            ):
                speech[language] = (0, False)
        cost = self._journey(guest, giver, 1, self.policy.durations.mission)
        found = _Served(request if speech else [], weeks, speech)
        yield (
            Mode.ANY,
            self._fact(
                guest, giver, found, 1, cost, covered, frozenset(need.theme for need in request)
            ),
        )

    def _together(
        self, guest: Party, giver: Giver, needs: list[Need], *, timeless: bool = False
    ) -> _Served | None:
        """Needs join in the guest's order while a week and a language remain for all of them."""
        below = None if giver.instrument is Instrument.TRAINING else LanguageLevel.FOLLOW
        own = _spoken(guest, below)
        weeks = giver.weeks & self._free[guest.key]
        taken: list[Need] = []
        speech: Speech = {}
        for need in needs:
            words = {code for code in own if not need.languages or code in need.languages}
            open_ = self._speech(giver, words)
            left = weeks
            if need.latest_week is not None:
                left = frozenset(week for week in weeks if week <= need.latest_week)
            if open_ and (left or timeless):
                own, weeks, speech = words, left, open_
                taken.append(need)
        return _Served(taken, weeks, speech) if taken else None

    def _speech(self, giver: Giver, words: set[str]) -> Speech:
        """Languages of the giver that the guest knows, or can have interpreted."""
        found: Speech = {}
        for language in giver.speaks:
            if language in words:
                found[language] = (0, False)
            elif giver.instrument is not Instrument.TRAINING:
                rates = [
                    self.said.rates[language, other]
                    for other in words
                    if (language, other) in self.said.rates
                ]
                if rates:
                    found[language] = (min(rates), True)
        return found

    def _fact(
        self, guest: Party, giver: Giver, found: _Served, persons: int, cost: int,
        themes: frozenset[str] | None = None, request: frozenset[str] | None = None,
    ) -> Fact:  # fmt: skip
        worth, reasons = self._bond(guest, giver, found.speech)
        weights = self.policy.weights
        points = {}
        for need in found.needs:
            offered = giver.themes.get(need.theme)
            ahead = offered is not None and need.level_now is not None and offered > need.level_now
            total = weights.theme + worth
            total += weights.level_step if ahead else 0
            total += weights.format_first if need.instruments[0] is giver.instrument else 0
            points[need.theme] = min(total, 100)
        served = frozenset(points) if themes is None else themes
        mentorship = giver.instrument is Instrument.MENTORSHIP
        days = self.policy.durations.study_visit
        languages = {code: (rate * days, by) for code, (rate, by) in found.speech.items()}
        return Fact(
            persons, cost, None if mentorship else found.weeks,
            None if mentorship or not languages else languages,
            self._payers(guest, giver.instrument, served if request is None else request),
            served, reasons, points,
        )  # fmt: skip

    def _bond(
        self, guest: Party, giver: Giver, speech: Speech
    ) -> tuple[int, tuple[str | None, str | None, frozenset[str], int]]:
        """Points of language, region, network, context and wishes, with what they rest on."""
        weights, host = self.policy.weights, self.said.party[giver.party]
        level = {skill.language: skill.level for skill in guest.languages}
        both = sorted(code for code in speech if code in level)
        lead = [
            code for code in both
            if level[code] is LanguageLevel.LEAD and giver.speaks[code] is LanguageLevel.LEAD
        ]  # fmt: skip
        work = [code for code in both if level[code] is not LanguageLevel.FOLLOW]
        marks, points = Mark(0), 0
        if lead:
            marks, points = Mark.LEADING_LANGUAGE, weights.language_lead
        elif work:
            points = weights.language_work
        elif speech and not both:
            marks = Mark.INTERPRETATION
        if guest.region is not None and guest.region == host.region:
            marks, points = marks | Mark.SAME_REGION, points + weights.region
        if guest.sub_region is not None and guest.sub_region == host.sub_region:
            marks, points = marks | Mark.SAME_SUB_REGION, points + weights.sub_region
        pair = guest.key, giver.party, giver.instrument
        if self.said.said(RelationKind.PREFERENCE, *pair):
            marks, points = marks | Mark.PREFERENCE, points + weights.preference
        if self.said.said(RelationKind.CONTINUE, *pair):
            marks, points = marks | Mark.WISH_TO_CONTINUE, points + weights.wish_to_continue
        networks = sorted(set(guest.sub_networks).intersection(host.sub_networks))
        if networks:
            points += weights.sub_network
        contexts = frozenset(guest.contexts).intersection(host.contexts)
        # Two contexts in common count in full, one half.
        points += (0, weights.context // 2, weights.context)[min(len(contexts), 2)]
        best = lead or work or both
        return points, (
            best[0] if best else None,
            networks[0] if networks else None,
            contexts,
            int(marks),
        )

    def _journey(self, guest: Party, giver: Giver, persons: int, days: int) -> int:
        """Fare and days of so many persons; the way there costs what the way back does."""
        pair = frozenset((guest.key, giver.party))
        if pair not in self._fares:
            self._fares[pair] = self._fare(guest, self.said.party[giver.party])
        return persons * (self._fares[pair] + self.money.day_rate * days)

    def _fare(self, one: Party, other: Party) -> int:
        """The nearest band that reaches so far; the widest one beyond all, or if unknown."""
        bands = sorted((band.up_to_km, band.cost) for band in self.money.travel)
        if not bands:
            return 0
        far = _kilometres(one, other)
        reach = [cost for up_to, cost in bands if far is not None and far <= up_to]
        return reach[0] if reach else bands[-1][1]

    def _payers(
        self, guest: Party, instrument: Instrument, themes: frozenset[str]
    ) -> frozenset[str]:
        """Sources whose conditions all hold; a source without conditions may always pay."""
        found = set()
        for source in self.money.sources:
            conditions = (
                not source.instruments or instrument in source.instruments,
                not source.regions or guest.region in source.regions,
                not source.parties or guest.key in source.parties,
                not source.themes or not themes.isdisjoint(source.themes),
            )
            if all(conditions):
                found.add(source.key)
        return frozenset(found)


def _spoken(party: Party, above: LanguageLevel | None) -> set[str]:
    """Languages of a party, of those only better than following if so asked."""
    return {skill.language for skill in party.languages if skill.level is not above}


def _arranged(needs: list[Need]) -> int:
    """Special arrangements, each once; the last need that names one says what it costs."""
    costs: dict[str, int] = {}
    for need in needs:
        for arrangement in need.arrangements:
            costs[arrangement.code] = arrangement.cost
    return sum(costs.values())


def _kilometres(one: Party, other: Party) -> int | None:
    """Great-circle distance by the haversine formula, whole kilometres."""
    # From the smaller key to the larger: rounding must not depend on who travels.
    here, there = (p.position for p in sorted((one, other), key=lambda party: party.key))
    if here is None or there is None:
        return None
    north, up = radians(here.latitude / 1000), radians(there.latitude / 1000)
    east, right = radians(here.longitude / 1000), radians(there.longitude / 1000)
    half = sin((up - north) / 2) ** 2 + cos(north) * cos(up) * sin((right - east) / 2) ** 2
    return round(2 * EARTH_KM * asin(min(1.0, sqrt(half))))
