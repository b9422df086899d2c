"""Parses Shopify's returns, and refunds made without a return, to normalised cases. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.shopify import codes
from connectors.marketplaces.shopify.reading import (
    Json,
    currency_of,
    document,
    inner,
    moment,
    needed_moment,
    nodes,
    plain_money,
    required,
    shop_money,
    text,
    whole,
)


def parse_case(body: bytes, shop_currency: str) -> CaseRecord:
    """The case in an answer of ReturnDetail or RefundDetail, or in a bare `{"return": …}` or `{"refund": …}`.

    `shop_currency` is for documents that tell none.
    """
    name, found = document(body, "return", "refund")
    return return_of(found, shop_currency) if name == "return" else refund_of(found, shop_currency)


def return_of(case: Json, shop_currency: str) -> CaseRecord:
    """The case in a return object; BadRecord names the field at fault."""
    alerts: list[str] = []
    order, rows, status = inner(case, "order"), nodes(case, "returnLineItems"), required(case, "status")
    currency = _currency(order, rows) or shop_currency
    lines = tuple(_return_line(row, currency) for row in rows)
    state = _return_state(case, rows, status, alerts)
    carrier, waybill = _way_back(case)
    created = needed_moment(case, "createdAt")
    return CaseRecord(
        external_no=required(case, "id"),
        order_no=required(order, "id", "order.id"),
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind="exchange" if nodes(case, "exchangeLineItems") else "return",
        state=state,
        platform_status=status,
        currency=currency,
        amount=_refunded(case, currency) or sum(line.amount for line in lines),
        changed_at=_newest(order, created, moment(case, "requestApprovedAt"), moment(case, "closedAt")),
        created_at=created,
        units=sum(line.units for line in lines),
        reason=lines[0].reason if lines else "",
        words="; ".join(filter(None, (text(row, "customerNote") for row in rows))),
        phase="aftersale",
        return_carrier=carrier,
        return_waybill=waybill,
        goods_received_by_buyer=True,
        lines=lines,
        allows=_allows(status, rows),
        alerts=tuple(alerts),
    )


def refund_of(case: Json, shop_currency: str) -> CaseRecord:
    """The case in a refund object: money that went back without the buyer asking through a return."""
    alerts: list[str] = []
    order, rows = inner(case, "order"), nodes(case, "refundLineItems")
    currency = _currency(order, ()) or shop_currency
    lines = tuple(_refund_line(row, currency) for row in rows)
    created, is_return = needed_moment(case, "createdAt"), any(row.get("restockType") == "RETURN" for row in rows)
    money = [row for row in nodes(case, "transactions") if row.get("kind") == "REFUND"]
    state = _refund_state(money, alerts)
    done = [row for row in money if row.get("status") == codes.DONE]
    amount = sum(shop_money(row, "amountSet", currency) for row in done)
    return CaseRecord(
        external_no=required(case, "id"),
        order_no=required(order, "id", "order.id"),
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind="return" if is_return else "refund",
        state=state,
        platform_status="/".join(dict.fromkeys(text(row, "status") for row in money)) or "RECORDED",
        currency=currency,
        amount=_not_negative(amount if money else shop_money(case, "totalRefundedSet", currency), "transactions"),
        changed_at=_newest(order, created, moment(case, "updatedAt"), moment(case, "processedAt")),
        created_at=created,
        units=sum(line.units for line in lines),
        words=text(case, "note"),
        phase="aftersale" if is_return else "onsale",
        lines=lines,
        alerts=tuple(alerts),
    )


def _currency(order: Json, rows: Sequence[Json]) -> str:
    """The shop's; a document without it takes it from its first amount, empty when it has none."""
    if order.get("currencyCode") is not None:
        return currency_of(order, "currencyCode")
    for row in rows:
        bag = inner(inner(row, "withCodeDiscountedTotalPriceSet"), "shopMoney") or inner(row, "unitPrice")
        if bag:
            return currency_of(bag, "currencyCode")
    return ""


def _return_line(row: Json, currency: str) -> CaseLine:
    units = whole(row, "quantity")
    amount = shop_money(row, "withCodeDiscountedTotalPriceSet", currency)
    if row.get("unitPrice") is not None:
        amount = plain_money(row, "unitPrice")[0] * units
    fee = shop_money(inner(row, "restockingFee"), "amountSet", currency)
    reason = text(inner(row, "returnReasonDefinition"), "name") or text(row, "returnReasonNote")
    number = text(inner(inner(row, "fulfillmentLineItem"), "lineItem"), "id")
    return CaseLine(number, units, _not_negative(max(amount - fee, 0), "returnLineItems"), reason)


def _refund_line(row: Json, currency: str) -> CaseLine:
    amount = shop_money(row, "subtotalSet", currency) + shop_money(row, "totalTaxSet", currency)
    number = required(inner(row, "lineItem"), "id", "refundLineItems.lineItem.id")
    return CaseLine(number, whole(row, "quantity"), amount, text(row, "restockType").lower())


def _return_state(case: Json, rows: list[Json], status: str, alerts: list[str]) -> RefundState:
    """An unknown status counts as asked: it waits for someone to look."""
    if status not in codes.RETURNS:
        alerts.append(f"status={status:.40}")
        return RefundState.ASKED
    units = sum(whole(row, "quantity") for row in rows)
    paid_back = sum(whole(row, "refundedQuantity") for row in rows)
    if status == "CLOSED" and (paid_back or nodes(case, "refunds")):
        return RefundState.SUCCEEDED
    if status == "OPEN":
        if units and paid_back >= units:
            return RefundState.SUCCEEDED
        if _is_back(case, rows):
            return RefundState.RETURNED
    return codes.RETURNS[status]


def _is_back(case: Json, rows: list[Json]) -> bool:
    """Whether all units were processed, or a location has said what became of any."""
    if rows and all(whole(row, "processedQuantity") >= max(whole(row, "quantity"), 1) for row in rows):
        return True
    return any(
        nodes(line, "dispositions")
        for back in nodes(case, "reverseFulfillmentOrders")
        for line in nodes(back, "lineItems")
    )


def _way_back(case: Json) -> tuple[str, str]:
    for back in nodes(case, "reverseFulfillmentOrders"):
        for delivery in nodes(back, "reverseDeliveries"):
            tracking = inner(inner(delivery, "deliverable"), "tracking")
            number = text(tracking, "number")
            if number:
                name = text(tracking, "carrierName")
                return codes.CARRIERS.get(name.lower(), name), number
    return "", ""


def _allows(status: str, rows: list[Json]) -> tuple[str, ...]:
    if status == "REQUESTED":
        return ("agree", "refuse")
    if status != "OPEN":
        return ()
    steps = []
    if any(whole(row, "processedQuantity") < whole(row, "quantity") for row in rows):
        steps.append("goods_received")
    if any(whole(row, "refundedQuantity") < whole(row, "quantity") for row in rows):
        steps.append("refund")
    return tuple(steps)


def _refund_state(money: list[Json], alerts: list[str]) -> RefundState:
    """A refund without transactions only records what was paid back elsewhere."""
    told = {text(row, "status") for row in money}
    unknown = told - {"SUCCESS", "PENDING", "FAILURE", "ERROR", "AWAITING_RESPONSE", "UNKNOWN"}
    alerts.extend(f"transactions.status={status:.40}" for status in sorted(unknown))
    if not told or codes.DONE in told:
        return RefundState.SUCCEEDED
    return RefundState.REFUSED if told <= {"FAILURE", "ERROR"} else RefundState.AGREED


def _refunded(case: Json, currency: str) -> int:
    paid = sum(shop_money(refund, "totalRefundedSet", currency) for refund in nodes(case, "refunds"))
    return _not_negative(paid, "refunds")


def _not_negative(amount: int, field: str) -> int:
    if amount < 0:
        raise BadRecord("a refund is not negative", field=field)
    return amount


def _newest(order: Json, *moments: datetime | None) -> datetime:
    """Cases have no stamp of their own that always moves: the order's does."""
    return max(at for at in (moment(order, "updatedAt"), *moments) if at is not None)
