"""Files and standard streams of the command line; every trouble is a fault with the path."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from matching.io import BadInput
from matching.model import Fault


def read(path: str) -> bytes:
    try:
        if path == "-":
            return _standard_input()
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInput([Fault(path, error.strerror or "cannot be read")]) from error


@cache
def _standard_input() -> bytes:
    """Standard input, which can be read only once but may be asked for twice."""
    return sys.stdin.buffer.read()


def text(path: str) -> str:
    try:
        return read(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput([Fault(path, f"not UTF-8 at byte {error.start}")]) from error


def write(path: str, content: bytes) -> None:
    try:
        if path == "-":
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
        else:
            Path(path).write_bytes(content)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadInput([Fault(path, error.strerror or "cannot be written")]) from error


def each(*readers: Callable[[], object]) -> list[Any]:
    """Read several documents; the faults of all of them come together."""
    found: list[object] = []
    faults: list[Fault] = []
    for reader in readers:
        try:
            found.append(reader())
        except BadInput as error:
            faults += error.faults
    if faults:
        raise BadInput(faults)
    return found


def named(path: str, reader: Callable[[str], object]) -> Callable[[], object]:
    """A reader whose faults begin with the file's name."""

    def read_named() -> object:
        try:
            return reader(path)
        except BadInput as error:
            raise BadInput(
                f if f.path == path else replace(f, path=f"{path}: {f.path}") for f in error.faults
            ) from error

    return read_named
