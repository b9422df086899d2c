"""The calls about parcels: fulfil, ship with labels, deliver, cancel a fulfillment."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from connectors.sandbox.kit.market import NotAllowed, Sale, ship
from connectors.sandbox.kit.market.model import open_num
from connectors.sandbox.medusa.gateway import ADMIN, Ask, Endpoint
from connectors.sandbox.medusa.ids import counted
from connectors.sandbox.medusa.orders_api import check_alive, get_order
from connectors.sandbox.medusa.params import check_body, check_items
from connectors.sandbox.medusa.parcels import done_num
from connectors.sandbox.medusa.refusal import Refusal, broken, invalid, not_found

Doc = dict[str, Any]
PATH = f"{ADMIN}/orders/<id>/fulfillments"
LABEL = {"tracking_number": "string", "tracking_url": "string", "label_url": "string"}
CARRIER = ("carrier", "company", "provider", "courier")


def fulfil(ask: Ask) -> Response:
    sale = ask.sale()
    check_body(ask.body, {"items": "array"}, {
        "location_id": "string", "shipping_option_id": "string", "no_notification": "boolean", "metadata": "object",
        "requires_shipping": "boolean",
    })  # fmt: skip
    items = check_items(ask.body, {})
    check_alive(sale.doc)
    _check_items(sale.doc, items)
    location = str(ask.body.get("location_id") or "")
    if location and location != ask.shop.location:
        raise not_found("StockLocation", location)
    if sale.doc["held"]:
        raise Refusal("not_allowed", f"Order {sale.number} requires action and cannot be fulfilled")
    now = ask.shop.market.now_ms()
    serial = ask.shop.market.storage.next_number("fulfillment", 1)
    sale.doc["fulfillments"] = [*sale.doc["fulfillments"], {
        "id": counted("ful", serial, sale.number), "items": [{"line": i["id"], "num": i["quantity"]} for i in items],
        "location_id": location, "metadata": ask.body.get("metadata"), "labels": [], "created_ms": now, "shipped_ms": 0,
        "delivered_ms": 0, "canceled_ms": 0, "changed_ms": now, "shipment": 0,
    }]  # fmt: skip
    ask.shop.market.changed(sale, "fulfilled")
    return get_order(ask)


def ship_fulfillment(ask: Ask) -> Response:
    sale = ask.sale()
    check_body(ask.body, {"items": "array"}, {"labels": "array", "no_notification": "boolean", "metadata": "object"})
    labels = _labels(ask.body.get("labels") or [])
    check_items(ask.body, {})
    found = _find(ask, sale)
    if found["canceled_ms"]:
        raise Refusal("not_allowed", "Shipment cannot be created for a canceled fulfillment")
    if found["shipped_ms"]:
        raise Refusal("not_allowed", "Shipment has already been created")
    _ship(ask, sale, found, labels)
    return get_order(ask)


def deliver(ask: Ask) -> Response:
    sale = ask.sale()
    found = _find(ask, sale)
    if found["canceled_ms"] or found["delivered_ms"]:
        word = "canceled" if found["canceled_ms"] else "delivered"
        raise Refusal("not_allowed", f"Fulfillment has already been marked {word}")
    _stamp(ask, found, "delivered_ms")
    ask.shop.market.changed(sale, "delivered")
    return get_order(ask)


def cancel_fulfillment(ask: Ask) -> Response:
    sale = ask.sale()
    found = _find(ask, sale)
    if found["shipped_ms"]:
        message = "The fulfillment has already been shipped. Shipped fulfillments cannot be canceled"
        raise Refusal("not_allowed", message)
    if found["canceled_ms"]:
        raise Refusal("not_allowed", "The fulfillment is already canceled")
    _stamp(ask, found, "canceled_ms")
    ask.shop.market.changed(sale, "unfulfilled")
    return get_order(ask)


def _ship(ask: Ask, sale: Sale, found: Doc, labels: list[Doc]) -> None:
    """Let the goods go: those of exchanges are no part of what the order owes."""
    own = {line["no"] for line in sale.lines}
    units = {part["line"]: part["num"] for part in found["items"] if part["line"] in own}
    waybill = labels[0]["tracking_number"] if labels else ""
    if units:
        try:
            ship(ask.shop.market, sale.number, _carrier(found), waybill, oids=list(units), units=units, kind="shipment")
        except NotAllowed as error:
            raise Refusal("not_allowed", str(error)) from None
    else:
        exchanged = [part["line"] for part in found["items"]]
        ask.shop.market.shelves.add_shipment(sale.number, exchanged, _carrier(found), waybill, "exchange")
        ask.shop.market.changed(sale, "shipped")
    fresh = ask.shop.market.find_sale(sale.number)
    for line in fresh.doc["exchange_lines"]:
        line["shipped_num"] += sum(part["num"] for part in found["items"] if part["line"] == line["no"])
    kept = _find(ask, fresh)
    _stamp(ask, kept, "shipped_ms")
    kept["labels"] = labels
    ask.shop.save_quietly(fresh)


def _carrier(found: Doc) -> str:
    """The carrier out of the metadata: the platform has no field for it."""
    told = found["metadata"] or {}
    return next((str(value) for key, value in told.items() if any(word in key for word in CARRIER)), "")


def _check_items(doc: Doc, items: list[Doc]) -> None:
    lines = {line["no"]: line for line in (*doc["lines"], *doc["exchange_lines"])}
    strange = [item["id"] for item in items if item["id"] not in lines]
    if strange:
        raise invalid(f"Items with ids {', '.join(strange)} does not exist in order with id {doc['number']}.")
    for item in items:
        line = lines[item["id"]]
        if item["quantity"] <= 0:
            raise invalid(f"Quantity to fulfill of item {item['id']} is required.")
        packed = done_num(doc, line["no"], "fulfilled") - done_num(doc, line["no"], "shipped")
        if item["quantity"] > open_num(line) - packed:
            raise invalid(f"Quantity to fulfill exceeds the reserved quantity for the item: {item['id']}")


def _labels(labels: list[Any]) -> list[Doc]:
    for position, label in enumerate(labels):
        check_body(label, LABEL, {}, f"labels, {position}, ")
    return labels


def _find(ask: Ask, sale: Sale) -> Doc:
    """The fulfillment that the path names; the platform stumbles over one it does not know."""
    for found in sale.doc["fulfillments"]:
        if found["id"] == ask.args["fulfillment"]:
            chosen: Doc = found
            return chosen
    raise broken()


def _stamp(ask: Ask, found: Doc, name: str) -> None:
    found[name] = found["changed_ms"] = ask.shop.market.now_ms()


ENDPOINTS = (
    Endpoint("fulfillments.create", "POST", PATH, fulfil),
    Endpoint("shipments.create", "POST", f"{PATH}/<fulfillment>/shipments", ship_fulfillment),
    Endpoint("fulfillments.deliver", "POST", f"{PATH}/<fulfillment>/mark-as-delivered", deliver),
    Endpoint("fulfillments.cancel", "POST", f"{PATH}/<fulfillment>/cancel", cancel_fulfillment),
)
