"""The schedules that people edit, as the clock sees them, and word that they were edited."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import psycopg

from oms.config import plain_url

#: A poke of "clock" sends this after an edit; without it the edit is seen at the next poll.
CHANNEL = "sync_schedule"
_READ = """
select s.shop_id, s.stream, s.every_s from sync_schedule s join shop on shop.id = s.shop_id
where s.is_enabled and shop.mode <> 'closed'
"""

Schedules = dict[tuple[int, str], int]


class ScheduleReader:
    """Reads schedules on a connection of its own, which also listens for edits."""

    def __init__(self, database_url: str) -> None:
        self._url = plain_url(database_url)
        self._connection: psycopg.Connection[Any] | None = None

    def read(self) -> Schedules:
        """Seconds between pulls, by shop and stream; only what is enabled of shops that are not closed."""
        try:
            return {(shop, stream): every_s for shop, stream, every_s in self._connect().execute(_READ)}
        except psycopg.Error:
            self.close()
            raise

    def wait(self, seconds: float) -> None:
        """Wait for word of an edit, at most so long; without a database just wait."""
        began = time.monotonic()
        try:
            for _edit in self._connect().notifies(timeout=seconds, stop_after=1):
                return
        except psycopg.Error:
            self.close()
            time.sleep(max(0.0, seconds - (time.monotonic() - began)))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            connection = psycopg.connect(
                self._url, autocommit=True, application_name="oms clock schedules", connect_timeout=5
            )
            connection.execute(f"listen {CHANNEL}")
            self._connection = connection
        return self._connection
