"""What comes in is made plain before anything reads it.

Signs that nobody types are left out: a zero byte is no text to PostgreSQL; an escape or an
override of the reading direction makes a text look like another one. Line breaks, tabs and the
marks that Arabic needs stay. And a HEAD is a GET to every view: it is never taken for a POST.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

PATIENCE = 2.0
PIECE, MOST_FORGOTTEN = 64 * 1024, 64 * 1024 * 1024
NOT_TYPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]")


class PlainRequest(Request):
    """A request whose form and address hold text alone."""

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)
        if self.method == "HEAD":
            # The answer still goes out without its body: that is decided by the environment.
            self.method = "GET"

    @cached_property
    def args(self) -> MultiDict[str, str]:
        return _texts(super().args)

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        self.__dict__["form"] = _texts(self.form)


def _texts(sent: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict(
        (name, NOT_TYPED.sub("", value)) for name, value in sent.items(multi=True)
    )


def read_to_its_end(refused: Request) -> None:
    """Take what is still being sent of a request that is too large, and forget it.

    A server that hangs up while somebody sends leaves that person with a broken connection
    instead of the answer. What takes too long, or is larger by far, gets no such courtesy.
    """
    socket = refused.environ.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(PATIENCE)
    sent = refused.environ["wsgi.input"]
    with contextlib.suppress(OSError):
        for _ in range(MOST_FORGOTTEN // PIECE):
            if not sent.read(PIECE):
                break


def init_incoming(app: Flask) -> None:
    app.request_class = PlainRequest

    @app.before_request
    def _no_such_address() -> Response | None:
        # Plain words: a page would hold its own address.
        found = NOT_TYPED.search(request.path)
        return Response("Not found.\n", 404, mimetype="text/plain") if found else None
