"""Groups: what can be proven from what people share, then search, then how much better it can be.

1. **Lots** (``lots``): bounds for balance and total, and who could share groups.
2. **Rules** (``rules``): groups that keep every hard rule, as balanced as can be, beginning with
   the lots' answer.
3. **Search** (``anneal``) for the total, unless it is already what the lots allow.
4. **Bounds** by splitting (``bounds``) and, where a model can count the total, CP-SAT to the end
   (``exact``).

Without a time limit each step has a fixed amount of work: same Problem, seed and workers, same
plan. With one, the search uses the time that there is.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np

from matching.cpsat import Answer, run
from matching.groups import bounds, exact
from matching.groups.anneal import STEPS_PER_UNIT, Search
from matching.groups.clash import smallest_clash
from matching.groups.codes import GroupObjective, GroupOutcome
from matching.groups.lots import Lots, counts_all
from matching.groups.model import GroupLine, GroupPlan, GroupProblem, GroupResult, Members
from matching.groups.rules import Rules
from matching.groups.space import Space, Whole, space
from matching.model import OutcomeCode, Sense
from matching.watch import Cancel, Progress, Watch

ENGINE_VERSION = "1"
LOTS_WORK, RULES_WORK, EXACT_WORK = 20.0, 40.0, 5.0
"""Most deterministic time of CP-SAT for one question to each model."""
SEARCH_SHARE = 0.85
"""Part of the time left that the search may use; the rest is for bounds."""
UNBOUNDED = 2**60
"""No bound yet, in the orientation where more is better."""
ENDED = {
    OutcomeCode.TIME_LIMIT: GroupOutcome.TIME_LIMIT,
    OutcomeCode.CANCELLED: GroupOutcome.CANCELLED,
    OutcomeCode.PROVEN: GroupOutcome.WORK_DONE,
}


def solve(
    problem: GroupProblem,
    *,
    seed: int = 0,
    workers: int = 1,
    time_limit: float | None = None,
    effort: int = 1,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> GroupResult:
    """Make groups.

    Parameters
    ----------
    problem
        A Problem found sound, from ``tables`` or ``meaning``.
    seed, workers, effort
        ``effort`` multiplies the work of the search. With a time limit and nothing proven the
        search lasts as long as that lasts, whatever the effort.
    time_limit
        Seconds of wall clock.
    progress
        Called with (step, steps, objective, incumbent, bound, elapsed seconds).
    cancel
        Asked many times a second.

    Returns
    -------
    GroupResult
        The plan with its bounds, or rules that contradict each other. A plan is missing without a
        clash only when time ran out, or somebody cancelled, before any was found.
    """
    watch = Watch(time_limit, cancel, progress, len(problem.objectives()))
    return _Solve(space(problem), watch, seed, workers, effort).result()


class _Solve:
    def __init__(self, space: Space, watch: Watch, seed: int, workers: int, effort: int) -> None:
        self.space, self.watch = space, watch
        self.seed, self.workers, self.effort = seed, workers, effort
        self.problem = space.problem
        self.least_beyond = 0
        self.given = 0  # what may be out of balance where most_total holds
        self.most_total = UNBOUNDED
        self.home: Whole | None = None
        self.seconds: dict[str, float] = {}

    def result(self) -> GroupResult:
        """The whole way from Problem to plan."""
        possible = self._place()
        self.seconds["place"] = self.watch.elapsed()
        if not possible:
            clash, smallest = smallest_clash(self.space, self.watch, self.seed)
            return GroupResult(GroupOutcome.NO_PLAN, None, clash, smallest, self.seconds)
        if self.home is None:
            return GroupResult(ENDED[self.watch.outcome], None, seconds=self.seconds)
        if GroupObjective.TOTAL in self.problem.objectives():
            begin = self.watch.elapsed()
            if exact.tiny(self.space):
                self.home = self._exactly(self.home)
            self.home = self._search(self.home)
            self.seconds["search"] = self.watch.elapsed() - begin
            begin = self.watch.elapsed()
            self.home = self._bound(self.home)
            self.seconds["bound"] = self.watch.elapsed() - begin
        return self._plan(self.home)

    def _cpsat(self, model: Rules | Lots, work: float | None) -> Answer:
        return run(
            model.model, watch=self.watch, seed=self.seed, workers=self.workers,
            work_limit=work, linearization=2,
        )  # fmt: skip

    # Groups that keep the hard rules, as balanced as can be.

    def _place(self) -> bool:
        """Whether there are groups; ``home`` stays None when time ran out."""
        if self._nothing_to_keep():
            return self._fill()
        lots = Lots(self.space)
        if lots.possible:
            answer = self._ask_lots(lots)
            if answer.impossible:
                return False
            if answer.found:
                self._deal(lots, answer)
        possible = True
        if self.home is None or self.space.out_of_balance(self.home) > self.least_beyond:
            rules = Rules(self.space)
            if self.home is not None:
                rules.hint(self.home)
            possible = self._balanced(rules, None if self.home is None else RULES_WORK)
        if lots.possible and self.home is not None:
            beyond = self.space.out_of_balance(self.home)
            if beyond > self.given and self.most_total < UNBOUNDED:
                # What was found for less out of balance says nothing about this grouping.
                self.most_total, self.given = UNBOUNDED, beyond
                self._total_of_lots(Lots(self.space), beyond)
        return possible

    def _nothing_to_keep(self) -> bool:
        space = self.space
        return not (
            space.needs or space.apart or self.problem.together or self.problem.balance
            or self.problem.alike or not space.allowed.all()
        )  # fmt: skip

    def _fill(self) -> bool:
        """Groups by chance, as equal as sizes allow."""
        people, groups = len(self.space.unit), len(self.space.least)
        size = self.space.least.copy()
        if size.sum() > people or self.space.most.sum() < people:
            return False
        while size.sum() < people:
            open_groups = np.flatnonzero(size < self.space.most)
            size[open_groups[size[open_groups].argmin()]] += 1
        order = np.random.default_rng(self.seed).permutation(people)
        self.home = np.zeros(people, np.int64)
        self.home[order] = np.repeat(np.arange(groups), size)
        return True

    def _ask_lots(self, lots: Lots) -> Answer:
        """Bounds for balance and total, and the last answer found."""
        answer: Answer | None = None
        if self.problem.balance:
            lots.model.minimize(lots.beyond)
            answer = self._cpsat(lots, LOTS_WORK)
            if not answer.found:
                return answer
            self.least_beyond = max(answer.bound, 0)
            self.given = answer.value
            self._say(GroupObjective.BALANCE, answer.value, self.least_beyond)
            lots.hint(answer.solver)
        if self.problem.alike and counts_all(self.space):
            later = self._total_of_lots(lots, self.given)
            return later if later.found else answer or later
        return answer or self._cpsat(lots, LOTS_WORK)

    def _total_of_lots(self, lots: Lots, beyond: int) -> Answer:
        """The total that lots allow, given how much may be out of balance."""
        lots.model.add(lots.beyond <= beyond)
        lots.model.maximize(lots.total())
        answer = self._cpsat(lots, LOTS_WORK)
        if answer.found:
            self.most_total = answer.bound
        return answer

    def _deal(self, lots: Lots, answer: Answer) -> None:
        """Give the groups of each lot its people: in balance, then with the best total."""
        rules = Rules(self.space, alike=True, ordered=False)
        lots.restrict(rules, answer.solver)
        beyond = rules.out_of_balance()
        rules.model.minimize(beyond)
        dealt = self._cpsat(rules, RULES_WORK)
        if not dealt.found:
            return
        self.home = rules.home(dealt.solver)
        if self.space.total(self.home) < self.most_total < UNBOUNDED:
            rules.model.add(beyond <= dealt.value)
            total = exact.total(rules)
            rules.model.add(total <= self.most_total)
            rules.model.maximize(total)
            rules.hint(self.home)
            better = self._cpsat(rules, EXACT_WORK)
            if better.found:
                self.home = rules.home(better.solver)

    def _balanced(self, rules: Rules, work: float | None) -> bool:
        """Let the rules decide; whether groups are possible at all, as far as they know."""
        if self.problem.balance:
            beyond = rules.out_of_balance()
            rules.model.add(beyond >= self.least_beyond)
            rules.model.minimize(beyond)
        answer = self._cpsat(rules, work)
        if answer.found:
            home = rules.home(answer.solver)
            if self.home is None or self._rank(home) > self._rank(self.home):
                self.home = home
        if answer.impossible:
            return self.home is not None
        if self.problem.balance:
            self.least_beyond = max(self.least_beyond, answer.bound)
        return True

    def _rank(self, home: Whole) -> tuple[int, int]:
        return -self.space.out_of_balance(home), self.space.total(home)

    # The total.

    def _search(self, home: Whole) -> Whole:
        """Look for a better total by annealing."""
        until = None
        if self.watch.limit is not None:
            until = self.watch.elapsed() + SEARCH_SHARE * self.watch.left()
        search = Search(
            self.space, home, watch=self.watch, seed=self.seed,
            steps=self.effort * STEPS_PER_UNIT * self.space.units, until=until,
            goal=(self.least_beyond, self.most_total),
        )  # fmt: skip
        search.heard = lambda total: self._say(
            GroupObjective.TOTAL, self.space.sign * total, self.space.sign * self.most_total
        )
        return search.run().home

    def _bound(self, home: Whole) -> Whole:
        """How much better the total could be; a better grouping, if one turns up."""
        if (
            self.most_total > self.space.total(home)
            and exact.fits(self.space)
            and not exact.tiny(self.space)
        ):
            home = self._exactly(home)
        reached = self.space.total(home)
        if self.most_total > reached and not self.watch.stopped():
            people = len(self.space.unit)
            rounds = max(int(bounds.ROUNDS * min(1.0, (300 / people) ** 2)), 20) * self.effort
            value = bounds.bound(self.space, reached, self.watch, rounds=rounds)
            self.most_total = min(self.most_total, value)
        if self.most_total == UNBOUNDED:
            self.most_total = max(bounds.at_once(self.space), reached)
        return home

    def _exactly(self, home: Whole) -> Whole:
        """Let CP-SAT count the total itself, beginning with what was found."""
        reached = self.space.total(home)
        rules = Rules(self.space, alike=True, singly=bool(self.problem.values.first))
        if self.problem.balance:
            rules.model.add(rules.out_of_balance() <= self.space.out_of_balance(home))
        total = exact.total(rules)
        rules.model.add(total >= reached)
        if self.most_total < UNBOUNDED:
            rules.model.add(total <= self.most_total)
        rules.model.maximize(total)
        rules.hint(home)
        answer = self._cpsat(rules, EXACT_WORK * self.effort)
        if answer.impossible:
            raise RuntimeError("a grouping that keeps all rules was found impossible")
        self.most_total = min(self.most_total, max(answer.bound, reached))
        better = rules.home(answer.solver) if answer.found else home
        return better if self._rank(better) > self._rank(home) else home

    # What comes of it.

    def _say(self, code: GroupObjective, value: int, bound: int) -> None:
        self.watch.say(self.problem.objectives().index(code) + 1, code, value, bound)

    def _plan(self, home: Whole) -> GroupResult:
        problem, sign = self.problem, self.space.sign
        lines: list[GroupLine] = []
        for code in problem.objectives():
            if code is GroupObjective.BALANCE:
                sense, value, limit = Sense.MIN, self.space.out_of_balance(home), self.least_beyond
            else:
                sense = problem.sense
                value, limit = sign * self.space.total(home), sign * self.most_total
            lines.append(
                GroupLine(
                    code=code, sense=sense, value=value, bound=limit, gap=abs(limit - value),
                    proven=limit == value,
                    conditional_on=tuple(line.code for line in lines if not line.proven),
                )
            )  # fmt: skip
        proven = all(line.proven for line in lines)
        outcome = GroupOutcome.PROVEN if proven else ENDED[self.watch.outcome]
        limit_ms = None if self.watch.limit is None else int(self.watch.limit * 1000)
        plan = GroupPlan(
            outcome=outcome,
            seed=self.seed,
            workers=self.workers,
            time_limit_ms=limit_ms,
            effort=self.effort,
            versions={
                "matching": ENGINE_VERSION,
                "numpy": version("numpy"),
                "ortools": version("ortools"),
            },
            groups=_members(problem, home),
            objectives=tuple(lines),
        )
        return GroupResult(outcome, plan, seconds=self.seconds)


def _members(problem: GroupProblem, home: Whole) -> tuple[Members, ...]:
    """The groups as people read them."""
    entries = []
    for at, group in enumerate(problem.groups):
        people = [problem.participants[place] for place in np.flatnonzero(home == at).tolist()]
        shared = {}
        for name in problem.same:
            sets = [set(person.words.get(name, ())) for person in people]
            shared[name] = tuple(sorted(set.intersection(*sets))) if sets else ()
        keys = tuple(person.key for person in people)
        entries.append(Members(group=group.key, members=keys, shared=shared))
    return tuple(entries)
