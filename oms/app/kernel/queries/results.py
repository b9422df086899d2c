"""What the hub did about a shop's orders, for the shop's own system: parcels, cases, where an order stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

Rows = Sequence[Row[Any]]

_SHIPMENTS = text("""
select p.id as parcel_id, o.id as order_id, o.external_no as order_no, c.code as carrier, p.waybill_no, p.state,
       p.handed_over_at as shipped_at, p.delivered_at,
       json_agg(json_build_object('line_no', i.line_no, 'sku', i.sku, 'units', i.units)
                order by i.line_no, i.sku) as items
from (select x.parcel_id, x.order_id, l.external_no as line_no, k.code as sku, sum(x.units)::int as units
      from parcel_item x join fulfilment_line f on f.id = x.fulfilment_line_id
      join order_line l on l.id = f.order_line_id join sku k on k.id = x.sku_id
      where x.order_id = any(:orders) group by 1, 2, 3, 4) i
join parcel p on p.id = i.parcel_id join carrier c on c.id = p.carrier_id
join orders o on o.id = i.order_id and o.shop_id = :shop and o.origin = 'platform'
group by p.id, o.id, c.code order by o.id, p.id""")
# Whether a refund asked before shipment was stopped in time is what the hub answers the platform.
_CASES = text("""
select c.id as case_id, c.external_no as case_no, c.order_no, c.kind, c.review, c.goods, c.money, c.outcome,
       c.currency, c.asked_amount, c.agreed_amount, a.stopped, a.id as answer_id, c.version
from cases c left join lateral (
  select b.id, (b.detail ->> 'stopped')::bool as stopped from outbound b
  where b.order_id = c.order_id and b.kind = 'confirm_interception' and b.detail ->> 'case' = c.external_no
  order by b.created_at desc, b.id desc limit 1) a on true
where c.shop_id = :shop and c.origin = 'platform' and c.order_id = any(:orders) order by c.order_id, c.id""")
_ORDERS = text("""
select id as order_id, external_no as order_no, status, phase, version from orders
where shop_id = :shop and origin = 'platform' and id = any(:orders) order by id""")


def shipments_of(connection: Connection, shop_id: int, order_ids: Sequence[int]) -> Rows:
    """Every parcel that carries something of these orders, with what it carries in base units of SKUs."""
    return connection.execute(_SHIPMENTS, {"shop": shop_id, "orders": list(order_ids)}).all()


def cases_of(connection: Connection, shop_id: int, order_ids: Sequence[int]) -> Rows:
    """The cases about these orders; `stopped` is None while nobody asked or knows."""
    return connection.execute(_CASES, {"shop": shop_id, "orders": list(order_ids)}).all()


def states_of(connection: Connection, shop_id: int, order_ids: Sequence[int]) -> Rows:
    """Where these orders stand."""
    return connection.execute(_ORDERS, {"shop": shop_id, "orders": list(order_ids)}).all()
