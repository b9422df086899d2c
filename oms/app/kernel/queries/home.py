"""What the home page tells beside the counters: holds by kind, deadlines, the streams of each shop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

_HOLDS = text(
    "select h.kind, count(*) as orders, min(h.placed_at) as oldest, min(o.ship_by) as soonest "
    "from hold h join orders o on o.id = h.order_id "
    "where h.cleared_at is null and h.blocks <> 0 and o.status in ('unpaid', 'open') and o.shop_id = any(:shops) "
    "group by h.kind order by count(*) desc, h.kind"
)
_HELD = text(
    "select count(distinct o.id) from hold h join orders o on o.id = h.order_id "
    "where h.cleared_at is null and h.blocks <> 0 and o.status in ('unpaid', 'open') and o.phase <> 'review' "
    "and o.shop_id = any(:shops)"
)
_REVIEW = text(
    "select bit, count(*) as orders, min(o.ordered_at) as oldest, min(o.ship_by) as soonest, "
    "sum((o.ship_by < :over)::int) as over, sum((o.ship_by >= :over and o.ship_by < :hour)::int) as in_hour, "
    "sum((o.ship_by >= :hour and o.ship_by < :later)::int) as in_four, "
    "coalesce(sum(o.paid_total) filter (where o.ship_by < :later), 0)::bigint as at_risk "
    "from orders o cross join unnest(array[1, 2, 4, 8]) as tiers(bit) "
    "where o.status in ('unpaid', 'open') and o.phase = 'review' and o.tiers_waiting & bit <> 0 "
    "and o.shop_id = any(:shops) group by bit order by bit"
)
_OUTBOUND = text(
    "select kind, state, count(*) as n from outbound where state not in ('done', 'void') "
    "and (shop_id is null or shop_id = any(:shops)) group by kind, state"
)
_ALERTS = text(
    "select kind, subject, words, count, last_at from alert where state = 'open' order by last_at desc limit 6"
)


def holds_by_kind(connection: Connection, shop_ids: Sequence[int]) -> list[AnyRow]:
    """Open holds that stop something: kind, orders, oldest, soonest deadline."""
    return list(connection.execute(_HOLDS, {"shops": list(shop_ids)}))


def held_count(connection: Connection, shop_ids: Sequence[int]) -> int:
    """Open orders that a hold stops; those that wait for review are counted there."""
    return int(connection.execute(_HELD, {"shops": list(shop_ids)}).scalar_one())


def review_by_tier(connection: Connection, shop_ids: Sequence[int], now: datetime) -> list[AnyRow]:
    """What waits at each tier: orders, oldest, soonest, spread of deadlines, paid total due within four hours."""
    given = {
        "shops": list(shop_ids),
        "over": now,
        "hour": now + timedelta(hours=1),
        "later": now + timedelta(hours=4),
    }
    return list(connection.execute(_REVIEW, given))


def outbound_by_state(connection: Connection, shop_ids: Sequence[int]) -> list[AnyRow]:
    """Open outbound rows by kind and state."""
    return list(connection.execute(_OUTBOUND, {"shops": list(shop_ids)}))


def open_alerts(connection: Connection) -> list[AnyRow]:
    """The newest things people must know."""
    return list(connection.execute(_ALERTS))
