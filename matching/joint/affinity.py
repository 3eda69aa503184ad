"""What speaks for two parties, apart from themes: language, region, network, context, wishes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from matching.joint.frame import Frame
from matching.model import Instrument, LanguageLevel, Mark, Party, RelationKind


@dataclass(frozen=True)
class Bond:
    """Points and the facts behind them, as columns of an option."""

    points: int
    language: int
    network: int
    contexts: int
    marks: int


Speech: TypeAlias = tuple[int, int, int]
"""Points of language, position of the best common language, marks."""

Kinship: TypeAlias = tuple[int, int, int, int]
"""Points, position of the network, bits of contexts, marks."""


class Affinity:
    """Points of :class:`~matching.instance.Weights` for pairs of parties."""

    def __init__(self, frame: Frame) -> None:
        self._weights = frame.instance.policy.weights
        self._language = frame.languages
        self._network = {code: at for at, code in enumerate(frame.networks)}
        self._context = {code: at for at, code in enumerate(frame.contexts)}
        self._said: dict[RelationKind, dict[frozenset[str], set[Instrument | None]]] = {
            kind: defaultdict(set) for kind in RelationKind
        }
        for relation in frame.instance.relations:
            pair = frozenset((relation.party, relation.other))
            self._said[relation.kind][pair].add(relation.instrument)
        self._rates: dict[frozenset[str], int] = {}
        for entry in frame.instance.money.interpretation:
            pair = frozenset(entry.languages)
            self._rates[pair] = min(entry.day_rate, self._rates.get(pair, entry.day_rate))
        self._skills = {
            p.key: {at: s.level for s in p.languages for at in [frame.language[s.language]]}
            for p in frame.parties
        }
        self._speech: dict[tuple[str, int, tuple[int, ...]], Speech] = {}
        self._kinship: dict[tuple[str, str], Kinship] = {}

    def rates_between(self, language: str, others: Iterable[str]) -> list[int]:
        """Day rates of interpretation that is budgeted between a language and these."""
        pairs = (frozenset((language, other)) for other in others)
        return [self._rates[pair] for pair in pairs if pair in self._rates]

    def bond(
        self,
        guest: Party,
        host: Party,
        spoken: Mapping[str, LanguageLevel],
        voice: int,
        open_languages: tuple[int, ...],
        instrument: Instrument,
    ) -> Bond:
        """What speaks for a guest and a host.

        Parameters
        ----------
        spoken
            Languages of the giver with level.
        voice
            A number that stands for ``spoken``: the same for the same languages.
        open_languages
            Positions of the languages in which the guest can take part, in order.
        """
        heard = guest.key, voice, open_languages
        if heard not in self._speech:
            self._speech[heard] = self._speech_of(guest, spoken, open_languages)
        pair = guest.key, host.key
        if pair not in self._kinship:
            self._kinship[pair] = self._kinship_of(guest, host)
        worth, language, tone = self._speech[heard]
        points, network, contexts, marks = self._kinship[pair]
        wished, wishes = self._wishes(frozenset(pair), instrument)
        return Bond(worth + points + wished, language, network, contexts, tone | marks | wishes)

    def _speech_of(
        self, guest: Party, spoken: Mapping[str, LanguageLevel], open_languages: tuple[int, ...]
    ) -> Speech:
        own = self._skills[guest.key]
        common = [at for at in open_languages if at in own]
        leading = [
            at for at in common
            if own[at] is LanguageLevel.LEAD
            and spoken.get(self._language[at]) is LanguageLevel.LEAD
        ]  # fmt: skip
        working = [at for at in common if own[at] is not LanguageLevel.FOLLOW]
        if leading:
            return self._weights.language_lead, leading[0], int(Mark.LEADING_LANGUAGE)
        if working:
            return self._weights.language_work, working[0], 0
        if common:
            return 0, common[0], 0
        return 0, -1, int(Mark.INTERPRETATION) if open_languages else 0

    def _kinship_of(self, guest: Party, host: Party) -> Kinship:
        weights, points, marks = self._weights, 0, 0
        if guest.region and guest.region == host.region:
            points, marks = points + weights.region, marks | int(Mark.SAME_REGION)
        if guest.sub_region and guest.sub_region == host.sub_region:
            points, marks = points + weights.sub_region, marks | int(Mark.SAME_SUB_REGION)
        shared = sorted(set(guest.sub_networks) & set(host.sub_networks))
        contexts = set(guest.contexts) & set(host.contexts)
        points += weights.sub_network * bool(shared)
        points += weights.context * min(len(contexts), 2) // 2
        network = self._network[shared[0]] if shared else -1
        return points, network, sum(1 << self._context[c] for c in contexts), marks

    def _wishes(self, pair: frozenset[str], instrument: Instrument) -> tuple[int, int]:
        """Points and marks of what either party said about the other."""
        points = marks = 0
        for kind, worth, mark in (
            (RelationKind.PREFERENCE, self._weights.preference, Mark.PREFERENCE),
            (RelationKind.CONTINUE, self._weights.wish_to_continue, Mark.WISH_TO_CONTINUE),
        ):
            said = self._said[kind].get(pair)
            if said is not None and (None in said or instrument in said):
                points, marks = points + worth, marks | int(mark)
        return points, marks
