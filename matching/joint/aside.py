"""Work that can't be interrupted, done in a child process that can be ended.

HiGHS inside MathOpt can be given a time limit but not be told to stop: what has to stop within a
second runs here.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from matching.watch import Watch

POLL_SECONDS = 0.1
Found = TypeVar("Found")


class AsideFailed(RuntimeError):
    """The child process died; its exit code or error is the message."""


def aside(work: Callable[[], Found], watch: Watch) -> Found | None:
    """Do the work in a child process; None when the watch said stop before it was done.

    Without a limit or a way to cancel, and where processes can't be forked, it is done here.

    Raises
    ------
    AsideFailed
        The child died, for instance for lack of memory.
    """
    forks = "fork" in multiprocessing.get_all_start_methods()
    if not forks or (watch.cancel is None and watch.limit is None):
        return work()
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(work, sender), daemon=True)
    child.start()
    sender.close()
    try:
        while not watch.stopped():
            if not receiver.poll(POLL_SECONDS):
                continue
            try:
                message = receiver.recv()
            except EOFError:
                child.join(1)
                raise AsideFailed(f"exit code {child.exitcode}") from None
            if isinstance(message, Exception):
                raise AsideFailed(str(message)) from message
            found: Found = message
            return found
        return None
    finally:
        receiver.close()
        if child.is_alive():
            child.kill()
        child.join()


def _work(work: Callable[[], object], pipe: Connection) -> None:
    try:
        pipe.send(work())
    except Exception as error:  # the parent must hear of it, whatever it is
        pipe.send(error)
    finally:
        pipe.close()
