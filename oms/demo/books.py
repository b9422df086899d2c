"""Reads the hub's side of the comparison from its database: orders, flags, units, and promises that are broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.demo.compare import Flag, HubBooks
from oms.demo.goods import REASON

HOLDS = """
select o.external_no, array(select distinct h.kind from hold h where h.order_id = o.id) from orders o"""
FLAGS = """
select o.external_no, i.state,
       array(select l.external_no from fulfilment_line x join order_line l on l.id = x.order_line_id
             where x.fulfilment_id = i.fulfilment_id and x.order_id = i.order_id)
from interception i join orders o on o.id = i.order_id"""
UNITS = """
select o.external_no, l.external_no, k.code, sum(i.units)::bigint
from parcel_item i join fulfilment_line x on x.id = i.fulfilment_line_id join order_line l on l.id = x.order_line_id
join orders o on o.id = x.order_id join sku k on k.id = x.sku_id group by 1, 2, 3"""
LEFT = """
select p.warehouse_code, k.code, -sum(m.on_hand)::bigint from stock_movement m
join stock_point p on p.id = m.stock_point_id join sku k on k.id = m.sku_id
where m.reason <> %s group by 1, 2"""

#: Sentence → the documents that break it. Each query answers one text per breach.
PROMISES: Final = {
    "the stock level of {} is not the sum of its ledger": """
        select k.code || ' at ' || p.code from stock_level s join sku k on k.id = s.sku_id
        join stock_point p on p.id = s.stock_point_id
        left join (select stock_point_id, sku_id, kind, sum(on_hand) as on_hand, sum(reserved) as reserved
                   from stock_movement group by 1, 2, 3) m
             on (m.stock_point_id, m.sku_id, m.kind) = (s.stock_point_id, s.sku_id, s.kind)
        where (s.on_hand, s.reserved) is distinct from (coalesce(m.on_hand, 0), coalesce(m.reserved, 0))""",
    "the reserved units of {} are not those its fulfilments hold": """
        select k.code || ' at ' || p.code from stock_level s join sku k on k.id = s.sku_id
        join stock_point p on p.id = s.stock_point_id
        left join (select f.stock_point_id, x.sku_id, sum(x.planned - x.shipped - x.short - x.cancelled) as held
                   from fulfilment_line x join fulfilment f on f.id = x.fulfilment_id group by 1, 2) h
             on h.stock_point_id = s.stock_point_id and h.sku_id = s.sku_id
        where s.kind = 'good' and s.reserved <> coalesce(h.held, 0)""",
    "the demands of order {} do not count what its fulfilments do": """
        select distinct o.external_no from demand d join orders o on o.id = d.order_id
        left join (select demand_id, sum(planned - shipped - short - cancelled) as planned, sum(shipped) as shipped
                   from fulfilment_line group by 1) x on x.demand_id = d.id
        where (d.planned, d.shipped) is distinct from (coalesce(x.planned, 0), coalesce(x.shipped, 0))""",
    "the parcels of order {} do not hold what its fulfilments shipped": """
        select distinct o.external_no from fulfilment_line x join orders o on o.id = x.order_id
        left join (select fulfilment_line_id, sum(units) as units from parcel_item group by 1) i
             on i.fulfilment_line_id = x.id
        where x.shipped <> coalesce(i.units, 0)""",
    "the lines of order {} do not count what its demands shipped": """
        select distinct o.external_no from order_line l join orders o on o.id = l.order_id
        where l.kind = 'goods' and l.bundle_id is null and l.shipped <> coalesce(
            (select sum(d.shipped) from demand d where d.order_line_id = l.id and d.origin <> 'gift'), 0)""",
}

COUNTS: Final = {
    "captured": "select count(*) from orders",
    "parked": "select count(*) from parked_record where kind = 'order'",
    "still_parked": "select count(*) from parked_record where kind = 'order' and state = 'parked'",
    "auto_passed": """select count(*) from orders o where review = 'passed'
        and not exists (select from review_decision d where d.order_id = o.id)""",
    "reviewed": "select count(distinct order_id) from review_decision where verdict in ('passed', 'forced')",
    "merged_orders": """select count(distinct x.order_id) from fulfilment f join fulfilment_line x
        on x.fulfilment_id = f.id where f.order_count > 1 and f.sent_at is not null""",
    "split_orders": """select count(*) from (select x.order_id from fulfilment_line x join fulfilment f
        on f.id = x.fulfilment_id where x.shipped > 0 group by 1 having count(distinct f.stock_point_id) > 1) s""",
    "dispatched": "select count(*) from fulfilment where sent_at is not null",
    "shipped": "select count(distinct order_id) from fulfilment_line where shipped > 0",
    "written_back": "select count(distinct order_id) from order_line where written_back_at is not null",
    "stopped": "select count(distinct order_id) from interception where state = 'succeeded'",
    "too_late": "select count(distinct order_id) from interception where state = 'failed'",
}


def read_books(connection: Connection) -> HubBooks:
    """The hub's side, as of this transaction."""
    flags: dict[str, list[Flag]] = {}
    for tid, state, lines in fetch(connection, FLAGS):
        flags.setdefault(tid, []).append(Flag(state, frozenset(lines)))
    parked = fetch(connection, "select external_no from parked_record where kind = 'order' and state = 'parked'")
    return HubBooks(
        orders={tid: frozenset(kinds) for tid, kinds in fetch(connection, HOLDS)},
        flags=flags,
        parked=frozenset(row[0] for row in parked),
        units={(tid, oid, code): units for tid, oid, code, units in fetch(connection, UNITS)},
        left_stock={(building, code): units for building, code, units in fetch(connection, LEFT, (REASON,))},
        broken=tuple(
            sentence.format(subject) for sentence, query in PROMISES.items() for (subject,) in fetch(connection, query)
        ),
    )


def read_counts(connection: Connection) -> dict[str, int]:
    """How many orders came how far, by the names of the report."""
    return {name: int(fetch(connection, query)[0][0]) for name, query in COUNTS.items()}


def parts_of(items: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[str, int]]]:
    """The parts of each bundle of a catalogue, by its code."""
    return {item["code"]: [(part["code"], part["quantity"]) for part in item["parts"]] for item in items if item["parts"]}
