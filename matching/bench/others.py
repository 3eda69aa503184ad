"""Rows of the problems beside pairing: each package measures its own, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

MODULES = {
    "joint": "matching.joint.rows",
    "group": "matching.groups.rows",
    "agenda": "matching.forum.agenda.rows",
    "meetings": "matching.forum.meetings.rows",
}
"""The module with a function ``rows`` for each group of rows."""

PROGRAM = "import json, sys; from {module} import rows; print(json.dumps(rows(), default=str))"


def run(name: str, *, as_json: bool) -> int:
    """Print the rows of one group: medians, how many runs were within the budget, memory."""
    program = PROGRAM.format(module=MODULES[name])
    done = subprocess.run(  # noqa: S603 - the program is this module's own
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    if as_json:
        print(json.dumps(found))
        return 0
    for row in found:
        print(f"{row['name']}: {row['met']} of {len(row['runs'])} within: {row['budget']}")
        parts = (f"{part} {value:.3g}" for part, value in row["median"].items())
        print(f"  {', '.join(parts)}; {row['megabytes']} MB")
        for run_ in row["runs"]:
            for code, line in run_.get("objectives", {}).items():
                state = "proven" if line["proven"] else f"gap {line['gap']:.2%}"
                print(f"    {code}: {line['value']}, bound {line['bound']}, {state}")
    return 0
