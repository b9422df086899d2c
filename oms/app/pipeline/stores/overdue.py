"""Goods that nobody collected in time: told of, and put on the next transfer; run by the clock."""

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
DUE: Final = """select parcel_id, order_id, stock_point_id from store_parcel where ended_at is null
and overdue_told_at is null and overdue_at <= %s order by parcel_id limit %s"""


def mark_overdue(hub: Hub) -> int:
    """Tell of what has become overdue, once each; the store's own goods are put back by a clerk."""
    with hub.engine.connect() as connection:
        due = fetch(connection, DUE, (hub.clock(), AT_ONCE))
    for parcel_id, order_id, point_id in due:
        with hub.begin() as connection:
            batch = open_batch(hub, connection, [order_id])
            parcel = locked_parcel(batch, parcel_id, point_id)
            set_parcel(batch, parcel, overdue_told_at=batch.now)
            if parcel.state == "ready" and parcel.ended_at is None:
                _tell(batch, parcel)
            close_batch(batch)
        batch.tell()
    return len(due)


def _tell(batch: Batch, parcel: StoreParcelWork) -> None:
    batch.note(batch.orders[parcel.order_id], "parcel_overdue", {"waybill": parcel.waybill_no})
    tell_of_parcel(batch, parcel, "overdue")
    if not parcel.is_store_goods:
        put_on_transfer(batch, parcel, "overdue")
