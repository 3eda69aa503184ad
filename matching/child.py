"""Steps of a large solve in a child process that can be stopped at any moment.

OR-Tools' flow solver can't be interrupted. The child sends each finished step; the parent asks
ten times a second whether to stop, and ends the child when it must.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from matching.model import Problem
from matching.steps import Step
from matching.watch import Cancel

Make = Callable[[Problem, int, Cancel], Iterator[Step]]
"""What makes the steps of a solve from Problem, seed and what asks to stop."""

POLL_SECONDS = 0.1


class ChildFailed(RuntimeError):
    """The child process ended without finishing; its exit code or error is the message."""


def _work(make: Make, problem: Problem, seed: int, pipe: Connection) -> None:
    try:
        for step in make(problem, seed, lambda: False):
            pipe.send(step)
        pipe.send(None)
    except Exception as error:  # the parent must hear of it, whatever it is
        pipe.send(error)
    finally:
        pipe.close()


def _forked(make: Make, problem: Problem, seed: int) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(make, problem, seed, sender), daemon=True)
    child.start()
    sender.close()
    return receiver, child


def _spawned(make: Make, problem: Problem, seed: int) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(make, problem, seed, sender), daemon=True)
    child.start()
    sender.close()
    return receiver, child


def steps_in_child(
    make: Make, problem: Problem, seed: int, stopped: Callable[[], bool]
) -> Iterator[Step]:
    """Give the steps of a solve as a child process finishes them; end it when ``stopped``.

    Raises
    ------
    ChildFailed
        The child died (for instance for lack of memory).
    """
    # A forked child shares the arrays; where there is no fork they are copied to a fresh one.
    forks = "fork" in multiprocessing.get_all_start_methods()
    start = _forked if forks else _spawned
    receiver, child = start(make, problem, seed)
    try:
        while not stopped():
            if not receiver.poll(POLL_SECONDS):
                continue
            try:
                message = receiver.recv()
            except EOFError:
                child.join(1)
                raise ChildFailed(f"exit code {child.exitcode}") from None
            if message is None:
                return
            if isinstance(message, Exception):
                raise ChildFailed(str(message)) from message
            yield message
    finally:
        receiver.close()
        if child.is_alive():
            child.kill()
        child.join()
