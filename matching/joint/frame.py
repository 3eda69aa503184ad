"""Who takes part and in which order: parties, needs and offers of an Instance, with positions.

Everything here stands in an order of its own (by key, or by rank), so that a Problem is the same
for every order in which an Instance lists things. Sets of weeks are bits of one integer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from matching.instance import Expert, Source
from matching.joint.model import INSTRUMENTS
from matching.model import (
    Instance,
    Instrument,
    LanguageLevel,
    MentorshipOffer,
    MissionOffer,
    Need,
    OfferedTheme,
    Party,
    RelationKind,
    StudyVisitOffer,
    TrainingOffer,
)

MAX_BITS = 62
"""Themes and contexts are kept as bits of one integer."""

LEVELS = (LanguageLevel.FOLLOW, LanguageLevel.WORK, LanguageLevel.LEAD)
Voiced = MentorshipOffer | StudyVisitOffer | TrainingOffer
"""Offers in which the host speaks itself; missions have experts with languages of their own."""


class Frame:
    """An Instance as far as the instruments named are concerned, in order.

    Raises
    ------
    ValueError
        More than 62 themes or contexts are in use.
    """

    def __init__(self, instance: Instance, only: frozenset[Instrument]) -> None:
        self.instance, self.only = instance, only
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
        self.sources: list[Source] = sorted(instance.money.sources, key=lambda s: s.key)
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
        self.networks = tuple(sorted({n for p in self.parties for n in p.sub_networks}))
        self.contexts = tuple(sorted({c for p in self.parties for c in p.contexts}))
        if max(len(self.themes), len(self.contexts)) > MAX_BITS:
            raise ValueError(f"more than {MAX_BITS} themes or contexts")
        self.first_need: dict[str, int] = {}
        count = 0
        for party in self.parties:
            self.first_need[party.key] = count
            count += len(self.needs.get(party.key, ()))

    def party(self, key: str) -> Party:
        return self.parties[self.place[key]]

    @cached_property
    def free(self) -> dict[str, int]:
        """Weeks of each party that neither it nor the horizon closes."""
        horizon = self.instance.horizon
        every = (1 << horizon.weeks) - 1 & ~weeks_in(horizon.closed)
        return {p.key: every & ~weeks_in(p.closed_weeks) for p in self.parties}

    def weeks(self, party: str, offered: Sequence[int]) -> int:
        """Weeks of an offer in which its party is free; all of these when it names none."""
        return self.free[party] & (weeks_in(offered) if offered else -1)

    @cached_property
    def ruled_out(self) -> dict[Instrument, set[frozenset[str]]]:
        """Pairs that one side ruled out, for each instrument."""
        found: dict[Instrument, set[frozenset[str]]] = {i: set() for i in INSTRUMENTS}
        for relation in self.instance.relations:
            if relation.kind is RelationKind.RULE_OUT:
                pair = frozenset((relation.party, relation.other))
                for instrument in found if relation.instrument is None else (relation.instrument,):
                    found[instrument].add(pair)
        return found

    def host_languages(self, offer: Voiced) -> dict[str, LanguageLevel]:
        """Languages in which the host can work, as far as the offer names them (or none)."""
        skills = self.party(offer.party).languages
        works = {s.language: s.level for s in skills if s.level is not LanguageLevel.FOLLOW}
        return {c: works[c] for c in sorted(works) if not offer.languages or c in offer.languages}

    def theme_places(self, themes: Iterable[OfferedTheme]) -> tuple[int, ...]:
        return tuple(sorted({self.theme[t.theme] for t in themes}))

    def bits(self, themes: Iterable[str]) -> int:
        """Themes as bits of one integer."""
        return sum(1 << self.theme[theme] for theme in set(themes))


def weeks_in(weeks: Iterable[int]) -> int:
    """Weeks as bits of one integer."""
    return sum(1 << week for week in set(weeks))


def week_list(bits: int) -> tuple[int, ...]:
    """The weeks of such an integer, in order."""
    return tuple(at for at, bit in enumerate(reversed(f"{bits:b}")) if bit == "1")


def usable(party: Party, least: LanguageLevel) -> frozenset[str]:
    """Languages that a party speaks at least so well."""
    return frozenset(
        s.language for s in party.languages if LEVELS.index(s.level) >= LEVELS.index(least)
    )
