"""The stock points at which a shop's own system may book: those of its pool that no warehouse system books."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.domain.errors import Invalid

REMEDY = "send the code of a store in this shop's stock pool"


def own_point(connection: Connection, shop: ShopCard, code: str) -> int:
    """The id of a store, or of a warehouse without a system that is this shop's alone; Invalid names what it is else."""
    rows = fetch(
        connection,
        """select p.id, p.kind = 'store', p.account_id is not null,
             exists (select 1 from pool_member o join shop s on s.stock_pool_id = o.pool_id
               where o.stock_point_id = p.id and s.id <> %s and s.mode <> 'closed')
           from stock_point p join pool_member m on m.stock_point_id = p.id
           where m.pool_id = %s and p.code = %s and p.state <> 'closed'""",
        (shop.id, shop.pool_id, code),
    )
    if not rows:
        raise Invalid("stock_point", "this shop sells from no open stock point of this code", REMEDY)
    id_, is_store, has_system, is_shared = rows[0]
    if not is_store and has_system:
        raise Invalid("stock_point", "this warehouse's own system books its stock", REMEDY)
    if not is_store and is_shared:
        raise Invalid("stock_point", "other shops sell from this warehouse, too", REMEDY)
    return int(id_)


def on_hand(connection: Connection, point_id: int, sku_ids: Collection[int]) -> dict[int, int]:
    """SKU → good units that lie at a stock point by the ledger; lock the SKUs first."""
    question = """select sku_id, on_hand from stock_level
                  where stock_point_id = %s and sku_id = any(%s) and kind = 'good'"""
    return dict(fetch(connection, question, (point_id, sorted(sku_ids))))
