"""How gunicorn serves the site: few processes, some threads, no request without an end."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

from app.config import ConfigurationError, Mode, in_address, keep_demo_at_home

bind = f"{in_address(os.environ.get('HOST', '127.0.0.1'))}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30
graceful_timeout = 20
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
# What proxies forward is read in one place only, by the application (see PROXIES in app.config).
forwarded_allow_ips = ""
accesslog = None
# Signals are enough; a socket in the home directory would be one more door.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """A demonstration stays on this machine, whatever option of gunicorn says where to listen."""
    if os.environ.get("TANDEM_MODE") != Mode.DEMO:
        return
    for address in server.cfg.address:
        if isinstance(address, tuple):
            try:
                keep_demo_at_home(str(address[0]))
            except ConfigurationError as problem:
                print(problem, file=sys.stderr)
                raise SystemExit(3) from problem


def post_worker_init(worker: Any) -> None:
    """What is loaded stays loaded: the collector need not go through it at every few pages."""
    gc.collect()
    gc.freeze()
