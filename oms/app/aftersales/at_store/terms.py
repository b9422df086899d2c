"""What a shop lets its stores take back: within how many days, up to what a clerk's word is enough, from elsewhere."""

from __future__ import annotations

from oms.app.kernel.hub import Hub
from oms.app.kernel.trail import leave_trail
from oms.db.bulk import psycopg_connection
from oms.domain.errors import Invalid

MOST_DAYS = 365
MOST_AMOUNT = 10**11


def save_terms(hub: Hub, shop_id: int, actor: str, *, days: int, own_limit: int, allows_other_stores: bool) -> None:
    """Keep a shop's terms; `own_limit` in minor units, 0 where people answer every return."""
    if not 0 <= days <= MOST_DAYS:
        raise Invalid("days", "must be 0 to 365", "write for how many days goods may come back")
    if not 0 <= own_limit <= MOST_AMOUNT:
        raise Invalid("own_limit", "is not an amount that stores decide", "write 0 to have people answer every return")
    with hub.begin() as connection, psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """insert into return_terms (shop_id, days, own_limit, allows_other_stores) values (%s, %s, %s, %s)
               on conflict (shop_id) do update set days = excluded.days, own_limit = excluded.own_limit,
                 allows_other_stores = excluded.allows_other_stores""",
            (shop_id, days, own_limit, allows_other_stores),
        )
        detail = {"shop": shop_id, "days": days, "own_limit": own_limit, "other_stores": allows_other_stores}
        leave_trail(hub, connection, "return_terms_changed", actor, detail)
