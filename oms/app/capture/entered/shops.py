"""The shops that orders can be brought for."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from oms.app.capture.entered.drafting import ShopFacts
from oms.app.kernel.load import fetch
from oms.db.bulk import array_of


def open_shops(connection: Connection, shop_ids: Collection[int]) -> list[ShopFacts]:
    """Those of these shops that are not closed, by name."""
    rows = fetch(
        connection,
        """select id, code, name, currency, timezone from shop where id = any(%s) and mode <> 'closed'
           order by name, id""",
        (array_of(sorted(shop_ids)),),
    )
    return [ShopFacts(*row) for row in rows]
