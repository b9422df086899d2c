"""Rows beside an order that follow the platform: payments, named promotions, the wish for an invoice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from connectors.contract.records import InvoiceRecord, OrderRecord
from oms.app.capture.deliveries import follow_delivery
from oms.app.capture.new_orders import INVOICE, PAYMENT, SHARE
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.work import OrderWork
from oms.app.pipeline.stores.money import keep_receipts
from oms.db.bulk import copy_rows, psycopg_connection
from oms.db.sealed import DataKey
from oms.domain.money import prepaid

PAYMENTS_HELD = """select kind, state, amount, currency, paid_at, reference from payment
where order_id = %s and state <> 'refunded'"""
#: Whether a carrier has paid over money of an order; one parcel collects for all that left with it.
REMITTED = """select 1 from fulfilment_line m join fulfilment_line l on l.fulfilment_id = m.fulfilment_id
join parcel_item i on i.fulfilment_line_id = l.id join remittance_line r on r.parcel_id = i.parcel_id
where m.order_id = %s and r.result in ('matched', 'accepted') limit 1"""
SHARES_HELD = """select l.external_no, s.funder, s.amount, s.promotion_no, s.name from discount_share s
left join order_line l on l.id = s.order_line_id where s.order_id = %s"""


def write_side_rows(batch: Batch, order: OrderWork, record: OrderRecord, key: DataKey) -> None:
    """Replace what differs; rows that say the same keep their ids, since others refer to them."""
    _write_payments(batch, order, record)
    _write_promotions(batch, order, record)
    follow_delivery(batch, order, record, key)
    if record.invoice is not None:
        _write_invoice(batch, order, record.invoice, record.paid_total, key)


def _differs(batch: Batch, question: str, order_id: int, wanted: Sequence[tuple[Any, ...]]) -> bool:
    return _spelled(fetch(batch.connection, question, (order_id,))) != _spelled(wanted)


def _spelled(rows: Sequence[tuple[Any, ...]]) -> list[list[str]]:
    return sorted([str(value) for value in row] for row in rows)


def _write_payments(batch: Batch, order: OrderWork, record: OrderRecord) -> None:
    """The platform's list replaces ours; refunds keep their own rows, and what carriers have paid over stays paid."""
    wanted: list[tuple[Any, ...]] = [
        (p.kind.value, "paid" if p.paid_at else "due", p.amount, record.currency, p.paid_at, p.reference)
        for p in record.payments
    ]
    held = fetch(batch.connection, PAYMENTS_HELD, (order.id,))
    if _spelled(held) == _spelled(wanted):
        return
    wanted = _keep_remitted(batch, order, held, wanted)
    if _spelled(held) == _spelled(wanted):
        return
    _recollect(batch, order, held, wanted)
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("delete from payment where order_id = %s and state <> 'refunded'", (order.id,))
    copy_rows(batch.connection, "payment", PAYMENT, [(batch.new_id(), order.id, *row) for row in wanted])
    keep_receipts(batch.connection, order.id)


def _keep_remitted(
    batch: Batch, order: OrderWork, held: Sequence[tuple[Any, ...]], wanted: list[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """The platform never hears that a carrier has paid over what it collected, so that to it this is due for good."""
    paid = next((row for row in held if row[:2] == ("cod", "paid")), None)
    due = [row for row in wanted if row[:2] == ("cod", "due")]
    if paid is None or not due or not fetch(batch.connection, REMITTED, (order.id,)):
        return wanted
    if sum(row[2] for row in due) > sum(row[2] for row in held if row[:2] == ("cod", "paid")):
        return wanted  # More is to be collected than has come.
    return [("cod", "paid", *row[2:4], *paid[4:]) if row[:2] == ("cod", "due") else row for row in wanted]


def _recollect(
    batch: Batch, order: OrderWork, held: Sequence[tuple[Any, ...]], wanted: Sequence[tuple[Any, ...]]
) -> None:
    """Goods that would collect what the buyer has paid since, or no longer has, are asked back and planned anew."""
    works = [work for work in order.fulfilments if any(x.open_units for x in work.lines if x.order_id == order.id)]
    if any(order.is_cod or work.is_cod for work in works) and _prepaid(held) != _prepaid(wanted):
        batch.place_hold(order, "goods_changed")


def _prepaid(rows: Sequence[tuple[Any, ...]]) -> int:
    """What is paid otherwise than at the door; what stores took is theirs to follow."""
    return prepaid([
        (kind, "taken" if reference.startswith("store: ") else state, amount)
        for kind, state, amount, _, _, reference in rows
    ])  # fmt: skip


def _write_promotions(batch: Batch, order: OrderWork, record: OrderRecord) -> None:
    wanted = [(p.line_no or None, p.funder.value, p.amount, p.promotion_no, p.name) for p in record.promotions]
    if not _differs(batch, SHARES_HELD, order.id, wanted):
        return
    lines = dict(fetch(batch.connection, "select external_no, id from order_line where order_id = %s", (order.id,)))
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("delete from discount_share where order_id = %s", (order.id,))
    rows = [(batch.new_id(), order.id, lines.get(row[0]), *row[1:]) for row in wanted]
    copy_rows(batch.connection, "discount_share", SHARE, rows)


def _write_invoice(batch: Batch, order: OrderWork, wish: InvoiceRecord, amount: int, key: DataKey) -> None:
    """An invoice wished for after the order was taken in, or with another title, is shown to people."""
    wanted = orjson.dumps({"title": wish.title, "tax_no": wish.tax_no})
    held = fetch(batch.connection, "select id, kind, medium, sealed, state from invoice_request where order_id = %s",
                 (order.id,))  # fmt: skip
    if any((kind, medium, key.unseal(sealed)) == (wish.kind, wish.medium, wanted) for _, kind, medium, sealed, _ in held):
        return
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("delete from invoice_request where order_id = %s and state = 'asked'", (order.id,))
    row = (batch.new_id(), order.id, wish.kind, wish.medium, key.seal(wanted), amount, batch.now)
    copy_rows(batch.connection, "invoice_request", INVOICE, [row])
    batch.note(order, "invoice_changed")
    if held:
        batch.place_hold(order, "invoice_changed")
