"""Makes a shop order's money add up: what each line cost, and who paid for each discount. Pure, all in fen.

A line says sum_amount − promotions + modify_amount = pay_amount, the order Σ pay_amount + post_amount = pay_amount.
Whether a line's payment holds its postage, and the order's the payment channel's discount, is read off the sums.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from connectors.contract.errors import BadRecord
from connectors.marketplaces.douyin.reading import Json, whole


class Share(NamedTuple):
    """A line's amounts; list − the three shares (+ tax that is not included) = paid."""

    list_amount: int
    paid: int
    merchant: int
    platform: int = 0
    distributor: int = 0
    tax: int = 0
    tax_included: bool = True


class Amounts(NamedTuple):
    """An order's money: a share per line, charges as (number, kind, title, fen), the total."""

    shares: list[Share]
    charges: list[tuple[str, str, str, int]]
    total: int
    alerts: tuple[str, ...]


class _Line(NamedTuple):
    listed: int
    paid: int
    merchant: int
    platform: int
    distributor: int
    promoted: int
    by_channel: int
    changed: int
    tax: int
    post: int


class _Basis(NamedTuple):
    """What the buyer pays for each line and beside the lines."""

    paid: list[int]
    charged: tuple[str, ...]
    total: int


#: Amount of the order → (number of its line, kind, title).
_CHARGES = {
    "post_amount": ("freight", "freight", "运费"),
    "packing_amount": ("packing", "fee", "打包费"),
    "post_insurance_amount": ("insurance", "fee", "运费险"),
    "tax_amount": ("tax", "fee", "税费"),
}


def amounts_of(order: Json, skus: list[Json], is_unpaid: bool) -> Amounts:
    """The money of an order; BadRecord names the field that does not add up.

    What an unpaid order says it was paid is 0 or only a deposit, so there the sum due is reckoned instead.
    """
    lines = [_line_of(sku) for sku in skus]
    total = whole(order, "pay_amount")
    extras = {name: amount for name in _CHARGES if (amount := whole(order, name)) > 0}
    if is_unpaid or not (total or order.get("pay_time")):
        basis = _due(order, lines, extras)
    else:
        basis = _paid(order, lines, extras, total)
    funders = _funders(order, skus, lines)
    alerts: list[str] = []
    shares = [_share(line, paid, funder, alerts) for line, paid, funder in zip(lines, basis.paid, funders, strict=True)]
    if whole(order, "modify_amount") and not any(line.changed for line in lines):
        # The seller's change of the price is told for the order alone, so lines cannot explain it.
        alerts.clear()
    elif any(share.merchant < 0 and not line.changed for share, line in zip(shares, lines, strict=True)):
        raise BadRecord("a line is paid more than its parts add up to", field="sku_order_list.pay_amount")
    charges = [(*_CHARGES[name], extras[name]) for name in basis.charged]
    return Amounts(shares, charges, basis.total, tuple(alerts))


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


def _line_of(sku: Json) -> _Line:
    units = whole(sku, "item_num")
    if units < 1:
        raise BadRecord("a line needs at least one unit", field="sku_order_list.item_num")
    listed = whole(sku, "sum_amount") or whole(sku, "origin_amount") * units
    paid, tax, post = whole(sku, "pay_amount"), whole(sku, "tax_amount"), whole(sku, "post_amount")
    if listed < 0 or paid < 0 or tax < 0 or post < 0:
        raise BadRecord("an amount of a line is negative", field="sku_order_list.pay_amount")
    shop, platform, talent = (
        whole(sku, "promotion_shop_amount"),
        whole(sku, "promotion_platform_amount"),
        whole(sku, "promotion_talent_amount"),
    )
    promoted = whole(sku, "promotion_amount") or shop + platform + talent
    channel, changed = whole(sku, "promotion_pay_amount"), whole(sku, "modify_amount")
    if min(shop, platform, talent, promoted, channel) < 0:
        raise BadRecord("a discount is negative", field="sku_order_list.promotion_amount")
    return _Line(listed, paid, shop, platform, talent, promoted, channel, changed, tax, post)


def _due(order: Json, lines: list[_Line], extras: dict[str, int]) -> _Basis:
    changed = whole(order, "modify_amount") if not any(line.changed for line in lines) else 0
    listed = [line.listed for line in lines]
    shares = spread(-changed, listed) if changed < 0 else [-part for part in spread(changed, listed)]
    taxes = 0 if "tax_amount" not in extras else 1
    paid = [
        line.listed - line.promoted + line.changed - share + line.tax * taxes
        for line, share in zip(lines, shares, strict=True)
    ]
    if min(paid) < 0:
        raise BadRecord("a line's discounts are more than its price", field="sku_order_list.promotion_amount")
    charged = tuple(name for name in extras if name != "tax_amount")
    return _Basis(paid, charged, sum(paid) + sum(extras[name] for name in charged))


def _paid(order: Json, lines: list[_Line], extras: dict[str, int], total: int) -> _Basis:
    if total < 0:
        raise BadRecord("an order is not paid less than nothing", field="pay_amount")
    paid = [line.paid for line in lines]
    beside = total - sum(paid)
    charged = _explained(beside, extras)
    by_channel = whole(order, "promotion_pay_amount")
    if charged is None and by_channel > 0:
        # The lines are told before the payment channel's discount, the order after it.
        charged = _explained(beside + by_channel, extras)
        paid = [line - off for line, off in zip(paid, _channel_parts(lines, by_channel), strict=True)]
    if charged is None:
        raise BadRecord(f"{beside} fen beside the lines are not explained by postage and fees", field="pay_amount")
    if "post_amount" in extras and "post_amount" not in charged:
        paid = [line - post for line, post in zip(paid, _postage(lines, extras["post_amount"]), strict=True)]
        charged = ("post_amount", *charged)
    return _Basis(paid, charged, total)


def _explained(beside: int, extras: dict[str, int]) -> tuple[str, ...] | None:
    """The charges that make up exactly what is paid beside the lines, None when none do."""
    for size in range(len(extras) + 1):
        for chosen in combinations(extras, size):
            if sum(extras[name] for name in chosen) == beside:
                return chosen
    return None


def _channel_parts(lines: list[_Line], by_channel: int) -> list[int]:
    told = [line.by_channel for line in lines]
    return told if sum(told) == by_channel else spread(by_channel, [line.paid for line in lines])


def _postage(lines: list[_Line], post: int) -> list[int]:
    """Each line's part of the postage, where the lines' payments hold it."""
    told = [line.post for line in lines]
    parts = told if sum(told) == post else [post] if len(lines) == 1 else []
    if not parts or any(part > line.paid for part, line in zip(parts, lines, strict=True)):
        raise BadRecord("the lines do not say whose payment holds the postage", field="post_amount")
    return parts


def _funders(order: Json, skus: list[Json], lines: list[_Line]) -> list[tuple[int, int]]:
    """(platform, distributor) per line: who bears the cost where that is told, else whose promotion it is."""
    told = [_borne(sku, line) for sku, line in zip(skus, lines, strict=True)]
    if all(funder is not None for funder in told):
        return [funder for funder in told if funder is not None]
    promoted = [line.promoted for line in lines]
    shop, author = whole(order, "shop_cost_amount"), whole(order, "author_cost_amount")
    platform = whole(order, "only_platform_cost_amount")
    if min(shop, author, platform) < 0 or shop + author + platform != sum(promoted):
        return [(line.platform, line.distributor) for line in lines]
    own = (sum(line.platform for line in lines), sum(line.distributor for line in lines))
    if own == (platform, author):
        return [(line.platform, line.distributor) for line in lines]
    others = spread(platform + author, promoted)
    authors = spread(author, others)
    return [(both - theirs, theirs) for both, theirs in zip(others, authors, strict=True)]


def _borne(sku: Json, line: _Line) -> tuple[int, int] | None:
    """Who bears a line's discounts by its own cost fields; None when they do not make up its promotions."""
    if not line.promoted:
        return 0, 0
    if sku.get("shop_cost_amount") is None:
        return None
    author = whole(sku, "author_cost_amount")
    platform = whole(sku, "only_platform_cost_amount") or whole(sku, "platform_cost_amount") - author
    shop = whole(sku, "shop_cost_amount")
    if min(shop, author, platform) < 0 or shop + author + platform != line.promoted:
        return None
    return platform, author


def _share(line: _Line, paid: int, funder: tuple[int, int], alerts: list[str]) -> Share:
    """A line's discounts by funder; the merchant pays what nobody else does."""
    platform, distributor = funder
    gap, wanted = line.listed - paid, line.promoted - line.changed
    tax_included = not (line.tax and gap + line.tax in (wanted, wanted + line.by_channel))
    if not tax_included:
        gap += line.tax
    if line.by_channel and gap == wanted + line.by_channel:
        platform, wanted = platform + line.by_channel, gap
    merchant = gap - platform - distributor
    if gap != wanted:
        alerts.append(f"discount of a line is {gap} fen, its promotions say {wanted}")
    return Share(line.listed, paid, merchant, platform, distributor, line.tax, tax_included)
