"""Reads WooCommerce's refunds as cases: lists them, fetches one, parses them. A shop's core knows no requests.

A case's document is `{"refund": …, "order": {"id", "currency"}}`, since a refund does not tell its currency; its
number is the order's and the refund's, since a refund can be fetched only through its order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import orjson

from connectors.contract.errors import BadRecord, Refused
from connectors.contract.money import exponent
from connectors.contract.records import CaseLine, CaseRecord, Page, RawDocument, RefundState
from connectors.contract.windows import Step, Walk
from connectors.marketplaces.woocommerce.client import NO_ROUTE, Woo
from connectors.marketplaces.woocommerce.reading import (
    Json,
    amount,
    document,
    meta,
    moment,
    number_text,
    part,
    required,
    rows,
    text,
    whole,
)
from connectors.marketplaces.woocommerce.windows import Listing

REFUNDS = Listing("refunds", "after", "before", "date")
REFUNDED_ITEM = "_refunded_item_id"


def pull_cases(
    woo: Woo, refunds: Walk[Json], orders: Callable[[], Step[Json]], cursor: str, since: str, now: datetime
) -> Page:
    """The next page of refunds; a shop before WooCommerce 9.0 is asked by its orders."""
    try:
        step = refunds.step(cursor, since)
    except Refused as refusal:
        if refusal.code != NO_ROUTE:
            raise
        step = orders()
        return Page(step.cursor, step.more, tuple(_of_orders(woo, step.rows, now)))
    return Page(step.cursor, step.more, tuple(_documents(woo, step.rows, now)))


def get_case(woo: Woo, case_no: str, now: datetime) -> RawDocument:
    """One refund, read through its order."""
    order_no, refund_no = split_number(case_no)
    refund = woo.read(f"orders/{order_no}/refunds/{refund_no}")
    order = woo.read(f"orders/{order_no}", _fields="id,currency")
    return _document(refund, order, order_no, now)


def split_number(case_no: str) -> tuple[str, str]:
    """The order's and the refund's number; Refused when it is no number of ours."""
    order_no, _, refund_no = case_no.partition("-")
    if not (order_no.isdigit() and refund_no.isdigit()):
        raise Refused("a case is named by its order's and its refund's number, e.g. 801-812")
    return order_no, refund_no


def parse_case(body: bytes) -> CaseRecord:
    """The case in a document of this module; money back is always done already."""
    tree = document(body, "refund")
    refund, order = part(tree, "refund"), part(tree, "order")
    currency = text(order, "currency")
    if not currency:
        raise BadRecord("this is missing", field="order.currency")
    digits = exponent(currency)
    order_no = number_text(refund, "parent_id") or required(order, "id")
    created = moment(refund, "date_created_gmt")
    if created is None:
        raise BadRecord("this is missing", field="date_created_gmt")
    paid_back = amount(refund, "amount", digits)
    if paid_back < 0 or refund.get("amount") is None:
        raise BadRecord("a refund has an amount and is not negative", field="amount")
    lines = tuple(_lines(refund, digits))
    return CaseRecord(
        external_no=f"{order_no}-{required(refund, 'id')}",
        order_no=order_no,
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind="refund",
        state=RefundState.SUCCEEDED,
        platform_status="refunded",
        currency=currency,
        amount=paid_back,
        changed_at=created,
        created_at=created,
        units=sum(line.units for line in lines),
        reason=text(refund, "reason"),
        lines=lines,
    )


def _lines(refund: Json, digits: int) -> Iterable[CaseLine]:
    """What was paid back by line; quantities and totals come negative."""
    reason = text(refund, "reason")
    for field in ("line_items", "shipping_lines", "fee_lines"):
        for row in rows(refund, field):
            where = field + "."
            back = -amount(row, "total", digits, where) - amount(row, "total_tax", digits, where)
            units = -whole(row, "quantity", where) if field == "line_items" else 0
            original = meta(row, REFUNDED_ITEM)
            if (units or back) and isinstance(original, (str, int)):
                yield CaseLine(str(original), max(units, 0), back, reason)


def _of_orders(woo: Woo, orders: Sequence[Json], now: datetime) -> Iterable[RawDocument]:
    for order in orders:
        if rows(order, "refunds"):
            order_no = required(order, "id")
            for refund in woo.page(f"orders/{order_no}/refunds", per_page=100).rows:
                yield _document(refund, order, order_no, now)


def _documents(woo: Woo, refunds: Sequence[Json], now: datetime) -> Iterable[RawDocument]:
    """Each refund with its order's currency, which is asked once for the whole page."""
    if not refunds:
        return
    numbers = sorted({required(refund, "parent_id") for refund in refunds}, key=int)
    listed = woo.page("orders", include=",".join(numbers), per_page=100, status="any", _fields="id,currency")
    orders = {number_text(order, "id"): order for order in listed.rows}
    for refund in refunds:
        order_no = required(refund, "parent_id")
        order = orders.get(order_no) or _unlisted(woo, order_no)
        if order is not None:
            yield _document(refund, order, order_no, now)


def _unlisted(woo: Woo, order_no: str) -> Json | None:
    """An order in the trash is in no list; one deleted for good has no case any more."""
    try:
        found: Json = woo.read(f"orders/{order_no}", _fields="id,currency")
    except Refused:
        return None
    return found


def _document(refund: Json, order: Json, order_no: str, now: datetime) -> RawDocument:
    tree = {
        "refund": {**refund, "parent_id": int(order_no)},
        "order": {"id": int(order_no), "currency": text(order, "currency")},
    }
    number = f"{order_no}-{required(refund, 'id')}"
    return RawDocument("case", number, orjson.dumps(tree), now, moment(refund, "date_created_gmt"))
