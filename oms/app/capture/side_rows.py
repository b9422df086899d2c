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

PAYMENTS_HELD = """select kind, state, amount, currency, paid_at, reference from payment
where order_id = %s and state <> 'refunded'"""
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
    """The platform's list replaces ours; refunds keep their own rows."""
    wanted = [
        (p.kind.value, "paid" if p.paid_at else "due", p.amount, record.currency, p.paid_at, p.reference)
        for p in record.payments
    ]
    if not _differs(batch, PAYMENTS_HELD, order.id, wanted):
        return
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("delete from payment where order_id = %s and state <> 'refunded'", (order.id,))
    copy_rows(batch.connection, "payment", PAYMENT, [(batch.new_id(), order.id, *row) for row in wanted])
    keep_receipts(batch.connection, order.id)


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
