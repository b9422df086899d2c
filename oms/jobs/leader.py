"""Leading alone: an advisory lock on a connection of its own. Who leads is asked of the server, never remembered."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import psycopg
import structlog

from oms.config import plain_url

#: PostgreSQL splits a bigint key into two halves in pg_locks; with a small number the upper half is 0.
CLOCK_LOCK = 417_002
#: When our machine vanishes, the server must notice, or nobody could take over: it asks after 5 s, thrice.
OPTIONS = (
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    " -c statement_timeout=5000 -c timezone=UTC"
)
_HELD = """
select exists (
    select from pg_locks
    where locktype = 'advisory' and objid = %s and classid = 0 and objsubid = 1 and granted and pid = pg_backend_pid()
      and database = (select oid from pg_database where datname = current_database())
)
"""

log = structlog.get_logger(__name__)


class Leader:
    """A claim to lead; safe for threads. Only one process per database can hold it, as long as its session lives."""

    def __init__(self, database_url: str, key: int = CLOCK_LOCK) -> None:
        self._url = plain_url(database_url)
        self._key = key
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None

    def try_to_lead(self) -> bool:
        """Take the lock if it is free; false while another one leads or the database is away."""
        with self._lock:
            return bool(self._ask("select pg_try_advisory_lock(%s)"))

    def leads(self) -> bool:
        """Whether this very session still holds the lock, by the server's word; a lost connection is a lost lead."""
        with self._lock:
            return self._connection is not None and bool(self._ask(_HELD))

    def resign(self) -> None:
        """Let the lock go with its connection."""
        with self._lock:
            self._drop()

    def _ask(self, question: str) -> object:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._url, autocommit=True, options=OPTIONS, application_name="oms clock", connect_timeout=5
                )
            row = self._connection.execute(question.encode(), (self._key,)).fetchone()
        except psycopg.Error as error:
            log.warning("clock_cut_off", error=type(error).__name__)
            self._drop()
            return False
        return row is not None and row[0]

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()
