"""What is left of stock once everybody who waits has what is kept for them, for what takes goods beside sourcing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import sellable
from oms.app.stock.reserving import read_totals
from oms.domain.sharing import Shared, allowed

Units = dict[tuple[int, int], int]  # (point, SKU) → units


def left_in_pool(
    batch: Batch, pool_id: int | None, sku_ids: Collection[int], order_id: int = 0, *, scarce_first: bool = False
) -> Units:
    """(open point of the pool, SKU) → units that an order may take which waits for none of them itself.

    What may be taken at one point is taken from what may be taken in all: take all that one order needs, then look
    again. `scarce_first`: what is kept for others is left where most lies, else at the points that come last.
    """
    standing = batch.masters.promises
    pools = standing.sharing.get(pool_id or 0, (pool_id or 0,))
    points = _open_points(batch, pools)
    mine = [card.id for _, card in batch.masters.open_points(pool_id)]
    units = sellable(batch, frozenset().union(*points.values()), sku_ids, at_open=True)
    if not standing.is_any:
        return units
    _read(batch, [pool_id or 0], sku_ids)
    left = {key: count for key, count in units.items() if key[0] in points[pool_id or 0]}
    for sku_id in sku_ids:
        shared = _shared(batch, points, units, sku_id, order_id)
        if any(shared.kept.values()):
            order = sorted(mine, key=lambda id_: shared.there.get(id_, 0)) if scarce_first else mine
            given = allowed(shared, pool_id or 0, order, shared.free(pool_id or 0))
            left |= {(point, sku_id): count for point, count in given.items()}
    return left


def left_at(batch: Batch, point_id: int, sku_ids: Collection[int]) -> dict[int, int]:
    """SKU → units that may be taken away from one stock point for whatever: those who wait still find what is theirs."""
    masters = batch.masters
    own = [pool_id for pool_id, members in masters.pools.items() if any(point == point_id for _, point in members)]
    pools = {joined for pool_id in own for joined in masters.promises.sharing.get(pool_id, (pool_id,))}
    points = _open_points(batch, sorted(pools))
    units = sellable(batch, frozenset({point_id}).union(*points.values()), sku_ids)
    there = {sku_id: units.get((point_id, sku_id), 0) for sku_id in sku_ids}
    if not masters.promises.is_any or not pools:
        return there
    _read(batch, own, sku_ids)
    return {
        sku_id: min(count, _shared(batch, points, units, sku_id, 0).left_at(point_id)) for sku_id, count in there.items()
    }


def _open_points(batch: Batch, pools: Sequence[int]) -> dict[int, frozenset[int]]:
    return {pool: frozenset(card.id for _, card in batch.masters.open_points(pool)) for pool in pools}


def _read(batch: Batch, pools: Sequence[int], sku_ids: Collection[int]) -> None:
    unread = {(pool, sku) for pool in pools for sku in sku_ids} - batch.promised.totals.keys()
    if unread:
        read_totals(batch, unread)


def _shared(batch: Batch, points: dict[int, frozenset[int]], units: Units, sku_id: int, order_id: int) -> Shared:
    there = {point: count for (point, sku), count in units.items() if sku == sku_id}
    return Shared(points, there, {pool: batch.promised.before(order_id, (pool, sku_id)) for pool in points})
