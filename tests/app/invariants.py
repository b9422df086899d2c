"""What must hold in the database after anything whatever; each question answers the rows that break it."""

from __future__ import annotations

from typing import Final

from tests.factories import World

QUESTIONS: Final = {
    "a stock level is the sum of its movements": """
        select s.stock_point_id, s.sku_id, s.on_hand, s.reserved, m.on_hand, m.reserved from stock_level s
        left join (select stock_point_id, sku_id, kind, sum(on_hand) on_hand, sum(reserved) reserved
                   from stock_movement group by 1, 2, 3) m using (stock_point_id, sku_id, kind)
        where s.on_hand <> coalesce(m.on_hand, 0) or s.reserved <> coalesce(m.reserved, 0)""",
    "reserved is what open fulfilment lines hold": """
        select s.stock_point_id, s.sku_id, s.reserved, x.units from stock_level s
        left join (select f.stock_point_id, l.sku_id, sum(l.planned - l.shipped - l.short - l.cancelled) units
                   from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id group by 1, 2) x
          using (stock_point_id, sku_id)
        where s.kind = 'good' and s.reserved <> coalesce(x.units, 0)""",
    "a demand's planned units are what its fulfilment lines hold": """
        select d.id, d.planned, d.shipped, x.open_units, x.shipped from demand d
        left join (select demand_id, sum(planned - shipped - short - cancelled) open_units, sum(shipped) shipped
                   from fulfilment_line group by 1) x on x.demand_id = d.id
        where d.planned <> coalesce(x.open_units, 0) or d.shipped <> coalesce(x.shipped, 0)""",
    "an ended fulfilment holds nothing": """
        select f.id, f.status from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
        where f.status in ('cancelled', 'merged', 'closed_short', 'shipped')
          and l.planned > l.shipped + l.short + l.cancelled""",
    "a sending fulfilment has exactly one live row that hands it over": """
        select f.id, count(o.id) from fulfilment f
        join stock_point p on p.id = f.stock_point_id and p.account_id is not null
        left join outbound o on o.fulfilment_id = f.id and o.kind = 'create_fulfilment'
          and o.state not in ('done', 'void')
        where f.status = 'sending' group by f.id having count(o.id) <> 1""",
    "a line's counters follow its demands": """
        select l.id, l.ordered, l.cancelled, l.planned, l.shipped, d.planned, d.shipped from order_line l
        join (select order_line_id, sum(units - cancelled) needed, sum(planned) planned, sum(shipped) shipped
              from demand group by 1) d on d.order_line_id = l.id
        where (l.shipped > 0 and d.shipped = 0) or (l.planned > 0 and d.planned = 0)
           or (d.needed > 0 and d.shipped = d.needed and l.shipped + l.cancelled < l.ordered
               and not l.is_gone and l.sku_id is not null and l.refund_state in ('none', 'refused', 'closed'))""",
    "a parcel's items are what its lines shipped": """
        select l.id, l.shipped, x.units from fulfilment_line l
        left join (select fulfilment_line_id, sum(units) units from parcel_item group by 1) x
          on x.fulfilment_line_id = l.id
        where l.shipped <> coalesce(x.units, 0)""",
    "an open hold of a kind is alone": """
        select order_id, kind, count(*) from hold where cleared_at is null group by 1, 2 having count(*) > 1""",
    "nothing of a cancelled order is planned": """
        select o.id, f.id, f.status from orders o join fulfilment_line l on l.order_id = o.id
        join fulfilment f on f.id = l.fulfilment_id
        where o.status = 'cancelled' and o.ready_at is null and f.status in ('planned', 'on_hold')""",
}  # fmt: skip


def broken(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Every promise that does not hold, with the rows that break it."""
    found = {name: [tuple(row) for row in world.rows(question)] for name, question in QUESTIONS.items()}
    return {name: rows for name, rows in found.items() if rows}


def check_invariants(world: World) -> None:
    """Fail with what does not hold."""
    found = broken(world)
    assert found == {}, found
