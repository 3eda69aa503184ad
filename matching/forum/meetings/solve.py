"""A schedule of bilateral meetings: objectives one after another, each frozen before the next."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from itertools import count

from ortools.sat.python import cp_model

from matching.codes import OutcomeCode
from matching.cpsat import Answer, run
from matching.forum.meetings.build import Model
from matching.forum.meetings.clash import smallest_clash
from matching.forum.meetings.codes import MeetingObjective
from matching.forum.meetings.frame import Frame, frame_of
from matching.forum.meetings.kempe import Chains
from matching.forum.meetings.model import (
    MeetingItem,
    MeetingLine,
    MeetingsPlan,
    MeetingsProblem,
    MeetingsResult,
)
from matching.forum.meetings.profiles import fewest_gaps, heaviest
from matching.outcome import Sense
from matching.watch import Cancel, Progress, Watch

WORK = 2.0
"""Deterministic time of a search by cores. Whether one ends is luck with a long tail: many short
ones with other seeds beat a long one. After each :data:`CYCLE` of them both limits double."""
MOVES = 1_000_000
"""Moves of an annealing, one in each cycle."""
CYCLE = 4


class _NoneFound(Exception):
    """Time ran out before any schedule was found."""


def solve(
    problem: MeetingsProblem,
    *,
    seed: int = 0,
    workers: int = 1,
    time_limit: float | None = None,
    cancel: Cancel | None = None,
    progress: Progress | None = None,
) -> MeetingsResult:
    """Make a schedule of meetings.

    Parameters
    ----------
    problem
        As read by ``meaning.read_meetings`` or ``tables.read_tables``: without faults.
    seed, workers
        Same Problem, seed and workers: same schedule, unless the clock or a cancellation ended it.
    time_limit
        Seconds; the best schedule so far comes with its gaps.
    cancel, progress
        Asked and told during the solve; see :mod:`matching.watch`.

    Returns
    -------
    MeetingsResult
        Without a plan there is a clash, or the clock ended the search before there was one.
    """
    frame = frame_of(problem)
    watch = Watch(time_limit, cancel, progress, len(MeetingObjective))
    search = _Search(frame, watch, seed, workers)
    try:
        possible = search.all()
    except _NoneFound:
        return MeetingsResult(watch.outcome, None)
    if not possible:
        clash, smallest = smallest_clash(problem, watch, seed)
        return MeetingsResult(OutcomeCode.NO_PLAN, None, clash, smallest)
    plan = MeetingsPlan(
        outcome=watch.outcome,
        seed=seed,
        workers=workers,
        time_limit_ms=None if time_limit is None else round(time_limit * 1000),
        versions={"ortools": version("ortools")},
        items=_items(problem, frame, search.best),
        objectives=tuple(search.lines),
    )
    return MeetingsResult(watch.outcome, plan)


def _items(
    problem: MeetingsProblem, frame: Frame, schedule: Sequence[int]
) -> tuple[MeetingItem, ...]:
    """Meetings by slot, tables in the order of the wishes."""
    items = []
    for slot, record in enumerate(problem.slots):
        here = [wish for wish, at in enumerate(schedule) if at == slot]
        for table, wish in enumerate(here, 1):
            asked = problem.wishes[wish]
            items.append(
                MeetingItem(
                    wish=asked.key, a=asked.a, b=asked.b, slot=record.key, table=table,
                    interpreter=frame.interpreted[wish],
                )
            )  # fmt: skip
    return tuple(items)


class _Search:
    """One solve: the model with what is frozen, the best schedule, a line for each objective."""

    def __init__(self, frame: Frame, watch: Watch, seed: int, workers: int) -> None:
        self.frame, self.watch, self.seed, self.workers = frame, watch, seed, workers
        self.model = Model(frame)
        self.best: list[int] = []
        self.lines: list[MeetingLine] = []
        self.bound = 0
        self.turn = 0

    def all(self) -> bool:
        """Every objective in turn; False when no schedule is possible.

        Raises
        ------
        _NoneFound
            Time ran out before there was any schedule.
        """
        if not self._first():
            return False
        frame = self.frame
        if frame.previous:
            self._step(MeetingObjective.MOVED, self.model.moved(), Sense.MIN, 0)
        total = sum(frame.weights)
        if frame.place_all:
            self._line(MeetingObjective.WEIGHT, Sense.MAX, total, total)
        else:
            self._heaviest()
        self._breaks()
        return True

    def _heaviest(self) -> None:
        """Most weight: choose wishes that may have room, then look whether they have."""
        code, ideal = MeetingObjective.WEIGHT, sum(self.frame.weights)
        if not self.watch.stopped() and self._value(code) < ideal:
            ideal, chosen = heaviest(self.frame, self.watch, self.seed)
            wanted = set(chosen) | self._kept().keys()
            schedule = [0 if w in wanted else -1 for w in range(len(self.frame.pairs))]
            inner = self._inner(schedule)
            answer = inner.any_schedule(CYCLE)
            if answer.found:
                self._back(schedule, inner.model.schedule(answer.solver))
        self._step(code, self.model.weight(), Sense.MAX, ideal)

    def _kept(self) -> dict[int, int]:
        """Slots of the wishes that stay where they were."""
        return {w: slot for w, slot in self.frame.previous.items() if self.best[w] == slot}

    def _inner(self, schedule: Sequence[int]) -> _Search:
        """The search for a schedule of exactly these wishes, with all that is kept in place."""
        frame = self.frame.restricted(schedule, self._kept())
        return _Search(frame, self.watch, self.seed, self.workers)

    def _back(self, chosen: Sequence[int], found: Sequence[int]) -> None:
        """Take a schedule of an inner search as the best one."""
        slots = iter(found)
        self.best = [next(slots) if slot >= 0 else -1 for slot in chosen]

    def _run(self, subsolvers: Sequence[str], work: float | None = None) -> Answer:
        return run(
            self.model.cp, watch=self.watch, seed=self.seed,
            workers=min(self.workers, len(subsolvers)), subsolvers=subsolvers, work_limit=work,
        )  # fmt: skip

    def _cores(self) -> tuple[list[int] | None, int, bool]:
        """Search from below by cores, each worker with a seed of its own.

        Returns the best schedule found, a bound, and whether no schedule is possible. The first
        worker in order whose search ends decides, whoever is quicker: same workers, same answer.
        """
        ended, turn = [False] * self.workers, self.turn
        self.turn += 1

        def search(worker: int) -> Answer:
            watch = Watch(None, lambda: self.watch.stopped() or any(ended[:worker]), None, 1)
            answer = run(
                self.model.cp, watch=watch, seed=self.seed + turn * self.workers + worker,
                workers=1, subsolvers=("core",), work_limit=WORK * 2 ** (turn // CYCLE),
            )  # fmt: skip
            ended[worker] = answer.proven or answer.impossible
            return answer

        with ThreadPoolExecutor(self.workers) as pool:
            answers = list(pool.map(search, range(self.workers)))
        if any(ended):
            answers = [answers[ended.index(True)]]
        found = [answer for answer in answers if answer.found]
        best = min(found, key=lambda answer: answer.value, default=None)
        return (
            None if best is None else self.model.schedule(best.solver),
            max(answer.bound for answer in answers),
            answers[0].impossible,
        )

    def _first(self) -> bool:
        """Any schedule at all; the core search for idle gaps mostly finds the best one at once."""
        frame, cp = self.frame, self.model.cp
        if not frame.place_all and not frame.pinned:
            self.best = [-1] * len(frame.pairs)
            return True
        if frame.previous:
            self.model.hint([frame.previous.get(wish, -1) for wish in range(len(frame.pairs))])
        elif frame.place_all:
            cp.minimize(sum(self.model.breaks()))
            found, self.bound, impossible = self._cores()
            cp.clear_objective()  # type: ignore[no-untyped-call]
            if found or impossible:
                self.best = found or []
                return not impossible
        answer = self.any_schedule(None)
        if not answer.found and not answer.impossible:
            raise _NoneFound
        self.best = self.model.schedule(answer.solver) if answer.found else []
        return answer.found

    def any_schedule(self, turns: int | None) -> Answer:
        """A schedule that keeps every rule, by each kind of search in turn."""
        for turn in count() if turns is None else range(turns):
            kind = ("quick_restart_no_lp", "core", "no_lp")[turn % 3]
            answer = self._run((kind,), WORK * 2 ** (turn // 3))
            if answer.found or answer.impossible or self.watch.stopped():
                break
        return answer

    def _step(
        self,
        code: MeetingObjective,
        terms: Sequence[cp_model.LinearExprT],
        sense: Sense,
        ideal: int,
    ) -> None:
        """Solve for an objective and freeze it."""
        total = sum(terms)
        value, bound = self._value(code), ideal
        if value != ideal and not self.watch.stopped():
            self.model.hint(self.best)
            if sense is Sense.MAX:
                self.model.cp.maximize(total)
            else:
                self.model.cp.minimize(total)
            answer = self._run(("no_lp", "default_lp")[: self.workers])
            if answer.found:
                self.best = self.model.schedule(answer.solver)
                value = self._value(code)
            pick = min if sense is Sense.MAX else max
            bound = value if answer.proven else pick(ideal, answer.bound)
            self.model.cp.clear_objective()  # type: ignore[no-untyped-call]
        self._line(code, sense, value, bound)
        self.model.cp.add(total >= value if sense is Sense.MAX else total <= value)

    def _value(self, code: MeetingObjective) -> int:
        """An objective of the best schedule, read off the schedule itself."""
        if code is MeetingObjective.MOVED:
            return sum(self.best[wish] != slot for wish, slot in self.frame.previous.items())
        if code is MeetingObjective.WEIGHT:
            return sum(
                w for w, slot in zip(self.frame.weights, self.best, strict=True) if slot >= 0
            )
        return sum(self.frame.breaks_by_participant(self.best))

    def _line(self, code: MeetingObjective, sense: Sense, value: int, bound: int) -> None:
        self.lines.append(
            MeetingLine(
                code=code, sense=sense, value=value, bound=bound, gap=abs(bound - value),
                proven=value == bound,
                conditional_on=tuple(line.code for line in self.lines if not line.proven),
            )
        )  # fmt: skip
        self.watch.say(len(self.lines) - 1, code, value, bound)

    def _breaks(self) -> None:
        """Fewest idle gaps; where wishes are left out, first those of the schedule at hand."""
        code = MeetingObjective.BREAKS
        search: _Search = self
        if not self.frame.place_all:
            search = self._inner(self.best)
            search.best = [slot for slot in self.best if slot >= 0]
        # All that was wished is placed and nothing moved: the inner search is the whole one.
        whole = search is self or (
            -1 not in self.best and not any(line.value for line in self.lines[:-1])
        )
        bound = self.bound
        if self._value(code) > bound and not self.watch.stopped():
            frame = search.frame if whole else self.frame
            weight = self._value(MeetingObjective.WEIGHT)
            bound = max(bound, fewest_gaps(frame, weight, self.watch, self.seed))
        if search is not self:
            floor = search.fewest_breaks(bound, None if whole else CYCLE)
            self._back(self.best, search.best)
            bound = floor if whole else bound
        bound = self.fewest_breaks(bound)
        self._line(code, Sense.MIN, self._value(code), bound)

    def fewest_breaks(self, bound: int, turns: int | None = None) -> int:
        """Cores and chains by turns, until the best schedule meets the bound; gives the bound."""
        code = MeetingObjective.BREAKS
        self.model.cp.minimize(sum(self.model.breaks()))
        while self._value(code) > bound and not self.watch.stopped():
            if turns is not None and self.turn >= turns:
                break
            self.watch.say(len(MeetingObjective) - 1, code, self._value(code), bound)
            if self.turn % CYCLE == 1:
                chains = Chains(self.frame, self.best, self._fixed())
                moves = MOVES * 2 ** (self.turn // CYCLE)
                self._take(chains.anneal(bound, moves, self.seed + self.turn, self.watch))
            if self._value(code) > bound and not self.watch.stopped():
                self.model.hint(self.best)
                found, floor, _ = self._cores()
                self._take(found)
                bound = max(bound, floor)
        return min(bound, self._value(code))

    def _fixed(self) -> set[int]:
        """Wishes that a move must not touch: pinned, or kept where they were."""
        return self._kept().keys() | self.frame.pinned.keys()

    def _take(self, schedule: list[int] | None) -> None:
        """Keep a schedule that has fewer idle gaps."""
        if schedule is None:
            return
        ours, other = (sum(self.frame.breaks_by_participant(s)) for s in (self.best, schedule))
        if other < ours:
            self.best = schedule
