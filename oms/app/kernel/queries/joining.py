"""What the pages about merging and splitting show: groups that wait, who might join, what was joined or split."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

#: Groups of these shops that still have a member, the first to end first.
GROUPS: Final = text("""
select g.merge_key, g.due_at, g.asks_platform, g.attempts, g.asked is not null as is_asked, m.*
from (select * from merge_group where (due_at, merge_key) > (coalesce(:at, '-infinity'::timestamptz), :key)
      order by due_at, merge_key limit 5000) g
cross join lateral (
  select count(*) as fulfilments, min(f.stock_point_id) as stock_point_id, min(f.carrier_id) as carrier_id,
    sum(f.collect_amount)::bigint as collect_amount, min(f.currency) as currency,
    array_agg(f.lead_order_id order by f.id) as order_ids, array_agg(distinct f.shop_id) as shop_ids,
    min(f.ship_by) as ship_by, max(f.order_count) as most_orders
  from fulfilment f where f.merge_key = g.merge_key and f.status = 'planned') m
where m.fulfilments > 0 and m.shop_ids <@ cast(:shops as bigint[])
  and (not :several or m.fulfilments > 1 or m.most_orders > 1)
order by g.due_at, g.merge_key limit :size""")
ORDERS: Final = text("select id, external_no, shop_id, phase, paid_total, currency from orders where id = any(:ids)")
#: Open orders of one buyer, or to one phone, that might leave together with an order.
KIN: Final = text("""
select o.id from orders o where o.status in ('open', 'unpaid') and o.fulfiller = 'us' and o.id <> :id
  and o.shop_id = any(:shops) and o.customer_id = :customer
union
select o.id from receiver mine join receiver r on r.phone_blind = mine.phone_blind join orders o on o.id = r.order_id
where mine.order_id = :id and o.id <> :id and o.status in ('open', 'unpaid') and o.fulfiller = 'us'
  and o.shop_id = any(:shops)
order by 1 desc limit :most""")
#: `has_numbers`: carriers are asked to cancel waybill numbers before it comes apart; `is_called`: the warehouse was.
LOG: Final = text("""
select j.*, f.status, f.lead_order_id, its.*,
  exists (select from joining_undo u where u.joining_id = j.id and u.state = 'asked') as is_waiting
from joining j join fulfilment f on f.id = j.fulfilment_id cross join lateral (
  select array[j.fulfilment_id] || case when j.kind = 'split' then array(
    select (p->>'id')::bigint from jsonb_array_elements(j.parts->'others') p) else '{}'::bigint[] end as held) mine
cross join lateral (select
  exists (select from e_waybill w where w.fulfilment_id = any(mine.held)
    and w.state in ('asked', 'got', 'cancelling')) as has_numbers,
  exists (select from outbound o where o.fulfilment_id = any(mine.held) and o.kind = 'create_fulfilment'
    and (o.state in ('sending', 'unknown', 'stuck') or o.state = 'waiting' and o.sent_at is not null)) as is_called) its
where j.order_ids @> array[cast(:id as bigint)] order by j.made_at desc, j.id desc limit 20""")
#: What of a fulfilment has not left, with the order that each line is of.
LINES: Final = text("""
select x.id, x.planned - x.shipped - x.short - x.cancelled as units, k.code as sku, k.name, l.title,
  d.origin = 'gift' as is_gift, o.id as order_id, o.external_no from fulfilment_line x
join sku k on k.id = x.sku_id join demand d on d.id = x.demand_id join order_line l on l.id = x.order_line_id
join orders o on o.id = x.order_id
where x.fulfilment_id = :id and x.planned > x.shipped + x.short + x.cancelled order by o.id, x.id""")
#: Invoices that stand for several orders, while these leave as one.
INVOICES: Final = text("""
select i.fulfilment_id, i.policy, i.amount, i.currency, i.order_ids from joint_invoice i
join fulfilment f on f.id = i.fulfilment_id and f.status not in ('cancelled', 'merged')
where i.fulfilment_id = any(:ids) order by i.request_id""")
MOST_KIN: Final = 40


def merge_groups(
    connection: Connection,
    shop_ids: Collection[int],
    *,
    at: Any = None,
    key: bytes = b"",
    size: int = 50,
    several: bool = False,
) -> list[AnyRow]:
    """Waiting groups after a place (end, key), those of at least two only where asked for `several`."""
    asked = {"shops": sorted(shop_ids), "at": at, "key": key, "size": size, "several": several}
    return list(connection.execute(GROUPS, asked).all())


def orders_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, AnyRow]:
    """Numbers, shops and phases of orders."""
    return {row.id: row for row in connection.execute(ORDERS, {"ids": list(ids)})} if ids else {}


def kin_of(connection: Connection, order: AnyRow, shop_ids: Collection[int]) -> list[int]:
    """Orders that might leave with this one: of the same buyer, or to the same phone."""
    asked = {"id": order.id, "customer": order.customer_id, "shops": sorted(shop_ids), "most": MOST_KIN}
    return [row.id for row in connection.execute(KIN, asked)]


def joinings_of(connection: Connection, order_id: int) -> list[AnyRow]:
    """What of an order was joined or split, the newest first, with where the fulfilment stands now."""
    return list(connection.execute(LOG, {"id": order_id}).all())


def joint_invoices_of(connection: Connection, fulfilment_ids: Sequence[int]) -> list[AnyRow]:
    """Invoices over several orders that leave in one of these fulfilments."""
    return list(connection.execute(INVOICES, {"ids": list(fulfilment_ids)}).all()) if fulfilment_ids else []


def open_lines_of(connection: Connection, fulfilment_id: int) -> list[AnyRow]:
    """What of a fulfilment has not left, order by order."""
    return list(connection.execute(LINES, {"id": fulfilment_id}).all())
