"""The state machines: which state an order is in by what happened to it, and where it may go from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.vendure import books

Doc = dict[str, Any]
Order = Mapping[str, Any]
NEXT: dict[str, tuple[str, ...]] = {
    "Draft": ("Cancelled", "ArrangingPayment"),
    "AddingItems": ("ArrangingPayment", "Cancelled"),
    "ArrangingPayment": ("PaymentAuthorized", "PaymentSettled", "AddingItems", "Cancelled"),
    "PaymentAuthorized": ("PaymentSettled", "Cancelled", "Modifying", "ArrangingAdditionalPayment"),
    "PaymentSettled": ("PartiallyDelivered", "Delivered", "PartiallyShipped", "Shipped", "Cancelled", "Modifying",
                       "ArrangingAdditionalPayment"),
    "PartiallyShipped": ("Shipped", "PartiallyDelivered", "Cancelled", "Modifying"),
    "Shipped": ("PartiallyDelivered", "Delivered", "Cancelled", "Modifying"),
    "PartiallyDelivered": ("Delivered", "Cancelled", "Modifying"),
    "Delivered": ("Cancelled",),
    "Modifying": ("PaymentAuthorized", "PaymentSettled", "PartiallyShipped", "Shipped", "PartiallyDelivered",
                  "ArrangingAdditionalPayment"),
    "ArrangingAdditionalPayment": ("PaymentAuthorized", "PaymentSettled", "PartiallyShipped", "Shipped",
                                   "PartiallyDelivered", "Cancelled"),
    "OnHold": ("PaymentSettled", "Cancelled"),
    "Cancelled": (),
}  # fmt: skip
FULFILLMENT_NEXT: dict[str, tuple[str, ...]] = {
    "Pending": ("Shipped", "Delivered", "Cancelled"),
    "Shipped": ("Delivered", "Cancelled"),
    "Delivered": ("Cancelled",),
    "Cancelled": (),
}
#: Which state an order of such a kind shows while nobody has paid.
UNPAID = {"cart": "AddingItems", "draft": "Draft", "pre_auth": "PaymentAuthorized"}
#: Which state an order of such a kind shows while it is held; others wait in the shop's own state.
HELD = {"modifying": "Modifying", "additional_payment": "ArrangingAdditionalPayment"}
#: States in the order in which parcels move an order; a cancelled parcel moves none back.
BY_PARCELS = ("PaymentAuthorized", "PaymentSettled", "PartiallyShipped", "Shipped", "PartiallyDelivered", "Delivered")
FULFILLABLE = frozenset(BY_PARCELS)


def order_state(doc: Order) -> str:
    """The order's state in the platform's words; `OnHold` is this shop's own."""
    left = sum(books.units(doc, line) for line in doc["lines"])
    if doc["status"] == "cancelled" or not left:
        return "Cancelled"
    if doc["status"] == "unpaid":
        return UNPAID.get(doc["kind"], "ArrangingPayment")
    if doc["held"]:
        return str(doc["held_as"])
    on_the_way = _by_parcels(doc, left)
    if on_the_way:
        return on_the_way
    return "PaymentSettled" if doc["paid_ms"] else "PaymentAuthorized"


def after(before: str, now: str) -> str:
    """The state that follows: what parcels brought about stays although a parcel was cancelled."""
    if before in BY_PARCELS[2:] and now in BY_PARCELS and BY_PARCELS.index(now) < BY_PARCELS.index(before):
        return before
    return now


def _by_parcels(doc: Order, left: int) -> str:
    delivered = min(left, _units_in(doc, "Delivered"))
    away = min(left, delivered + _units_in(doc, "Shipped"))
    if delivered:
        return "Delivered" if delivered >= left else "PartiallyDelivered"
    if away:
        return "Shipped" if away >= left else "PartiallyShipped"
    return ""


def _units_in(doc: Order, state: str) -> int:
    """Units of the lines that lie in fulfillments of this state, as far as they are still on the order."""
    found = 0
    for line in doc["lines"]:
        there = sum(one["lines"].get(line["no"], 0) for one in doc["fulfillments"] if one["state"] == state)
        found += min(there, books.units(doc, line))
    return found


def next_states(doc: Order) -> list[str]:
    return list(NEXT.get(doc["state"], ()))


def is_active(doc: Order) -> bool:
    """Whether the order is still somebody's cart."""
    return not doc["placed_ms"] and order_state(doc) in ("AddingItems", "ArrangingPayment")
