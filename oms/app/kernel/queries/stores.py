"""What clerks have before them: tasks, parcels, notes to receive, transfers to send; and orders without a store."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

MOST: Final = 200
POINTS: Final = """
select p.id, p.name, p.code, p.kind,
  (select count(*) from fulfilment f where f.stock_point_id = p.id and f.mode in ('store_pickup', 'store_delivery')
    and (f.status in ('sending', 'sent', 'accepted', 'stopping'))) as tasks,
  (select count(*) from delivery_note n where n.to_point_id = p.id and n.status = 'sent')
    + (select count(*) from arrival_finding a join delivery_note n on n.id = a.delivery_note_id
       where n.to_point_id = p.id and a.resolved_at is null) as arrivals,
  (select count(*) from store_parcel s join parcel x on x.id = s.parcel_id where s.stock_point_id = p.id
    and s.ended_at is null and x.state in ('at_store', 'ready', 'out_for_delivery')) as parcels,
  (select count(*) from transfer t where t.from_point_id = p.id and t.kind = 'return' and t.status = 'open') as back,
  (select count(*) from store_return r join cases c on c.id = r.case_id where r.stock_point_id = p.id
    and c.origin = 'store' and ((c.review = 'refused' and c.goods <> 'sent_back') or (c.review = 'agreed'
    and exists (select from refund f where f.case_id = c.id and f.state = 'due' and not f.paid_by_platform)))) as returns
from stock_point p where p.id = any(:points) and p.kind = :kind and p.state <> 'closed' order by p.name, p.id"""
GOODS: Final = """
cross join lateral (select string_agg(g.name || ' ×' || g.units, '、' order by g.name) as said, sum(g.units)::int as units
  from (select k.name, sum({units}) as units from {table} l join sku k on k.id = l.sku_id where {mine} group by k.name) g
) goods"""
TASKS: Final = f"""
select f.id, f.status, f.stop, f.mode, f.warehouse_step, f.lead_order_id, o.external_no, s.name as shop,
  coalesce(d.ready_by, d.promise_at, f.ship_by) as due_at, d.ready_by, d.wanted_from, d.promise_at,
  d.due_amount, f.currency, goods.said, goods.units
from fulfilment f join orders o on o.id = f.lead_order_id join shop s on s.id = f.shop_id
left join order_delivery d on d.order_id = f.lead_order_id
{GOODS.format(units="l.planned - l.cancelled - l.short", table="fulfilment_line", mine="l.fulfilment_id = f.id")}
where f.stock_point_id = :point and f.mode in ('store_pickup', 'store_delivery')
  and f.status in ('sending', 'sent', 'accepted', 'stopping')
order by (f.stop = 'asked') desc, due_at nulls last, f.id limit {MOST}"""
PARCEL: Final = f"""
select p.id, p.waybill_no, p.state, q.leg, q.shelf, q.ready_at, q.overdue_at, q.arrived_at, q.tries, q.ended_at,
  q.ended_by, q.out_by, q.order_id, q.stock_point_id, q.from_point_id, o.external_no, s.name as shop, o.currency,
  goods.said, goods.units,
  (select coalesce(sum(amount), 0)::bigint from payment y where y.order_id = o.id and y.state = 'due'
    and y.kind in ('store', 'balance', 'cod')) as due_amount,
  (select t.transfer_id from transfer_parcel t where t.parcel_id = p.id) as transfer_id,
  (select r.delivery_round_id from round_stop r where r.parcel_id = p.id and r.result = 'open') as round_id,
  (p.state = 'at_store' and q.arrived_at + make_interval(mins => coalesce((select v.ready_min from store_profile v
    where v.stock_point_id = q.stock_point_id), 60)) < now()) as is_slow
from store_parcel q join parcel p on p.id = q.parcel_id join orders o on o.id = q.order_id join shop s on s.id = q.shop_id
{GOODS.format(units="l.units", table="parcel_item", mine="l.parcel_id = p.id")}
where {{where}} order by q.overdue_at nulls first, p.id limit {MOST}"""
NOTES: Final = """
select n.id, n.status, n.created_at, n.sent_at, n.received_at, a.name as from_name, b.name as to_name, n.from_point_id,
  n.to_point_id, count(d.parcel_id)::int as parcels, count(*) filter (where d.result = 'open')::int as left,
  (select count(*) from arrival_finding x where x.delivery_note_id = n.id and x.resolved_at is null)::int as findings
from delivery_note n join stock_point a on a.id = n.from_point_id join stock_point b on b.id = n.to_point_id
left join delivery_note_parcel d on d.delivery_note_id = n.id
where {where} group by n.id, a.name, b.name order by n.status = 'closed', n.id desc limit 100"""
ON_NOTE: Final = """
select p.id, p.waybill_no, p.state, d.result, o.external_no, q.leg, q.shelf, x.id as finding_id, x.kind, x.words,
  x.resolution, x.resolved_at,
  (select array_agg(h.id order by h.id) from store_photo h where h.parcel_id = p.id) as photos
from delivery_note_parcel d join parcel p on p.id = d.parcel_id left join store_parcel q on q.parcel_id = p.id
left join orders o on o.id = q.order_id
left join arrival_finding x on x.delivery_note_id = d.delivery_note_id and x.parcel_id = p.id
where d.delivery_note_id = :id order by d.result = 'open' desc, p.waybill_no"""
TRANSFERS: Final = """
select t.id, t.status, t.created_at, t.sent_at, t.waybill_no, a.name as from_name, b.name as to_name, t.from_point_id,
  t.to_point_id, count(x.parcel_id)::int as parcels, count(*) filter (where x.result = 'open')::int as left,
  (select coalesce(sum(l.units), 0)::int from store_return_line l where l.transfer_id = t.id) as units
from transfer t join stock_point a on a.id = t.from_point_id join stock_point b on b.id = t.to_point_id
left join transfer_parcel x on x.transfer_id = t.id
where t.kind = 'return' and {where} group by t.id, a.name, b.name
order by t.status = 'closed', t.id desc limit 100"""
ON_TRANSFER: Final = """
select p.id, p.waybill_no, p.state, x.reason, x.result, o.external_no from transfer_parcel x
join parcel p on p.id = x.parcel_id left join store_parcel q on q.parcel_id = p.id left join orders o on o.id = q.order_id
where x.transfer_id = :id order by x.result = 'open' desc, p.waybill_no"""
UNPLACED: Final = """
select d.order_id, d.mode, d.leg, d.wanted_code, d.words, d.attempts, d.next_at, d.promise_at, d.created_at,
  cardinality(d.refused_points) as refusals, o.external_no, o.ship_by, o.shop_id, s.name as shop, o.division_code,
  coalesce(r.city, '') || coalesce(r.district, '') as place
from order_delivery d join orders o on o.id = d.order_id join shop s on s.id = o.shop_id
left join receiver r on r.order_id = o.id
where d.stock_point_id is null and o.status in ('unpaid', 'open') and o.shop_id = any(:shops)
order by o.ship_by nulls last, d.order_id limit 200"""
CHOICES: Final = """
select distinct p.id, p.name, p.code from pool_member m join stock_point p on p.id = m.stock_point_id
join shop s on s.stock_pool_id = m.pool_id join shop_stores u on u.shop_id = s.id and u.is_on
where s.id = :shop and p.kind = 'store' and p.state = 'open' order by p.name"""
DELIVERY: Final = """
select d.*, p.name as store, p.code as store_code from order_delivery d
left join stock_point p on p.id = d.stock_point_id where d.order_id = :id"""
LOOKED: Final = """select choices, at from decision where order_id = :id and stage = 'store'
order by at desc, id desc limit 1"""
SEARCH: Final = """(upper(p.waybill_no) = upper(:words) or upper(o.external_no) = upper(:words)
  or q.order_id in (select r.order_id from receiver r where r.phone_tail_blind = any(:tails)))"""


def points(connection: Connection, point_ids: Collection[int], kind: str = "store") -> list[AnyRow]:
    """Stock points of a kind with their open work."""
    return list(connection.execute(text(POINTS), {"points": list(point_ids), "kind": kind}))


def tasks(connection: Connection, point_id: int) -> list[AnyRow]:
    """Orders for the store's own goods, what was called off first, then by when they are due."""
    return list(connection.execute(text(TASKS), {"point": point_id}))


def parcels(connection: Connection, point_id: int) -> list[AnyRow]:
    """Parcels that are at the store or out with a clerk."""
    where = "q.stock_point_id = :point and q.ended_at is null and p.state in ('at_store', 'ready', 'out_for_delivery')"
    return list(connection.execute(text(PARCEL.format(where=where)), {"point": point_id}))


def find_parcels(connection: Connection, point_id: int, words: str, tails: Collection[bytes]) -> list[AnyRow]:
    """Parcels of the store by waybill, order number or the last digits of the receiver's phone, ended ones too."""
    where = f"q.stock_point_id = :point and {SEARCH}"
    values: dict[str, Any] = {"point": point_id, "words": words, "tails": list(tails)}
    return list(connection.execute(text(PARCEL.format(where=where)), values))


def parcel(connection: Connection, parcel_id: int, point_ids: Collection[int]) -> AnyRow | None:
    """One parcel of these stores."""
    where = "q.parcel_id = :id and q.stock_point_id = any(:points)"
    values = {"id": parcel_id, "points": list(point_ids)}
    return connection.execute(text(PARCEL.format(where=where)), values).one_or_none()


def notes(connection: Connection, point_ids: Collection[int], *, from_here: bool = False) -> list[AnyRow]:
    """Delivery notes to these stores that are under way or to clear up, or all from these warehouses."""
    where = (
        "n.from_point_id = any(:points)"
        if from_here
        else """n.to_point_id = any(:points) and n.status <> 'open'
      and (n.status <> 'closed' or n.received_at > now() - interval '2 days')"""
    )
    return list(connection.execute(text(NOTES.format(where=where)), {"points": list(point_ids)}))


def note(connection: Connection, note_id: int, point_ids: Collection[int]) -> tuple[AnyRow, Sequence[AnyRow]] | None:
    """A delivery note of these points with its parcels."""
    where = "n.id = :id and (n.from_point_id = any(:points) or n.to_point_id = any(:points))"
    values = {"id": note_id, "points": list(point_ids)}
    head = connection.execute(text(NOTES.format(where=where)), values).one_or_none()
    return None if head is None else (head, connection.execute(text(ON_NOTE), {"id": note_id}).all())


def transfers(connection: Connection, point_ids: Collection[int], *, from_here: bool) -> list[AnyRow]:
    """Transfers of parcels that go back, from these stores or to these warehouses."""
    where = "t.from_point_id = any(:points)" if from_here else "t.to_point_id = any(:points) and t.status <> 'open'"
    return list(connection.execute(text(TRANSFERS.format(where=where)), {"points": list(point_ids)}))


def transfer(
    connection: Connection, transfer_id: int, point_ids: Collection[int]
) -> tuple[AnyRow, Sequence[AnyRow]] | None:
    """A transfer of these points with its parcels."""
    where = "t.id = :id and (t.from_point_id = any(:points) or t.to_point_id = any(:points))"
    values = {"id": transfer_id, "points": list(point_ids)}
    head = connection.execute(text(TRANSFERS.format(where=where)), values).one_or_none()
    return None if head is None else (head, connection.execute(text(ON_TRANSFER), {"id": transfer_id}).all())


def unplaced(connection: Connection, shop_ids: Collection[int]) -> list[AnyRow]:
    """Orders that wait for a store, the most urgent first."""
    return list(connection.execute(text(UNPLACED), {"shops": list(shop_ids)}))


def stores_of(connection: Connection, shop_id: int) -> list[AnyRow]:
    """Open stores that may serve a shop's orders."""
    return list(connection.execute(text(CHOICES), {"shop": shop_id}))


def delivery(connection: Connection, order_id: int) -> AnyRow | None:
    """How an order goes through a store; None by courier."""
    return connection.execute(text(DELIVERY), {"id": order_id}).one_or_none()


def shop_of(connection: Connection, order_id: int) -> int | None:
    """The shop of an order."""
    return connection.execute(text("select shop_id from orders where id = :id"), {"id": order_id}).scalar()


def looked_at(connection: Connection, order_id: int) -> list[tuple[str, int | None, str]]:
    """The stores that the last choice for an order looked at: (name, metres, why not; empty for the one taken)."""
    row = connection.execute(text(LOOKED), {"id": order_id}).one_or_none()
    if row is None or not row.choices:
        return []
    stores = orjson.loads(row.choices)["stores"]
    stores_named = connection.execute(text("select id, name from stock_point where kind = 'store'"))
    names: dict[int, str] = {id_: name for id_, name in stores_named}
    return [(names.get(id_, str(id_)), metres, why) for id_, metres, why in stores]
