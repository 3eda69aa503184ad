"""Grouping on the command line."""

from __future__ import annotations

import csv
import io
import sys
from argparse import Namespace
from typing import Any

from matching import files
from matching.groups.codes import GroupObjective
from matching.groups.meaning import dump, read_plan, read_problem
from matching.groups.model import GroupPlan, GroupProblem
from matching.groups.tables import Wanted, read_tables
from matching.io.faults import BadInput
from matching.model import Fault, Sense, Violation

TABLES = {
    "participants": "participant, any attributes",
    "pairs": "a, b, value",
    "relations": "a, b, together or apart",
    "groups_table": "group, least, most, any attribute that all its members must have",
}


def register(commands: Any, common: Any) -> None:
    """Add ``group`` and ``group-generate``."""
    from matching.__main__ import _positive, _seconds, _whole

    make = commands.add_parser(
        "group", parents=[common], help="put participants into groups, from tables"
    )
    make.add_argument("input", nargs="?", help="a Problem instead of tables, - for standard input")
    for name, columns in TABLES.items():
        make.add_argument(f"--{name.replace('_', '-')}", metavar="CSV", help=columns)
    make.add_argument("--groups", type=_whole, metavar="N", help="number of groups")
    make.add_argument("--size-min", type=_whole, metavar="N")
    make.add_argument("--size-max", type=_whole, metavar="N")
    sense = make.add_mutually_exclusive_group()
    sense.add_argument("--maximise", action="store_true", help="the total within groups (default)")
    sense.add_argument("--minimise", action="store_true", help="the total within groups")
    for name, text in (
        ("same", "all of a group must share a word of the attribute"),
        ("balance", "groups should have equal numbers of each of its words"),
        ("list", "its words are separated by spaces (else by ;)"),
    ):
        make.add_argument(f"--{name}", action="append", default=[], metavar="ATTRIBUTE", help=text)
    make.add_argument(
        "--alike", action="append", default=[], metavar="ATTRIBUTE[=WEIGHT]",
        help="count its words that two members of a group both have",
    )  # fmt: skip
    for name, other, text in (
        ("spread", "MAX", "its numbers must lie within so much in a group"),
        ("around", "LENGTH", "numbers go round: 24 for hours"),
    ):
        make.add_argument(f"--{name}", action="append", default=[], nargs=2,
                          metavar=("ATTRIBUTE", other), help=text)  # fmt: skip
    make.add_argument("-o", "--output", default="-", help="where the plan goes")
    make.add_argument("--problem", help="also write the Problem")
    make.add_argument("--csv", help="also write who is in which group as a table")
    make.add_argument("--seed", type=_whole, default=0)
    make.add_argument("--workers", type=_positive, default=1)
    make.add_argument("--effort", type=_positive, default=1, help="times the search's usual work")
    make.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS")
    make.set_defaults(run=group)

    draw = commands.add_parser(
        "group-generate", parents=[common], help="make a random grouping Problem"
    )
    draw.add_argument("--participants", type=_whole, default=200)
    draw.add_argument("--groups", type=_whole, default=12)
    draw.add_argument("--family", choices=("courses", "int", "real", "geo"), default="courses")
    draw.add_argument("--seed", type=_whole, default=0)
    draw.add_argument("-o", "--output", default="-")
    draw.set_defaults(run=group_generate)


def group(options: Namespace) -> int:
    """Make groups."""
    from matching.groups.solve import solve
    from matching.groups.words import describe_plan, say

    problem = _problem(options)
    watching = sys.stderr.isatty()
    result = solve(
        problem,
        seed=options.seed,
        workers=options.workers,
        time_limit=options.time_limit,
        effort=options.effort,
        progress=_tell if watching else None,
    )
    if watching:
        print(file=sys.stderr)
    if result.clash:
        state = "" if result.smallest else " (perhaps not all of these)"
        raise BadInput(Fault(f"rules that clash{state}", say(clash)) for clash in result.clash)
    if result.plan is None:
        raise BadInput([Fault("time limit", "no groups were found in time")])
    if options.problem:
        files.write(options.problem, dump(problem))
    if options.csv:
        files.write(options.csv, _table(result.plan).encode())
    files.write(options.output, dump(result.plan))
    aside = sys.stderr if options.output == "-" else sys.stdout
    print(*describe_plan(problem, result.plan), sep="\n", file=aside)
    return 0


def group_generate(options: Namespace) -> int:
    """Write a random grouping Problem."""
    from matching.groups.generate import courses, pairwise

    if not 1 <= options.groups <= options.participants:
        raise BadInput([Fault("--groups", "from 1 to the number of participants")])
    if options.family == "courses":
        problem = courses(options.participants, options.groups, options.seed)
    else:
        problem = pairwise(
            options.participants, options.groups, options.seed, family=options.family
        )
    files.write(options.output, dump(problem))
    return 0


def verify(problem: bytes, plan: bytes) -> tuple[list[str], list[Violation]]:
    """Check groups; lines for the reader, and the violations."""
    from matching.groups.check import check
    from matching.groups.words import describe_report

    stated, made = files.each(
        files.named("problem", lambda _: read_problem(problem)),
        files.named("plan", lambda _: read_plan(plan)),
    )
    report = check(stated, made)
    return describe_report(stated, report), list(report.violations)


def _problem(options: Namespace) -> GroupProblem:
    given = {name: path for name in TABLES if (path := getattr(options, name))}
    if options.input is not None:
        if given:
            raise BadInput([Fault("command line", "give a Problem or tables, not both")])
        return read_problem(files.read(options.input))
    if not {"participants", "pairs"} & set(given):
        raise BadInput([Fault("command line", "give --participants, --pairs or a Problem")])
    texts = files.each(*(files.named(path, files.text) for path in given.values()))
    names = [name.removesuffix("_table") for name in given]
    wanted = Wanted(
        groups=options.groups,
        least=options.size_min,
        most=options.size_max,
        same=tuple(options.same),
        spread=tuple((name, most) for name, most in options.spread),
        around=tuple((name, length) for name, length in options.around),
        balance=tuple(options.balance),
        alike=tuple(options.alike),
        lists=tuple(options.list),
        sense=Sense.MIN if options.minimise else Sense.MAX,
    )
    return read_tables(dict(zip(names, texts, strict=True)), wanted)


def _table(plan: GroupPlan) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("participant", "group"))
    writer.writerows((key, entry.group) for entry in plan.groups for key in entry.members)
    return text.getvalue()


def _tell(
    step: int, steps: int, objective: GroupObjective, value: int, bound: int, seconds: float
) -> None:
    limit = "" if abs(bound) >= 2**59 else f", bound {bound}"
    line = f"\rstep {step} of {steps}: {objective.value} {value}{limit}, {seconds:.0f} s   "
    print(line, end="", file=sys.stderr, flush=True)
