"""Notifications: destinations and subscriptions, and the messages that a relay of the queue posts to the hub."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.amazon.clock import text_of
from connectors.sandbox.amazon.errors import ApiError, invalid, not_found
from connectors.sandbox.amazon.shop import Asked, Doc, Operation, Shop
from connectors.sandbox.amazon.states import OLD_SPELLING, fulfillment_status, is_cancel_request
from connectors.sandbox.amazon.tokens import GRANTLESS
from connectors.sandbox.kit.market import Pushes, Sale

NOTICE_SCHEMA = """
create table if not exists destination (id text primary key, name text not null, resource text not null);
create table if not exists subscription (
    id text primary key, kind text not null unique, destination text not null, version text not null);
"""
KINDS = ("ORDER_CHANGE", "REPORT_PROCESSING_FINISHED", "FEED_PROCESSING_FINISHED")
VERSIONS = {"ORDER_CHANGE": "1.0"}


def create_destination(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    body = asked.body("name", "resourceSpecification")
    resource = body["resourceSpecification"]
    sqs, bridge = resource.get("sqs") or {}, resource.get("eventBridge") or {}
    if not sqs.get("arn") and not (bridge.get("accountId") and bridge.get("region")):
        raise invalid("resourceSpecification needs sqs.arn, or eventBridge.accountId and region.")
    rows = shop.market.storage.rows("select resource from destination")
    if json.dumps(resource) in [row["resource"] for row in rows]:
        raise ApiError(409, "Conflict", "A destination for this resource exists already.")
    id_ = str(uuid.uuid4())
    values = (id_, str(body["name"]), json.dumps(resource))
    shop.market.storage.execute("insert into destination values (?, ?, ?)", values)
    return 200, {"payload": _destination(*values)}


def destinations(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    rows = shop.market.storage.rows("select * from destination order by rowid")
    return 200, {"payload": [_destination(row["id"], row["name"], row["resource"]) for row in rows]}


def delete_destination(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    if not shop.market.storage.execute("delete from destination where id = ?", (asked.path["id"],)):
        raise not_found("No such destination.")
    return 200, {}


def subscribe(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    """One subscription a type and application; a second is a conflict."""
    kind = _kind(asked)
    body = asked.body("payloadVersion", "destinationId")
    if shop.market.storage.one("select 1 from destination where id = ?", (body["destinationId"],)) is None:
        raise invalid("destinationId names no destination.")
    if shop.market.storage.one("select 1 from subscription where kind = ?", (kind,)) is not None:
        raise ApiError(409, "Conflict", "A subscription for this notification type exists already.")
    add_subscription(shop, kind, str(body["destinationId"]), str(body["payloadVersion"]))
    return 200, {"payload": _subscription(shop, kind)}


def subscription(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    return 200, {"payload": _subscription(shop, _kind(asked))}


def unsubscribe(shop: Shop, asked: Asked) -> tuple[int, Doc]:
    values = (_kind(asked), asked.path["id"])
    if not shop.market.storage.execute("delete from subscription where kind = ? and id = ?", values):
        raise not_found("No such subscription.")
    return 200, {}


def add_subscription(shop: Shop, kind: str, destination: str, version: str = "1.0") -> None:
    """Subscribe unless that is done already."""
    shop.market.storage.execute(
        "insert or ignore into subscription values (?, ?, ?, ?)", (str(uuid.uuid4()), kind, destination, version)
    )


def send(shop: Shop, pushes: Pushes, kind: str, payload: Mapping[str, Any], number: str = "") -> None:
    """Put a notification into the subscriber's queue; a relay posts it to `push_url`.

    `push_form` "eventbridge" wraps it as an event of the partner bus; `push_headers` are what the relay adds.
    """
    row = shop.market.storage.one("select * from subscription where kind = ?", (kind,))
    if row is None:
        return
    now = text_of(shop.market.now_ms())
    notice: Doc = {
        "notificationVersion": "1.0", "notificationType": kind, "payloadVersion": row["version"], "eventTime": now,
        "payload": dict(payload), "notificationMetadata": {
            "applicationId": shop.keys["application_id"], "subscriptionId": row["id"], "publishTime": now,
            "notificationId": str(uuid.uuid4()),
        },
    }  # fmt: skip
    if kind == "ORDER_CHANGE":
        notice = _capitalised(notice)
    if shop.settings.get("push_form") == "eventbridge":
        notice = {
            "version": "0", "id": str(uuid.uuid4()), "detail-type": kind, "region": "us-east-1", "resources": [],
            "source": "aws.partner/sellingpartnerapi.amazon.com", "account": "0" * 12, "time": now, "detail": notice,
        }  # fmt: skip
    body = json.dumps(notice, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", **_forwarded(shop, body), **shop.settings.get("push_headers", {})}
    pushes.send(str(shop.settings.get("push_url", "")), kind, number, body, headers)


def _forwarded(shop: Shop, body: bytes) -> Doc:
    """What a forwarder signs: Amazon itself signs nothing, its queue's policy says who may write."""
    stamp = str(shop.market.now_ms() // 1000)
    mark = hmac.new(shop.keys["push_secret"].encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Notification-Timestamp": stamp, "X-Notification-Signature": mark}


def order_change(shop: Shop, sale: Sale, topic: str) -> Doc:
    """The payload of ORDER_CHANGE."""
    doc = sale.doc
    asked = topic == "case_asked"
    reason = "Buyer Requested Cancel" if asked else topic
    return {"OrderChangeNotification": {
        "NotificationLevel": "OrderLevel", "SellerId": shop.keys["seller_id"], "AmazonOrderId": sale.number,
        "OrderChangeType": "BuyerRequestedChange" if asked else "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": text_of(doc["changed_ms"]), "ChangeReason": reason},
        "Summary": {
            "MarketplaceId": shop.marketplace, "OrderStatus": OLD_SPELLING[fulfillment_status(doc)],
            "PurchaseDate": text_of(doc["created_ms"]), "DestinationPostalCode": doc["receiver"]["zip"],
            "FulfillmentType": "AFN" if doc["by_platform"] else "MFN", "OrderType": "StandardOrder",
            "NumberOfItemsShipped": sum(line["shipped_num"] for line in sale.lines),
            "NumberOfItemsUnshipped": sum(line["num"] - line["shipped_num"] for line in sale.lines),
            "OrderItems": [_item(shop, sale, line) for line in sale.lines],
        },
    }}  # fmt: skip


def _item(shop: Shop, sale: Sale, line: Doc) -> Doc:
    asked = any(is_cancel_request(case) and case.doc["state"] == "asked" and case.doc["lines"][0]["no"] == line["no"]
                for case in shop.market.shelves.cases_of(sale.number))  # fmt: skip
    return {"OrderItemId": line["no"], "SellerSKU": line["sku"]["code"], "Quantity": line["num"],
            "QuantityShipped": line["shipped_num"], "IsBuyerRequestedCancel": asked}  # fmt: skip


def _capitalised(notice: Doc) -> Doc:
    """ORDER_CHANGE writes the names of the envelope with capitals."""
    told = {name[0].upper() + name[1:]: value for name, value in notice.items()}
    told["NotificationMetadata"] = {
        name[0].upper() + name[1:]: text for name, text in told["NotificationMetadata"].items()
    }
    return told


def _kind(asked: Asked) -> str:
    if asked.path["kind"] not in KINDS:
        raise invalid("notificationType is not one that can be subscribed to here.")
    return asked.path["kind"]


def _subscription(shop: Shop, kind: str) -> Doc:
    row = shop.market.storage.one("select * from subscription where kind = ?", (kind,))
    if row is None:
        raise not_found("No subscription for this notification type.")
    return {"subscriptionId": row["id"], "payloadVersion": row["version"], "destinationId": row["destination"]}


def _destination(id_: str, name: str, resource: str) -> Doc:
    return {"destinationId": id_, "name": name, "resource": json.loads(resource)}


PATH = "/notifications/v1"
OPERATIONS = (
    Operation("createDestination", "POST", f"{PATH}/destinations", 1, 5, create_destination, GRANTLESS),
    Operation("getDestinations", "GET", f"{PATH}/destinations", 1, 5, destinations, GRANTLESS),
    Operation("deleteDestination", "DELETE", f"{PATH}/destinations/<id>", 1, 5, delete_destination, GRANTLESS),
    Operation("createSubscription", "POST", f"{PATH}/subscriptions/<kind>", 1, 5, subscribe),
    Operation("getSubscription", "GET", f"{PATH}/subscriptions/<kind>", 1, 5, subscription),
    Operation("deleteSubscriptionById", "DELETE", f"{PATH}/subscriptions/<kind>/<id>", 1, 5, unsubscribe, GRANTLESS),
)
