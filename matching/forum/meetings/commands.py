"""Bilateral meetings on the command line."""

from __future__ import annotations

import csv
import io
import sys
from argparse import Namespace
from collections import Counter
from typing import Any

from matching import files
from matching.forum.meetings.meaning import in_document, read_meetings, read_meetings_plan, sound
from matching.forum.meetings.model import Kept, MeetingsPlan, MeetingsProblem
from matching.forum.meetings.tables import COLUMNS, Hall, read_tables
from matching.io.documents import canonical
from matching.io.faults import BadInput
from matching.model import Fault, Violation


def register(commands: Any, common: Any) -> None:
    """Add ``meetings`` and ``meetings-generate``."""
    from matching.__main__ import _positive, _seconds, _whole

    make = commands.add_parser("meetings", parents=[common], help="place bilateral meetings")
    make.add_argument("input", nargs="?", help="a Problem, - for standard input; or tables:")
    make.add_argument("--wishes", metavar="CSV", help="meeting, a, b; also weight, part")
    make.add_argument("--unavailable", metavar="CSV", help="participant, slot")
    make.add_argument("--participants", metavar="CSV", help="participant, languages (a;b)")
    make.add_argument("--pins", metavar="CSV", help="meeting, slot")
    make.add_argument("--slots", metavar="NUMBER|CSV", help="slot, day, part, tables, interpreters")
    make.add_argument("--tables", type=_whole, help="tables in each slot")
    make.add_argument("--interpreters", type=_whole, default=0, help="interpreters in each slot")
    make.add_argument("--morning", type=_whole, help="so many slots from the first are morning")
    make.add_argument("--all", action="store_true", help="every wish has to be placed")
    make.add_argument("--fairness", type=_whole, help="idle gaps of any two so far apart at most")
    make.add_argument("--previous", metavar="PLAN", help="move as few of its meetings as possible")
    make.add_argument("-o", "--output", default="-", help="where the schedule goes")
    make.add_argument("--problem", help="also write the Problem")
    make.add_argument("--csv", help="also write the schedule as a table")
    make.add_argument("--seed", type=_whole, default=0)
    make.add_argument("--workers", type=_positive, default=1)
    make.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS")
    make.set_defaults(run=meetings)

    draw = commands.add_parser("meetings-generate", parents=[common], help="draw random wishes")
    draw.add_argument("--participants", type=_whole, default=60)
    draw.add_argument("--wishes", type=_whole, default=150)
    draw.add_argument("--slots", type=_whole, default=8)
    draw.add_argument("--tables", type=_whole, default=22)
    draw.add_argument("--seed", type=_whole, default=0)
    draw.add_argument("-o", "--output", default="-")
    draw.set_defaults(run=meetings_generate)


def meetings(options: Namespace) -> int:
    """Make a schedule of meetings."""
    from matching.forum.meetings.solve import solve
    from matching.forum.meetings.words import describe_plan, say

    problem = _problem(options)
    if options.previous:
        problem = after(problem, read_meetings_plan(files.read(options.previous)))
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
        raise BadInput([Fault("time limit", "no schedule was found in time")])
    if options.problem:
        files.write(options.problem, canonical(problem.model_dump(mode="json")))
    if options.csv:
        files.write(options.csv, _table(result.plan).encode())
    files.write(options.output, canonical(result.plan.model_dump(mode="json")))
    aside = sys.stderr if options.output == "-" else sys.stdout
    print(*describe_plan(result.plan), *_remarks(problem), sep="\n", file=aside)
    return 0


def meetings_generate(options: Namespace) -> int:
    """Write a random Problem."""
    from matching.forum.meetings.generate import generate

    try:
        problem = generate(
            options.participants, options.wishes, options.slots, options.tables, options.seed
        )
    except ValueError as error:
        raise BadInput([Fault("command line", str(error))]) from error
    files.write(options.output, canonical(problem.model_dump(mode="json")))
    return 0


def verify(problem: bytes, plan: bytes) -> tuple[list[str], list[Violation]]:
    """Check a schedule; lines for the reader, and the violations."""
    from matching.forum.meetings.check import check
    from matching.forum.meetings.words import describe_report

    stated, made = files.each(lambda: read_meetings(problem), lambda: read_meetings_plan(plan))
    report = check(stated, made)
    return describe_report(report), list(report.violations)


def after(problem: MeetingsProblem, earlier: MeetingsPlan) -> MeetingsProblem:
    """The Problem with what it keeps of an earlier schedule; wishes that are gone are left out."""
    wishes = {wish.key for wish in problem.wishes}
    previous = tuple(
        Kept(wish=item.wish, slot=item.slot) for item in earlier.items if item.wish in wishes
    )
    changed = problem.model_copy(update={"previous": previous})
    return sound(changed, in_document)


def _problem(options: Namespace) -> MeetingsProblem:
    given = [name for name in COLUMNS if getattr(options, name) is not None]
    if options.input:
        stray = [*given, *(name for name in ("tables", "morning", "fairness", "all")
                           if getattr(options, name))]  # fmt: skip
        if stray:
            raise BadInput(
                Fault(f"--{name}", "does not go with a Problem, which says it itself")
                for name in stray
            )
        return read_meetings(files.read(options.input))
    number = options.slots if options.slots and options.slots.isdecimal() else None
    paths = {name: getattr(options, name) for name in given if name != "slots" or number is None}
    texts = files.each(*(files.named(path, files.text) for path in paths.values()))
    hall = Hall(
        slots=int(number) if number else None,
        tables=options.tables,
        interpreters=options.interpreters,
        morning=options.morning,
    )
    return read_tables(
        dict(zip(paths, texts, strict=True)),
        hall=hall,
        place_all=options.all,
        fairness=options.fairness,
    )


def _remarks(problem: MeetingsProblem) -> list[str]:
    """What a reader may not expect: the same two twice, somebody whom nobody wishes to meet."""
    pairs = Counter(frozenset((wish.a, wish.b)) for wish in problem.wishes)
    lines = []
    for pair, number in pairs.items():
        if number > 1:
            often = f"meet {number} times" if problem.place_all else "meet once at most"
            lines.append(f"  {' and '.join(sorted(pair))}: {number} wishes, {often}")
    wished = {key for wish in problem.wishes for key in (wish.a, wish.b)}
    alone = [person.key for person in problem.participants if person.key not in wished]
    return [*lines, f"  without a wish: {', '.join(alone)}"] if alone else lines


def _table(plan: MeetingsPlan) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("slot", "table", "meeting", "a", "b", "interpreter"))
    writer.writerows(
        (i.slot, i.table, i.wish, i.a, i.b, "yes" if i.interpreter else "no") for i in plan.items
    )
    return text.getvalue()


def _tell(step: int, steps: int, objective: Any, value: int, bound: int, seconds: float) -> None:
    line = f"\rstep {step + 1} of {steps}: {objective} {value}, bound {bound}, {seconds:.0f} s "
    print(line, end="", file=sys.stderr, flush=True)
