"""From the sealed Instance to the joint Problem: options, points, weeks, costs.

An option's needs are taken in the guest's own order: a need joins when, with those before it,
at least one week and one language remain. So an option has one set of weeks and of languages,
good for all it serves, and nothing tells which need was left out or why.

Points of an option for a need: ``theme``, ``level_step`` when both levels are stated and the
giver is ahead, ``format_first`` when the guest named this instrument first for the need, and
what speaks for the two parties (see :mod:`matching.joint.affinity`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from matching.instance import Expert, Source, Track
from matching.joint.affinity import Affinity, Bond
from matching.joint.apart import apart_pairs
from matching.joint.model import (
    INSTRUMENTS,
    CourseRow,
    ExpertRow,
    JointProblem,
    MentorRow,
    Mode,
    NeedRow,
    OptionTable,
    PartyRow,
    ServingTable,
    SourceRow,
    Tongue,
    VisitRow,
)
from matching.joint.travel import Travel
from matching.model import (
    Delivery,
    Instance,
    Instrument,
    LanguageLevel,
    MentorshipOffer,
    MissionOffer,
    Need,
    OfferedTheme,
    Pairing,
    Party,
    Relation,
    RelationKind,
    Status,
    StudyVisitOffer,
    TrainingOffer,
)

MAX_BITS = 62


def build(instance: Instance, only: Iterable[Instrument] = INSTRUMENTS) -> JointProblem:
    """Turn what people said into what is possible, for the instruments named.

    Parameters
    ----------
    instance
        A checked Instance (``io.read_instance``).
    only
        Instruments of the plan. Needs that accept none of them, and other offers, are left out.

    Raises
    ------
    ValueError
        More than 62 themes or contexts are in use (they are kept as bits of one integer).
    """
    return _Builder(instance, frozenset(only)).problem()


@dataclass
class _Rows:
    """Options and their servings as they are found."""

    options: list[tuple[int, ...]] = field(default_factory=list)
    servings: list[list[tuple[int, int]]] = field(default_factory=list)


@dataclass(frozen=True)
class _Offer:
    """What an option needs to know of the giver's side."""

    instrument: Instrument
    party: Party
    themes: dict[str, int | None]
    weeks: frozenset[int] | None
    languages: dict[str, LanguageLevel]
    interpreted: bool
    regions: tuple[str, ...]
    sub_networks: tuple[str, ...]


class _Pool:
    """Equal values once, by their position."""

    def __init__(self) -> None:
        self.places: dict[object, int] = {}

    def at(self, value: object) -> int:
        return self.places.setdefault(value, len(self.places))


class _Builder:
    def __init__(self, instance: Instance, only: frozenset[Instrument]) -> None:
        self.instance, self.only = instance, only
        self.policy = instance.policy
        self.needs: dict[str, list[Need]] = defaultdict(list)
        for need in sorted(instance.needs, key=lambda n: (n.rank, n.key)):
            if only & set(need.instruments):
                self.needs[need.party].append(need)
        offers = sorted((o for o in instance.offers if o.instrument in only), key=lambda o: o.key)
        self.mentorships = [o for o in offers if isinstance(o, MentorshipOffer)]
        self.study_visits = [o for o in offers if isinstance(o, StudyVisitOffer)]
        self.trainings = [o for o in offers if isinstance(o, TrainingOffer)]
        self.experts: list[tuple[Expert, MissionOffer]] = sorted(
            ((e, o) for o in offers if isinstance(o, MissionOffer) for e in o.experts),
            key=lambda row: row[0].key,
        )
        named = set(self.needs) | {o.party for o in offers}
        self.parties = [p for p in sorted(instance.parties, key=lambda p: p.key) if p.key in named]
        self.place = {party.key: at for at, party in enumerate(self.parties)}
        themes = {n.theme for rows in self.needs.values() for n in rows}
        themes |= {t.theme for o in offers for t in o.themes}
        themes |= {t.theme for e, _ in self.experts for t in e.themes}
        self.themes = sorted(themes)
        self.theme = {theme: at for at, theme in enumerate(self.themes)}
        spoken = {s.language for p in self.parties for s in p.languages}
        spoken |= {s.language for e, _ in self.experts for s in e.languages}
        self.languages = sorted(spoken)
        self.language = {code: at for at, code in enumerate(self.languages)}
        self.affinity = Affinity(instance, self.parties, self.languages)
        if max(len(self.themes), len(self.affinity.contexts)) > MAX_BITS:
            raise ValueError(f"more than {MAX_BITS} themes or contexts")
        self.travel = Travel(instance.money, {p.key: p for p in instance.parties})
        self.open_weeks = frozenset(range(instance.horizon.weeks)) - set(instance.horizon.closed)
        self.free = {p.key: self.open_weeks - set(p.closed_weeks) for p in self.parties}
        self.ruled_out = {
            instrument: _ruled_out(instance.relations, instrument) for instrument in INSTRUMENTS
        }
        self.calendars, self.tongues, self.purses = _Pool(), _Pool(), _Pool()
        self.first_need: dict[str, int] = {}
        count = 0
        for party in self.parties:
            self.first_need[party.key] = count
            count += len(self.needs.get(party.key, ()))

    def problem(self) -> JointProblem:
        rows = _Rows()
        for found in (*self._mentorships(), *self._visits(), *self._missions(), *self._courses()):
            rows.options.append(found[0])
            rows.servings.append(found[1])
        options = _option_table(rows)
        problem = JointProblem(
            parties=tuple(self._party(p) for p in self.parties),
            needs=tuple(self._need_rows()),
            mentors=tuple(
                MentorRow(key=o.key, party=self.place[o.party], capacity=o.capacity)
                for o in self.mentorships
            ),
            visits=tuple(self._visit_row(o) for o in self.study_visits),
            experts=tuple(
                ExpertRow(
                    key=e.key, party=self.place[o.party], person_days=e.person_days,
                    missions=e.missions_max, weeks=self._weeks(o.party, e.weeks or o.weeks),
                )
                for e, o in self.experts
            ),
            courses=tuple(self._course_row(o) for o in self.trainings),
            options=options,
            serving=_serving_table(rows),
            calendars=_listed(self.calendars), tongues=_listed(self.tongues),
            purses=_listed(self.purses),
            sources=tuple(SourceRow(key=s.key, amount=s.amount) for s in self._sources()),
            themes=tuple(self.themes), languages=tuple(self.languages),
            networks=self.affinity.networks, contexts=self.affinity.contexts,
            pins=tuple(
                Pairing(instrument=i, guest=r.party, host=r.other)
                for r in self.instance.relations
                if r.kind is RelationKind.PIN
                for i in ((r.instrument or Instrument.MENTORSHIP),)
                if i in self.only
            ),
            currency=self.instance.money.currency, policy=self.policy,
            previous=self.instance.previous, horizon=self.instance.horizon,
        )  # fmt: skip
        return apart_pairs(problem, self.ruled_out)

    # The rows of parties, needs and offers.

    def _party(self, party: Party) -> PartyRow:
        return PartyRow(
            key=party.key, observer=party.status is Status.OBSERVER,
            offset=_offset(party.zone, self.instance.horizon.first_monday),
            guest=party.as_guest, host=party.as_host,
        )  # fmt: skip

    def _need_rows(self) -> Iterator[NeedRow]:
        rank = self.policy.weights.rank
        for party in self.parties:
            for place, need in enumerate(self.needs.get(party.key, ())):
                yield NeedRow(
                    guest=self.place[party.key], theme=self.theme[need.theme],
                    weight=rank[min(place, len(rank) - 1)],
                    mission=Instrument.MISSION in need.instruments
                    and Instrument.MISSION in self.only,
                )  # fmt: skip

    def _weeks(self, party: str, offered: Sequence[int]) -> tuple[int, ...]:
        free = self.free[party]
        return tuple(sorted(free & set(offered) if offered else free))

    def _visit_row(self, offer: StudyVisitOffer) -> VisitRow:
        return VisitRow(
            key=offer.key, party=self.place[offer.party], visits=offer.visits,
            delegations_min=offer.delegations_min, delegations_max=offer.delegations_max,
            persons_min=offer.persons_min, persons_max=offer.persons_max,
            themes_max=offer.themes_max, themes=self._theme_places(offer.themes),
            languages=tuple(sorted(self.language[c] for c in self._host_languages(offer))),
            weeks=self._weeks(offer.party, offer.weeks),
        )  # fmt: skip

    def _course_row(self, offer: TrainingOffer) -> CourseRow:
        modes = {
            Delivery.ONLINE: (1,), Delivery.IN_PERSON: (2,), Delivery.HYBRID: (1, 2)
        }[offer.delivery]  # fmt: skip
        return CourseRow(
            key=offer.key, party=self.place[offer.party], track=offer.track.value, modes=modes,
            seats_min=offer.seats_min, seats_max=offer.seats_max,
            languages=tuple(sorted(self.language[c] for c in self._host_languages(offer))),
            weeks=self._weeks(offer.party, offer.weeks), themes=self._theme_places(offer.themes),
        )  # fmt: skip

    def _theme_places(self, themes: Sequence[OfferedTheme]) -> tuple[int, ...]:
        return tuple(sorted({self.theme[t.theme] for t in themes}))

    def _host_languages(
        self, offer: MentorshipOffer | StudyVisitOffer | TrainingOffer
    ) -> dict[str, LanguageLevel]:
        """Languages in which the host can work, as far as the offer names them (or none)."""
        skills = self.parties[self.place[offer.party]].languages
        works = {s.language: s.level for s in skills if s.level is not LanguageLevel.FOLLOW}
        return {c: works[c] for c in sorted(works) if not offer.languages or c in offer.languages}

    # Options, instrument by instrument.

    def _offer(self, offer: MentorshipOffer | StudyVisitOffer | TrainingOffer) -> _Offer:
        timeless = offer.instrument is Instrument.MENTORSHIP
        return _Offer(
            instrument=offer.instrument, party=self.parties[self.place[offer.party]],
            themes={t.theme: t.level for t in offer.themes},
            weeks=None if timeless else frozenset(self._weeks(offer.party, offer.weeks)),
            languages=self._host_languages(offer),
            interpreted=offer.instrument is not Instrument.TRAINING,
            regions=offer.regions, sub_networks=offer.sub_networks,
        )  # fmt: skip

    def _guests(self, offer: _Offer) -> Iterator[Party]:
        """Who may ask the giver at all: not itself, not ruled out, of those it serves."""
        ruled = self.ruled_out[offer.instrument]
        for party in self.parties:
            if party.key == offer.party.key or party.key not in self.needs:
                continue
            if frozenset((party.key, offer.party.key)) in ruled:
                continue
            if (offer.regions or offer.sub_networks) and not (
                party.region in offer.regions or set(party.sub_networks) & set(offer.sub_networks)
            ):
                continue
            yield party

    def _mentorships(self) -> Iterator[tuple[tuple[int, ...], list[tuple[int, int]]]]:
        for giver, row in enumerate(self.mentorships):
            offer = self._offer(row)
            first = min(row.weeks, default=0)
            for guest in self._guests(offer):
                needs = [
                    (at, need)
                    for at, need in self._asked(guest, offer)
                    if need.latest_week is None or first <= need.latest_week
                    if _not_below(offer.themes[need.theme], need)
                ]
                found = self._joined(guest, offer, needs)
                if found is not None:
                    yield self._row(giver, guest, offer, Mode.ANY, found, cost=0, persons=1)

    def _visits(self) -> Iterator[tuple[tuple[int, ...], list[tuple[int, int]]]]:
        days = self.policy.durations.study_visit
        for giver, row in enumerate(self.study_visits):
            offer = self._offer(row)
            for guest in self._guests(offer):
                found = self._joined(guest, offer, self._asked(guest, offer))
                if found is None:
                    continue
                persons = max(need.persons for _, need in found.needs)
                if persons > row.persons_max:
                    continue
                cost = self.travel.cost(guest.key, row.party, persons, days)
                cost += _arrangements(need for _, need in found.needs)
                yield self._row(giver, guest, offer, Mode.ANY, found, cost=cost, persons=persons)

    def _courses(self) -> Iterator[tuple[tuple[int, ...], list[tuple[int, int]]]]:
        days = self.policy.durations.training
        for giver, row in enumerate(self.trainings):
            offer = self._offer(row)
            for guest in self._guests(offer):
                asked = [
                    (at, need) for at, need in self._asked(guest, offer)
                    if need.track in (None, Track(row.track))
                ]  # fmt: skip
                for mode in self._course_row(row).modes:
                    online = mode == Mode.ONLINE
                    needs = [(at, need) for at, need in asked if need.online or not online]
                    if not (online or self._may_travel(guest, offer.party)):
                        continue
                    found = self._joined(guest, offer, needs)
                    if found is None:
                        continue
                    persons = max(need.persons for _, need in found.needs)
                    if persons > row.seats_max:
                        continue
                    cost = 0
                    if not online:
                        cost = self.travel.cost(guest.key, row.party, persons, days)
                        cost += _arrangements(need for _, need in found.needs)
                    yield self._row(
                        giver, guest, offer, Mode(mode), found, cost=cost, persons=persons
                    )

    def _may_travel(self, guest: Party, host: Party) -> bool:
        """In person: within the region, or with a budget."""
        return bool(self.instance.money.sources) or (
            guest.region is not None and guest.region == host.region
        )

    def _missions(self) -> Iterator[tuple[tuple[int, ...], list[tuple[int, int]]]]:
        days = self.policy.durations.mission
        for giver, (expert, row) in enumerate(self.experts):
            party = self.parties[self.place[row.party]]
            leads: dict[str, LanguageLevel] = {
                s.language: s.level for s in expert.languages if s.level is LanguageLevel.LEAD
            }
            offer = _Offer(
                Instrument.MISSION, party, {t.theme: t.level for t in expert.themes},
                frozenset(self._weeks(row.party, expert.weeks or row.weeks)), leads,
                False, row.regions, row.sub_networks,
            )  # fmt: skip
            for guest in self._guests(offer):
                first = self.first_need[guest.key]
                request = [
                    (first + at, need) for at, need in enumerate(self.needs[guest.key])
                    if Instrument.MISSION in need.instruments
                ]  # fmt: skip
                covered = [row for row in request if row[1].theme in offer.themes]
                latest = min(
                    (n.latest_week for _, n in request if n.latest_week is not None),
                    default=self.instance.horizon.weeks,
                )
                weeks = {
                    w for w in (offer.weeks or frozenset()) & self.free[guest.key] if w <= latest
                }
                if not covered or not weeks:
                    continue
                usable = _usable(guest, LanguageLevel.WORK)
                for _, need in request:
                    usable = _narrowed(usable, need)
                tongues = tuple(
                    Tongue(language=self.language[c]) for c in sorted(leads) if c in usable
                )
                found = _Joined(
                    request if tongues else [], frozenset(weeks), tongues,
                    frozenset(need.theme for _, need in covered),
                    frozenset(need.theme for _, need in request),
                )  # fmt: skip
                cost = self.travel.cost(guest.key, row.party, 1, days, outward=False)
                yield self._row(giver, guest, offer, Mode.ANY, found, cost=cost, persons=1)

    # One option.

    def _asked(self, guest: Party, offer: _Offer) -> list[tuple[int, Need]]:
        first = self.first_need[guest.key]
        return [
            (first + at, need) for at, need in enumerate(self.needs[guest.key])
            if offer.instrument in need.instruments and need.theme in offer.themes
        ]  # fmt: skip

    def _joined(self, guest: Party, offer: _Offer, needs: list[tuple[int, Need]]) -> _Joined | None:
        """The needs that can be served together, with the weeks and languages that remain."""
        least = (
            LanguageLevel.FOLLOW if offer.instrument is Instrument.TRAINING else LanguageLevel.WORK
        )
        usable = _usable(guest, least)
        weeks = None if offer.weeks is None else offer.weeks & self.free[guest.key]
        tongues: tuple[Tongue, ...] = ()
        taken: list[tuple[int, Need]] = []
        for at, need in needs:
            narrowed = _narrowed(usable, need)
            speech = self._tongues(narrowed, offer)
            left = weeks
            if weeks is not None and need.latest_week is not None:
                left = frozenset(w for w in weeks if w <= need.latest_week)
            if not speech or (left is not None and not left):
                continue
            usable, weeks, tongues = narrowed, left, speech
            taken.append((at, need))
        if not taken:
            return None
        return _Joined(taken, weeks, tongues, frozenset(need.theme for _, need in taken))

    def _tongues(self, usable: frozenset[str], offer: _Offer) -> tuple[Tongue, ...]:
        """Languages in which the guest can take part, directly or with interpretation."""
        found = []
        days = {
            Instrument.STUDY_VISIT: self.policy.durations.study_visit,
            Instrument.MENTORSHIP: 0,
        }.get(offer.instrument, 0)
        for code in sorted(offer.languages):
            if code in usable:
                found.append(Tongue(language=self.language[code]))
                continue
            rates = [
                self.affinity.rates[frozenset((code, own))]
                for own in usable
                if frozenset((code, own)) in self.affinity.rates
            ]
            if offer.interpreted and rates:
                found.append(
                    Tongue(language=self.language[code], cost=min(rates) * days, interpreted=True)
                )
        return tuple(found)

    def _row(
        self, giver: int, guest: Party, offer: _Offer, mode: Mode, found: _Joined,
        *, cost: int, persons: int,
    ) -> tuple[tuple[int, ...], list[tuple[int, int]]]:  # fmt: skip
        bond: Bond = self.affinity.bond(
            guest, offer.party, offer.languages, frozenset(t.language for t in found.tongues),
            offer.instrument,
        )  # fmt: skip
        weights = self.policy.weights
        servings = []
        for at, need in found.needs:
            level = offer.themes.get(need.theme)
            ahead = level is not None and need.level_now is not None and level > need.level_now
            points = weights.theme + weights.level_step * ahead + bond.points
            points += weights.format_first * (need.instruments[0] is offer.instrument)
            servings.append((at, min(points, 100)))
        mentorship = offer.instrument is Instrument.MENTORSHIP
        bits = sum(1 << self.theme[theme] for theme in found.themes)
        row = (
            INSTRUMENTS.index(offer.instrument), giver, self.place[guest.key], int(mode), persons,
            cost, -1 if found.weeks is None else self.calendars.at(tuple(sorted(found.weeks))),
            -1 if mentorship or not found.tongues else self.tongues.at(found.tongues),
            self.purses.at(self._purse(offer.instrument, guest, found.paid_for or found.themes)),
            bits,
            bond.language, bond.network, bond.contexts, bond.marks,
        )  # fmt: skip
        return row, servings

    def _sources(self) -> list[Source]:
        return sorted(self.instance.money.sources, key=lambda s: s.key)

    def _purse(
        self, instrument: Instrument, guest: Party, themes: frozenset[str]
    ) -> tuple[int, ...]:
        """Sources that may pay for this guest, instrument and themes."""
        return tuple(
            at
            for at, source in enumerate(self._sources())
            if (not source.instruments or instrument in source.instruments)
            and (not source.regions or guest.region in source.regions)
            and (not source.themes or themes & set(source.themes))
            and (not source.parties or guest.key in source.parties)
        )


@dataclass(frozen=True)
class _Joined:
    """Needs of an option with the weeks and languages they leave, and the themes served."""

    needs: list[tuple[int, Need]]
    weeks: frozenset[int] | None
    tongues: tuple[Tongue, ...]
    themes: frozenset[str]
    paid_for: frozenset[str] = frozenset()
    """Themes by which sources are chosen; those of the whole request for an expert."""


_LEVELS = (LanguageLevel.FOLLOW, LanguageLevel.WORK, LanguageLevel.LEAD)


def _usable(party: Party, least: LanguageLevel) -> frozenset[str]:
    return frozenset(
        s.language for s in party.languages if _LEVELS.index(s.level) >= _LEVELS.index(least)
    )


def _narrowed(usable: frozenset[str], need: Need) -> frozenset[str]:
    return usable & frozenset(need.languages) if need.languages else usable


def _not_below(level: int | None, need: Need) -> bool:
    return level is None or need.level_now is None or level >= need.level_now


def _arrangements(needs: Iterable[Need]) -> int:
    """Special arrangements of a delegation are paid for once, however many needs name them."""
    return sum({a.code: a.cost for need in needs for a in need.arrangements}.values())


def _ruled_out(relations: Iterable[Relation], instrument: Instrument) -> set[frozenset[str]]:
    return {
        frozenset((r.party, r.other))
        for r in relations
        if r.kind is RelationKind.RULE_OUT and r.instrument in (None, instrument)
    }


def _offset(zone: str | None, day: str) -> int | None:
    """Minutes east of Greenwich at noon of the horizon's first day."""
    if zone is None:
        return None
    noon = datetime.combine(date.fromisoformat(day), datetime.min.time()).replace(hour=12)
    shift = noon.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    return None if shift is None else int(shift.total_seconds() // 60)


def _listed(pool: _Pool) -> tuple:  # type: ignore[type-arg]
    return tuple(pool.places)


def _option_table(rows: _Rows) -> OptionTable:
    order = sorted(range(len(rows.options)), key=lambda at: rows.options[at][:4])
    rows.options = [rows.options[at] for at in order]
    rows.servings = [rows.servings[at] for at in order]
    table = np.array(rows.options, np.int64).reshape(-1, len(OptionTable.__dataclass_fields__))
    return OptionTable(*(np.ascontiguousarray(column) for column in table.T))


def _serving_table(rows: _Rows) -> ServingTable:
    cells = [
        (at, need, points)
        for at, servings in enumerate(rows.servings)
        for need, points in sorted(servings)
    ]
    table = np.array(cells, np.int64).reshape(-1, 3)
    return ServingTable(*(np.ascontiguousarray(column) for column in table.T))
