"""The rules of bilateral meetings as a CP-SAT model, one function for each rule.

Source of the view by participants (``busy``, ``met``, gaps that end) and of the implied
constraints: M. Bofill, J. Coll, M. Garcia, J. Giráldez-Cru, G. Pesant, J. Suy, M. Villaret,
*Constraint solving approaches to the business-to-business meeting scheduling problem*, JAIR 2022.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

from ortools.sat.python import cp_model

from matching.forum.meetings.frame import Frame

Bool = cp_model.BoolVarT


class Model:
    """The CP-SAT model of a frame.

    ``at[wish, slot]`` holds when the wish is placed in the slot, ``busy[participant, slot]`` when
    the participant meets somebody in it. ``gaps[participant]`` lists literals of which as many
    hold as the participant has idle gaps.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.cp = cp_model.CpModel()
        self.at: dict[tuple[int, int], Bool] = {
            (wish, slot): self.cp.new_bool_var(f"at_{wish}_{slot}")
            for wish, slots in enumerate(frame.possible)
            for slot in slots
        }
        self.placed: list[cp_model.LinearExprT] = []
        self.busy: dict[tuple[int, int], Bool] = {}
        self.gaps: list[list[Bool]] = []
        self._once()
        self._pair_once()
        self._pins()
        self._participant_once()
        self._tables()
        self._interpreters()
        for person in range(frame.participants):
            self.gaps.append(self._idle_gaps(person))
        self._fairness()

    def _once(self) -> None:
        """A wish is placed once at most, and once when all have to be placed."""
        for wish, slots in enumerate(self.frame.possible):
            here = [self.at[wish, slot] for slot in slots]
            if self.frame.place_all:
                self.cp.add_exactly_one(here)
                self.placed.append(1)
            else:
                placed = self.cp.new_bool_var(f"placed_{wish}")
                self.cp.add_exactly_one([*here, placed.negated()])
                self.placed.append(placed)

    def _pair_once(self) -> None:
        """The same two meet once at most, unless every wish has to be placed."""
        if self.frame.place_all:
            return
        wishes: dict[frozenset[int], list[int]] = defaultdict(list)
        for wish, pair in enumerate(self.frame.pairs):
            wishes[frozenset(pair)].append(wish)
        for same in wishes.values():
            if len(same) > 1:
                self.cp.add(sum(self.placed[wish] for wish in same) <= 1)

    def _pins(self) -> None:
        """A pinned wish is placed in its slot."""
        for wish, slot in self.frame.pinned.items():
            self.cp.add_bool_or([self.at[wish, slot]] if (wish, slot) in self.at else [])

    def _participant_once(self) -> None:
        """A participant has one meeting at most in a slot."""
        frame = self.frame
        for person, wishes in enumerate(frame.wishes_of):
            for slot in frame.open_slots[person]:
                busy = self.cp.new_bool_var(f"busy_{person}_{slot}")
                here = [self.at[w, slot] for w in wishes if (w, slot) in self.at]
                self.cp.add_exactly_one([*here, busy.negated()])
                self.busy[person, slot] = busy
            if frame.place_all:
                # Implied: every wish has one slot. Said aloud, it lets the search count.
                mine = [self.busy[person, slot] for slot in frame.open_slots[person]]
                self.cp.add(sum(mine) == len(wishes))

    def _tables(self) -> None:
        """A slot has no more meetings than tables."""
        frame = self.frame
        everything = sum(frame.tables)
        for slot, tables in enumerate(frame.tables):
            here = [self.at[w, slot] for w in range(len(frame.pairs)) if (w, slot) in self.at]
            if len(here) > tables:
                self.cp.add(sum(here) <= tables)
            if frame.place_all:
                # Implied: what the other slots cannot hold has to be here.
                rest = len(frame.pairs) - (everything - tables)
                if rest > 0:
                    self.cp.add(sum(here) >= rest)

    def _interpreters(self) -> None:
        """A slot has no more meetings without a common language than interpreters."""
        needing = [wish for wish, needs in enumerate(self.frame.interpreted) if needs]
        for slot, interpreters in enumerate(self.frame.interpreters):
            here = [self.at[wish, slot] for wish in needing if (wish, slot) in self.at]
            if len(here) > interpreters:
                self.cp.add(sum(here) <= interpreters)

    def _idle_gaps(self, person: int) -> list[Bool]:
        """An idle gap is a run of empty slots between two meetings of a day."""
        frame = self.frame
        ends: list[Bool] = []
        met: Bool | None = None
        for slot in range(frame.slots):
            here = self.busy.get((person, slot))
            if frame.first[slot]:
                met = None
            if here is None:
                continue
            before = self.busy.get((person, slot - 1))
            if met is not None and met is not before:
                ends.append(self._gap_ends(met, before, here))
            met = self._either(met, here)
        meetings = len(frame.wishes_of[person])
        most = min(meetings - 1, len(ends))
        if frame.place_all:
            most = min(most, frame.slots - meetings)
        if most < 1:
            return []
        count: list[Bool] = [
            self.cp.new_bool_var(f"gap_{person}_{number}") for number in range(most)
        ]
        self.cp.add(sum(ends) == sum(count))
        for first, second in itertools.pairwise(count):
            self.cp.add_implication(second, first)
        return count

    def _gap_ends(self, met: Bool, before: Bool | None, here: Bool) -> Bool:
        end = self.cp.new_bool_var("")
        idle = [] if before is None else [before]
        self.cp.add_bool_or([end, met.negated(), here.negated(), *idle])
        self.cp.add_implication(end, met)
        self.cp.add_implication(end, here)
        for literal in idle:
            self.cp.add_implication(end, literal.negated())
        return end

    def _either(self, met: Bool | None, here: Bool) -> Bool:
        """A literal that holds when the participant has met somebody so far that day."""
        if met is None:
            return here
        now = self.cp.new_bool_var("")
        self.cp.add_implication(met, now)
        self.cp.add_implication(here, now)
        self.cp.add_bool_or([now.negated(), met, here])
        return now

    def _fairness(self) -> None:
        """The numbers of idle gaps of any two participants are so far apart at most."""
        most = self.frame.fairness
        if most is None or max(map(len, self.gaps), default=0) <= most:
            return
        if not min(map(len, self.gaps)):
            for gaps in self.gaps:
                for literal in gaps[most:]:
                    self.cp.add_bool_and([literal.negated()])
            return
        least = self.cp.new_int_var(0, self.frame.slots, "least")
        for gaps in self.gaps:
            self.cp.add(sum(gaps) >= least)
            self.cp.add(sum(gaps) <= least + most)

    # What the objectives count.

    def moved(self) -> list[cp_model.LinearExprT]:
        """One for each wish of the earlier schedule that is not in its slot any more."""
        return [
            1 - self.at[wish, slot] if (wish, slot) in self.at else 1
            for wish, slot in self.frame.previous.items()
        ]

    def weight(self) -> list[cp_model.LinearExprT]:
        """The weight of each wish that is placed."""
        return [w * placed for w, placed in zip(self.frame.weights, self.placed, strict=True)]

    def breaks(self) -> list[cp_model.LinearExprT]:
        """One for each idle gap."""
        return [literal for gaps in self.gaps for literal in gaps]

    # Between model and schedule.

    def hint(self, schedule: Sequence[int]) -> None:
        """Start from a schedule: the slot of each wish, -1 for none."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]
        for (wish, slot), literal in self.at.items():
            self.cp.add_hint(literal, schedule[wish] == slot)

    def schedule(self, solver: cp_model.CpSolver) -> list[int]:
        """The slot of each wish, -1 for none, in the answer of a solver."""
        found = [-1] * len(self.frame.pairs)
        for (wish, slot), literal in self.at.items():
            if solver.boolean_value(literal):
                found[wish] = slot
        return found
