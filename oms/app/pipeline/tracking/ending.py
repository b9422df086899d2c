"""A parcel ends because people say so: it is lost, it was signed for, or its goods are back."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle
from oms.domain.parcels import ENDED

_PARCEL: Final = "select state, waybill_no, fulfilment_id from parcel where id = %s for update"
_ORDERS: Final = "select distinct order_id from parcel_item where parcel_id = %s order by 1"


def end_tracked(batch: Batch, parcel_id: int, action: str) -> str:
    """Move a parcel by the table, tell its orders, which are loaded, and look at it no more.

    Answers its new state, empty where it has ended already or the table has no such row.
    """
    state, waybill, fulfilment_id = fetch(batch.connection, _PARCEL, (parcel_id,))[0]
    if state in ENDED or not lifecycle.PARCEL.allows(state, action):
        return ""
    after = lifecycle.PARCEL.target(state, action)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update parcel set state = %s, delivered_at = case when %s = 'delivered' then coalesce(delivered_at, %s)
                 else delivered_at end where id = %s""",
            (after, after, batch.now, parcel_id),
        )
        cursor.execute("delete from parcel_look where parcel_id = %s", (parcel_id,))
    for (order_id,) in fetch(batch.connection, _ORDERS, (parcel_id,)):
        if order_id in batch.orders:
            told = {"waybill": waybill}
            batch.note(batch.orders[order_id], f"parcel_{after}", told, fulfilment_id=fulfilment_id)
    return after
