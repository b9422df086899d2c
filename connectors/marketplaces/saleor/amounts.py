"""Makes an order's money add up: what lines and shipping cost, gift cards, charges beside them. Pure.

Saleor says: lines + shipping = total, gross, discounts of the whole order within the lines. A gift card lowers the
total, yet is a way to pay: it stays in the order as a payment. Releases before lines carried their part of a discount
on the whole order leave the total lower than the lines: the rest is then shared out over them.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.saleor.reading import Json, gross, inner, money, required, rows, tax, text

#: Cents that the rounding of lines may leave between the parts and the total.
ROUNDING = 5


class Share(NamedTuple):
    """A line's amounts with tax: list − discount = paid."""

    listed: int
    paid: int
    tax: int


class Amounts(NamedTuple):
    """An order's money: a share per line, one for shipping, what gift cards paid and what nothing explains."""

    shares: list[Share]
    freight: Share
    charges: int
    gift_cards: int
    total: int
    promotions: tuple[PromotionRecord, ...]


def amounts_of(order: Json, lines: list[Json], currency: str, alerts: list[str]) -> Amounts:
    """The money of an order; BadRecord names the field that does not add up."""
    total = gross(order, "total", currency)
    shares = [_line_share(line, currency) for line in lines]
    freight = _freight_share(order, currency)
    rest = sum([share.paid for share in shares]) + freight.paid - total
    gift_cards = charges = 0
    if rest > 0:
        if rows(order, "giftCards"):
            gift_cards, total = rest, total + rest
        elif rest <= ROUNDING or order.get("discounts") or order.get("voucherCode"):
            *shares, freight = _lowered([*shares, freight], rest)
        else:
            raise BadRecord("lines and shipping cost more than this total", field="total")
    elif rest < 0:
        charges = -rest
        if charges > ROUNDING:
            alerts.append("charges that are not named in the order")
    return Amounts(shares, freight, charges, gift_cards, total, _promotions(order, currency))


def _line_share(line: Json, currency: str) -> Share:
    paid = gross(line, "totalPrice", currency)
    if paid < 0:
        raise BadRecord("a line costs less than nothing", field="lines.totalPrice")
    listed = gross(line, "undiscountedTotalPrice", currency) if line.get("undiscountedTotalPrice") is not None else paid
    return Share(max(listed, paid), paid, tax(line, "totalPrice", currency))


def _freight_share(order: Json, currency: str) -> Share:
    """The undiscounted price is with tax or without, as the shop enters prices: below what is paid it is no discount."""
    if order.get("shippingPrice") is None:
        return Share(0, 0, 0)
    paid, due = gross(order, "shippingPrice", currency), tax(order, "shippingPrice", currency)
    if paid < 0:
        raise BadRecord("shipping costs less than nothing", field="shippingPrice")
    return Share(max(money(order, "undiscountedShippingPrice", currency), paid), paid, due)


def _lowered(shares: list[Share], rest: int) -> list[Share]:
    """Shares that cost `rest` less in all, each by its part of what is paid; the last cents go to the dearest."""
    whole = sum(share.paid for share in shares)
    if rest > whole:
        raise BadRecord("lines and shipping cost less than their discount", field="total")
    parts = [rest * share.paid // whole for share in shares]
    left = rest - sum(parts)
    for index in sorted(range(len(shares)), key=lambda at: parts[at] - shares[at].paid):
        more = min(left, shares[index].paid - parts[index])
        parts[index] += more
        left -= more
    return [
        Share(share.listed, share.paid - part, share.tax - (share.tax * part // share.paid if share.paid else 0))
        for share, part in zip(shares, parts, strict=True)
    ]


def _promotions(order: Json, currency: str) -> tuple[PromotionRecord, ...]:
    found = rows(order, "discounts")
    if not found:
        return ()
    voucher = text(order, "voucherCode")
    return tuple(
        PromotionRecord(
            Funder.MERCHANT,
            money(row, "total", currency),
            required(row, "id", "discounts.id"),
            text(row, "name") or (voucher if row.get("type") == "VOUCHER" else text(row, "type")),
        )
        for row in found
        if inner(row, "total")
    )
