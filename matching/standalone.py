"""Problems that stand on their own beside a round's plan: each is a package with its commands.

Such a package has a module ``commands`` with ``register(commands, common)``, which adds its
parsers, and ``verify(problem, plan)``, which checks two documents given as bytes. Where the
commands ``solve`` and ``explain`` are about its plans it has ``solve(problem, options)`` and
``explain(problem, plan, options)``; where there are certificates and Instances it has
``audit(problem, plan, papers)``, which also checks what ``papers()`` reads.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

PACKAGES: dict[str, str] = {
    "tandem-agenda": "matching.forum.agenda",
    "tandem-group": "matching.groups",
    "tandem-joint-problem": "matching.joint",
    "tandem-meetings": "matching.forum.meetings",
    "tandem-rotation": "matching.forum.rotation",
}
"""Package by the ``format`` of its Problem documents."""


def register(commands: Any, common: Any) -> None:
    """Add the commands of every package to the command line."""
    for package in sorted(set(PACKAGES.values())):
        import_module(f"{package}.commands").register(commands, common)


def package_of(document: bytes) -> Any | None:
    """The commands of the package that a Problem belongs to, None for a round's Problem."""
    try:
        content = json.loads(document)
    except ValueError:
        return None
    package = PACKAGES.get(str(content.get("format"))) if isinstance(content, dict) else None
    return None if package is None else import_module(f"{package}.commands")
