"""How often an account may be called: a token bucket of all its calls, and one of each operation with a limit of its own.

A bucket is a row that all processes share. A process takes tokens for half a second at a time, so that a row is asked
for at most about twice a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Cursor
from sqlalchemy import Engine

from connectors.contract.errors import RateLimited
from connectors.contract.manifest import OperationRate
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection

#: A caller waits this long for its turn before it gives its place to others.
LONGEST_WAIT_S = 2.0
AHEAD_S = 0.5
#: Without a word of the platform, what it refused rests at least this long.
REST_S = 5.0

TAKE_CALL: Final = b"""
insert into call_budget as b (account_id, tokens, refilled_at) values (%(id)s, %(cap)s - %(want)s, %(now)s)
on conflict (account_id) do update set
  tokens = least(%(cap)s, b.tokens + %(rate)s * greatest(0, extract(epoch from %(now)s - b.refilled_at))) - %(want)s,
  refilled_at = greatest(b.refilled_at, %(now)s)
returning tokens, blocked_until, null::float8"""
BLOCK_CALL: Final = b"""
insert into call_budget as b (account_id, tokens, refilled_at, blocked_until)
values (%(id)s, 0, %(now)s, %(until)s)
on conflict (account_id) do update set tokens = least(b.tokens, 0),
  blocked_until = greatest(b.blocked_until, excluded.blocked_until)"""
TAKE_OPERATION: Final = b"""
insert into operation_budget as b (account_id, operation, tokens, refilled_at)
values (%(id)s, %(operation)s, %(cap)s - %(want)s, %(now)s)
on conflict (account_id, operation) do update set
  tokens = least(%(cap)s, b.tokens
    + coalesce(b.rate, %(rate)s) * greatest(0, extract(epoch from %(now)s - b.refilled_at))) - %(want)s,
  refilled_at = greatest(b.refilled_at, %(now)s)
returning tokens, blocked_until, rate"""
BLOCK_OPERATION: Final = b"""
insert into operation_budget as b (account_id, operation, tokens, refilled_at, blocked_until)
values (%(id)s, %(operation)s, 0, %(now)s, %(until)s)
on conflict (account_id, operation) do update set tokens = least(b.tokens, 0),
  blocked_until = greatest(b.blocked_until, excluded.blocked_until)"""
TELL: Final = b"""
update operation_budget set rate = %(rate)s
where account_id = %(id)s and operation = %(operation)s and rate is distinct from %(rate)s"""


class _Bucket:
    """One row as this process knows it, and the tokens of it that the process holds; the budget's lock guards it."""

    def __init__(self, key: Mapping[str, Any], limit: OperationRate, take: bytes, block: bytes) -> None:
        self.key, self._declared, self._take, self._block = key, limit.per_second, take, block
        self._cap = max(limit.burst, 1.0)
        self.rate = limit.per_second
        self.held = 0
        self._not_before: datetime | None = None

    @property
    def want(self) -> int:
        """How many tokens are taken at once."""
        return max(1, int(min(self.rate * AHEAD_S, self._cap)))

    def is_short(self, now: datetime) -> bool:
        """Whether the next call must ask the row."""
        return self.held < 1 or (self._not_before is not None and self._not_before > now)

    def take(self, cursor: Cursor[Any], now: datetime, want: int) -> float:
        """Pay for so many calls; seconds until the first of them."""
        values = {**self.key, "cap": self._cap, "want": want, "rate": self._declared, "now": now}
        tokens, blocked_until, told = cursor.execute(self._take, values).fetchone() or (0.0, None, None)
        self.rate = told or self._declared
        blocked = (blocked_until - now).total_seconds() if blocked_until is not None else 0.0
        return max(0.0, blocked, -tokens / self.rate)

    def block(self, cursor: Cursor[Any], now: datetime, until: datetime) -> None:
        """Leave it alone until then, in every process."""
        cursor.execute(self._block, {**self.key, "now": now, "until": until})

    def drop(self, until: datetime) -> None:
        """Forget the tokens held here."""
        self.held, self._not_before = 0, until


class Budget:
    """The gate that an account's calls pass; safe to use from many threads.

    A call of a declared operation takes from the account's bucket and from the operation's, or from neither.
    """

    def __init__(
        self,
        engine: Engine,
        account_id: int,
        rate: float,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        operations: Mapping[str, OperationRate] | None = None,
    ) -> None:
        self._engine, self._clock, self._sleep = engine, clock, sleep
        self._lock = threading.Lock()
        self._account = _Bucket({"id": account_id}, _of_account(rate), TAKE_CALL, BLOCK_CALL)
        self._operations = {
            name: _Bucket({"id": account_id, "operation": name}, limit, TAKE_OPERATION, BLOCK_OPERATION)
            for name, limit in (operations or {}).items()
        }

    def before(self, operation: str = "") -> None:
        """Wait for this call's turn; RateLimited, without calling anybody, when it is far away."""
        # Everybody takes the account's row first, so that nobody waits for somebody who waits for him.
        buckets = [self._account, *filter(None, [self._operations.get(operation)])]
        with self._lock:
            now = self._clock()
            wait = self._pay([bucket for bucket in buckets if bucket.is_short(now)], now, operation)
            for bucket in buckets:
                bucket.held -= 1
        if wait > 0:
            self._sleep(wait)

    def limited(self, seconds: float | None, operation: str = "") -> None:
        """The platform asked for fewer calls: every process leaves the operation, else the account, alone for so long."""
        bucket, now = self._operations.get(operation, self._account), self._clock()
        until = now + timedelta(seconds=max(REST_S, 1 / bucket.rate) if seconds is None else seconds)
        with self._lock:
            bucket.drop(until)
        with self._engine.begin() as connection, psycopg_connection(connection).cursor() as cursor:
            bucket.block(cursor, now, until)

    def told(self, operation: str, per_second: float) -> None:
        """The platform said how often it takes an operation; all processes go by that from their next look."""
        bucket = self._operations.get(operation)
        with self._lock:
            if bucket is None or bucket.rate == per_second:
                return
            bucket.rate = per_second
        with self._engine.begin() as connection, psycopg_connection(connection).cursor() as cursor:
            cursor.execute(TELL, {**bucket.key, "rate": per_second})

    def _pay(self, short: Sequence[_Bucket], now: datetime, operation: str) -> float:
        """Seconds to wait before the call that was just paid for; nothing is paid when the wait is too long."""
        if not short:
            return 0.0
        wanted = [bucket.want for bucket in short]
        with self._engine.begin() as connection, psycopg_connection(connection).cursor() as cursor:
            waits = [bucket.take(cursor, now, want) for bucket, want in zip(short, wanted, strict=True)]
            wait = max(waits)
            if wait > LONGEST_WAIT_S:
                code = "own-limit" if short[waits.index(wait)] is self._account else f"own-limit {operation}"
                # Raised in here, so that what was taken is given back with the transaction.
                raise RateLimited("our own limit for this account is used up", code=code, retry_after=wait)
        for bucket, want in zip(short, wanted, strict=True):
            bucket.held += want
        return wait


def _of_account(rate: float) -> OperationRate:
    """An account may be called as often at once as in a second."""
    rate = max(rate, 0.01)
    return OperationRate(rate, max(rate, 1.0))


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
