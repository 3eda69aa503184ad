"""HEAD is answered as GET is, without the body, so that no view has to think of it.

A view that tells GET from everything else would take HEAD for a POST without a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class HeadAsGet:
    """Shows the application a GET wherever a client sent HEAD."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "HEAD":
            return self.application(environ, start_response)
        answer = self.application({**environ, "REQUEST_METHOD": "GET"}, start_response)
        try:
            for _ in answer:
                pass
        finally:
            if close := getattr(answer, "close", None):
                close()
        return []
