"""Makes a trade's money add up: what each line cost, and who paid for each discount. Pure, all in fen.

Taobao says of a line: price × num − discount_fee + adjust_fee − part_mjz_discount = divide_order_fee. Coins and
platform subsidies stand at the trade and may be inside the shared discount, missing from the lines, or
missing from the payment; they are looked for in this order, and a rest that nothing explains is refused.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.contract.records import Funder, PromotionRecord
from connectors.marketplaces.taobao import codes
from connectors.marketplaces.taobao.reading import Json, fen, number_text, rows, text, whole


class Share(NamedTuple):
    """A line's amounts; list − the four shares = paid."""

    list_amount: int
    paid: int
    merchant: int
    platform: int = 0
    coin: int = 0
    member: int = 0


class Amounts(NamedTuple):
    """A trade's money: a share per line, postage, the buyer's fee for cash on delivery, the total."""

    shares: list[Share]
    freight: int
    cod_fee: int
    total: int
    promotions: tuple[PromotionRecord, ...]
    alerts: tuple[str, ...]


class _Line(NamedTuple):
    listed: int
    direct: int  # the line's own discount, before the seller's adjustment
    shared: int  # its share of discounts of the whole trade
    paid: int
    gap: int  # what the line lacks to add up


_NOTHING = _Line(0, 0, 0, 0, 0)


def amounts_of(trade: Json, orders: list[Json]) -> Amounts:
    """The money of a trade; BadRecord names the field that does not add up."""
    freight, payment = fen(trade, "post_fee"), _payment(trade)
    lines = [_line_of(order, freight, len(orders) == 1) for order in orders]
    excess = sum(line.paid for line in lines) + freight - payment
    if excess > 0 and excess == sum(line.paid for line in _closed(orders, lines)):
        # Lines closed before the others were paid cost nothing: the payment is without them.
        lines = [_NOTHING if _is_closed(o) else line for o, line in zip(orders, lines, strict=True)]
        excess = 0
    cod_fee = _cod_fee(trade, -excess) if excess < 0 else 0
    split = _Split(trade, orders, lines)
    split.give_missing(max(excess, 0))
    promotions = _promotions(trade, orders)
    split.give_promotions(promotions)
    return Amounts(split.shares(), freight, cod_fee, payment, promotions, tuple(split.alerts))


def spread(amount: int, weights: list[int]) -> list[int]:
    """Whole parts of `amount` in proportion to `weights`, adding up exactly (largest remainder)."""
    total = sum(weights)
    if not total:
        return [amount, *([0] * (len(weights) - 1))]
    parts = [amount * weight // total for weight in weights]
    left = amount - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts


def _payment(trade: Json) -> int:
    if trade.get("payment") in (None, ""):
        raise BadRecord("this is missing", field="payment")
    return fen(trade, "payment")


def _line_of(order: Json, freight: int, single: bool) -> _Line:
    units, price = whole(order, "num"), fen(order, "price")
    if units < 1:
        raise BadRecord("a line needs at least one unit", field="orders.num")
    if not price and order.get("price") in (None, ""):
        raise BadRecord("this is missing", field="orders.price")
    listed, direct, adjusted = price * units, fen(order, "discount_fee"), fen(order, "adjust_fee")
    shared = fen(order, "part_mjz_discount")
    paid = fen(order, "divide_order_fee")
    if not paid and order.get("divide_order_fee") in (None, ""):
        paid = _paid_without_division(order, listed - direct + adjusted, shared, freight, single)
    gap = listed - direct + adjusted - shared - paid
    if gap < 0 or paid < 0:
        raise BadRecord(f"the line is paid {-gap} fen more than its parts add up to", field="orders.divide_order_fee")
    return _Line(listed, direct, shared, paid, gap)


def _paid_without_division(order: Json, due: int, shared: int, freight: int, single: bool) -> int:
    """A line's payment holds the postage when it is the trade's only one, and shared discounts only then."""
    payment = fen(order, "payment") if order.get("payment") not in (None, "") else due
    if single and payment == due - shared + freight:
        return payment - freight
    return payment - shared if payment == due else payment


def _cod_fee(trade: Json, surplus: int) -> int:
    if surplus != fen(trade, "buyer_cod_fee"):
        raise BadRecord(f"{surplus} fen more than lines and postage", field="payment")
    return surplus


def _is_closed(order: Json) -> bool:
    return order.get("status") == codes.CLOSED_UNPAID


def _closed(orders: list[Json], lines: list[_Line]) -> list[_Line]:
    return [line for order, line in zip(orders, lines, strict=True) if _is_closed(order)]


def _explained(trade: Json, missing: int) -> tuple[int, int] | None:
    """(coin, platform) parts that make up exactly `missing`, None when no fields do."""
    if missing == 0:
        return 0, 0
    coins = (whole(trade, "alipay_point"), whole(trade, "propoint"))
    subsidies = (fen(trade, "platform_subsidy_fee"), whole(trade, "coupon_fee"), fen(trade, "tmall_coupon_fee"))
    given = [(amount, 0) for amount in coins if amount > 0] + [(0, amount) for amount in subsidies if amount > 0]
    for size in range(1, len(given) + 1):
        for chosen in combinations(given, size):
            coin, platform = sum(c for c, _ in chosen), sum(p for _, p in chosen)
            if coin + platform == missing:
                return coin, platform
    return None


def _promotions(trade: Json, orders: list[Json]) -> tuple[PromotionRecord, ...]:
    details = trade.get("promotion_details")
    if not details:
        return ()
    oids = {number_text(order, "oid") for order in orders} if len(orders) > 1 else set()
    found = []
    for detail in rows(details, "promotion_details"):
        amount = fen(detail, "discount_fee") or fen(detail, "kd_discount_fee")
        if amount > 0:
            name, tool, number = text(detail, "promotion_name"), text(detail, "promotion_id"), text(detail, "id")
            found.append(PromotionRecord(_funder(name, tool), amount, tool, name, number if number in oids else ""))
    return tuple(found)


def _funder(name: str, tool: str) -> Funder:
    said = f"{name} {tool}"
    return next((funder for word, funder in codes.FUNDER_WORDS if word in said), Funder.MERCHANT)


class _Split:
    """Divides a trade's discounts by who pays; what nobody else pays is the merchant's."""

    def __init__(self, trade: Json, orders: list[Json], lines: list[_Line]) -> None:
        self.trade, self.orders, self.lines = trade, orders, lines
        self.alerts: list[str] = []
        self.paid = [line.paid for line in lines]
        #: What may still be given to someone else than the merchant.
        self.room = [line.direct + line.shared + line.gap for line in lines]
        self.parts: dict[Funder, list[int]] = {}
        self.found_missing = False

    def give_missing(self, excess: int) -> None:
        """Coins and subsidies that the lines or the payment lack; what they do not explain is refused."""
        gaps = [line.gap for line in self.lines]
        missing = sum(gaps) + excess
        if not missing:
            return
        explained = _explained(self.trade, missing)
        if explained is None:
            field = "payment" if excess else "orders.divide_order_fee"
            raise BadRecord(f"{missing} fen are unexplained by coins or subsidies", field=field)
        extra = spread(excess, self.paid) if excess else [0] * len(gaps)
        self.paid = [paid - more for paid, more in zip(self.paid, extra, strict=True)]
        self.room = [free + more for free, more in zip(self.room, extra, strict=True)]
        lacking = [gap + more for gap, more in zip(gaps, extra, strict=True)]
        platform = spread(explained[1], lacking)
        self._take(Funder.PLATFORM, platform)
        self._take(Funder.COIN, [whole - part for whole, part in zip(lacking, platform, strict=True)])
        self.found_missing = True

    def give_promotions(self, promotions: tuple[PromotionRecord, ...]) -> None:
        """Promotions by name, then coins and subsidies inside the shared discount that no promotion names."""
        for promotion in promotions:
            if promotion.funder is not Funder.MERCHANT:
                taken = _by_line(self.trade, self.orders, self.lines, promotion)
                if not self._take(promotion.funder, taken):
                    self.alerts.append(f"promotion outside the lines: {promotion.name:.40}")
        if not self.found_missing:
            self._give_unnamed(sum(p.amount for p in promotions if not p.line_no))

    def _give_unnamed(self, named: int) -> None:
        single = len(self.lines) == 1
        shared = [line.shared + line.direct if single else line.shared for line in self.lines]
        unnamed = sum(shared) - named
        explained = _explained(self.trade, unnamed) if unnamed > 0 else None
        for funder, amount in zip((Funder.COIN, Funder.PLATFORM), explained or (0, 0), strict=True):
            if amount:
                weights = [min(part, free) for part, free in zip(shared, self.room, strict=True)]
                self._take(funder, spread(amount, weights))

    def _take(self, funder: Funder, taken: list[int]) -> bool:
        """Book parts of the lines' discounts to a funder; False when they do not fit."""
        if any(part > free for part, free in zip(taken, self.room, strict=True)):
            return False
        column = self.parts.setdefault(funder, [0] * len(taken))
        for i, part in enumerate(taken):
            column[i] += part
            self.room[i] -= part
        return True

    def shares(self) -> list[Share]:
        """Every line's amounts, the merchant paying the rest of each discount."""
        if not self.parts:
            return [Share(line.listed, line.paid, line.listed - line.paid) for line in self.lines]
        none = [0] * len(self.lines)
        columns = (self.parts.get(funder, none) for funder in (Funder.PLATFORM, Funder.COIN, Funder.MEMBER))
        return [
            Share(line.listed, paid, line.listed - paid - platform - coin - member, platform, coin, member)
            for line, paid, platform, coin, member in zip(self.lines, self.paid, *columns, strict=True)
        ]


def _by_line(trade: Json, orders: list[Json], lines: list[_Line], promotion: PromotionRecord) -> list[int]:
    """A promotion's part in each line: its own line, as the platform divides it, or by shared discount."""
    oids = [number_text(order, "oid") for order in orders]
    if promotion.line_no:
        return [promotion.amount if oid == promotion.line_no else 0 for oid in oids]
    for detail in rows(trade.get("promotion_details"), "promotion_details"):
        if text(detail, "promotion_id") == promotion.promotion_no and detail.get("kd_child_discount_fee"):
            told = _told_parts(text(detail, "kd_child_discount_fee"))
            if sum(told.values()) == promotion.amount and told.keys() <= set(oids):
                return [told.get(oid, 0) for oid in oids]
    return spread(promotion.amount, [line.shared or line.direct for line in lines])


def _told_parts(told: str) -> dict[str, int]:
    """`"oid:19.80;oid:2.90"` as fen by oid; a text of another form tells nothing."""
    parts = {}
    for pair in told.split(";"):
        oid, _, amount = pair.partition(":")
        try:
            parts[oid] = fen({"kd": amount}, "kd")
        except BadRecord:
            return {}
    return parts
