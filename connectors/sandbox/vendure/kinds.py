"""Kinds of orders and control verbs of this platform's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.kit.market import NotAllowed, Sale
from connectors.sandbox.vendure.shop import Shop

Body = Mapping[str, Any]
#: Kinds that the traffic does not know, and the plan of the traffic that each starts from.
OWN_KINDS = {
    "cart": "unpaid", "draft": "unpaid", "declined": "unpaid", "modifying": "held", "additional_payment": "held",
    "tax_excluded": "plain", "untaxed": "plain", "surcharge": "plain", "foreign": "plain", "seller": "plain",
    "aggregate": "plain",
}  # fmt: skip


def _deliver(shop: Shop, sale: Sale, body: Body) -> None:
    """The oldest parcel on its way arrives."""
    kept = next((one for one in sale.doc["fulfillments"] if one["state"] == "Shipped"), None)
    if kept is None:
        raise NotAllowed(f"order {sale.number} has no parcel on its way")
    kept |= {"state": "Delivered", "changed_ms": shop.market.now_ms()}
    shop.market.changed(sale, "completed")


def _hold(shop: Shop, sale: Sale, body: Body) -> None:
    """The shop's own state stops an order that has not left."""
    if sale.doc["status"] != "open" or sale.doc["held"]:
        raise NotAllowed(f"order {sale.number} in {sale.doc['status']} cannot be held")
    sale.doc |= {"held": True, "held_as": "OnHold"}
    shop.market.changed(sale, "held")


def _touch(shop: Shop, sale: Sale, body: Body) -> None:
    """Somebody saves the order's row without changing anything in it."""
    sale.doc["touches"] += 1
    shop.market.changed(sale, "touched")


def _fail_refund(shop: Shop, sale: Sale, body: Body) -> None:
    """The gateway gives a pending refund up."""
    kept = next((one for one in sale.doc["refunds"] if one["state"] == "Pending"), None)
    if kept is None:
        raise NotAllowed(f"order {sale.number} has no pending refund")
    kept |= {"state": "Failed", "changed_ms": shop.market.now_ms()}
    shop.market.changed(sale, "refund_settled")


def _no_platform_ships(shop: Shop, sale: Sale, body: Body) -> None:
    """Nobody ships in the place of a shop of one's own."""
    raise LookupError("no verb take_over here")


OWN_VERBS: dict[str, Callable[[Shop, Sale, Body], None]] = {
    "deliver": _deliver, "hold": _hold, "touch": _touch, "fail_refund": _fail_refund, "take_over": _no_platform_ships,
}  # fmt: skip
