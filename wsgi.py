"""The application that gunicorn and the flask command load."""

import sys

from app import create_app
from app.config import ConfigurationError
from app.database import UnsafeSQLite

# What a supervisor and gunicorn understand as: no use in trying again.
WILL_NOT_START = 3

try:
    app = create_app()
except (ConfigurationError, UnsafeSQLite) as problem:
    # Whoever runs the site needs the sentence, not where in the code it was said.
    print(problem, file=sys.stderr)
    raise SystemExit(WILL_NOT_START) from problem
