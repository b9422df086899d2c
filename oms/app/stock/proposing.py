"""What somebody who only passed by says of a shelf, beyond what may be booked by itself: a difference that waits."""

from __future__ import annotations

from oms.app.kernel.batch import Batch, StockKey
from oms.db.bulk import psycopg_connection

REPORT = """
insert into stock_report (id, stock_point_id, source, number, key, as_of, received_at, actor)
values (%s, %s, 'count', %s, %s, %s, %s, %s)"""
LINE = """
insert into stock_report_line (id, report_id, stock_point_id, key, sku_id, sku_code, kind, told, as_of, expected,
  difference, state, difference_class)
select %s, %s, %s, %s, k.id, k.code, %s, %s, %s, %s, %s, 'waiting', 'counted' from sku k where k.id = %s"""


def propose_count(batch: Batch, level: StockKey, told: int, expected: int, number: str) -> None:
    """Have people decide whether `told` units lie there instead of `expected`; nothing is booked until they do.

    `number` is the document at which it was seen. A count that is taken over later makes it void, as of any other.
    """
    point_id, sku_id, kind = level
    report_id, line_id = batch.new_id(), batch.new_id()
    key = f"seen:{line_id}"
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(REPORT, (report_id, point_id, number, key, batch.now, batch.now, batch.actor))
        cursor.execute(
            LINE, (line_id, report_id, point_id, key, kind, told, batch.now, expected, told - expected, sku_id)
        )
