"""Goods that nobody collected, or the store did not bring, in time: told of, once each; run by the clock."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.acting import StoreParcelWork, locked_parcel, set_parcel
from oms.app.pipeline.stores.sending_back import put_on_transfer
from oms.app.pipeline.stores.telling import tell_of_parcel

AT_ONCE: Final = 200
#: What a clerk is out with is not late while it is on its way: it is again once it is back.
DUE: Final = """select s.parcel_id, s.order_id, s.stock_point_id from store_parcel s join parcel p on p.id = s.parcel_id
where s.ended_at is null and s.overdue_told_at is null and s.overdue_at <= %s and p.state = 'ready'
order by s.parcel_id limit %s"""


def mark_overdue(hub: Hub) -> int:
    """Tell of what has become overdue, once each; the store's own goods are put back by a clerk."""
    with hub.engine.connect() as connection:
        due = fetch(connection, DUE, (hub.clock(), AT_ONCE))
    for parcel_id, order_id, point_id in due:
        with hub.begin() as connection:
            batch = open_batch(hub, connection, [order_id])
            parcel = locked_parcel(batch, parcel_id, point_id)
            if parcel.state == "ready" and parcel.ended_at is None:
                set_parcel(batch, parcel, overdue_told_at=batch.now)
                _tell(batch, parcel)
            close_batch(batch)
        batch.tell()
    return len(due)


def _tell(batch: Batch, parcel: StoreParcelWork) -> None:
    """Goods to be collected go back to where they came from; what the store did not bring, it is told to bring."""
    if parcel.leg == "delivery":
        batch.note(batch.orders[parcel.order_id], "parcel_bring_late", {"waybill": parcel.waybill_no})
        tell_of_parcel(batch, parcel, "bring_late")
        return
    batch.note(batch.orders[parcel.order_id], "parcel_overdue", {"waybill": parcel.waybill_no})
    tell_of_parcel(batch, parcel, "overdue")
    if not parcel.is_store_goods:
        put_on_transfer(batch, parcel, "overdue")
