"""How gunicorn serves the site: few processes, some threads, no request without an end."""

from __future__ import annotations

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30
graceful_timeout = 20
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
# The address of the socket counts; a forwarded one only from a proxy named here.
forwarded_allow_ips = os.environ.get("TRUSTED_PROXY", "")
accesslog = None
