"""Security headers of every answer, and who may keep a copy of it."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask, Response, session
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    CrossOriginResourcePolicy,
    PermissionsPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)

# Nothing inline, nothing from elsewhere; data: only for the small drawings inside the style sheet.
POLICY = (
    ContentSecurityPolicy()
    .default_src("'none'")
    .script_src("'self'")
    .style_src("'self'")
    .img_src("'self'", "data:")
    .font_src("'self'")
    .connect_src("'self'")
    .form_action("'self'")
    .base_uri("'none'")
    .frame_ancestors("'none'")
)


def init_headers(app: Flask) -> None:
    secure = Secure(
        csp=POLICY,
        coop=CrossOriginOpenerPolicy().same_origin(),
        corp=CrossOriginResourcePolicy().same_origin(),
        permissions=PermissionsPolicy().geolocation().camera().microphone(),
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
        hsts=(
            StrictTransportSecurity().max_age(31_536_000).include_subdomains()
            if app.config["SESSION_COOKIE_SECURE"]
            else None
        ),
    )

    @app.after_request
    def _secure(response: Response) -> Response:
        kept = response.headers.get("Content-Security-Policy")
        for name, value in secure.headers.items():
            response.headers[name] = value
        if kept:
            # A download declares a stricter policy of its own.
            response.headers["Content-Security-Policy"] = kept
        response.headers.setdefault("Cache-Control", "no-store" if session else "no-cache")
        response.vary.update(("Cookie", "Accept-Language"))
        return response


def as_download(response: Response, *, file_name: str) -> Response:
    """Mark an answer as a file to keep: never shown, never run, never cached."""
    response.headers.set("Content-Disposition", "attachment", **_name_in_header(file_name))
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "no-store"
    return response


def _name_in_header(file_name: str) -> dict[str, str]:
    """A header holds plain letters; a name in any other script stands beside in RFC 8187 form."""
    if file_name.isascii():
        return {"filename": file_name}
    ending = file_name.rpartition(".")[2]
    plain = f"tandem.{ending}" if ending.isascii() else "tandem"
    return {"filename": plain, "filename*": f"UTF-8''{quote(file_name, safe='')}"}
