"""Having documents read anew from their platform, whoever finds that what we hold may be old."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from oms.db.bulk import psycopg_connection


def ask_again(connection: Connection, shop_id: int, kind: str, external_nos: Sequence[str], now: datetime) -> None:
    """Have documents read anew, also those that are being fetched at this moment: they lose their claim."""
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into pending_reference (shop_id, kind, external_no, noted_at, due_at)
               select %s, %s, v.no, %s, %s from unnest(%s::text[]) as v(no)
               on conflict (shop_id, kind, external_no) do update set noted_at = excluded.noted_at,
                 due_at = excluded.due_at, claim = null, claimed_until = null""",
            (shop_id, kind, now, now, sorted(set(external_nos))),
        )
