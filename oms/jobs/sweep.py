"""The sweep: every second ask the rows themselves which pumps have work. The guarantee behind lost signals.

It also looks whenever a signal is sent. The signal itself is for one worker; so the others join it at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg
import structlog

from oms.config import plain_url
from oms.jobs.crew import Crew
from oms.jobs.engine import SIGNALS
from oms.jobs.pump import Pump

SWEEP_EVERY_S = 1.0
#: A stop is noticed after this long.
REST_S = 0.25
#: Read-only, so that looking never uses up a transaction id; a slow question must not hold up the others for long.
OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=5000 -c timezone=UTC -c jit=off"

log = structlog.get_logger(__name__)


class Sweep:
    """Wakes the pumps of a crew that are ready by their rows, or due by their own period, and do not run here."""

    def __init__(self, database_url: str, crew: Crew, pumps: Sequence[Pump], *, every_s: float = SWEEP_EVERY_S) -> None:
        self._url = plain_url(database_url)
        self._crew = crew
        self._questions = {pump.name: pump.ready for pump in pumps if pump.ready is not None}
        self._every_s = every_s
        self._stop = threading.Event()
        self._connection: psycopg.Connection[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def look(self) -> list[str]:
        """One round; answers the pumps it found ready, whether they run or not."""
        ready = self._ready()
        for name in {*ready, *self._crew.overdue()}:
            if not self._crew.is_running(name):
                self._crew.wake(name)
        return ready

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - the guarantee must outlive every error
                failures += 1
                self.close()
                if failures == 1:
                    log.warning("sweep_failed", error=type(error).__name__)
            else:
                failures = 0
            self._rest()
        self.close()

    def _rest(self) -> None:
        """Until the next round, or until somebody sends a signal."""
        end = time.monotonic() + self._every_s
        while (left := end - time.monotonic()) > 0 and not self._stop.is_set():
            if self._connection is None:
                self._stop.wait(left)
                continue
            try:
                if list(self._connection.notifies(timeout=min(left, REST_S), stop_after=1)):
                    return
            except psycopg.Error:
                self.close()

    def _ready(self) -> list[str]:
        if not self._questions:
            return []
        try:
            answers = self._ask(list(self._questions.values()))
        except psycopg.Error:
            if self._is_cut_off():
                raise
            return self._ready_one_by_one()
        return [name for name, answer in zip(self._questions, answers, strict=True) if answer]

    def _ready_one_by_one(self) -> list[str]:
        """One wrong question must not silence the others."""
        return [name for name, question in self._questions.items() if self._ask_carefully(name, question)]

    def _ask_carefully(self, name: str, question: str) -> bool:
        try:
            return self._ask([question])[0]
        except psycopg.Error as error:
            if self._is_cut_off():
                raise
            log.error("ready_question_failed", pump=name, error=type(error).__name__)
            return False

    def _is_cut_off(self) -> bool:
        return self._connection is None or self._connection.closed

    def _ask(self, questions: Sequence[str]) -> list[bool]:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url, autocommit=True, options=OPTIONS, application_name="oms sweep", connect_timeout=5
            )
            self._connection.execute(f"listen {SIGNALS}")
        statement = "select " + ", ".join(f"({question})" for question in questions)
        return [bool(answer) for row in self._connection.execute(statement.encode()) for answer in row]
