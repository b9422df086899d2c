"""procrastinate's tables in a schema of their own, where alembic does not look; installed and kept current here."""

from __future__ import annotations

from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager

from oms.config import plain_url

SCHEMA = "procrastinate"
#: One `oms migrate` at a time; the number only has to differ from the hub's other advisory locks.
_LOCK = 7_265_100_417_001
_LEDGER = "oms_applied"


def apply(url: str) -> None:
    """Install procrastinate's schema, or bring an older one to the version of the installed library."""
    with _connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(f"create schema if not exists {SCHEMA}")
        if _applied(connection) is None:
            _install(connection)
        else:
            _upgrade(connection)


def is_behind(url: str) -> bool:
    """Whether apply() would change something."""
    with _connect(url) as connection:
        applied = _applied(connection)
    return applied is None or bool(_library_migrations().keys() - applied)


def _connect(url: str) -> psycopg.Connection[tuple[str, ...]]:
    return psycopg.connect(
        plain_url(url), options=f"-c search_path={SCHEMA}", application_name="oms migrate", connect_timeout=10
    )


def _install(connection: psycopg.Connection[tuple[str, ...]]) -> None:
    connection.execute(SchemaManager.get_schema())
    connection.execute(f"create table {_LEDGER} (name text primary key, applied_at timestamptz default now())")
    _note(connection, sorted(_library_migrations()))


def _upgrade(connection: psycopg.Connection[tuple[str, ...]]) -> None:
    """The files of the library that came after the ones on record, in the order of their names."""
    migrations = _library_migrations()
    waiting = sorted(migrations.keys() - (_applied(connection) or set()))
    for name in waiting:
        connection.execute(migrations[name].read_text("utf-8").encode())
    _note(connection, waiting)


def _note(connection: psycopg.Connection[tuple[str, ...]], names: list[str]) -> None:
    connection.execute(f"insert into {_LEDGER} (name) select unnest(%s::text[])", (names,))


def _applied(connection: psycopg.Connection[tuple[str, ...]]) -> set[str] | None:
    """Names of the applied files, or None where nothing was installed yet."""
    found = connection.execute("select to_regclass(%s)::text", (f"{SCHEMA}.{_LEDGER}",)).fetchone()
    if found is None or found[0] is None:
        return None
    return {name for (name,) in connection.execute(f"select name from {SCHEMA}.{_LEDGER}")}


def _library_migrations() -> dict[str, Path]:
    return {path.stem: path for path in Path(SchemaManager.get_migrations_path()).glob("*.sql")}
