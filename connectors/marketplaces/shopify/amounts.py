"""Makes an order's money add up, in the shop's currency: what lines and shipping cost, and charges beside them. Pure.

Shopify says: lines − discounts + shipping + tax (when prices are without it) + tip + duties + fees = total. All of it
counts units that were refunded or removed later. What an order edit took away, taxes a channel pays itself and cents
lost between two currencies are looked for in this order; a total lower than that is refused, a higher one is a charge.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.shopify.reading import Json, inner, nodes, shop_money, text, whole

#: Cents that two currencies or the rounding of cash may leave between the parts and the total.
ROUNDING = 5


class Share(NamedTuple):
    """A line's amounts: list − discount + tax (when prices are without it) = paid."""

    listed: int
    discount: int
    tax: int
    paid: int
    #: Tax a channel collects and pays itself; it may be missing from the total.
    channel_tax: int = 0


class Charge(NamedTuple):
    """Something the buyer pays beside goods and shipping."""

    number: str
    kind: str
    title: str
    amount: int


class Amounts(NamedTuple):
    """An order's money: a share per line and per shipping line, charges beside them, the total."""

    shares: list[Share]
    shipping: list[Share]
    charges: list[Charge]
    total: int
    promotions: tuple[PromotionRecord, ...]
    #: Discounts by index that are given for single lines only, so that a line they make free is a gift.
    gift_indexes: frozenset[int]


def amounts_of(order: Json, lines: list[Json], ways: list[Json], currency: str, alerts: list[str]) -> Amounts:
    """The money of an order; BadRecord names the field that does not add up."""
    if order.get("totalPriceSet") is None:
        raise BadRecord("this is missing", field="totalPriceSet")
    total, included = shop_money(order, "totalPriceSet", currency), order.get("taxesIncluded") is True
    by_index: dict[int, int] = {}
    shares = [_line_share(line, currency, included, by_index) for line in lines]
    shipping = [_shipping_share(way, currency, included, by_index) for way in ways]
    rest = total - _sum(shares) - _sum(shipping)
    charges: list[Charge] = []
    if rest:
        told = _told_charges(order, lines, currency)
        rest = _take_told(told, charges, rest)
    if rest < 0:
        shares, rest = _without_channel_tax(shares, rest, included)
    if rest < 0:
        shares, rest = _without_removed(order, lines, shares, rest, included)
    if rest < 0:
        shares, rest = _rounded(shares, rest), 0
    elif rest:
        if rest > ROUNDING:
            alerts.append("charges that are not named in the order")
        charges.append(Charge("charges", "fee", "Other charges", rest))
    promotions, gifts = _promotions(order, by_index) if by_index else ((), frozenset())
    return Amounts(shares, shipping, charges, total, promotions, gifts)


def _sum(shares: list[Share]) -> int:
    return sum([share[3] for share in shares])


def _line_share(line: Json, currency: str, included: bool, by_index: dict[int, int]) -> Share:
    if line.get("originalTotalSet") is not None:
        listed = shop_money(line, "originalTotalSet", currency)
    elif line.get("originalUnitPriceSet") is not None:
        listed = shop_money(line, "originalUnitPriceSet", currency) * whole(line, "quantity")
    else:
        raise BadRecord("this is missing", field="lineItems.originalTotalSet")
    discount = _allocated(line, currency, by_index)
    tax, channel = _tax(line, currency)
    paid = listed - discount + (0 if included else tax)
    if listed < 0 or paid < 0:
        raise BadRecord("a line costs less than nothing", field="lineItems.discountAllocations")
    return Share(listed, discount, tax, paid, channel)


def _shipping_share(way: Json, currency: str, included: bool, by_index: dict[int, int]) -> Share:
    listed = shop_money(way, "originalPriceSet", currency)
    allocated = _allocated(way, currency, by_index)
    if way.get("discountedPriceSet") is not None:
        allocated = listed - shop_money(way, "discountedPriceSet", currency)
    tax, channel = _tax(way, currency)
    return Share(listed, allocated, tax, listed - allocated + (0 if included else tax), channel)


def _allocated(record: Json, currency: str, by_index: dict[int, int]) -> int:
    """All discounts of a line, codes included, which its discounted total leaves out."""
    if not record.get("discountAllocations"):
        return 0
    discount = 0
    for allocation in nodes(record, "discountAllocations"):
        amount = shop_money(allocation, "allocatedAmountSet", currency)
        discount += amount
        index = whole(inner(allocation, "discountApplication"), "index")
        by_index[index] = by_index.get(index, 0) + amount
    return discount


def _tax(record: Json, currency: str) -> tuple[int, int]:
    if not record.get("taxLines"):
        return 0, 0
    tax = channel = 0
    for line in nodes(record, "taxLines"):
        amount = shop_money(line, "priceSet", currency)
        tax += amount
        if line.get("channelLiable") is True:
            channel += amount
    return tax, channel


def _told_charges(order: Json, lines: list[Json], currency: str) -> list[Charge]:
    duties = 0
    if order.get("dutiesIncluded") is not True:
        duties = sum(shop_money(duty, "price", currency) for line in lines for duty in nodes(line, "duties"))
    tip = shop_money(order, "totalTipReceivedSet", currency)
    return [Charge("tip", "tip", "Tip", tip), Charge("duties", "fee", "Duties", duties)]


def _take_told(told: list[Charge], charges: list[Charge], rest: int) -> int:
    """Tip and duties are charges only where the total has room: a tip may stand among the lines already."""
    for charge in told:
        if 0 < charge.amount <= rest:
            charges.append(charge)
            rest -= charge.amount
    return rest


def _without_channel_tax(shares: list[Share], rest: int, included: bool) -> tuple[list[Share], int]:
    channel = 0 if included else sum(share.channel_tax for share in shares)
    if not channel or rest + channel != 0:
        return shares, rest
    return [
        Share(share.listed, share.discount, share.tax - share.channel_tax, share.paid - share.channel_tax)
        for share in shares
    ], 0


def _without_removed(
    order: Json, lines: list[Json], shares: list[Share], rest: int, included: bool
) -> tuple[list[Share], int]:
    """Units that an order edit took away, if the total is without them; refunded units stay in it."""
    refunded: dict[str, int] = {}
    for refund in nodes(order, "refunds"):
        for row in nodes(refund, "refundLineItems"):
            number = text(inner(row, "lineItem"), "id")
            refunded[number] = refunded.get(number, 0) + whole(row, "quantity")
    kept = []
    for line, share in zip(lines, shares, strict=True):
        units, current = whole(line, "quantity"), line.get("currentQuantity")
        removed = units - whole(line, "currentQuantity") - refunded.get(text(line, "id"), 0) if current is not None else 0
        if removed <= 0 or not units:
            kept.append(share)
        elif removed >= units:
            kept.append(Share(0, 0, 0, 0))
        else:
            listed = share.listed * (units - removed) // units
            paid = listed - share.discount + (0 if included else share.tax)
            kept.append(Share(listed, share.discount, share.tax, paid))
    without = rest + _sum(shares) - _sum(kept)
    return (kept, without) if abs(without) <= ROUNDING and without <= 0 else (shares, rest)


def _rounded(shares: list[Share], rest: int) -> list[Share]:
    """Take a few lost cents off the dearest line; more than those is an order that does not add up."""
    dearest = max(range(len(shares)), key=lambda i: shares[i].paid)
    share = shares[dearest]
    if -rest > max(ROUNDING, len(shares)) or share.paid < -rest:
        raise BadRecord(f"the parts are {-rest} minor units more than the total", field="totalPriceSet")
    rounded = Share(share.listed, share.discount - rest, share.tax, share.paid + rest)
    return [*shares[:dearest], rounded, *shares[dearest + 1 :]]


def _promotions(order: Json, by_index: dict[int, int]) -> tuple[tuple[PromotionRecord, ...], frozenset[int]]:
    """Named discounts with what they took off; all of them are the merchant's own."""
    found, single = [], set()
    for row in nodes(order, "discountApplications"):
        index = whole(row, "index")
        amount = by_index.get(index, 0)
        if amount > 0:
            code = text(row, "code")
            found.append(PromotionRecord(Funder.MERCHANT, amount, code, code or text(row, "title")))
        if row.get("targetSelection") in ("ENTITLED", "EXPLICIT"):
            single.add(index)
    return tuple(found), frozenset(single)
