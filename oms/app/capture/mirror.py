"""Writes what mirrors the platform of changed orders: columns, lines, receiver, the sealed raw document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.records import LineRecord
from oms.app.capture.new_orders import LINE, RAW, RECEIVER, line_row, receiver_row
from oms.app.capture.oddities import oddities_of
from oms.app.capture.side_rows import write_side_rows
from oms.app.capture.versions import Parsed
from oms.app.kernel.batch import Batch
from oms.app.kernel.load import fetch
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.receivers import open_key, open_receiver, parts_that_differ, sealed_receiver
from oms.app.kernel.work import LineWork, OrderWork
from oms.app.pipeline.labels.following import Move
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
    gone: list[LineWork] = field(default_factory=list)
    move: Move | None = None
    key: DataKey | None = None
    kept: dict[str, Any] | None = None

    def open(self, batch: Batch) -> DataKey:
        """The order's data key."""
        if self.key is None:
            self.key = open_key(batch.hub, batch.connection, self.order.id)
        return self.key

    def before(self, batch: Batch) -> dict[str, Any]:
        """The receiver, message and memo we hold."""
        if self.kept is None:
            rows = fetch(batch.connection, "select sealed from receiver where order_id = %s", (self.order.id,))
            self.kept = orjson.loads(self.open(batch).unseal(rows[0][0]))
        return self.kept

    def masked_text_changed(self, batch: Batch) -> bool:
        """Whether a masked receiver is another one: by the platform's stable word for it, by the stars we see, or by
        its flag together with new tokens.

        Tokens alone say nothing, they change by themselves; the platform's flag alone says it of every later version.
        """
        record = self.item.record
        person, kept = record.receiver, self.before(batch)
        if not person.masked:
            return False
        if person.identity and kept.get("identity"):
            return bool(person.identity != kept["identity"])
        seen = (person.name, person.phone, person.telephone, person.town, person.address)
        if seen != tuple(kept[name] for name in ("name", "phone", "telephone", "town", "address")):
            return True
        return record.address_changed and kept["tokens"] != dict(person.tokens)

    def parts_moved(self, batch: Batch) -> list[str]:
        """Which parts of the receiver are others than those we hold: name, phone, address."""
        held, _ = open_receiver(batch.hub, batch.connection, self.order.id)
        return parts_that_differ(held, self.item.record.receiver)

    def keep_tokens(self, batch: Batch) -> None:
        """The same receiver keeps tokens that the platform no longer tells: some end with the shipment."""
        record = self.item.record
        tokens = {**self.before(batch)["tokens"], **record.receiver.tokens}
        if tokens != dict(record.receiver.tokens):
            self.item.record = replace(record, receiver=replace(record.receiver, tokens=tokens))

    def memo_changed(self, batch: Batch) -> bool:
        """Whether the seller's memo says something else."""
        return bool(self.before(batch)["memo"] != self.item.record.seller_memo)


ORDER_CHANGES = [
    ("platform_state", "text"), ("platform_status", "text"), ("currency", "text"), ("paid_total", "bigint"),
    ("presentment_currency", "text"), ("presentment_total", "bigint"), ("is_cod", "bool"), ("is_presale", "bool"),
    ("keeps_together", "bool"), ("fulfiller", "text"), ("has_memo", "bool"), ("has_message", "bool"), ("flag", "text"),
    ("receiver_key", "bytea"), ("is_masked", "bool"), ("division_code", "text"), ("paid_at", "timestamptz"),
    ("ship_by", "timestamptz"), ("collect_by", "timestamptz"), ("changed_at", "timestamptz"),
    ("fetched_at", "timestamptz"), ("content_hash", "bytea"),
]  # fmt: skip
LINE_CHANGES = [
    ("title", "text"), ("variant", "text"), ("listing_no", "text"), ("variant_no", "text"), ("seller_code", "text"),
    ("ordered", "int"), ("cancelled", "int"), ("planned", "int"), ("shipped", "int"), ("list_amount", "bigint"),
    ("discount_merchant", "bigint"), ("discount_platform", "bigint"), ("discount_coin", "bigint"),
    ("discount_member", "bigint"), ("discount_distributor", "bigint"), ("tax_amount", "bigint"),
    ("tax_included", "bool"), ("paid_amount", "bigint"), ("platform_state", "text"), ("refund_state", "text"),
    ("case_no", "text"), ("is_gift", "bool"), ("fulfiller", "text"), ("bound_group", "text"), ("is_gone", "bool"),
]  # fmt: skip
GONE_CHANGES = [("is_gone", "bool"), ("cancelled", "int"), ("planned", "int"), ("shipped", "int")]


def write_mirror(batch: Batch, shop: ShopCard, mirrors: Sequence[Mirror]) -> None:
    """Write all mirrored columns of changed orders, set-wise where it can be.

    A line's counters go with its units in one statement, since the database checks them together.
    """
    update_rows(batch.connection, "orders", "id", ORDER_CHANGES, [_order_values(batch, m) for m in mirrors])
    lines = [_line_values(ours, line) for m in mirrors for ours, line in m.lines]
    update_rows(batch.connection, "order_line", "id", LINE_CHANGES, lines)
    gone = [(x.id, True, x.cancelled, x.planned, x.shipped) for m in mirrors for x in m.gone]
    update_rows(batch.connection, "order_line", "id", GONE_CHANGES, gone)
    for mirror in mirrors:
        _write_one(batch, shop, mirror)
        write_side_rows(batch, mirror.order, mirror.item.record, mirror.open(batch))


def _order_values(batch: Batch, mirror: Mirror) -> tuple[object, ...]:
    order, item, record = mirror.order, mirror.item, mirror.item.record
    person = record.receiver
    order.division_code = batch.hub.places.code(batch.connection, person.state, person.city, person.district)
    return (
        order.id, record.state.value, record.platform_status, record.currency, order.paid_total,
        record.presentment_currency or None, record.presentment_total, order.is_cod, order.is_presale,
        order.keeps_together, order.fulfiller, order.has_memo, order.has_message, order.flag, order.receiver_key,
        order.is_masked, order.division_code, order.paid_at, order.ship_by, record.collect_by, record.changed_at,
        item.document.fetched_at, item.hash,
    )  # fmt: skip


def _line_values(ours: LineWork, line: LineRecord) -> tuple[object, ...]:
    return (
        ours.id, line.title, line.variant, line.listing_no, line.variant_no, line.seller_code, ours.ordered,
        ours.cancelled, ours.planned, ours.shipped, line.list_amount, line.discount_merchant, line.discount_platform,
        line.discount_coin, line.discount_member, line.discount_distributor, line.tax_amount, line.tax_included,
        line.paid_amount, line.state.value, ours.refund_state, ours.case_no, line.is_gift, line.fulfiller.value,
        line.bound_group, ours.is_gone,
    )  # fmt: skip


def _write_one(batch: Batch, shop: ShopCard, mirror: Mirror) -> None:
    order, item, key = mirror.order, mirror.item, mirror.open(batch)
    is_cancelled = order.status == "cancelled"
    rows = [
        line_row(batch.new_id(), order.id, len(order.lines) + i, line, is_cancelled=is_cancelled)
        for i, line in enumerate(mirror.added, 1)
    ]
    copy_rows(batch.connection, "order_line", LINE, rows)
    raw = (batch.month, shop.id, order.external_no, batch.new_id(), item.document.kind, order.id,
           key.seal(item.document.body), item.hash, item.document.changed_at, item.document.fetched_at)  # fmt: skip
    copy_rows(batch.connection, "raw_document", RAW, [raw])
    sealed = sealed_receiver(key, item.record)
    order.oddities = oddities_of(item.record.receiver)
    person = receiver_row(batch.hub, order, item.record, sealed)
    sets = ", ".join(f"{name} = %s" for name in RECEIVER[1:])
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            f"update receiver set {sets}, version = version + %s where order_id = %s".encode(),
            (*person[1:], int(mirror.move is not None), order.id),
        )
        cursor.execute("update orders set platform_holds = %s where id = %s", (order.platform_holds, order.id))
