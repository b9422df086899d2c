"""Fulfilment orders and fulfilments of an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.shopify import placements
from connectors.sandbox.shopify.documents import goods
from connectors.sandbox.shopify.documents.people import COUNTRY_CODE, address
from connectors.sandbox.shopify.ids import child, gid
from connectors.sandbox.shopify.shop import LOCATIONS, Shop, utc

Doc = dict[str, Any]
Order = Mapping[str, Any]
HOUR = 3_600_000
ACTIONS = {
    "OPEN": ("CREATE_FULFILLMENT", "MOVE", "HOLD", "SPLIT"), "IN_PROGRESS": ("CREATE_FULFILLMENT", "HOLD"),
    "ON_HOLD": ("RELEASE_HOLD",), "SCHEDULED": ("MARK_AS_OPEN",),
}  # fmt: skip


def fo_number(doc: Order, fo: Order) -> str:
    return child("FulfillmentOrder", doc["number"], fo["k"])


def fulfillment_orders(shop: Shop, doc: Order, order: Doc) -> list[Doc]:
    """All FulfillmentOrders of an order, oldest first."""
    left = placements.remaining(doc)
    return [_fulfillment_order(shop, doc, order, fo, left) for fo in doc["fos"]]


def _fulfillment_order(shop: Shop, doc: Order, order: Doc, fo: Doc, left: dict[tuple[int, str], int]) -> Doc:
    number = fo_number(doc, fo)
    waiting = sum(left.get((fo["k"], part["no"]), 0) for part in fo["lines"])
    status = placements.status_of(doc, fo, waiting)
    place = placements.location_of(doc, fo)
    third_party = LOCATIONS[place][6]
    actions = () if third_party else ACTIONS.get(status, ())
    scheduled = doc["is_presale"] and not doc["paid_ms"]
    due = doc["created_ms"] + (72 * HOUR if scheduled else 0)
    return {
        "__typename": "FulfillmentOrder", "id": gid("FulfillmentOrder", number), "status": status,
        "requestStatus": placements.request_status(doc, fo), "createdAt": utc(fo["at_ms"]),
        "updatedAt": lambda args: utc(stamp(shop, number, fo["at_ms"])), "fulfillAt": utc(due),
        "fulfillBy": utc(doc["ship_by_ms"]), "orderId": order["id"], "orderName": order["name"], "order": order,
        "orderProcessedAt": utc(doc["created_ms"]), "channelId": None,
        "assignedLocation": _assigned(place), "destination": lambda args: _destination(shop, doc),
        "deliveryMethod": {"id": gid("DeliveryMethod", number), "presentedName": "标准配送", "serviceCode": "STD",
                           "methodType": "PICK_UP" if doc["kind"] == "pickup" else "SHIPPING"},
        "fulfillmentHolds": [_hold(doc, fo)] if status == "ON_HOLD" else [],
        "supportedActions": [{"action": action, "externalUrl": None} for action in actions],
        "lineItems": lambda args: [_fo_line(doc, order, fo, part, left) for part in fo["lines"]],
        "fulfillments": lambda args: [
            found for found, kept in zip(order["fulfillments"]({}), doc["fulfillments"], strict=True)
            if fo["k"] in kept["fos"]
        ],
    }  # fmt: skip


def stamp(shop: Shop, number: str, otherwise: int) -> int:
    """When a fulfilment order last changed: not when its order did."""
    found = shop.market.storage.scalar("select updated_ms from fo_stamp where id = ?", (number,))
    return int(found or otherwise)


def _assigned(place: int) -> Doc:
    found = goods.location(place)
    where = found["address"]
    return {"name": found["name"], "location": found, "address1": where["address1"], "city": where["city"],
            "province": where["province"], "zip": where["zip"], "countryCode": where["countryCode"],
            "phone": None}  # fmt: skip


def _destination(shop: Shop, doc: Order) -> Doc | None:
    found = address(shop, doc)
    if found is None:
        return None
    return {**found, "countryCode": COUNTRY_CODE, "email": None,
            "id": gid("FulfillmentOrderDestination", doc["number"])}  # fmt: skip


def _hold(doc: Order, fo: Doc) -> Doc:
    return {"id": gid("FulfillmentHold", child("FulfillmentHold", doc["number"], fo["k"])), "handle": "",
            "reason": doc["hold_reason"], "reasonNotes": doc["hold_notes"], "displayReason": doc["hold_reason"].title(),
            "heldByRequestingApp": doc["hold_by_app"]}  # fmt: skip


def _fo_line(doc: Order, order: Doc, fo: Doc, part: Doc, left: dict[tuple[int, str], int]) -> Doc:
    waiting = left.get((fo["k"], part["no"]), 0)
    line = line_in(order, part["no"])
    variant = line["variant"]({}) if line["variant"] else None
    return {
        "id": gid("FulfillmentOrderLineItem", child("FulfillmentOrderLineItem", doc["number"], fo["k"], part["j"])),
        "totalQuantity": max(part["total"], part["shipped"] + waiting), "remainingQuantity": waiting,
        "lineItem": line, "sku": line["sku"], "productTitle": line["title"], "variantTitle": line["variantTitle"],
        "requiresShipping": True, "inventoryItemId": variant["inventoryItem"]({})["id"] if variant else None,
    }  # fmt: skip


def line_in(order: Doc, no: str) -> Doc:
    """The LineItem of this number in an order's document."""
    wanted = gid("LineItem", no)
    found: Doc = next(line for line in order["lineItems"]({}) if line["id"] == wanted)
    return found


def fulfillments(shop: Shop, doc: Order, order: Doc) -> list[Doc]:
    """All Fulfillments of an order, oldest first."""
    return [fulfillment(shop, doc, order, kept) for kept in doc["fulfillments"]]


def fulfillment(shop: Shop, doc: Order, order: Doc, kept: Doc) -> Doc:
    """One Fulfillment: a parcel, or several with as many numbers."""
    number = child("Fulfillment", doc["number"], kept["k"])
    events = kept["events"]
    delivered = next((event["at_ms"] for event in reversed(events) if event["status"] == "DELIVERED"), 0)
    shown = "CANCELED" if kept["status"] == "CANCELLED" else events[-1]["status"] if events else "FULFILLED"
    return {
        "__typename": "Fulfillment", "id": gid("Fulfillment", number), "legacyResourceId": number,
        "name": f"{order['name']}-F{kept['k']}", "status": kept["status"], "displayStatus": shown,
        "createdAt": utc(kept["at_ms"]), "updatedAt": utc(kept["changed_ms"]), "deliveredAt": utc(delivered),
        "inTransitAt": None, "estimatedDeliveryAt": None, "requiresShipping": True, "order": order,
        "totalQuantity": sum(part["num"] for part in kept["lines"]), "location": goods.location(kept["location"]),
        "trackingInfo": list(kept["tracking"]),
        "fulfillmentLineItems": lambda args: [_shipped_line(doc, order, kept, part) for part in kept["lines"]],
        "fulfillmentOrders": lambda args: [
            found for found, fo in zip(order["fulfillmentOrders"]({}), doc["fos"], strict=True) if fo["k"] in kept["fos"]
        ],
        "events": [event_of(doc, kept, n) for n in range(len(events))],
    }  # fmt: skip


def event_of(doc: Order, kept: Doc, n: int) -> Doc:
    """The n-th FulfillmentEvent of a fulfilment."""
    event = kept["events"][n]
    return {"id": gid("FulfillmentEvent", child("FulfillmentEvent", doc["number"], kept["k"], n + 1)),
            "status": event["status"], "happenedAt": utc(event["at_ms"]), "message": event["message"]}  # fmt: skip


def _shipped_line(doc: Order, order: Doc, kept: Doc, part: Doc) -> Doc:
    line = line_in(order, part["no"])
    return {"id": gid("FulfillmentLineItem", child("FulfillmentLineItem", doc["number"], kept["k"], part["j"])),
            "quantity": part["num"], "lineItem": line, "originalTotalSet": line["originalTotalSet"],
            "discountedTotalSet": line["discountedTotalSet"]({})}  # fmt: skip


def shipped_line_of(doc: Order, order: Doc, no: str) -> Doc | None:
    """The FulfillmentLineItem that carried a line first, as returns point at it."""
    for kept in doc["fulfillments"]:
        for part in kept["lines"]:
            if part["no"] == no and kept["status"] == "SUCCESS":
                return _shipped_line(doc, order, kept, part)
    return None
