"""How rows are stored: typed base class, portable column types, safe SQLite."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from typing import Annotated, Any

import pysqlite3.dbapi2 as sqlite
from cryptography.fernet import Fernet
from flask import current_app, has_request_context, request
from sqlalchemy import JSON, DateTime, Dialect, Engine, LargeBinary, MetaData, String, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Below this version two writing processes can corrupt the database when the WAL is reset.
OLDEST_SAFE_SQLITE = (3, 51, 3)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UnsafeSQLite(RuntimeError):
    """The SQLite library found could corrupt the data; nothing is written with it."""


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A point in time: aware in Python, UTC in the database, on SQLite and PostgreSQL alike."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Sealed(TypeDecorator[Any]):
    """A JSON value encrypted at rest with the installation's sealing key."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return _sealer().encrypt(json.dumps(value, separators=(",", ":")).encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(_sealer().decrypt(bytes(value)))


def _sealer() -> Fernet:
    return Fernet(current_app.config["SEALING_KEY"])


class Base(DeclarativeBase):
    """Base of every model."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            dt.datetime: UtcDateTime,
            dict[str, Any]: JSON,
            list[str]: JSON,
            list[dict[str, Any]]: JSON,
        },
    )


def new_public_id() -> str:
    """128 random bits, safe in an address; never begins like an option of a command line."""
    return secrets.token_hex(16)


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


IntPk = Annotated[int, mapped_column(primary_key=True)]
PublicId = Annotated[str, mapped_column(String(32), unique=True, default=new_public_id)]


# A fault tells the statement, and not what people wrote.
QUIET: dict[str, Any] = {"hide_parameters": True}


def engine_options(url: str) -> dict[str, Any]:
    """Options of ``create_engine`` for a database address."""
    if url.startswith("sqlite"):
        if sqlite.sqlite_version_info < OLDEST_SAFE_SQLITE:
            raise UnsafeSQLite(
                f"SQLite {sqlite.sqlite_version} can corrupt a database that several processes "
                f"write. Tandem needs {'.'.join(map(str, OLDEST_SAFE_SQLITE))} or newer: install "
                "pysqlite3 0.6.1, or set DATABASE_URL to a PostgreSQL server."
            )
        return {**QUIET, "module": sqlite, "connect_args": {"timeout": 20}}
    return {**QUIET, "pool_pre_ping": True}


def prepare_engine(engine: Engine) -> None:
    """Durable, concurrent, constraint-checking SQLite; nothing to do on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # SQLAlchemy, not the driver, decides when a transaction begins (see _begin).
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=20000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if _only_reads(connection) else "BEGIN IMMEDIATE")


def _only_reads(connection: Connection) -> bool:
    """A page being read takes no write lock; everything else takes it before it reads."""
    writes = connection.get_execution_options().get("writes")
    if writes is not None:
        return not writes
    return has_request_context() and request.method in SAFE_METHODS
