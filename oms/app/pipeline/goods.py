"""Loads what a batch needs to know of its goods: SKUs with weight and cost, bundles, floor prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.around import load_around
from oms.app.pipeline.cards import Goods, SkuCard
from oms.app.pipeline.switches import switches_of
from oms.db.bulk import array_of
from oms.domain.addresses import is_vague, lacking

__all__ = ["Goods", "load_goods"]

#: One look at the index of numbers for each shop of the batch.
SHOPS_WITH_MANUAL: Final = """
select s.id from unnest(%s::bigint[]) as s(id)
cross join lateral (select from orders o where o.shop_id = s.id and o.origin = 'manual' limit 1) one"""
TYPED_TOO: Final = """
select v.id from unnest(%s::bigint[], %s::bigint[], %s::text[]) as v(id, shop_id, external_no)
join orders o on o.shop_id = v.shop_id and o.origin = 'manual' and o.external_no = v.external_no
where o.status <> 'cancelled'"""
#: A receiver without anything to find it by is masked or erased, or was told to us without that part.
LACKING: Final = """
select r.order_id, r.name_blind is not null or r.is_masked, r.phone_blind is not null or r.is_masked,
  trim(r.city || r.district) <> '', r.address_blind is not null or r.is_masked, r.country, r.oddities
from receiver r where r.order_id = any(%s) and (trim(r.city || r.district) = ''
  or ((r.oddities <> '{}' or (not r.is_masked
    and (r.name_blind is null or r.phone_blind is null or r.address_blind is null)))
  and exists (select from data_key k where k.id = r.order_id)))"""


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
        """select k.id, k.code, k.weight_g, k.size_class, c.amount, c.currency from sku k
           left join lateral (select amount, currency from cost_price p where p.sku_id = k.id and p.valid_from <= %s
             order by p.valid_from desc limit 1) c on true
           where k.id = any(%s)""",
        (batch.now, array_of(sorted(sku_ids))),
    ):
        goods.skus[row[0]] = SkuCard(*row)
    for shop_id, sku_id, amount, currency in fetch(
        batch.connection,
        "select shop_id, sku_id, amount, currency from floor_price where sku_id = any(%s)",
        (array_of(sorted(sku_ids)),),
    ):
        goods.floors[shop_id, sku_id] = amount, currency
    goods.typed = _typed_too(batch, orders)
    _read_receivers(batch, orders, goods)
    switches = switches_of(batch)
    goods.plans = {id_: switches.plan_of(batch.masters.shops[id_]) for id_ in {order.shop_id for order in orders}}
    load_around(batch, orders, goods, switches)
    return goods


def _read_receivers(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    """What receivers lack and what is odd; new orders know it. Of a masked one a vague place is asked for its city."""
    goods.lacking = {order.id: order.lacking for order in orders if order.lacking}
    goods.oddities = {order.id: order.oddities for order in orders if order.oddities}
    unread = {
        order.id: is_vague(order.division_code)
        for order in orders
        if order.lacking is None and (not order.is_masked or is_vague(order.division_code))
    }
    if unread:
        for id_, name, phone, city, street, country, odd in fetch(batch.connection, LACKING, (array_of(unread),)):
            city = city or not unread[id_]
            if parts := lacking(name=name, phone=phone, city=city, street=street, country=country):
                goods.lacking[id_] = parts
            if odd:
                goods.oddities[id_] = tuple(odd)


def _typed_too(batch: Batch, orders: Iterable[OrderWork]) -> frozenset[int]:
    """Which of a platform's orders are also manual orders of their shop that stand; most shops have none at all."""
    told = [order for order in orders if order.origin == "platform"]
    shops = sorted({order.shop_id for order in told})
    some = fetch(batch.connection, SHOPS_WITH_MANUAL, (shops,)) if shops else []
    asked = {row[0] for row in some}
    mine = [order for order in told if order.shop_id in asked]
    if not mine:
        return frozenset()
    numbers = array_of([order.external_no for order in mine])
    rows = fetch(batch.connection, TYPED_TOO, ([order.id for order in mine], [order.shop_id for order in mine], numbers))
    return frozenset(row[0] for row in rows)
