"""Questions to the database server: does it answer, is it new enough, direct, migrated, and on time?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
from psycopg.conninfo import conninfo_to_dict

from oms.config import Settings, plain_url
from oms.doctor.finding import Finding, bad, good
from oms.domain.errors import ConfigError
from oms.migrating import is_behind

OLDEST_VERSION = 16
MOST_SKEW_SECONDS = 5.0
Connection = psycopg.Connection[tuple[object, ...]]


class DatabaseUnreachable(ConfigError):
    """No server answers at DATABASE_URL, or it refuses us."""

    code = "database-unreachable"


class SchemaBehind(ConfigError):
    """The program is newer than the schema."""

    code = "schema-behind"


def connect(url: str) -> Connection:
    """An autocommit connection, or DatabaseUnreachable, which never repeats the password."""
    try:
        return psycopg.connect(plain_url(url), connect_timeout=5, autocommit=True)
    except psycopg.OperationalError as error:
        parts = conninfo_to_dict(plain_url(url))
        place = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname')}"
        sentence = f"The database at {place} cannot be used: {_reason(error, str(parts.get('password', '')))}"
        remedy = "Check DATABASE_URL (host, port, name, password) and that the server is running."
        raise DatabaseUnreachable(sentence, remedy) from None


def require_server(url: str) -> None:
    """Raise unless a server that is new enough answers."""
    with connect(url) as connection:
        version = connection.info.server_version // 10000
    if version < OLDEST_VERSION:
        remedy = f"Use version {OLDEST_VERSION} or newer, or unset DATABASE_URL for the embedded server."
        raise ConfigError(f"DATABASE_URL: the server is PostgreSQL {version}, which is too old.", remedy)


def require_schema(url: str) -> None:
    """Raise unless the server can be used and its schema is the one this program was written for."""
    require_server(url)
    if is_behind(url):
        raise SchemaBehind("The database schema is older than this program.", "Run `oms migrate`, then start again.")


def check_version(settings: Settings, url: str) -> Iterator[Finding]:
    with connect(url) as connection:
        words = f"PostgreSQL {connection.info.server_version // 10000} answers"
    try:
        require_server(url)
    except ConfigError as error:
        yield bad("database", error.words, error.remedy)
    else:
        yield good("database", words)


def check_direct(settings: Settings, url: str) -> Iterator[Finding]:
    """LISTEN, advisory locks and prepared statements belong to a session, which a transaction pooler takes away."""
    if shares_sessions(lambda: connect(url)):
        remedy = "Point DATABASE_URL at the server itself; give the pooler's address as DATABASE_POOL_URL."
        yield bad("connection", "DATABASE_URL leads through a transaction pooler", remedy)
    else:
        yield good("connection", "the connection is direct")


def shares_sessions(open_connection: Callable[[], Connection]) -> bool:
    """Whether two connections that are open together are served by one session, or one by two in turn.

    The first connection is idle while the second is in a transaction: a transaction pooler hands the
    second the session of the first, and then another session to the first.
    """
    with open_connection() as first, open_connection() as second:
        before = _session_id(first)
        with second.transaction():
            other = _session_id(second)
            after = _session_id(first)
    return other == before or after != before


def check_schema(settings: Settings, url: str) -> Iterator[Finding]:
    if is_behind(url):
        yield bad("schema", "the database schema is older than this program", "Run `oms migrate`.")
    else:
        yield good("schema", "all migrations have been applied")


def check_clock(settings: Settings, url: str) -> Iterator[Finding]:
    """The two clocks are compared at the middle of the question's way there and back."""
    with connect(url) as connection:
        sent = datetime.now(UTC)
        row = connection.execute("select clock_timestamp()").fetchone()
        received = datetime.now(UTC)
    skew = clock_skew(sent, received, row[0] if row else None)
    if skew > MOST_SKEW_SECONDS:
        remedy = "Set both clocks by NTP: deadlines and leases depend on them."
        yield bad("clock", f"the clocks of this host and the database differ by {skew:.1f} s", remedy)
    else:
        yield good("clock", f"the clocks of host and database agree within {max(skew, 0.1):.1f} s")


def clock_skew(sent: datetime, received: datetime, theirs: object) -> float:
    """Seconds between our clock and theirs, half the round trip allowed for."""
    if not isinstance(theirs, datetime):
        raise TypeError("the database's time must be a datetime")
    return abs((theirs - (sent + (received - sent) / 2)).total_seconds())


def check_pool_url(settings: Settings, url: str) -> Iterator[Finding]:
    """The optional pool address must lead to the same database."""
    if settings.database_pool_url is None:
        return
    try:
        with connect(settings.database_pool_url) as pooled, connect(url) as direct:
            same = _database_id(pooled) == _database_id(direct)
    except DatabaseUnreachable as error:
        yield bad("pool", error.words, "Check DATABASE_POOL_URL, or unset it.")
        return
    if same:
        yield good("pool", "DATABASE_POOL_URL leads to the same database")
    else:
        yield bad("pool", "DATABASE_POOL_URL leads to another database", "Name the same database in both.")


def _session_id(connection: Connection) -> object:
    row = connection.execute("select pg_backend_pid()").fetchone()
    return row[0] if row else None


def _database_id(connection: Connection) -> object:
    question = "select system_identifier, current_database() from pg_control_system()"
    return connection.execute(question).fetchone()


def _reason(error: psycopg.OperationalError, password: str) -> str:
    """libpq's last line, without the password should it ever appear there."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    line = lines[-1] if lines else type(error).__name__
    return line.replace(password, "***") if password else line
