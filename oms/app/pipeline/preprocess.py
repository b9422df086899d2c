"""Step 2 预处理: lines to SKUs, detectors to holds, lines to demands with their share of the money."""

from __future__ import annotations

from collections.abc import Sequence

from oms.app.kernel.batch import Batch
from oms.app.kernel.work import DemandWork, LineWork, OrderWork
from oms.app.pipeline.detecting.detectors import DETECTORS, detect
from oms.app.pipeline.goods import Goods, load_goods
from oms.app.pipeline.matching import match_lines
from oms.app.pipeline.partners.deciding import leave_goods
from oms.domain.holds import KINDS
from oms.domain.shares import split


def preprocess(batch: Batch, orders: Sequence[OrderWork]) -> Goods:
    """Prepare open orders for sourcing; answers the goods it loaded."""
    match_lines(batch, orders)
    if batch.partnering.orders:
        leave_goods(batch, orders)
        orders = [order for order in orders if order.fulfiller == "us"]
    goods = load_goods(batch, orders)
    for order in orders:
        _hold_findings(batch, order, goods)
        _make_demands(batch, order, goods)
    return goods


def _hold_findings(batch: Batch, order: OrderWork, goods: Goods) -> None:
    found = detect(order, goods)
    for kind, seen in found.items():
        if kind not in order.lifted or KINDS[kind].clears == "auto":
            batch.place_hold(order, kind, seen)
    for hold in list(order.holds):
        if hold.kind in DETECTORS and hold.kind not in found and hold.clears != "person":
            batch.clear_hold(order, hold.kind, "cause gone")


def _make_demands(batch: Batch, order: OrderWork, goods: Goods) -> None:
    """Lines without open demands get them; a line whose goods changed gets new ones for what is left.

    Gifts hang on a line without being what it consists of.
    """
    held: dict[int, list[DemandWork]] = {}
    for demand in order.demands:
        if demand.origin != "gift":
            held.setdefault(demand.line_id, []).append(demand)
    for line in order.lines:
        if not line.is_goods or line.in_refund or line.is_void or line.ordered <= line.cancelled + line.shipped:
            continue
        mine = held.get(line.id, [])
        if any(d.units > d.cancelled + d.shipped for d in mine) or (line.sku_id is None and line.bundle_id is None):
            continue
        wanted = _demands_of(batch, line, goods)
        _recompose(batch, mine, {demand.sku_id: demand.per_unit for demand in wanted})
        for demand in _still_needed(wanted, mine):
            order.demands.append(demand)
            batch.new_demands.append(demand)


def _recompose(batch: Batch, before: Sequence[DemandWork], per_unit: dict[int, int]) -> None:
    """Earlier demands of the line count towards what it consists of now; the rest counts for nothing."""
    for old in before:
        if per_unit and old.per_unit != per_unit.get(old.sku_id, 0):
            old.per_unit = per_unit.get(old.sku_id, 0)
            batch.touched_demands[old.id] = old


def _still_needed(wanted: list[DemandWork], before: Sequence[DemandWork]) -> list[DemandWork]:
    """New demands without the units and the money of what earlier demands of the line have shipped."""
    for demand in wanted:
        for old in before:
            if old.sku_id == demand.sku_id and old.shipped:
                demand.share_amount -= min(demand.share_amount, old.share_amount * old.shipped // old.units)
                demand.units -= old.shipped
    return [demand for demand in wanted if demand.units > 0]


def _demands_of(batch: Batch, line: LineWork, goods: Goods) -> list[DemandWork]:
    units = line.ordered - line.cancelled
    if line.sku_id:
        return [
            DemandWork(
                batch.new_id(), line.order_id, line.id, line.sku_id, "self", units, 0, 0, 0, line.paid_amount, 1, True
            )
        ]
    parts = goods.bundles.get(line.bundle_id or 0, [])
    if not parts:
        return []
    shares = split(line.paid_amount, [weight * count for _, count, weight in parts])
    return [
        DemandWork(batch.new_id(), line.order_id, line.id, sku_id, "bundle", units * count, 0, 0, 0, share, count, True)
        for (sku_id, count, _), share in zip(parts, shares, strict=True)
    ]
