"""Refusals with names, and one place that turns them and HTTP errors into pages."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, render_template
from flask_babel import lazy_gettext as _l
from flask_babel import refresh
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError


class DomainError(Exception):
    """An action refused for a reason that its author can understand and mend.

    Subclasses set ``message`` (lazy, with ``%(name)s`` places) and ``status``.
    """

    status = 409
    message: Any = _l("This can't be done now.")

    def __init__(self, **params: Any) -> None:
        super().__init__(type(self).__name__)
        self.params = params

    def words(self) -> str:
        """The refusal in the reader's language."""
        return str(self.message) % self.params if self.params else str(self.message)


class NotAllowed(DomainError):
    """The person may not do this; said only to someone who may see the thing itself."""

    status = 403
    message = _l("Your role does not allow this.")


PAGES = (400, 403, 404, 405, 413, 429, 500)


def init_errors(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def _refused(error: DomainError) -> tuple[str, int]:
        return render_template("errors/refused.html", error=error), error.status

    @app.errorhandler(CSRFError)
    def _forged(error: CSRFError) -> tuple[str, int]:
        return render_template("errors/csrf.html"), 400

    @app.errorhandler(SecurityError)
    def _foreign_host(error: SecurityError) -> Response:
        # No address of ours can be built for a host that is not ours: words alone.
        return Response("This address is not ours.\n", 400, mimetype="text/plain")

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Any:
        code = error.code or 500
        if code < 400:
            return error
        page = code if code in PAGES else (400 if code < 500 else 500)
        return render_template(f"errors/{page}.html"), code, _kept_headers(error)

    @app.errorhandler(500)
    def _broken(error: Exception) -> tuple[str, int]:
        from app.extensions import db

        db.session.rollback()
        # The page must come even when the database is what broke.
        g.database_failed = True
        refresh()
        return render_template("errors/500.html"), 500


def _kept_headers(error: HTTPException) -> list[tuple[str, str]]:
    return [(k, v) for k, v in error.get_headers() if k.lower() in ("allow", "retry-after")]
