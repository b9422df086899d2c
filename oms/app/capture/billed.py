"""The third list of a certificate: orders that the platform's bills name as sold and we do not hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from oms.db.bulk import psycopg_connection

#: Bills name orders of weeks before; a shop that is captured for a shorter time lacks those by right.
SETTLES_WITHIN: Final = timedelta(days=45)
ADD: Final = """
with billed as (
  select s.order_no, min(s.at) as at from statement_row s
  where s.shop_id = %(shop)s and s.order_no <> '' and s.kind = 'sale' and s.at >= %(since)s and s.at < %(until)s
  group by s.order_no),
added as (
  insert into completeness_row (check_id, external_no, kind, seen)
  select %(id)s, b.order_no, case when k.external_no is null then 'missing' else 'differing' end,
    jsonb_build_object('list', 'bill', 'billed_at', b.at, 'parked', k.external_no is not null)
  from billed b left join parked_record k on k.shop_id = %(shop)s and k.external_no = b.order_no
    and k.kind = 'order' and k.state = 'parked'
  where not exists (select from orders o
    where o.shop_id = %(shop)s and o.origin = 'platform' and o.external_no = b.order_no)
  on conflict (check_id, external_no) do nothing)
select count(*) from billed"""
IS_LONG_CAPTURED: Final = """
select exists (select from orders where shop_id = %s and origin = 'platform' and ordered_at < %s)"""


def add_billed(
    connection: Connection, check_id: int, shop_id: int, since: datetime, until: datetime, *, is_asked: bool
) -> int:
    """Add to a check what bills of its window name and we lack; answers how many orders they name.

    By itself only for shops that were captured long enough; a person who asks for it decides that alone.
    """
    with psycopg_connection(connection).cursor() as cursor:
        if not is_asked:
            cursor.execute(IS_LONG_CAPTURED, (shop_id, since - SETTLES_WITHIN))
            row = cursor.fetchone()
            if row is None or not row[0]:
                return 0
        cursor.execute(ADD, {"id": check_id, "shop": shop_id, "since": since, "until": until})
        row = cursor.fetchone()
    return int(row[0]) if row else 0
