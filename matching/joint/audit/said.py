"""An Instance, read for an audit: who said what, as far as some instruments are concerned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from matching.model import (
    Expert,
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


@dataclass(frozen=True)
class Giver:
    """An offer, or one expert of a mission offer: what it has for whoever asks.

    ``speaks`` are the languages in which it can give, with level. ``served`` is whether a party
    is among those the offer is for.
    """

    key: str
    instrument: Instrument
    party: str
    themes: dict[str, int | None]
    speaks: dict[str, LanguageLevel]
    weeks: frozenset[int]
    regions: frozenset[str]
    sub_networks: frozenset[str]
    offer: MentorshipOffer | StudyVisitOffer | MissionOffer | TrainingOffer
    expert: Expert | None = None

    def serves(self, party: Party) -> bool:
        """An offer for certain regions or sub-networks is for nobody else."""
        if not self.regions and not self.sub_networks:
            return True
        return party.region in self.regions or not self.sub_networks.isdisjoint(party.sub_networks)


class Said:
    """What an Instance says that concerns these instruments."""

    def __init__(self, instance: Instance, only: frozenset[Instrument]) -> None:
        self.instance, self.only = instance, only
        self.party = {party.key: party for party in instance.parties}
        last = instance.horizon.weeks
        self._open = {week for week in range(last) if week not in instance.horizon.closed}

    @cached_property
    def needs(self) -> dict[str, list[Need]]:
        """Needs of each party that accept one of the instruments, the most wanted first."""
        found: dict[str, list[Need]] = {}
        for need in self.instance.needs:
            if not self.only.isdisjoint(need.instruments):
                found.setdefault(need.party, []).append(need)
        for rows in found.values():
            rows.sort(key=lambda need: need.key)
            rows.sort(key=lambda need: need.rank)
        return found

    @cached_property
    def givers(self) -> list[Giver]:
        """Offers of the instruments, experts one by one."""
        found: list[Giver] = []
        for offer in self.instance.offers:
            if offer.instrument not in self.only:
                continue
            if isinstance(offer, MissionOffer):
                found += [self._expert(offer, expert) for expert in offer.experts]
            else:
                found.append(self._host(offer))
        return found

    def _host(self, offer: MentorshipOffer | StudyVisitOffer | TrainingOffer) -> Giver:
        speaks: dict[str, LanguageLevel] = {
            skill.language: skill.level
            for skill in self.party[offer.party].languages
            if skill.level is not LanguageLevel.FOLLOW
            and (skill.language in offer.languages or not offer.languages)
        }
        return Giver(
            offer.key, offer.instrument, offer.party, _levels(offer.themes), speaks,
            self._weeks(offer.party, offer.weeks), frozenset(offer.regions),
            frozenset(offer.sub_networks), offer,
        )  # fmt: skip

    def _expert(self, offer: MissionOffer, expert: Expert) -> Giver:
        leads: dict[str, LanguageLevel] = {
            skill.language: skill.level
            for skill in expert.languages
            if skill.level is LanguageLevel.LEAD
        }
        return Giver(
            expert.key, offer.instrument, offer.party, _levels(expert.themes), leads,
            self._weeks(offer.party, expert.weeks or offer.weeks), frozenset(offer.regions),
            frozenset(offer.sub_networks), offer, expert,
        )  # fmt: skip

    def free(self, party: str) -> frozenset[int]:
        """Weeks that neither the Network nor the party closes."""
        return frozenset(self._open.difference(self.party[party].closed_weeks))

    def _weeks(self, party: str, named: Iterable[int]) -> frozenset[int]:
        weeks = frozenset(named)
        return self.free(party) & weeks if weeks else self.free(party)

    @cached_property
    def taking_part(self) -> frozenset[str]:
        """Whoever asks or gives."""
        giving = {o.party for o in self.instance.offers if o.instrument in self.only}
        return frozenset(giving | self.needs.keys())

    @cached_property
    def _told(self) -> dict[tuple[RelationKind, str, str], set[Instrument | None]]:
        found: dict[tuple[RelationKind, str, str], set[Instrument | None]] = {}
        for relation in self.instance.relations:
            for one, other in ((relation.party, relation.other), (relation.other, relation.party)):
                found.setdefault((relation.kind, one, other), set()).add(relation.instrument)
        return found

    def said(self, kind: RelationKind, one: str, other: str, instrument: Instrument) -> bool:
        """Whether either of two parties said so, for this instrument or for all."""
        about = self._told.get((kind, one, other), ())
        return instrument in about or None in about

    @cached_property
    def rates(self) -> dict[tuple[str, str], int]:
        """Cheapest day of interpretation between two languages, both ways."""
        found: dict[tuple[str, str], int] = {}
        for entry in self.instance.money.interpretation:
            one, other = entry.languages
            for pair in ((one, other), (other, one)):
                found[pair] = min(found.get(pair, entry.day_rate), entry.day_rate)
        return found


def _levels(themes: Iterable[OfferedTheme]) -> dict[str, int | None]:
    return {theme.theme: theme.level for theme in themes}
