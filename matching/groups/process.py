"""Bounds in a child process: eigenvalues on one thread, and a stop that takes effect at once.

LAPACK can't be interrupted, and it would use every core: how many it may use is asked when it is
loaded, so the child is a fresh interpreter.
"""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType

import numpy as np

import matching
from matching.groups.space import Numbers
from matching.watch import Watch

POLL_SECONDS = 0.1
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Sizes:
    """``unequal``: the most unequal sizes possible, or more so. Pairs: twice their number."""

    unequal: Numbers
    least: int
    most: int
    fewest_pairs: int
    most_pairs: int
    fewest_squares: int
    equal: bool


class BoundsChild:
    """A child that works on a bound; leaving the block ends it."""

    def __init__(self, value: Numbers, sizes: Sizes, reached: int, rounds: int) -> None:
        root = str(Path(matching.__file__).parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        task = io.BytesIO()
        numbers = [getattr(sizes, field.name) for field in fields(sizes) if field.name != "unequal"]
        np.savez(task, value=value, unequal=sizes.unequal, numbers=[*numbers, reached, rounds])
        self._content = task.getvalue()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "matching.groups.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": path},
        )

    def __enter__(self) -> BoundsChild:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.kill()
        self._child.communicate()

    def bounds(self, watch: Watch) -> Iterator[int]:
        """Bounds as they come, until there are no more or the watch says stop.

        Raises
        ------
        RuntimeError
            The child died, for instance for lack of memory.
        """
        pipe, out = self._child.stdin, self._child.stdout
        if pipe is None or out is None:
            raise RuntimeError("no pipes to the child process")
        pipe.write(self._content)
        pipe.close()
        self._child.stdin = None
        rest = b""
        while not watch.stopped():
            if not select.select([out], [], [], POLL_SECONDS)[0]:
                continue
            read = os.read(out.fileno(), 1 << 16)
            if not read:
                if self._child.wait() != 0:
                    raise RuntimeError(f"bounds ended with exit code {self._child.returncode}")
                return
            *lines, rest = (rest + read).split(b"\n")
            yield from map(int, lines)


def main() -> None:
    """Read a task from standard input and write a line for each bound."""
    from matching.groups.bounds import steps

    with np.load(io.BytesIO(sys.stdin.buffer.read())) as task:
        *numbers, reached, rounds = task["numbers"].tolist()
        sizes = Sizes(task["unequal"], *numbers)
        for found in steps(task["value"], sizes, reached, rounds):
            print(found, flush=True)


if __name__ == "__main__":
    main()
