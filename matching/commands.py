"""What each command does: read, call the library, write."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

from matching import files, handover, io, papers, words
from matching.earlier import proposed, read_earlier
from matching.explain import unmet, why
from matching.generate import generate as make_instance
from matching.model import (
    Fault,
    Instance,
    Instrument,
    Plan,
    Problem,
    Violation,
    WorstOff,
)
from matching.pairing import solve as make_plan
from matching.scoring import build_problem
from matching.standalone import package_of
from matching.verify import check_plan, check_problem


def _problem(path: str) -> Problem:
    if path.endswith(".npz"):
        return io.read_arrays(Path(path))
    return io.read_problem(files.read(path))


def generate(options: Namespace) -> int:
    """Write a random Instance."""
    mentors = min(60, options.states) if options.mentors is None else options.mentors
    instruments = _instruments("--instruments", options.instruments)
    try:
        instance = make_instance(
            options.states, mentors, options.seed, options.scarcity,
            tuple(instrument.value for instrument in instruments),
        )  # fmt: skip
    except ValueError as error:
        raise io.BadInput([Fault("command line", str(error))]) from error
    files.write(options.output, io.dump(instance))
    return 0


def _instruments(option: str, text: str) -> tuple[Instrument, ...]:
    """Instruments by any of their names, in the order given."""
    names = [part.strip() for part in text.split(",")]
    faults = [
        io.unknown(option, "instrument", name, words.INSTRUMENTS)
        for name in names
        if name not in words.INSTRUMENTS
    ]
    if faults:
        raise io.BadInput(faults)
    return tuple(dict.fromkeys(words.INSTRUMENTS[name] for name in names))


def solve(options: Namespace) -> int:
    """Make a plan from an Instance or a Problem."""
    if options.input.endswith(".npz"):
        return _solve_problem(_problem(options.input), options)
    content = files.read(options.input)
    package = package_of(content)
    if package is not None and hasattr(package, "solve"):
        _refuse_only(options)
        return int(package.solve(content, options))
    document = io.read_any(content)
    if isinstance(document, Instance):
        return _solve_instance(document, options)
    if isinstance(document, Problem):
        return _solve_problem(document, options)
    raise io.BadInput([Fault("format", "solve takes an Instance or a Problem")])


def _solve_instance(instance: Instance, options: Namespace) -> int:
    """Mentorships alone are a flow and proven as such; anything else is a joint plan."""
    only = (
        _instruments("--only", options.only)
        if options.only
        else tuple(i for i in Instrument if any(o.instrument is i for o in instance.offers))
    )
    alone = set(only) <= {Instrument.MENTORSHIP}
    asked = instance
    if options.previous:
        before = proposed(instance.previous, read_earlier(options.previous), alone=alone)
        asked = io.check_instance(instance.model_copy(update={"previous": before}))
    if alone:
        return _solve(build_problem(asked), instance, options)
    from matching.joint import commands as joint

    return joint.make(joint.problem_of(asked, only), instance, options)


def _solve_problem(problem: Problem, options: Namespace) -> int:
    _refuse_only(options)
    if options.previous:
        before = proposed(problem.previous, read_earlier(options.previous), alone=True)
        problem = replace(problem, previous=before)
    return _solve(problem, None, options)


def _refuse_only(options: Namespace) -> None:
    if options.only:
        message = "--only goes with an Instance: a Problem has its instruments"
        raise io.BadInput([Fault("command line", message)])


def pair(options: Namespace) -> int:
    """Make a plan from three CSV tables."""
    scores, mentors, mentees = files.each(
        *(
            files.named(path, files.text)
            for path in (options.scores, options.mentors, options.mentees)
        )
    )
    problem = io.read_scores(scores, mentors, mentees, decimals=options.decimals)
    policy = problem.policy.model_copy(update={"worst_off": WorstOff(options.worst_off)})
    return _solve(replace(problem, policy=policy), None, options)


def _solve(problem: Problem, instance: Instance | None, options: Namespace) -> int:
    key = handover.signing_key(options, instance)
    result = make_plan(
        problem, seed=options.seed, workers=options.workers, time_limit=options.time_limit,
        progress=handover.teller(options),
    )  # fmt: skip
    if result.plan is None:
        raise io.BadInput(Fault("rules that clash", words.say(clash)) for clash in result.clash)
    if options.problem and options.problem.endswith(".npz"):
        io.write_arrays(problem, Path(options.problem))
    summary = words.describe_plan(result.plan, problem.precision)
    handover.hand_over(problem, result.plan, instance, key, summary, options)
    return 0


def _problem_and_plan(options: Namespace) -> tuple[str, str]:
    """Paths of Problem and plan, by option or by position."""
    rest = list(options.documents)
    problem = options.problem or (rest.pop(0) if rest else None)
    plan = options.plan or (rest.pop(0) if rest else None)
    if problem is None or plan is None or rest:
        raise io.BadInput([Fault("command line", "give one Problem and one plan")])
    return problem, plan


def verify(options: Namespace) -> int:
    """Check a plan, its certificate and, for auditors, the Problem itself."""
    problem_path, plan_path = _problem_and_plan(options)
    alone = None if problem_path.endswith(".npz") else package_of(files.read(problem_path))
    if alone is not None:
        return _verify_alone(alone, problem_path, plan_path, options)
    problem, plan, held = files.each(
        files.named(problem_path, _problem),
        files.named(plan_path, lambda path: io.read_plan(files.read(path))),
        lambda: papers.read_papers(options),
    )
    report = check_plan(problem, plan)
    more, found = papers.check_papers(held, problem, plan, check_problem)
    violations = [*report.violations, *found]
    lines = [*words.describe_report(report, problem.precision), *more]
    if options.json:
        lines = [json.dumps(_report_data(report.objectives, violations), ensure_ascii=False)]
    else:
        lines += ["Violations", *(f"  {words.say(v)}" for v in violations)] if violations else []
        verdict = f"{len(violations)} violations" if violations else "The plan holds."
        lines.append(verdict)
    handover.print_lines(options, lines)
    return 1 if violations else 0


def _verify_alone(package: Any, problem: str, plan: str, options: Namespace) -> int:
    """Check a plan of a problem that stands on its own: its package knows how."""
    contents = files.read(problem), files.read(plan)
    if papers.any_given(options):
        if not hasattr(package, "audit"):
            message = "plans of this kind have no certificate and no Instance"
            raise io.BadInput([Fault("command line", message)])
        lines, violations = package.audit(*contents, lambda: papers.read_papers(options))
    else:
        lines, violations = package.verify(*contents)
    if options.json:
        data = {"good": not violations, "violations": [handover.coded(v) for v in violations]}
        lines = [json.dumps(data, ensure_ascii=False)]
    else:
        lines += [f"{len(violations)} violations" if violations else "The plan holds."]
    handover.print_lines(options, lines)
    return 1 if violations else 0


def _report_data(objectives: tuple[Any, ...], violations: list[Violation]) -> dict[str, object]:
    return {
        "good": not violations,
        "objectives": [
            {"code": o.code.value, "value": o.value, "bound": o.bound,
             "state": "checked" if o.checked else "claimed", "levels": o.levels,
             "conditional_on": [code.value for code in o.conditional_on]}
            for o in objectives
        ],
        "violations": [handover.coded(violation) for violation in violations],
    }  # fmt: skip


def explain(options: Namespace) -> int:
    """Say why each item is in the plan, and what stood in the way of whom."""
    problem_path, plan_path = _problem_and_plan(options)
    alone = None if problem_path.endswith(".npz") else package_of(files.read(problem_path))
    if alone is not None and hasattr(alone, "explain"):
        return int(alone.explain(files.read(problem_path), files.read(plan_path), options))
    if options.why_not:
        raise io.BadInput([Fault("command line", "--why-not is about joint plans")])
    problem: Problem
    plan: Plan
    problem, plan = files.each(
        files.named(problem_path, _problem),
        files.named(plan_path, lambda path: io.read_plan(files.read(path))),
    )
    report = check_plan(problem, plan)
    if not report.good:
        print(*(words.say(v) for v in report.violations), sep="\n", file=sys.stderr)
        return 1
    party = options.party
    items = [i for i in plan.items if party in (None, i.guest, i.host)]
    missing = [u for u in unmet(problem, plan) if party in (None, u.guest)]
    if party is not None and not items and not missing:
        known = {row.key for row in problem.mentees} | {row.key for row in problem.mentors}
        if party not in known:
            raise io.BadInput([io.unknown("--party", "party", party, known)])
    explained = [why(problem, plan, item) for item in items]
    if options.json:
        data = {
            "items": [
                {"guest": e.item.guest, "host": e.item.host,
                 "reasons": [handover.coded(reason) for reason in e.reasons]}
                for e in explained
            ],
            "unmet": [
                {"guest": u.guest, "obstacle": handover.coded(u.obstacle), "losers": u.losers,
                 "change": handover.coded(u.change) if u.change else None}
                for u in missing
            ],
        }  # fmt: skip
        handover.print_lines(options, [json.dumps(data, ensure_ascii=False)])
        return 0
    lines = []
    for e in explained:
        reasons = "; ".join(words.say(reason) for reason in e.reasons)
        lines.append(f"{e.item.guest} with {e.item.host}: {reasons}")
    for u in missing:
        change = f"; would be served with {words.say(u.change)}" if u.change else ""
        loss = f", at the cost of {', '.join(u.losers)}" if u.losers else ""
        lines.append(f"{u.guest} not served: {words.say(u.obstacle)}{change}{loss}")
    handover.print_lines(options, lines)
    return 0


def bench(options: Namespace) -> int:
    """Measure the engine beside other solvers."""
    from matching.bench.table import run

    return run(options.rows, options.repeat, as_json=options.json)


__all__ = ["bench", "explain", "generate", "pair", "solve", "verify"]
