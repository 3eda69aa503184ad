"""Runs the reading of a file in a child process that can be stopped at any moment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

READER = Path(__file__).with_name("unpacking.py")
# Starting included; a workbook of the template is read in a fraction of a second.
PATIENCE_SECONDS = 20.0


def read_apart(data: bytes, *, patience: float = PATIENCE_SECONDS) -> dict[str, Any]:
    """What :mod:`app.workbooks.unpacking` found, or the code of why it could not."""
    try:
        done = subprocess.run(  # noqa: S603 (our own file, nothing of the sender's in the command)
            [sys.executable, "-I", str(READER)],
            input=data,
            capture_output=True,
            timeout=patience,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"fault": "too_slow"}
    if done.returncode != 0:
        return {"fault": "too_slow" if done.returncode in (-9, -24) else "unreadable"}
    found: dict[str, Any] = json.loads(done.stdout)
    return found
