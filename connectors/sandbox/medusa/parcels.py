"""Fulfillments and what has become of each line's units. They are kept in the sale's document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.medusa.ids import made
from connectors.sandbox.medusa.money import bigs
from connectors.sandbox.medusa.shop import at, inventory_of, stamps

Doc = dict[str, Any]
STEPS = ("created_ms", "shipped_ms", "delivered_ms", "canceled_ms")


def live(sale: Mapping[str, Any]) -> list[Doc]:
    """The fulfillments that were not cancelled."""
    return [found for found in sale["fulfillments"] if not found["canceled_ms"]]


def version_of(sale: Mapping[str, Any]) -> int:
    """The order's version: one more with each change of its lines and parcels, none with one of its money alone."""
    steps = sum(bool(found[name]) for found in sale["fulfillments"] for name in STEPS)
    credits = sum(bool(found["credit"]) for found in sale["refunds"])
    return 1 + steps + credits + int(sale["edits"])


def done_num(sale: Mapping[str, Any], line: str, what: str) -> int:
    """Units of a line that are fulfilled, shipped, delivered, requested, received, dismissed or returned."""
    if what in ("fulfilled", "shipped", "delivered"):
        stamp = {"fulfilled": "created_ms", "shipped": "shipped_ms", "delivered": "delivered_ms"}[what]
        return sum(part["num"] for found in live(sale) if found[stamp] for part in found["items"] if part["line"] == line)
    counts = sale["returned"].get(line, {})
    if what == "returned":
        return int(counts.get("received", 0) + counts.get("dismissed", 0))
    return int(counts.get(what, 0))


def fulfillment_status(sale: Mapping[str, Any]) -> str:
    """How far the goods of an order have come, by the units of its lines."""
    found = live(sale)
    if not found:
        # An order whose only fulfillments were cancelled is as good as untouched unless it is cancelled itself.
        return "canceled" if sale["status"] == "cancelled" and sale["fulfillments"] else "not_fulfilled"
    wanted = sum(line["num"] - line.get("removed", 0) for line in sale["lines"])
    for what in ("delivered", "shipped", "fulfilled"):
        count = sum(done_num(sale, line["no"], what) for line in sale["lines"])
        if count:
            return what if count >= wanted else f"partially_{what}"
    return "not_fulfilled"


def fulfillment_document(sale: Mapping[str, Any], found: Mapping[str, Any], location: str) -> Doc:
    """A fulfillment with its items and labels."""
    user = made("user", "staff")
    option = made("so", "express")
    return {
        "id": found["id"], "location_id": found["location_id"] or location, "packed_at": at(found["created_ms"]),
        "shipped_at": at(found["shipped_ms"]), "marked_shipped_by": user if found["shipped_ms"] else None,
        "created_by": user, "delivered_at": at(found["delivered_ms"]), "canceled_at": at(found["canceled_ms"]),
        "data": {}, "requires_shipping": True, "provider_id": "manual_manual", "shipping_option_id": option,
        "metadata": found["metadata"], **stamps(found["created_ms"], found["changed_ms"]),
        "items": [_item(sale, found, part) for part in found["items"]],
        "labels": [_label(found, n, label) for n, label in enumerate(found["labels"])],
    }  # fmt: skip


def _item(sale: Mapping[str, Any], found: Mapping[str, Any], part: Mapping[str, Any]) -> Doc:
    lines = [*sale["lines"], *sale["exchange_lines"]]
    sku = next(line["sku"] for line in lines if line["no"] == part["line"])
    return {
        "id": made("fulit", found["id"], part["line"]), "title": sku["title"], "sku": sku["code"],
        "barcode": sku["barcode"], "line_item_id": part["line"], "inventory_item_id": inventory_of(sku),
        "fulfillment_id": found["id"], **bigs(quantity=part["num"]), **stamps(found["created_ms"]),
    }  # fmt: skip


def _label(found: Mapping[str, Any], position: int, label: Mapping[str, Any]) -> Doc:
    return {"id": made("fulla", found["id"], position), **label, "fulfillment_id": found["id"],
            **stamps(found["shipped_ms"])}  # fmt: skip
