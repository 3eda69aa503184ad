"""What each command does: read, call the library, write."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from matching import certificate, files, io, words
from matching.explain import unmet, why
from matching.generate import generate as make_instance
from matching.model import (
    Code,
    Fault,
    Instance,
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
    instruments = tuple(part.strip() for part in options.instruments.split(","))
    try:
        instance = make_instance(
            options.states, mentors, options.seed, options.scarcity, instruments
        )
    except ValueError as error:
        raise io.BadInput([Fault("command line", str(error))]) from error
    files.write(options.output, io.dump(instance))
    return 0


def solve(options: Namespace) -> int:
    """Make a plan from an Instance or a Problem."""
    if options.input.endswith(".npz"):
        return _solve(_problem(options.input), None, options)
    document = io.read_any(files.read(options.input))
    if isinstance(document, Instance):
        return _solve(build_problem(document), document, options)
    if isinstance(document, Problem):
        return _solve(document, None, options)
    raise io.BadInput([Fault("format", "solve takes an Instance or a Problem")])


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
    if options.seal and (instance is None or not options.certificate):
        raise io.BadInput([Fault("command line", "--seal goes with --certificate and an Instance")])
    key = _key(options.key) if options.key else None
    result = make_plan(
        problem, seed=options.seed, workers=options.workers, time_limit=options.time_limit
    )
    if result.plan is None:
        raise io.BadInput(Fault("rules that clash", words.say(clash)) for clash in result.clash)
    if options.problem and options.problem.endswith(".npz"):
        io.write_arrays(problem, Path(options.problem))
    elif options.problem:
        files.write(options.problem, io.dump(problem))
    if options.certificate:
        paper, seal = certificate.issue(problem, result.plan, instance=instance, key=key)
        files.write(options.certificate, io.dump(paper))
        if options.seal and seal is not None:
            files.write(options.seal, io.dump(seal))
    files.write(options.output, io.dump(result.plan))
    print(*words.describe_plan(result.plan, problem.precision), sep="\n", file=_aside(options))
    return 0


def _aside(options: Namespace) -> Any:
    """Where a summary goes: to standard error when the document is on standard output."""
    return sys.stderr if options.output == "-" else sys.stdout


def _key(path: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(files.read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        if isinstance(error, io.BadInput):
            raise
        raise io.BadInput([Fault(path, "not an unencrypted PEM private key")]) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise io.BadInput([Fault(path, "not an Ed25519 key")])
    return key


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
    readers = [
        files.named(problem_path, _problem),
        files.named(plan_path, lambda path: io.read_plan(files.read(path))),
    ]
    optional: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("certificate", lambda path: io.read_certificate(files.read(path))),
        ("instance", lambda path: io.read_instance(files.read(path))),
        ("seal", lambda path: io.read_seal(files.read(path))),
    )
    given = [(name, reader) for name, reader in optional if getattr(options, name)]
    readers += [files.named(getattr(options, name), reader) for name, reader in given]
    problem, plan, *others = files.each(*readers)
    extra = dict(zip([name for name, _ in given], others, strict=True))
    report = check_plan(problem, plan)
    violations = list(report.violations)
    lines = words.describe_report(report, problem.precision)
    if "certificate" in extra:
        papers = certificate.check_certificate(
            extra["certificate"], problem, plan, instance=extra.get("instance"),
            seal=extra.get("seal"), public_key=options.public_key,
        )  # fmt: skip
        violations += papers
        lines += ["Certificate", f"  {_certificate_line(extra['certificate'], papers)}"]
    if "instance" in extra:
        audit = check_problem(extra["instance"], problem)
        violations += audit
        state = f"{len(audit)} differences" if audit else "follows from the Instance"
        lines += ["Problem", f"  {state}"]
    if options.json:
        lines = [json.dumps(_report_data(report.objectives, violations), ensure_ascii=False)]
    else:
        lines += ["Violations", *(f"  {words.say(v)}" for v in violations)] if violations else []
        verdict = f"{len(violations)} violations" if violations else "The plan holds."
        lines.append(verdict)
    _print(options, lines)
    return 1 if violations else 0


def _verify_alone(package: Any, problem: str, plan: str, options: Namespace) -> int:
    """Check a plan of a problem that stands on its own: its package knows how."""
    lines, violations = package.verify(files.read(problem), files.read(plan))
    if options.json:
        data = {"good": not violations, "violations": [_code_data(found) for found in violations]}
        lines = [json.dumps(data, ensure_ascii=False)]
    else:
        lines += [f"{len(violations)} violations" if violations else "The plan holds."]
    _print(options, lines)
    return 1 if violations else 0


def _print(options: Namespace, lines: list[str]) -> None:
    files.write(options.output, "".join(f"{line}\n" for line in lines).encode())


def _certificate_line(paper: Any, faults: list[Violation]) -> str:
    if faults:
        return f"{len(faults)} violations"
    signed = f"signed by {paper.public_key}" if paper.public_key else "not signed"
    return f"belongs to this Problem and this plan; {signed}"


def _code_data(code: Code) -> dict[str, object]:
    return {"code": code.code.value, "parameters": dict(code.parameters)}


def _report_data(objectives: tuple[Any, ...], violations: list[Violation]) -> dict[str, object]:
    return {
        "good": not violations,
        "objectives": [
            {"code": o.code.value, "value": o.value, "bound": o.bound,
             "state": "checked" if o.checked else "claimed", "levels": o.levels,
             "conditional_on": [code.value for code in o.conditional_on]}
            for o in objectives
        ],
        "violations": [_code_data(violation) for violation in violations],
    }  # fmt: skip


def explain(options: Namespace) -> int:
    """Say why each item is in the plan, and what stood in the way of whom."""
    problem_path, plan_path = _problem_and_plan(options)
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
                 "reasons": [_code_data(reason) for reason in e.reasons]}
                for e in explained
            ],
            "unmet": [
                {"guest": u.guest, "obstacle": _code_data(u.obstacle), "losers": u.losers,
                 "change": _code_data(u.change) if u.change else None}
                for u in missing
            ],
        }  # fmt: skip
        _print(options, [json.dumps(data, ensure_ascii=False)])
        return 0
    lines = []
    for e in explained:
        reasons = "; ".join(words.say(reason) for reason in e.reasons)
        lines.append(f"{e.item.guest} with {e.item.host}: {reasons}")
    for u in missing:
        change = f"; would be served with {words.say(u.change)}" if u.change else ""
        loss = f", at the cost of {', '.join(u.losers)}" if u.losers else ""
        lines.append(f"{u.guest} not served: {words.say(u.obstacle)}{change}{loss}")
    _print(options, lines)
    return 0


def bench(options: Namespace) -> int:
    """Measure the engine beside other solvers."""
    from matching.bench.table import run

    return run(options.rows, options.repeat, as_json=options.json)


__all__ = ["bench", "explain", "generate", "pair", "solve", "verify"]
