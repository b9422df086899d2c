"""How often stops succeed, by warehouse, carrier and hour of the day; and the ones that are not settled yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

DAYS: Final = 30
#: Attempts that left the hub and have an answer, or should have one by now.
ASKED: Final = """
from interception i join fulfilment f on f.id = i.fulfilment_id join orders o on o.id = i.order_id
where i.asked_of = :asked_of and i.asked_at > cast(:now as timestamptz) - make_interval(days => :days)
  and i.state in ('succeeded', 'failed', 'expired') and o.shop_id = any(:shops)
  and (cast(:point as bigint) is null or f.stock_point_id = :point)
  and (cast(:carrier as bigint) is null or f.carrier_id = :carrier)"""
COUNTS: Final = """count(*)::int as asked, count(*) filter (where i.state = 'succeeded')::int as stopped,
  count(*) filter (where i.state = 'expired')::int as expired"""
HOUR: Final = "extract(hour from i.asked_at at time zone :zone)::int"
BY: Final = {"point": "f.stock_point_id", "carrier": "f.carrier_id", "hour": HOUR}
#: Live fulfilments that a stop would have to be asked of a warehouse for, with how that went there lately.
CHANCES: Final = f"""
select f.id, f.stock_point_id, p.name, f.status, seen.* from fulfilment f join stock_point p on p.id = f.stock_point_id
cross join lateral (
  select count(*)::int as asked, count(*) filter (where i.state = 'succeeded')::int as stopped,
    count(*) filter (where near)::int as asked_now,
    count(*) filter (where near and i.state = 'succeeded')::int as stopped_now
  from (select i.state, abs((({HOUR}) - cast(:hour as int) + 36) % 24 - 12) <= 1 as near
        from interception i join fulfilment g on g.id = i.fulfilment_id
        where g.stock_point_id = f.stock_point_id and i.asked_of = 'warehouse'
          and i.asked_at > cast(:now as timestamptz) - make_interval(days => :days)
          and i.state in ('succeeded', 'failed', 'expired')) i) seen
where f.id = any(:ids) and f.status in ('sent', 'accepted', 'part_shipped')"""
OPEN: Final = """
select i.*, o.external_no, o.shop_id, f.stock_point_id, f.carrier_id, f.version, p.name as point, c.name as carrier,
  u.display_name as owner, g.name as team, i.asked_at as sort_at, parcel.id as parcel_to_call, parcel.waybill_no
from interception i join orders o on o.id = i.order_id join fulfilment f on f.id = i.fulfilment_id
join stock_point p on p.id = f.stock_point_id left join carrier c on c.id = f.carrier_id
left join users u on u.id = i.owner_id left join user_group g on g.id = i.user_group_id
left join lateral (
  select b.id, b.waybill_no from parcel b where b.fulfilment_id = i.fulfilment_id and i.state = 'failed'
    and i.asked_of = 'warehouse' and b.state in ('created', 'handed_over', 'on_the_way', 'out_for_delivery', 'trouble')
    and not exists (select from interception t where t.parcel_id = b.id) order by b.id limit 1) parcel on true
where (i.ended_at is null or (i.state in ('failed', 'expired') and i.acknowledged_by = ''))
  and o.shop_id = any(:shops) and (cast(:shop as bigint) is null or o.shop_id = :shop)
  and (cast(:point as bigint) is null or f.stock_point_id = :point) and (:state = '' or i.state = :state)
  and (cast(:owner as bigint) is null or i.owner_id = :owner) and (cast(:after as bigint) is null
    or (i.asked_at, i.id) < (select t.asked_at, t.id from interception t where t.id = :after))
order by i.asked_at desc, i.id desc limit :limit"""
SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class StopFilters:
    """What narrows the list of stops and the figures beside it."""

    shop: int | None = None
    point: int | None = None
    carrier: int | None = None
    owner: int | None = None
    state: str = ""


def rates(connection: Connection, shops: Sequence[int], filters: StopFilters, now: Any, zone: str,
          asked_of: str = "warehouse") -> dict[str, list[AnyRow]]:  # fmt: skip
    """By point, carrier and hour: attempts of the last thirty days, how many succeeded, how many nobody answered."""
    values = {"asked_of": asked_of, "now": now, "days": DAYS, "shops": list(shops), "point": filters.point,
              "carrier": filters.carrier, "zone": zone}  # fmt: skip
    found = {}
    for name, what in BY.items():
        statement = text(f"select {what} as key, {COUNTS} {ASKED} group by 1 order by asked desc, 1 limit 24")
        given = values if name == "hour" else {key: value for key, value in values.items() if key != "zone"}
        found[name] = list(connection.execute(statement, given))
    return found


def chances(connection: Connection, fulfilment_ids: Sequence[int], now: Any, hour: int, zone: str) -> list[AnyRow]:
    """For fulfilments at warehouses: how stops there went in thirty days, and around this hour of the day."""
    if not fulfilment_ids:
        return []
    values = {"ids": list(fulfilment_ids), "now": now, "days": DAYS, "hour": hour, "zone": zone}
    return list(connection.execute(text(CHANCES), values))


def open_stops(connection: Connection, shops: Sequence[int], filters: StopFilters, after: int | None) -> list[AnyRow]:
    """Stops without an answer, and those that failed until somebody took note, newest first."""
    values = {"shops": list(shops), "shop": filters.shop, "point": filters.point, "owner": filters.owner,
              "state": filters.state, "after": after, "limit": SIZE}  # fmt: skip
    return list(connection.execute(text(OPEN), values))
