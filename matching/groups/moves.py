"""Moves between groups with their exact gains, some rows at a time.

A row is everything that one unit can do next: change places with any other unit, or go to a free
place. The gain of all of a row's moves takes a few operations on arrays of length *N*, the number
of units plus, where sizes can change, one **gap** for each group: a unit of nobody, with no value.

With ``inside[g, v]`` the value of unit *v* with all of group *g*, a change of *u* (in *a*) and *v*
(in *b*) gains ``inside[b, u] + inside[a, v] - inside[a, u] - inside[b, v] - 2 value[u, v]``.
"""

from __future__ import annotations

import numpy as np

from matching.groups.space import Bits, Numbers, Space, Whole

NEVER = -1e300
"""Gain of a move that a hard rule forbids."""


class Moves:
    """A grouping that keeps every hard rule, and the gains of leaving it.

    Parameters
    ----------
    space
        The Problem as arrays.
    home
        Group of each participant; keeps the hard rules.
    """

    def __init__(self, space: Space, home: Whole) -> None:
        self.space = space
        units, groups = space.units, len(space.least)
        self.units, self.groups = units, groups
        member = np.zeros((units, len(home)))
        member[space.unit, np.arange(len(home))] = 1
        self.size = member.sum(axis=1).astype(np.int64)
        self.gaps = bool((space.least < space.most).any() or (self.size > 1).any())
        wide = units + groups if self.gaps else units
        self.value = np.zeros((wide, wide))
        self.value[:units, :units] = member @ space.value @ member.T
        within = np.diagonal(self.value).copy()
        np.fill_diagonal(self.value, 0)
        self.twice = 2 * self.value
        self._rooms: dict[str, Numbers] = {}
        self.base = round(float(within.sum())) // 2
        first = np.array([np.flatnonzero(space.unit == at)[0] for at in range(units)])
        self.home = np.concatenate((home[first], np.arange(wide - units)))
        self.wide_size = np.concatenate((self.size, np.zeros(wide - units, np.int64)))
        self._prepare_rules(member.astype(bool), wide)
        self.recount()

    def _prepare_rules(self, member: Bits, wide: int) -> None:
        space, units = self.space, self.units
        free = wide - units
        self.real = np.concatenate((np.ones(units, np.int64), np.zeros(free, np.int64)))
        allowed = ~(member @ ~space.allowed)
        self.closed = not allowed.all()
        self.allowed = np.vstack((allowed, np.ones((free, self.groups), bool)))
        self.held: list[Numbers] = []
        for need in space.needs:
            held = ~(member @ ~need.held)
            padded = np.vstack((held, np.ones((free, held.shape[1]), bool)))
            self.held.append(padded.astype(np.float32))
        self.foes = np.zeros((wide, wide), np.int64)
        for one, other in space.apart:
            first, second = space.unit[one], space.unit[other]
            self.foes[first, second] = self.foes[second, first] = 1
        self.apart = bool(self.foes.any())
        self.counted = np.zeros((wide, space.counted.shape[1]), np.int64)
        self.counted[:units] = member.astype(np.int64) @ space.counted.astype(np.int64)
        self.balanced = self.counted.shape[1] > 0

    def recount(self) -> None:
        """Everything that is kept up to date by moves, from ``home`` alone."""
        units, home = self.units, self.home
        inside = np.zeros((self.groups, units))
        inside[home[:units], np.arange(units)] = 1
        self.inside = inside @ self.value[:units, :units]
        self.own = np.zeros(len(home))
        self.own[:units] = self.inside[home[:units], np.arange(units)]
        self.total = round(float(self.own.sum())) // 2 + self.base
        self.people = (inside.astype(np.int64) @ self.size).astype(np.int64)
        whole = inside.astype(np.int64)
        self.members = whole.sum(axis=1)
        self.having = [whole @ held[:units].astype(np.int64) for held in self.held]
        self.common: list[Numbers] = [np.zeros(held.shape, np.float32) for held in self.held]
        for group in range(self.groups):
            self._recount_common(group)
        self.met = whole @ self.foes[:units]
        self.count = whole @ self.counted[:units]
        self.beyond = int(self._excess(self.count).sum())

    def _recount_common(self, group: int) -> None:
        """Words that all of a group have, leaving out one unit, for each of its units."""
        places = np.flatnonzero(self.home == group)
        for held, having, common in zip(self.held, self.having, self.common, strict=True):
            less = self.real[places]
            left = having[group] - held[places] * less[:, None]
            common[places] = left == (self.members[group] - less)[:, None]

    def _excess(self, count: Whole) -> Whole:
        over: Whole = np.maximum(count - self.space.high, self.space.low - count)
        np.maximum(over, 0, out=over)
        return over

    def rows(self, units: Whole, penalty: float) -> Numbers:
        """Gain of every move of some units; ``NEVER`` where a hard rule forbids it.

        Parameters
        ----------
        penalty
            What a person out of balance costs.

        Returns
        -------
        Numbers
            A row for each of the units, a column for each unit and gap; good until the next call.
        """
        here, many = self.home[units], len(units)
        gain, there, both = (self._room(name, many) for name in ("gain", "there", "both"))
        self.inside[:, units].T.take(self.home, axis=1, out=gain, mode="clip")
        self.inside.take(here, axis=0, out=there[:, : self.units], mode="clip")
        self.twice.take(units, axis=0, out=both, mode="clip")
        there -= self.own
        gain += there
        gain -= both
        gain -= self.own[units, None]
        if self.balanced:
            gain -= penalty * self.excess_change(units)
        np.putmask(gain, self._forbidden(units, here), NEVER)
        return gain

    def _room(self, name: str, rows: int) -> Numbers:
        """Arrays that are used again: fresh memory for each row takes longer than its sums."""
        room = self._rooms.get(name)
        if room is None or len(room) < rows:
            room = self._rooms[name] = np.zeros((rows, len(self.home)))
        return room[:rows]

    def excess_change(self, units: Whole) -> Whole:
        """By how many people out of balance each move of some units changes the grouping."""
        here = self.home[units]
        change = self.counted[None, :, :] - self.counted[units, None, :]
        there = self.count[self.home]
        after: Whole = self._excess(self.count[here, None, :] + change).sum(axis=2)
        after += self._excess(there[None, :, :] - change).sum(axis=2)
        before = self._excess(self.count).sum(axis=1)
        after -= before[here, None]
        after -= before[self.home]
        return after

    def _forbidden(self, units: Whole, here: Whole) -> Bits:
        """Moves within the group, and moves that break a hard rule."""
        home, space = self.home, self.space
        bad: Bits = home == here[:, None]
        if self.gaps:
            more = self.size[units, None] - self.wide_size
            there = self.people[home] + more
            left = self.people[here, None] - more
            bad |= (there > space.most[home]) | (there < space.least[home])
            bad |= (left > space.most[here, None]) | (left < space.least[here, None])
        if self.closed:
            bad |= ~self.allowed[units].take(home, axis=1)
            bad |= ~self.allowed[:, here].T
        if self.apart:
            foes = self.foes[units]
            bad |= self.met[:, units].T.take(home, axis=1) > foes
            bad |= self.met[here] > foes
        for held, common in zip(self.held, self.common, strict=True):
            bad |= held[units] @ common.T == 0
            bad |= common[units] @ held.T == 0
        return bad

    def move(self, unit: int, other: int, gain: float) -> None:
        """Let a unit and another, or a gap, change places; ``gain`` is without penalties."""
        here, there = int(self.home[unit]), int(self.home[other])
        units = self.units
        change = self.value[other, :units] - self.value[unit, :units]
        self.inside[here] += change
        self.inside[there] -= change
        self.home[unit] = there
        if other < units:
            self.home[other] = here
        self.own[:units] = self.inside[self.home[:units], np.arange(units)]
        self.total += round(gain)
        if self.gaps:
            more = self.wide_size[other] - self.size[unit]
            self.people[here] += more
            self.people[there] -= more
            self.members[here] += self.real[other] - 1
            self.members[there] -= self.real[other] - 1
        if self.apart:
            foes = self.foes[other] - self.foes[unit]
            self.met[here] += foes
            self.met[there] -= foes
        if self.balanced:
            counted = self.counted[other] - self.counted[unit]
            before = self._excess(self.count[[here, there]]).sum()
            self.count[here] += counted
            self.count[there] -= counted
            self.beyond += int(self._excess(self.count[[here, there]]).sum() - before)
        if self.held:
            for held, having in zip(self.held, self.having, strict=True):
                words = (held[other] * self.real[other] - held[unit]).astype(np.int64)
                having[here] += words
                having[there] -= words
            self._recount_common(here)
            self._recount_common(there)

    def of_people(self) -> Whole:
        """The group of each participant."""
        return self.home[: self.units][self.space.unit]
