"""Make an agenda: fewest moves from the previous one, then the smallest penalty, with bounds."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

from matching.codes import OutcomeCode
from matching.cpsat import Answer, run
from matching.forum.agenda.build import Rules
from matching.forum.agenda.clash import smallest_clash
from matching.forum.agenda.codes import AgendaObjective
from matching.forum.agenda.compose import Composer
from matching.forum.agenda.linear import LinearAnswer, LinearChild, linear_part
from matching.forum.agenda.model import (
    AgendaItem,
    AgendaLine,
    AgendaPlan,
    AgendaProblem,
    AgendaResult,
    TermLine,
)
from matching.forum.agenda.places import Grid
from matching.forum.agenda.points import Points, shared_interest
from matching.forum.agenda.score import Places, Score, arrange
from matching.forum.agenda.variables import Linear, Literal, can_loosen, total
from matching.watch import Cancel, Progress, Watch

VERSION = "1"
SUBSOLVERS = ("core", "no_lp", "default_lp", "reduced_costs", "quick_restart", "max_lp")
"""The first of these that are as many as the workers; measured, see ``docs/engine/agenda.md``."""
QUICK_WORK = 5.0
"""Deterministic time of CP-SAT for a first agenda when it has no worker of its own."""
POLL_SECONDS = 0.1
SMALL = 400
"""Variables up to which one worker runs one subsolver: many take longer to set up."""
PLAIN_SHARE = 0.25
"""Part of the time left for the bound without clashes."""
LOOSE_SHARE = 0.8
"""Part of the time that loose sessions may take; the rest is for the rooms of each."""


def solve(
    problem: AgendaProblem,
    *,
    seed: int = 0,
    workers: int = 1,
    time_limit: float | None = None,
    cancel: Cancel | None = None,
    progress: Progress | None = None,
) -> AgendaResult:
    """Make an agenda.

    Parameters
    ----------
    problem
        Sound, as the readers of this package give it.
    seed, workers
        Same Problem, seed and workers: same agenda, unless the clock or a cancellation ended it.
    time_limit
        Seconds. The best agenda found so far is given, with its gap.
    cancel, progress
        Asked and called while solving; see :mod:`matching.watch`.

    Returns
    -------
    AgendaResult
        Without a plan when none is possible (``clash`` says why) or none was found in time.
    """
    watch = Watch(time_limit, cancel, progress, 2 if problem.previous else 1)
    return _Solve(problem, watch, seed, workers).run()


@dataclass
class _Solve:
    problem: AgendaProblem
    watch: Watch
    seed: int
    workers: int
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> AgendaResult:
        begin = time.perf_counter()
        self.grid = Grid(self.problem)
        if not all(possible.any() for possible in self.grid.possible):
            return self._impossible()
        lost = shared_interest(self.grid)
        self.score = Score(self.grid, lost)
        self.composer = Composer(self.grid, lost)
        self.seconds["build"] = time.perf_counter() - begin
        best: Places | None = None
        bound = 0
        if can_loosen(self.grid):
            bound, impossible, best = self._loose()
            if impossible:
                return self._impossible()
            if best is not None and (self._value(best) <= bound or self.watch.stopped()):
                return self._result(best, bound, [])
        begin = time.perf_counter()
        rules = Rules(self.grid)
        points = Points(rules)
        self.seconds["build"] += time.perf_counter() - begin
        lines: list[AgendaLine] = []
        if self.problem.previous:
            moved = self._moved(rules)
            answer = self._step(rules, 1, AgendaObjective.MOVES, moved, None)
            if answer.impossible:
                return self._impossible()
            if not answer.found:
                return self._nothing()
            best = self._places(rules, answer.solver.boolean_value)
            lines.append(_line(AgendaObjective.MOVES, self._moves(best), answer.bound, lines))
            rules.model.add(moved <= lines[0].value)
        total = points.total()
        if bound:
            rules.model.add(total >= bound)
        elif points.apart:
            bound, start = self._plain()
            rules.model.add(points.plain() >= bound)
            if best is None and start is not None:
                best = start
                self.watch.say(1, AgendaObjective.PENALTY, self._value(start), bound)
        answer = self._step(rules, self.watch.steps, AgendaObjective.PENALTY, total, best)
        if answer.impossible and best is None:
            return self._impossible()
        if answer.found:
            found = self._places(rules, answer.solver.boolean_value)
            if best is None or self._value(found) < self._value(best):
                best = found
        if best is None:
            return self._nothing()
        return self._result(best, max(bound, answer.bound), lines)

    def _loose(self) -> tuple[int, bool, Places | None]:
        """Slots of sessions and rooms of tracks first; then who is in which room.

        HiGHS proves, in a child process. CP-SAT looks for an agenda meanwhile, or before when
        there is one worker; its answer counts only when the clock ends the proof, so that the
        same Problem gives the same agenda.
        """
        begin = time.perf_counter()
        rules = Rules(self.grid, loosen=True)
        total = Points(rules).total()
        rules.model.minimize(total)
        limit = self.watch.limit
        left = None if limit is None else max(limit * LOOSE_SHARE - self.watch.elapsed(), 0.01)
        content = linear_part(rules.model)
        self.seconds["build"] += time.perf_counter() - begin
        begin = time.perf_counter()
        answer = None
        if self.workers == 1:
            quick = self._quick(rules, total, None, left)
            left = None if left is None else max(left - (time.perf_counter() - begin), 0.01)
            child = LinearChild(content, self.seed, left)
        else:
            child = LinearChild(content, self.seed, left)
            quick = self._quick(rules, total, child, left)
        answer = self._of_child(child)
        self.seconds["solve"] = time.perf_counter() - begin
        if quick.impossible or (answer is not None and answer.impossible):
            return 0, True, None
        found = []
        if answer is not None and answer.values is not None:
            values = answer.values
            found.append(self._composed(rules, lambda literal: bool(values[literal.index])))
        if quick.found and (answer is None or not answer.proven):
            found.append(self._composed(rules, quick.solver.boolean_value))
        bound = max(quick.bound, 0 if answer is None else answer.bound)
        good = [places for places in found if places is not None]
        return bound, False, min(good, key=self._value, default=None)

    def _of_child(self, child: LinearChild) -> LinearAnswer | None:
        """What HiGHS found, None when it had to be ended."""
        answer = None
        try:
            while answer is None and not self.watch.stopped():
                child.done(POLL_SECONDS)
                answer = child.answer()
        finally:
            child.end()
        return answer

    def _plain(self) -> tuple[int, Places | None]:
        """A bound and a start from the agenda's penalty but for sessions that are to be apart.

        Of those, a linear relaxation knows next to nothing, and of all the rest nearly all:
        HiGHS has the rest proven before CP-SAT looks at clashes on top of it.
        """
        begin = time.perf_counter()
        rules = Rules(self.grid)
        rules.model.minimize(Points(rules, clashes=False).total())
        content = linear_part(rules.model)
        self.seconds["build"] += time.perf_counter() - begin
        begin = time.perf_counter()
        limit = self.watch.limit
        left = None if limit is None else max((limit - self.watch.elapsed()) * PLAIN_SHARE, 0.01)
        answer = self._of_child(LinearChild(content, self.seed, left))
        self.seconds["solve"] = self.seconds.get("solve", 0.0) + time.perf_counter() - begin
        if answer is None or answer.impossible or answer.values is None:
            return (0 if answer is None else max(answer.bound, 0)), None
        values = answer.values
        start = self._places(rules, lambda literal: bool(values[literal.index]))
        return max(answer.bound, 0), start

    def _quick(
        self, rules: Rules, total: Linear, child: LinearChild | None, left: float | None
    ) -> Answer:
        """CP-SAT on loose sessions for a while, or until HiGHS has ended."""
        watch = Watch(
            left, lambda: self.watch.stopped() or (child is not None and child.done()), None, 1
        )
        return run(
            rules.model,
            watch=watch,
            seed=self.seed,
            workers=1,
            work_limit=QUICK_WORK if child is None else None,
            interleaved=len(rules.model.proto.variables) > SMALL,
            better=lambda value, bound: self.watch.say(1, AgendaObjective.PENALTY, value, bound),
        )

    def _step(
        self, rules: Rules, step: int, code: AgendaObjective, total: Linear, best: Places | None
    ) -> Answer:
        begin = time.perf_counter()
        rules.model.minimize(total)
        rules.model.clear_hints()  # type: ignore[no-untyped-call]
        if best is not None:
            for (at, slot, group), literal in rules.x.items():
                place = best[at] if rules.apart else (best[at][0], 0)
                rules.model.add_hint(literal, place == (slot, group))
        answer = run(
            rules.model,
            watch=self.watch,
            seed=self.seed,
            workers=self.workers,
            subsolvers=SUBSOLVERS[: self.workers] if self.workers > 1 else (),
            interleaved=len(rules.model.proto.variables) > SMALL,
            better=lambda value, bound: self.watch.say(step, code, value, bound),
        )
        self.seconds["solve"] = self.seconds.get("solve", 0.0) + time.perf_counter() - begin
        return answer

    def _value(self, places: Places) -> int:
        return sum(self.score.terms(places).values())

    # The previous agenda.

    def _moved(self, rules: Rules) -> Linear:
        """How many sessions are not where they were; one that can't be there is moved anyhow."""
        stay = []
        for row in self.problem.previous:
            slot, room = self._was(row.slot, row.room)
            literal = rules.x.get((self.grid.session_at[row.session], slot, room))
            stay += [] if literal is None else [literal]
        return len(self.problem.previous) - total(stay)

    def _was(self, slot: str, room: str) -> tuple[int, int]:
        return self.grid.slot_at.get(slot, -1), self.grid.room_at.get(room, -1)

    def _moves(self, places: Places) -> int:
        return sum(
            places[self.grid.session_at[row.session]] != self._was(row.slot, row.room)
            for row in self.problem.previous
        )

    # From values of variables to places.

    def _places(self, rules: Rules, true: Callable[[Literal], bool]) -> Places:
        """Slot and room of each session, rooms given out where the model did not need them."""
        chosen = {
            at: (slot, group) for (at, slot, group), literal in rules.x.items() if true(literal)
        }
        if rules.apart:
            return chosen
        found: dict[int, tuple[int, int]] = {}
        for slot in range(self.grid.shape[0]):
            inside = [at for at, place in sorted(chosen.items()) if place[0] == slot]
            for room, at in _rooms_for(self.grid, slot, inside).items():
                found[at] = (slot, room)
        return found

    def _composed(self, rules: Rules, true: Callable[[Literal], bool]) -> Places | None:
        """Places with a room for each loose session, None when they do not fit like that."""
        found = {at: (slot, room) for (at, slot, room), literal in rules.x.items() if true(literal)}
        inside: dict[tuple[int, int], list[int]] = defaultdict(list)
        for (track, slot), members in rules.loose.items():
            for at in members:
                if true(rules.y[at][slot]):
                    inside[track, slot].append(at)
        for (track, slot), members in inside.items():
            rooms = [
                room for room, literal in rules.loose_rooms[track, slot].items() if true(literal)
            ]
            if len(rooms) > 1 and self.problem.teams:
                return None
            given = self.composer.compose(slot, rooms, members)
            if given is None:
                return None
            found |= {at: (slot, room) for at, room in given.items()}
        return found

    # What is given back.

    def _result(self, best: Places, bound: int, before: list[AgendaLine]) -> AgendaResult:
        terms = self.score.terms(best)
        lines = [*before, _line(AgendaObjective.PENALTY, sum(terms.values()), bound, before)]
        self.watch.stopped()
        proven = all(line.proven for line in lines)
        outcome = OutcomeCode.PROVEN if proven else self.watch.outcome
        if outcome is OutcomeCode.PROVEN and not proven:
            raise RuntimeError("CP-SAT ended without a proof and was not asked to")
        limit = self.watch.limit
        plan = AgendaPlan(
            outcome=outcome,
            seed=self.seed,
            workers=self.workers,
            time_limit_ms=None if limit is None else round(limit * 1000),
            versions={name: version(name) for name in ("numpy", "ortools")} | {"matching": VERSION},
            items=self._items(best),
            objectives=tuple(lines),
            terms=tuple(TermLine(term=term, points=points) for term, points in terms.items()),
        )
        return AgendaResult(outcome, plan, seconds=self.seconds)

    def _items(self, places: Places) -> tuple[AgendaItem, ...]:
        items = []
        for (slot, room), inside in arrange(self.grid, places).items():
            start = 0
            for at in inside:
                session = self.problem.sessions[at]
                items.append(
                    AgendaItem(
                        session=session.key, slot=self.problem.slots[slot].key,
                        room=self.problem.rooms[room].key, start=start,
                    )
                )  # fmt: skip
                start += session.length
        return tuple(items)

    def _impossible(self) -> AgendaResult:
        clash, smallest = smallest_clash(self.grid, self.watch, self.seed)
        return AgendaResult(OutcomeCode.NO_PLAN, None, clash, smallest, self.seconds)

    def _nothing(self) -> AgendaResult:
        return AgendaResult(self.watch.outcome, None, seconds=self.seconds)


def _line(code: AgendaObjective, value: int, bound: int, before: list[AgendaLine]) -> AgendaLine:
    # A variable of the model may stand higher than it must, so the value can be the lower one.
    bound = max(min(bound, value), 0)
    return AgendaLine(
        code=code, value=value, bound=bound, gap=value - bound, proven=value == bound,
        conditional_on=tuple(line.code for line in before if not line.proven),
    )  # fmt: skip


def _rooms_for(grid: Grid, slot: int, inside: list[int]) -> dict[int, int]:
    """A room for each session of a slot, by augmenting paths; Hall's condition holds."""
    taken: dict[int, int] = {}

    def settle(at: int, seen: set[int]) -> bool:
        for room in np.flatnonzero(grid.possible[at][slot]).tolist():
            if room not in seen:
                seen.add(room)
                if room not in taken or settle(taken[room], seen):
                    taken[room] = at
                    return True
        return False

    for at in inside:
        if not settle(at, set()):
            raise RuntimeError("a slot holds more sessions than its rooms can take")
    return taken
