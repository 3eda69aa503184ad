"""What speaks for two parties, apart from themes: language, region, network, context, wishes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matching.model import (
    Instance,
    Instrument,
    LanguageLevel,
    Mark,
    Party,
    RelationKind,
)


@dataclass(frozen=True)
class Bond:
    """Points and the facts behind them, as columns of an option."""

    points: int
    language: int
    network: int
    contexts: int
    marks: int


class Affinity:
    """Points of :class:`~matching.model.Weights` for pairs of parties."""

    def __init__(
        self, instance: Instance, parties: Sequence[Party], languages: Sequence[str]
    ) -> None:
        self.weights = instance.policy.weights
        self.networks = tuple(sorted({n for p in parties for n in p.sub_networks}))
        self.contexts = tuple(sorted({c for p in parties for c in p.contexts}))
        self._network = {code: at for at, code in enumerate(self.networks)}
        self._context = {code: at for at, code in enumerate(self.contexts)}
        self._languages = languages
        self._said: dict[RelationKind, dict[frozenset[str], set[Instrument | None]]] = {
            kind: defaultdict(set) for kind in RelationKind
        }
        for relation in instance.relations:
            pair = frozenset((relation.party, relation.other))
            self._said[relation.kind][pair].add(relation.instrument)
        self.rates: dict[frozenset[str], int] = {}
        for entry in instance.money.interpretation:
            pair = frozenset(entry.languages)
            self.rates[pair] = min(entry.day_rate, self.rates.get(pair, entry.day_rate))

    def bond(
        self,
        guest: Party,
        host: Party,
        spoken: Mapping[str, LanguageLevel],
        open_languages: frozenset[int],
        instrument: Instrument,
    ) -> Bond:
        """What speaks for a guest and a host.

        Parameters
        ----------
        spoken
            Languages of the giver with level.
        open_languages
            Positions of the languages in which the guest can take part.
        """
        weights = self.weights
        own = {s.language: s.level for s in guest.languages}
        common = [at for at in sorted(open_languages) if self._languages[at] in own]
        leading = [
            at
            for at in common
            if own[self._languages[at]] is LanguageLevel.LEAD
            and spoken.get(self._languages[at]) is LanguageLevel.LEAD
        ]
        working = [at for at in common if own[self._languages[at]] is not LanguageLevel.FOLLOW]
        points, marks = 0, 0
        if leading:
            points, marks = weights.language_lead, int(Mark.LEADING_LANGUAGE)
        elif working:
            points = weights.language_work
        elif open_languages and not common:
            marks = int(Mark.INTERPRETATION)
        for same, worth, mark in (
            (guest.region and guest.region == host.region, weights.region, Mark.SAME_REGION),
            (
                guest.sub_region and guest.sub_region == host.sub_region,
                weights.sub_region,
                Mark.SAME_SUB_REGION,
            ),
            (
                self._wishes(RelationKind.PREFERENCE, guest, host, instrument),
                weights.preference,
                Mark.PREFERENCE,
            ),
            (
                self._wishes(RelationKind.CONTINUE, guest, host, instrument),
                weights.wish_to_continue,
                Mark.WISH_TO_CONTINUE,
            ),
        ):
            if same:
                points += worth
                marks |= int(mark)
        shared = sorted(set(guest.sub_networks) & set(host.sub_networks))
        contexts = set(guest.contexts) & set(host.contexts)
        points += weights.sub_network * bool(shared)
        points += weights.context * min(len(contexts), 2) // 2
        return Bond(
            points=points,
            language=(leading or working or common or [-1])[0],
            network=self._network[shared[0]] if shared else -1,
            contexts=sum(1 << self._context[c] for c in contexts),
            marks=marks,
        )

    def _wishes(
        self, kind: RelationKind, guest: Party, host: Party, instrument: Instrument
    ) -> bool:
        said = self._said[kind].get(frozenset((guest.key, host.key)), ())
        return None in said or instrument in said
