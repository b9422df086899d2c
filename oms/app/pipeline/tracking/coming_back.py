"""退件: a parcel that is refused or comes back opens a return receipt by itself; people receive it into stock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import flush
from oms.app.kernel.hub import Hub
from oms.app.kernel.levels import lock_skus
from oms.app.kernel.load import fetch, fill, lock_orders
from oms.app.kernel.transition import move_stock_document
from oms.app.pipeline.tracking.ending import end_tracked
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotFound, WrongState
from oms.domain.lifecycle import RETURN_RECEIPT

KIND: Final = "return_receipt"
TABLE: Final = "return_receipt"
#: States of a parcel in which its goods are on their way back to us, or there.
COMING_BACK: Final = ("refused", "returning", "returned")
#: Receipts in these states are settled.
CLOSED: Final = ("put_away", "lost", "withdrawn")
#: So many receipts are on one page.
PAGE: Final = 50
MOST_UNITS: Final = 1_000_000
_OPEN: Final = """
insert into return_receipt (id, status, fulfilment_id, stock_point_id, carrier_code, waybill_no, created_at)
select %s, 'expected', f.id, f.stock_point_id, c.code, p.waybill_no, %s
from parcel p join fulfilment f on f.id = p.fulfilment_id join carrier c on c.id = p.carrier_id where p.id = %s
on conflict (fulfilment_id, waybill_no) where case_id is null do nothing returning id"""
_FOUND: Final = """
select r.id, r.status from return_receipt r join parcel p on p.fulfilment_id = r.fulfilment_id
  and p.waybill_no = r.waybill_no where p.id = %s and r.case_id is null for update of r"""
_ITEMS: Final = """
select l.order_line_id, i.sku_id, sum(i.units)::int from parcel_item i
join fulfilment_line l on l.id = i.fulfilment_line_id where i.parcel_id = %s group by 1, 2 order by 1, 2"""
LINE: Final = ("id", "return_receipt_id", "order_line_id", "sku_id", "requested")
_ORDERS: Final = """
select distinct i.order_id from return_receipt r join parcel p on p.fulfilment_id = r.fulfilment_id
  and p.waybill_no = r.waybill_no join parcel_item i on i.parcel_id = p.id where r.id = %s"""


_PARCEL: Final = """
select p.id from return_receipt r join parcel p on p.fulfilment_id = r.fulfilment_id and p.waybill_no = r.waybill_no
where r.id = %s"""


def follow_back(batch: Batch, parcel_id: int, state: str) -> None:
    """Keep a parcel's return receipt in step with where the parcel is; its orders are locked and loaded."""
    if state in COMING_BACK:
        _expect(batch, parcel_id)
    found = fetch(batch.connection, _FOUND, (parcel_id,))
    if not found:
        return
    receipt_id, status = found[0]
    if state in COMING_BACK and RETURN_RECEIPT.allows(status, "reopen"):
        status = _move(batch, receipt_id, status, "reopen")
        _stamp(batch.connection, receipt_id, "closed_at", None)
    if state == "returned" and RETURN_RECEIPT.allows(status, "arrive"):
        _move(batch, receipt_id, status, "arrive")
        _stamp(batch.connection, receipt_id, "arrived_at", batch.now)
    elif state == "delivered" and RETURN_RECEIPT.allows(status, "withdraw"):
        _move(batch, receipt_id, status, "withdraw")
        _stamp(batch.connection, receipt_id, "closed_at", batch.now)


def _expect(batch: Batch, parcel_id: int) -> None:
    receipt_id = batch.new_id()
    if not fetch(batch.connection, _OPEN, (receipt_id, batch.now, parcel_id)):
        return
    items = fetch(batch.connection, _ITEMS, (parcel_id,))
    rows = [(batch.new_id(), receipt_id, line_id, sku_id, units) for line_id, sku_id, units in items]
    copy_rows(batch.connection, "return_receipt_line", LINE, rows)
    _note(batch, receipt_id, "return_expected")


def _move(batch: Batch, receipt_id: int, status: str, action: str) -> str:
    after = move_stock_document(batch.connection, RETURN_RECEIPT, TABLE, receipt_id, status, action)
    _note(batch, receipt_id, f"return_{after}")
    return after


def _note(batch: Batch, receipt_id: int, kind: str, detail: Mapping[str, Any] | None = None) -> None:
    """On the timeline of each order of which the parcel holds goods."""
    for (order_id,) in fetch(batch.connection, _ORDERS, (receipt_id,)):
        if order_id in batch.orders:
            batch.note(batch.orders[order_id], kind, {"receipt": receipt_id, **(detail or {})})


def _stamp(connection: Connection, receipt_id: int, column: str, at: object) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(f"update return_receipt set {column} = %s where id = %s".encode(), (at, receipt_id))


@dataclass(frozen=True, slots=True)
class Received:
    """What came back of a line, by what may be done with it."""

    good: int = 0
    defective: int = 0


def receive_back(hub: Hub, receipt_id: int, received: Mapping[int, Received], actor: str) -> None:
    """Book what came back of a receipt, line by line (by the line's id), into stock, and close it.

    Lines that are not named came back in full and good. What differs is kept with each line as its result; units beyond
    what was sent are booked too, since they lie there.
    """
    with hub.begin() as connection:
        orders = [row[0] for row in fetch(connection, _ORDERS, (receipt_id,))]
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        fill(batch, lock_orders(connection, orders))
        point_id, status = _locked(connection, receipt_id)
        lines = _settled(connection, receipt_id, received)
        if status in CLOSED:
            raise WrongState("return receipt", status, "receive")
        for action in RETURN_RECEIPT.path(status, "put_away"):
            status = move_stock_document(connection, RETURN_RECEIPT, TABLE, receipt_id, status, action)
        for line_id, sku_id, requested, came in lines:
            _keep(connection, line_id, requested, came)
            for kind, units in (("good", came.good), ("defective", came.defective)):
                if units:
                    batch.move_stock((point_id, sku_id, kind), on_hand=units, reason="returned", document_id=receipt_id,
                                     document_kind=KIND)  # fmt: skip
        _stamp(connection, receipt_id, "closed_at", now)
        _end_parcel(batch, receipt_id, "return")
        told = {"good": sum(came.good for *_, came in lines), "defective": sum(came.defective for *_, came in lines)}
        _note(batch, receipt_id, "return_put_away", told)
        lock_skus(batch, ())
        flush(batch)
    hub.poke("advance")


def lose_back(hub: Hub, receipt_id: int, actor: str) -> None:
    """Give up goods that never came back."""
    with hub.begin() as connection:
        orders = [row[0] for row in fetch(connection, _ORDERS, (receipt_id,))]
        now = hub.clock()
        batch = Batch(hub, connection, hub.masters.get(connection, now), now, actor=actor)
        fill(batch, lock_orders(connection, orders))
        _, status = _locked(connection, receipt_id)
        _end_parcel(batch, receipt_id, "lose")
        _move(batch, receipt_id, status, "lose")
        _stamp(connection, receipt_id, "closed_at", now)
        flush(batch)


def _end_parcel(batch: Batch, receipt_id: int, action: str) -> None:
    """What people say of the goods ends their parcel, too: nobody has to look for it any more."""
    for (parcel_id,) in fetch(batch.connection, _PARCEL, (receipt_id,)):
        end_tracked(batch, parcel_id, action)


def _locked(connection: Connection, receipt_id: int) -> tuple[int, str]:
    question = "select stock_point_id, status from return_receipt where id = %s and case_id is null for update"
    rows = fetch(connection, question, (receipt_id,))
    if not rows:
        raise NotFound("there is no such return receipt", "reload the list")
    return int(rows[0][0]), str(rows[0][1])


def _settled(
    connection: Connection, receipt_id: int, received: Mapping[int, Received]
) -> list[tuple[int, int, int, Received]]:
    """(line, SKU, requested, received) of every line."""
    question = "select id, sku_id, requested from return_receipt_line where return_receipt_id = %s order by sku_id, id"
    rows = fetch(connection, question, (receipt_id,))
    if not set(received) <= {row[0] for row in rows}:
        raise Invalid("lines", "a line is not of this receipt", "reload the page")
    for came in received.values():
        if not (0 <= came.good <= MOST_UNITS and 0 <= came.defective <= MOST_UNITS):
            raise Invalid("units", "units must be whole numbers from 0 to 1,000,000", "correct the line")
    return [(row[0], row[1], row[2], received.get(row[0], Received(row[2]))) for row in rows]


def _keep(connection: Connection, line_id: int, requested: int, came: Received) -> None:
    units = came.good + came.defective
    result = "short" if units < requested else "over" if units > requested else "damaged" if came.defective else "equal"
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update return_receipt_line set received_good = %s, received_defective = %s, result = %s where id = %s",
            (came.good, came.defective, result, line_id),
        )


def point_of_open(connection: Connection, receipt_id: int) -> int | None:
    """The stock point that an open receipt's goods come back to; None when there is none."""
    question = "select stock_point_id from return_receipt where id = %s and case_id is null and status <> all(%s)"
    rows = fetch(connection, question, (receipt_id, list(CLOSED)))
    return int(rows[0][0]) if rows else None


def receipts_of(
    connection: Connection, point_ids: list[int], *, is_open: bool, waybill: str = "", after: int = 0, size: int = PAGE
) -> list[dict[str, Any]]:
    """Receipts of parcels that come back to these stock points with their lines, from the one after `after` on.

    Open ones come with the oldest first, settled ones with the newest; of a waybill all are told, whatever their age.
    """
    wanted = "r.waybill_no = %s" if waybill else f"r.status {'not in' if is_open else 'in'} {CLOSED} and %s = ''"
    order, beyond = ("r.id", ">") if is_open else ("r.id desc", "<")
    rows = fetch(
        connection,
        f"""select r.id, r.status, r.waybill_no, r.carrier_code, r.created_at, r.arrived_at, r.closed_at, s.name,
              f.id as fulfilment_id, f.lead_order_id, o.external_no, o.shop_id
            from return_receipt r join stock_point s on s.id = r.stock_point_id
            join fulfilment f on f.id = r.fulfilment_id join orders o on o.id = f.lead_order_id
            where r.case_id is null and r.stock_point_id = any(%s) and {wanted} and (%s = 0 or r.id {beyond} %s)
            order by {order} limit %s""",
        (array_of(point_ids), waybill, after, after, size),
    )
    names = ("id", "status", "waybill_no", "carrier_code", "created_at", "arrived_at", "closed_at", "point",
             "fulfilment_id", "order_id", "external_no", "shop_id")  # fmt: skip
    found = [dict(zip(names, row, strict=True)) | {"lines": []} for row in rows]
    by_id = {one["id"]: one for one in found}
    lines = fetch(
        connection,
        """select l.return_receipt_id, l.id, k.code, k.name, l.requested, l.received_good, l.received_defective, l.result
           from return_receipt_line l join sku k on k.id = l.sku_id where l.return_receipt_id = any(%s) order by l.id""",
        (array_of(list(by_id)),),
    )
    for receipt_id, *line in lines:
        by_id[receipt_id]["lines"].append(line)
    return found
