"""采购入库: goods a supplier sends are expected at a stock point and received line by line, in part, over or short."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from oms.app.kernel.batch import Batch
from oms.app.kernel.hub import Hub
from oms.app.kernel.load import fetch
from oms.app.kernel.promised import FREED
from oms.app.kernel.transition import move_stock_document
from oms.app.stock.confirming import (
    Confirm,
    Units,
    book,
    checked_units,
    is_repeated,
    locked_row,
    note_confirm,
    open_batch,
    point_by_code,
    refuse_more,
    skus_by_code,
)
from oms.app.stock.handing_over import hand_over, take_back
from oms.app.stock.once import Made, Request, make_once
from oms.app.stock.presale import take_receipt
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.errors import Invalid, NotPossible
from oms.domain.lifecycle_stock import GOODS_RECEIPT

KIND: Final = "goods_receipt"
REASON: Final = "receipt"
#: Classes of what came short or over.
CLASSES: Final = ("supplier_short", "supplier_over", "lost", "damaged", "wrong", "mistake", "other")
OVER: Final = "a line may not fall below nothing received"


@dataclass(frozen=True, slots=True)
class NewReceipt:
    """Goods to be expected: units by SKU code at a stock point."""

    stock_point: str
    lines: Mapping[str, int]
    purchase_no: str = ""
    supplier_code: str = ""
    supplier_name: str = ""
    words: str = ""
    expected_at: datetime | None = None


def create_receipt(hub: Hub, wanted: NewReceipt, actor: str, requests: Sequence[Request] = ()) -> Made:
    """Expect goods; a warehouse with a system of its own is told. A request that was done gets the same receipt."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        made = make_once(connection, batch.now, requests, lambda: expect_goods(batch, wanted))
        flush_outbound(batch)
    batch.tell()
    return made


def expect_goods(batch: Batch, wanted: NewReceipt) -> int:
    """The same in a batch that somebody else flushes."""
    lines = checked_units(wanted.lines)
    point_id = point_by_code(batch.connection, wanted.stock_point)
    skus = skus_by_code(batch.connection, lines.keys())
    receipt_id = batch.new_id()
    told = (wanted.purchase_no[:50], wanted.supplier_code[:50], wanted.supplier_name[:200], wanted.words[:500])
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """insert into goods_receipt (id, status, stock_point_id, purchase_no, supplier_code, supplier_name, words,
                 expected_at, created_at, created_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (receipt_id, GOODS_RECEIPT.states[0], point_id, *told, wanted.expected_at, batch.now, batch.actor),
        )
    ids = batch.take_ids(len(lines))
    rows = [(id_, receipt_id, skus[code], units) for id_, (code, units) in zip(ids, lines.items(), strict=True)]
    copy_rows(batch.connection, "goods_receipt_line", ("id", "goods_receipt_id", "sku_id", "expected"), rows)
    hand_over(batch, KIND, receipt_id, "in", point_id)
    _tell_waiting(batch, skus.values())
    return receipt_id


def _tell_waiting(batch: Batch, sku_ids: Iterable[int]) -> None:
    """Orders that wait for these goods look again: what is on its way may be enough for them."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(FREED.encode(), (array_of(sorted(sku_ids)),))
    batch.pokes.add("wake_short")


def receive(hub: Hub, receipt_id: int, confirm: Confirm) -> bool:
    """Book what a person received; False when this was booked before, Invalid when it is more than is expected."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, confirm.actor)
        locked_row(connection, KIND, "id", receipt_id, "receipt")
        if is_repeated(batch, KIND, receipt_id, confirm):
            return False
        refuse_more(batch, confirm, dict(open_units(connection, receipt_id)))
        taken = book_receipt(batch, receipt_id, confirm)
    batch.tell()
    return taken


def book_receipt(batch: Batch, receipt_id: int, confirm: Confirm) -> bool:
    """Book an increment and flush the batch; a repeated one changes nothing, one after the last corrects it."""
    status, point_id = locked_row(batch.connection, "goods_receipt", "status, stock_point_id", receipt_id, "receipt")
    if status in ("closed", "cancelled"):
        raise NotPossible(f"the receipt is {status}: nothing can be received", "make a new receipt or adjust the stock")
    if not note_confirm(batch, KIND, receipt_id, "in", confirm):
        return False
    _add(batch, receipt_id, confirm.lines)
    is_done = confirm.is_final or status == "received"
    action = "receive" if is_done else "receive_part"
    move_stock_document(batch.connection, GOODS_RECEIPT, "goods_receipt", receipt_id, status, action)
    if is_done:
        _judge(batch.connection, receipt_id)
    moves = [(point_id, line.sku_id, line.kind, line.units) for line in confirm.lines]
    take_receipt(batch, point_id, _good(confirm.lines))
    book(batch, moves, REASON, (KIND, receipt_id), confirm.at)
    return True


def _good(lines: Sequence[Units]) -> dict[int, int]:
    good: dict[int, int] = {}
    for line in lines:
        if line.kind == "good":
            good[line.sku_id] = good.get(line.sku_id, 0) + line.units
    return good


def close_receipt(hub: Hub, receipt_id: int, classes: Mapping[int, str], actor: str) -> None:
    """End a receipt; `classes` say by line why what differs differs."""
    with hub.begin() as connection:
        status, _ = locked_row(connection, "goods_receipt", "status, stock_point_id", receipt_id, "receipt")
        if status == "expected":
            raise NotPossible("nothing was received yet: cancel it instead")
        if set(classes.values()) - {*CLASSES, ""}:
            raise Invalid("difference_class", "there is no such class", f"use one of {', '.join(CLASSES)}")
        _judge(connection, receipt_id)
        for line_id, told in classes.items():
            _classify(connection, receipt_id, line_id, told)
        move_stock_document(connection, GOODS_RECEIPT, "goods_receipt", receipt_id, status, "close")
        _ended(connection, receipt_id, hub.clock())


def cancel_receipt(hub: Hub, receipt_id: int, actor: str) -> None:
    """Expect these goods no more; a warehouse that was told is asked to forget them."""
    with hub.begin() as connection:
        batch = open_batch(hub, connection, actor)
        status, _ = locked_row(connection, "goods_receipt", "status, stock_point_id", receipt_id, "receipt")
        move_stock_document(connection, GOODS_RECEIPT, "goods_receipt", receipt_id, status, "cancel")
        _ended(connection, receipt_id, hub.clock())
        take_back(batch, KIND, receipt_id)
        flush_outbound(batch)
    batch.tell()


def open_units(connection: Connection, receipt_id: int) -> list[tuple[int, int]]:
    """(SKU, units) still expected."""
    return [
        (sku_id, units)
        for sku_id, units in fetch(
            connection,
            """select sku_id, expected - received_good - received_defective from goods_receipt_line
               where goods_receipt_id = %s order by id""",
            (receipt_id,),
        )
        if units > 0
    ]


def _add(batch: Batch, receipt_id: int, lines: Sequence[Units]) -> None:
    """Add units to the lines; a SKU nobody expected gets a line of its own."""
    for line in lines:
        good, bad = (0, line.units) if line.kind == "defective" else (line.units, 0)
        with psycopg_connection(batch.connection).cursor() as cursor:
            cursor.execute(
                """insert into goods_receipt_line
                     (id, goods_receipt_id, sku_id, received_good, received_defective, result)
                   values (%s, %s, %s, %s, %s, 'unplanned') on conflict (goods_receipt_id, sku_id) do update
                   set received_good = goods_receipt_line.received_good + excluded.received_good,
                     received_defective = goods_receipt_line.received_defective + excluded.received_defective
                   returning received_good >= 0 and received_defective >= 0""",
                (batch.new_id(), receipt_id, line.sku_id, good, bad),
            )
            found = cursor.fetchone()
        if found is None or not found[0]:
            raise Invalid("lines", OVER, "look at what was received before")


def _judge(connection: Connection, receipt_id: int) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            """update goods_receipt_line set result = case when expected = 0 then 'unplanned'
                 when received_good + received_defective = expected then 'equal'
                 when received_good + received_defective < expected then 'short' else 'over' end
               where goods_receipt_id = %s""",
            (receipt_id,),
        )


def _classify(connection: Connection, receipt_id: int, line_id: int, told: str) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute(
            "update goods_receipt_line set difference_class = %s where id = %s and goods_receipt_id = %s",
            (told, line_id, receipt_id),
        )


def _ended(connection: Connection, receipt_id: int, at: datetime) -> None:
    with psycopg_connection(connection).cursor() as cursor:
        cursor.execute("update goods_receipt set closed_at = %s where id = %s", (at, receipt_id))


def flush_outbound(batch: Batch) -> None:
    """Write what a batch wants told to warehouses; it has moved no stock."""
    book(batch, (), REASON, (KIND, 0), batch.now)
