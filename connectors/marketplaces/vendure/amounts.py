"""Makes an order's money add up: what lines and shipping cost, surcharges beside them. Pure.

Vendure says: lines + shipping + surcharges = total, with tax, discounts of the whole order within the lines. All of it
counts the units an order still has; units cancelled later were paid all the same, so they are counted again here.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.vendure import codes
from connectors.marketplaces.vendure.reading import Coins, Json, required, rows, text, whole

#: Minor units that the rounding of lines may leave between the parts and the total.
ROUNDING = 5


class Share(NamedTuple):
    """A line's amounts with tax: list − discount = paid."""

    listed: int
    paid: int
    tax: int


class Charge(NamedTuple):
    """A surcharge the buyer pays."""

    number: str
    title: str
    amount: int


class Amounts(NamedTuple):
    """An order's money: a share per line and per shipping line, charges beside them, the total."""

    shares: list[Share]
    shipping: list[Share]
    charges: list[Charge]
    total: int
    promotions: tuple[PromotionRecord, ...]


def amounts_of(order: Json, lines: list[Json], coins: Coins, alerts: list[str]) -> Amounts:
    """The money of an order; BadRecord names the field that does not add up."""
    shares = [_line_share(line, coins) for line in lines]
    shipping = [_shipping_share(way, coins) for way in rows(order, "shippingLines")]
    surcharges = [
        Charge(required(row, "id", "surcharges.id"), text(row, "description"), coins.of(row, "priceWithTax"))
        for row in rows(order, "surcharges")
    ]
    charges = [charge for charge in surcharges if charge.amount > 0]
    given = -sum(charge.amount for charge in surcharges if charge.amount < 0)
    parts = sum(share.paid for share in (*shares, *shipping)) + sum(charge.amount for charge in charges)
    total = coins.of(order, "totalWithTax")
    is_less = any(whole(line, "quantity") < whole(line, "orderPlacedQuantity") for line in lines)
    if is_less:
        total = _total_then(order, coins, max(parts - given, 0), total)
    rest = parts - total
    if rest > 0:
        if rest > given + ROUNDING and not is_less:
            raise BadRecord("lines and shipping cost more than this total", field="totalWithTax")
        lowered = _lowered([*shares, *shipping], rest)
        shares, shipping = lowered[: len(shares)], lowered[len(shares) :]
    elif rest < 0 and is_less and -rest <= ROUNDING and shares:
        dearest = max(range(len(shares)), key=lambda at: shares[at].paid)
        old = shares[dearest]
        shares[dearest] = old._replace(listed=old.listed - rest, paid=old.paid - rest)
    elif rest < 0:
        if rest < -ROUNDING:
            alerts.append("charges that are not named in the order")
        charges.append(Charge("charges", "Other charges", -rest))
    return Amounts(shares, shipping, charges, total, _promotions(order, coins))


def _total_then(order: Json, coins: Coins, parts: int, left: int) -> int:
    """What an order cost before units were taken off: all that was paid if that covers what is left, else its parts.

    The parts alone are not it: prices of units are rounded, and promotions are worked out anew for fewer units.
    """
    settled = sum(coins.of(row, "amount") for row in rows(order, "payments") if text(row, "state") == codes.SETTLED)
    return settled if settled and settled >= left else parts


def units_paid(line: Json) -> int:
    """Units a line was placed with, or has now if that is more."""
    return max(whole(line, "quantity"), whole(line, "orderPlacedQuantity"))


def _line_share(line: Json, coins: Coins) -> Share:
    units = units_paid(line)
    if units == whole(line, "quantity"):
        listed, paid, net = (coins.of(line, price) for price in _WHOLE)
    else:
        listed, paid, net = _before(line, units, coins)
    if paid < 0:
        raise BadRecord("a line costs less than nothing", field="lines.proratedLinePriceWithTax")
    return Share(max(listed, paid), paid, max(paid - net, 0))


def _before(line: Json, units: int, coins: Coins) -> tuple[int, ...]:
    """Amounts of all units placed: by those that are left, as prices of single units are rounded."""
    left = whole(line, "quantity")
    if not left:
        return tuple(coins.of(line, price) * units for price in _EACH)
    return tuple((2 * coins.of(line, price) * units + left) // (2 * left) for price in _WHOLE)


_WHOLE = ("linePriceWithTax", "proratedLinePriceWithTax", "proratedLinePrice")
_EACH = ("unitPriceWithTax", "proratedUnitPriceWithTax", "proratedUnitPrice")


def _shipping_share(way: Json, coins: Coins) -> Share:
    gone = [row for row in rows(way, "discounts") if text(row, "adjustmentSource") == codes.CANCELLATION]
    # Shipping that was cancelled later was paid all the same.
    paid = coins.of(way, "discountedPriceWithTax") - sum(coins.of(row, "amountWithTax") for row in gone)
    if paid < 0:
        raise BadRecord("shipping costs less than nothing", field="shippingLines.discountedPriceWithTax")
    net = coins.of(way, "discountedPrice") - sum(coins.of(row, "amount") for row in gone)
    return Share(max(coins.of(way, "priceWithTax"), paid), paid, max(paid - net, 0))


def _lowered(shares: list[Share], rest: int) -> list[Share]:
    """Shares that cost `rest` less in all, each by its part of what is paid; the last cents go to the dearest."""
    whole_sum = sum(share.paid for share in shares)
    if rest > whole_sum:
        raise BadRecord("lines and shipping cost less than what is taken off", field="surcharges")
    parts = [rest * share.paid // whole_sum for share in shares]
    left = rest - sum(parts)
    for index in sorted(range(len(shares)), key=lambda at: parts[at] - shares[at].paid):
        more = min(left, shares[index].paid - parts[index])
        parts[index] += more
        left -= more
    return [
        Share(share.listed, share.paid - part, share.tax - (share.tax * part // share.paid if share.paid else 0))
        for share, part in zip(shares, parts, strict=True)
    ]


def _promotions(order: Json, coins: Coins) -> tuple[PromotionRecord, ...]:
    return tuple(
        PromotionRecord(
            Funder.MERCHANT,
            -coins.of(row, "amountWithTax"),
            text(row, "adjustmentSource"),
            text(row, "description"),
        )
        for row in rows(order, "discounts")
        if text(row, "adjustmentSource") != codes.CANCELLATION
    )
