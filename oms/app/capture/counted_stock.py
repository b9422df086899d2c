"""Takes a shop's own count of its stock in: the ledger is brought to what was counted, and keeps what moved since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from oms.app.capture.own_points import own_point
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid

#: An older count says little of today, and what moved since would be summed over many months.
OLDEST: Final = timedelta(days=31)
AHEAD: Final = timedelta(minutes=5)
LEVELS: Final = """
select k.code, k.id, s.on_hand, s.counted_at, (select coalesce(sum(m.on_hand), 0) from stock_movement m
  where m.stock_point_id = %s and m.sku_id = k.id and m.kind = 'good' and m.reason <> 'count' and m.at > %s
    and m.month >= date_trunc('month', %s::timestamptz - interval '1 day')::date)
from sku k left join stock_level s on s.sku_id = k.id and s.stock_point_id = %s and s.kind = 'good'
where k.id = any(%s)"""


def take_count(
    hub: Hub, shop: ShopCard, point: str, counted_at: datetime, counted: Mapping[str, int], actor: str
) -> dict[str, str]:
    """SKU code → "set", "unchanged", "older" (a later count is known) or "unknown".

    `counted` are good units at that moment. A count of the future, or older than a month, is Invalid.
    """
    now = hub.clock()
    if not now - OLDEST <= counted_at <= now + AHEAD:
        raise Invalid("counted_at", "this is not within the last 31 days", "count again, and send when it was counted")
    with hub.begin() as connection:
        point_id = own_point(connection, shop, point)
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        known = dict(fetch(connection, "select code, id from sku where code = any(%s)", (sorted(counted),)))
        lock_skus(batch, known.values())
        rows = fetch(connection, LEVELS, (point_id, counted_at, counted_at, point_id, sorted(known.values())))
        outcomes = dict.fromkeys(counted, "unknown")
        for code, sku_id, on_hand, before, since in rows:
            outcomes[code] = _set(batch, (point_id, sku_id), counted[code] + since, on_hand, (before, counted_at))
        flush(batch)
        _note_count(connection, point_id, [known[code] for code in known if outcomes[code] != "older"], counted_at)
    return outcomes


def _set(
    batch: Batch, level: tuple[int, int], wanted: int, on_hand: int | None, times: tuple[datetime | None, datetime]
) -> str:
    before, counted_at = times
    if before is not None and before > counted_at:
        return "older"
    change = max(0, wanted) - (on_hand or 0)
    if change:
        batch.move_stock((*level, "good"), on_hand=change, reason="count")
    return "set" if change or on_hand is None else "unchanged"


def _note_count(connection: Connection, point_id: int, sku_ids: list[int], counted_at: datetime) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into stock_level (stock_point_id, sku_id, counted_at) select %s, v.sku, %s
               from unnest(%s::bigint[]) as v(sku)
               on conflict (stock_point_id, sku_id, kind) do update set counted_at = excluded.counted_at""",
            (point_id, counted_at, sorted(sku_ids)),
        )
