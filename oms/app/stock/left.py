"""What is left of stock once everybody who waits has what is kept for them, for what takes goods beside sourcing."""

from __future__ import annotations

from collections.abc import Collection

from oms.app.kernel.batch import Batch
from oms.app.kernel.levels import sellable
from oms.app.stock.reserving import read_totals
from oms.domain.sharing import Shared, allowed


def left_in_pool(
    batch: Batch, pool_id: int | None, sku_ids: Collection[int], order_id: int = 0
) -> dict[tuple[int, int], int]:
    """(open point of the pool, SKU) → units that an order may take which waits for none of them itself.

    What may be taken at one point is taken from what may be taken in all: take all that one order needs, then look again.
    """
    standing = batch.masters.promises
    pools = standing.sharing.get(pool_id or 0, (pool_id or 0,))
    points = {pool: frozenset(card.id for _, card in batch.masters.open_points(pool)) for pool in pools}
    mine = [card.id for _, card in batch.masters.open_points(pool_id)]
    units = sellable(batch, frozenset().union(*points.values()), sku_ids)
    if not standing.is_any:
        return units
    unread = {(pool_id or 0, sku) for sku in sku_ids} - batch.promised.totals.keys()
    if unread:
        read_totals(batch, unread)
    left = {key: count for key, count in units.items() if key[0] in points[pool_id or 0]}
    for sku_id in sku_ids:
        kept = {pool: batch.promised.before(order_id, (pool, sku_id)) for pool in pools}
        if any(kept.values()):
            shared = Shared(points, {point: count for (point, sku), count in units.items() if sku == sku_id}, kept)
            given = allowed(shared, pool_id or 0, mine, shared.free(pool_id or 0))
            left |= {(point, sku_id): count for point, count in given.items()}
    return left
