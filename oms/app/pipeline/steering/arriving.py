"""When goods of an order should reach their buyer: when their point lets them go, and the hours of transit from there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from oms.app.pipeline.variants.lateness import read_calendars
from oms.domain.sourcing.speed import TransitTable

#: Courier fulfilments on their way or still to leave, with the rows of the table that may speak for their way.
_WAYS: Final = text("""
select f.id, f.stock_point_id, p.division_code as here, o.division_code as there, w.left_at, t.rows
from fulfilment f join orders o on o.id = f.lead_order_id join stock_point p on p.id = f.stock_point_id
cross join lateral (select max(x.handed_over_at) as left_at, bool_and(x.delivered_at is not null) as is_there
  from parcel x where x.fulfilment_id = f.id) w
cross join lateral (select coalesce(jsonb_agg(jsonb_build_array(t.from_prefix, t.to_prefix, t.hours)), '[]') as rows
  from transit_time t where starts_with(p.division_code, t.from_prefix)
    and starts_with(o.division_code, t.to_prefix)) t
where f.id = any(:ids) and f.mode = 'courier' and o.division_code <> '' and p.division_code <> ''
  and f.status not in ('cancelled', 'merged', 'closed_short', 'refused') and w.is_there is not true""")


def expect_arrivals(connection: Connection, fulfilment_ids: list[int], now: datetime) -> dict[int, datetime]:
    """Fulfilment → when it should be there, of those that are not; ones that have not left go from now."""
    rows = connection.execute(_WAYS, {"ids": fulfilment_ids}).all() if fulfilment_ids else []
    if not rows:
        return {}
    calendars = read_calendars(connection)
    found = {}
    for row in rows:
        table = TransitTable({(here, there): hours for here, there, hours in row.rows})
        leaves = row.left_at or calendars.leaves_at(row.stock_point_id, now)
        found[row.id] = leaves + timedelta(hours=table.hours(row.here, row.there))
    return found
