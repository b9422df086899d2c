"""Whether a shop's stock is pushed to its platform, how much is kept back, and a push of everything at once."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.trail import leave_trail
from oms.app.stock.pushing import can_push_stock
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid, NotFound

MOST_SAFETY: Final = 1_000_000
SET: Final = """
insert into stock_push (shop_id, is_on, safety, due_at) values (%s, %s, %s, %s)
on conflict (shop_id) do update set is_on = excluded.is_on, safety = excluded.safety,
  due_at = excluded.due_at, failures = 0, last_error = '', fence = stock_push.fence + 1"""
#: A platform may have been changed by hand since, so what it accepted counts for nothing any more.
FORGET: Final = """
update listing_push p set units = null, tried_at = null from listing g where g.id = p.listing_id and g.shop_id = %s"""


def switch_push(hub: Hub, shop_id: int, *, is_on: bool, safety: int, actor: str) -> None:
    """Push a shop's sellable units from now on, or not; `safety` units of each SKU are never offered.

    Switched on anew, everything is told once: Invalid where the connector cannot, or the shop has no stock pool.
    """
    if not 0 <= safety <= MOST_SAFETY:
        raise Invalid("safety", "this number is too small or too large", f"write 0 to {MOST_SAFETY}")
    with hub.begin() as connection:
        was_on = _check(hub, connection, shop_id, is_on)
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(SET, (shop_id, is_on, safety, hub.clock()))
            if is_on and not was_on:
                cursor.execute(FORGET, (shop_id,))
        detail = {"shop": shop_id, "field": ["push_stock"], "mode": "on" if is_on else "off"}
        leave_trail(hub, connection, "shop_changed", actor, detail)
    hub.poke("push_stock")


def push_all(hub: Hub, shop_id: int) -> int:
    """Tell the platform every listing's units again, whatever it accepted; answers how many it was told before."""
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        # A round under way loses its fence: what it has not told yet is told by the next one.
        cursor.execute(
            "update stock_push set due_at = %s, failures = 0, fence = fence + 1 where shop_id = %s and is_on",
            (hub.clock(), shop_id),
        )
        if cursor.rowcount == 0:
            raise Invalid("is_on", "stock is not pushed for this shop", "switch it on on the shop's page first")
        cursor.execute(FORGET, (shop_id,))
        count = cursor.rowcount
    hub.poke("push_stock")
    return count


def _check(hub: Hub, connection: Connection, shop_id: int, is_on: bool) -> bool:
    """Whether it is on now."""
    rows = fetch(
        connection,
        """select s.stock_pool_id, a.vendor, coalesce(b.is_on, false) from shop s
           left join account a on a.id = s.account_id left join stock_push b on b.shop_id = s.id
           where s.id = %s for update of s""",
        (shop_id,),
    )
    if not rows:
        raise NotFound("there is no such shop", "choose one of the list")
    pool_id, vendor, was_on = rows[0]
    if is_on and not can_push_stock(hub.vendors.get(vendor or "")):
        raise Invalid("is_on", "this platform's connector cannot set stock", "change its stock on the platform itself")
    if is_on and pool_id is None:
        raise Invalid("pool_id", "the shop has no stock pool", "choose one on the shop's page")
    return bool(was_on)
