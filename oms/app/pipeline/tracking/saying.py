"""跟踪异常, settled by people: what nobody tells of any more is said to be lost, or signed for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.intercept.calling_back import end_call_back
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.tracking.coming_back import follow_back
from oms.app.pipeline.tracking.ending import end_tracked
from oms.domain.errors import Invalid, NotFound, NotPossible

#: What people may say of a parcel, and how it moves by that.
SAID: Final = {"lost": "lose", "delivered": "deliver"}
_INSIDE: Final = """
select o.id, o.shop_id from parcel p join fulfilment_line l on l.fulfilment_id = p.fulfilment_id
join orders o on o.id = l.order_id where p.id = %s
union select o.id, o.shop_id from parcel_item i join orders o on o.id = i.order_id where i.parcel_id = %s order by 1"""
_AT_STORE: Final = "select 1 from store_parcel where parcel_id = %s and ended_at is null"


def say_ended(hub: Hub, parcel_id: int, said: str, shop_ids: Sequence[int] | None, actor: str) -> None:
    """End a parcel as a person says, who works for these shops (None: for all); later scans may still correct it."""
    if said not in SAID:
        raise Invalid("state", "a parcel is said to be lost or delivered", "choose one of them")
    with hub.begin() as connection:
        inside = fetch(connection, _INSIDE, (parcel_id, parcel_id))
        if not inside or (shop_ids is not None and not {row[1] for row in inside} <= set(shop_ids)):
            raise NotFound("there is no such parcel", "reload the list")
        batch = open_batch(hub, connection, [row[0] for row in inside])
        batch.actor = actor
        if fetch(connection, _AT_STORE, (parcel_id,)):
            raise NotPossible("a store has this parcel", "settle it on the store's page")
        if not end_tracked(batch, parcel_id, SAID[said]):
            raise NotPossible("the parcel has ended already", "reload the list")
        follow_back(batch, parcel_id, said)
        end_call_back(batch, parcel_id, said)
        close_batch(batch)
    hub.poke("advance")
