"""The stock points at which a shop's own system may book: those of its pool that no warehouse system books."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.domain.errors import Invalid

REMEDY = "send the code of a store in this shop's stock pool"


def own_point(connection: Connection, shop: ShopCard, code: str) -> int:
    """The id of a store, or of a warehouse without a system of its own; Invalid when the shop has none of this code."""
    rows = fetch(
        connection,
        """select p.id, p.kind = 'store' or p.account_id is null from stock_point p
           join pool_member m on m.stock_point_id = p.id where m.pool_id = %s and p.code = %s and p.state <> 'closed'""",
        (shop.pool_id, code),
    )
    if not rows:
        raise Invalid("stock_point", "this shop sells from no open stock point of this code", REMEDY)
    if not rows[0][1]:
        raise Invalid("stock_point", "this warehouse's own system books its stock", REMEDY)
    return int(rows[0][0])


def on_hand(connection: Connection, point_id: int, sku_ids: Collection[int]) -> dict[int, int]:
    """SKU → good units that lie at a stock point by the ledger; lock the SKUs first."""
    question = """select sku_id, on_hand from stock_level
                  where stock_point_id = %s and sku_id = any(%s) and kind = 'good'"""
    return dict(fetch(connection, question, (point_id, sorted(sku_ids))))
