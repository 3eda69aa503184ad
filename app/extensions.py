"""The libraries the site stands on, made once and bound to an application in ``create_app``."""

from __future__ import annotations

from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mailman import Mail
from flask_security.core import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect

from app.database import Base

db = SQLAlchemy(model_class=Base)
babel = Babel()
csrf = CSRFProtect()
mail = Mail()
compress = Compress()
security = Security()
# The address of the socket, or what the installation's own proxies say (PROXIES): a header that a
# reader forges changes nothing.
limiter = Limiter(get_remote_address, headers_enabled=False)
