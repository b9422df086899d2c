"""Web hooks: which topics a change has, what is sent to whom, signed with the app's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.kit.market import Pushes
from connectors.sandbox.shopify import hook_bodies
from connectors.sandbox.shopify.documents.order import order_document
from connectors.sandbox.shopify.ids import ORDER_DIGITS
from connectors.sandbox.shopify.shop import Shop, local

Doc = dict[str, Any]
UPDATED = "ORDERS_UPDATED"
#: What happened in the market → the platform's topics.
TOPICS: dict[str, tuple[str, ...]] = {
    "created": ("ORDERS_CREATE", "FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE"), "paid": ("ORDERS_PAID", UPDATED),
    "released": ("FULFILLMENT_ORDERS_HOLD_RELEASED", UPDATED), "held": ("FULFILLMENT_ORDERS_PLACED_ON_HOLD",),
    "hold_released": ("FULFILLMENT_ORDERS_HOLD_RELEASED",), "refund": (UPDATED,), "memo": (UPDATED,),
    "message": (UPDATED,), "address": (UPDATED,), "lines": ("ORDERS_EDITED", UPDATED), "touched": (UPDATED,),
    "mended": (UPDATED,), "signed": ("ORDERS_PAID", UPDATED), "completed": (UPDATED,), "taken_over": (UPDATED,),
    "cancelled": ("ORDERS_CANCELLED", UPDATED), "unshipped": (UPDATED, "FULFILLMENTS_UPDATE"),
    "shipped": (UPDATED, "FULFILLMENTS_CREATE", "ORDERS_PARTIALLY_FULFILLED", "ORDERS_FULFILLED"),
    "tracking": ("FULFILLMENTS_UPDATE",), "refunded": ("REFUNDS_CREATE",), "case_asked": ("RETURNS_REQUEST",),
    "case_agreed": ("RETURNS_APPROVE",), "case_refused": ("RETURNS_DECLINE",), "case_returned": ("RETURNS_UPDATE",),
    "case_processed": ("RETURNS_PROCESS",), "case_succeeded": ("RETURNS_CLOSE",), "case_closed": ("RETURNS_CANCEL",),
    "case_disposed": ("REVERSE_FULFILLMENT_ORDERS_DISPOSE",), "stock": ("INVENTORY_LEVELS_UPDATE",),
    "uninstalled": ("APP_UNINSTALLED",),
}  # fmt: skip
MOST_FAILURES = 8
FAILURES = (
    "select coalesce(sum(tries), 0) from push where url = ? and state in ('waiting', 'given_up')"
    " and id > coalesce((select max(id) from push where url = ? and state = 'done'), 0)"
)


def wire_name(topic: str) -> str:
    """ORDERS_UPDATED → orders/updated, FULFILLMENT_ORDERS_MOVED → fulfillment_orders/moved."""
    heads = ("FULFILLMENT_ORDERS", "REVERSE_FULFILLMENT_ORDERS", "FULFILLMENT_EVENTS", "INVENTORY_LEVELS",
             "ORDER_TRANSACTIONS")  # fmt: skip
    head = next((found for found in heads if topic.startswith(found + "_")), topic.partition("_")[0])
    return f"{head}/{topic.removeprefix(head + '_')}".lower()


def sign(secret: str, body: bytes) -> str:
    """The value of X-Shopify-Hmac-SHA256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def send(shop: Shop, pushes: Pushes, happened: str, number: str, event: str, at_ms: int) -> None:
    """Send what happened to everyone who subscribed one of its topics; bodies show the state of now."""
    for topic in TOPICS.get(happened, ()):
        rows = shop.market.storage.rows("select * from subscription where topic = ? order by id", (topic,))
        body = _body(shop, topic, number) if rows else None
        for row in rows:
            if body is not None and not _is_given_up(shop, dict(row)):
                _push(shop, pushes, dict(row), number, _cut(body, json.loads(row["fields"])), event, at_ms)


def _is_given_up(shop: Shop, row: Mapping[str, Any]) -> bool:
    """A subscription whose address failed eight times in a row is deleted."""
    if shop.market.storage.scalar(FAILURES, (row["uri"], row["uri"])) < MOST_FAILURES:
        return False
    shop.market.storage.execute("delete from subscription where id = ?", (row["id"],))
    return True


def _push(shop: Shop, pushes: Pushes, row: Doc, number: str, body: Doc, event: str, at_ms: int) -> None:
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    name = wire_name(row["topic"])
    headers = {
        "X-Shopify-Topic": name, "X-Shopify-Hmac-SHA256": sign(shop.client_secret, raw),
        "X-Shopify-Shop-Domain": shop.domain, "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": str(uuid.uuid4()), "X-Shopify-Event-Id": event,
        "X-Shopify-Triggered-At": str(local(at_ms)), "X-Shopify-Test": "false",
    }  # fmt: skip
    pushes.send(row["uri"], name, number, raw, headers)


def _cut(body: Doc, fields: list[str]) -> Doc:
    return {name: value for name, value in body.items() if name in fields} if fields else body


def _body(shop: Shop, topic: str, number: str) -> Doc | None:
    """The body of a topic, or None when the topic does not hold for the state of now."""
    if topic == "INVENTORY_LEVELS_UPDATE":
        code, _, place = number.partition("@")
        return hook_bodies.level(shop, code, int(place))
    if topic == "APP_UNINSTALLED":
        return {"id": 90_000_001, "domain": shop.domain, "myshopify_domain": shop.domain}
    if topic.startswith(("RETURNS_", "REVERSE_")):
        return _return_body(shop, number)
    order = number if len(number) == ORDER_DIGITS else number[2 : 2 + ORDER_DIGITS]
    sale = shop.market.shelves.sale(order)
    if sale is None:
        return None
    if topic.startswith("FULFILLMENT_ORDERS_"):
        return hook_bodies.fulfillment_order(sale.doc)
    found = order_document(shop, sale)
    if topic == "REFUNDS_CREATE":
        rows = [row for row in found["refunds"]({}) if row["legacyResourceId"] == number]
        return hook_bodies.refund(sale.doc, rows[0]) if rows else None
    if topic.startswith("FULFILLMENTS_"):
        rows = found["fulfillments"]({})
        rows = [row for row in rows if row["legacyResourceId"] == number] or rows[-1:]
        return hook_bodies.fulfillment(sale.doc, rows[0]) if rows else None
    if topic.endswith("FULFILLED") and topic != f"ORDERS_{found['displayFulfillmentStatus']}":
        return None
    return hook_bodies.order(shop, sale)


def _return_body(shop: Shop, number: str) -> Doc | None:
    case = shop.market.shelves.case(number)
    sale = shop.market.shelves.sale(case.doc["order"]) if case is not None else None
    if sale is None:
        return None
    rows = order_document(shop, sale)["returns"]({})
    return next((hook_bodies.return_(row) for row in rows if row["id"].endswith(f"/{number}")), None)
