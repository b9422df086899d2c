"""An order does not wait for its gift: where only the gift keeps it from being planned, it goes without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import DemandWork, OrderWork
from oms.app.pipeline.goods import Goods
from oms.app.pipeline.route import could_be_planned
from oms.app.rulebook.book import book_of
from oms.db.bulk import psycopg_connection
from oms.domain.sourcing import Need
from rules.model import Rule

#: Holds of sourcing that a gift may be the reason of.
FAILURES: Final = ("short_of_stock", "out_of_zone", "too_many_parcels")
#: Only noted here: dropped at the next walk, since counters are locked before stock and never after.
NOTE: Final = """
update gift_given set reason = 'unplanned', changed_at = %s
where demand_id = any(%s) and state = 'given' and not ((rule_set_id, rule_id) in
  (select * from unnest(%s::bigint[], %s::text[]))) returning order_id"""


def leave_out(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    """Note the gifts without which their orders could be planned; these are walked again at once."""
    kept = [order for order in orders if order.holds and any(order.hold(kind) for kind in FAILURES)]
    alone: dict[int, OrderWork] = {}
    for order in kept:
        gifts = [demand for demand in order.demands if demand.origin == "gift" and demand.open_units]
        if gifts and _goes_without(batch, order, gifts, goods):
            alone.update({demand.id: order for demand in gifts})
    if not alone:
        return
    waited_for = _waited_for(batch, list(alone.values()))
    with psycopg_connection(batch.connection).cursor() as cursor:
        columns = [list(column) for column in zip(*waited_for, strict=True)] or [[], []]
        cursor.execute(NOTE, (batch.now, list(alone), *columns))
        noted = {row[0] for row in cursor}
    for order in alone.values():
        if order.id in noted:
            order.ready_at = batch.now
            batch.touched.add(order.id)


def _goes_without(batch: Batch, order: OrderWork, gifts: Sequence[DemandWork], goods: Goods) -> bool:
    """Whether the rest alone could be planned now."""
    lines = {line.id: line for line in order.lines}
    left_out = {demand.id for demand in gifts}
    needs = [
        Need(demand.id, demand.sku_id, demand.open_units, lines[demand.line_id].bound_group)
        for demand in order.demands
        if demand.open_units and demand.id not in left_out and not lines[demand.line_id].is_lost
    ]
    if not needs:
        return True
    return could_be_planned(batch, order, needs, goods)


def _waited_for(batch: Batch, orders: Sequence[OrderWork]) -> set[tuple[int, str]]:
    """The rules whose orders wait for their gifts."""
    found: set[tuple[int, str]] = set()
    for order in orders:
        shop = batch.masters.shops[order.shop_id]
        book = book_of(batch.hub).find(batch.connection, "gift", shop, order.id, batch.now)
        if book is not None:
            version = book.version
            found |= {(version.rule_set_id, rule.id) for rule in version.rules.rule_set.rules if _waits(rule)}
    return found


def _waits(rule: Rule) -> bool:
    return any(dict(action.params).get("holds") for action in rule.actions)
