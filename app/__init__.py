"""Tandem: peer learning and mentorship between national mechanisms. ``create_app`` builds it."""

from __future__ import annotations

import datetime as dt
import sys
from importlib import import_module
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.config import LOOPBACK, ROOT, Mode, Settings
from app.database import engine_options, prepare_engine
from app.extensions import compress, csrf, db, limiter, mail


def create_app(settings: Settings | None = None) -> Flask:
    """Build the site for an installation; settings come from the environment unless given."""
    settings = settings or Settings.from_environment()
    _load_models()
    app = Flask(
        "app",
        root_path=str(ROOT / "app"),
        static_folder=None,
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.data_folder),
    )
    _configure(app, settings)
    _bind_extensions(app, settings)
    _register_packages(app)
    return app


PACKAGES_WITH_MODELS = (
    "accounts",
    "audit",
    "engagements",
    "jobs",
    "membership",
    "needs",
    "offers",
    "plans",
    "rounds",
    "workbooks",
)


def _load_models() -> None:
    """Every table is known before the first query, whichever page asks first."""
    import_module("app.notices")
    for package in PACKAGES_WITH_MODELS:
        import_module(f"app.{package}.models")


def _configure(app: Flask, settings: Settings) -> None:
    host = urlsplit(settings.base_url).hostname or ""
    app.config.update(
        SETTINGS=settings,
        DEMO_MODE=settings.is_demo,
        TESTING=settings.mode is Mode.TEST,
        BASE_URL=settings.base_url,
        SEALING_KEY=settings.sealing_key,
        SIGNING_KEY=settings.signing_key,
        SECRET_KEY=settings.secret_key,
        # A request for another host gets 400: links and cookies belong to one address.
        TRUSTED_HOSTS=sorted({host} | (LOOPBACK if host in LOOPBACK else set())),
        MAX_CONTENT_LENGTH=6 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        MAX_FORM_PARTS=2_000,
        SESSION_COOKIE_NAME="__Host-tandem" if settings.cookies_need_tls else "tandem",
        SESSION_COOKIE_SECURE=settings.cookies_need_tls,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=dt.timedelta(hours=12),
        SESSION_REFRESH_EACH_REQUEST=False,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=True,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "translations"),
        RATELIMIT_STORAGE_URI=settings.limiter_storage,
        RATELIMIT_ENABLED=settings.mode is not Mode.TEST,
        COMPRESS_MIMETYPES=["text/html", "application/json", "text/calendar", "text/plain"],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,
        # Real mail also in tests: the library would keep it in memory there.
        MAIL_BACKEND="smtp",
        MAIL_SERVER=settings.mail_host,
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_user or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_tls,
        MAIL_DEFAULT_SENDER=settings.mail_sender,
        MAIL_TIMEOUT=20,
    )


def _bind_extensions(app: Flask, settings: Settings) -> None:
    from app.deadline import init_deadline
    from app.errors import init_errors
    from app.headers import init_headers
    from app.i18n import init_i18n
    from app.incoming import init_incoming
    from app.logs import init_logs
    from app.paging import init_paging
    from app.staticfiles import init_static_files

    settings.data_folder.mkdir(parents=True, exist_ok=True)
    init_logs()
    init_incoming(app)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        init_deadline(app, db.engine)
    if "gunicorn" not in sys.modules:
        # What serves pages never migrates; the library would take a tenth of its memory.
        from flask_migrate import Migrate

        Migrate(app, db, directory=str(ROOT / "app" / "migrations"), render_as_batch=True)
    csrf.init_app(app)
    limiter.init_app(app)
    mail.init_app(app)
    compress.init_app(app)
    init_i18n(app)
    init_paging(app)
    init_errors(app)
    init_headers(app)
    init_static_files(app)
    _trust_proxies(app, settings.proxies)


def _trust_proxies(app: Flask, count: int) -> None:
    """Take the reader's address and scheme from the last ``count`` hops; never the host."""
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_port=0, x_prefix=0
        )


def _register_packages(app: Flask) -> None:
    from app import cli
    from app.accounts import views as accounts
    from app.accounts.access import init_access
    from app.engagements import views as engagements
    from app.home import navigation
    from app.home import views as home
    from app.membership import views as membership
    from app.needs import views as needs
    from app.offers import views as offers
    from app.oversight import views as oversight
    from app.plans import views as plans
    from app.rounds import views as rounds
    from app.workbooks import views as workbooks

    accounts.init_app(app)
    init_access(app)
    for package in (
        home,
        membership,
        needs,
        offers,
        rounds,
        plans,
        engagements,
        workbooks,
        oversight,
    ):
        app.register_blueprint(package.bp)
    if app.config["DEMO_MODE"]:
        from app.demo import views as demo

        demo.init_app(app)
    navigation.init_navigation(app)
    cli.init_cli(app)
