"""Every guest's possible part in every offer: the options, instrument by instrument.

An option's needs are taken in the guest's own order: a need joins when, with those before it,
at least one week and one language remain. So an option has one set of weeks and of languages,
good for all it serves, and nothing tells which need was left out or why.

Points of an option for a need: ``theme``, ``level_step`` when both levels are stated and the
giver is ahead, ``format_first`` when the guest named this instrument first for the need, and
what speaks for the two parties (see :mod:`matching.joint.affinity`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from matching.instance import Track
from matching.joint.affinity import Affinity
from matching.joint.frame import Frame, Voiced, usable
from matching.joint.model import INSTRUMENTS, Mode
from matching.joint.travel import Travel
from matching.model import (
    Delivery,
    Instrument,
    LanguageLevel,
    Need,
    Offer,
    OfferedTheme,
    Party,
)

MODES = {
    Delivery.ONLINE: (Mode.ONLINE,), Delivery.IN_PERSON: (Mode.IN_PERSON,),
    Delivery.HYBRID: (Mode.ONLINE, Mode.IN_PERSON),
}  # fmt: skip

Value = TypeVar("Value")
Asked: TypeAlias = tuple[int, Need]
"""A need with its position in the Problem."""

Speech: TypeAlias = tuple[tuple[int, int, bool], ...]
"""Languages in which a guest can take part: position, cost, whether interpreted."""

Option: TypeAlias = tuple[tuple[int, ...], list[tuple[int, int]]]
"""A row of the option table, and (need, points) of its servings."""


class Pool(Generic[Value]):
    """Equal values once, by their position."""

    def __init__(self) -> None:
        self.places: dict[Value, int] = {}

    def at(self, value: Value) -> int:
        return self.places.setdefault(value, len(self.places))


@dataclass(frozen=True)
class Offered:
    """What an option needs to know of the giver's side. Without ``weeks``, time is no question."""

    instrument: Instrument
    number: int
    giver: int
    party: Party
    themes: dict[str, int | None]
    weeks: int | None
    languages: dict[str, LanguageLevel]
    voice: int
    """Givers with the same languages have the same number."""
    regions: tuple[str, ...]
    sub_networks: tuple[str, ...]


@dataclass(frozen=True)
class Joined:
    """Needs of an option with the weeks and languages they leave, and the themes served."""

    needs: list[Asked]
    weeks: int | None
    tongues: Speech
    themes: int
    paid_for: int
    """Themes by which sources are chosen; those of the whole request for an expert."""


@dataclass(frozen=True)
class Request:
    """What a guest asks of a mission: all its needs, the weeks and languages that suit them."""

    needs: list[Asked]
    weeks: int
    usable: frozenset[str]
    themes: int


class Possible:
    """The options of a frame, with the pools that their columns point to."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.policy = frame.instance.policy
        self.affinity = Affinity(frame)
        self.travel = Travel(frame.instance.money, {p.key: p for p in frame.parties})
        self.calendars = Pool[int]()
        self.tongues = Pool[Speech]()
        self.purses = Pool[tuple[int, ...]]()
        self._usable = {
            least: {p.key: usable(p, least) for p in frame.parties}
            for least in (LanguageLevel.FOLLOW, LanguageLevel.WORK)
        }
        self._voices = Pool[tuple[tuple[str, LanguageLevel], ...]]()
        self._speech: dict[tuple[int, frozenset[str], int], Speech] = {}
        self._purse: dict[tuple[int, str, int], tuple[int, ...]] = {}

    def options(self) -> Iterator[Option]:
        """Every option of the instruments of the frame."""
        yield from self._mentorships()
        yield from self._visits()
        yield from self._missions()
        yield from self._courses()

    def _voiced(self, giver: int, offer: Voiced) -> Offered:
        """The side of a host that speaks for itself."""
        timeless = offer.instrument is Instrument.MENTORSHIP
        weeks = None if timeless else self.frame.weeks(offer.party, offer.weeks)
        return self._offered(giver, offer, offer.themes, weeks, self.frame.host_languages(offer))

    def _offered(
        self, giver: int, offer: Offer, themes: Iterable[OfferedTheme], weeks: int | None,
        languages: dict[str, LanguageLevel],
    ) -> Offered:  # fmt: skip
        return Offered(
            offer.instrument, INSTRUMENTS.index(offer.instrument), giver,
            self.frame.party(offer.party), {t.theme: t.level for t in themes}, weeks,
            languages, self._voices.at(tuple(languages.items())),
            offer.regions, offer.sub_networks,
        )  # fmt: skip

    def _guests(self, offer: Offered) -> Iterator[Party]:
        """Who may ask the giver at all: not itself, not ruled out, of those it serves."""
        ruled = self.frame.ruled_out[offer.instrument]
        for party in self.frame.parties:
            if party.key == offer.party.key or party.key not in self.frame.needs:
                continue
            if frozenset((party.key, offer.party.key)) in ruled:
                continue
            if (offer.regions or offer.sub_networks) and not (
                party.region in offer.regions or set(party.sub_networks) & set(offer.sub_networks)
            ):
                continue
            yield party

    def _asked(self, guest: Party, offer: Offered) -> list[Asked]:
        first = self.frame.first_need[guest.key]
        return [
            (first + at, need) for at, need in enumerate(self.frame.needs[guest.key])
            if offer.instrument in need.instruments and need.theme in offer.themes
        ]  # fmt: skip

    def _mentorships(self) -> Iterator[Option]:
        for giver, row in enumerate(self.frame.mentorships):
            offer = self._voiced(giver, row)
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
                    yield self._option(guest, offer, Mode.ANY, found, cost=0, persons=1)

    def _visits(self) -> Iterator[Option]:
        days = self.policy.durations.study_visit
        for giver, row in enumerate(self.frame.study_visits):
            offer = self._voiced(giver, row)
            for guest in self._guests(offer):
                found = self._joined(guest, offer, self._asked(guest, offer))
                if found is None:
                    continue
                persons = max(need.persons for _, need in found.needs)
                if persons <= row.persons_max:
                    cost = self._journey(guest, offer, found, persons, days)
                    yield self._option(guest, offer, Mode.ANY, found, cost=cost, persons=persons)

    def _courses(self) -> Iterator[Option]:
        days = self.policy.durations.training
        for giver, row in enumerate(self.frame.trainings):
            offer = self._voiced(giver, row)
            for guest in self._guests(offer):
                asked = [
                    (at, need) for at, need in self._asked(guest, offer)
                    if need.track in (None, Track(row.track))
                ]  # fmt: skip
                for mode in MODES[row.delivery]:
                    online = mode is Mode.ONLINE
                    if not (online or self._may_travel(guest, offer.party)):
                        continue
                    needs = [(at, need) for at, need in asked if need.online or not online]
                    found = self._joined(guest, offer, needs)
                    if found is None:
                        continue
                    persons = max(need.persons for _, need in found.needs)
                    if persons > row.seats_max:
                        continue
                    cost = 0 if online else self._journey(guest, offer, found, persons, days)
                    yield self._option(guest, offer, mode, found, cost=cost, persons=persons)

    def _may_travel(self, guest: Party, host: Party) -> bool:
        """In person: within the region, or with a budget."""
        return bool(self.frame.sources) or (
            guest.region is not None and guest.region == host.region
        )

    def _journey(
        self, guest: Party, offer: Offered, found: Joined, persons: int, days: int
    ) -> int:  # fmt: skip
        cost = self.travel.cost(guest.key, offer.party.key, persons, days)
        return cost + _arrangements(need for _, need in found.needs)

    def _missions(self) -> Iterator[Option]:
        frame, days = self.frame, self.policy.durations.mission
        requests = {key: self._request(frame.party(key)) for key in frame.needs}
        for giver, (expert, row) in enumerate(frame.experts):
            leads: dict[str, LanguageLevel] = {
                s.language: s.level for s in expert.languages if s.level is LanguageLevel.LEAD
            }
            weeks = frame.weeks(row.party, expert.weeks or row.weeks)
            offer = self._offered(giver, row, expert.themes, weeks, leads)
            covers = frame.bits(offer.themes)
            for guest in self._guests(offer):
                request = requests[guest.key]
                left = weeks & request.weeks
                if not (covers & request.themes and left):
                    continue
                # Who can't lead is on a team for its themes; the needs are served by the lead.
                tongues = self._tongues(request.usable, offer)
                found = Joined(
                    request.needs if tongues else [], left, tongues,
                    covers & request.themes, request.themes,
                )  # fmt: skip
                cost = self.travel.cost(guest.key, row.party, 1, days, outward=False)
                yield self._option(guest, offer, Mode.ANY, found, cost=cost, persons=1)

    def _request(self, guest: Party) -> Request:
        first = self.frame.first_need[guest.key]
        needs = [
            (first + at, need) for at, need in enumerate(self.frame.needs[guest.key])
            if Instrument.MISSION in need.instruments
        ]  # fmt: skip
        weeks = self.frame.free[guest.key]
        speaks = self._usable[LanguageLevel.WORK][guest.key]
        for _, need in needs:
            weeks = _in_time(weeks, need)
            speaks = _narrowed(speaks, need)
        return Request(needs, weeks, speaks, self.frame.bits(need.theme for _, need in needs))

    def _joined(self, guest: Party, offer: Offered, needs: list[Asked]) -> Joined | None:
        """The needs that can be served together, with the weeks and languages that remain."""
        training = offer.instrument is Instrument.TRAINING
        speaks = self._usable[LanguageLevel.FOLLOW if training else LanguageLevel.WORK][guest.key]
        weeks = None if offer.weeks is None else offer.weeks & self.frame.free[guest.key]
        tongues: Speech = ()
        taken: list[Asked] = []
        for at, need in needs:
            narrowed = _narrowed(speaks, need)
            speech = self._tongues(narrowed, offer)
            left = None if weeks is None else _in_time(weeks, need)
            if speech and left != 0:
                speaks, weeks, tongues = narrowed, left, speech
                taken.append((at, need))
        if not taken:
            return None
        themes = self.frame.bits(need.theme for _, need in taken)
        return Joined(taken, weeks, tongues, themes, themes)

    def _tongues(self, speaks: frozenset[str], offer: Offered) -> Speech:
        """Languages in which the guest can take part, directly or with interpretation."""
        key = offer.number, speaks, offer.voice
        if key not in self._speech:
            self._speech[key] = tuple(self._spoken(speaks, offer))
        return self._speech[key]

    def _spoken(self, speaks: frozenset[str], offer: Offered) -> Iterator[tuple[int, int, bool]]:
        visit = offer.instrument is Instrument.STUDY_VISIT
        days = self.policy.durations.study_visit if visit else 0
        for code in sorted(offer.languages):
            language = self.frame.language[code]
            if code in speaks:
                yield language, 0, False
            elif visit or offer.instrument is Instrument.MENTORSHIP:
                rates = self.affinity.rates_between(code, speaks)
                if rates:
                    yield language, min(rates) * days, True

    def _option(
        self, guest: Party, offer: Offered, mode: Mode, found: Joined, *, cost: int, persons: int
    ) -> Option:
        bond = self.affinity.bond(
            guest, offer.party, offer.languages, offer.voice,
            tuple(language for language, _, _ in found.tongues), offer.instrument,
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
        row = (
            offer.number, offer.giver, self.frame.place[guest.key], int(mode), persons, cost,
            -1 if found.weeks is None else self.calendars.at(found.weeks),
            -1 if mentorship or not found.tongues else self.tongues.at(found.tongues),
            self.purses.at(self._payers(offer.number, guest, found.paid_for)),
            found.themes, bond.language, bond.network, bond.contexts, bond.marks,
        )  # fmt: skip
        return row, servings

    def _payers(self, number: int, guest: Party, themes: int) -> tuple[int, ...]:
        """Sources that may pay for this guest, instrument and themes."""
        key = number, guest.key, themes
        if key not in self._purse:
            self._purse[key] = tuple(
                at
                for at, source in enumerate(self.frame.sources)
                if (not source.instruments or INSTRUMENTS[number] in source.instruments)
                and (not source.regions or guest.region in source.regions)
                and (not source.themes or themes & self._known_bits(source.themes))
                and (not source.parties or guest.key in source.parties)
            )
        return self._purse[key]

    def _known_bits(self, themes: Iterable[str]) -> int:
        return self.frame.bits(theme for theme in themes if theme in self.frame.theme)


def _narrowed(speaks: frozenset[str], need: Need) -> frozenset[str]:
    return speaks & frozenset(need.languages) if need.languages else speaks


def _in_time(weeks: int, need: Need) -> int:
    """Weeks until the latest that the need allows."""
    return weeks if need.latest_week is None else weeks & (1 << need.latest_week + 1) - 1


def _not_below(level: int | None, need: Need) -> bool:
    return level is None or need.level_now is None or level >= need.level_now


def _arrangements(needs: Iterable[Need]) -> int:
    """Special arrangements of a delegation are paid for once, however many needs name them."""
    return sum({a.code: a.cost for need in needs for a in need.arrangements}.values())
