"""What comes in is made plain before anything reads it.

Signs that nobody types are left out: a zero byte is no text to PostgreSQL; an escape or an
override of the reading direction makes a text look like another one. Line breaks, tabs and the
marks that Arabic needs stay. And a HEAD is a GET to every view: it is never taken for a POST.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

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


def init_incoming(app: Flask) -> None:
    app.request_class = PlainRequest

    @app.before_request
    def _no_such_address() -> Response | None:
        # Plain words: a page would hold its own address.
        found = NOT_TYPED.search(request.path)
        return Response("Not found.\n", 404, mimetype="text/plain") if found else None
