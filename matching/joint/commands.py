"""Joint plans on the command line."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from matching import files, handover, io
from matching.earlier import proposed, read_earlier
from matching.joint import words
from matching.joint.check import RULES, check_plan
from matching.joint.documents import read_plan, read_problem
from matching.joint.model import JointProblem
from matching.model import Fault, Instance, Instrument, Violation
from matching.papers import Papers, check_papers


def register(commands: Any, common: Any) -> None:
    """Add ``advise`` and ``repair``; the other commands are those of all plans."""
    from matching.__main__ import _positive, _seconds, _whole

    mend = commands.add_parser(
        "repair", parents=[common], help="make a joint plan after what happened since"
    )
    mend.add_argument("problem")
    mend.add_argument("plan")
    for name, metavar, said in (
        ("out", "HOST", "a party that gives nothing more"),
        ("guest-out", "GUEST", "a party that takes part in nothing more"),
        ("cancelled", "OFFER", "an offer or expert that is out"),
        ("accepted", "GUEST,HOST,INSTRUMENT", "what both have accepted"),
        ("declined", "GUEST,HOST,INSTRUMENT", "what one has declined"),
    ):
        mend.add_argument(f"--{name}", nargs="+", default=[], metavar=metavar, help=said)
    mend.add_argument("--closed", nargs="+", default=[], type=_whole, metavar="WEEK",
                      help="weeks that are closed to all now")  # fmt: skip
    mend.add_argument("-o", "--output", default="-", help="where the plan goes")
    mend.add_argument("--new-problem", metavar="PATH", help="also write the Problem as it is now")
    mend.add_argument("--seed", type=_whole, default=None)
    mend.add_argument("--workers", type=_positive, default=None)
    mend.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS")
    mend.set_defaults(run=_repair)

    ask = commands.add_parser(
        "advise", parents=[common], help="say which offers would help a joint plan most"
    )
    ask.add_argument("problem")
    ask.add_argument("plan")
    ask.add_argument("--most", type=_whole, default=5, help="so many offers, 5 by default")
    ask.add_argument("-o", "--output", default="-", help="where the answer goes")
    ask.add_argument("--workers", type=_positive, default=None)
    ask.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS",
                     help="60 by default")  # fmt: skip
    ask.set_defaults(run=_advise)


def _advise(options: Namespace) -> int:
    from matching.joint import answers

    return answers.advise(files.read(options.problem), files.read(options.plan), options)


def _repair(options: Namespace) -> int:
    from matching.joint import answers

    return answers.repair(files.read(options.problem), files.read(options.plan), options)


def explain(problem: bytes, plan: bytes, options: Namespace) -> int:
    """Say why, and why not."""
    from matching.joint import answers

    return answers.explain(problem, plan, options)


def solve(document: bytes, options: Namespace) -> int:
    """Make a plan from a joint Problem."""
    problem = read_problem(document)
    if options.previous:
        before = proposed(problem.previous, read_earlier(options.previous))
        problem = replace(problem, previous=before)
    return make(problem, None, options)


def problem_of(instance: Instance, only: Iterable[Instrument]) -> JointProblem:
    """The joint Problem of an Instance.

    Raises
    ------
    BadInput
        The Instance has scores, or too many themes or contexts.
    """
    from matching.joint.build import build

    if instance.scores is not None:
        message = "scores are about mentorships alone: solve them with --only mentorship"
        raise io.BadInput([Fault("scores", message)])
    try:
        return build(instance, only)
    except ValueError as error:
        raise io.BadInput([Fault("document", str(error))]) from error


def make(problem: JointProblem, instance: Instance | None, options: Namespace) -> int:
    """Solve, and hand over the plan. ``instance`` is what the certificate is to seal."""
    from matching.joint.plan import solve as make_plan

    if options.problem and options.problem.endswith(".npz"):
        raise io.BadInput([Fault("--problem", "arrays hold mentorships alone; write JSON")])
    key = handover.signing_key(options, instance)
    result = make_plan(
        problem, seed=options.seed, workers=options.workers, time_limit=options.time_limit,
        progress=handover.teller(options),
    )  # fmt: skip
    if result.plan is None:
        from matching.joint import answers

        raise answers.no_plan(problem, result.clash)
    summary = words.describe_plan(result.plan)
    handover.hand_over(problem, result.plan, instance, key, summary, options)
    return 0


def verify(problem: bytes, plan: bytes) -> tuple[list[str], list[Violation]]:
    """Check a joint plan against its Problem.

    Returns
    -------
    tuple
        Lines for a reader, and the violations.

    Raises
    ------
    BadInput
        With the faults of both documents.
    """
    return audit(problem, plan, Papers)


def audit(
    problem: bytes, plan: bytes, papers: Callable[[], Papers]
) -> tuple[list[str], list[Violation]]:
    """Check a joint plan against its Problem, and what an auditor holds beside both.

    Raises
    ------
    BadInput
        With the faults of all documents.
    """
    stated, made, held = files.each(
        files.named("problem", lambda _: read_problem(problem)),
        files.named("plan", lambda _: read_plan(plan)),
        papers,
    )
    report = check_plan(stated, made)
    lines = ["Rules"]
    lines += [f"  {rule.__name__}: {rule.__doc__}" for rule in RULES.values()]
    lines += ["Objectives", *words.describe_objectives(report.objectives)]
    more, found = check_papers(held, stated, made, _differences)
    violations = [*report.violations, *found]
    said = [f"  {words.say(entry)}" for entry in violations]
    return [*lines, *more, *(["Violations", *said] if said else [])], violations


def _differences(instance: Instance, problem: JointProblem) -> list[Violation]:
    from matching.joint.audit import check_problem

    return check_problem(instance, problem)
