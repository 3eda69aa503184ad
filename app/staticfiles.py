"""Style sheets, scripts and pictures, served compressed under an address that changes with them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from app.config import ROOT

FOLDER = ROOT / "static"


def init_static_files(app: Flask) -> None:
    version = folder_digest(FOLDER)[:12]
    prefix = f"static/{version}/"

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(FOLDER),
        prefix=prefix,
        immutable_file_test=lambda path, url: True,
        allow_all_origins=False,
        add_headers_function=_no_sniffing,
    )

    @app.template_global()
    def static_url(name: str) -> str:
        return f"/{prefix}{name}"


def folder_digest(folder: Path) -> str:
    """One digest over names and contents: when any file changes, every address does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".gz", ".br"):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _no_sniffing(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'"
