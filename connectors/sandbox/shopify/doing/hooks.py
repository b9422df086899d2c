"""Subscriptions of web hooks, as an app makes, changes and deletes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.sandbox.shopify.doing.answers import UserError
from connectors.sandbox.shopify.ids import gid, number_in
from connectors.sandbox.shopify.shop import Shop, utc

Args = Mapping[str, Any]
Doc = dict[str, Any]
AT_HOME = ("127.0.0.1", "localhost")
FIRST = 1_400_000_000_001


def document(shop: Shop, row: Mapping[str, Any]) -> Doc:
    """A WebhookSubscription."""
    return {
        "__typename": "WebhookSubscription", "id": gid("WebhookSubscription", row["id"]), "topic": row["topic"],
        "legacyResourceId": str(row["id"]), "uri": row["uri"], "callbackUrl": row["uri"], "format": row["format"],
        "filter": row["filter"] or None, "includeFields": json.loads(row["fields"]),
        "createdAt": utc(row["created_ms"]), "updatedAt": utc(row["updated_ms"]),
        "apiVersion": {"handle": shop.version, "displayName": shop.version, "supported": True},
        "endpoint": {"__typename": "WebhookHttpEndpoint", "callbackUrl": row["uri"]},
    }  # fmt: skip


def rows(shop: Shop, args: Args) -> list[Doc]:
    """The app's subscriptions, perhaps of some topics or one address."""
    address = args.get("uri") or args.get("callbackUrl")
    found = [dict(row) for row in shop.market.storage.rows("select * from subscription order by id")]
    found = [row for row in found if not args.get("topics") or row["topic"] in args["topics"]]
    return [document(shop, row) for row in found if not address or row["uri"] == address]


def find(shop: Shop, id_: str) -> Doc | None:
    number = number_in(id_, "WebhookSubscription")
    row = shop.market.storage.one("select * from subscription where id = ?", (number,))
    return None if row is None else document(shop, dict(row))


def create(shop: Shop, args: Args) -> Doc:
    """webhookSubscriptionCreate."""
    told = args["webhookSubscription"]
    uri = _uri(told)
    storage = shop.market.storage
    if storage.one("select 1 from subscription where topic = ? and uri = ?", (args["topic"], uri)):
        raise UserError(["webhookSubscription", "callbackUrl"], "Address for this topic has already been taken")
    number = storage.next_number("subscription", FIRST)
    now = shop.market.now_ms()
    storage.execute(
        "insert into subscription (id, topic, uri, format, fields, filter, created_ms, updated_ms)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, args["topic"], uri, told.get("format") or "JSON", json.dumps(told.get("includeFields") or []),
         told.get("filter") or "", now, now),
    )  # fmt: skip
    return {"webhookSubscription": find(shop, gid("WebhookSubscription", number))}


def update(shop: Shop, args: Args) -> Doc:
    """webhookSubscriptionUpdate."""
    told, held = args["webhookSubscription"], find(shop, args["id"])
    if held is None:
        raise UserError(["id"], "Webhook subscription does not exist")
    uri = _uri(told) if told.get("uri") or told.get("callbackUrl") else held["uri"]
    fields = told["includeFields"] or [] if "includeFields" in told else held["includeFields"]
    shop.market.storage.execute(
        "update subscription set uri = ?, fields = ?, filter = ?, updated_ms = ? where id = ?",
        (uri, json.dumps(fields), told.get("filter", held["filter"]) or "", shop.market.now_ms(),
         number_in(args["id"], "WebhookSubscription")),
    )  # fmt: skip
    return {"webhookSubscription": find(shop, args["id"])}


def delete(shop: Shop, args: Args) -> Doc:
    """webhookSubscriptionDelete."""
    number = number_in(args["id"], "WebhookSubscription")
    if not shop.market.storage.execute("delete from subscription where id = ?", (number,)):
        raise UserError(["id"], "Webhook subscription does not exist")
    return {"deletedWebhookSubscriptionId": args["id"]}


def _uri(told: Doc) -> str:
    """The address; plain http only to this very machine, which the platform itself would never accept."""
    uri = str(told.get("uri") or told.get("callbackUrl") or "")
    parts = urlsplit(uri)
    is_home = parts.scheme == "http" and parts.hostname in AT_HOME
    if not parts.hostname or not (parts.scheme == "https" or is_home):
        raise UserError(["webhookSubscription", "callbackUrl"], "Address is invalid")
    if told.get("format") == "XML":
        raise UserError(["webhookSubscription", "format"], "Format XML is not simulated")
    return uri
