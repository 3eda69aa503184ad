"""From old versions of documents to the present one, a step at a time.

A new version of a format registers here how the version before becomes the new one: a function
from document to document, both plain dictionaries. Old files stay readable for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Document = dict[str, Any]

VERSIONS: dict[str, int] = {
    "tandem-instance": 1,
    "tandem-problem": 1,
    "tandem-plan": 1,
    "tandem-certificate": 1,
    "tandem-seal": 1,
    "tandem-joint-problem": 1,
    "tandem-joint-plan": 1,
    "tandem-agenda": 1,
    "tandem-agenda-plan": 1,
    "tandem-group": 1,
    "tandem-group-plan": 1,
    "tandem-meetings": 1,
    "tandem-meetings-plan": 1,
    "tandem-rotation": 1,
    "tandem-rotation-plan": 1,
}
"""The version that each format has now."""

UPGRADES: dict[tuple[str, int], Callable[[Document], Document]] = {}
"""How a document of (format, version) becomes one of the next version."""


def upgrade(document: Document) -> Document:
    """Bring a document to the present version; leave what is not understood to validation.

    Raises
    ------
    KeyError
        The document is of an old version for which no step is registered.
    """
    name, version = document.get("format"), document.get("version")
    if not isinstance(name, str) or type(version) is not int or version < 1:
        return document
    while version < VERSIONS.get(name, 0):
        document = {**UPGRADES[name, version](document), "version": version + 1}
        version += 1
    return document
