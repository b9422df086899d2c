"""Parses Vendure's refunds to normalised cases. Pure.

Vendure knows no returns and nobody asks: a refund is money that the store gives back, at once or when it is settled.
"""

from __future__ import annotations

from connectors.contract.errors import BadRecord
from connectors.contract.records import CaseLine, CaseRecord, RefundState
from connectors.marketplaces.vendure import codes
from connectors.marketplaces.vendure.progress import case_number, progress_of
from connectors.marketplaces.vendure.reading import Coins, Json, document, needed_moment, required, rows, text, whole


def parse_case(body: bytes, digits: int) -> CaseRecord:
    """The case in a `{"case": its refund's number, "order": …}`; BadRecord names the field at fault."""
    tree, order = document(body)
    number = required(tree, "case")
    for payment in rows(order, "payments"):
        for refund in rows(payment, "refunds"):
            if refund.get("id") == number:
                return refund_of(order, refund, Coins(order, digits))
    raise BadRecord("this order has no such refund", field="case")


def refund_of(order: Json, refund: Json, coins: Coins) -> CaseRecord:
    """The case in a refund of an order."""
    alerts: list[str] = []
    number, state = required(order, "id"), required(refund, "state")
    progress = progress_of(order, number, alerts)
    amount = coins.of(refund, "total")
    if amount < 0:
        raise BadRecord("a refund is not negative", field="total")
    lines = tuple(_lines(order, refund, coins))
    reason = text(refund, "reason")
    return CaseRecord(
        external_no=case_number(number, required(refund, "id")),
        order_no=number,
        line_no=lines[0].line_no if len(lines) == 1 else "",
        kind="refund",
        state=codes.REFUNDS.get(state, RefundState.AGREED),
        platform_status=state,
        currency=coins.currency,
        amount=amount,
        changed_at=max(needed_moment(refund, "updatedAt"), needed_moment(order, "updatedAt")),
        created_at=needed_moment(refund, "createdAt"),
        units=sum(line.units for line in lines),
        reason=reason,
        words=reason,
        phase="aftersale" if progress.shipped else "onsale",
        lines=lines,
        allows=("refund",) if state == codes.FAILED else (),
        alerts=tuple(alerts),
    )


def _lines(order: Json, refund: Json, coins: Coins) -> list[CaseLine]:
    """Units of order lines at what each of them cost."""
    prices = {text(line, "id"): line for line in rows(order, "lines")}
    found = []
    for row in rows(refund, "lines"):
        number, units = required(row, "orderLineId", "refunds.lines.orderLineId"), whole(row, "quantity")
        price = coins.of(prices[number], "proratedUnitPriceWithTax") if number in prices else 0
        if price < 0:
            raise BadRecord("a line costs less than nothing", field="lines.proratedUnitPriceWithTax")
        found.append(CaseLine(number, units, price * units))
    return found
