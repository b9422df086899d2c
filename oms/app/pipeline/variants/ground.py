"""The orders a trial looks at, what they need, and the stock there would be if none of them were planned yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import sellable
from oms.app.kernel.lifted import load_lifted
from oms.app.kernel.load import ORDER, fetch, fill
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.cards import Goods, SkuCard
from oms.app.pipeline.stores.deliveries import Delivery, deliveries_of
from oms.app.rulebook.trying.questions import ALL, next_ids
from oms.db.bulk import array_of
from oms.domain.holds import STOPPING_PLANS
from oms.domain.sourcing import Need

#: Orders of one trial, the newest where there are more.
MOST_ORDERS: Final = 20_000
Stock = dict[tuple[int, int], int]
#: Open orders of which nothing was handed to a stock point and that no hold keeps from being planned.
OPEN: Final = """
select o.id from orders o
where o.status = 'open' and o.fulfiller = 'us' and o.shop_id = any(%s)
  and not exists (select from hold h where h.order_id = o.id and h.cleared_at is null and h.kind = any(%s))
  and exists (select from demand d where d.order_id = o.id and d.units > d.cancelled)
  and not exists (select from demand d where d.order_id = o.id and d.shipped > 0)
  and not exists (select from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id
    where l.order_id = o.id and f.status not in ('planned', 'on_hold', 'cancelled', 'merged'))
order by o.ordered_at desc, o.id desc limit %s"""
#: Ids do not tell what came first: every process takes them in blocks.
IN_TURN: Final = "select id from orders where id = any(%s) order by ordered_at, id"
#: What orders hold at stock points, and what left from there for them.
HELD: Final = """
select f.stock_point_id, l.sku_id, sum(l.planned - l.short - l.cancelled)::bigint
from fulfilment_line l join fulfilment f on f.id = l.fulfilment_id
where l.order_id = any(%s) and l.planned > l.short + l.cancelled group by 1, 2"""
SKUS: Final = "select id, code, weight_g, size_class, null, null from sku where id = any(%s)"


@dataclass(frozen=True, slots=True)
class Question:
    """Whose orders: open ones, or with a period those placed in it."""

    shop_ids: tuple[int, ...]
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_past(self) -> bool:
        """Whether past orders are asked for."""
        return self.since is not None

    def written(self) -> dict[str, Any]:
        """As JSON types."""
        told: dict[str, Any] = {"shops": list(self.shop_ids)}
        if self.since is not None and self.until is not None:
            told |= {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return told


def read_question(kept: Mapping[str, Any]) -> Question:
    """A question that was kept."""
    since, until = (datetime.fromisoformat(kept[name]) if name in kept else None for name in ("since", "until"))
    return Question(tuple(kept["shops"]), since, until)


def ids_of(connection: Connection, asked: Question) -> list[int]:
    """The orders, oldest first."""
    if asked.since is not None and asked.until is not None:
        found = next_ids(connection, list(asked.shop_ids), asked.since, asked.until, ALL, 0, MOST_ORDERS)
    else:
        rows = fetch(connection, OPEN, (list(asked.shop_ids), sorted(STOPPING_PLANS), MOST_ORDERS))
        found = [row[0] for row in rows]
    return [row[0] for row in fetch(connection, IN_TURN, (array_of(found),))]


def held_by(connection: Connection, order_ids: Sequence[int]) -> Stock:
    """(point, SKU) → units that these orders hold or had: as if they had not been planned."""
    rows = fetch(connection, HELD, (array_of(order_ids),))
    return {(point_id, sku_id): units for point_id, sku_id, units in rows}


@dataclass(slots=True)
class Page:
    """Some orders with what they need and what is known of these goods."""

    orders: list[OrderWork]
    needs: dict[int, list[Need]]
    goods: Goods
    deliveries: Mapping[int, Delivery]
    stock: Stock = field(default_factory=dict)


def load_page(batch: Batch, ids: Sequence[int], *, is_past: bool) -> Page:
    """Orders as they are, nothing locked; those that need nothing from us are left out."""
    rows = fetch(
        batch.connection, f"select {ORDER} from orders where id = any(%s) order by ordered_at, id", (array_of(ids),)
    )
    orders = [order for order in (OrderWork(*row) for row in rows) if order.fulfiller == "us"]
    orders = [order for order in orders if order.status != "cancelled"]
    fill(batch, orders, locks=False)
    load_lifted(batch, orders)
    needs = {order.id: wanted for order in orders if (wanted := _needs(order, is_past=is_past))}
    goods = _goods(batch, {need.sku_id for wanted in needs.values() for need in wanted})
    orders = [order for order in orders if order.id in needs and all(n.sku_id in goods.skus for n in needs[order.id])]
    skus = set(goods.skus)
    pools = {batch.masters.shops[order.shop_id].pool_id for order in orders}
    points = {point_id for pool_id in pools for _, point_id in batch.masters.pools.get(pool_id or 0, ())}
    stock = sellable(batch, points, skus) if skus else {}
    return Page(orders, needs, goods, deliveries_of(batch, orders), stock)


def _needs(order: OrderWork, *, is_past: bool) -> list[Need]:
    """All units that were asked for, of past orders also those that have left."""
    lines = {line.id: line for line in order.lines}
    needs = []
    for demand in order.demands:
        line = lines.get(demand.line_id)
        units = demand.units - demand.cancelled - (0 if is_past else demand.shipped)
        if line is not None and units > 0 and not line.is_lost:
            needs.append(Need(demand.id, demand.sku_id, units, line.bound_group))
    return needs


def _goods(batch: Batch, sku_ids: Iterable[int]) -> Goods:
    goods = Goods()
    for row in fetch(batch.connection, SKUS, (array_of(sorted(sku_ids)),)):
        goods.skus[row[0]] = SkuCard(*row)
    return goods
