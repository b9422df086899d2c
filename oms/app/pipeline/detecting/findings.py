"""What detectors find in the outcome of sourcing, hits of the blacklist, and when a hold of time is looked at again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import sellable
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.cards import Goods, Seen
from oms.db.bulk import array_of, psycopg_connection

#: What clears when another document changes: nobody wakes the order then, so that it looks again by itself.
LOOKED_AT_AGAIN: Final = {
    "unpaid_sibling": timedelta(minutes=5),
    "mergeable_sibling": timedelta(minutes=1),
    "sibling_refund": timedelta(minutes=15),
    "invoice_wanted": timedelta(minutes=15),
    "balance_unpaid": timedelta(minutes=30),
}
ROUTED: Final = ("oversold", "courier_suspended", "routed_too_often")
HITS: Final = """
with hit as (select v.id, v.hits from unnest(%s::bigint[], %s::bigint[]) as v(id, hits)
             join blacklist_entry e on e.id = v.id order by v.id for update of e)
update blacklist_entry e set hits = e.hits + hit.hits from hit where e.id = hit.id"""


def settle_findings(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    """Once the batch is sourced: hold what its outcome asks for, clear what it no longer does."""
    held = [order for order in orders if order.holds]
    if not held:
        return
    _hold_routed(batch, held, goods)
    _count_hits(batch, held)
    for order in held:
        due = [LOOKED_AT_AGAIN[hold.kind] for hold in order.holds if hold.kind in LOOKED_AT_AGAIN]
        if due and (order.ready_at is None or order.ready_at > batch.now + min(due)):
            order.ready_at = batch.now + min(due)


def _hold_routed(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> None:
    totals = _pool_totals(batch, orders, goods)
    for order in orders:
        kinds = {hold.kind for hold in order.holds}
        limits = goods.plans[order.shop_id].routed
        found = {
            "oversold": oversold(order, totals.get(order.id, {})) if "oversold" in limits else None,
            "courier_suspended": _suspended(batch, order, kinds) if "courier_suspended" in limits else None,
            "routed_too_often": routed_too_often(order, limits["routed_too_often"]["attempts"])
            if "routed_too_often" in limits
            else None,
        }
        for kind, seen in found.items():
            if seen is not None and kind not in order.lifted:
                batch.place_hold(order, kind, seen)
            elif seen is None and kind in kinds:
                batch.clear_hold(order, kind, "cause gone")


def oversold(order: OrderWork, totals: dict[int, int]) -> Seen:
    """More units of a SKU are wanted than all points of the shop's pool have together; `totals` by SKU.

    Units wanted are those not planned. Without figures of the pool the order is not short, so nothing is oversold.
    """
    wanted: dict[int, int] = {}
    for demand in order.demands:
        if demand.open_units > 0:
            wanted[demand.sku_id] = wanted.get(demand.sku_id, 0) + demand.open_units
    beyond = {sku: units for sku, units in wanted.items() if sku in totals and totals[sku] < units}
    if not beyond:
        return None
    sku = min(beyond)
    return {"skus": sorted(beyond), "wanted": beyond[sku], "sellable": max(0, totals[sku])}


def courier_suspended(suspended: Collection[str], reaching: Collection[str]) -> Seen:
    """Carriers that go there are all suspended; by codes."""
    return {"carriers": sorted(suspended)} if suspended and not reaching else None


def routed_too_often(order: OrderWork, attempts: int) -> Seen:
    """Sourcing has failed so many times in a row."""
    return {"attempts": order.attempts} if order.attempts >= attempts else None


def _suspended(batch: Batch, order: OrderWork, kinds: Collection[str]) -> Seen:
    if "out_of_zone" not in kinds:
        return None
    going = [
        card
        for card in batch.masters.carriers.values()
        if (card.allows_cod or not order.is_cod) and card.delivers_to(order.division_code)
    ]
    suspended = [card.code for card in going if card.is_suspended]
    return courier_suspended(suspended, [card.code for card in going if not card.is_suspended])


def _pool_totals(batch: Batch, orders: Sequence[OrderWork], goods: Goods) -> dict[int, dict[int, int]]:
    """Order → SKU → what its pool can promise it, with what may be sold beyond stock, for orders short of stock."""
    short = [
        order
        for order in orders
        if "oversold" in goods.plans[order.shop_id].routed and order.hold("short_of_stock") is not None
    ]
    if not short:
        return {}
    pools = {order.id: batch.masters.shops[order.shop_id].pool_id for order in short}
    points = {pool: [card.id for _, card in batch.masters.open_points(pool)] for pool in set(pools.values())}
    skus = {demand.sku_id for order in short for demand in order.demands}
    stock = sellable(batch, {id_ for ids in points.values() for id_ in ids}, skus)
    totals: dict[int, dict[int, int]] = {}
    for order in short:
        mine = points[pools[order.id]]
        wanted = {demand.sku_id for demand in order.demands}
        beyond = batch.masters.promises.policy(pools[order.id], order.shop_id).backorder
        totals[order.id] = {
            sku: sum(max(0, stock.get((point, sku), 0)) for point in mine)
            - batch.promised.wanted_before(order.id, (pools[order.id] or 0, sku))
            + beyond
            for sku in wanted
        }
    return totals


def _count_hits(batch: Batch, orders: Sequence[OrderWork]) -> None:
    """Each order that the blacklist holds anew counts once for each entry it met."""
    hits: dict[int, int] = {}
    for order in orders:
        hold = order.hold("blacklist")
        if hold is not None and hold in batch.new_holds:
            entries: list[Any] = hold.seen["entries"]
            for entry_id in entries:
                hits[entry_id] = hits.get(entry_id, 0) + 1
    if hits:
        ids = sorted(hits)
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(HITS.encode(), (array_of(ids), array_of([hits[id_] for id_ in ids])))
