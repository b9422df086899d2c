"""Web hooks: which events a change is, what is sent to whom (the result of the hook's own query), signed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from connectors.sandbox.kit.gql.parsing import parse
from connectors.sandbox.kit.gql.running import Run
from connectors.sandbox.kit.gql.tree import Document
from connectors.sandbox.kit.market import Pushes, Sale
from connectors.sandbox.saleor import books
from connectors.sandbox.saleor.documents import goods
from connectors.sandbox.saleor.documents.order import order_document
from connectors.sandbox.saleor.ids import key_of
from connectors.sandbox.saleor.queries import item_of
from connectors.sandbox.saleor.schema import schema
from connectors.sandbox.saleor.shop import VERSION, Shop, utc
from connectors.sandbox.saleor.signing import hmac_hex

Doc = dict[str, Any]
UPDATED = "ORDER_UPDATED"
_ORDER = "order { id number updatedAt status }"
#: The hook that a twin starts with when it is told an address.
FIRST_HOOK: Doc = {
    "asyncEvents": ["ORDER_CREATED", UPDATED, "ORDER_CANCELLED", "ORDER_REFUNDED", "FULFILLMENT_CREATED"],
    "query": f"""subscription {{ event {{ __typename issuedAt version ... on OrderCreated {{ {_ORDER} }}
      ... on OrderUpdated {{ {_ORDER} }} ... on OrderCancelled {{ {_ORDER} }} ... on OrderRefunded {{ {_ORDER} }}
      ... on FulfillmentCreated {{ {_ORDER} fulfillment {{ id trackingNumber }} }} }} }}""",
}
#: Events of a change beside ORDER_UPDATED; every change of an order is one of those as well, its creation excepted.
EVENTS: dict[str, tuple[str, ...]] = {
    "paid": ("ORDER_PAID", "ORDER_FULLY_PAID"), "released": ("ORDER_CONFIRMED",), "metadata": ("ORDER_METADATA_UPDATED",),
    "refunded": ("ORDER_REFUNDED",), "fulfillment_created": ("FULFILLMENT_CREATED",),
    "fulfillment_canceled": ("FULFILLMENT_CANCELED",), "fulfillment_approved": ("FULFILLMENT_APPROVED",),
    "tracking": ("FULFILLMENT_TRACKING_NUMBER_UPDATED",), "case_succeeded": ("ORDER_REFUNDED",),
}  # fmt: skip


def events_of(shop: Shop, topic: str, sale: Sale) -> list[str]:
    """The platform's events of one change."""
    doc = sale.doc
    if topic == "created":
        first = "ORDER_BULK_CREATED" if doc["origin"] == "BULK_CREATE" else "ORDER_CREATED"
        paid = ["ORDER_PAID", "ORDER_FULLY_PAID"] if doc["paid_ms"] else []
        return [first, *(["ORDER_CONFIRMED"] if not doc["held"] else []), *paid]
    if topic == "cancelled":
        return ["ORDER_EXPIRED" if doc["expired"] else "ORDER_CANCELLED", UPDATED]
    found = list(EVENTS.get(topic, ()))
    if topic == "shipped" and books.order_status(doc) == "FULFILLED":
        found.append("ORDER_FULFILLED")
    if found[:1] == ["ORDER_REFUNDED"] and books.charged(doc) <= 0:
        found.append("ORDER_FULLY_REFUNDED")
    return [*found, UPDATED]


def send(shop: Shop, pushes: Pushes, topic: str, number: str, at_ms: int) -> None:
    """Send one change to every hook that listens to one of its events."""
    hooks = [dict(row) for row in shop.market.storage.rows("select * from webhook where active = 1 order by id")]
    if topic == "stock":
        for hook in hooks:
            _send(shop, pushes, hook, "PRODUCT_VARIANT_STOCK_UPDATED", _stock(shop, number), number, at_ms)
        return
    order, _, fulfillment = number.partition("#")
    case = shop.market.shelves.case(order)
    sale = shop.market.shelves.sale(case.doc["order"] if case is not None else order)
    if sale is None:
        return
    for event in events_of(shop, topic, sale):
        content = _content(shop, event, sale, fulfillment)
        for hook in hooks:
            _send(shop, pushes, hook, event, content, sale.number, at_ms)


def type_name(event: str) -> str:
    """`ORDER_UPDATED` as its type is called: `OrderUpdated`."""
    return "".join(word.capitalize() for word in event.split("_"))


def _content(shop: Shop, event: str, sale: Sale, fulfillment: str) -> Doc:
    order = order_document(shop, sale)
    if event == "ORDER_BULK_CREATED":
        return {"orders": [order]}
    rows = order["fulfillments"]({}) if event.startswith("FULFILLMENT_") else []
    mine = next((row for row in rows if key_of("Fulfillment", row["id"]) == fulfillment), None)
    return {"order": order, "fulfillment": mine, "notifyCustomer": False}


def _stock(shop: Shop, number: str) -> Doc:
    code, _, where = number.partition("@")
    item = item_of(shop, {"sku": code})
    return {"productVariant": None if item is None else goods.variant(shop, item), "warehouse": goods.warehouse(where)}


def _send(shop: Shop, pushes: Pushes, hook: Doc, event: str, content: Doc, number: str, at_ms: int) -> None:
    listens = json.loads(hook["events"])
    if event not in listens and "ANY_EVENTS" not in listens:
        return
    body = _body(hook["query"], event, content, at_ms)
    if body is None:
        return
    raw = json.dumps(body, ensure_ascii=False).encode()
    signature = hmac_hex(hook["secret"], raw) if hook["secret"] else shop.signer.jws(raw)
    told = {"Event": event.lower(), "Domain": shop.host, "Signature": signature,
            "Api-Url": f"http://{shop.host}/graphql/"}  # fmt: skip
    headers = {f"{head}{name}": value for name, value in told.items() for head in ("Saleor-", "X-Saleor-")
               if (head, name) != ("X-Saleor-", "Api-Url")}  # fmt: skip
    custom = json.loads(hook["headers"] or "{}")
    pushes.send(hook["url"], event, number, raw, {**custom, **headers})


def _body(query: str, event: str, content: Doc, at_ms: int) -> Any:
    """The result of the hook's query, or the older list of serialised orders; None when the query asks for nothing."""
    if not query:
        return _legacy(content)
    document = _parsed(query)
    kept = {"__typename": type_name(event), "issuedAt": utc(at_ms), "version": VERSION, **content}
    run = Run(schema(), document, document.operations[0], {}, {"event": lambda args, directives: kept})
    found = run.answer.get("event")
    return found or None


def _legacy(content: Mapping[str, Any]) -> Any:
    orders = [content["order"]] if content.get("order") else content.get("orders") or []
    return [
        {"type": "Order", "id": order["id"], "number": order["number"], "status": str(order["status"]).lower(),
         "created": order["created"], "updated_at": order["updatedAt"], "user_email": order["userEmail"],
         "currency": order["total"]["currency"], "total_gross_amount": str(order["total"]["gross"]["amount"]),
         "meta": {"version": VERSION}}
        for order in orders
    ]  # fmt: skip


@lru_cache(maxsize=64)
def _parsed(text: str) -> Document:
    return parse(text)
