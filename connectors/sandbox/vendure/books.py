"""What an order costs with and without tax, and how many units of a line are left. Reading only."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sandbox.kit.market.model import line_paid

Doc = dict[str, Any]
Order = Mapping[str, Any]


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def both(doc: Order, amount: int) -> tuple[int, int]:
    """(net, with tax) of an amount as the channel's prices have it, tax included or not."""
    rate = 1 + Decimal(doc["tax_rate"]) / 100
    if doc["prices_with_tax"]:
        return rounded(amount / rate), amount
    return amount, rounded(amount * rate)


def units(doc: Order, line: Doc) -> int:
    """Units that are left on the line: cancelled ones and those that came back are off."""
    return max(0, int(line["num"] - line["cancelled_num"] - doc["returned"].get(line["no"], 0)))


def listed(line: Doc, num: int) -> int:
    return int(line["price"]) * num


def own_cut(line: Doc, num: int) -> int:
    """What promotions on the line alone take off so many units."""
    return int(line["discount"] - line["adjust"]) * num // int(line["num"])


def order_cut(line: Doc, num: int) -> int:
    """The line's part of what promotions on the whole order take off so many units."""
    return listed(line, num) - own_cut(line, num) - prorated(line, num)


def prorated(line: Doc, num: int) -> int:
    """What so many units of the line really cost, in the channel's prices."""
    return line_paid(line) * num // int(line["num"])


def goods(doc: Order, *, gross: bool = False) -> tuple[int, int]:
    """(net, with tax) of all lines and surcharges; `gross` counts cancelled and returned units too."""
    parts = [both(doc, prorated(line, line["num"] if gross else units(doc, line))) for line in doc["lines"]]
    parts += [both(doc, one["price"]) for one in doc["surcharges"]]
    return sum(net for net, _ in parts), sum(taxed for _, taxed in parts)


def shipping(doc: Order, *, gross: bool = False) -> tuple[int, int]:
    """(net, with tax) of the shipping; nothing once it was cancelled."""
    return both(doc, 0 if doc["shipping_cancelled"] and not gross else doc["post_fee"])


def total(doc: Order, *, gross: bool = False) -> int:
    """What the buyer pays."""
    return goods(doc, gross=gross)[1] + shipping(doc, gross=gross)[1]


def settled(doc: Order) -> int:
    """Money that was taken."""
    return int(sum(one["amount"] for one in doc["payments"] if one["state"] == "Settled"))


def refundable(doc: Order, payment: Mapping[str, Any]) -> int:
    """What is left of a payment to be paid back."""
    gone = [one["total"] for one in doc["refunds"] if one["payment"] == payment["k"] and one["state"] != "Failed"]
    return int(payment["amount"] - sum(gone))
