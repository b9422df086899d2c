"""Makes an order's money add up: what each line cost, and who paid for each discount. Pure, all in fen.

Pinduoduo says: pay = goods − discounts + postage + service fees, goods = price × count − the seller's change of
price, discounts = platform's + seller's + the free order of a group's head. What a deposit gained, a reduction by
the platform's own wallet and fees for delivery into the home may be inside or outside of the payment; they are
looked for where it does not add up, and a rest that nothing explains is refused.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.pinduoduo import codes
from connectors.marketplaces.pinduoduo.reading import Json, fen, part, rows, text, whole


class Share(NamedTuple):
    """A line's amounts; list − the two shares = paid."""

    list_amount: int
    paid: int
    merchant: int
    platform: int


class Amounts(NamedTuple):
    """An order's money: a share per item, postage, fees, the total."""

    shares: list[Share]
    freight: Share
    fees: list[tuple[str, int]]
    total: int
    promotions: tuple[PromotionRecord, ...]


class _Discounts(NamedTuple):
    platform: int
    seller: int
    free: int
    change: int
    total: int  # all but the change of price, which is inside the goods' amount


_HOME_FEES = ("delivery_home_value", "delivery_install_value", "home_install_value")


def amounts_of(order: Json, items: list[Json], *, unpaid: bool) -> Amounts:
    """The money of an order; BadRecord names the field that does not add up.

    An order that is not fully paid yet may name only what has been paid: its total is then what it will cost.
    """
    listed = [_listed(item) for item in items]
    discounts = _discounts(order, sum(listed))
    postage, fees = _not_negative(order, "postage"), _fees(order)
    due = sum(listed) - discounts.change - discounts.total + postage + sum(amount for _, amount in fees)
    total = due if unpaid else _payment(order)
    platform, merchant = discounts.platform, discounts.change + discounts.total - discounts.platform
    if due > total:
        extra = _reduction(order, due - total)
        platform, merchant = platform + extra.platform, merchant + extra.seller
    elif due < total:
        fees.append(("送货入户", _home_fee(order, total - due)))
    shares, freight = _shares(listed, postage, platform, merchant)
    return Amounts(shares, freight, fees, total, _promotions(order, discounts))


def spread(amount: int, weights: list[int]) -> list[int]:
    """Whole parts of `amount` in proportion to `weights`, adding up exactly (largest remainder)."""
    if len(weights) == 1:
        return [amount]
    total = sum(weights)
    if not total:
        return [amount, *([0] * (len(weights) - 1))]
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def price_of(item: Json, where: str) -> int:
    """What an item's units cost by its list price."""
    units = whole(item, "goods_count")
    if units < 1:
        raise BadRecord("a line needs at least one unit", field=f"{where}.goods_count")
    amount = fen(item, "goods_price") * units
    if amount < 0:
        raise BadRecord("a price is not negative", field=f"{where}.goods_price")
    return amount


def _listed(item: Json) -> int:
    if item.get("goods_price") in (None, ""):
        raise BadRecord("this is missing", field="item_list.goods_price")
    return price_of(item, "item_list")


def _payment(order: Json) -> int:
    if order.get("pay_amount") in (None, ""):
        raise BadRecord("this is missing", field="pay_amount")
    return _not_negative(order, "pay_amount")


def _not_negative(order: Json, field: str) -> int:
    amount = fen(order, field)
    if amount < 0:
        raise BadRecord("this is negative", field=field)
    return amount


def _discounts(order: Json, listed: int) -> _Discounts:
    """The seller pays what is in the sum and in none of its parts."""
    platform, seller, free = (
        _not_negative(order, field) for field in ("platform_discount", "seller_discount", "capital_free_discount")
    )
    named = platform + seller + free
    total = named if order.get("discount_amount") in (None, "") else fen(order, "discount_amount")
    if total < named:
        raise BadRecord(f"{named - total} fen less than its parts", field="discount_amount")
    change = fen(order, "order_change_amount")
    if order.get("goods_amount") not in (None, ""):
        change = listed - fen(order, "goods_amount")
    if change < 0:
        raise BadRecord(f"{-change} fen more than price by count", field="goods_amount")
    return _Discounts(platform, seller + total - named, free, change, total)


def _fees(order: Json) -> list[tuple[str, int]]:
    details = order.get("service_fee_detail")
    if not details:
        return []
    found = [(text(row, "service_name"), _not_negative(row, "service_fee")) for row in rows(order, "service_fee_detail")]
    return [(name, amount) for name, amount in found if amount]


def _reduction(order: Json, missing: int) -> _Discounts:
    """Who paid what the payment lacks: the platform's wallet or, for a deposit that counted more, the seller."""
    wallet = fen(order, "duo_duo_pay_reduction")
    gained = fen(part(order, "step_order_info"), "step_discount_amount")
    for platform, seller in ((wallet, 0), (0, gained), (wallet, gained)):
        if platform >= 0 and seller >= 0 and platform + seller == missing:
            return _Discounts(platform, seller, 0, 0, missing)
    raise BadRecord(f"{missing} fen less than goods, discounts, postage and fees explain", field="pay_amount")


def _home_fee(order: Json, surplus: int) -> int:
    if surplus != sum(fen(order, field) for field in _HOME_FEES):
        raise BadRecord(f"{surplus} fen more than goods, postage and fees explain", field="pay_amount")
    return surplus


def _shares(listed: list[int], postage: int, platform: int, merchant: int) -> tuple[list[Share], Share]:
    """Discounts go to the goods; what they exceed the goods by goes to the postage."""
    over = max(platform + merchant - sum(listed), 0)
    if over > postage:
        raise BadRecord("the discounts exceed goods and postage", field="discount_amount")
    over_platform = min(platform, over)
    freight = Share(postage, postage - over, over - over_platform, over_platform)
    room = spread(platform + merchant - over, listed)
    parts = spread(platform - over_platform, room)
    shares = [
        Share(amount, amount - off, off - theirs, theirs) for amount, off, theirs in zip(listed, room, parts, strict=True)
    ]
    return shares, freight


def _promotions(order: Json, discounts: _Discounts) -> tuple[PromotionRecord, ...]:
    trade_in = 0
    if order.get("promotion_detail_list"):
        trade_in = sum(
            fen(row, "discount_amount")
            for row in rows(order, "promotion_detail_list")
            if text(row, "promotion_type") == codes.TRADE_IN
        )
    # A trade-in is part of what the platform pays.
    trade_in = min(max(trade_in, 0), discounts.platform)
    found = (
        (Funder.PLATFORM, discounts.platform - trade_in, "平台优惠"),
        (Funder.PLATFORM, trade_in, "以旧换新"),
        (Funder.MERCHANT, discounts.seller, "店铺优惠"),
        (Funder.MERCHANT, discounts.free, "团长免单"),
        (Funder.MERCHANT, discounts.change, "订单改价"),
    )
    return tuple(PromotionRecord(funder, amount, "", name) for funder, amount, name in found if amount > 0)
