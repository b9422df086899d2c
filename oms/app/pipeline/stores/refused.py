"""Stores that an order is never offered again, and those that its shop's setting of sourcing leaves out."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import Masters
from oms.db.bulk import array_of

REFUSED: Final = """
select order_id, stock_point_id from sourcing_refusal where order_id = any(%s)
union select order_id, unnest(refused_points) from order_delivery where order_id = any(%s)"""

FULL: Final = """
select p.id from stock_point p join stock_capacity c on c.stock_point_id = p.id
  and c.day = (%s::timestamptz at time zone p.timezone)::date
where p.daily_capacity is not null and c.used >= p.daily_capacity and p.id = any(%s)"""


def refused_stores(connection: Connection, order_ids: list[int]) -> dict[int, set[int]]:
    """Order → points that refused it, at the store's page or as any stock point does; lifting a hold changes nothing."""
    found: dict[int, set[int]] = {order_id: set() for order_id in order_ids}
    ids = array_of(sorted(found))
    for order_id, point_id in fetch(connection, REFUSED, (ids, ids)):
        found[order_id].add(point_id)
    return found


def barred_stores(masters: Masters, shop_id: int) -> frozenset[int]:
    """Points that the setting of a shop, its channel or its pool leaves out."""
    shop = masters.shops[shop_id]
    card = masters.sourcing.card(shop.id, shop.channel_id, shop.pool_id)
    return card.barred if card else frozenset()


def full_stores(batch: Batch, point_ids: list[int]) -> frozenset[int]:
    """Those of these stores whose day is full, as long as another has room."""
    rows = fetch(batch.connection, FULL, (batch.now, array_of(sorted(point_ids))))
    full = frozenset([row[0] for row in rows])
    return full if len(full) < len(point_ids) else frozenset()
