"""Writes what mirrors the platform of changed orders: columns, lines, receiver, payments, the sealed raw document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from connectors.contract.records import LineRecord
from oms.app.capture.new_orders import LINE, PAYMENT, RAW, line_row
from oms.app.capture.versions import Parsed
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.receivers import open_key, sealed_receiver
from oms.app.kernel.work import LineWork, OrderWork
from oms.db.bulk import copy_rows, psycopg_connection, update_rows
from oms.db.sealed import DataKey


@dataclass(slots=True)
class Mirror:
    """What to write for one changed order."""

    order: OrderWork
    item: Parsed
    ship_by: datetime | None
    lines: list[tuple[LineWork, LineRecord]] = field(default_factory=list)
    added: list[LineRecord] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    receiver_moved: bool = False
    key: DataKey | None = None

    def open(self, batch: Batch) -> DataKey:
        """The order's data key."""
        if self.key is None:
            self.key = open_key(batch.hub, batch.connection, self.order.id)
        return self.key

    def tokens_changed(self, batch: Batch) -> bool:
        """Whether a masked receiver's tokens (e.g. OAID) are not those we hold."""
        person = self.item.record.receiver
        if not person.masked:
            return False
        rows = fetch(batch.connection, "select sealed from receiver where order_id = %s", (self.order.id,))
        kept = orjson.loads(self.open(batch).unseal(rows[0][0]))
        return bool(kept["address"] != person.address or kept["town"] != person.town)


ORDER_CHANGES = [
    ("platform_state", "text"), ("platform_status", "text"), ("paid_total", "bigint"), ("has_memo", "bool"),
    ("has_message", "bool"), ("flag", "text"), ("receiver_key", "bytea"), ("is_masked", "bool"),
    ("division_code", "text"), ("paid_at", "timestamptz"), ("ship_by", "timestamptz"), ("changed_at", "timestamptz"),
    ("fetched_at", "timestamptz"), ("content_hash", "bytea"),
]  # fmt: skip
LINE_CHANGES = [
    ("title", "text"), ("seller_code", "text"), ("ordered", "int"), ("list_amount", "bigint"),
    ("discount_merchant", "bigint"), ("discount_platform", "bigint"), ("discount_coin", "bigint"),
    ("discount_member", "bigint"), ("discount_distributor", "bigint"), ("tax_amount", "bigint"),
    ("paid_amount", "bigint"), ("platform_state", "text"), ("refund_state", "text"), ("case_no", "text"),
    ("is_gone", "bool"),
]  # fmt: skip


def write_mirror(batch: Batch, shop: ShopCard, mirrors: Sequence[Mirror]) -> None:
    """Write all mirrored columns of changed orders, set-wise where it can be."""
    update_rows(batch.connection, "orders", "id", ORDER_CHANGES, [_order_values(batch, m) for m in mirrors])
    update_rows(
        batch.connection,
        "order_line",
        "id",
        LINE_CHANGES,
        [_line_values(ours, line) for m in mirrors for ours, line in m.lines],
    )
    gone = [(id_, True) for m in mirrors for id_ in m.gone]
    update_rows(batch.connection, "order_line", "id", [("is_gone", "bool")], gone)
    for mirror in mirrors:
        _write_one(batch, shop, mirror)


def _order_values(batch: Batch, mirror: Mirror) -> tuple[object, ...]:
    order, item = mirror.order, mirror.item
    person = item.record.receiver
    order.division_code = batch.hub.places.code(batch.connection, person.state, person.city, person.district)
    return (
        order.id, item.record.state.value, item.record.platform_status, order.paid_total, order.has_memo,
        order.has_message, order.flag, order.receiver_key, order.is_masked, order.division_code, order.paid_at,
        order.ship_by, item.record.changed_at, item.document.fetched_at, item.hash,
    )  # fmt: skip


def _line_values(ours: LineWork, line: LineRecord) -> tuple[object, ...]:
    ours.ordered, ours.seller_code, ours.title = max(line.units, ours.shipped), line.seller_code, line.title
    ours.list_amount, ours.paid_amount = line.list_amount, line.paid_amount
    return (
        ours.id, line.title, line.seller_code, ours.ordered, line.list_amount, line.discount_merchant,
        line.discount_platform, line.discount_coin, line.discount_member, line.discount_distributor, line.tax_amount,
        line.paid_amount, line.state.value, line.refund.value, line.case_no, ours.is_gone,
    )  # fmt: skip


def _write_one(batch: Batch, shop: ShopCard, mirror: Mirror) -> None:
    order, item, key = mirror.order, mirror.item, mirror.open(batch)
    number = max([0, *range(len(order.lines) + 1)])
    rows = [line_row(batch.new_id(), order.id, number + i, line) for i, line in enumerate(mirror.added, 1)]
    copy_rows(batch.connection, "order_line", LINE, rows)
    raw = (batch.month, shop.id, order.external_no, batch.new_id(), item.document.kind, order.id,
           key.seal(item.document.body), item.hash, item.document.changed_at, item.document.fetched_at)  # fmt: skip
    copy_rows(batch.connection, "raw_document", RAW, [raw])
    with psycopg_connection(batch.connection).cursor() as cursor:
        person = item.record.receiver
        cursor.execute(
            """update receiver set sealed = %s, is_masked = %s, state = %s, city = %s, district = %s,
               division_code = %s, version = version + %s where order_id = %s""",
            (sealed_receiver(key, item.record), person.masked, person.state, person.city, person.district,
             order.division_code, int(mirror.receiver_moved), order.id),
        )  # fmt: skip
        cursor.execute("update orders set platform_holds = %s where id = %s", (order.platform_holds, order.id))
    _write_payments(batch, mirror)


def _write_payments(batch: Batch, mirror: Mirror) -> None:
    """Payments are few and change together: the platform's list replaces ours, refunds keep their own rows."""
    order, record = mirror.order, mirror.item.record
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute("delete from payment where order_id = %s and state <> 'refunded'", (order.id,))
    rows = [
        (batch.new_id(), order.id, p.kind.value, "paid" if p.paid_at else "due", p.amount, record.currency,
         p.paid_at, p.reference)
        for p in record.payments
    ]  # fmt: skip
    copy_rows(batch.connection, "payment", PAYMENT, rows)
