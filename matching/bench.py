"""Measure the engine beside other solvers, in one run."""

from __future__ import annotations


def run(rows: str, repeat: int, *, as_json: bool) -> int:
    """Print the table."""
    raise NotImplementedError
