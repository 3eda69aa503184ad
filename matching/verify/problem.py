"""Check, for an auditor, that a Problem follows from its Instance.

Eligibility, satisfaction and fit are stated here a second time, pair by pair in plain Python,
from the rules and not from the code that builds Problems.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor

from matching.model import (
    TOP_NEEDS,
    Instance,
    Instrument,
    LanguageLevel,
    Mark,
    MentorshipOffer,
    Need,
    ObjectiveCode,
    Party,
    Problem,
    RelationKind,
    Status,
    Violation,
    ViolationCode,
)

_Facts = tuple[int, int, frozenset[str], str | None, str | None, frozenset[str], int]


def check_problem(instance: Instance, problem: Problem) -> list[Violation]:
    """Check every pair, possible or not, and what the Problem says of parties and policy.

    Parameters
    ----------
    instance
        The sealed Instance.
    problem
        The Problem that is said to follow from it.

    Returns
    -------
    list of Violation
        Empty when the Problem is exactly what the Instance implies. The list names pairs that
        the Instance rules out, so it is for auditors only.
    """
    audit = _Audit(instance, problem)
    return [*audit.parties(), *audit.settings(), *audit.pairs()]


class _Audit:
    def __init__(self, instance: Instance, problem: Problem) -> None:
        self.instance, self.problem = instance, problem
        self.party = {party.key: party for party in instance.parties}
        self.offer = {o.party: o for o in instance.offers if isinstance(o, MentorshipOffer)}
        self.needs: dict[str, list[Need]] = {}
        for need in instance.needs:
            if Instrument.MENTORSHIP in need.instruments:
                self.needs.setdefault(need.party, []).append(need)
        for rows in self.needs.values():
            rows.sort(key=lambda need: (need.rank, need.key))
        self.score: dict[tuple[str, str], int] = {}
        if instance.scores is not None:
            for row in instance.scores.scores:
                self.score[row.mentee, row.mentor] = row.score
                self.needs.setdefault(row.mentee, [])
        self.said: dict[RelationKind, set[frozenset[str]]] = {kind: set() for kind in RelationKind}
        for relation in instance.relations:
            if relation.instrument is None or relation.instrument is Instrument.MENTORSHIP:
                self.said[relation.kind].add(frozenset((relation.party, relation.other)))
        self.interpreted = {frozenset(e.languages) for e in instance.money.interpretation}

    def _rank_weight(self, place: int) -> int:
        ranks = self.instance.policy.weights.rank
        return ranks[place] if place < len(ranks) else ranks[-1]

    def parties(self) -> list[Violation]:
        """Mentees are those who ask, with their themes; mentors those who offer, with places."""
        found = []
        wanted = {}
        if self.instance.scores is not None:
            wanted = {row.mentee: row.wanted for row in self.instance.scores.wanted}
        mentees = {}
        for key, needs in self.needs.items():
            guest = self.party[key].as_guest
            most = min(x for x in (wanted.get(key, 1), guest.at_once, guest.total) if x is not None)
            asked = tuple((n.theme, self._rank_weight(at)) for at, n in enumerate(needs))
            mentees[key] = (self.party[key].status is Status.OBSERVER, most, asked)
        stated = {
            row.key: (row.observer, row.wanted, tuple((a.theme, a.weight) for a in row.asked))
            for row in self.problem.mentees
        }
        for key in sorted(mentees.keys() | stated.keys()):
            if mentees.get(key) != stated.get(key):
                found.append(Violation(ViolationCode.WRONG_MENTEE, {"party": key}))
        mentors = {}
        for key, offer in self.offer.items():
            host = self.party[key].as_host
            places = min(x for x in (offer.capacity, host.at_once, host.total) if x is not None)
            mentors[key] = (places, frozenset(t.theme for t in offer.themes))
        offered = {row.key: (row.capacity, frozenset(row.themes)) for row in self.problem.mentors}
        for key in sorted(mentors.keys() | offered.keys()):
            if mentors.get(key) != offered.get(key):
                found.append(Violation(ViolationCode.WRONG_MENTOR, {"party": key}))
        return found

    def settings(self) -> list[Violation]:
        """Policy, earlier answers, horizon and pins are those of the Instance."""
        pins = sorted(
            (r.party, r.other)
            for r in self.instance.relations
            if r.kind is RelationKind.PIN and r.instrument in (None, Instrument.MENTORSHIP)
        )
        precision = 0 if self.instance.scores is None else self.instance.scores.precision
        # Objectives of journeys and weeks have no place in a plan of pairs.
        beside = (ObjectiveCode.CHANGES, ObjectiveCode.COST, ObjectiveCode.AVOID)
        order = tuple(code for code in self.instance.policy.order if code not in beside)
        policy = self.instance.policy.model_copy(update={"order": order})
        same = {
            "policy": self.problem.policy == policy,
            "previous": self.problem.previous == self.instance.previous,
            "horizon": self.problem.horizon == self.instance.horizon,
            "precision": self.problem.precision == precision,
            "pins": sorted((p.guest, p.host) for p in self.problem.pins) == pins,
        }
        return [
            Violation(ViolationCode.WRONG_POLICY, {"field": name})
            for name, fine in same.items()
            if not fine
        ]

    def pairs(self) -> list[Violation]:
        """Every pair that is possible is there, no other is, and its numbers are right."""
        stated = self._stated()
        found: list[Violation] = []
        for mentee in sorted(self.needs):
            for mentor in sorted(self.offer):
                due = self._due(mentee, mentor)
                has = stated.pop((mentee, mentor), None)
                pair: dict[str, str | int] = {"mentee": mentee, "mentor": mentor}
                if due is None and has is None:
                    continue
                if has is None:
                    found.append(Violation(ViolationCode.PAIR_MISSING, pair))
                elif due is None:
                    found.append(Violation(ViolationCode.PAIR_UNFOUNDED, pair))
                else:
                    for code, one, other in (
                        (ViolationCode.PAIR_WRONG_SATISFACTION, has[0], due[0]),
                        (ViolationCode.PAIR_WRONG_FIT, has[1], due[1]),
                    ):
                        if one != other:
                            found.append(Violation(code, {**pair, "stated": one, "found": other}))
                    if has[2:] != due[2:]:
                        found.append(Violation(ViolationCode.PAIR_WRONG_REASONS, pair))
        for mentee, mentor in sorted(stated):
            found.append(
                Violation(ViolationCode.PAIR_UNFOUNDED, {"mentee": mentee, "mentor": mentor})
            )
        return found

    def _stated(self) -> dict[tuple[str, str], _Facts]:
        p = self.problem
        facts: dict[tuple[str, str], _Facts] = {}
        for row in zip(*(column.tolist() for column in p.pairs.columns().values()), strict=True):
            mentee, mentor, satisfaction, fit, themes, language, network, contexts, marks = row
            facts[p.mentees[mentee].key, p.mentors[mentor].key] = (
                satisfaction,
                fit,
                frozenset(t for at, t in enumerate(p.themes) if themes >> at & 1),
                p.languages[language] if language >= 0 else None,
                p.networks[network] if network >= 0 else None,
                frozenset(c for at, c in enumerate(p.contexts) if contexts >> at & 1),
                marks,
            )
        return facts

    def _due(self, mentee: str, mentor: str) -> _Facts | None:
        """What the Instance implies for a pair; None when it is not possible."""
        if mentee == mentor or frozenset((mentee, mentor)) in self.said[RelationKind.RULE_OUT]:
            return None
        if self.instance.scores is not None:
            score = self.score.get((mentee, mentor))
            nothing: frozenset[str] = frozenset()
            return None if score is None else (score, score, nothing, None, None, nothing, 0)
        guest, host, offer = self.party[mentee], self.party[mentor], self.offer[mentor]
        if (offer.regions or offer.sub_networks) and not (
            guest.region in offer.regions or set(guest.sub_networks) & set(offer.sub_networks)
        ):
            return None
        return self._fit(guest, host, offer)

    def _fit(self, guest: Party, host: Party, offer: MentorshipOffer) -> _Facts | None:
        weights = self.instance.policy.weights
        level = {t.theme: t.level for t in offer.themes}
        theirs = {
            s.language: s.level
            for s in host.languages
            if not offer.languages or s.language in offer.languages
        }
        served: list[tuple[int, int, int]] = []
        shared: list[Need] = []
        total = top = 0
        usable: set[str] = set()
        for place, need in enumerate(self.needs[guest.key]):
            weight = self._rank_weight(place)
            total += weight
            top += weight if place < TOP_NEEDS else 0
            languages = [
                s.language
                for s in guest.languages
                if s.level is not LanguageLevel.FOLLOW
                and (not need.languages or s.language in need.languages)
            ]
            usable |= set(languages)
            if need.theme not in level:
                continue
            shared.append(need)
            offered = level[need.theme]
            stated = need.level_now is not None and offered is not None
            if stated and (offered or 0) < (need.level_now or 0):
                continue
            if need.latest_week is not None and min(offer.weeks, default=0) > need.latest_week:
                continue
            if not self._talk(languages, theirs):
                continue
            ahead = stated and (offered or 0) > (need.level_now or 0)
            served.append((place, weight, weights.theme + (weights.level_step if ahead else 0)))
        if not served:
            return None
        points, language, network, contexts, marks = self._common(guest, host, theirs, usable)
        if shared[0].instruments[0] is Instrument.MENTORSHIP:
            points, marks = points + weights.format_first, marks | Mark.PREFERRED_FORMAT
        satisfied = sum(
            Fraction(w * (own + points), top) for place, w, own in served if place < TOP_NEEDS
        )
        fit = sum(Fraction(w * own, total) for _, w, own in served)
        return (
            floor(satisfied), floor(fit) + points, frozenset(n.theme for n in shared),
            language, network, contexts, int(marks),
        )  # fmt: skip

    def _talk(self, languages: list[str], theirs: dict[str, LanguageLevel]) -> bool:
        """They share a language in which both can work, or interpretation is budgeted."""
        works = [code for code, level in theirs.items() if level is not LanguageLevel.FOLLOW]
        return any(
            one == other or frozenset((one, other)) in self.interpreted
            for one in languages
            for other in works
        )

    def _common(
        self, guest: Party, host: Party, theirs: dict[str, LanguageLevel], usable: set[str]
    ) -> tuple[int, str | None, str | None, frozenset[str], Mark]:
        weights = self.instance.policy.weights
        marks, points = Mark(0), 0
        both = [
            s
            for s in guest.languages
            if s.language in usable
            and s.level is not LanguageLevel.FOLLOW
            and theirs.get(s.language, LanguageLevel.FOLLOW) is not LanguageLevel.FOLLOW
        ]
        lead = [
            s
            for s in both
            if s.level is LanguageLevel.LEAD and theirs[s.language] is LanguageLevel.LEAD
        ]
        if lead:
            marks, points = marks | Mark.LEADING_LANGUAGE, points + weights.language_lead
        elif both:
            points += weights.language_work
        else:
            marks |= Mark.INTERPRETATION
        language = (lead or both)[0].language if both else None
        network = min(set(guest.sub_networks) & set(host.sub_networks), default=None)
        contexts = frozenset(guest.contexts) & frozenset(host.contexts)
        pair = frozenset((guest.key, host.key))
        for said, mark, worth in (
            (guest.region and guest.region == host.region, Mark.SAME_REGION, weights.region),
            (guest.sub_region and guest.sub_region == host.sub_region, Mark.SAME_SUB_REGION,
             weights.sub_region),
            (network, Mark(0), weights.sub_network),
            (pair in self.said[RelationKind.PREFERENCE], Mark.PREFERENCE, weights.preference),
            (pair in self.said[RelationKind.CONTINUE], Mark.WISH_TO_CONTINUE,
             weights.wish_to_continue),
        ):  # fmt: skip
            if said:
                marks, points = marks | mark, points + worth
        points += weights.context * min(len(contexts), 2) // 2
        return points, language, network, contexts, marks
