"""What is written down of faults: what happened and where, never what it was about.

A library would print the values of every variable on the way, levels and tokens among them.
"""

from __future__ import annotations

import sys

import structlog


def init_logs() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer(
                colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
