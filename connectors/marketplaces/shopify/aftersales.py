"""Decides returns on Shopify, tells it of returned goods, pays money back and cancels orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from connectors.contract.errors import ConnectorError, NotSupported, Refused
from connectors.contract.money import to_major
from connectors.contract.notices import Receipt, RefundNotice
from connectors.marketplaces.shopify import codes, documents
from connectors.marketplaces.shopify.client import Admin
from connectors.marketplaces.shopify.reading import (
    Json,
    currency_of,
    gid,
    inner,
    moment,
    nodes,
    presentment_money,
    required,
    shop_money,
    text,
    whole,
)

_RETURN = "gid://shopify/Return/"
#: The platform's word for a key that an earlier attempt used and failed with.
_SPENT = "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"
ATTEMPTS = 4
_AGREED = {True: ("OPEN", "CLOSED"), False: ("DECLINED",)}


def decide_case(admin: Admin, case_no: str, agree: bool, words: str, facts: Mapping[str, str]) -> Receipt:
    """Approve or decline a return the buyer asked for.

    `facts["reason_no"]` of a refusal is one of codes.DECLINE_REASONS, OTHER without it.
    """
    number = _return_no(case_no)
    try:
        if agree:
            admin.write(documents.RETURN_APPROVE, "returnApproveRequest", input={"id": number})
        else:
            reason = facts.get("reason_no") or "OTHER"
            if reason not in codes.DECLINE_REASONS:
                raise Refused(f"Shopify has no reason {reason:.40}; it has {', '.join(codes.DECLINE_REASONS)}")
            declined = {"id": number, "declineReason": reason, "declineNote": words}
            admin.write(documents.RETURN_DECLINE, "returnDeclineRequest", input=declined)
    except Refused as refusal:
        if refusal.code and _is_decided(admin, number, agree):
            return Receipt(number, "the platform had this decision already")
        raise
    return Receipt(number)


def _is_decided(admin: Admin, number: str, agree: bool) -> bool:
    """Whether a refused decision stands already; a look-up that fails leaves the refusal to speak."""
    try:
        return text(_read_return(admin, number), "status") in _AGREED[agree]
    except ConnectorError:
        return False


def goods_received(admin: Admin, case_no: str, facts: Mapping[str, str]) -> Receipt:
    """Process all units of a return that wait for it, without money.

    `facts["restock"]` = "yes" puts them back on Shopify's own shelf, at `facts["location"]` where it is given;
    otherwise they count as not restocked, since stock is pushed as absolute units.
    """
    number = _return_no(case_no)
    case = _read_return(admin, number)
    rows = _rows_to_process(case, facts)
    if not rows:
        return Receipt(number, "the platform had these goods already")
    admin.write(documents.RETURN_PROCESS, "returnProcess", input={"returnId": number, "returnLineItems": rows})
    return Receipt(number)


def refund_case(admin: Admin, notice: RefundNotice, location: str) -> Receipt:
    """Pay money back to the payments it came from, oldest first; the key stands in the refund's note.

    The money of a return that still waits to be processed goes with its processing, as Shopify wants it. Other
    refunds take the units of `notice.lines` out of the order, and all units when no line is named and no money stays.
    """
    order = _read_money(admin, notice.order_no)
    there = _refund_of_key(order, notice.key)
    if there:
        return Receipt(there, "the platform had this refund already")
    transactions, stays = _repayments(order, notice)
    if notice.case_no.startswith(_RETURN):
        case = _read_return(admin, notice.case_no)
        rows = _rows_to_process(case, {"restock": "yes" if notice.restock else ""})
        if rows:
            return _refund_return(admin, notice, rows, transactions)
    order_no = required(order, "id")
    refund: dict[str, Any] = {
        "orderId": order_no,
        "note": f"{notice.words} [{notice.key}]".strip(),
        "transactions": [
            {
                "orderId": order_no,
                "parentId": paid.parent,
                "kind": "REFUND",
                "gateway": paid.gateway,
                "amount": to_major(paid.amount, paid.currency),
            }
            for paid in transactions
        ],
    }
    if transactions and transactions[0].currency != notice.currency:
        refund["currency"] = transactions[0].currency
    if not notice.case_no.startswith(_RETURN):
        lines = notice.lines or (() if stays else _all_lines(order))
        refund["refundLineItems"] = [_line_to_refund(order, line, units, notice, location) for line, units in lines]
    return Receipt(text(inner(_create_refund(admin, refund, notice.key), "refund"), "id"))


def find_refund(admin: Admin, notice: RefundNotice) -> Receipt | None:
    """The refund whose note holds the key, or, for a return, one of its refunds over this amount."""
    order = _read_money(admin, notice.order_no)
    currency = currency_of(order, "currencyCode")
    there = _refund_of_key(order, notice.key)
    if there:
        return Receipt(there)
    for refund in nodes(order, "refunds"):
        of_case = notice.case_no and text(inner(refund, "return"), "id") == notice.case_no
        if of_case and shop_money(refund, "totalRefundedSet", currency) == notice.amount:
            return Receipt(text(refund, "id"))
    return None


def _refund_of_key(order: Json, key: str) -> str:
    """The id of the refund whose note holds the key; empty when there is none."""
    return next((text(refund, "id") for refund in nodes(order, "refunds") if f"[{key}]" in text(refund, "note")), "")


def cancel_order(admin: Admin, order_no: str, words: str, *, pays_back: bool) -> Receipt:
    """Cancel an order; the platform does it in a job of its own. Money goes back only where the account says so."""
    number = gid("Order", order_no)
    try:
        done = admin.write(
            documents.CANCEL,
            "orderCancel",
            id=number,
            reason=words if words in codes.CANCEL_REASONS else "OTHER",
            restock=False,
            refundMethod={"originalPaymentMethodsRefund": pays_back},
            notify=False,
            note=words,
        )
    except Refused:
        if moment(admin.read(documents.ORDER_STATE, "order", id=number), "cancelledAt") is None:
            raise
        return Receipt(number, "the platform had cancelled this order already")
    return Receipt(text(inner(done, "job"), "id") or number, "the platform cancels it in a moment")


def idempotency_key(key: str) -> str:
    """Shopify's key of a write, from ours: always the same UUID for the same key."""
    return str(uuid5(NAMESPACE_URL, key))


def _create_refund(admin: Admin, refund: Mapping[str, Any], key: str) -> Json:
    """A key whose attempt failed is spent; the next of its row is tried, since nothing was paid under it."""
    for attempt in range(ATTEMPTS):
        try:
            unique = idempotency_key(f"{key}/{attempt}" if attempt else key)
            return admin.write(documents.REFUND_CREATE, "refundCreate", input=refund, key=unique)
        except Refused as refusal:
            if refusal.code != _SPENT or attempt + 1 == ATTEMPTS:
                raise
    raise AssertionError("the last attempt answers or raises")


class _Repayment(NamedTuple):
    parent: str
    gateway: str
    amount: int  # in the currency the buyer paid in
    currency: str


def _refund_return(
    admin: Admin, notice: RefundNotice, rows: list[dict[str, object]], transactions: list[_Repayment]
) -> Receipt:
    payments = [
        {
            "parentId": paid.parent,
            "transactionAmount": {"amount": to_major(paid.amount, paid.currency), "currencyCode": paid.currency},
        }
        for paid in transactions
    ]
    processed = {
        "returnId": notice.case_no,
        "returnLineItems": rows,
        "financialTransfer": {"issueRefund": {"orderTransactions": payments}},
    }
    admin.write(documents.RETURN_PROCESS, "returnProcess", input=processed)
    return Receipt(notice.case_no)


def _return_no(case_no: str) -> str:
    number = gid("Return", case_no)
    if not number.startswith(_RETURN):
        raise NotSupported("a refund without a return is over when Shopify tells of it; nothing is left to decide")
    return number


def _read_return(admin: Admin, number: str) -> Json:
    return admin.read(documents.RETURN, "return", id=number)


def _read_money(admin: Admin, order_no: str) -> Json:
    return admin.read(documents.ORDER_MONEY, "order", id=gid("Order", order_no))


def _rows_to_process(case: Json, facts: Mapping[str, str]) -> list[dict[str, object]]:
    """Lines of a return with the units that were not processed yet, and what becomes of the goods."""
    back_rows = [row for back in nodes(case, "reverseFulfillmentOrders") for row in nodes(back, "lineItems")]
    found: list[dict[str, object]] = []
    for position, row in enumerate(nodes(case, "returnLineItems")):
        units = whole(row, "quantity") - whole(row, "processedQuantity")
        if units <= 0:
            continue
        processed: dict[str, object] = {"id": required(row, "id"), "quantity": units}
        back = _back_row(row, back_rows, position)
        if back is not None and not nodes(back, "dispositions"):
            processed["dispositions"] = [_disposition(back, units, facts)]
        found.append(processed)
    return found


def _back_row(row: Json, back_rows: list[Json], position: int) -> Json | None:
    """The goods on their way back for a line: by the parcel they left in, else by place in the list."""
    left_in = text(inner(row, "fulfillmentLineItem"), "id")
    for back in back_rows:
        if left_in and text(inner(back, "fulfillmentLineItem"), "id") == left_in:
            return back
    return back_rows[position] if position < len(back_rows) else None


def _disposition(back: Json, units: int, facts: Mapping[str, str]) -> dict[str, object]:
    restocks = facts.get("restock") == "yes"
    told: dict[str, object] = {
        "reverseFulfillmentOrderLineItemId": required(back, "id"),
        "quantity": units,
        "dispositionType": "RESTOCKED" if restocks else "NOT_RESTOCKED",
    }
    if restocks and facts.get("location"):
        told["locationId"] = gid("Location", facts["location"])
    return told


def _all_lines(order: Json) -> tuple[tuple[str, int], ...]:
    rows = [(text(row, "id"), whole(row, "refundableQuantity")) for row in nodes(order, "lineItems")]
    return tuple(row for row in rows if row[1])


def _line_to_refund(order: Json, line: str, units: int, notice: RefundNotice, location: str) -> dict[str, object]:
    """Units that had left come back to the shelf, the others are taken out of the order."""
    number = gid("LineItem", line)
    refund: dict[str, object] = {"lineItemId": number, "quantity": units, "restockType": "NO_RESTOCK"}
    if notice.restock:
        left = any(
            text(inner(row, "lineItem"), "id") == number
            for fulfilment in nodes(order, "fulfillments")
            if text(fulfilment, "status") in codes.FULFILLED
            for row in nodes(fulfilment, "fulfillmentLineItems")
        )
        refund["restockType"] = "RETURN" if left else "CANCEL"
        if location:
            refund["locationId"] = gid("Location", location)
    return refund


def _repayments(order: Json, notice: RefundNotice) -> tuple[list[_Repayment], int]:
    """Parts of the amount by payment, in the currency the buyer paid in, and how much of the payments stays.

    Refused when the payments hold too little.
    """
    currency, left, stays = currency_of(order, "currencyCode"), notice.amount, 0
    if notice.currency != currency:
        raise Refused(f"this shop pays back in {currency}, not in {notice.currency}")
    rows = [row for row in nodes(order, "transactions") if row.get("status") == codes.DONE]
    back = _paid_back(rows, currency)
    found = []
    for row in rows:
        if row.get("kind") not in ("SALE", "CAPTURE"):
            continue
        number = required(row, "id", "transactions.id")
        ours, theirs = back.get(number, (0, 0))
        paid, (shown, shown_in) = shop_money(row, "amountSet", currency), presentment_money(row, "amountSet")
        part = min(left, paid - ours)
        stays += max(paid - ours - max(part, 0), 0)
        if part <= 0:
            continue
        left -= part
        # The last of a payment is paid back to the cent; a part by the rate the buyer paid at.
        amount = shown - theirs if part == paid - ours else (part * shown + paid // 2) // paid
        found.append(_Repayment(number, text(row, "gateway"), amount, shown_in or currency))
    if left:
        raise Refused(f"the payments of this order hold {left} minor units too little to pay this back", code="too-much")
    return found, stays


def _paid_back(rows: list[Json], currency: str) -> dict[str, tuple[int, int]]:
    """What went back of each payment, in the shop's currency and in the buyer's."""
    back: dict[str, tuple[int, int]] = {}
    for row in rows:
        if row.get("kind") == "REFUND":
            parent = text(inner(row, "parentTransaction"), "id")
            ours, theirs = back.get(parent, (0, 0))
            shown = presentment_money(row, "amountSet")[0]
            back[parent] = ours + shop_money(row, "amountSet", currency), theirs + shown
    return back
