"""What a batch needs to know of its goods: SKUs with weight and cost, bundles, floor prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import LineWork, OrderWork
from oms.db.bulk import array_of


@dataclass(frozen=True, slots=True)
class SkuCard:
    """What preprocessing and sourcing need to know of a SKU."""

    id: int
    code: str
    weight_g: int
    size_class: str
    cost: int | None


@dataclass(slots=True)
class Goods:
    """The SKUs and bundles of one batch."""

    skus: dict[int, SkuCard] = field(default_factory=dict)
    bundles: dict[int, list[tuple[int, int, int]]] = field(default_factory=dict)  # bundle → (SKU, units, weight)
    floors: dict[tuple[int, int], int] = field(default_factory=dict)
    seen_order: int | None = None
    seen_open: list[LineWork] = field(default_factory=list)


def load_goods(batch: Batch, orders: Iterable[OrderWork]) -> Goods:
    """The SKU cards, bundles and floor prices that these orders need."""
    goods = Goods()
    orders = list(orders)
    sku_ids = {line.sku_id for order in orders for line in order.lines if line.sku_id}
    sku_ids |= {demand.sku_id for order in orders for demand in order.demands}
    bundle_ids = sorted({line.bundle_id for order in orders for line in order.lines if line.bundle_id})
    if bundle_ids:
        for bundle_id, sku_id, units, weight in fetch(
            batch.connection,
            "select bundle_id, sku_id, units, weight from bundle_part where bundle_id = any(%s) order by sku_id",
            (bundle_ids,),
        ):
            goods.bundles.setdefault(bundle_id, []).append((sku_id, units, weight))
            sku_ids.add(sku_id)
    for row in fetch(
        batch.connection,
        """select k.id, k.code, k.weight_g, k.size_class, (select amount from cost_price p where p.sku_id = k.id
             and p.valid_from <= %s order by p.valid_from desc limit 1)
           from sku k where k.id = any(%s)""",
        (batch.now, array_of(sorted(sku_ids))),
    ):
        goods.skus[row[0]] = SkuCard(*row)
    for shop_id, sku_id, amount in fetch(
        batch.connection,
        "select shop_id, sku_id, amount from floor_price where sku_id = any(%s)",
        (array_of(sorted(sku_ids)),),
    ):
        goods.floors[shop_id, sku_id] = amount
    return goods
