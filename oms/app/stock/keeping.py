"""留货: what an order that waits keeps, as its batch sees it: what is there, what is on its way, who comes before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.work import OrderWork
from oms.app.stock.coming import coming_of
from oms.app.stock.exclusives import kept_for, kept_for_others
from oms.domain.keeping import LARGE, LATER, Ground, Kept, Wish, keep
from oms.domain.sharing import Shared

#: The hold of an order for more than can be had; lifting it has its goods kept by hand.
BEYOND_SUPPLY: Final = "beyond_supply"
There = Mapping[tuple[int, int], int]  # point, SKU → sellable


def shared_of(batch: Batch, order: OrderWork, shop: ShopCard, sku_id: int, there: There) -> Shared | None:
    """A SKU at all points of pools that share some with the shop's; None where they share none."""
    pools = batch.masters.promises.sharing.get(shop.pool_id or 0)
    if not pools:
        return None
    points = {pool: frozenset(card.id for _, card in batch.masters.open_points(pool)) for pool in pools}
    kept = {pool: batch.promised.before(order.id, (pool, sku_id)) for pool in pools}
    kept[shop.pool_id or 0] += kept_for_others(batch, shop, sku_id)
    return Shared(points, {id_: there.get((id_, sku_id), 0) for mine in points.values() for id_ in mine}, kept)


def kept_before(batch: Batch, order: OrderWork, shop: ShopCard, sku_id: int, there: There) -> tuple[int, int]:
    """(what lies in the shop's pool, what of it is kept for others)."""
    points = [card.id for _, card in batch.masters.open_points(shop.pool_id)]
    units = sum([max(0, there.get((point, sku_id), 0)) for point in points])
    shared = shared_of(batch, order, shop, sku_id, there)
    if shared is not None:
        others = units - shared.free(shop.pool_id or 0)
    else:
        others = batch.promised.before(order.id, (shop.pool_id or 0, sku_id)) + kept_for_others(batch, shop, sku_id)
    return units, max(0, min(others, units - min(units, kept_for(batch, shop, sku_id))))


def decide(batch: Batch, order: OrderWork, wanted: Mapping[int, int], there: There) -> dict[int, Kept]:
    """By SKU what an order keeps of what it waits for."""
    shop = batch.masters.shops[order.shop_id]
    policy = batch.masters.promises.policy(shop.pool_id, shop.id)
    window = policy.unpaid if order.status == "unpaid" else policy.short
    until = order.ordered_at if order.status == "unpaid" else order.paid_at or order.ordered_at
    until = until + window if until + window > batch.now else batch.now + window
    wishes = {sku_id: _wish(batch, order, shop, (sku_id, units, until), there) for sku_id, units in wanted.items()}
    return keep(wishes, policy.keeping, is_by_hand=BEYOND_SUPPLY in order.lifted)


def _wish(batch: Batch, order: OrderWork, shop: ShopCard, asked: tuple[int, int, datetime], there: There) -> Wish:
    sku_id, units, until = asked
    key = (shop.pool_id or 0, sku_id)
    promised = batch.promised
    units_there, kept = kept_before(batch, order, shop, sku_id, there)
    coming = 0
    if units > units_there - kept:
        # Whoever sells beyond stock says that so much will be bought.
        coming = batch.masters.promises.policy(shop.pool_id, shop.id).backorder
        coming += sum([count for at, count in _coming(batch).get(key, ()) if at <= until])
    due = max(kept, promised.due_before(order.id, key))
    row = promised.row(order.id, sku_id)
    is_waiting = row is not None and row.reach == LATER
    return Wish(units, Ground(units_there, coming, kept, due, promised.parted(order.id, key)), is_waiting)


def _coming(batch: Batch) -> dict[tuple[int, int], list[tuple[datetime, int]]]:
    """What is on its way of everything that orders of the batch want; asked once, when the first one is short."""
    if batch.promised.coming is None:
        orders = batch.orders.values()
        pools = {pool for order in orders if (pool := batch.masters.shops[order.shop_id].pool_id) is not None}
        skus = {demand.sku_id for order in orders for demand in order.demands}
        skus |= {line.sku_id for order in orders for line in order.lines if line.sku_id is not None}
        batch.promised.coming = coming_of(batch.connection, pools, skus, batch.now)
    return batch.promised.coming


def say_beyond(
    batch: Batch, order: OrderWork, wanted: Mapping[int, int], kept: Mapping[int, Kept], seen: dict[str, Any]
) -> None:
    """An order with a line for more than can be had goes to people, with the reason; others go on."""
    large = batch.masters.promises.policy(batch.masters.shops[order.shop_id].pool_id, order.shop_id).keeping.large
    lines = [
        sku_id for sku_id, one in kept.items() if one.reach == LARGE and not one.is_there and wanted[sku_id] >= large
    ]
    if not lines:
        batch.clear_hold(order, BEYOND_SUPPLY, "there is enough now")
    elif BEYOND_SUPPLY not in order.lifted:
        pool_id = batch.masters.shops[order.shop_id].pool_id or 0
        coming = [units for sku_id in lines for _, units in _coming(batch).get((pool_id, sku_id), ())]
        batch.place_hold(order, BEYOND_SUPPLY, {**seen, "coming": sum(coming)})
