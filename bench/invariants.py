"""What must hold of any hub's database at rest: each check is one statement that counts what breaks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection

LIVE: Final = "('planned', 'sending', 'sent', 'accepted', 'part_shipped', 'on_hold', 'stopping')"
HANDED_OVER: Final = "('sending', 'sent', 'accepted', 'part_shipped', 'shipped', 'stopping')"


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that is broken, and how often."""

    name: str
    count: int


CHECKS: Final[dict[str, str]] = {
    "stock levels equal the ledger's sums": """
        select count(*) from stock_level s full join (
          select stock_point_id, sku_id, kind, sum(on_hand) as on_hand, sum(reserved) as reserved
          from stock_movement group by 1, 2, 3) m using (stock_point_id, sku_id, kind)
        where (coalesce(s.on_hand, 0), coalesce(s.reserved, 0)) <> (coalesce(m.on_hand, 0), coalesce(m.reserved, 0))""",
    "reserved units equal the open units of live fulfilments": f"""
        select count(*) from stock_level s full join (
          select f.stock_point_id, l.sku_id, 'good' as kind, sum(l.planned - l.shipped - l.short - l.cancelled) as units
          from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id where f.status in {LIVE}
          group by 1, 2) p using (stock_point_id, sku_id, kind)
        where coalesce(s.reserved, 0) <> coalesce(p.units, 0)""",
    "demand counters equal the fulfilment lines": f"""
        select count(*) from demand d left join (
          select l.demand_id,
            coalesce(sum(l.planned - l.shipped - l.short - l.cancelled) filter (where f.status in {LIVE}), 0) as planned,
            sum(l.shipped) as shipped
          from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id group by 1) x on x.demand_id = d.id
        where (d.planned, d.shipped) <> (coalesce(x.planned, 0), coalesce(x.shipped, 0))""",
    "order lines' counters equal their demands": """
        select count(*) from order_line l left join (
          select order_line_id, min(shipped * ordered / units) as shipped,
            min((planned + shipped) * ordered / units) as begun
          from (select d.order_line_id, d.units, d.planned, d.shipped, o.ordered
                from demand d join order_line o on o.id = d.order_line_id
                where d.origin <> 'gift' and d.units > d.cancelled) x
          group by 1) d on d.order_line_id = l.id
        where l.kind = 'goods'
          and (l.planned + l.shipped, l.shipped) <> (coalesce(d.begun, 0), coalesce(d.shipped, 0))""",
    "an order's lines add up to what was paid": """
        select count(*) from (
          select o.id from orders o left join order_line l on l.order_id = o.id and not l.is_gone
          where o.origin = 'platform' group by o.id having coalesce(sum(l.paid_amount), 0) <> o.paid_total) x""",
    "a fulfilment that left the hub has one create call": f"""
        select count(*) from fulfilment f
        join stock_point p on p.id = f.stock_point_id and p.account_id is not null
        left join (select fulfilment_id, count(*) as calls from outbound
                   where kind = 'create_fulfilment' and state <> 'void' group by 1) o on o.fulfilment_id = f.id
        where f.status in {HANDED_OVER} and coalesce(o.calls, 0) <> f.version""",
    "nothing is sent for a fulfilment that has not left the hub": """
        select count(*) from outbound o join fulfilment f on f.id = o.fulfilment_id
        where o.kind = 'create_fulfilment' and o.state = 'waiting' and f.status in ('planned', 'on_hold', 'merged')""",
    "a merged fulfilment gave all its lines to a live one": """
        select count(*) from fulfilment f left join fulfilment g on g.id = f.merged_into_id
        where f.status = 'merged' and (g.id is null or g.status = 'merged'
          or exists (select from fulfilment_line l where l.fulfilment_id = f.id))""",
    "a live fulfilment has lines": f"""
        select count(*) from fulfilment f where f.status in {LIVE}
          and not exists (select from fulfilment_line l where l.fulfilment_id = f.id)""",
    "a fulfilment's order count is right": f"""
        select count(*) from fulfilment f join (
          select fulfilment_id, count(distinct order_id) as orders from fulfilment_line group by 1) l
          on l.fulfilment_id = f.id
        where f.status in {LIVE} and l.orders <> f.order_count""",
    "every order has its key, receiver and document": """
        select count(*) from orders o where o.origin = 'platform' and not (
          exists (select from data_key k where k.id = o.id)
          and exists (select from receiver r where r.order_id = o.id)
          and exists (select from raw_document d where d.shop_id = o.shop_id and d.external_no = o.external_no))""",
    "no open order lies where nobody looks": f"""
        select count(*) from orders o where o.status = 'open' and o.fulfiller = 'us' and o.ready_at is null
          and o.review <> 'waiting'
          and not exists (select from hold h where h.order_id = o.id and h.cleared_at is null)
          and not exists (select from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id
            where l.order_id = o.id and f.status in {HANDED_OVER})
          and not exists (select from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id
            join merge_group g on g.merge_key = f.merge_key where l.order_id = o.id and f.status = 'planned')""",
}


def violations(connection: Connection[Any]) -> list[Violation]:
    """Every broken promise with its count; empty when all hold. Reads whole tables."""
    found = []
    for name, statement in CHECKS.items():
        row = connection.execute(statement.encode()).fetchone()
        if row is None or row[0]:
            found.append(Violation(name, int(row[0]) if row else 1))
    return found


def lost_orders(connection: Connection[Any], expected: int) -> list[Violation]:
    """Documents given to the hub that are neither an order nor a parked record."""
    row = connection.execute(
        "select (select count(*) from orders) + (select count(*) from parked_record where kind = 'order')"
    ).fetchone()
    missing = expected - int(row[0]) if row else expected
    return [Violation("every document is an order or a parked record", abs(missing))] if missing else []
