"""From the sealed Instance to the Problem: what is possible, how well it fits, why it fits.

Scale
-----
With weights as in :class:`~matching.instance.Weights` (points out of 100), for one pair:

* ``common`` adds what speaks for the two parties: language, region, sub-region, sub-network,
  context, the mentee's own order of formats, preference, wish to continue.
* A need is *served* when the mentor offers its theme, is not below the mentee where both levels
  are stated, and a language of the need and its latest week allow it. A served need has
  ``theme`` points, and ``level_step`` more when both levels are stated and the mentor is ahead.
  Equal and not stated count the same.
* satisfaction = floor(sum of weight x (theme + step + common) over the served ones of the first
  three needs / sum of weight over the first three needs).
* fit = floor(sum of weight x (theme + step) over served needs / sum of weight over all needs)
  + common.

Both are whole points from 0 to 100. Nothing says which need was not served, or why.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.model import (
    PAIRING_ORDER,
    TOP_NEEDS,
    Asked,
    Column,
    Instance,
    Instrument,
    LanguageLevel,
    LanguageSkill,
    Load,
    Mark,
    Mentee,
    Mentor,
    MentorshipOffer,
    Need,
    Pairing,
    PairTable,
    Party,
    Policy,
    Problem,
    RelationKind,
    ScoreMatrix,
    Status,
)

Mask = NDArray[np.bool_]
MAX_BITS = 62


def build_problem(instance: Instance) -> Problem:
    """Turn what people said into what is possible.

    Parameters
    ----------
    instance
        A checked Instance (``io.read_instance`` or ``io.check_instance``).

    Returns
    -------
    Problem
        Mentees and mentors sorted by key, pairs sorted by mentee then mentor: the same for every
        order in which the Instance lists them. Objectives of the policy that a plan of
        mentorships alone doesn't have (changes, cost, avoid) are left out of its order.

    Raises
    ------
    ValueError
        More than 62 themes or contexts are in use (they are kept as bits of one integer).
    """
    tables = _Tables.of(instance)
    if instance.scores is not None:
        pairs = _scored_pairs(instance, instance.scores, tables)
    else:
        pairs = _computed_pairs(tables)
    pins = tuple(
        Pairing(guest=r.party, host=r.other)
        for r in instance.relations
        if r.kind is RelationKind.PIN and r.instrument in (None, Instrument.MENTORSHIP)
    )
    return Problem(
        mentees=tables.mentees, mentors=tables.mentors, pairs=pairs, themes=tables.themes,
        languages=tables.languages, networks=tables.networks, contexts=tables.contexts,
        pins=pins, policy=_policy(instance.policy), previous=instance.previous,
        horizon=instance.horizon, precision=instance.scores.precision if instance.scores else 0,
    )  # fmt: skip


def _policy(policy: Policy) -> Policy:
    """The policy without the objectives that say nothing of mentorships."""
    order = tuple(code for code in policy.order if code in PAIRING_ORDER)
    return policy if order == policy.order else policy.model_copy(update={"order": order})


@dataclass(frozen=True, eq=False)
class _Tables:
    """The Instance as tables over mentees and mentors."""

    instance: Instance
    parties: dict[str, Party]
    needs: dict[str, list[Need]]
    offers: list[MentorshipOffer]
    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    themes: tuple[str, ...]
    languages: tuple[str, ...]
    networks: tuple[str, ...]
    contexts: tuple[str, ...]

    @classmethod
    def of(cls, instance: Instance) -> _Tables:
        parties = {party.key: party for party in instance.parties}
        needs: dict[str, list[Need]] = defaultdict(list)
        for need in sorted(instance.needs, key=lambda n: (n.rank, n.key)):
            if Instrument.MENTORSHIP in need.instruments:
                needs[need.party].append(need)
        if instance.scores:
            for score in instance.scores.scores:
                needs.setdefault(score.mentee, [])
        offers = sorted(
            (o for o in instance.offers if isinstance(o, MentorshipOffer)),
            key=lambda o: o.party,
        )
        wanted = {w.mentee: w.wanted for w in instance.scores.wanted} if instance.scores else {}
        mentees = tuple(
            _mentee(parties[key], needs[key], wanted.get(key, 1), instance) for key in sorted(needs)
        )
        themes = {n.theme for rows in needs.values() for n in rows}
        themes |= {t.theme for o in offers for t in o.themes}
        contexts = {c for p in instance.parties for c in p.contexts}
        if max(len(themes), len(contexts)) > MAX_BITS:
            raise ValueError(f"more than {MAX_BITS} themes or contexts")
        return cls(
            instance, parties, needs, offers, mentees,
            tuple(_mentor(parties[o.party], o) for o in offers),
            tuple(sorted(themes)),
            tuple(sorted({s.language for p in instance.parties for s in p.languages})),
            tuple(sorted({n for p in instance.parties for n in p.sub_networks})),
            tuple(sorted(contexts)),
        )  # fmt: skip


def _mentee(party: Party, needs: list[Need], wanted: int, instance: Instance) -> Mentee:
    rank = instance.policy.weights.rank
    limits = _stated(party.as_guest)
    return Mentee(
        key=party.key,
        observer=party.status is Status.OBSERVER,
        wanted=min([wanted, *limits]),
        asked=tuple(
            Asked(theme=need.theme, weight=rank[min(place, len(rank) - 1)])
            for place, need in enumerate(needs)
        ),
    )


def _stated(load: Load) -> list[int]:
    return [limit for limit in (load.at_once, load.total) if limit is not None]


def _mentor(party: Party, offer: MentorshipOffer) -> Mentor:
    limits = _stated(party.as_host)
    return Mentor(
        key=party.key,
        capacity=min([offer.capacity, *limits]),
        themes=tuple(sorted(theme.theme for theme in offer.themes)),
    )


def _ruled_out(instance: Instance) -> set[tuple[str, str]]:
    """Pairs that one side ruled out, both ways round."""
    found = set()
    for relation in instance.relations:
        if relation.kind is RelationKind.RULE_OUT and relation.instrument in (
            None,
            Instrument.MENTORSHIP,
        ):
            found |= {(relation.party, relation.other), (relation.other, relation.party)}
    return found


def _scored_pairs(instance: Instance, matrix: ScoreMatrix, tables: _Tables) -> PairTable:
    """Pairs of the explicit matrix, less rule-outs and parties with themselves."""
    ruled = _ruled_out(instance)
    mentees = {row.key: place for place, row in enumerate(tables.mentees)}
    mentors = {row.key: place for place, row in enumerate(tables.mentors)}
    rows = sorted(
        (mentees[s.mentee], mentors[s.mentor], s.score)
        for s in matrix.scores
        if s.mentor != s.mentee and (s.mentee, s.mentor) not in ruled
    )
    table = np.array(rows, np.int64).reshape(-1, 3)
    columns = [np.ascontiguousarray(table[:, c]) for c in range(3)]
    return PairTable.plain(columns[0], columns[1], columns[2], columns[2].copy())


def _computed_pairs(tables: _Tables) -> PairTable:
    side = _MentorSide(tables)
    relations = _Relations(tables)
    names = list(PairTable.__dataclass_fields__)
    parts: dict[str, list[Column]] = {name: [] for name in names}
    for place, mentee in enumerate(tables.mentees):
        for name, column in side.row(place, mentee.key, relations).items():
            parts[name].append(column)
    return PairTable(
        **{
            name: np.concatenate(part).astype(np.int64) if part else np.zeros(0, np.int64)
            for name, part in parts.items()
        }
    )


class _Relations:
    """Rule-outs, preferences and wishes to continue by mentee, as places of mentors."""

    def __init__(self, tables: _Tables) -> None:
        mentors = {row.key: place for place, row in enumerate(tables.mentors)}
        self._by_kind: dict[RelationKind, dict[str, list[int]]] = {
            kind: defaultdict(list) for kind in RelationKind
        }
        for r in tables.instance.relations:
            if r.instrument not in (None, Instrument.MENTORSHIP):
                continue
            for one, other in ((r.party, r.other), (r.other, r.party)):
                if other in mentors:
                    self._by_kind[r.kind][one].append(mentors[other])

    def of(self, kind: RelationKind, key: str) -> list[int]:
        return self._by_kind[kind].get(key, [])


class _MentorSide:
    """What mentors offer, as arrays over mentors (first axis)."""

    def __init__(self, tables: _Tables) -> None:
        self.t = tables
        hosts = [tables.parties[o.party] for o in tables.offers]
        self.hosts = hosts
        self.theme = {theme: place for place, theme in enumerate(tables.themes)}
        self.language = {code: place for place, code in enumerate(tables.languages)}
        count = len(hosts)
        self.offers = np.zeros((count, len(tables.themes)), bool)
        self.level = np.full((count, len(tables.themes)), -1, np.int64)
        self.works = np.zeros((count, len(tables.languages)), bool)
        self.leads = np.zeros((count, len(tables.languages)), bool)
        self.week = np.zeros(count, np.int64)
        for place, (offer, host) in enumerate(zip(tables.offers, hosts, strict=True)):
            for theme in offer.themes:
                self.offers[place, self.theme[theme.theme]] = True
                if theme.level is not None:
                    self.level[place, self.theme[theme.theme]] = theme.level
            for skill in host.languages:
                if offer.languages and skill.language not in offer.languages:
                    continue
                at = self.language[skill.language]
                self.works[place, at] = skill.level is not LanguageLevel.FOLLOW
                self.leads[place, at] = skill.level is LanguageLevel.LEAD
            self.week[place] = min(offer.weeks, default=0)
        self.region = np.array([h.region or "" for h in hosts], dtype=object)
        self.sub_region = np.array([h.sub_region or "" for h in hosts], dtype=object)
        self.network = _member_table([h.sub_networks for h in hosts], tables.networks)
        self.context = _member_table([h.contexts for h in hosts], tables.contexts)
        self.serves_all = np.array([not (o.regions or o.sub_networks) for o in tables.offers], bool)
        self.interpreted = np.zeros((len(tables.languages), len(tables.languages)), bool)
        for entry in tables.instance.money.interpretation:
            one, other = (self.language.get(code) for code in entry.languages)
            if one is not None and other is not None:
                self.interpreted[one, other] = self.interpreted[other, one] = True

    def row(self, place: int, key: str, relations: _Relations) -> dict[str, Column]:
        """Columns of the pairs of one mentee."""
        party, weights = self.t.parties[key], self.t.instance.policy.weights
        needs, asked = self.t.needs[key], self.t.mentees[place].asked
        open_ = self._welcome(party)
        open_[relations.of(RelationKind.RULE_OUT, key)] = False
        open_ &= np.array([host.key != key for host in self.hosts], bool)
        count = len(self.hosts)
        own = [s for s in party.languages if s.level is not LanguageLevel.FOLLOW]
        top = overall = np.zeros(count, np.int64)
        served_top, themes = np.zeros(count, np.int64), np.zeros(count, np.int64)
        any_served, allowed = np.zeros(count, bool), set[str]()
        first = np.zeros(count, bool)
        for rank, (need, ask) in enumerate(zip(needs, asked, strict=True)):
            at = self.theme[need.theme]
            shared = self.offers[:, at]
            first |= shared & (themes == 0) & (need.instruments[0] is Instrument.MENTORSHIP)
            themes = themes | (shared.astype(np.int64) << at)
            usable = [s.language for s in own if not need.languages or s.language in need.languages]
            allowed |= set(usable)
            served = shared & self._can_talk(usable)
            stated = self.level[:, at] >= 0
            ahead = np.zeros(count, bool)
            if need.level_now is not None:
                served &= ~stated | (self.level[:, at] >= need.level_now)
                ahead = stated & (self.level[:, at] > need.level_now)
            if need.latest_week is not None:
                served &= self.week <= need.latest_week
            points = ask.weight * served * (weights.theme + weights.level_step * ahead)
            overall = overall + points
            if rank < TOP_NEEDS:
                top = top + points
                served_top = served_top + ask.weight * served
            any_served |= served
        marks, language, common = self._common(party, own, allowed)
        marks |= np.where(first, int(Mark.PREFERRED_FORMAT), 0)
        common = common + weights.format_first * first
        for kind, mark, points_for in (
            (RelationKind.PREFERENCE, Mark.PREFERENCE, weights.preference),
            (RelationKind.CONTINUE, Mark.WISH_TO_CONTINUE, weights.wish_to_continue),
        ):
            said = np.zeros(count, bool)
            said[relations.of(kind, key)] = True
            marks |= np.where(said, int(mark), 0)
            common = common + points_for * said
        network, contexts, common = self._belonging(party, common)
        weight_top = max(sum(a.weight for a in asked[:TOP_NEEDS]), 1)
        weight_all = max(sum(a.weight for a in asked), 1)
        rows = np.flatnonzero(open_ & any_served)
        columns = {
            "mentee": np.full(count, place), "mentor": np.arange(count),
            "satisfaction": (top + served_top * common) // weight_top,
            "fit": overall // weight_all + common,
            "themes": themes, "language": language, "network": network, "contexts": contexts,
            "marks": marks,
        }  # fmt: skip
        return {name: column[rows] for name, column in columns.items()}

    def _welcome(self, party: Party) -> Mask:
        """An offer for certain regions or sub-networks serves no one else."""
        welcome = self.serves_all.copy()
        for place in np.flatnonzero(~welcome).tolist():
            offer = self.t.offers[place]
            welcome[place] = party.region in offer.regions or bool(
                set(party.sub_networks) & set(offer.sub_networks)
            )
        return welcome

    def _can_talk(self, usable: list[str]) -> Mask:
        """They share a language in which both can work, or interpretation is budgeted."""
        at = [self.language[code] for code in usable]
        talk = self.works[:, at].any(axis=1)
        reached = np.flatnonzero(self.interpreted[at].any(axis=0))
        return np.asarray(talk | self.works[:, reached].any(axis=1), bool)

    def _common(
        self, party: Party, own: list[LanguageSkill], allowed: set[str]
    ) -> tuple[Column, Column, Column]:
        """Marks, best common language and points of language and region."""
        weights = self.t.instance.policy.weights
        count = len(self.hosts)
        language, marks = np.full(count, -1, np.int64), np.zeros(count, np.int64)
        leading = np.zeros(count, bool)
        usable = [skill for skill in own if skill.language in allowed]
        for skill in usable:
            at = self.language[skill.language]
            both = self.works[:, at]
            lead = self.leads[:, at] & (skill.level is LanguageLevel.LEAD)
            language = np.where((both & (language < 0)) | (lead & ~leading), at, language)
            leading |= lead
        same = (self.region == (party.region or "")) & bool(party.region)
        near = (self.sub_region == (party.sub_region or "")) & bool(party.sub_region)
        for said, mark in (
            (leading, Mark.LEADING_LANGUAGE), (language < 0, Mark.INTERPRETATION),
            (same, Mark.SAME_REGION), (near, Mark.SAME_SUB_REGION),
        ):  # fmt: skip
            marks |= np.where(said, int(mark), 0)
        points = np.where(
            leading, weights.language_lead, np.where(language >= 0, weights.language_work, 0)
        )
        return marks, language, points + weights.region * same + weights.sub_region * near

    def _belonging(self, party: Party, common: Column) -> tuple[Column, Column, Column]:
        """Shared sub-network, shared contexts (two count full, one half), and their points."""
        weights, t = self.t.instance.policy.weights, self.t
        network = np.full(len(self.hosts), -1, np.int64)
        for place in reversed([t.networks.index(code) for code in sorted(party.sub_networks)]):
            network = np.where(self.network[:, place], place, network)
        mine = [t.contexts.index(code) for code in sorted(set(party.contexts))]
        contexts = np.zeros(len(self.hosts), np.int64)
        for place in mine:
            contexts |= self.context[:, place].astype(np.int64) << place
        shared = self.context[:, mine].sum(axis=1)
        common = common + weights.sub_network * (network >= 0)
        return network, contexts, common + weights.context * np.minimum(shared, 2) // 2


def _member_table(rows: list[tuple[str, ...]], names: tuple[str, ...]) -> Mask:
    table = np.zeros((len(rows), len(names)), bool)
    place = {name: at for at, name in enumerate(names)}
    for row, members in enumerate(rows):
        for member in members:
            table[row, place[member]] = True
    return table
