"""Writes orders seen for the first time: sealed raw document, receiver, order, lines, payments, discounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from connectors.contract.records import Fulfiller, LineRecord, OrderRecord, OrderState
from oms.app.capture.customers import customer_ids
from oms.app.capture.versions import Parsed
from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.receivers import receiver_key, sealed_receiver
from oms.db.bulk import copy_rows
from oms.domain.sla import ship_deadline

STATUS = {
    OrderState.UNPAID: "unpaid",
    OrderState.OPEN: "open",
    OrderState.PART_SHIPPED: "open",
    OrderState.SHIPPED: "open",
    OrderState.COMPLETED: "completed",
    OrderState.CANCELLED: "cancelled",
}

DATA_KEY = ("id", "master_key_id", "wrapped")
RAW = ("month", "shop_id", "external_no", "id", "kind", "data_key_id", "sealed", "content_hash", "changed_at",
       "fetched_at")  # fmt: skip
ORDER = (
    "id", "shop_id", "origin", "external_no", "customer_id", "status", "phase", "platform_state", "platform_status",
    "platform_holds", "currency", "paid_total", "presentment_currency", "presentment_total", "is_cod", "is_presale",
    "keeps_together", "owner", "fulfiller", "has_memo", "has_message", "flag", "division_code", "receiver_key",
    "is_masked", "ordered_at", "paid_at", "ship_by", "collect_by", "captured_at", "changed_at", "fetched_at",
    "content_hash", "ready_at",
)  # fmt: skip
LINE = (
    "id", "order_id", "line_no", "external_no", "kind", "listing_no", "variant_no", "seller_code", "title", "variant",
    "ordered", "list_amount", "discount_merchant", "discount_platform", "discount_coin", "discount_member",
    "discount_distributor", "tax_amount", "tax_included", "paid_amount", "platform_state", "refund_state", "case_no",
    "is_gift", "fulfiller", "bound_group",
)  # fmt: skip
RECEIVER = ("order_id", "sealed", "is_masked", "country", "division_code", "state", "city", "district",
            "blind_key_id", "phone_blind", "phone_tail_blind", "name_blind", "address_blind")  # fmt: skip
PAYMENT = ("id", "order_id", "kind", "state", "amount", "currency", "paid_at", "reference")
SHARE = ("id", "order_id", "order_line_id", "funder", "amount", "promotion_no", "name")
INVOICE = ("id", "order_id", "kind", "medium", "sealed", "amount", "asked_at")
EVENT = ("month", "order_id", "id", "kind", "actor", "at", "detail")
FEED = ("month", "id", "kind", "document_id", "shop_id")


@dataclass(slots=True)
class Rows:
    """Rows by table, in the order of the column tuples above."""

    data_key: list[Any] = field(default_factory=list)
    raw_document: list[Any] = field(default_factory=list)
    orders: list[Any] = field(default_factory=list)
    order_line: list[Any] = field(default_factory=list)
    receiver: list[Any] = field(default_factory=list)
    payment: list[Any] = field(default_factory=list)
    discount_share: list[Any] = field(default_factory=list)
    invoice_request: list[Any] = field(default_factory=list)
    event: list[Any] = field(default_factory=list)
    change_feed: list[Any] = field(default_factory=list)


COLUMNS = {
    "data_key": DATA_KEY, "raw_document": RAW, "orders": ORDER, "order_line": LINE, "receiver": RECEIVER,
    "payment": PAYMENT, "discount_share": SHARE, "invoice_request": INVOICE, "event": EVENT, "change_feed": FEED,
}  # fmt: skip


def add_orders(hub: Hub, connection: Connection, shop: ShopCard, items: Sequence[Parsed], now: datetime) -> list[int]:
    """Write new orders; answers their ids. Runs in the transaction that advances the cursor."""
    if not items:
        return []
    customers = customer_ids(hub, connection, shop.channel_id, [item.record.buyer for item in items])
    needed = sum(5 + len(i.record.lines) + len(i.record.payments) + len(i.record.promotions) for i in items)
    ids = iter(hub.ids.take(connection, needed))
    rows, month, made = Rows(), date(now.year, now.month, 1), []
    for item in items:
        order_id = next(ids)
        made.append(order_id)
        _add(hub, connection, rows, shop, item, order_id, customers.get(item.record.buyer.external_id), ids, now, month)
    for table, columns in COLUMNS.items():
        copy_rows(connection, table, columns, getattr(rows, table))
    return made


def _add(
    hub: Hub, connection: Connection, rows: Rows, shop: ShopCard, item: Parsed, order_id: int,
    customer_id: int | None, ids: Any, now: datetime, month: date,
) -> None:  # fmt: skip
    record, document = item.record, item.document
    key, wrapped = hub.keys.new_data_key(order_id)
    rows.data_key.append((order_id, hub.keys.current, wrapped))
    rows.raw_document.append((month, shop.id, record.external_no, next(ids), document.kind, order_id,
                              key.seal(document.body), item.hash, document.changed_at, document.fetched_at))  # fmt: skip
    person = record.receiver
    division = hub.places.code(connection, person.state, person.city, person.district)
    rows.orders.append(_order_row(hub, shop, item, order_id, customer_id, division, now))
    line_ids = {}
    for number, line in enumerate(record.lines, 1):
        line_ids[line.external_no] = line_id = next(ids)
        rows.order_line.append(line_row(line_id, order_id, number, line))
    rows.receiver.append(receiver_row(hub, order_id, record, division, sealed_receiver(key, record)))
    for payment in record.payments:
        rows.payment.append((next(ids), order_id, payment.kind.value, "paid" if payment.paid_at else "due",
                             payment.amount, record.currency, payment.paid_at, payment.reference))  # fmt: skip
    for promotion in record.promotions:
        rows.discount_share.append((next(ids), order_id, line_ids.get(promotion.line_no), promotion.funder.value,
                                    promotion.amount, promotion.promotion_no, promotion.name))  # fmt: skip
    if record.invoice:
        wanted = orjson.dumps({"title": record.invoice.title, "tax_no": record.invoice.tax_no})
        rows.invoice_request.append((next(ids), order_id, record.invoice.kind, record.invoice.medium,
                                     key.seal(wanted), record.paid_total, now))  # fmt: skip
    detail = {"alerts": list(record.alerts)} if record.alerts else None
    rows.event.append((month, order_id, next(ids), "captured", "platform", now, detail))
    rows.change_feed.append((month, next(ids), "order", order_id, shop.id))


def _order_row(
    hub: Hub, shop: ShopCard, item: Parsed, order_id: int, customer_id: int | None, division: str, now: datetime
) -> tuple[Any, ...]:
    record = item.record
    status = STATUS[record.state]
    fulfiller = fulfiller_of(record)
    goes_on = status == "open" and fulfiller == "us"
    phase = status if status != "open" else "captured" if goes_on else "elsewhere"
    deadline = deadline_of(shop, record)
    person = record.receiver
    return (
        order_id, shop.id, "platform", record.external_no, customer_id, status, phase, record.state.value,
        record.platform_status, list(record.platform_holds), record.currency, record.paid_total,
        record.presentment_currency or None, record.presentment_total, record.is_cod, record.is_presale,
        record.part_shipment_forbidden, shop.owner, fulfiller, bool(record.seller_memo), bool(record.buyer_message),
        record.flag, division, receiver_key(hub.keys, person), person.masked, record.created_at, record.paid_at,
        deadline, record.collect_by, now, record.changed_at, item.document.fetched_at, item.hash,
        now if goes_on else None,
    )  # fmt: skip


def deadline_of(shop: ShopCard, record: OrderRecord) -> datetime | None:
    """When the order must have left."""
    return ship_deadline(
        platform=record.ship_by,
        ordered_at=record.created_at,
        paid_at=record.paid_at,
        is_cod=record.is_cod,
        hours_paid=shop.hours_paid,
        hours_cod=shop.hours_cod,
    )


def fulfiller_of(record: OrderRecord) -> str:
    """Who ships the order: us as soon as one line is ours."""
    kinds = {line.fulfiller for line in record.lines if line.kind == "goods"}
    if not kinds or Fulfiller.US in kinds:
        return "us"
    return next(iter(kinds)).value


def line_row(line_id: int, order_id: int, number: int, line: LineRecord) -> tuple[Any, ...]:
    """A line's row."""
    return (
        line_id, order_id, number, line.external_no, line.kind, line.listing_no, line.variant_no, line.seller_code,
        line.title, line.variant, line.units, line.list_amount, line.discount_merchant, line.discount_platform,
        line.discount_coin, line.discount_member, line.discount_distributor, line.tax_amount, line.tax_included,
        line.paid_amount, line.state.value, line.refund.value, line.case_no, line.is_gift, line.fulfiller.value,
        line.bound_group,
    )  # fmt: skip


def receiver_row(hub: Hub, order_id: int, record: OrderRecord, division: str, sealed: bytes) -> tuple[Any, ...]:
    """A receiver's row; masked receivers get no blind indexes, their text means nothing."""
    person, blind = record.receiver, hub.keys.blind
    blinds: tuple[bytes | None, ...] = (None, None, None, None)
    if not person.masked:
        phone = person.phone or person.telephone
        where = person.state + person.city + person.district + person.town + person.address
        blinds = (
            blind("phone", phone) if phone else None,
            blind("tail", phone[-4:]) if phone else None,
            blind("name", person.name) if person.name else None,
            blind("address", where) if where else None,
        )
    return (order_id, sealed, person.masked, person.country, division, person.state, person.city, person.district,
            hub.keys.current, *blinds)  # fmt: skip
