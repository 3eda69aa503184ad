"""Check a plan against its Problem, rule by rule and objective by objective."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from matching.model import (
    Instrument,
    NoteCode,
    ObjectiveCode,
    ObjectiveReport,
    OutcomeCode,
    Pairing,
    Plan,
    Problem,
    Report,
    Violation,
    ViolationCode,
    WorstOff,
)
from matching.verify.proof import Proof
from matching.verify.totals import TotalsProof

RULES = (
    "pair_possible", "no_repetition", "one_mentor_each", "mentor_capacity", "pins_held",
    "exclusions_held", "accepted_kept", "declined_not_proposed", "item_facts",
)  # fmt: skip


def check_plan(problem: Problem, plan: Plan) -> Report:
    """Check a plan against its Problem, rule by rule and objective by objective.

    Parameters
    ----------
    problem, plan
        As read from files; nothing about how they were made is trusted.

    Returns
    -------
    Report
        Rules looked at, violations, and per objective the value found, the bound and whether the
        bound was checked. A plan that broke a hard rule has no checked bound.
    """
    check = _PlanCheck(problem, plan)
    check.rules()
    objectives = check.objectives()
    return Report(RULES, tuple(check.found), objectives)


@dataclass
class _PlanCheck:
    problem: Problem
    plan: Plan
    found: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        table = self.problem.pairs
        self.mentees = {row.key: at for at, row in enumerate(self.problem.mentees)}
        self.mentors = {row.key: at for at, row in enumerate(self.problem.mentors)}
        self.ids = table.mentee * max(len(self.problem.mentors), 1) + table.mentor
        self.chosen = np.full(len(self.problem.mentees), -1, np.int64)
        self.rows: set[int] = set()
        self.pairs = [
            (item.guest, item.host)
            for item in self.plan.items
            if item.instrument is Instrument.MENTORSHIP
        ]

    def _report(self, code: ViolationCode, **parameters: str | int) -> None:
        self.found.append(Violation(code, parameters))

    def _row(self, mentee: str, mentor: str) -> int:
        """Row of the pair table, -1 when the pair is not possible."""
        one, other = self.mentees.get(mentee), self.mentors.get(mentor)
        if one is None or other is None:
            return -1
        wanted = one * max(len(self.problem.mentors), 1) + other
        at = int(np.searchsorted(self.ids, wanted))
        return at if at < len(self.ids) and int(self.ids[at]) == wanted else -1

    # The rules, one function each.

    def rules(self) -> None:
        self._table_sound()
        self._pair_possible()
        self._no_repetition()
        self._one_mentor_each()
        self._mentor_capacity()
        self._pins_held()
        self._exclusions_held()
        self._accepted_kept()
        self._declined_not_proposed()
        self._item_facts()

    def _table_sound(self) -> None:
        """The pair table lists each pair once, in order, of parties that exist."""
        table = self.problem.pairs
        inside = (
            (np.diff(self.ids) > 0).all()
            and (table.mentee >= 0).all()
            and (table.mentee < len(self.problem.mentees)).all()
            and (table.mentor >= 0).all()
            and (table.mentor < len(self.problem.mentors)).all()
        )
        if not inside:
            raise ValueError("the Problem's pair table is not in order")

    def _pair_possible(self) -> None:
        """Every item joins a mentee and a mentor of the Problem whose pair is possible."""
        for item in self.plan.items:
            if item.instrument is not Instrument.MENTORSHIP:
                self._report(ViolationCode.UNKNOWN_INSTRUMENT, instrument=item.instrument.value)
                continue
            missing = [
                key
                for key, known in ((item.guest, self.mentees), (item.host, self.mentors))
                if key not in known
            ]
            for key in missing:
                self._report(ViolationCode.UNKNOWN_PARTY, party=key)
            row = self._row(item.guest, item.host)
            if row < 0 and not missing:
                self._report(ViolationCode.PAIR_NOT_POSSIBLE, mentee=item.guest, mentor=item.host)
            if row >= 0:
                self.chosen[self.mentees[item.guest]] = row
                self.rows.add(row)

    def _no_repetition(self) -> None:
        """No pair stands in the plan twice."""
        for (mentee, mentor), count in Counter(self.pairs).items():
            if count > 1:
                self._report(ViolationCode.PAIR_REPEATED, mentee=mentee, mentor=mentor)

    def _one_mentor_each(self) -> None:
        """A mentee gets at most the mentors it wants."""
        given = Counter(mentee for mentee, _ in self.pairs)
        for row in self.problem.mentees:
            if given[row.key] > row.wanted:
                self._report(
                    ViolationCode.MENTEE_OVER_WANTED,
                    mentee=row.key, wanted=row.wanted, given=given[row.key],
                )  # fmt: skip

    def _mentor_capacity(self) -> None:
        """A mentor never gets more mentees than it offered."""
        given = Counter(mentor for _, mentor in self.pairs)
        for row in self.problem.mentors:
            if given[row.key] > row.capacity:
                self._report(
                    ViolationCode.MENTOR_OVER_CAPACITY,
                    mentor=row.key, capacity=row.capacity, given=given[row.key],
                )  # fmt: skip

    def _each(self, pairings: tuple[Pairing, ...], code: ViolationCode, present: bool) -> None:
        plan = set(self.pairs)
        for p in pairings:
            if ((p.guest, p.host) in plan) is present:
                self._report(code, mentee=p.guest, mentor=p.host)

    def _pins_held(self) -> None:
        """A pinned pair is in the plan."""
        self._each(self.problem.pins, ViolationCode.PIN_NOT_HELD, False)

    def _exclusions_held(self) -> None:
        """A pair that the coordinator excluded is not in the plan."""
        self._each(self.problem.excluded, ViolationCode.EXCLUDED_PAIR, True)

    def _accepted_kept(self) -> None:
        """What both sides accepted stays."""
        self._each(self.problem.accepted, ViolationCode.ACCEPTED_NOT_KEPT, False)

    def _declined_not_proposed(self) -> None:
        """What a side declined is not proposed again."""
        self._each(self.problem.declined, ViolationCode.DECLINED_PROPOSED, True)

    def _item_facts(self) -> None:
        """An item states the themes, satisfaction and fit of its pair."""
        table, names = self.problem.pairs, self.problem.themes
        for item in self.plan.items:
            row = self._row(item.guest, item.host)
            if row < 0 or item.instrument is not Instrument.MENTORSHIP:
                continue
            bits = int(table.themes[row])
            if item.themes != tuple(n for at, n in enumerate(names) if bits & (1 << at)):
                self._report(ViolationCode.WRONG_THEMES, mentee=item.guest, mentor=item.host)
            for code, stated, found in (
                (ViolationCode.WRONG_SATISFACTION, item.satisfaction, table.satisfaction[row]),
                (ViolationCode.WRONG_FIT, item.fit, table.fit[row]),
            ):
                if stated != found:
                    self._report(
                        code, mentee=item.guest, mentor=item.host, stated=stated, found=int(found)
                    )

    # The objectives.

    def objectives(self) -> tuple[ObjectiveReport, ...]:
        order = self.problem.policy.order
        stated = tuple(line.code for line in self.plan.objectives)
        if stated != order:
            self._report(
                ViolationCode.WRONG_OBJECTIVES, stated=" ".join(stated), found=" ".join(order)
            )
        sound = not self.found
        self.several = any(row.wanted > 1 for row in self.problem.mentees)
        proof = self._proof() if sound else None
        strays = {step.objective for step in self.plan.proof} - set(order)
        for code in sorted(strays):
            self._report(ViolationCode.PROOF_MALFORMED, objective=code.value, step=0)
        reports: list[ObjectiveReport] = []
        checked_codes: set[ObjectiveCode] = set()
        if proof is not None:
            checked_codes = {code for code in order if proof.objective(code)}
            self.found += proof.found
        for code in order:
            value, levels = self._value(code)
            checked = code in checked_codes
            unproven = tuple(r.code for r in reports if not r.checked)
            line = next((entry for entry in self.plan.objectives if entry.code is code), None)
            bound = value if checked or line is None else line.bound
            if line is not None:
                self._statement(code, value, levels, checked, unproven)
            reports.append(ObjectiveReport(code, value, bound, checked, unproven, levels))
        return tuple(reports)

    def _proof(self) -> Proof | TotalsProof:
        if self.several:
            rows = np.array(sorted(self.rows), np.int64)
            return TotalsProof(self.problem, self.plan, rows)
        return Proof(self.problem, self.plan, self.chosen)

    def _value(self, code: ObjectiveCode) -> tuple[int, tuple[tuple[int, int], ...]]:
        """The value of an objective, from its statement."""
        rows = np.array(sorted(self.rows), np.int64)
        table = self.problem.pairs
        if code is ObjectiveCode.KEEP:
            earlier = {(p.guest, p.host) for p in self.problem.proposed}
            return len(earlier - set(self.pairs)), ()
        if code is ObjectiveCode.OBSERVERS:
            return 0, ()
        if code is ObjectiveCode.COVER:
            return len(set(table.mentee[rows].tolist())), ()
        if code is ObjectiveCode.WORST_OFF:
            totals: Counter[int] = Counter()
            for who, row in zip(table.mentee[rows].tolist(), rows.tolist(), strict=True):
                totals[who] += int(table.satisfaction[row])
            counts = Counter(totals.values())
            return min(counts, default=0), tuple(sorted(counts.items()))
        if code is ObjectiveCode.FIT:
            return int(table.fit[rows].sum()), ()
        return sum(count**2 for count in Counter(table.mentor[rows].tolist()).values()), ()

    def _statement(
        self,
        code: ObjectiveCode,
        value: int,
        levels: tuple[tuple[int, int], ...],
        checked: bool,
        unproven: tuple[ObjectiveCode, ...],
    ) -> None:
        """What the plan says about an objective is what is found."""
        line = next(entry for entry in self.plan.objectives if entry.code is code)
        name = code.value
        policy = self.problem.policy
        if line.value != value:
            self._report(ViolationCode.WRONG_VALUE, objective=name, stated=line.value, found=value)
        if line.levels != levels:
            self._report(ViolationCode.WRONG_LEVELS, objective=name)
        smaller = code in (ObjectiveCode.KEEP, ObjectiveCode.SPREAD)
        wrong = (line.bound > value) if smaller else (line.bound < value)
        if wrong or (checked and line.proven and line.bound != value):
            self._report(ViolationCode.WRONG_BOUND, objective=name, stated=line.bound, found=value)
        on, note = True, None
        if code is ObjectiveCode.OBSERVERS:
            on = policy.observers_first
            note = NoteCode.NO_MISSIONS if on else NoteCode.SWITCHED_OFF
        elif code is ObjectiveCode.WORST_OFF and policy.worst_off is WorstOff.OFF:
            on, note = False, NoteCode.SWITCHED_OFF
        elif code is ObjectiveCode.WORST_OFF and not line.proven and line.bound == value:
            note = NoteCode.LEVELS_OPEN
        proven = {e.code for e in self.plan.objectives if e.proven}
        before = policy.order[: policy.order.index(code)]
        for name_of, fine in (
            ("sense", line.sense.value == ("min" if smaller else "max")),
            ("gap", line.gap == abs(line.bound - line.value)),
            ("on", line.on is on),
            ("note", line.note is note),
            ("conditional_on", line.conditional_on == tuple(c for c in before if c not in proven)),
            ("proven", line.proven or self.plan.outcome is not OutcomeCode.PROVEN),
        ):
            if not fine:
                self._report(ViolationCode.WRONG_STATEMENT, objective=name, field=name_of)
        # With several mentors some optima are found by search: their bound remains a claim.
        if line.proven and not checked and not self.found and not self.several:
            self._report(ViolationCode.PROOF_MISSING, objective=name)
