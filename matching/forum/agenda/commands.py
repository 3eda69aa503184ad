"""The agenda on the command line."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from matching import files
from matching.forum.agenda.codes import AgendaObjective
from matching.forum.agenda.meaning import read_agenda, read_agenda_plan
from matching.forum.agenda.model import AgendaPlan, AgendaProblem, Placed
from matching.forum.agenda.tables import TABLES, read_tables
from matching.io.documents import canonical
from matching.io.faults import BadInput
from matching.model import Fault, Violation


def register(commands: Any, common: Any) -> None:
    """Add ``agenda`` and ``agenda-generate``."""
    from matching.__main__ import _positive, _seconds, _whole

    make = commands.add_parser("agenda", parents=[common], help="place sessions in rooms and slots")
    make.add_argument("input", help="folder of CSV tables, or a Problem, - for standard input")
    make.add_argument("--cosplib", action="store_true", help="the input is a CoSPLib xlsx file")
    make.add_argument("--previous", metavar="PLAN", help="move as few sessions of it as possible")
    make.add_argument("-o", "--output", default="-", help="where the agenda goes")
    make.add_argument("--problem", help="also write the Problem")
    make.add_argument("--csv", help="also write the agenda as a table")
    make.add_argument("--seed", type=_whole, default=0)
    make.add_argument("--workers", type=_positive, default=1)
    make.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS")
    make.set_defaults(run=agenda)

    draw = commands.add_parser(
        "agenda-generate", parents=[common], help="make a random agenda's Problem"
    )
    draw.add_argument("--sessions", type=_whole, default=40)
    draw.add_argument("--rooms", type=_whole, default=5)
    draw.add_argument("--days", type=_whole, default=3)
    draw.add_argument("--crowd", type=_whole, default=100, help="participants per 100 sessions")
    draw.add_argument("--seed", type=_whole, default=0)
    draw.add_argument("-o", "--output", default="-")
    draw.set_defaults(run=agenda_generate)


def agenda(options: Namespace) -> int:
    """Make an agenda."""
    from matching.forum.agenda.solve import solve
    from matching.forum.agenda.words import describe_plan, say

    problem = _problem(options)
    if options.previous:
        earlier = read_agenda_plan(files.read(options.previous))
        problem = after(problem, earlier)
    watching = sys.stderr.isatty()
    result = solve(
        problem,
        seed=options.seed,
        workers=options.workers,
        time_limit=options.time_limit,
        progress=_tell if watching else None,
    )
    if watching:
        print(file=sys.stderr)
    if result.clash:
        state = "" if result.smallest else " (perhaps not all of these)"
        raise BadInput(Fault(f"rules that clash{state}", say(clash)) for clash in result.clash)
    if result.plan is None:
        raise BadInput([Fault("time limit", "no agenda was found in time")])
    if options.problem:
        files.write(options.problem, canonical(problem.model_dump(mode="json")))
    if options.csv:
        files.write(options.csv, _table(result.plan).encode())
    files.write(options.output, canonical(result.plan.model_dump(mode="json")))
    aside = sys.stderr if options.output == "-" else sys.stdout
    print(*describe_plan(result.plan), sep="\n", file=aside)
    return 0


def agenda_generate(options: Namespace) -> int:
    """Write a random agenda's Problem."""
    from matching.forum.agenda.generate import generate

    try:
        problem = generate(
            options.sessions, options.rooms, options.days, options.seed, options.crowd
        )
    except ValueError as error:
        raise BadInput([Fault("command line", str(error))]) from error
    files.write(options.output, canonical(problem.model_dump(mode="json")))
    return 0


def verify(problem: bytes, plan: bytes) -> tuple[list[str], list[Violation]]:
    """Check an agenda; lines for the reader, and the violations."""
    from matching.forum.agenda.check import check
    from matching.forum.agenda.words import describe_report

    stated, made = files.each(lambda: read_agenda(problem), lambda: read_agenda_plan(plan))
    report = check(stated, made)
    return describe_report(report), list(report.violations)


def after(problem: AgendaProblem, earlier: AgendaPlan) -> AgendaProblem:
    """The Problem with what it keeps of an earlier agenda; sessions that are gone are left out."""
    known = {session.key for session in problem.sessions}
    previous = tuple(
        Placed(session=item.session, slot=item.slot, room=item.room)
        for item in earlier.items
        if item.session in known
    )
    return problem.model_copy(update={"previous": previous})


def _problem(options: Namespace) -> AgendaProblem:
    if options.cosplib:
        from matching.forum.agenda.cosplib import read_cosplib

        return read_cosplib(files.read(options.input))
    folder = Path(options.input)
    if not folder.is_dir():
        return read_agenda(files.read(options.input))
    found = [name for name in TABLES if (folder / f"{name}.csv").exists()]
    texts = files.each(*(files.named(str(folder / f"{name}.csv"), files.text) for name in found))
    return read_tables(dict(zip(found, texts, strict=True)))


def _table(plan: AgendaPlan) -> str:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("session", "slot", "room", "start"))
    writer.writerows((item.session, item.slot, item.room, item.start) for item in plan.items)
    return text.getvalue()


def _tell(
    step: int, steps: int, objective: AgendaObjective, value: int, bound: int, seconds: float
) -> None:
    line = f"\rstep {step} of {steps}: {objective.value} {value}, bound {bound}, {seconds:.0f} s "
    print(line, end="", file=sys.stderr, flush=True)
