"""Engines and sessions; every connection speaks UTC and names itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

#: A person's click waits this long for a lock, then hears that the document is being worked on.
CLICK_LOCK_TIMEOUT_MS = 1000


def _to_text(value: object) -> str:
    return orjson.dumps(value).decode()


def make_engine(
    url: str, *, name: str = "oms", pool_size: int = 5, lock_timeout_ms: int = 0, is_pooled: bool = False
) -> Engine:
    """An engine for a postgresql:// address; `lock_timeout_ms` 0 waits for ever.

    `is_pooled`: the address is a transaction pooler's, which lends a session for one transaction only. Then nothing is
    prepared, and each transaction sets for itself what a connection of our own is opened with.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    wanted = {"timezone": "UTC", "lock_timeout": str(lock_timeout_ms), "jit": "off"}
    options = " ".join(f"-c {setting}={value}" for setting, value in wanted.items())
    ours: dict[str, object] = {"prepare_threshold": None} if is_pooled else {"options": options}
    engine = create_engine(
        address,
        pool_size=pool_size,
        max_overflow=10,
        pool_pre_ping=True,
        hide_parameters=True,  # Bound values may be people's details; logs must not show them.
        json_serializer=_to_text,
        json_deserializer=orjson.loads,
        connect_args={"application_name": name, "connect_timeout": 10, **ours},
    )
    if is_pooled:
        _set_in_each_transaction(engine, wanted)
    return engine


def _set_in_each_transaction(engine: Engine, wanted: Mapping[str, str]) -> None:
    calls = ", ".join(f"set_config('{setting}', '{value}', true)" for setting, value in wanted.items())

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(f"select {calls}")


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """A factory of sessions; objects stay readable after commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction on a Core connection, committed at the end."""
    with engine.begin() as connection:
        yield connection


def count_statements(engine: Engine) -> list[str]:
    """A list that grows with every statement sent; for tests that guard statements per batch."""
    seen: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    return seen


def server_version(engine: Engine) -> int:
    """The server's major version."""
    with engine.connect() as connection:
        return int(connection.execute(text("show server_version_num")).scalar_one()) // 10000
