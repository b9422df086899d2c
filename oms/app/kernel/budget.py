"""How often an account may be called: one token bucket an account, shared by all processes through its row.

A process takes tokens for half a second at a time, so that the row is asked for at most about twice a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from connectors.contract.errors import RateLimited
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection

#: A caller waits this long for its turn before it gives its place to others.
LONGEST_WAIT_S = 2.0
AHEAD_S = 0.5
#: Without a word of the platform, a refused account rests this long.
REST_S = 5.0

TAKE = """
insert into call_budget as b (account_id, tokens, refilled_at) values (%(id)s, %(cap)s - %(want)s, %(now)s)
on conflict (account_id) do update set
  tokens = least(%(cap)s, b.tokens + %(rate)s * greatest(0, extract(epoch from %(now)s - b.refilled_at))) - %(want)s,
  refilled_at = greatest(b.refilled_at, %(now)s)
returning tokens, blocked_until"""


class Budget:
    """The gate that an account's calls pass; safe to use from many threads."""

    def __init__(
        self,
        engine: Engine,
        account_id: int,
        rate: float,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine, self._account_id, self._rate = engine, account_id, max(rate, 0.01)
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._held = 0
        self._not_before: datetime | None = None

    def before(self) -> None:
        """Wait for this call's turn; RateLimited, without calling anybody, when it is far away."""
        wait = self._take()
        if wait > LONGEST_WAIT_S:
            raise RateLimited("our own limit for this account is used up", code="own-limit", retry_after=wait)
        if wait > 0:
            self._sleep(wait)

    def limited(self, seconds: float | None) -> None:
        """The platform asked for fewer calls: every process leaves the account alone for so long."""
        until = self._clock() + timedelta(seconds=REST_S if seconds is None else seconds)
        with self._lock:
            self._held, self._not_before = 0, until
        with self._engine.begin() as connection, psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """insert into call_budget (account_id, tokens, refilled_at, blocked_until) values (%s, 0, %s, %s)
                   on conflict (account_id) do update set tokens = least(call_budget.tokens, 0),
                     blocked_until = greatest(call_budget.blocked_until, excluded.blocked_until)""",
                (self._account_id, self._clock(), until),
            )

    def _take(self) -> float:
        """Seconds to wait before the call that was just paid for; nothing is paid when the wait is too long."""
        with self._lock:
            if self._held > 0 and not self._is_blocked():
                self._held -= 1
                return 0.0
            return self._fetch()

    def _is_blocked(self) -> bool:
        return self._not_before is not None and self._not_before > self._clock()

    def _fetch(self) -> float:
        now, want = self._clock(), max(1, int(self._rate * AHEAD_S))
        values = {"id": self._account_id, "cap": max(self._rate, want), "want": want, "rate": self._rate, "now": now}
        with self._engine.begin() as connection:
            with psycopg_connection(connection).cursor() as cursor:
                cursor.execute(TAKE, values)
                row = cursor.fetchone()
            tokens, blocked_until = row if row is not None else (0.0, None)
            blocked = max(0.0, (blocked_until - now).total_seconds()) if blocked_until is not None else 0.0
            wait = max(blocked, -tokens / self._rate)
            if wait > LONGEST_WAIT_S:
                self._give_back(connection, want)
                return float(wait)
        self._held = want - 1
        return float(wait)

    def _give_back(self, connection: Connection, want: int) -> None:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute("update call_budget set tokens = tokens + %s where account_id = %s", (want, self._account_id))


def used_share(tokens: float, refilled_at: datetime, rate: float, now: datetime) -> float:
    """How much of a bucket is used up at a moment, 0 to 1 and above where callers wait; 1 means no call is left."""
    cap = max(rate, 1.0)
    left = min(cap, tokens + rate * max(0.0, (now - refilled_at).total_seconds()))
    return 1 - left / cap


def read_budget(engine: Engine, account_id: int) -> tuple[float, datetime | None] | None:
    """(tokens left, blocked until) of an account; None when it was never called."""
    with engine.connect() as connection:
        rows = fetch(connection, "select tokens, blocked_until from call_budget where account_id = %s", (account_id,))
    return (float(rows[0][0]), rows[0][1]) if rows else None
