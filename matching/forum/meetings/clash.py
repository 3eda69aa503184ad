"""Why no schedule is possible: rules that contradict each other, none of which can be left out."""

from __future__ import annotations

from collections.abc import Callable

from ortools.sat.python import cp_model

from matching.cpsat import run
from matching.forum.meetings.codes import MeetingRule
from matching.forum.meetings.frame import frame_of
from matching.forum.meetings.model import MeetingsProblem, Wish
from matching.outcome import Clash
from matching.watch import Watch

TRY_WORK = 10.0
"""Most deterministic time for one question whether some rules alone leave a schedule."""


def smallest_clash(
    problem: MeetingsProblem, watch: Watch, seed: int
) -> tuple[tuple[Clash, ...], bool]:
    """Rules that together leave no schedule, none of which can be left out.

    Returns
    -------
    clash, smallest
        The rules in the order of their statement. ``smallest`` is False when time ran out, or a
        question took too much work, before every rule was tried.

    Notes
    -----
    By deletion: what CP-SAT needed is a first, rough set; then rules are left out in ever smaller
    blocks and stay out when the others still leave no schedule.
    """
    rules = _Rules(problem)
    first, smallest = rules.needed(list(range(len(rules.clashes))), watch, seed)
    kept = list(range(len(rules.clashes))) if first is None else first
    size = max(len(kept) // 2, 1)
    while True:
        at = 0
        while at < len(kept):
            if watch.stopped():
                return rules.named(kept), False
            rest = kept[:at] + kept[at + size :]
            core, known = rules.needed(rest, watch, seed)
            smallest = smallest and known
            if core is None:
                at += size
            else:
                kept = core
        if size == 1:
            return rules.named(kept), smallest
        size = max(size // 2, 1)


class _Rules:
    """A model in which every rule holds only if its literal does."""

    def __init__(self, problem: MeetingsProblem) -> None:
        self.problem, self.frame = problem, frame_of(problem)
        self.cp = cp_model.CpModel()
        self.clashes: list[Clash] = []
        self.literals: list[cp_model.IntVar] = []
        self.at = [
            [self.cp.new_bool_var("") for _ in problem.slots] for _ in problem.wishes
        ]  # fmt: skip
        for wish in self.at:
            self.cp.add_at_most_one(wish)
        for state in (
            self._all_placed, self._pinned_slot, self._participant_once, self._participant_away,
            self._part_of_day, self._tables, self._interpreters, self._fairness,
        ):  # fmt: skip
            state()

    def named(self, kept: list[int]) -> tuple[Clash, ...]:
        """Rules by position."""
        return tuple(self.clashes[at] for at in sorted(kept))

    def needed(self, chosen: list[int], watch: Watch, seed: int) -> tuple[list[int] | None, bool]:
        """Rules among these that leave no schedule, None when they leave one or nobody knows.

        The second value tells whether the answer is known.
        """
        place = {self.literals[at].index: at for at in chosen}
        self.cp.clear_assumptions()
        self.cp.add_assumptions([self.literals[at] for at in chosen])
        answer = run(self.cp, watch=watch, seed=seed, workers=1, work_limit=TRY_WORK)
        if not answer.impossible:
            return None, answer.found
        core = answer.solver.sufficient_assumptions_for_infeasibility()
        return sorted(place[index] for index in core if index in place) or chosen, True

    def _rule(
        self, code: MeetingRule, **parameters: str | int | tuple[str, ...]
    ) -> cp_model.IntVar:
        literal = self.cp.new_bool_var("")
        self.clashes.append(Clash(code, parameters))
        self.literals.append(literal)
        return literal

    def _wish(self, code: MeetingRule, wish: Wish, **more: str) -> cp_model.IntVar:
        return self._rule(code, wish=wish.key, a=wish.a, b=wish.b, **more)

    def _all_placed(self) -> None:
        """Every wish is placed."""
        if self.problem.place_all:
            for wish, here in zip(self.problem.wishes, self.at, strict=True):
                self.cp.add_bool_or([*here, self._wish(MeetingRule.ALL_PLACED, wish).negated()])

    def _pinned_slot(self) -> None:
        """A pinned wish is in its slot."""
        for wish, slot in self.frame.pinned.items():
            literal = self._wish(
                MeetingRule.PINNED_SLOT, self.problem.wishes[wish],
                slot=self.problem.slots[slot].key,
            )  # fmt: skip
            self.cp.add_implication(literal, self.at[wish][slot])

    def _participant_once(self) -> None:
        """A participant has one meeting at most in a slot."""
        slots = range(len(self.problem.slots))
        for person, wishes in zip(self.problem.participants, self.frame.wishes_of, strict=True):
            if len(wishes) > 1:
                literal = self._rule(
                    MeetingRule.PARTICIPANT_ONCE, participant=person.key, slots=len(slots)
                )
                for slot in slots:
                    total = sum(self.at[wish][slot] for wish in wishes)
                    self.cp.add(total <= 1).only_enforce_if(literal)

    def _participant_away(self) -> None:
        """A participant has no meeting while away."""
        place = {slot.key: at for at, slot in enumerate(self.problem.slots)}
        for person, wishes in zip(self.problem.participants, self.frame.wishes_of, strict=True):
            if person.away and wishes:
                literal = self._rule(
                    MeetingRule.PARTICIPANT_AWAY, participant=person.key, slots=person.away
                )
                for wish in wishes:
                    for slot in person.away:
                        self._never(literal, wish, place[slot])

    def _part_of_day(self) -> None:
        """A wish for a part of the day is in a slot of it."""
        for at, wish in enumerate(self.problem.wishes):
            if wish.part is not None:
                literal = self._wish(MeetingRule.PART_OF_DAY, wish, part=wish.part)
                for slot, record in enumerate(self.problem.slots):
                    if record.part != wish.part:
                        self._never(literal, at, slot)

    def _never(self, literal: cp_model.IntVar, wish: int, slot: int) -> None:
        self.cp.add_implication(literal, self.at[wish][slot].negated())

    def _tables(self) -> None:
        """A slot has no more meetings than tables."""
        self._limited(MeetingRule.TABLES, "tables", self.frame.tables, self.at)

    def _interpreters(self) -> None:
        """A slot has no more meetings without a common language than interpreters."""
        needing: list[list[cp_model.IntVar]] = []
        for wish, needs, here in zip(
            self.problem.wishes, self.frame.interpreted, self.at, strict=True
        ):
            if needs:
                literal = self._wish(MeetingRule.NO_COMMON_LANGUAGE, wish)
                with_help = [self.cp.new_bool_var("") for _ in here]
                for place, helped in zip(here, with_help, strict=True):
                    self.cp.add_bool_or([helped, literal.negated(), place.negated()])
                needing.append(with_help)
        if needing:
            self._limited(MeetingRule.INTERPRETERS, "interpreters", self.frame.interpreters,
                          needing)  # fmt: skip

    def _limited(
        self,
        code: MeetingRule,
        name: str,
        limits: tuple[int, ...],
        rows: list[list[cp_model.IntVar]],
    ) -> None:
        literal = self._rule(code, **{name: sum(limits), "slots": len(limits)})
        for slot, limit in enumerate(limits):
            self.cp.add(sum(row[slot] for row in rows) <= limit).only_enforce_if(literal)

    def _fairness(self) -> None:
        """The numbers of idle gaps of any two participants are so far apart at most."""
        most = self.problem.fairness
        if most is None:
            return
        literal = self._rule(MeetingRule.FAIRNESS, most=most)
        least = self.cp.new_int_var(0, len(self.problem.slots), "")
        for wishes in self.frame.wishes_of:
            total = sum(self._gaps(wishes))
            self.cp.add(total >= least).only_enforce_if(literal)
            self.cp.add(total <= least + most).only_enforce_if(literal)

    def _gaps(self, wishes: tuple[int, ...]) -> list[cp_model.IntVar]:
        """Literals of which exactly as many hold as there are idle gaps."""
        ends: list[cp_model.IntVar] = []
        met: cp_model.IntVar | None = None
        before: cp_model.IntVar | None = None
        for slot in range(len(self.problem.slots)):
            if self.frame.first[slot]:
                met = before = None
            here = self._all_or_none(self.cp.add_max_equality, [self.at[w][slot] for w in wishes])
            if met is not None and before is not None:
                ends.append(
                    self._all_or_none(self.cp.add_min_equality, [met, here, before.negated()])
                )
            met = here if met is None else self._all_or_none(self.cp.add_max_equality, [met, here])
            before = here
        return ends

    def _all_or_none(
        self, equality: Callable[..., object], literals: list[cp_model.BoolVarT]
    ) -> cp_model.IntVar:
        result = self.cp.new_bool_var("")
        equality(result, literals or [0])
        return result
