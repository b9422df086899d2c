"""Parcels that go through a store: put on the delivery note to it, and told to the platform only when it is time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import FulfilmentWork
from oms.app.pipeline.booking import Booked
from oms.app.pipeline.stores.deliveries import OWN_GOODS
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.numbers import document_no

PARCEL: Final = ("parcel_id", "order_id", "shop_id", "stock_point_id", "from_point_id", "leg", "created_at")


def after_shipment(batch: Batch, work: FulfilmentWork, booked: Sequence[Booked]) -> None:
    """Follow what left for a store; called when its notices to the platform are in the batch."""
    if work.mode == "courier" or not booked:
        return
    question = "select leg, stock_point_id from order_delivery where order_id = %s"
    rows = fetch(batch.connection, question, (work.lead_order_id,))
    if not rows or rows[0][1] is None:
        return
    leg, store_id = rows[0]
    fresh = [parcel for parcel in booked if not parcel.is_shared]
    copy_rows(batch.connection, "store_parcel", PARCEL, [
        (parcel.id, work.lead_order_id, work.shop_id, store_id, work.stock_point_id, leg, batch.now) for parcel in fresh
    ])  # fmt: skip
    if work.mode not in OWN_GOODS:
        _put_on_note(batch, work, store_id, [parcel.id for parcel in fresh])
    _keep_notices(batch, work, {parcel.id for parcel in booked})


def _put_on_note(batch: Batch, work: FulfilmentWork, store_id: int, parcel_ids: list[int]) -> None:
    """Put parcels on the one open note from their warehouse to the store."""
    note_id = open_note(batch, work.stock_point_id, store_id)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            "insert into delivery_note_parcel (delivery_note_id, parcel_id) select %s, unnest(%s::bigint[])",
            (note_id, array_of(parcel_ids)),
        )
    for order_id in work.order_ids:
        detail = {"note": document_no("note", note_id), "parcels": len(parcel_ids)}
        batch.note(batch.orders[order_id], "put_on_note", detail, fulfilment_id=work.id)


def open_note(batch: Batch, from_id: int, to_id: int) -> int:
    """The open note of two points, locked so that it is not sent meanwhile; made when there is none."""
    question = "select id from delivery_note where from_point_id = %s and to_point_id = %s and status = 'open' for update"
    while True:
        rows = fetch(batch.connection, question, (from_id, to_id))
        if rows:
            return int(rows[0][0])
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """insert into delivery_note (id, status, from_point_id, to_point_id, created_at)
                   values (%s, 'open', %s, %s, %s)
                   on conflict (from_point_id, to_point_id) where status = 'open' do nothing""",
                (batch.new_id(), from_id, to_id, batch.now),
            )


def _keep_notices(batch: Batch, work: FulfilmentWork, parcel_ids: set[int]) -> None:
    """Notices to the platform wait until the goods are ready, or the buyer has them, as the shop says."""
    shop = batch.masters.stores.get(work.shop_id)
    if shop is not None and shop.tells_at == "ready" and work.mode in OWN_GOODS:
        return
    for row in batch.outbound:
        if row["kind"] == "push_shipment" and row.get("parcel_id") in parcel_ids:
            row["due_at"] = None


def tell_platform(batch: Batch, parcel_id: int, shop_id: int, moment: str) -> None:
    """Let the notices of a parcel go that waited for this moment: ready or handed_over."""
    shop = batch.masters.stores.get(shop_id)
    if moment == "ready" and shop is not None and shop.tells_at != "ready":
        return
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update outbound set due_at = %s where parcel_id = %s and kind = 'push_shipment' and state = 'waiting'
               and due_at is null""",
            (batch.now, parcel_id),
        )
        if cursor.rowcount:
            batch.pokes.add("outbound")
