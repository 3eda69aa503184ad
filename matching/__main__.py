"""The command line: ``python -m matching generate|solve|verify|explain|pair|bench``.

Exit codes: 0 good, 1 verification found violations, 2 bad input (every fault on standard error,
as JSON with ``--json``). ``-`` reads standard input; ``-o`` writes a file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import NoReturn

from matching import commands, standalone
from matching.io import BadInput
from matching.io.faults import render
from matching.model import Fault


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadInput([Fault("command line", message)])


def _whole(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < 1e6:
        raise ValueError(text)
    return number


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 64:
        raise ValueError(text)
    return number


_whole.__name__, _seconds.__name__, _positive.__name__ = "number", "seconds", "number of workers"


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = _Parser(prog="python -m matching", description=__doc__)
    common = _Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="speak JSON, faults included")
    sub = top.add_subparsers(dest="command", required=True, parser_class=_Parser)

    make = sub.add_parser("generate", parents=[common], help="make a random Instance")
    make.add_argument("--states", type=_whole, default=193)
    make.add_argument("--mentors", type=_whole, default=None, help="60, or fewer if fewer States")
    make.add_argument("--seed", type=_whole, default=0)
    make.add_argument("--scarcity", choices=("easy", "medium", "scarce"), default="medium")
    make.add_argument(
        "--instruments",
        default="mentorship",
        help="mentorship, visits, missions, cohorts, separated by commas",
    )
    make.add_argument("-o", "--output", default="-")
    make.set_defaults(run=commands.generate)

    solve = sub.add_parser("solve", parents=[common], help="make a plan")
    solve.add_argument("input", help="Instance or Problem, - for standard input")
    solve.add_argument(
        "--only", help="instruments of the plan, by default all on offer, separated by commas"
    )
    solve.add_argument("--previous", metavar="PLAN", help="keep as much of this plan as possible")
    solve.set_defaults(run=commands.solve)

    pair = sub.add_parser("pair", parents=[common], help="make a plan from tables of scores")
    for name in ("scores", "mentors", "mentees"):
        pair.add_argument(f"--{name}", required=True, metavar="CSV")
    pair.add_argument("--decimals", type=int, choices=range(7), help="round scores to so many")
    pair.set_defaults(run=commands.pair)
    pair.add_argument("--worst-off", choices=("leximin", "minimum", "off"), default="minimum")
    for command in (solve, pair):
        command.add_argument("-o", "--output", default="-", help="where the plan goes")
        command.add_argument("--problem", help="also write the Problem")
        command.add_argument("--certificate", help="also write a certificate")
        command.add_argument("--seal", help="also write the seal of the Instance, for auditors")
        command.add_argument("--key", help="Ed25519 private key (PEM) that signs the certificate")
        command.add_argument("--seed", type=_whole, default=None)
        command.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS")
        command.add_argument("--workers", type=_positive, default=None)

    check = sub.add_parser("verify", parents=[common], help="check a plan")
    _documents(check)
    check.add_argument("--certificate")
    check.add_argument("--instance", help="for auditors: also check the Problem against it")
    check.add_argument("--seal", help="for auditors: the salt of the Instance's digest")
    check.add_argument("--previous", metavar="PLAN", help="for auditors: the plan before")
    check.add_argument("--public-key", help="the signer expected, 64 hexadecimal digits")
    check.set_defaults(run=commands.verify)

    explain = sub.add_parser("explain", parents=[common], help="say why, and why not")
    _documents(explain)
    for command in (check, explain):
        command.add_argument("-o", "--output", default="-", help="where the answer goes")
    explain.add_argument("--party", help="only what concerns this party")
    explain.add_argument("--why-not", metavar="GUEST,HOST,INSTRUMENT", help="what it would cost")
    explain.add_argument("--time-limit", type=_seconds, default=None, metavar="SECONDS",
                         help="for what is not served in a joint plan, 60 by default")  # fmt: skip
    explain.add_argument("--workers", type=_positive, default=None)
    explain.set_defaults(run=commands.explain)

    bench = sub.add_parser("bench", parents=[common], help="measure, beside other solvers")
    bench.add_argument("--rows", default="small", help="small, several, scale, beyond or all")
    bench.add_argument("--repeat", type=_whole, default=5)
    bench.set_defaults(run=commands.bench)
    standalone.register(sub, common)
    return top


def _documents(command: argparse.ArgumentParser) -> None:
    command.add_argument("documents", nargs="*", help="Problem and plan")
    command.add_argument("--problem")
    command.add_argument("--plan")


def main(arguments: list[str] | None = None) -> int:
    """Run a command and give its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        options = parser().parse_args(words)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BadInput as error:
        if "--json" in words:
            faults = [
                {"path": f.path, "message": f.message, "suggestion": f.suggestion}
                for f in error.faults
            ]
            print(json.dumps({"faults": faults}, ensure_ascii=False), file=sys.stderr)
        else:
            for fault in error.faults:
                print(render(fault), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever read our output has enough; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
