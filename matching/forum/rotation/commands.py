"""The rotation on the command line."""

from __future__ import annotations

import csv
import io
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from matching import files
from matching.forum.rotation.meaning import (
    in_document,
    read_rotation,
    read_rotation_plan,
    sound,
)
from matching.forum.rotation.model import EarlierForum, RotationPlan, RotationProblem
from matching.forum.rotation.tables import TABLES, read_tables
from matching.io.documents import canonical
from matching.io.faults import BadInput
from matching.model import Fault, Violation


def register(commands: Any, common: Any) -> None:
    """Add ``rotation``."""
    from matching.__main__ import _positive, _seconds, _whole

    make = commands.add_parser("rotation", parents=[common], help="plan hosts of forums over years")
    make.add_argument("input", help="folder of CSV tables, or a Problem, - for standard input")
    make.add_argument("--seats", type=_whole, help="seats that a forum needs (with tables)")
    make.add_argument("--alternatives", type=_whole, default=0, metavar="NUMBER",
                      help="so many other hosts for each forum, with their price")  # fmt: skip
    make.add_argument("--previous", metavar="PLAN", help="change as little of it as possible")
    make.add_argument("-o", "--output", default="-", help="where the plan goes")
    make.add_argument("--problem", help="also write the Problem")
    make.add_argument("--csv", help="also write the forums as a table")
    make.add_argument("--seed", type=_whole, default=0)
    make.add_argument("--workers", type=_positive, default=1)
    make.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS")
    make.set_defaults(run=rotation)


def rotation(options: Namespace) -> int:
    """Plan a rotation."""
    from matching.forum.rotation.solve import solve
    from matching.forum.rotation.words import describe_plan, say

    problem = _problem(options)
    if options.previous:
        problem = after(problem, read_rotation_plan(files.read(options.previous)))
    result = solve(
        problem,
        alternatives=options.alternatives,
        seed=options.seed,
        workers=options.workers,
        time_limit=options.time_limit,
    )
    if result.clash:
        state = "" if result.smallest else " (perhaps not all of these)"
        raise BadInput(Fault(f"rules that clash{state}", say(clash)) for clash in result.clash)
    if result.plan is None:
        raise BadInput([Fault("time limit", "no rotation was found in time")])
    if options.problem:
        files.write(options.problem, canonical(problem.model_dump(mode="json")))
    if options.csv:
        files.write(options.csv, _table(result.plan).encode())
    files.write(options.output, canonical(result.plan.model_dump(mode="json")))
    aside = sys.stderr if options.output == "-" else sys.stdout
    print(*describe_plan(result.plan), sep="\n", file=aside)
    return 0


def verify(problem: bytes, plan: bytes) -> tuple[list[str], list[Violation]]:
    """Check a rotation; lines for the reader, and the violations."""
    from matching.forum.rotation.check import check
    from matching.forum.rotation.words import describe_report

    stated, made = files.each(lambda: read_rotation(problem), lambda: read_rotation_plan(plan))
    report = check(stated, made)
    return describe_report(report), list(report.violations)


def after(problem: RotationProblem, earlier: RotationPlan) -> RotationProblem:
    """The Problem with what it keeps of an earlier plan: its forums in the years to plan."""
    years = {row.year for row in problem.years}
    previous = tuple(
        EarlierForum(year=forum.year, host=forum.host, week=forum.week)
        for forum in earlier.forums
        if forum.year in years
    )
    return sound(problem.model_copy(update={"previous": previous}), in_document)


def _problem(options: Namespace) -> RotationProblem:
    folder = Path(options.input)
    if options.input == "-" or not folder.is_dir():
        if options.seats is not None:
            raise BadInput([Fault("--seats", "does not go with a Problem, which says it itself")])
        return read_rotation(files.read(options.input))
    found = [name for name in TABLES if (folder / f"{name}.csv").exists()]
    texts = files.each(*(files.named(str(folder / f"{name}.csv"), files.text) for name in found))
    return read_tables(dict(zip(found, texts, strict=True)), seats=options.seats or 0)


def _table(plan: RotationPlan) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("year", "week", "host", "region", "cost"))
    writer.writerows((f.year, f.week, f.host, f.region, f.cost) for f in plan.forums)
    return text.getvalue()
