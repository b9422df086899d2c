"""What an order costs, what was paid and paid back, and how many units of a line are left. Reading only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sandbox.kit.market.model import line_paid

Doc = dict[str, Any]
Order = Mapping[str, Any]


def gross_lines(doc: Order) -> Iterator[tuple[Doc, Doc | None]]:
    """Each line as it was at its largest, and as it is now (None once it was taken off).

    The platform never lowers a line's quantity nor drops a line; what left shows in other counts.
    """
    now = {line["no"]: line for line in doc["lines"]}
    for no, first in doc["original"].items():
        line = now.pop(no, None)
        yield (line if line is not None and line["num"] > first["num"] else first), line
    for line in now.values():
        yield line, line


def returned_units(doc: Order, no: str) -> int:
    """Units of a line that were refunded after they had left."""
    return sum(
        part["num"] for refund in doc["refunds"] for part in refund["lines"]
        if part["no"] == no and part["restock"] != "CANCEL"
    )  # fmt: skip


def current_units(doc: Order, line: Doc | None) -> int:
    """Units of a line that the buyer still has or gets."""
    if line is None:
        return 0
    return max(0, int(line["num"] - line["cancelled_num"] - returned_units(doc, line["no"])))


def tax_on(doc: Order, cents: int) -> int:
    """The tax in an amount, or on top of it when taxes are not included."""
    rate = Decimal(doc["tax_rate"])
    part = cents * rate / (1 + rate) if doc["taxes_included"] else cents * rate
    return int(part.quantize(Decimal(1), ROUND_HALF_UP))


def on_top(doc: Order, cents: int) -> int:
    """The tax that comes on top of an amount: none when taxes are included."""
    return 0 if doc["taxes_included"] else tax_on(doc, cents)


def paid_for(line: Doc, num: int) -> int:
    """What so many units of a line cost after all discounts, tax on top left out."""
    return line_paid(line) * num // int(line["num"])


def line_total(doc: Order, line: Doc, num: int) -> int:
    """What so many units of a line cost with the tax on top."""
    net = paid_for(line, num)
    return net + on_top(doc, net)


def subtotal(doc: Order) -> int:
    return sum(line_paid(gross) for gross, _ in gross_lines(doc))


def shipping_total(doc: Order) -> int:
    return int(doc["post_fee"] + on_top(doc, doc["post_fee"]))


def total_tax(doc: Order) -> int:
    return sum(tax_on(doc, line_paid(gross)) for gross, _ in gross_lines(doc)) + tax_on(doc, doc["post_fee"])


def total(doc: Order) -> int:
    """The order's price before returns."""
    lines = sum(line_total(doc, gross, gross["num"]) for gross, _ in gross_lines(doc))
    return lines + shipping_total(doc) + int(doc["tip"])


def due(doc: Order) -> int:
    """The order's price now: edits, cancelled and returned units are off, and shipping once it was paid back."""
    lines = sum(line_total(doc, line, current_units(doc, line)) for line in doc["lines"])
    shipping_back = int(sum(refund["shipping"] for refund in doc["refunds"]))
    return lines + shipping_total(doc) - shipping_back + int(doc["tip"])


def captured(doc: Order) -> int:
    """Money that was taken from the buyer."""
    return sum(
        one["amount"] for one in doc["transactions"]
        if one["kind"] in ("SALE", "CAPTURE") and one["status"] == "SUCCESS"
    )  # fmt: skip


def refunded(doc: Order) -> int:
    """Money that went back to the buyer."""
    return sum(one["amount"] for one in doc["transactions"] if one["kind"] == "REFUND" and one["status"] == "SUCCESS")


def refundable(doc: Order) -> int:
    return captured(doc) - refunded(doc)


def financial_status(doc: Order) -> str:
    """One of the platform's eight words."""
    taken, back = captured(doc), refunded(doc)
    if doc["status"] == "cancelled" and not taken:
        return "VOIDED"
    if taken and back >= taken:
        return "REFUNDED"
    if back:
        return "PARTIALLY_REFUNDED"
    if doc["status"] == "unpaid" and doc["kind"] == "pre_auth":
        return "EXPIRED" if doc["expired"] else "AUTHORIZED"
    if taken:
        return "PARTIALLY_PAID" if doc["is_presale"] and not doc["paid_ms"] else "PAID"
    return "PENDING"
