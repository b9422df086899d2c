"""Which planned orders of a pool may be looked at again, loaded without locks and made ready for the search."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.lifted import load_lifted
from oms.app.kernel.load import ORDER, fetch, fill
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.routing.behind import points_behind
from oms.app.pipeline.routing.seen import see_wishes
from oms.app.pipeline.routing.terms import bind_needs, terms_of
from oms.app.pipeline.routing.ways import points_left
from oms.app.pipeline.routing.wishes import Wishes
from oms.app.stock.left import left_in_pool
from oms.db.bulk import array_of
from oms.domain.holds import KINDS, STOPPING_PLANS, Back
from oms.domain.replanning import MOST_ASKED, Held, Plan
from oms.domain.sourcing import Need

#: Split orders of one look, and others that may give way to them.
MOST_SPLIT: Final = 200
MOST_OTHERS: Final = 800
#: Holds that keep an order where it is though sourcing may plan it.
KEEPING: Final = frozenset({"emergency_stop", "observing"})
#: Where orders are split for speed nothing is joined again.
FASTEST: Final = "fastest"
SPLIT: Final = """
select f.lead_order_id from fulfilment f
where f.status = 'planned' and f.stop = 'none' and f.order_count = 1 and f.is_split and not f.is_sealed
  and not exists (select from apart a where a.document_id = f.id)
  and f.stock_point_id = any(%s) and f.lead_order_id > %s
  and not exists (select from replan r where r.order_id = f.lead_order_id and r.at > %s)
group by 1 having count(*) > 1 order by 1 limit %s"""
#: Of each of the goods at each point those with least goods, the first of all of them before the second of any: else
#: what sells best would fill the look, and nobody would be asked for what sells seldom.
OTHERS: Final = """
with holding as (
  select f.lead_order_id as id, f.stock_point_id as point_id, l.sku_id,
    count(*) over (partition by f.lead_order_id) as goods
  from fulfilment f join fulfilment_line l on l.fulfilment_id = f.id
  where f.status = 'planned' and f.stop = 'none' and f.order_count = 1 and not f.is_sealed
    and not exists (select from apart a where a.document_id = f.id)
    and f.stock_point_id = any(%s) and l.sku_id = any(%s) and f.lead_order_id <> all(%s)
    and not exists (select from replan r where r.order_id = f.lead_order_id and r.at > %s)),
placed as (select id, goods, row_number() over (partition by point_id, sku_id order by goods, id) as place from holding)
select id from placed where place <= %s group by id order by min(place), min(goods), id limit %s"""
#: What waits beside another order's goods will leave in one parcel with them.
IN_COMPANY: Final = """
select merge_key from fulfilment where merge_key = any(%s) and status = 'planned' group by 1 having count(*) > 1"""


@dataclass(slots=True)
class Ground:
    """Orders that may be planned otherwise, as they were when they were looked at."""

    orders: list[Held] = field(default_factory=list)
    works: dict[int, OrderWork] = field(default_factory=dict)
    free: dict[tuple[int, int], int] = field(default_factory=dict)
    weights: dict[int, int] = field(default_factory=dict)
    #: The last split order of this look, 0 when there is none behind it.
    reached: int = 0


def look_at(batch: Batch, pool_id: int, reached: int, quiet: timedelta) -> Ground:
    """The split orders of a pool behind one, with those that hold the same goods. Nothing is locked or written."""
    points = [card.id for _, card in batch.masters.open_points(pool_id)]
    since = batch.now - quiet
    rows = fetch(batch.connection, SPLIT, (points, reached, since, MOST_SPLIT))
    if not rows:
        return Ground()
    split = [row[0] for row in rows]
    _load(batch, split)
    skus = {need.sku_id for id_ in split if id_ in batch.orders for need in needs_of(batch.orders[id_])}
    others = fetch(batch.connection, OTHERS, (points, sorted(skus), split, since, MOST_ASKED, MOST_OTHERS))
    _load(batch, [row[0] for row in others])
    ground = _ready(batch, pool_id)
    ground.reached = split[-1] if len(split) == MOST_SPLIT else 0
    return ground


def _load(batch: Batch, ids: Sequence[int]) -> None:
    rows = fetch(batch.connection, f"select {ORDER} from orders where id = any(%s) order by id", (array_of(ids),))
    orders = [OrderWork(*row) for row in rows]
    fill(batch, orders, locks=False)
    load_lifted(batch, orders)


def _ready(batch: Batch, pool_id: int) -> Ground:
    """Leave out what may not be planned otherwise, and price what is left."""
    free_to_go = [order for order in batch.orders.values() if may_change(batch, order, pool_id)]
    together = _in_company(batch, free_to_go)
    free_to_go = [order for order in free_to_go if order.id not in together]
    seen = see_wishes(batch, free_to_go)
    ground = Ground()
    for order in free_to_go:
        wishes = seen.wishes.get(order.id)
        if order.id not in seen.undecided and not (wishes and wishes.parts_goods):
            ground.orders.append(_held(batch, order, wishes))
            ground.works[order.id] = order
    skus = {need.sku_id for held in ground.orders for need in held.needs}
    ground.free = left_in_pool(batch, pool_id, sorted(skus), scarce_first=True) if skus else {}
    ground.weights = weights_of(batch, skus)
    return ground


def may_change(batch: Batch, order: OrderWork, pool_id: int) -> bool:
    """Whether the whole order is planned, nothing of it has gone out, and nobody but its window holds it."""
    shop = batch.masters.shops[order.shop_id]
    if order.status != "open" or order.fulfiller != "us" or order.is_sealed or order.is_presale:
        return False
    if shop.pool_id != pool_id or shop.mode != "live" or (order.ready_at is not None and order.ready_at <= batch.now):
        return False
    if terms_of(batch, order).policy.rule == FASTEST:
        return False
    if any(demand.shipped or demand.open_units for demand in order.demands):
        return False
    if any(line.is_lost for line in order.lines) or any(_keeps(hold.kind) for hold in order.holds):
        return False
    return bool(order.fulfilments) and all(
        work.status == "planned" and work.stop == "none" and work.order_count == 1 and not work.is_sealed
        and work.version == 1 and work.mode == "courier"
        for work in order.fulfilments
    )  # fmt: skip


def _keeps(kind: str) -> bool:
    return kind in STOPPING_PLANS or kind in KEEPING or KINDS[kind].calls_back is not Back.NOTHING


def _in_company(batch: Batch, orders: Iterable[OrderWork]) -> set[int]:
    """Orders of which something waits beside goods that it will leave with."""
    keys = {work.merge_key: order.id for order in orders for work in order.fulfilments if work.merge_key is not None}
    if not keys:
        return set()
    shared = {bytes(row[0]) for row in fetch(batch.connection, IN_COMPANY, (list(keys),))}
    return {order.id for order in orders for work in order.fulfilments if work.merge_key in shared}


def needs_of(order: OrderWork) -> list[Need]:
    """What is planned of an order, by demand; a gift leaves with the line it belongs to."""
    bound = {line.id: line.bound_group for line in order.lines}
    gifts = {demand.line_id for demand in order.demands if demand.origin == "gift"}
    units: dict[int, int] = {}
    for work in order.fulfilments:
        for line in work.lines:
            if line.open_units:
                units[line.demand_id] = units.get(line.demand_id, 0) + line.open_units
    return [
        Need(d.id, d.sku_id, units[d.id], bound.get(d.line_id) or (f"gift:{d.line_id}" if d.line_id in gifts else ""))
        for d in order.demands
        if d.id in units
    ]


def plan_of(order: OrderWork) -> Plan:
    """Where that is planned."""
    plan: Plan = {}
    for work in order.fulfilments:
        units = plan.setdefault(work.stock_point_id, {})
        for line in work.lines:
            if line.open_units:
                units[line.demand_id] = units.get(line.demand_id, 0) + line.open_units
    return plan


def _held(batch: Batch, order: OrderWork, wishes: Wishes | None) -> Held:
    terms = terms_of(batch, order)
    most = terms.most_parcels(batch.masters.shops[order.shop_id].max_parcels)
    points = points_left(batch, order, wishes)
    behind = points_behind(batch, order, points)
    return Held(
        order.id, bind_needs(batch, order, needs_of(order)), plan_of(order),
        [point for point in points if point.id not in behind] or points,
        wishes.most_parcels(most) if wishes else most,
        together=order.keeps_together or bool(wishes and wishes.together) or terms.ships_whole,
        bonus=dict(wishes.points.liked) if wishes else {}, splits_units=terms.policy.splits_units,
    )  # fmt: skip


def weights_of(batch: Batch, sku_ids: Iterable[int]) -> dict[int, int]:
    """Grams of a unit by SKU."""
    rows: list[tuple[Any, ...]] = fetch(
        batch.connection, "select id, weight_g from sku where id = any(%s)", (array_of(sorted(sku_ids)),)
    )
    return dict(rows)


def is_as_seen(before: OrderWork, now: OrderWork) -> bool:
    """Whether an order that is locked by now is planned as it was when it was looked at."""
    return before.version == now.version and _places(before) == _places(now)


def _places(order: OrderWork) -> list[tuple[int, str, int]]:
    return sorted((work.id, work.status, line.open_units) for work in order.fulfilments for line in work.lines)
