"""Detectors of an order's goods and of their prices; each is a pure function that names what it saw, or nothing."""

from __future__ import annotations

from typing import Final

from oms.app.kernel.work import OrderWork
from oms.app.pipeline.cards import Goods, Limits, Seen

LEFT: Final = ("shipped", "part_shipped", "completed")


def unmatched_sku(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """A goods line without a SKU or bundle."""
    if order.holds and order.hold("goods_changed"):
        return None
    lines = [line.external_no for line in goods.open_lines(order) if line.sku_id is None and line.bundle_id is None]
    return {"lines": lines} if lines else None


def empty_bundle(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """A bundle without parts cannot be packed; it counts as unmatched."""
    lines = [
        line.external_no for line in goods.open_lines(order) if line.bundle_id and line.bundle_id not in goods.bundles
    ]
    return {"lines": lines, "bundle": "no parts"} if lines else None


def refund_asked(order: OrderWork, _goods: Goods, _limits: Limits) -> Seen:
    """Money asked back before the goods left."""
    lines = [line for line in order.lines if line.in_refund and line.ordered > line.cancelled + line.shipped]
    return {"line": lines[0].external_no, "case": lines[0].case_no} if lines else None


def already_shipped(order: OrderWork, _goods: Goods, _limits: Limits) -> Seen:
    """The platform says shipped, but we shipped nothing; once we have, the platform's waybills are compared with ours."""
    if order.platform_state not in LEFT or order.origin != "platform":
        return None
    if any(line.shipped for line in order.lines) or any(demand.shipped for demand in order.demands):
        return None
    mine = [line for line in order.lines if line.is_goods]
    lines = [line.id for line in mine if line.platform_state in LEFT] or [line.id for line in mine]
    return {"platform": order.platform_state, "lines": lines}


def possible_duplicate(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """A person has brought an order of this number of the same shop before the platform did."""
    return {"typed": order.external_no} if order.id in goods.typed else None


def large_goods(order: OrderWork, goods: Goods, limits: Limits) -> Seen:
    """大家电: goods that need an appointment, by their class or by what one of them weighs."""
    heaviest = limits["weight_g"]
    skus: set[int] = set()
    for line in goods.open_lines(order):
        card = goods.skus.get(line.sku_id) if line.sku_id else None
        if card and (card.size_class == "large" or 0 < heaviest < card.weight_g):
            skus.add(card.id)
    return {"skus": sorted(skus)} if skus else None


def negative_margin(order: OrderWork, goods: Goods, limits: Limits) -> Seen:
    """What was paid for a line, platform and coin parts included, is less than its goods cost and the margin wanted."""
    margin = 10_000 + limits["margin_bp"]
    for line in goods.open_lines(order):
        if line.is_gift or not line.sku_id:
            continue
        card = goods.skus.get(line.sku_id)
        if card is None or card.cost is None or card.currency != order.currency:
            continue
        income, cost = line.list_amount - line.discount_merchant, card.cost * line.ordered
        if income * 10_000 < cost * margin:
            return {"line": line.external_no, "income": income, "cost": cost}
    return None


def below_floor(order: OrderWork, goods: Goods, limits: Limits) -> Seen:
    """Sold below the floor price of the shop, else of every shop, by more than is let pass."""
    if not goods.floors:
        return None
    share = 10_000 - limits["tolerance_bp"]
    for line in goods.open_lines(order):
        if line.is_gift or not line.sku_id:
            continue
        floor, currency = goods.floors.get((order.shop_id, line.sku_id)) or goods.floors.get((0, line.sku_id), (0, ""))
        income = line.list_amount - line.discount_merchant
        if currency == order.currency and income * 10_000 < floor * line.ordered * share:
            return {"line": line.external_no, "income": income, "floor": floor * line.ordered}
    return None


def gift_only(order: OrderWork, goods: Goods, _limits: Limits) -> Seen:
    """Nothing but gifts is left to ship."""
    lines = goods.open_lines(order)
    if not lines or not all(line.is_gift for line in lines):
        return None
    return {"lines": [line.external_no for line in lines]}
