"""Poking: after a commit, wake the pump of a name, without ever delaying or failing the caller."""

from __future__ import annotations

import atexit
import threading
import time
from contextlib import suppress
from typing import Any

import psycopg
import structlog

from oms.jobs.engine import connect_for_signals, make_app, send_signals
from oms.jobs.metrics import count
from oms.jobs.schedules import CHANNEL

#: The first poke goes out at once; more of the same name within this time go out together at its end.
PACE_S = 0.2
LONGEST_PAUSE_S = 5.0
#: Not a pump: this poke tells the leading clock that schedules were edited.
CLOCK = "clock"

log = structlog.get_logger(__name__)


class Poker:
    """Sends signals from a thread and a connection of its own; call it with a pump's name AFTER the commit.

    Every call is followed by a look at the queue that begins later than the call, so no wake-up is swallowed. While
    the database is away names are kept and tried again; what a dying process loses, the workers' sweep finds.
    """

    def __init__(self, database_url: str, *, pace_s: float = PACE_S) -> None:
        self._url = database_url
        self._app = make_app(database_url)
        self._pace_s = pace_s
        self._changed = threading.Condition()
        self._wanted: set[str] = set()
        self._sending: frozenset[str] = frozenset()
        self._sent_at: dict[str, float] = {}
        self._closing = False
        self._thread: threading.Thread | None = None

    def __call__(self, name: str) -> None:
        """Ask for a signal; answers at once."""
        with self._changed:
            self._wanted.add(name)
            self._changed.notify_all()
            # A thread does not survive a fork: then this process starts one, with a connection of its own.
            if self._thread is None or not self._thread.is_alive():
                self._start()

    def flush(self, timeout: float) -> bool:
        """Wait until everything asked for is sent; false when the time was not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._wanted and not self._sending, timeout)

    def close(self, timeout: float = 1.0) -> None:
        """Send what waits, at most for `timeout` seconds, and end the thread."""
        with self._changed:
            thread, self._closing = self._thread, True
            self._changed.notify_all()
        if thread is not None and thread.is_alive():
            thread.join(timeout)
        atexit.unregister(self.close)

    def _start(self) -> None:
        self._closing = False
        self._sending = frozenset()
        self._thread = threading.Thread(target=self._run, name="poke", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def _run(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        pause = 0.0
        while (names := self._take(pause)) is not None:
            try:
                if connection is None:
                    connection = connect_for_signals(self._url)
                if CLOCK in names:
                    connection.execute(f"notify {CHANNEL}")
                send_signals(self._app, connection, names - {CLOCK})
            except Exception as error:  # noqa: BLE001 - whatever it was, the names are kept and the caller goes on
                pause = min(max(2 * pause, 0.2), LONGEST_PAUSE_S)
                connection = self._give_back(names, connection, error)
            else:
                pause = 0.0
                self._note_sent(names)
        if connection is not None:
            connection.close()

    def _take(self, pause: float) -> frozenset[str] | None:
        """Wait for names whose time has come; None when closing and nothing more can be sent."""
        not_before = time.monotonic() + pause
        with self._changed:
            while True:
                now = time.monotonic()
                due = {name for name in self._wanted if self._closing or self._due_at(name, not_before) <= now}
                if due and not (self._closing and pause):
                    self._wanted -= due
                    self._sending = frozenset(due)
                    return self._sending
                if self._closing:
                    return None
                self._changed.wait(self._until_due(now, not_before))

    def _due_at(self, name: str, not_before: float) -> float:
        return max(not_before, self._sent_at.get(name, float("-inf")) + self._pace_s)

    def _until_due(self, now: float, not_before: float) -> float | None:
        if not self._wanted:
            return None
        return max(0.001, min(self._due_at(name, not_before) for name in self._wanted) - now)

    def _note_sent(self, names: frozenset[str]) -> None:
        for name in names:
            count("pokes_sent", name)
        with self._changed:
            self._sent_at.update(dict.fromkeys(names, time.monotonic()))
            self._sending = frozenset()
            self._changed.notify_all()

    def _give_back(
        self, names: frozenset[str], connection: psycopg.Connection[Any] | None, error: Exception
    ) -> psycopg.Connection[Any] | None:
        """Keep the names for another try; answers the connection, or None when it is of no more use."""
        log.warning("poke_failed", pumps=sorted(names), error=type(error).__name__)
        for name in names:
            count("pokes_failed", name)
        with self._changed:
            self._wanted |= names
            self._sending = frozenset()
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()
        return None


def make_poke(database_url: str) -> Poker:
    """A poke for processes that run no pumps themselves: web, clock, commands."""
    return Poker(database_url)
