"""安全库存 of a level, as people set it."""

from __future__ import annotations

from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.promised import FREED
from oms.app.kernel.trail import leave_trail
from oms.app.stock.confirming import open_batch
from oms.db.bulk import array_of, psycopg_connection
from oms.domain.errors import NotFound


def set_safety(hub: Hub, point_id: int, sku_id: int, units: int, actor: str) -> None:
    """Keep so many good units of a SKU back at a stock point; what orders hold stays theirs."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        lock_skus(batch, [sku_id])
        with psycopg_connection(connection).cursor() as cursor:
            cursor.execute(
                """update stock_level set safety = %s where stock_point_id = %s and sku_id = %s and kind = 'good'""",
                (units, point_id, sku_id),
            )
            if not cursor.rowcount:
                raise NotFound("these goods never lay there", "receive or count them first")
            if batch.masters.promises.is_any:
                cursor.execute(FREED.encode(), (array_of([sku_id]),))
        leave_trail(hub, connection, "safety_changed", actor, {"point": point_id, "sku": sku_id, "to": units})
    hub.poke("wake_short")
