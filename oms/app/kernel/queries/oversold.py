"""Who holds units of a level, with a proposal of who might wait where more is promised than there is; acts of waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

MOST: Final = 200
#: Those that no warehouse has come first, the newest of them foremost: they can wait with the least trouble.
_HOLDERS: Final = text("""
select l.order_id, min(f.ship_by) as ship_by, min(coalesce(o.paid_at, o.ordered_at)) as since,
  sum(l.planned - l.shipped - l.short - l.cancelled)::bigint as units,
  bool_and(f.status in ('planned', 'on_hold', 'refused')) as is_ours
from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id join orders o on o.id = l.order_id
where f.stock_point_id = :point and l.sku_id = :sku and l.planned > l.shipped + l.short + l.cancelled
group by l.order_id order by is_ours desc, since desc, l.order_id desc limit :size""")
_MISSING: Final = text("""
select reserved - on_hand from stock_level where stock_point_id = :point and sku_id = :sku and kind = 'good'""")
_PICKS: Final = text("""
select p.*, (select count(*) from hold h where h.order_id = any(p.order_ids) and h.kind = 'kept_waiting'
  and h.cleared_at is null and (h.seen ->> 'pick')::bigint = p.id) as waiting
from oversold_pick p where p.stock_point_id = :point and p.sku_id = :sku order by p.at desc, p.id desc limit 20""")


@dataclass(frozen=True, slots=True)
class Holder:
    """An order that holds units; `is_ours` while no warehouse has been told of any."""

    order_id: int
    ship_by: datetime | None
    since: datetime
    units: int
    is_ours: bool
    is_proposed: bool


def missing_of(connection: Connection, point_id: int, sku_id: int) -> int:
    """How many units are promised that are not there."""
    return max(0, connection.execute(_MISSING, {"point": point_id, "sku": sku_id}).scalar() or 0)


def holders_of(connection: Connection, point_id: int, sku_id: int) -> list[Holder]:
    """Who holds units, with those proposed who together hold what is missing."""
    missing = missing_of(connection, point_id, sku_id)
    found = []
    for order_id, ship_by, since, units, is_ours in connection.execute(
        _HOLDERS, {"point": point_id, "sku": sku_id, "size": MOST}
    ):
        found.append(Holder(order_id, ship_by, since, units, is_ours, missing > 0))
        missing -= units
    return found


def picks_of(connection: Connection, point_id: int, sku_id: int) -> Sequence[AnyRow]:
    """Acts by which orders were chosen to wait for these goods, newest first; `waiting` of them still do."""
    return connection.execute(_PICKS, {"point": point_id, "sku": sku_id}).all()
