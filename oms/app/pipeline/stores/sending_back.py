"""Goods that do not reach their buyer: on the shelf again, or back to the warehouse with the next transfer 退运单."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.pipeline.outbound.consequences import close_batch, open_batch
from oms.app.pipeline.stores.acting import Doing, StoreParcelWork, end_parcel, locked_parcel, move_parcel, note_act
from oms.app.pipeline.stores.goods_back import receive_goods, send_along
from oms.app.pipeline.stores.transfers import open_transfer
from oms.db.bulk import psycopg_connection
from oms.domain import lifecycle
from oms.domain.errors import Busy, Invalid, NotFound, NotPossible
from oms.domain.numbers import document_no

TRANSFER: Final = """select id, status, from_point_id, to_point_id from transfer
where id = %s and kind = 'return' for update"""
ON_TRANSFER: Final = """select i.order_id from transfer_parcel t join parcel_item i on i.parcel_id = t.parcel_id
where t.transfer_id = %s union select r.order_id from store_return_line l
join store_return r on r.id = l.store_return_id where l.transfer_id = %s order by 1"""
LEFT: Final = """select 1 from transfer_parcel where transfer_id = %s and result = 'open'
union all select 1 from store_return_line where transfer_id = %s and settled_at is null limit 1"""
STAMPS: Final = {"sent": "sent_at", "received": "received_at"}
#: How a parcel may arrive, and the kind of stock its goods become.
ARRIVALS: Final = {"received": "good", "damaged": "defective", "missing": ""}


def take_back_on_shelf(batch: Batch, parcel: StoreParcelWork) -> None:
    """The store's own goods are its stock again at once."""
    for action in ("send_back", "return"):
        if lifecycle.PARCEL.allows(parcel.state, action):
            move_parcel(batch, parcel, action)
    _restock(batch, parcel, parcel.point_id, "good")
    end_parcel(batch, parcel)


def _restock(batch: Batch, parcel: StoreParcelWork, point_id: int, kind: str) -> None:
    question = "select sku_id, sum(units)::bigint from parcel_item where parcel_id = %s group by 1 order by 1"
    for sku_id, units in fetch(batch.connection, question, (parcel.id,)):
        batch.move_stock((point_id, sku_id, kind), on_hand=units, reason="parcel_back", document_id=parcel.fulfilment_id)


def put_on_transfer(batch: Batch, parcel: StoreParcelWork, reason: str) -> None:
    """Have a parcel leave with the next transfer to the warehouse it came from; once is enough."""
    transfer_id = open_transfer(batch, parcel.point_id, parcel.from_point_id)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into transfer_parcel (transfer_id, parcel_id, reason) values (%s, %s, %s)
               on conflict (parcel_id) do nothing""",
            (transfer_id, parcel.id, reason),
        )
        if cursor.rowcount:
            detail = {"transfer": document_no("transfer", transfer_id), "reason": reason}
            batch.note(batch.orders[parcel.order_id], "put_on_transfer", detail, fulfilment_id=parcel.fulfilment_id)


def leave_transfer(batch: Batch, parcel: StoreParcelWork) -> None:
    """The buyer came after all: it does not go back, as long as the transfer has not been sent."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """delete from transfer_parcel t using transfer d where t.parcel_id = %s and d.id = t.transfer_id
               and d.status = 'open'""",
            (parcel.id,),
        )


def send_transfer(hub: Hub, doing: Doing, transfer_id: int, waybill: str = "") -> None:
    """The store hands a transfer to whoever drives: its parcels are on their way back."""

    def apply(batch: Batch) -> None:
        _move(batch, transfer_id, "send", doing.point_id, from_here=True)
        if any(row[0] not in batch.orders for row in fetch(batch.connection, ON_TRANSFER, (transfer_id, transfer_id))):
            raise Busy("another parcel has just been added", "click again in a few seconds")
        for parcel_id in _parcels(batch, transfer_id):
            parcel = locked_parcel(batch, parcel_id, doing.point_id)
            if not lifecycle.PARCEL.allows(parcel.state, "send_back"):
                raise NotPossible("one of its parcels is with the buyer or on its way", "reload the page")
            move_parcel(batch, parcel, "send_back", transfer=document_no("transfer", transfer_id))
            end_parcel(batch, parcel)
        _write_lines(batch, transfer_id, waybill)
        send_along(batch, transfer_id)

    _on_transfer(hub, doing, transfer_id, "send_transfer", apply)


def _write_lines(batch: Batch, transfer_id: int, waybill: str) -> None:
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("update transfer set waybill_no = %s where id = %s", (waybill.strip()[:60], transfer_id))
        cursor.execute(
            """insert into transfer_line (transfer_id, sku_id, kind, sent)
               select t.transfer_id, i.sku_id, 'good', sum(i.units) from transfer_parcel t
               join parcel_item i on i.parcel_id = t.parcel_id where t.transfer_id = %s group by 1, 2""",
            (transfer_id,),
        )


def receive_back(hub: Hub, doing: Doing, transfer_id: int, scanned: str, result: str) -> None:
    """A parcel of a transfer is at its warehouse again: its goods are stock there, whole or defective."""
    if result not in ARRIVALS:
        raise Invalid("result", "a parcel does not arrive so", "choose received, damaged or missing")

    def apply(batch: Batch) -> None:
        status = _at(batch, transfer_id, doing.point_id, from_here=False)
        if status != "sent":
            raise NotPossible("this transfer is not on its way", "look at its number")
        parcel = locked_parcel(batch, _parcel_on(batch, transfer_id, scanned), doing.point_id)
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """update transfer_parcel set result = %s
                   where transfer_id = %s and parcel_id = %s and result = 'open'""",
                (result, transfer_id, parcel.id),
            )
            if not cursor.rowcount:
                return
        _arrive(batch, transfer_id, parcel, result)
        _close_when_done(batch, transfer_id, doing.point_id)

    _on_transfer(hub, doing, transfer_id, "receive_back", apply, scanned=scanned[:60], result=result)


def receive_returned(hub: Hub, doing: Doing, transfer_id: int, line_id: int, good: int, defective: int) -> None:
    """Goods that a buyer brought back to the store are at their warehouse: so many whole, so many defective."""

    def apply(batch: Batch) -> None:
        if _at(batch, transfer_id, doing.point_id, from_here=False) != "sent":
            raise NotPossible("this transfer is not on its way", "look at its number")
        if receive_goods(batch, transfer_id, line_id, good, defective):
            _close_when_done(batch, transfer_id, doing.point_id)

    _on_transfer(hub, doing, transfer_id, "receive_returned", apply, line=line_id, good=good, defective=defective)


def _close_when_done(batch: Batch, transfer_id: int, point_id: int) -> None:
    if not fetch(batch.connection, LEFT, (transfer_id, transfer_id)):
        _move(batch, transfer_id, "receive", point_id, from_here=False)
        _move(batch, transfer_id, "close", point_id, from_here=False)


def _arrive(batch: Batch, transfer_id: int, parcel: StoreParcelWork, result: str) -> None:
    if result == "missing":
        move_parcel(batch, parcel, "lose", transfer=document_no("transfer", transfer_id))
        return
    move_parcel(batch, parcel, "return", transfer=document_no("transfer", transfer_id))
    _restock(batch, parcel, parcel.from_point_id, ARRIVALS[result])
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update transfer_line l set received = l.received + i.units from (select sku_id, sum(units) as units
                 from parcel_item where parcel_id = %s group by 1) i where l.transfer_id = %s and l.sku_id = i.sku_id
                 and l.return_line_id is null""",
            (parcel.id, transfer_id),
        )


def _parcel_on(batch: Batch, transfer_id: int, scanned: str) -> int:
    question = """select t.parcel_id from transfer_parcel t join parcel p on p.id = t.parcel_id
                  where t.transfer_id = %s and upper(p.waybill_no) = upper(%s)"""
    rows = fetch(batch.connection, question, (transfer_id, scanned.strip()))
    if not rows:
        raise NotFound("this parcel is not on the transfer", "scan it again, or set it aside and ask the store")
    return int(rows[0][0])


def _on_transfer(
    hub: Hub, doing: Doing, transfer_id: int, verb: str, apply: Callable[[Batch], None], **detail: object
) -> None:
    with hub.begin() as connection:
        if not note_act(connection, hub, doing, "transfer", transfer_id, verb, **detail):
            return
        batch = open_batch(
            hub, connection, [row[0] for row in fetch(connection, ON_TRANSFER, (transfer_id, transfer_id))]
        )
        batch.actor = doing.actor
        apply(batch)
        close_batch(batch)
    batch.tell()


def _at(batch: Batch, transfer_id: int, point_id: int, *, from_here: bool) -> str:
    rows = fetch(batch.connection, TRANSFER, (transfer_id,))
    if not rows or rows[0][2 if from_here else 3] != point_id:
        raise NotFound("there is no such transfer here", "look whether you work at the right place")
    return str(rows[0][1])


def _move(batch: Batch, transfer_id: int, action: str, point_id: int, *, from_here: bool) -> None:
    status = lifecycle.TRANSFER.target(_at(batch, transfer_id, point_id, from_here=from_here), action)
    stamp = f", {STAMPS[status]} = %(now)s" if status in STAMPS else ""
    with psycopg_connection(batch.connection).cursor() as cursor:
        values = {"id": transfer_id, "status": status, "now": batch.now}
        cursor.execute(f"update transfer set status = %(status)s{stamp} where id = %(id)s".encode(), values)


def _parcels(batch: Batch, transfer_id: int) -> list[int]:
    question = "select parcel_id from transfer_parcel where transfer_id = %s order by 1"
    return [row[0] for row in fetch(batch.connection, question, (transfer_id,))]
