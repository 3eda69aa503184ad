"""Where a person may be sent next: a path of this site, never elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_next(wanted: str | None, *, otherwise: str = "/") -> str:
    """The wanted path if it is one of this site, else ``otherwise``."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    if any(ord(ch) < 32 or ch == "\\" for ch in wanted):
        return otherwise
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else otherwise
