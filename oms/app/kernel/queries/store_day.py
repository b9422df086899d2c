"""A store's day in numbers for who runs it, rounds with their stops, and cash that was handed in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, text

from oms.app.kernel.queries.pages import AnyRow

#: Every number is of open work, found by the indexes over it.
DAY: Final = """
select
  (select count(*) from delivery_note_parcel d join delivery_note n on n.id = d.delivery_note_id
    where n.to_point_id = :point and n.status = 'sent' and d.result = 'open') as expected,
  (select count(*) from arrival_finding a join delivery_note n on n.id = a.delivery_note_id
    where n.to_point_id = :point and a.resolved_at is null) as findings,
  (select count(*) from fulfilment f where f.stock_point_id = :point and f.mode in ('store_pickup', 'store_delivery')
    and f.status in ('sending', 'sent', 'accepted', 'stopping')) as tasks,
  (select count(*) from fulfilment f join order_delivery d on d.order_id = f.lead_order_id
    where f.stock_point_id = :point and f.mode in ('store_pickup', 'store_delivery')
    and f.status in ('sending', 'sent', 'accepted') and d.ready_by < :now) as late_tasks,
  w.*, r.*
from (
  select count(*) filter (where p.state = 'at_store') as to_make_ready,
    count(*) filter (where p.state = 'at_store'
      and s.arrived_at + make_interval(mins => coalesce(v.ready_min, 60)) < :now) as slow,
    count(*) filter (where p.state = 'ready' and s.leg = 'pickup' and coalesce(s.overdue_at >= :now, true)) as to_collect,
    count(*) filter (where p.state = 'ready' and s.leg = 'delivery' and coalesce(s.overdue_at >= :now, true)) as to_bring,
    count(*) filter (where p.state = 'out_for_delivery') as out,
    count(*) filter (where p.state = 'ready' and s.overdue_at < :now) as overdue
  from store_parcel s join parcel p on p.id = s.parcel_id left join store_profile v on v.stock_point_id = s.stock_point_id
  where s.stock_point_id = :point and s.ended_at is null) w,
(
  select
    (select count(*) from transfer_parcel x join transfer t on t.id = x.transfer_id
      where t.from_point_id = :point and t.kind = 'return' and t.status = 'open' and x.reason = 'refused') as refused,
    (select count(*) from transfer_parcel x join transfer t on t.id = x.transfer_id
      where t.from_point_id = :point and t.kind = 'return' and t.status = 'open') as parcels_back,
    (select coalesce(sum(l.units), 0)::int from store_return_line l join transfer t on t.id = l.transfer_id
      where l.stock_point_id = :point and l.settled_at is null and t.status = 'open') as units_back,
    (select count(*) from store_return q join cases c on c.id = q.case_id where q.stock_point_id = :point
      and c.origin = 'store' and c.outcome = 'open' and c.review = 'waiting') as returns_waiting,
    (select coalesce(sum(f.amount), 0)::bigint from store_return q join refund f on f.case_id = q.case_id
      where q.stock_point_id = :point and f.state = 'due' and not f.paid_by_platform) as to_pay_out,
    (select count(*) from store_parcel s join parcel p on p.id = s.parcel_id where s.stock_point_id = :point
      and s.ended_at >= :midnight and p.state = 'delivered') as done_today) r"""
ROUNDS: Final = """
select r.id, r.status, r.clerk, r.started_at, r.closed_at, count(s.parcel_id)::int as stops,
  count(*) filter (where s.result = 'open')::int as left
from delivery_round r join round_stop s on s.delivery_round_id = r.id
where r.stock_point_id = :point and (r.status = 'out' or r.closed_at >= :since) group by r.id
order by r.status = 'closed', r.id desc limit 50"""
STOPS: Final = """
select s.parcel_id, s.place, s.result, s.reason, s.ended_at, p.waybill_no, q.order_id, o.external_no, o.currency,
  d.wanted_from, d.promise_at,
  (select string_agg(k.name || ' ×' || g.units, '、' order by k.name) from (select i.sku_id, sum(i.units) as units
    from parcel_item i where i.parcel_id = p.id group by 1) g join sku k on k.id = g.sku_id) as said,
  (select coalesce(sum(amount), 0)::bigint from payment y where y.order_id = o.id and y.state = 'due'
    and y.kind in ('store', 'balance', 'cod')) as due_amount,
  (select t.amount from store_receipt t where t.parcel_id = p.id order by t.at desc, t.id desc limit 1) as taken
from round_stop s join parcel p on p.id = s.parcel_id join store_parcel q on q.parcel_id = p.id
join orders o on o.id = q.order_id left join order_delivery d on d.order_id = o.id
where s.delivery_round_id = :id order by s.result <> 'open', s.place, s.parcel_id"""
HANDED_IN: Final = """select amount, currency, reference, at, by from cash_hand_in where stock_point_id = :point
order by at desc, id desc limit 20"""


def day_of(connection: Connection, point_id: int, now: Any, midnight: Any) -> AnyRow:
    """The numbers of a store as they stand."""
    return connection.execute(text(DAY), {"point": point_id, "now": now, "midnight": midnight}).one()


def rounds_of(connection: Connection, point_id: int, since: Any) -> list[AnyRow]:
    """Rounds that are out, then those that ended since."""
    return list(connection.execute(text(ROUNDS), {"point": point_id, "since": since}))


def a_round(connection: Connection, round_id: int, point_ids: Collection[int]) -> tuple[AnyRow, list[AnyRow]] | None:
    """A round of these stores with its stops: what is open in the clerk's order, then what has ended."""
    question = """select r.*, p.name as point from delivery_round r join stock_point p on p.id = r.stock_point_id
                  where r.id = :id and r.stock_point_id = any(:points)"""
    head = connection.execute(text(question), {"id": round_id, "points": list(point_ids)}).one_or_none()
    return None if head is None else (head, list(connection.execute(text(STOPS), {"id": round_id})))


def handed_in(connection: Connection, point_id: int) -> list[AnyRow]:
    """The newest cash that was handed in."""
    return list(connection.execute(text(HANDED_IN), {"point": point_id}))
