"""The one open transfer 退运单 between two points, made when there is none; what goes on it is written elsewhere."""

from __future__ import annotations

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection


def open_transfer(batch: Batch, from_id: int, to_id: int) -> int:
    """The open transfer of two points, locked so that it is not sent meanwhile."""
    question = """select id from transfer where from_point_id = %s and to_point_id = %s and status = 'open'
                  and kind = 'return' for update"""
    while True:
        rows = fetch(batch.connection, question, (from_id, to_id))
        if rows:
            return int(rows[0][0])
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """insert into transfer (id, kind, status, from_point_id, to_point_id, created_at)
                   values (%s, 'return', 'open', %s, %s, %s)
                   on conflict (from_point_id, to_point_id) where status = 'open' and kind = 'return' do nothing""",
                (batch.new_id(), from_id, to_id, batch.now),
            )
