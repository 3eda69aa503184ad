"""A Problem with some of its options only: whatever is a plan of the part is one of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from matching.items import Delivery, Item
from matching.joint.model import INSTRUMENTS, JointProblem, Mode, OptionTable, ServingTable
from matching.model import Column, Instrument, Pairing

MODES = {None: Mode.ANY, Delivery.ONLINE: Mode.ONLINE, Delivery.IN_PERSON: Mode.IN_PERSON}


def part_of(problem: JointProblem, rows: Iterable[int]) -> JointProblem:
    """The Problem with these options and their servings.

    Values of a plan made of them are the same in both: needs, parties and points stay.
    """
    kept = np.array(sorted(set(rows)), np.int64)
    place = np.full(len(problem.options) + 1, -1, np.int64)
    place[kept] = np.arange(len(kept))
    serving = problem.serving
    of_kept = place[serving.option] >= 0
    columns = {name: column[kept] for name, column in problem.options.columns().items()}
    return replace(
        problem,
        options=OptionTable(**columns),
        serving=ServingTable(
            place[serving.option[of_kept]], serving.need[of_kept], serving.points[of_kept]
        ),
    )


class Finder:
    """Options by the words of an item, by search in the sorted table.

    :class:`matching.joint.history.Index` reads every option once; this looks up a few among many.
    """

    def __init__(self, problem: JointProblem) -> None:
        self.problem = problem
        self.party = {row.key: at for at, row in enumerate(problem.parties)}
        self._giver = [
            {row.key: at for at, row in enumerate(problem.givers(kind))}
            for kind in range(len(INSTRUMENTS))
        ]
        table = problem.options
        self._keys = self._key(table.instrument, table.giver, table.guest, table.mode)

    def _key(self, kind: Column, giver: Column, guest: Column, mode: Column) -> Column:
        most = 1 + max((len(rows) for rows in self._giver), default=0)
        keys: Column = ((kind * most + giver) * (1 + len(self.party)) + guest) * len(Mode) + mode
        return keys

    def options(self, item: Item, guest: str) -> list[int]:
        """The options of one place, the lead's first; none when one of them is missing."""
        kind = INSTRUMENTS.index(item.instrument)
        mode = int(MODES.get(item.delivery, Mode.IN_PERSON))
        givers = item.team if item.instrument is Instrument.MISSION else (item.offer or "",)
        if item.instrument is Instrument.MENTORSHIP and item.offer not in self._giver[kind]:
            return self.between(Pairing(guest=guest, host=item.host))
        if guest not in self.party or not set(givers) <= set(self._giver[kind]):
            return []
        found = [self._at(kind, self._giver[kind][g], self.party[guest], mode) for g in givers]
        return [] if -1 in found else found

    def _at(self, kind: int, giver: int, guest: int, mode: int) -> int:
        words = (np.array([value], np.int64) for value in (kind, giver, guest, mode))
        key = int(self._key(*words)[0])
        at = int(np.searchsorted(self._keys, key))
        return at if at < len(self._keys) and int(self._keys[at]) == key else -1

    def between(self, pairing: Pairing) -> list[int]:
        """Options of a guest with givers of a host in an instrument."""
        kind = INSTRUMENTS.index(pairing.instrument)
        guest, host = self.party.get(pairing.guest, -1), self.party.get(pairing.host, -1)
        if -1 in (guest, host):
            return []
        home = [at for at, row in enumerate(self.problem.givers(kind)) if row.party == host]
        table = self.problem.options
        mine = (table.instrument == kind) & (table.guest == guest)
        rows: list[int] = np.flatnonzero(mine & np.isin(table.giver, home)).tolist()
        return rows

    def rows(self, items: Sequence[Item]) -> set[int]:
        """Options that items are made of, as far as the Problem has them."""
        return {
            at for item in items for place in item.places
            for at in self.options(item, place.guest)
        }  # fmt: skip


def serving_rows(problem: JointProblem, need: int) -> list[int]:
    """Options that serve a need."""
    rows: list[int] = np.unique(problem.serving.option[problem.serving.need == need]).tolist()
    return rows


def closed_rows(problem: JointProblem, finder: Finder) -> set[int]:
    """Options that the coordinator excluded or a party declined."""
    pairings = (*problem.policy.exclusions, *problem.previous.declined)
    return {at for pairing in pairings for at in finder.between(pairing)}
