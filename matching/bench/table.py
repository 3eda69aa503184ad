"""The table of measurements: every row in a process of its own, so that memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from matching.bench import others
from matching.bench.rows import ROWS
from matching.io import BadInput, unknown

HEADINGS = (
    ("row", "row", 26), ("pairs", "pairs", 9), ("load", "load s", 8), ("build", "build s", 8),
    ("minimum", "minimum s", 10), ("leximin", "leximin s", 10), ("flows", "flows", 6),
    ("two", "two s", 8), ("check", "check s", 8), ("scipy", "scipy s", 8), ("highs", "HiGHS s", 9),
    ("cpsat", "CP-SAT s", 9),
    ("brute", "brute s", 8), ("memory_mb", "MB", 6),
)  # fmt: skip
LEGEND = """\
load     reading the Instance (JSON) or the Problem (arrays), checks included
build    from Instance to Problem
minimum  cover, worst-off minimum, total fit, spread of load, each proven
leximin  the same with exact leximin on whole points in place of the minimum; flows it took
two      with k mentors each: of minimum, all but the spread of load
check    the independent check of the leximin plan, optimality of every objective included
scipy    linear_sum_assignment: cover, worst-off minimum (by halving), total fit
HiGHS    the same three by integer programming, mip_rel_gap 0, in a child process,
         building its models not counted; with k mentors each worst-off minimum and total
CP-SAT   with k mentors each: worst-off minimum and total by a plain model, one worker
brute    every plan, one by one, all objectives
Peers have to reach the same values, or the row says so. Medians of the repeats; - not run."""


def run(sizes: str, repeat: int, *, as_json: bool) -> int:
    """Print one line for each row of a size group, then what the columns mean.

    Parameters
    ----------
    sizes
        ``small``, ``several``, ``scale``, ``beyond`` or ``all`` for pairing; ``joint``, ``group``,
        ``agenda``, ``meetings``.
    repeat
        How often a small row is measured; large rows are measured once.
    """
    if sizes in others.MODULES:
        return others.run(sizes, as_json=as_json)
    groups = {row.group for row in ROWS}
    if sizes != "all" and sizes not in groups:
        known = [*groups, *others.MODULES, "all"]
        raise BadInput([unknown("--rows", "group of rows", sizes, known)])
    found = []
    if not as_json:
        print(" ".join(title.rjust(width) for _, title, width in HEADINGS))
    for row in ROWS:
        if sizes in ("all", row.group):
            measured = _measure(row.name, repeat)
            found.append(measured)
            if not as_json:
                print(_line(measured), flush=True)
    if as_json:
        print(json.dumps(found))
    else:
        print(LEGEND)
    return 1 if any(row["disagreements"] for row in found) else 0


def _measure(name: str, repeat: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "matching.bench.rows", name, str(max(repeat, 1))]
    # The command is this interpreter and a name from our own table.
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise RuntimeError(f"row {name} failed: {done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _line(row: dict[str, Any]) -> str:
    cells = []
    for key, _, width in HEADINGS:
        value = row.get(key)
        if value is None:
            text = "-"
        elif isinstance(value, float):
            text = f"{value:.4f}" if value < 10 else f"{value:.1f}"
        else:
            text = str(value)
        cells.append(text.rjust(width))
    return " ".join(cells) + "".join(f"  DISAGREES: {d}" for d in row["disagreements"])
