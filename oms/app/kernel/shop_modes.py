"""A shop's mode and the moment it goes live; what waited for that goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, update

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, lock_orders
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.trail import leave_trail
from oms.app.kernel.work import OrderWork
from oms.db.bulk import psycopg_connection
from oms.db.channels import Shop
from oms.domain.errors import Invalid, NotFound
from oms.domain.holds import BEFORE_GO_LIVE

MODES: Final = ("observing", "live", "closed")
AT_ONCE = 500
#: Orders that are let go while a person waits; the clock lets go of the others.
MOST_TURNS = 10

MARK = """
update orders set ready_at = %(now)s, platform_holds = case when ordered_at < %(at)s
    then platform_holds || %(flag)s::text else array_remove(platform_holds, %(flag)s) end
where id in (select id from orders where shop_id = %(shop)s and origin = 'platform' and status in ('unpaid', 'open')
  and fulfiller = 'us' and (%(flag)s = any(platform_holds)) is distinct from coalesce(ordered_at < %(at)s, false)
  order by id for update)"""
#: Orders that the system before us ships, with work of ours in these statuses.
LEFT = """
select distinct l.order_id from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
join orders o on o.id = l.order_id join shop s on s.id = o.shop_id
where f.status = any(%(statuses)s) and o.status = 'open' and (s.mode = 'observing' or %(flag)s = any(o.platform_holds))
  and (%(shop)s::bigint is null or s.id = %(shop)s)"""
RECALL = f"""
update orders set ready_at = %(now)s where (ready_at is null or ready_at > %(now)s)
  and id in (select id from orders where id in ({LEFT}) order by id for update)"""
NOT_SENT: Final = ["planned", "on_hold", "refused", "sending"]
UNDER_WAY: Final = ["sending", "sent", "accepted", "part_shipped", "stopping"]
OBSERVED = """
select h.id, h.order_id from hold h join orders o on o.id = h.order_id join shop s on s.id = o.shop_id
where h.kind = 'observing' and h.cleared_at is null and s.mode = 'live'
order by h.id limit %s"""


def is_left(order: OrderWork, shop: ShopCard) -> bool:
    """Whether the system before us ships the order; what of it has been handed to a warehouse stays ours."""
    return shop.mode == "observing" or BEFORE_GO_LIVE in order.platform_holds


def set_mode(hub: Hub, shop_id: int, mode: str, go_live_at: datetime | None, actor: str) -> int:
    """Change a shop's mode and the moment before which its orders are shipped by the system before us.

    Orders already here are looked at again: those older than the new moment give back what is planned and wait, the
    others go on. Answers how many orders that are left to the system before are at our warehouses: they stay ours.
    """
    if mode not in MODES:
        raise Invalid("mode", "this is no mode", "choose observing, live or closed")
    with hub.begin() as connection:
        changed = connection.execute(
            update(Shop).where(Shop.id == shop_id).values(mode=mode, go_live_at=go_live_at).returning(Shop.id)
        ).scalar()
        if changed is None:
            raise NotFound("there is no such shop", "choose one of the list")
        leave_trail(hub, connection, "shop_changed", actor, {"shop": shop_id, "field": ["mode"], "mode": mode})
        with psycopg_connection(connection).cursor() as cursor:
            values = {"now": hub.clock(), "at": go_live_at, "flag": BEFORE_GO_LIVE, "shop": shop_id}
            cursor.execute(MARK.encode(), values)
    hub.masters.forget()
    under_way = _look_again(hub, shop_id)
    for _ in range(MOST_TURNS):
        if free_observed(hub, actor) < AT_ONCE:
            break
    hub.poke("advance")
    return under_way


def _look_again(hub: Hub, shop_id: int) -> int:
    """Wake what is planned of orders left to others, and count what of them is at our warehouses."""
    values = {"now": hub.clock(), "flag": BEFORE_GO_LIVE, "shop": shop_id}
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(RECALL.encode(), values | {"statuses": NOT_SENT})
        cursor.execute(f"select count(*) from ({LEFT}) x".encode(), values | {"statuses": UNDER_WAY})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def free_observed(hub: Hub, actor: str = "system") -> int:
    """Let go of orders that were only observed and whose shop has gone live since; the clock calls it, too.

    What a batch that did not know of the change yet has planned is looked at again. Answers how many were let go,
    at most AT_ONCE.
    """
    with hub.begin() as connection:
        count = _let_go(connection, hub.clock(), actor)
        recalled = _recall(connection, hub.clock())
    if count or recalled:
        hub.poke("advance")
    return count


def _recall(connection: Connection, now: datetime) -> int:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            RECALL.encode(), {"now": now, "flag": BEFORE_GO_LIVE, "shop": None, "statuses": ["planned", "on_hold"]}
        )
        return cursor.rowcount


def _let_go(connection: Connection, now: datetime, actor: str) -> int:
    chosen = fetch(connection, OBSERVED, (AT_ONCE,))
    if not chosen:
        return 0
    lock_orders(connection, {order_id for _, order_id in chosen})
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update orders set ready_at = %s where id = any(%s)", (now, [row[1] for row in chosen]))
        cursor.execute(
            """update hold set cleared_at = %s, cleared_by = %s, clear_reason = 'the shop went live'
               where id = any(%s) and cleared_at is null""",
            (now, actor, [row[0] for row in chosen]),
        )
        return cursor.rowcount
