"""A rotation: objectives one after another, each frozen before the next; then alternatives."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

from matching.codes import OutcomeCode
from matching.cpsat import run
from matching.forum.rotation.build import Model
from matching.forum.rotation.clash import smallest_clash
from matching.forum.rotation.codes import RotationObjective
from matching.forum.rotation.model import (
    Alternative,
    Forum,
    Price,
    RotationLine,
    RotationPlan,
    RotationProblem,
    RotationResult,
)
from matching.watch import Cancel, Progress, Watch


@dataclass(frozen=True)
class _Best:
    """The best rotation found; no ``forums`` when there is none."""

    forums: tuple[Forum, ...]
    lines: tuple[RotationLine, ...]
    impossible: bool = False


def solve(
    problem: RotationProblem,
    *,
    alternatives: int = 0,
    seed: int = 0,
    workers: int = 1,
    time_limit: float | None = None,
    cancel: Cancel | None = None,
    progress: Progress | None = None,
) -> RotationResult:
    """Plan a rotation of forums.

    Parameters
    ----------
    problem
        As read by ``meaning.read_rotation`` or ``tables.read_tables``: without faults.
    alternatives
        So many other hosts for each forum, the best first, each from a solve of its own.
    seed, workers
        Same Problem, seed and workers: same plan, unless the clock or a cancellation ended it.
    time_limit
        Seconds; the best plan so far comes with its gaps, and with fewer alternatives.
    cancel, progress
        Asked and told during the solve; see :mod:`matching.watch`.

    Returns
    -------
    RotationResult
        Without a plan there is a clash, or the clock ended the search before there was one.
    """
    watch = Watch(time_limit, cancel, progress, len(RotationObjective))
    best = _lexicographic(problem, Model(problem), watch, seed, workers)
    if best.impossible:
        clash, smallest = smallest_clash(problem, watch, seed)
        return RotationResult(OutcomeCode.NO_PLAN, None, clash, smallest)
    if not best.lines:
        return RotationResult(watch.outcome, None)
    others = [
        other
        for year, host in dict.fromkeys((forum.year, forum.host) for forum in best.forums)
        for other in _alternatives(problem, best, year, host, alternatives, watch, seed, workers)
    ]
    plan = RotationPlan(
        outcome=watch.outcome,
        seed=seed,
        workers=workers,
        time_limit_ms=None if time_limit is None else round(time_limit * 1000),
        versions={"ortools": version("ortools")},
        forums=best.forums,
        objectives=best.lines,
        alternatives=tuple(others),
    )
    return RotationResult(watch.outcome, plan)


def _lexicographic(
    problem: RotationProblem, model: Model, watch: Watch, seed: int, workers: int
) -> _Best:
    """Every objective in turn, on a model that may hold more than the Problem's rules."""
    terms = {
        RotationObjective.CHANGED: model.changed,
        RotationObjective.FAIRNESS: model.fairness,
        RotationObjective.COST: model.cost,
        RotationObjective.SOFT_WEEKS: model.soft_weeks,
    }
    if not problem.previous:
        del terms[RotationObjective.CHANGED]
    forums: tuple[Forum, ...] = ()
    exprs = {code: term() for code, term in terms.items()}
    values: dict[RotationObjective, int] = {}
    lines: list[RotationLine] = []
    for step, (code, total) in enumerate(exprs.items()):
        bound = 0
        if not watch.stopped():
            model.cp.minimize(total)
            answer = run(model.cp, watch=watch, seed=seed, workers=workers)
            if answer.impossible:
                return _Best((), (), impossible=True)
            if answer.found:
                forums = model.forums(answer.solver)
                values = {other: answer.solver.value(expr) for other, expr in exprs.items()}
            bound = max(answer.bound, 0)
        if code not in values:
            return _Best((), ())
        value = values[code]
        lines.append(
            RotationLine(
                code=code, value=value, bound=min(bound, value), gap=max(value - bound, 0),
                proven=bound >= value,
                conditional_on=tuple(line.code for line in lines if not line.proven),
            )
        )  # fmt: skip
        watch.say(step, code, value, bound)
        model.cp.add(total <= value)
        hinted = {(f.year, f.week, f.host) for f in forums}
        model.hint(hinted)
    return _Best(forums, tuple(lines))


def _alternatives(
    problem: RotationProblem,
    best: _Best,
    year: int,
    host: str,
    wanted: int,
    watch: Watch,
    seed: int,
    workers: int,
) -> list[Alternative]:
    """The next best in place of a host: solve again without those named before."""
    found: list[Alternative] = []
    hosts = {forum.host for forum in best.forums if forum.year == year}
    number = sum(forum.year == year for forum in best.forums)
    for _ in range(wanted):
        if watch.stopped():
            break
        model = Model(problem)
        for gone in (host, *(other.other for other in found)):
            model.without(year, gone)
        model.another(year, hosts, number)
        best_with = _lexicographic(problem, model, watch, seed, workers)
        if not best_with.lines:
            break
        found.append(
            Alternative(
                year=year,
                host=host,
                other=next(
                    f.host for f in best_with.forums if f.year == year and f.host not in hosts
                ),
                prices=tuple(
                    Price(code=new.code, value=new.value, more=new.value - old.value)
                    for old, new in zip(best.lines, best_with.lines, strict=True)
                ),
                forums=best_with.forums,
                proven=all(line.proven for line in best_with.lines),
            )
        )
    return found
