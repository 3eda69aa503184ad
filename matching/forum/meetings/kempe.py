"""Fewer idle gaps by exchanging two slots along chains of meetings.

A schedule is an edge colouring: participants are nodes, meetings edges, slots colours. Take a
participant busy in slot *s* and free in slot *t*, and follow its meeting in *s*, the other side's
meeting in *t*, and so on to the end: with *s* and *t* exchanged along this chain nobody meets two
at once, and only the two ends of the chain are busy at other times than before (A. B. Kempe's
chains). So a move costs a walk, and what it changes is looked up in a table of gaps by busy slots.
Simulated annealing over such moves comes close to the fewest gaps in seconds; it proves nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from matching.forum.meetings.frame import Frame
from matching.watch import Watch

HOT, COLD = 0.5, 0.15
"""Temperatures at the start and at the end, in idle gaps."""
STRIDE = 2_000
"""Moves at one temperature; after each stride the watch is asked."""
OVER_TABLES = 1.0
"""Price of a meeting beyond the tables while the search goes on; the answer has none."""
UNFAIR = 4
"""Price of an idle gap beyond those that fairness allows, the gap included."""


class _Prices(dict[int, int]):
    """The price of each set of busy slots, computed when it is first asked for."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame

    def __missing__(self, mask: int) -> int:
        gaps = self.frame.breaks([bool(mask >> slot & 1) for slot in range(self.frame.slots)])
        most = gaps if self.frame.fairness is None else self.frame.fairness
        self[mask] = gaps + max(gaps - most, 0) * (UNFAIR - 1)
        return self[mask]


class Chains:
    """Annealing from one schedule; wishes that are placed stay placed, ``fixed`` ones stay put.

    Fairness is kept in its simplest form: nobody has more idle gaps than the most apart.
    """

    def __init__(self, frame: Frame, schedule: Sequence[int], fixed: set[int]) -> None:
        self.frame = frame
        slots = frame.slots
        self.meeting = [[-1] * slots for _ in range(frame.participants)]
        self.busy = [0] * frame.participants
        self.held = [0] * slots
        self.helped = [0] * slots
        self.needing = any(frame.interpreted)
        for wish, slot in enumerate(schedule):
            if slot >= 0:
                self.held[slot] += 1
                self.helped[slot] += frame.interpreted[wish]
                for person in frame.pairs[wish]:
                    self.meeting[person][slot] = wish
                    self.busy[person] |= 1 << slot
        self.allowed = [
            sum(1 << s for s in ((schedule[wish],) if wish in fixed else frame.possible[wish]))
            for wish in range(len(frame.pairs))
        ]
        self.price = _Prices(frame)

    def schedule(self) -> list[int]:
        """The slot of each wish, -1 for none."""
        found = [-1] * len(self.frame.pairs)
        for row in self.meeting:
            for slot, wish in enumerate(row):
                if wish >= 0:
                    found[wish] = slot
        return found

    def _walk(self, person: int, away: int, to: int) -> tuple[list[int], int]:
        """The chain from a person's meeting in one slot, and who stands at its end.

        The end is -1 when a meeting of the chain can't be in the other slot.
        """
        chain: list[int] = []
        end = person
        here, there = away, to
        pairs, meeting, allowed = self.frame.pairs, self.meeting, self.allowed
        while (wish := meeting[end][here]) >= 0:
            if not allowed[wish] >> there & 1:
                return chain, -1
            chain.append(wish)
            a, b = pairs[wish]
            end = b if a == end else a
            here, there = there, here
        return chain, end

    def _exchange(self, person: int, chain: list[int], end: int, away: int, to: int) -> None:
        """Exchange the two slots along a chain."""
        helped = self._helped(chain)
        self.helped[away] -= helped
        self.helped[to] += helped
        if len(chain) % 2:
            self.held[away] -= 1
            self.held[to] += 1
        flip = 1 << away | 1 << to
        self.busy[person] ^= flip
        self.busy[end] ^= flip
        nodes = [person]
        for wish in chain:
            a, b = self.frame.pairs[wish]
            nodes.append(b if a == nodes[-1] else a)
        for node in nodes:
            row = self.meeting[node]
            row[away], row[to] = row[to], row[away]

    def _helped(self, chain: list[int]) -> int:
        """Meetings with an interpreter that a chain moves on, less those that it moves back."""
        interpreted = self.frame.interpreted
        return sum(interpreted[wish] for wish in chain[::2]) - sum(
            interpreted[wish] for wish in chain[1::2]
        )

    def _crowding(self, chain: list[int], away: int, to: int) -> float:
        """Price of tables, infinite when there are too few interpreters."""
        if self.needing:
            helped, interpreters = self._helped(chain), self.frame.interpreters
            if helped > 0 and self.helped[to] + helped > interpreters[to]:
                return math.inf
            if helped < 0 and self.helped[away] - helped > interpreters[away]:
                return math.inf
        cost = 0.0
        if len(chain) % 2:
            if self.held[to] >= self.frame.tables[to]:
                cost += OVER_TABLES
            if self.held[away] > self.frame.tables[away]:
                cost -= OVER_TABLES
        return cost

    def anneal(self, goal: int, moves: int, seed: int, watch: Watch) -> list[int] | None:
        """Search for fewer idle gaps.

        Parameters
        ----------
        goal
            Stop at so few gaps: a lower bound.
        moves
            Moves tried.

        Returns
        -------
        list of int or None
            The best schedule found that keeps every rule, None when there is none.
        """
        # A search has to be repeatable, not secret.
        draw = random.Random(seed).random  # noqa: S311
        open_slots, busy, price = self.frame.open_slots, self.busy, self.price
        people = [
            person
            for person, slots in enumerate(open_slots)
            if 0 < busy[person].bit_count() < len(slots)
        ]
        best, fewest, total = None, math.inf, sum(price[mask] for mask in busy)
        strides = moves // STRIDE if people else 0
        for stride in range(strides):
            if watch.stopped():
                break
            heat = HOT * (COLD / HOT) ** (stride / strides)
            for _ in range(STRIDE):
                person = people[int(draw() * len(people))]
                slots = open_slots[person]
                away, to = slots[int(draw() * len(slots))], slots[int(draw() * len(slots))]
                mask = busy[person]
                if (mask >> away & 1) == (mask >> to & 1):
                    continue
                if mask >> to & 1:
                    away, to = to, away
                flip = 1 << away | 1 << to
                own = price[mask ^ flip] - price[mask]
                # Each end is accepted on its own, so that most moves need no walk.
                if own > 0 and draw() >= math.exp(-own / heat):
                    continue
                chain, end = self._walk(person, away, to)
                if end < 0:
                    continue
                other = price[busy[end] ^ flip] - price[busy[end]]
                cost = other + self._crowding(chain, away, to)
                if cost > 0 and draw() >= math.exp(-cost / heat):
                    continue
                self._exchange(person, chain, end, away, to)
                total += own + other
                if total < fewest and self._sound():
                    best, fewest = self.schedule(), total
                    if fewest <= goal:
                        return best
        return best

    def _sound(self) -> bool:
        """No slot holds more than its tables, nobody has more idle gaps than is fair."""
        most = self.frame.fairness
        return all(
            held <= tables for held, tables in zip(self.held, self.frame.tables, strict=True)
        ) and (most is None or all(self.price[mask] <= most for mask in self.busy))
