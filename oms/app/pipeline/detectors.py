"""Finds what is abnormal about an order; each detector is a pure function that names what it saw, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from oms.app.kernel.work import LineWork, OrderWork
from oms.app.pipeline.goods import Goods

Seen = dict[str, Any] | None
Detector = Callable[[OrderWork, Goods], Seen]
LEFT: Final = ("shipped", "part_shipped", "completed")


def unmatched_sku(order: OrderWork, goods: Goods) -> Seen:
    """A goods line without a SKU or bundle."""
    if order.hold("goods_changed"):
        return None
    lines = [line.external_no for line in _open(order, goods) if line.sku_id is None and line.bundle_id is None]
    return {"lines": lines} if lines else None


def empty_bundle(order: OrderWork, goods: Goods) -> Seen:
    """A bundle without parts cannot be packed; it counts as unmatched."""
    lines = [line.external_no for line in _open(order, goods) if line.bundle_id and line.bundle_id not in goods.bundles]
    return {"lines": lines, "bundle": "no parts"} if lines else None


def bad_address(order: OrderWork, goods: Goods) -> Seen:
    """Goods are to go where not even the province is known, or to a plain receiver that lacks a part.

    A district stands for its city.
    """
    if not _open(order, goods):
        return None
    seen: dict[str, Any] = {} if order.division_code else {"division": ""}
    if order.id in goods.lacking:
        seen["missing"] = list(goods.lacking[order.id])
    return seen or None


def platform_hold(order: OrderWork, _goods: Goods) -> Seen:
    """The platform's own flags not to ship."""
    return {"flags": order.platform_holds} if order.platform_holds else None


def refund_asked(order: OrderWork, _goods: Goods) -> Seen:
    """Money asked back before the goods left."""
    lines = [line for line in order.lines if line.in_refund and line.ordered > line.cancelled + line.shipped]
    return {"line": lines[0].external_no, "case": lines[0].case_no} if lines else None


def already_shipped(order: OrderWork, _goods: Goods) -> Seen:
    """The platform says shipped, but we shipped nothing; once we have, the platform's waybills are compared with ours."""
    if order.platform_state not in LEFT or order.origin != "platform":
        return None
    if any(line.shipped for line in order.lines) or any(demand.shipped for demand in order.demands):
        return None
    goods = [line for line in order.lines if line.is_goods]
    lines = [line.id for line in goods if line.platform_state in LEFT] or [line.id for line in goods]
    return {"platform": order.platform_state, "lines": lines}


def possible_duplicate(order: OrderWork, goods: Goods) -> Seen:
    """A person has brought an order of this number of the same shop before the platform did."""
    return {"typed": order.external_no} if order.id in goods.typed else None


def large_goods(order: OrderWork, goods: Goods) -> Seen:
    """大家电: goods that need an appointment."""
    skus = {line.sku_id for line in _open(order, goods) if line.sku_id}
    large = sorted(id_ for id_ in skus if (card := goods.skus.get(id_)) and card.size_class == "large")
    return {"skus": large} if large else None


def negative_margin(order: OrderWork, goods: Goods) -> Seen:
    """What was paid for a line, platform and coin parts included, is less than its goods cost."""
    for line in _open(order, goods):
        if line.is_gift or not line.sku_id:
            continue
        card = goods.skus.get(line.sku_id)
        income = line.list_amount - line.discount_merchant
        if card and card.cost is not None and income < card.cost * line.ordered:
            return {"line": line.external_no, "income": income, "cost": card.cost * line.ordered}
    return None


def below_floor(order: OrderWork, goods: Goods) -> Seen:
    """Sold below the floor price of the shop, else of every shop."""
    for line in _open(order, goods):
        if line.is_gift or not line.sku_id:
            continue
        floor = goods.floors.get((order.shop_id, line.sku_id), goods.floors.get((0, line.sku_id)))
        income = line.list_amount - line.discount_merchant
        if floor is not None and income < floor * line.ordered:
            return {"line": line.external_no, "income": income, "floor": floor * line.ordered}
    return None


def _open(order: OrderWork, goods: Goods) -> list[LineWork]:
    """The goods lines with something left to ship, found once for all detectors of an order."""
    if goods.seen_order != order.id:
        goods.seen_order = order.id
        goods.seen_open = [
            line
            for line in order.lines
            if line.is_goods and not line.is_void and line.ordered > line.cancelled + line.shipped
        ]
    return goods.seen_open


#: Hold kind → what finds it. A finding that is gone clears its hold if that kind clears by itself.
DETECTORS: Final[dict[str, tuple[Detector, ...]]] = {
    "unmatched_sku": (unmatched_sku, empty_bundle),
    "bad_address": (bad_address,),
    "platform_hold": (platform_hold,),
    "refund_asked": (refund_asked,),
    "already_shipped": (already_shipped,),
    "possible_duplicate": (possible_duplicate,),
    "large_goods": (large_goods,),
    "negative_margin": (negative_margin,),
    "below_floor": (below_floor,),
}


def detect(order: OrderWork, goods: Goods) -> dict[str, dict[str, Any]]:
    """Hold kind → what was seen, for everything abnormal about an order."""
    found = {}
    goods.seen_order = None
    for kind, detectors in DETECTORS.items():
        for detector in detectors:
            seen = detector(order, goods)
            if seen is not None:
                found[kind] = seen
                break
    return found
