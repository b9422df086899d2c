"""Writes orders seen for the first time: sealed raw document, receiver, order, lines, payments, discounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from connectors.contract.records import Fulfiller, LineRecord, OrderRecord, OrderState, ReceiverRecord, RefundState
from oms.app.capture.customers import customer_ids
from oms.app.capture.deliveries import DELIVERY, delivery_row
from oms.app.capture.oddities import oddities_of
from oms.app.capture.versions import Parsed
from oms.app.kernel.batch import Batch
from oms.app.kernel.flush import LINE_GIVEN
from oms.app.kernel.hub import Hub
from oms.app.kernel.masters import ShopCard
from oms.app.kernel.receivers import receiver_key, sealed_receiver
from oms.app.kernel.work import LineWork, OrderWork
from oms.app.pipeline.partners.deciding import attach, name_partner
from oms.db.bulk import array_of, copy_rows, psycopg_connection
from oms.domain.addresses import is_vague, lacking
from oms.domain.holds import BEFORE_GO_LIVE
from oms.domain.receivers import plain_address, plain_phone
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
LINE = (*LINE_GIVEN, "cancelled")
RECEIVER = ("order_id", "sealed", "is_masked", "country", "division_code", "state", "city", "district",
            "blind_key_id", "phone_blind", "phone_tail_blind", "name_blind", "address_blind", "oddities")  # fmt: skip
PAYMENT = ("id", "order_id", "kind", "state", "amount", "currency", "paid_at", "reference")
SHARE = ("id", "order_id", "order_line_id", "funder", "amount", "promotion_no", "name")
INVOICE = ("id", "order_id", "kind", "medium", "sealed", "amount", "asked_at")


@dataclass(slots=True)
class Rows:
    """Rows by table that nothing later changes, in the order of the column tuples above."""

    data_key: list[Any] = field(default_factory=list)
    raw_document: list[Any] = field(default_factory=list)
    receiver: list[Any] = field(default_factory=list)
    payment: list[Any] = field(default_factory=list)
    discount_share: list[Any] = field(default_factory=list)
    invoice_request: list[Any] = field(default_factory=list)
    order_delivery: list[Any] = field(default_factory=list)


COLUMNS = {
    "data_key": DATA_KEY, "raw_document": RAW, "receiver": RECEIVER, "payment": PAYMENT, "discount_share": SHARE,
    "invoice_request": INVOICE, "order_delivery": DELIVERY,
}  # fmt: skip


def add_orders(batch: Batch, shop: ShopCard, items: Sequence[Parsed], origin: str = "platform") -> list[OrderWork]:
    """Put new orders into the batch, and write what is theirs alone; the order and its lines are written by flush.

    Runs in the transaction that advances the cursor.
    """
    if not items:
        return []
    hub, connection = batch.hub, batch.connection
    customers = customer_ids(hub, connection, shop.channel_id, [item.record.buyer for item in items])
    needed = sum([2 + len(i.record.lines) + len(i.record.payments) + len(i.record.promotions) + 1 for i in items])
    ids = iter(batch.take_ids(needed))
    rows, made = Rows(), []
    for item in items:
        order = _order(batch, shop, item, next(ids), customers.get(item.record.buyer.external_id), origin)
        _add_side_rows(batch, rows, order, item, _add_lines(batch, order, item.record, ids), ids)
        batch.orders[order.id] = order
        if item.record.partner is not None:
            name_partner(batch, order, item.record.partner)
        batch.note(order, "captured", {"alerts": list(item.record.alerts)} if item.record.alerts else None)
        made.append(order)
    for table, columns in COLUMNS.items():
        copy_rows(connection, table, columns, getattr(rows, table))
    attach(batch, made)
    if origin == "platform":
        _link_cases(batch, shop, made)
    return made


def _link_cases(batch: Batch, shop: ShopCard, made: Sequence[OrderWork]) -> None:
    """A case may be told of before its order; it is found by the platform's number."""
    with psycopg_connection(batch.connection).cursor() as cursor:
        cursor.execute(
            """update cases c set order_id = v.id from unnest(%s::bigint[], %s::text[]) as v(id, order_no)
               where c.shop_id = %s and c.origin = 'platform' and c.order_id is null and c.order_no = v.order_no
                 and exists (select from cases where shop_id = %s and order_id is null)""",
            (array_of([order.id for order in made]), array_of([order.external_no for order in made]), shop.id, shop.id),
        )


def _order(batch: Batch, shop: ShopCard, item: Parsed, order_id: int, customer_id: int | None, origin: str) -> OrderWork:
    record, person = item.record, item.record.receiver
    status, fulfiller = STATUS[record.state], fulfiller_of(record)
    goes_on = status == "open" and fulfiller == "us"
    division_code = batch.hub.places.code(batch.connection, person.state, person.city, person.district)
    order = OrderWork(
        id=order_id, shop_id=shop.id, origin=origin, external_no=record.external_no, customer_id=customer_id,
        status=status, review="none", phase=status if status != "open" else "captured" if goes_on else "elsewhere",
        platform_state=str(record.state), platform_holds=holds_of(shop, record), currency=record.currency,
        paid_total=record.paid_total, is_cod=record.is_cod, is_presale=record.is_presale, is_sealed=False,
        keeps_together=record.part_shipment_forbidden, owner=shop.owner, fulfiller=fulfiller,
        has_memo=bool(record.seller_memo), has_message=bool(record.buyer_message), flag=record.flag, priority=0,
        division_code=division_code,
        receiver_key=receiver_key(batch.hub.keys, person), is_masked=person.masked, ordered_at=record.created_at,
        paid_at=record.paid_at, ship_by=deadline_of(shop, record), captured_at=batch.now,
        ready_at=batch.now if goes_on else None, attempts=0, tiers_waiting=0, tiers_passed=0, version=1,
        closed_at=None, lacking=lacking_of(person, division_code), oddities=oddities_of(person), is_new=True,
    )  # fmt: skip
    batch.new_orders.append((order, _given(order, item)))
    return order


def _given(order: OrderWork, item: Parsed) -> tuple[Any, ...]:
    """The columns of flush.ORDER_GIVEN."""
    record = item.record
    return (
        order.id, order.shop_id, order.origin, order.external_no, order.customer_id, order.platform_state,
        record.platform_status, order.platform_holds, order.currency, order.paid_total,
        record.presentment_currency or None, record.presentment_total, order.is_cod, order.is_presale,
        order.keeps_together, order.owner, order.fulfiller, order.has_memo, order.has_message, order.flag,
        order.division_code, order.receiver_key, order.is_masked, order.ordered_at, order.paid_at, order.ship_by,
        record.collect_by, order.captured_at, record.changed_at, item.document.fetched_at, item.hash,
    )  # fmt: skip


def _add_lines(batch: Batch, order: OrderWork, record: OrderRecord, ids: Iterator[int]) -> dict[str, int]:
    """The order's lines; answers their ids by the platform's number."""
    line_ids: dict[str, int] = {}
    is_cancelled = record.state is OrderState.CANCELLED
    for number, line in enumerate(record.lines, 1):
        line_ids[line.external_no] = line_id = next(ids)
        row = line_row(line_id, order.id, number, line, is_cancelled=is_cancelled)
        work = _line_work(row)
        order.lines.append(work)
        batch.new_lines.append((work, row[:-1]))
    return line_ids


def _line_work(row: tuple[Any, ...]) -> LineWork:
    """A new line from the columns of LINE; by position, since every line of every order passes here."""
    (
        id_, order_id, _, external_no, kind, listing_no, variant_no, seller_code, title, variant, ordered, list_amount,
        merchant, _, _, _, _, _, _, paid, state, refund, case_no, is_gift, fulfiller, bound_group, cancelled,
    ) = row  # fmt: skip
    return LineWork(
        id_, order_id, external_no, kind, listing_no, variant_no, seller_code, title, variant, None, None, ordered,
        cancelled, 0, 0, list_amount, merchant, paid, state, refund, case_no, is_gift, fulfiller, bound_group, False,
        True,
    )  # fmt: skip


def _add_side_rows(
    batch: Batch, rows: Rows, order: OrderWork, item: Parsed, line_ids: dict[str, int], ids: Iterator[int]
) -> None:
    """The data key, and what it seals: raw document, receiver, invoice; payments and promotions."""
    hub, record, document = batch.hub, item.record, item.document
    key, wrapped = hub.keys.new_data_key(order.id)
    rows.data_key.append((order.id, hub.keys.current, wrapped))
    rows.raw_document.append((batch.month, order.shop_id, order.external_no, next(ids), document.kind, order.id,
                              key.seal(document.body), item.hash, document.changed_at, document.fetched_at))  # fmt: skip
    sealed = sealed_receiver(key, record)
    rows.receiver.append(receiver_row(hub, order, record, sealed))
    for payment in record.payments:
        rows.payment.append((next(ids), order.id, str(payment.kind), "paid" if payment.paid_at else "due",
                             payment.amount, record.currency, payment.paid_at, payment.reference))  # fmt: skip
    for promotion in record.promotions:
        rows.discount_share.append((next(ids), order.id, line_ids.get(promotion.line_no), str(promotion.funder),
                                    promotion.amount, promotion.promotion_no, promotion.name))  # fmt: skip
    if record.invoice:
        wanted = orjson.dumps({"title": record.invoice.title, "tax_no": record.invoice.tax_no})
        rows.invoice_request.append((next(ids), order.id, record.invoice.kind, record.invoice.medium,
                                     key.seal(wanted), record.paid_total, batch.now))  # fmt: skip
    if record.delivery:
        rows.order_delivery.append(delivery_row(batch, order, record, key))


def lacking_of(person: ReceiverRecord, division_code: str) -> tuple[str, ...]:
    """The parts a receiver is without; of masked ones only the divisions can be told."""
    return lacking(
        name=person.masked or bool(person.name.strip()),
        phone=person.masked or bool((person.phone + person.telephone).strip()),
        city=not is_vague(division_code) or bool((person.city + person.district).strip()),
        street=person.masked or bool(person.address.strip()),
        country=person.country,
    )


def deadline_of(shop: ShopCard, record: OrderRecord) -> datetime | None:
    """When the order must have left."""
    return ship_deadline(
        platform=record.ship_by,
        ordered_at=record.created_at,
        paid_at=record.paid_at,
        is_cod=record.is_cod,
        hours_paid=shop.hours_paid,
        hours_cod=shop.hours_cod,
        pauses=shop.pauses,
    )


def holds_of(shop: ShopCard, record: OrderRecord) -> list[str]:
    """Why the order must not be shipped by us for now: the platform's flags, and ours for orders before going live."""
    if shop.go_live_at is not None and record.created_at < shop.go_live_at:
        return [*record.platform_holds, BEFORE_GO_LIVE]
    return list(record.platform_holds)


def fulfiller_of(record: OrderRecord) -> str:
    """Who ships the order: us as soon as one line is ours."""
    kinds = {line.fulfiller for line in record.lines if line.kind == "goods"}
    if not kinds or Fulfiller.US in kinds:
        return "us"
    return next(iter(kinds)).value


def line_row(line_id: int, order_id: int, number: int, line: LineRecord, *, is_cancelled: bool) -> tuple[Any, ...]:
    """A line's row; what was refunded or closed before we saw it counts as cancelled."""
    is_void = is_cancelled or line.refund is RefundState.SUCCEEDED or line.state is OrderState.CANCELLED
    return (
        line_id, order_id, number, line.external_no, line.kind, line.listing_no, line.variant_no, line.seller_code,
        line.title, line.variant, line.units, line.list_amount, line.discount_merchant, line.discount_platform,
        line.discount_coin, line.discount_member, line.discount_distributor, line.tax_amount, line.tax_included,
        line.paid_amount, str(line.state), str(line.refund), line.case_no, line.is_gift, str(line.fulfiller),
        line.bound_group, line.units if is_void else 0,
    )  # fmt: skip


def receiver_row(hub: Hub, order: OrderWork, record: OrderRecord, sealed: bytes) -> tuple[Any, ...]:
    """A receiver's row; a blind index is empty for a part that is not there, of the address for want of a street.

    Masked receivers get none, their text means nothing.
    """
    person, blind = record.receiver, hub.keys.blind
    blinds: tuple[bytes | None, ...] = (None, None, None, None)
    if not person.masked:
        phone = plain_phone(person.phone.strip() or person.telephone.strip())
        where = person.state + person.city + person.district + person.town + person.address
        blinds = (
            blind("phone", phone) if phone else None,
            blind("tail", phone[-4:]) if phone else None,
            blind("name", person.name) if person.name.strip() else None,
            blind("address", plain_address(where)) if person.address.strip() else None,
        )
    return (order.id, sealed, person.masked, person.country, order.division_code, person.state, person.city,
            person.district, hub.keys.current, *blinds, list(order.oddities or ()))  # fmt: skip
