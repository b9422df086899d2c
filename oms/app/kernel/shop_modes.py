"""A shop's mode and the moment it goes live; what waited for that goes on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, update

from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch, lock_orders
from oms.app.kernel.trail import leave_trail
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
OBSERVED = """
select h.id, h.order_id from hold h join orders o on o.id = h.order_id join shop s on s.id = o.shop_id
where h.kind = 'observing' and h.cleared_at is null and s.mode = 'live'
order by h.id limit %s"""


def set_mode(hub: Hub, shop_id: int, mode: str, go_live_at: datetime | None, actor: str) -> None:
    """Change a shop's mode and the moment before which its orders are shipped by the system before us.

    Orders already here are looked at again: those older than the new moment wait, the others go on.
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
    for _ in range(MOST_TURNS):
        if free_observed(hub, actor) < AT_ONCE:
            break
    hub.poke("advance")


def free_observed(hub: Hub, actor: str = "system") -> int:
    """Let go of orders that were only observed and whose shop has gone live since; the clock calls it, too.

    Answers how many, at most AT_ONCE.
    """
    with hub.begin() as connection:
        count = _let_go(connection, hub.clock(), actor)
    if count:
        hub.poke("advance")
    return count


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
