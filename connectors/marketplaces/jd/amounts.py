"""Makes an order's money add up: what each line cost, and who paid for each discount. Pure, all in fen.

JD says: due = goods − discounts − balance + freight + tax + service fee. Only promotions of a single item name their
SKU, all others are shared over the lines in proportion. What the coupons do not explain is a subsidy of the platform
and an alert; a buyer who pays more than everything adds up to is refused.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.jd import codes
from connectors.marketplaces.jd.reading import Json, code, fen, rows, text, whole


class Share(NamedTuple):
    """A line's amounts; list − the three shares + tax = paid."""

    listed: int
    paid: int
    merchant: int
    platform: int
    coin: int
    tax: int


class Amounts(NamedTuple):
    """An order's money: a share per line, freight, service fee, what is due and what a balance paid beside it."""

    shares: list[Share]
    freight: int
    fee: int
    due: int
    balance: int
    promotions: tuple[PromotionRecord, ...]
    alerts: tuple[str, ...]

    @property
    def total(self) -> int:
        """All that the buyer pays."""
        return self.due + self.balance


class _Coupon(NamedTuple):
    funder: Funder
    amount: int
    kind: str
    name: str
    sku: str


def amounts_of(order: Json, items: list[Json], line_nos: list[str]) -> Amounts:
    """The money of an order; BadRecord names the field that does not add up."""
    listed = [fen(item, "jdPrice") * _units(item) for item in items]
    freight, fee, tax = fen(order, "freightPrice"), fen(order, "serviceFee"), fen(order, "taxFee")
    goods = sum(listed)
    _check_goods(order, goods, freight)
    alerts: list[str] = []
    coupons = _coupons(order, alerts)
    due, balance = _due(order), fen(order, "balanceUsed")
    discount = goods + freight + fee + tax - due
    if discount < 0:
        raise BadRecord(f"{-discount} fen more than goods, freight and fees", field="shouldPay")
    named = sum(coupon.amount for coupon in coupons)
    if balance and discount >= balance and discount != max(named, _seller_part(order)):
        discount -= balance
    else:
        balance = 0
    if discount > goods:
        raise BadRecord(f"{discount - goods} fen more discount than the goods cost", field="shouldPay")
    shares = _shares(order, items, listed, coupons, discount, tax, alerts)
    promotions = tuple(_promotion(coupon, items, line_nos) for coupon in coupons if coupon.amount)
    return Amounts(shares, freight, fee, due, balance, promotions, tuple(alerts))


def free_of_charge(items: list[Json]) -> Amounts:
    """Exchange and re-sent goods: the sale they belong to was counted with its own order."""
    listed = [fen(item, "jdPrice") * _units(item) for item in items]
    return Amounts([Share(amount, 0, amount, 0, 0, 0) for amount in listed], 0, 0, 0, 0, (), ())


def spread(amount: int, weights: list[int]) -> list[int]:
    """Whole parts of `amount` in proportion to `weights`, adding up exactly (largest remainder)."""
    if not amount:
        return [0] * len(weights)
    total = sum(weights)
    if not total:
        return [amount, *([0] * (len(weights) - 1))]
    parts = [amount * weight // total for weight in weights]
    left = amount - sum(parts)
    if left:
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
        for i in by_remainder[:left]:
            parts[i] += 1
    return parts


def _units(item: Json) -> int:
    units = whole(item, "itemTotal")
    if units < 1:
        raise BadRecord("a line needs at least one unit", field="itemInfoList.itemTotal")
    return units


def _check_goods(order: Json, goods: int, freight: int) -> None:
    """A total that the lines do not make up means that lines are missing."""
    if order.get("orderTotalPrice") in (None, ""):
        return
    told = fen(order, "orderTotalPrice")
    if told not in (goods, goods + freight):
        raise BadRecord(f"the lines add up to {goods} fen, not {told}", field="orderTotalPrice")


def _due(order: Json) -> int:
    """What the buyer owes; the platform no longer keeps orderPayment up, older orders have only that."""
    is_cod = code(order, "payType") == "1"
    # Nothing is paid yet when goods are paid at the door.
    names = ("shouldPay", "orderPayment", "actualPay") if is_cod else ("shouldPay", "actualPay", "orderPayment")
    for name in names:
        if order.get(name) not in (None, ""):
            return fen(order, name)
    raise BadRecord("none of shouldPay, actualPay and orderPayment is there", field="shouldPay")


def _seller_part(order: Json) -> int:
    return fen(order, "sellerDiscount") or fen(order, "totalSellerDiscount")


def _coupons(order: Json, alerts: list[str]) -> list[_Coupon]:
    found = []
    for row in rows(order.get("couponDetailList"), "couponDetailList"):
        kind = code(row, "couponType")
        funder, name = codes.COUPONS.get(kind, (Funder.PLATFORM, ""))
        if not name:
            name = text(row, "couponType")
            alerts.append(f"couponType={name:.40}")
        found.append(_Coupon(funder, fen(row, "couponPrice"), kind, name, text(row, "skuId")))
    return found


def _promotion(coupon: _Coupon, items: list[Json], line_nos: list[str]) -> PromotionRecord:
    line_no = ""
    if coupon.sku:
        line_no = next((no for item, no in zip(items, line_nos, strict=True) if text(item, "skuId") == coupon.sku), "")
    return PromotionRecord(coupon.funder, coupon.amount, coupon.kind, coupon.name, line_no)


def _shares(
    order: Json, items: list[Json], listed: list[int], coupons: list[_Coupon], discount: int, tax: int,
    alerts: list[str],
) -> list[Share]:  # fmt: skip
    """Give the discount to who paid it, then to the lines; each line can be given away at most once."""
    merchant, coin, platform = _parts(order, coupons, discount, alerts)
    if not discount and not tax:
        return [Share(amount, amount, 0, 0, 0, 0) for amount in listed]
    room = list(listed)
    direct = _direct(items, coupons, merchant, room)
    by_merchant = _take(merchant - sum(direct), room)
    by_coin = _take(coin, room)
    by_platform = _take(platform, room)
    taxes = spread(tax, room)
    return [
        Share(listed[i], room[i] + taxes[i], direct[i] + by_merchant[i], by_platform[i], by_coin[i], taxes[i])
        for i in range(len(listed))
    ]


def _parts(order: Json, coupons: list[_Coupon], discount: int, alerts: list[str]) -> tuple[int, int, int]:
    """The merchant's, the coins' and the platform's part; together they are the discount."""
    seller = _seller_part(order)
    if seller > discount:
        raise BadRecord(f"{seller - discount} fen more than the whole discount", field="sellerDiscount")
    named = {funder: sum(c.amount for c in coupons if c.funder is funder) for funder in (Funder.COIN, Funder.MERCHANT)}
    merchant = seller or min(named[Funder.MERCHANT], discount)
    rest = discount - merchant
    coin = min(named[Funder.COIN], rest)
    explained = sum(c.amount for c in coupons if c.funder is Funder.PLATFORM) + fen(order, "payDiscount")
    if rest - coin > explained:
        alerts.append(f"discount without its coupon: {rest - coin - explained}")
    return merchant, coin, rest - coin


def _direct(items: list[Json], coupons: list[_Coupon], most: int, room: list[int]) -> list[int]:
    """What promotions of single items take from their own lines, at most the merchant's whole part."""
    taken = [0] * len(items)
    for coupon in coupons:
        if coupon.kind != codes.SINGLE_ITEM or not coupon.sku:
            continue
        wanted = min(coupon.amount, most)
        for i, item in enumerate(items):
            if wanted and text(item, "skuId") == coupon.sku:
                part = min(wanted, room[i])
                taken[i] += part
                room[i] -= part
                wanted -= part
                most -= part
    return taken


def _take(amount: int, room: list[int]) -> list[int]:
    parts = spread(amount, room)
    for i, part in enumerate(parts):
        room[i] -= part
    return parts
