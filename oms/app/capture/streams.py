"""Which streams are due, the right to pull one, and where each goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain.errors import LostLease

LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream to pull, with the fencing number that every write of it checks."""

    shop_id: int
    name: str
    cursor: str
    fence: int


def claim_stream(connection: Connection, now: datetime, holder: timedelta = timedelta(minutes=2)) -> Stream | None:
    """Take the stream that waits longest; its next start is put off, and its fence raised, in the same statement."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into stream_cursor (shop_id, stream)
               select s.shop_id, s.stream from sync_schedule s
               where s.is_enabled and not exists (select from stream_cursor c
                 where c.shop_id = s.shop_id and c.stream = s.stream)
               on conflict do nothing"""
        )
    rows = fetch(
        connection,
        """with due as (
             select c.shop_id, c.stream from stream_cursor c
             join sync_schedule s on s.shop_id = c.shop_id and s.stream = c.stream and s.is_enabled
             join shop p on p.id = c.shop_id and p.mode <> 'closed'
             join account a on a.id = p.account_id and a.state = 'active'
             where (c.last_started_at is null or c.last_started_at + make_interval(secs => s.every_s) <= %s)
               and (c.paused_until is null or c.paused_until <= %s)
             order by c.last_started_at nulls first limit 1 for update of c skip locked)
           update stream_cursor c set last_started_at = %s, paused_until = %s, fence = fence + 1
           from due where c.shop_id = due.shop_id and c.stream = due.stream
           returning c.shop_id, c.stream, c.cursor, c.fence""",
        (now, now, now, now + holder),
    )
    return Stream(*rows[0]) if rows else None


def advance_cursor(connection: Connection, stream: Stream, cursor_text: str, now: datetime) -> None:
    """Move the cursor in the transaction that stores its page; LostLease when another worker took the stream over."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update stream_cursor set cursor = %s, paused_until = %s
               where shop_id = %s and stream = %s and fence = %s""",
            (cursor_text, now + timedelta(minutes=2), stream.shop_id, stream.name, stream.fence),
        )
        if cursor.rowcount == 0:
            raise LostLease("another worker pulls this stream now")


def count_documents(connection: Connection, stream: Stream, count: int) -> None:
    """Count what was new or newer, in the transaction that holds the cursor; repeats of overlapping pulls are not."""
    if count:
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                "update stream_cursor set documents = documents + %s where shop_id = %s and stream = %s",
                (count, stream.shop_id, stream.name),
            )


def finish_stream(connection: Connection, stream: Stream, now: datetime, *, has_more: bool = False) -> None:
    """The stream is pulled up to now; one with more to come is due again at once, after those that wait longer."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update stream_cursor c set last_success_at = %s, paused_until = null, failures = 0, last_error = '',
                 last_started_at = case when %s then %s - make_interval(secs => s.every_s) else c.last_started_at end
               from sync_schedule s where s.shop_id = c.shop_id and s.stream = c.stream
                 and c.shop_id = %s and c.stream = %s and c.fence = %s""",
            (now, has_more, now, stream.shop_id, stream.name, stream.fence),
        )


def fail_stream(connection: Connection, stream: Stream, words: str, now: datetime, wait: float | None) -> None:
    """Note a failure and pause the stream, longer each time, and not all streams of a platform for the same time."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update stream_cursor set last_error = %s, last_error_at = %s, failures = failures + 1,
                 paused_until = %s + make_interval(secs => coalesce(
                   %s, least(2 ^ least(failures, 9), %s) * (0.75 + random() / 2)))
               where shop_id = %s and stream = %s and fence = %s""",
            (words[:500], now, now, wait, LONGEST_PAUSE.total_seconds(), stream.shop_id, stream.name, stream.fence),
        )
